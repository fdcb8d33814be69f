"""The film of a convolution: its windows; its gradients as a scatter, with the rotated kernel, and by weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from autograd.element import index_text
from viz.convolution.backward import spread_at
from viz.convolution.film import convolution_frames, convolution_stage
from viz.convolution.grids import gradient_name, strips_for
from viz.convolution.recorded import Convolution
from viz.convolution.sheet import Role
from viz.convolution.wording import Called, settings_text, sum_text
from viz.picture.wording import counted
from viz.player.grid_film import (
    MOST_STEPS,
    Cell,
    Chapter,
    Grid,
    GridFilm,
    Number,
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
Index = tuple[int, ...]
_ZERO = Cell("0", 0, "padding")
_OUTSIDE = Cell("", 0, "padding")


def convolution_film(convolution: Convolution, called: Called, plane: Index | None, channel: int) -> GridFilm:
    """The film of one plane of a convolution's result; after a backward pass of the gradients too.

    Args:
        plane: of the result, (n, o); the first unless given.
        channel: which of the input's channels that the plane sees, counted from 0, has its gradients shown.
    """
    output = convolution.output
    stages = [convolution_stage(output, view, at) for view, at in _views(convolution, plane, channel)]
    shades = Shades(
        (_role(letter), each["rows"])
        for stage in stages
        for letter, planes in stage["arrays"].items()
        if letter != "b"
        for each in planes
    )
    telling = _Telling(convolution, called, shades)
    chapters = [telling.chapter(stage, convolution_frames(output, stage["view"], stage["plane"])) for stage in stages]
    return GridFilm(
        f"Convolution: {called.y} = {called.x} ∗ {called.w}",
        shades.limits_text(),
        tuple(chapters),
        (settings_text("conv2d", convolution.windows, convolution.groups), *telling.remarks),
    )


def _views(convolution: Convolution, plane: Index | None, channel: int) -> list[tuple[str, Index | None]]:
    """The views and their planes: those of the gradients that are there."""
    views: list[tuple[str, Index | None]] = [("forward", plane)]
    if convolution.output.has_grad:
        n, o = (0, 0) if plane is None else convolution.split(plane)
        seen = convolution.inputs_of(o)[channel]
        if convolution.input is not None and convolution.input.requires_grad:
            views += [(view, convolution.full(n, seen)) for view in ("scatter", "gather")]
        if convolution.weight.requires_grad:
            views.append(("kernel", (o, channel)))
    return views


def _role(letter: str) -> Role:
    return "gradient" if letter.startswith("d") else "value"


class _Telling:
    """Frames of a convolution made into steps on grids."""

    def __init__(self, convolution: Convolution, called: Called, shades: Shades) -> None:
        self._called = called
        self._shades = shades
        self._windows = convolution.windows
        self._strips = strips_for(convolution)
        self.remarks: list[str] = []

    def chapter(self, stage: Plain, frames: Iterator[Plain]) -> Chapter:
        """The film of one view."""
        telling = {"forward": self._forward, "scatter": self._scatter, "gather": self._gather, "kernel": self._kernel}
        chapter = telling[stage["view"]](stage, islice(frames, MOST_STEPS))
        if next(frames, None) is not None:
            self.remarks.append(f"{chapter.name}: only the first {MOST_STEPS:,} steps are filmed")
        return chapter

    # ---- chapters ----

    def _forward(self, stage: Plain, frames: Iterator[Plain]) -> Chapter:
        called, windows = self._called, self._windows
        bias = stage["arrays"]["b"]
        return self._sliding(
            "forward: the kernel slides",
            f"{called.y}[i,j] = Σ patch of {called.x} · {called.w}" + (f" + {called.b}" if bias else ""),
            self._images("x", called.x, stage["arrays"]["x"], _ZERO),
            self._matrices("w", called.w, stage["arrays"]["w"]),
            self._result("y", called.y, stage["arrays"]["y"][0]),
            frames,
            windows.kernel,
            windows.dilation,
        )

    def _gather(self, stage: Plain, frames: Iterator[Plain]) -> Chapter:
        called, windows = self._called, self._windows
        rotated = [
            {"index": each["index"], "rows": [row[::-1] for row in each["rows"][::-1]]} for each in stage["arrays"]["w"]
        ]
        return self._sliding(
            f"backward to {called.x}: the rotated kernel slides",
            f"{gradient_name(called.x)}[h,w] = Σ {gradient_name(called.y)} · {called.w} rotated by 180°",
            self._spread(stage["arrays"]["dy"]),
            self._matrices("w", f"rotated {called.w}", rotated),
            self._result("dx", gradient_name(called.x), stage["arrays"]["dx"][0]),
            frames,
            windows.kernel,
            windows.dilation,
        )

    def _kernel(self, stage: Plain, frames: Iterator[Plain]) -> Chapter:
        called, windows = self._called, self._windows
        return self._sliding(
            f"backward to {called.w}: each weight over all windows",
            f"{gradient_name(called.w)}[k,l] = Σ {called.x} · {gradient_name(called.y)}",
            self._images("x", called.x, stage["arrays"]["x"], _ZERO),
            self._matrices("dy", gradient_name(called.y), stage["arrays"]["dy"]),
            self._result("dw", gradient_name(called.w), stage["arrays"]["dw"][0]),
            frames,
            windows.counts,
            windows.stride,
        )

    def _sliding(
        self, name: str, formula: str, lefts: list[Grid], rights: list[Grid], result: Grid, frames: Iterator[Plain],
        shape: tuple[int, int], gap: tuple[int, int],
    ) -> Chapter:  # fmt: skip
        """A chapter whose steps each multiply a patch of what is on the left with what is on the right.

        Args:
            shape: of what is on the right.
            gap: from one element of a patch to the next.
        """
        products = [Grid(f"p{at}", "products", result.role, empty(shape)) for at in range(len(lefts))]
        steps = []
        for frame in frames:
            place = result.place(*frame["index"][-2:])
            whole = list(range(shape[0] * shape[1]))
            lit, put, foot, terms = {result.id: [place]}, {result.id: {place: self._cell(result, frame["sum"])}}, {}, []
            for left, right, product, rows, total in zip(
                lefts, rights, products, frame["products"], frame["sums"], strict=False
            ):
                patch = patch_of(left, frame["corner"], shape, gap)
                lit |= {left.id: patch, right.id: whole, product.id: whole}
                put[product.id] = dict(enumerate(self._cell(product, number) for row in rows for number in row))
                foot[product.id] = f"Σ = {total[1]}"
                terms = [f"{factor(left.text(a))}·{factor(right.text(b))}" for a, b in zip(patch, whole, strict=True)]
            if len(frame["sums"]) > 1:
                terms = [factor(text) for _, text in frame["sums"]]
            if frame.get("bias"):
                terms = [sum_text(terms), factor(frame["bias"][1])]
            target = index_text(result.title.partition("[")[0], tuple(frame["index"]))
            steps.append(
                Step(
                    f"{target} = {sum_text(terms)} = {frame['sum'][1]}", lit, put, {}, foot,
                    answer_to(frame["sum"]), f"What is {target}?",
                )
            )  # fmt: skip
        strips = tuple(
            (left, "×", right, "=", product) for left, right, product in zip(lefts, rights, products, strict=True)
        )
        return Chapter(name, formula, strips, ("Σ →", result), tuple(steps))

    def _scatter(self, stage: Plain, frames: Iterator[Plain]) -> Chapter:
        called, windows = self._called, self._windows
        target, upstream_name = gradient_name(called.x), gradient_name(called.y)
        upstreams = self._matrices("dy", upstream_name, stage["arrays"]["dy"], moves=True)
        kernels = self._matrices("w", called.w, stage["arrays"]["w"])
        cells = bordered(zeros(windows.lengths), windows.before, windows.after, _OUTSIDE)
        first = (-windows.before[0], -windows.before[1])
        result = Grid("dx", index_text(target, tuple(stage["plane"])), "gradient", cells, first, moves=True)
        products = Grid("p", f"{upstream_name}[i,j] · {called.w}", "gradient", empty(windows.kernel))
        whole = list(range(windows.kernel[0] * windows.kernel[1]))
        channels = [each["index"][-1] for each in stage["arrays"]["dy"]]
        steps = []
        for frame in frames:
            at = channels.index(frame["index"][-3])
            patch = patch_of(result, frame["corner"], windows.kernel, windows.dilation)
            after = [number for row in frame["after"] for number in row]
            upstream = frame["upstream"][1]
            lit = {result.id: patch, products.id: whole}
            if at < len(upstreams):
                lit |= {upstreams[at].id: [upstreams[at].place(*frame["index"][-2:])], kernels[at].id: whole}
            put = {
                products.id: dict(enumerate(self._cell(products, n) for row in frame["products"] for n in row)),
                result.id: {place: self._cell(result, n) for place, n in zip(patch, after, strict=True) if n},
            }
            source = index_text(upstream_name, tuple(frame["index"]))
            steps.append(
                Step(f"{source} = {upstream}: {factor(upstream)} · {called.w} is added to its patch", lit, put)
            )
        strips = tuple((left, "×", right) for left, right in zip(upstreams, kernels, strict=True))
        return Chapter(
            f"backward to {called.x}: each window scatters",
            f"{target}[patch] += {upstream_name}[i,j] · {called.w}",
            strips,
            ("=", products, "+→", result),
            tuple(steps),
        )

    # ---- grids ----

    def _images(self, letter: str, name: str, planes: Sequence[Plain], border: Cell) -> list[Grid]:
        """Planes of the input with their padding."""
        windows = self._windows
        return [
            Grid(
                f"{letter}{at}",
                index_text(name, tuple(each["index"])),
                "value",
                bordered(self._shades.rows("value", each["rows"]), windows.before, windows.after, border),
                (-windows.before[0], -windows.before[1]),
                moves=True,
            )
            for at, each in enumerate(self._drawn(planes, name))
        ]

    def _matrices(self, letter: str, name: str, planes: Sequence[Plain], moves: bool = False) -> list[Grid]:
        role = _role(letter)
        return [
            Grid(
                f"{letter}{at}", index_text(name, tuple(each["index"])), role, self._shades.rows(role, each["rows"]),
                moves=moves,
            )
            for at, each in enumerate(self._drawn(planes, name))
        ]  # fmt: skip

    def _result(self, letter: str, name: str, plane: Plain) -> Grid:
        """Where results appear, one by one."""
        rows = plane["rows"]
        cells = empty((len(rows), len(rows[0])))
        return Grid(letter, index_text(name, tuple(plane["index"])), _role(letter), cells, moves=True)

    def _spread(self, planes: Sequence[Plain]) -> list[Grid]:
        """Upstream gradients with the zeros that the stride puts between and the rotated kernel reaches around them."""
        windows = self._windows
        last = (windows.kernel[0] - 1, windows.kernel[1] - 1)
        first = spread_at(windows, (0, 0), last)
        end = spread_at(windows, (windows.lengths[0] - 1, windows.lengths[1] - 1), (0, 0))
        ends = [(count - 1) * step for count, step in zip(windows.counts, windows.stride, strict=True)]
        rows, columns = (
            range(min(low, 0), max(high, far) + 1) for low, high, far in zip(first, end, ends, strict=True)
        )
        name = gradient_name(self._called.y)
        return [
            Grid(
                f"dy{at}",
                index_text(name, tuple(each["index"])),
                "gradient",
                tuple(tuple(self._spread_cell(each["rows"], row, column) for column in columns) for row in rows),
                (rows.start, columns.start),
                moves=True,
            )
            for at, each in enumerate(self._drawn(planes, name))
        ]

    def _spread_cell(self, rows: Any, row: int, column: int) -> Cell:
        (i, between), (j, beside) = divmod(row, self._windows.stride[0]), divmod(column, self._windows.stride[1])
        if not (row >= 0 and column >= 0 and i < len(rows) and j < len(rows[0])):
            return _ZERO
        if between or beside:
            return (
                _ZERO
                if (i == len(rows) - 1 and between) or (j == len(rows[0]) - 1 and beside)
                else Cell("0", 0, "inserted")
            )
        return self._shades.cell("gradient", rows[i][j])

    def _drawn(self, planes: Sequence[Plain], name: str) -> Sequence[Plain]:
        left_out = len(planes) - self._strips
        if left_out > 0:
            remark = f"{counted(left_out, 'more plane')} of {name} not drawn; the sums hold what they add"
            if remark not in self.remarks:
                self.remarks.append(remark)
        return planes[: self._strips]

    def _cell(self, grid: Grid, number: Number) -> Cell:
        return self._shades.cell(grid.role, number)
