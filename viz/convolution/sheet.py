"""A figure of a convolution, free of any format: grids of cells in strips, the signs between them, and words below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from autograd.numbers import number_text

Role = Literal["value", "gradient"]
Kind = Literal["inside", "padding", "inserted", "unseen"]
Pair = tuple[int, int]

LARGEST = 16  # rows or columns that are drawn in full; of more, those around what the figure is about
_CUT = 9  # rows or columns of what is not drawn in full


class Cell(NamedTuple):
    """One number of a grid.

    Attributes:
        value: the number; NaN where there is none to show.
        kind: what it is: an element of an array, padding, a zero that a stride inserted, or a constant's element that
            no window looks at.
        selected: whether the figure is about it: it lies inside the outline.
        ringed: whether it is the one among the selected: a pooling's winner, the element on the chosen pixel.
        corner: a small text beside the number, such as "×0.5".
        hint: what it is, in words.
    """

    value: float
    kind: Kind = "inside"
    selected: bool = False
    ringed: bool = False
    corner: str = ""
    hint: str = ""

    @property
    def text(self) -> str:
        """The number as it is written."""
        return "?" if self.kind == "unseen" else number_text(self.value)


@dataclass(frozen=True)
class Grid:
    """A matrix of cells.

    Attributes:
        id: unique in its figure.
        title: what it is, such as "x[0,0]"; `footer` stands below it.
        role: whose colours it has.
        rows: the cells that are drawn, row by row.
        row_labels, column_labels: the indices beside them; empty where there is no index.
        of: how many rows and columns there are with those that are not drawn.
        start: the first row and column that is drawn, counted among all.
    """

    id: str
    title: str
    role: Role
    rows: tuple[tuple[Cell, ...], ...]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    of: Pair
    start: Pair = (0, 0)
    footer: str = ""

    @property
    def cut(self) -> str:
        """How many rows and columns are drawn, in words; empty where all are."""
        drawn = (len(self.rows), len(self.rows[0]))
        return ", ".join(
            f"{count} of {length} {what}"
            for what, count, length in zip(("rows", "columns"), drawn, self.of, strict=True)
            if count < length
        )


@dataclass(frozen=True)
class Sign:
    """What stands between two grids."""

    text: str


@dataclass(frozen=True)
class Board:
    """Small grids in rows, under one title."""

    title: str
    rows: tuple[tuple[Grid, ...], ...]
    footer: str = ""


Item = Grid | Sign | Board


@dataclass(frozen=True)
class Sheet:
    """A whole figure.

    Attributes:
        title: what it explains, as a formula.
        strips: rows of items, from left to right: one for each channel, or each image of a batch.
        result: the items to the right of them, where the strips are added up.
        captions: sentences below.
        notes: how the figure is to be read, and what it leaves out.
        limits: the number that has the full colour, for each role that occurs.
    """

    title: str
    strips: tuple[tuple[Item, ...], ...]
    result: tuple[Item, ...] = ()
    captions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limits: dict[Role, float] = field(default_factory=dict)

    @property
    def grids(self) -> list[Grid]:
        """Every grid, in reading order."""
        items = [*(item for strip in self.strips for item in strip), *self.result]
        return [grid for item in items for grid in grids_in(item)]


def grids_in(item: Item) -> list[Grid]:
    """The grids of an item: none, one, or those of a board."""
    if isinstance(item, Grid):
        return [item]
    return [grid for row in item.rows for grid in row] if isinstance(item, Board) else []


def cells_of(grid: Grid) -> list[Cell]:
    """The cells that are drawn, in row-major order."""
    return [cell for row in grid.rows for cell in row]


def make_grid(
    id: str,
    title: str,
    role: Role,
    shape: Pair,
    cell: Callable[[int, int], Cell],
    *,
    first: Pair = (0, 0),
    label: Callable[[int], str] | tuple[Callable[[int], str], Callable[[int], str]] = str,
    focus: tuple[Iterable[int], Iterable[int]] | None = None,
    footer: str = "",
) -> Grid:
    """A grid of a shape, cut to what lies around its focus where it is too large.

    Args:
        cell: from a row and a column, counted from `first`, to the cell.
        first: what the first row and column are called: below 0 where they are padding.
        label: from a row or column, counted so, to its label; one for rows and one for columns where they differ.
        focus: the rows and columns, counted so, that the figure is about.
    """
    labels = label if isinstance(label, tuple) else (label, label)
    focus = focus or ((), ())
    ranges = [_kept(n, [at - f for at in near]) for n, near, f in zip(shape, focus, first, strict=True)]
    rows, columns = ([at + f for at in kept] for kept, f in zip(ranges, first, strict=True))
    return Grid(
        id=id,
        title=title,
        role=role,
        rows=tuple(tuple(cell(row, column) for column in columns) for row in rows),
        row_labels=tuple(map(labels[0], rows)),
        column_labels=tuple(map(labels[1], columns)),
        of=shape,
        start=(ranges[0].start, ranges[1].start),
        footer=footer,
    )


def _kept(length: int, near: list[int]) -> range:
    """The rows or columns that are drawn."""
    if length <= LARGEST:
        return range(length)
    low, high = (min(near), max(near)) if near else (0, 0)
    span = high - low + 1
    size = _CUT if span > LARGEST else min(max(_CUT, span + 2), LARGEST)
    start = low if span > size else (low + high + 1 - size) // 2
    start = min(max(start, 0), length - size)
    return range(start, start + size)


def limits_of(grids: Sequence[Grid]) -> dict[Role, float]:
    """For each role the largest finite size among its cells; 1 where all are 0."""
    limits: dict[Role, float] = {}
    for grid in grids:
        sizes = [abs(cell.value) for cell in cells_of(grid) if math.isfinite(cell.value)]
        limits[grid.role] = max([limits.get(grid.role, 0.0), *sizes])
    return {role: limit or 1.0 for role, limit in limits.items()}


def with_limits(sheet: Sheet) -> Sheet:
    """The sheet with its common scales."""
    return replace(sheet, limits=limits_of(sheet.grids))
