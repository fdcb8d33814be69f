"""A film of grids of numbers: chapters that each have grids and steps, in which cells light up and numbers appear."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.numbers import number_text
from viz.convolution.sheet import Role

MOST_STEPS = 256  # of one chapter
SHADES = 16  # steps from zero to the full colour
_SHOWN, _LEAST = 6e-4, 1e-9  # of a number with four digits

Number = Sequence[Any]  # a value, None where it is not finite, and its text
Pair = tuple[int, int]


class Cell(NamedTuple):
    """One cell.

    Attributes:
        text: its number as it is written; empty where there is none yet.
        shade: from −16, the full colour below zero, to 16, the full colour above it.
        kind: "" for an element of an array, "padding" or "inserted" for a zero that is none.
    """

    text: str
    shade: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """A matrix of cells.

    Attributes:
        id: unique in its chapter.
        title: what it is, such as "x[0,0]".
        role: whose colours it has.
        rows: its cells before the first step.
        first: the indices that its first row and column have in its array: below 0 where they are padding.
        moves: whether what is lit in it differs from step to step, so that it tells what belongs together.
    """

    id: str
    title: str
    role: Role
    rows: tuple[tuple[Cell, ...], ...]
    first: Pair = (0, 0)
    moves: bool = False

    def place(self, row: int, column: int) -> int:
        """A cell's place in row-major order, from the indices that it has in its array."""
        return (row - self.first[0]) * len(self.rows[0]) + column - self.first[1]

    def text(self, place: int) -> str:
        """The number in a place, as it is written."""
        row, column = divmod(place, len(self.rows[0]))
        return self.rows[row][column].text


@dataclass(frozen=True)
class Step:
    """What happens in a step.

    Attributes:
        sentence: in words and numbers.
        lit: the cells that it is about, by grid; lists of one length belong together, element by element.
        put: the cells that appear or change, by grid.
        ringed: the cells that are marked among the lit ones: the winners of a maximum.
        foot: what stands below a grid.
        answer: the number that a viewer may be asked for, and how far off an answer may be.
        question: what is asked then.
    """

    sentence: str
    lit: dict[str, list[int]]
    put: dict[str, dict[int, Cell]] = field(default_factory=dict)
    ringed: dict[str, list[int]] = field(default_factory=dict)
    foot: dict[str, str] = field(default_factory=dict)
    answer: tuple[float, float] | None = None
    question: str = ""


@dataclass(frozen=True)
class Chapter:
    """Grids and what happens on them.

    Attributes:
        name: such as "forward".
        formula: what is done, in symbols.
        strips: rows of grids, with signs between them as text.
        result: the grids and signs to the right of them.
    """

    name: str
    formula: str
    strips: tuple[tuple[Grid | str, ...], ...]
    result: tuple[Grid | str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class GridFilm:
    """Chapters one after the other.

    Attributes:
        title: one line.
        limits: the number that has the full colour, by role, as text.
        remarks: what is to be known of the film.
    """

    title: str
    limits: dict[Role, str]
    chapters: tuple[Chapter, ...]
    remarks: tuple[str, ...]

    @property
    def steps(self) -> list[Step]:
        """The steps of all chapters."""
        return [step for chapter in self.chapters for step in chapter.steps]


class Shades:
    """How numbers become cells: the largest size among the arrays of a role has the full colour."""

    def __init__(self, arrays: Iterable[tuple[Role, Any]]) -> None:
        self.limits: dict[Role, float] = {}
        for role, rows in arrays:
            sizes = [abs(value) for row in rows for value, _ in row if value is not None]
            self.limits[role] = max([self.limits.get(role, 0.0), *sizes])

    def limits_text(self) -> dict[Role, str]:
        """The number that has the full colour, by role."""
        return {role: number_text(limit or 1.0) for role, limit in self.limits.items()}

    def cell(self, role: Role, number: Number | None, kind: str = "") -> Cell:
        """A number as a cell; an empty one where there is none."""
        if number is None:
            return Cell("", 0, kind)
        value, text = number
        limit = self.limits.get(role) or 1.0
        size = 0 if value is None or kind else math.ceil(min(abs(value) / limit, 1.0) * SHADES)
        return Cell(text, size if size and value > 0 else -size, kind)

    def rows(self, role: Role, numbers: Any) -> tuple[tuple[Cell, ...], ...]:
        """A matrix as cells."""
        return tuple(tuple(self.cell(role, number) for number in row) for row in numbers)


def zeros(shape: Pair) -> tuple[tuple[Cell, ...], ...]:
    """Cells to which something is yet to be added."""
    return tuple(tuple(Cell("0") for _ in range(shape[1])) for _ in range(shape[0]))


def empty(shape: Pair) -> tuple[tuple[Cell, ...], ...]:
    """Cells whose numbers are yet to come."""
    return tuple(tuple(Cell("") for _ in range(shape[1])) for _ in range(shape[0]))


def bordered(
    rows: Sequence[Sequence[Cell]], before: Sequence[int], after: Sequence[int], border: Cell
) -> tuple[tuple[Cell, ...], ...]:
    """Cells with padding around them.

    Example:
        >>> [[cell.text for cell in row] for row in bordered([[Cell("1")]], (0, 1), (1, 0), Cell("0", 0, "padding"))]
        [['0', '1'], ['0', '0']]
    """
    (top, left), (bottom, right) = before, after
    width = left + len(rows[0]) + right
    lines = [(*[border] * left, *row, *[border] * right) for row in rows]
    return (*[(border,) * width] * top, *lines, *[(border,) * width] * bottom)


def answer_to(number: Number) -> tuple[float, float] | None:
    """A number to ask for, and how far off an answer may be that has the digits that are shown of it."""
    value = number[0]
    return None if value is None else (value, max(_SHOWN * abs(value), _LEAST))


def patch_of(grid: Grid, corner: Sequence[int], shape: Pair, gap: Pair) -> list[int]:
    """The places of a patch, in row-major order.

    Args:
        corner: the indices of its first element.
        gap: from one element to the next.
    """
    return [
        grid.place(corner[0] + row * gap[0], corner[1] + column * gap[1])
        for row in range(shape[0])
        for column in range(shape[1])
    ]


def factor(text: str) -> str:
    """A number inside a product: a negative one in parentheses."""
    return f"({text})" if text.startswith("−") else text
