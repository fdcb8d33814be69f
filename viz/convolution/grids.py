"""The grids that figures of convolutions share: an image with its padding, a kernel, products, a plain matrix."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd.element import index_text
from autograd.errors import ShapeError
from autograd.numbers import number_text
from viz.convolution.recorded import Convolution, Recorded
from viz.convolution.sheet import LARGEST, Cell, Grid, Role, make_grid
from viz.convolution.sums import Product, total_of
from viz.convolution.windows import Pair
from viz.picture.wording import counted

LARGEST_KERNEL = 7  # rows or columns
_STRIPS = 3  # channels or images that are drawn; the others are summed up in words
_ROWS = 27  # of cells, in all strips together

GRADIENT_OF = "∂L/∂"


def check_drawable(function: str, recorded: Recorded) -> None:
    """Raise `ShapeError` where a window is too large for a figure."""
    windows = recorded.windows
    spans = [gap * (size - 1) + 1 for gap, size in zip(windows.dilation, windows.kernel, strict=True)]
    if max(windows.kernel) > LARGEST_KERNEL or max(spans) > LARGEST:
        instead = "pooling_window" if recorded.function.endswith("pool2d") else "receptive_field"
        raise ShapeError(
            f"{function}: a window of {windows.kernel} elements that spans {tuple(spans)} is too large for a figure, "
            f"which holds {LARGEST_KERNEL} x {LARGEST_KERNEL} elements that span {LARGEST} x {LARGEST}; "
            f"viz.convolution.{instead} gives its numbers"
        )


def image_grid(
    recorded: Recorded,
    id: str,
    name: str,
    n: int,
    c: int,
    corners: Mapping[Pair, str],
    ringed: Collection[Pair] = (),
    outside: float = 0.0,
) -> Grid:
    """One plane of the input with its padding; selected are the places that have a corner text, even an empty one."""
    image, seen, windows = recorded.image(n, c), recorded.seen(n, c), recorded.windows
    title = index_text(name, recorded.full(n, c))
    height, width = windows.lengths

    def cell(row: int, column: int) -> Cell:
        place = (row, column)
        hint = index_text(name, recorded.full(n, c, row, column))
        selected, corner = place in corners, corners.get(place, "")
        if not windows.covers(place):
            hint = f"padding beside {title}"
            return Cell(outside, "padding", selected, corner=corner, hint=hint)
        if not seen[place]:
            return Cell(float("nan"), "unseen", hint=f"{hint}, which no window looks at")
        return Cell(float(image[place]), "inside", selected, place in ringed, corner, hint)

    return make_grid(
        id,
        title,
        "value",
        windows.padded,
        cell,
        first=(-windows.before[0], -windows.before[1]),
        label=(lambda row: _within(row, height), lambda column: _within(column, width)),
        focus=([row for row, _ in corners], [column for _, column in corners]),
    )


def _within(at: int, length: int) -> str:
    return str(at) if 0 <= at < length else ""


def matrix_grid(
    id: str,
    name: str,
    index: tuple[int, ...],
    role: Role,
    matrix: Any,
    selected: Collection[Pair] = (),
    *,
    corners: Mapping[Pair, str] | None = None,
    footer: str = "",
    focus: Collection[Pair] | None = None,
) -> Grid:
    """A matrix, with some of its cells selected."""
    corners = corners or {}
    near = selected if focus is None else focus

    def cell(row: int, column: int) -> Cell:
        return Cell(
            float(matrix[row, column]),
            selected=(row, column) in selected,
            corner=corners.get((row, column), ""),
            hint=index_text(name, (*index, row, column)),
        )

    return make_grid(
        id, index_text(name, index), role, (len(matrix), len(matrix[0])), cell,
        footer=footer, focus=([row for row, _ in near], [column for _, column in near]),
    )  # fmt: skip


def products_grid(
    id: str,
    role: Role,
    products: Sequence[Product],
    shape: Pair,
    labels: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Grid:
    """Products in row-major order, with their sum below."""

    def cell(row: int, column: int) -> Cell:
        product = products[row * shape[1] + column]
        left, right = number_text(product.left), number_text(product.right)
        return Cell(product.value, product.place, hint=f"{left} × {right}")

    label = (str, str) if labels is None else (labels[0].__getitem__, labels[1].__getitem__)
    grid = make_grid(id, "products", role, shape, cell, label=label)
    of = f" of all {len(products):,}" if grid.cut else ""
    return replace(grid, footer=f"Σ{of} = {number_text(total_of(products))}")


def strips_for(recorded: Recorded) -> int:
    """How many channels or images are drawn: fewer, where each takes many rows."""
    rows = min(recorded.windows.padded[0], LARGEST)
    return min(max(_ROWS // rows, 1), _STRIPS)


def left_out(what: str, rest: Sequence[Product]) -> str:
    """What is not drawn, and what it adds up to.

    Example:
        >>> left_out("1 more channel", [Product(2.0, 3.0, (0,), (0,))])
        '1 more channel, not drawn, adds up to 6'
    """
    verb = "adds" if what.startswith("1 ") else "add"
    return f"{what}, not drawn, {verb} up to {number_text(total_of(rest))}"


def rest_of(parts: Sequence[Sequence[Product]], shown: int, what: str) -> list[str]:
    """A note of the strips that are not drawn; none where all are."""
    rest = parts[shown:]
    if not rest:
        return []
    products = [product for part in rest for product in part]
    return [left_out(counted(len(rest), f"more {what}"), products)]


def by_parts(products: Sequence[Product], size: int) -> list[Sequence[Product]]:
    """The products in runs of one size: those of each channel, or of each image."""
    return [products[start : start + size] for start in range(0, len(products), size)]


def gradient_name(name: str) -> str:
    """What the gradient of an array is called.

    Example:
        >>> gradient_name("x")
        '∂L/∂x'
    """
    return f"{GRADIENT_OF}{name}"


def kernel_labels(convolution: Convolution, *, rotated: bool = False) -> tuple[list[str], list[str]]:
    """The indices of a kernel's rows and columns, as they are drawn."""
    rows, columns = ([str(k) for k in range(length)] for length in convolution.windows.kernel)
    return (rows[::-1], columns[::-1]) if rotated else (rows, columns)
