"""The film of a pooling: its windows one by one, and after a backward pass what each hands back to its cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from autograd.element import index_text
from viz.convolution.film import pooling_frames, pooling_stage
from viz.convolution.grids import gradient_name
from viz.convolution.plain import plain_number
from viz.convolution.recorded import Pooling
from viz.convolution.wording import Called, settings_text, sum_text
from viz.player.grid_film import (
    MOST_STEPS,
    Cell,
    Chapter,
    Grid,
    GridFilm,
    Shades,
    Step,
    answer_to,
    bordered,
    empty,
    factor,
    patch_of,
    zeros,
)

Plain = dict[str, Any]


def pooling_film(pooling: Pooling, called: Called, plane: tuple[int, ...] | None) -> GridFilm:
    """The film of one plane of a pooling.

    Args:
        plane: (n, c); the first unless given.
    """
    stage = pooling_stage(pooling.output, plane)
    arrays = stage["arrays"]
    shades = Shades(
        ("gradient" if letter.startswith("d") else "value", each["rows"])
        for letter, planes in arrays.items()
        for each in planes
    )
    all_frames = pooling_frames(pooling.output, stage["plane"])
    frames = list(islice(all_frames, MOST_STEPS))
    remarks = [settings_text(pooling.function, pooling.windows)]
    if next(all_frames, None) is not None:
        remarks.append(f"only the first {MOST_STEPS:,} windows are filmed")
    told = _Telling(pooling, called, shades, tuple(stage["plane"]))
    chapters = [told.forward(arrays["x"][0], frames)]
    if "dx" in arrays:
        chapters.append(told.backward(arrays["dy"][0], frames))
    kind = "Max" if told.is_maximum else "Average"
    return GridFilm(f"{kind} pooling: {called.y} of {called.x}", shades.limits_text(), tuple(chapters), tuple(remarks))


class _Telling:
    """Frames of a pooling made into steps on grids."""

    def __init__(self, pooling: Pooling, called: Called, shades: Shades, plane: tuple[int, ...]) -> None:
        self.is_maximum = pooling.function == "max_pool2d"
        self._called = called
        self._shades = shades
        self._windows = pooling.windows
        self._plane = plane

    def forward(self, image: Plain, frames: Sequence[Plain]) -> Chapter:
        """Each window's maximum or mean."""
        windows, called = self._windows, self._called
        border = Cell("−∞" if self.is_maximum else "0", 0, "padding")
        x = self._bordered("x", called.x, self._shades.rows("value", image["rows"]), border)
        y = Grid("y", index_text(called.y, self._plane), "value", empty(windows.counts), moves=True)
        name = "max" if self.is_maximum else "mean"
        steps = []
        for frame in frames:
            patch = self._patch(x, frame)
            place = y.place(*frame["index"][-2:])
            target = index_text(called.y, tuple(frame["index"]))
            steps.append(
                Step(
                    f"{target} = {self._result(frame)} = {frame['sum'][1]}{_tie(frame)}",
                    {x.id: patch, y.id: [place]},
                    {y.id: {place: self._shades.cell("value", frame["sum"])}},
                    {x.id: self._winners(patch, frame)},
                    answer=answer_to(frame["sum"]),
                    question=f"What is {target}?",
                )
            )
        return Chapter(
            f"forward: the {name} of each window",
            f"{called.y}[i,j] = {name} of its window of {called.x}",
            ((x,),),
            (f"{name} →", y),
            tuple(steps),
        )

    def backward(self, upstream: Plain, frames: Sequence[Plain]) -> Chapter:
        """What each window's gradient gives to its cells."""
        name, target = gradient_name(self._called.y), gradient_name(self._called.x)
        dy = Grid(
            "dy", index_text(name, self._plane), "gradient", self._shades.rows("gradient", upstream["rows"]), moves=True
        )
        outside = Cell("", 0, "padding")
        dx = self._bordered("dx", target, zeros(self._windows.lengths), outside)
        held: dict[int, float] = {}
        steps = []
        for frame in frames:
            patch = self._patch(dx, frame)
            handed = [number for row in frame["handed"] for number in row]
            put = {}
            for place, number in zip(patch, handed, strict=True):
                if number is not None:
                    held[place] = held.get(place, 0.0) + (float("nan") if number[0] is None else number[0])
                    put[place] = self._shades.cell("gradient", plain_number(held[place]))
            source = index_text(name, tuple(frame["index"]))
            steps.append(
                Step(
                    f"{source} = {frame['upstream'][1]}: {self._way(frame)}",
                    {dy.id: [dy.place(*frame["index"][-2:])], dx.id: patch},
                    {dx.id: put},
                    {dx.id: self._winners(patch, frame)},
                )
            )
        how = "the winner receives" if self.is_maximum else "each cell receives its share of"
        return Chapter(
            f"backward to {self._called.x}: {'the winner takes all' if self.is_maximum else 'equal shares'}",
            f"{target}: {how} {name}[i,j]",
            ((dy,),),
            ("→", dx),
            tuple(steps),
        )

    def _bordered(self, id: str, name: str, rows: Sequence[Sequence[Cell]], border: Cell) -> Grid:
        windows = self._windows
        cells = bordered(rows, windows.before, windows.after, border)
        first = (-windows.before[0], -windows.before[1])
        return Grid(id, index_text(name, self._plane), "gradient" if id == "dx" else "value", cells, first, moves=True)

    def _patch(self, grid: Grid, frame: Plain) -> list[int]:
        return patch_of(grid, frame["corner"], self._windows.kernel, self._windows.dilation)

    def _winners(self, patch: Sequence[int], frame: Plain) -> list[int]:
        columns = self._windows.kernel[1]
        return [patch[row * columns + column] for row, column in frame["winners"]]

    def _result(self, frame: Plain) -> str:
        texts = [text for row in frame["cells"] for _, text in row]
        if self.is_maximum:
            return f"max({', '.join(texts)})"
        return f"{factor(frame['shares'][0][0][1])}·({sum_text([factor(text) for text in texts])})"

    def _way(self, frame: Plain) -> str:
        share = frame["shares"][0][0][1]
        if not self.is_maximum:
            return f"each cell of its window receives {share}·{factor(frame['upstream'][1])}"
        row, column = frame["winners"][0]
        if len(frame["winners"]) > 1:
            return f"its {len(frame['winners'])} winners receive {frame['shares'][row][column][1]} of it each"
        return "its winner receives it, the others nothing"


def _tie(frame: Plain) -> str:
    """How many other cells hold the maximum as well."""
    winners = frame["winners"]
    if not winners:
        return ""
    held = sum(text == frame["sum"][1] for row in frame["cells"] for _, text in row)
    return f" ({held} cells tie; {len(winners)} of them {'wins' if len(winners) == 1 else 'win'})" if held > 1 else ""
