"""The figure of a pooling: its window, the winner or the equal shares, and the gradient's way back."""

from __future__ import annotations

from dataclasses import replace

from autograd.element import index_text
from autograd.numbers import number_text
from viz.convolution.grids import gradient_name, image_grid, matrix_grid
from viz.convolution.pooling import PoolingWindow, routed
from viz.convolution.sheet import Grid, Item, Sheet, Sign, with_limits
from viz.convolution.windows import Pair
from viz.convolution.wording import Called, factor_text, settings_text, sum_text

_RULES = {
    "first": "the first of them in row-major order takes the whole gradient",
    "split": "they share the gradient equally",
    "all": "each of them takes the whole gradient, which is no derivative",
}


def pooling_sheet(window: PoolingWindow, called: Called, function: str) -> Sheet:
    """One window: forward from left to right; after a backward pass, below it, the gradient from right to left."""
    pooling = window.pooling
    n, c, i, j = pooling.split(window.index)
    mean = pooling.function == "avg_pool2d"
    name, value = index_text(called.y, window.index), number_text(window.total)
    places = {cell.place: "" for cell in window.cells}
    winners = {cell.place for cell in window.winners}
    forward: tuple[Item, ...] = (
        image_grid(pooling, "x", called.x, n, c, places, winners, outside=0.0 if mean else float("-inf")),
        Sign(f"Σ / {number_text(window.divisor)} →" if mean else "max →"),
        matrix_grid(
            "y", called.y, pooling.full(n, c), "value", pooling.result(n, c), {(i, j)}, footer=f"{name} = {value}"
        ),
    )
    strips = [forward]
    captions = [f"{name} = {_in_numbers(window)} = {value}"]
    if window.upstream is not None:
        strips.append(_backward(window, called, function))
        captions.append(_handed(window, called))
    notes = [_remark(window), settings_text(pooling.function, pooling.windows)]
    return with_limits(
        Sheet(
            title=f"{name} = {'mean' if mean else 'max'} of its window",
            strips=tuple(strips),
            captions=tuple(captions),
            notes=tuple(note for note in notes if note),
        )
    )


def _backward(window: PoolingWindow, called: Called, function: str) -> tuple[Item, ...]:
    pooling = window.pooling
    n, c, i, j = pooling.split(window.index)
    receivers = {cell.place for cell in window.cells if cell.share and not cell.padding}
    places = {cell.place for cell in window.cells if not cell.padding}
    gradient = matrix_grid(
        "dx", gradient_name(called.x), pooling.full(n, c), "gradient", routed(pooling, n, c, function), places
    )
    upstream = matrix_grid(
        "dy", gradient_name(called.y), pooling.full(n, c), "gradient", pooling.upstream(n, c), {(i, j)},
        footer=f"{gradient_name(index_text(called.y, window.index))} = {number_text(window.upstream or 0.0)}",
    )  # fmt: skip
    return _ringed(gradient, receivers), Sign("←"), upstream


def _ringed(grid: Grid, places: set[Pair]) -> Grid:
    rows = tuple(
        tuple(
            cell._replace(ringed=(row + grid.start[0], column + grid.start[1]) in places)
            for column, cell in enumerate(cells)
        )
        for row, cells in enumerate(grid.rows)
    )
    return replace(grid, rows=rows)


def _in_numbers(window: PoolingWindow) -> str:
    texts = [number_text(cell.value) for cell in window.cells]
    if window.pooling.function == "max_pool2d":
        return f"max({', '.join(texts)})"
    return f"({sum_text([factor_text(cell.value) for cell in window.cells])}) / {number_text(window.divisor)}"


def _handed(window: PoolingWindow, called: Called) -> str:
    """What the window hands back, and to whom."""
    receivers = [cell for cell in window.cells if cell.share and not cell.padding]
    first = receivers[0]  # every window holds an element of the image, and padding wins no maximum
    to = gradient_name(index_text(called.x, first.at))
    if len(receivers) > 1:
        to = f"{gradient_name(called.x)} of each of {len(receivers)} ringed cells"
    upstream = gradient_name(index_text(called.y, window.index))
    if not window.ties:
        upstream = f"{upstream} / {number_text(window.divisor)}"
    elif first.share != 1:
        upstream = f"{number_text(first.share)} · {upstream}"
    return f"{to} += {upstream} = {number_text(first.share * (window.upstream or 0.0))}"


def _remark(window: PoolingWindow) -> str:
    """How ties are broken, or what the divisor counts."""
    if window.ties > 1:
        return f"{window.ties} cells hold the maximum: {_RULES[window.rule]}"
    if window.ties:
        return "ringed: the maximum, which takes the whole gradient"
    inside = sum(not cell.padding for cell in window.cells)
    counted = window.counted
    if window.divisor not in (inside, counted):
        return f"the divisor {number_text(window.divisor)} was given, as divisor_override"
    if len(window.cells) == inside:
        return ""
    if window.divisor == counted:
        return f"the divisor counts the window's {inside} cells in the image and {counted - inside} of padding"
    return f"the divisor counts the window's {inside} cells in the image, and no padding"
