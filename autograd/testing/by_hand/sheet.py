"""A sheet of answers: what was asked for, and what was written down for it, number by number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ShapeError
from autograd.node import Node
from autograd.testing.by_hand.given import Given, decimals, read_number, settle
from autograd.testing.by_hand.targets import Place, Symbols, Target

__all__ = ["Block", "Cell", "Sheet", "grids", "read_sheet"]

_SHOWN_PLACES = 12  # a number with more digits shows nothing about the others' rounding


class Cell(NamedTuple):
    """One answer: the place of the graph that it is for, and the number that was given."""

    symbol: str
    node: Node
    place: int
    given: Given


class Block(NamedTuple):
    """Answers that lie side by side as an array, by their numbers on the sheet; -1 where one was left blank."""

    symbol: str
    cells: Any  # an array of integers


class Sheet(NamedTuple):
    """All answers, in the order in which they were given, and which of them form arrays."""

    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    turned: tuple[str, ...]  # what was given with its axes in reverse order, which fits no other way


def read_sheet(root: Node, answers: Any, names: Mapping[str, Any] | None, digits: int | None) -> tuple[Sheet, Symbols]:
    """The answers, each with its place in the graph.

    Raises:
        TypeError: `answers` is neither a mapping nor a list of pairs.
        ShapeError: an array does not have its node's shape.
        ValueError: there is no answer, one is no number, or one is given twice.
        GraphError: a name is unknown or ambiguous.
    """
    symbols = Symbols(root, names)
    cells: list[Cell] = []
    blocks: list[Block] = []
    turned: list[str] = []
    for key, numbers in _pairs(answers):
        target = symbols.find(key)
        given, was_turned = _laid_out(target, numbers)
        if was_turned:
            turned.append(target.symbol)
        places = np.full(len(target.places), -1)
        for at, (place, number) in enumerate(zip(target.places, given, strict=True)):
            if number is not None and number != "":
                places[at] = len(cells)
                cells.append(_cell(place, number, digits))
        if target.shape:
            blocks.append(Block(target.symbol, places.reshape(target.shape)))
    if not cells:
        raise ValueError("check_by_hand: there is no answer to check")
    _refuse_twice(cells)
    longest = max((decimals(cell.given) for cell in cells if decimals(cell.given) <= _SHOWN_PLACES), default=0)
    cells = [cell._replace(given=settle(cell.given, digits if digits is not None else longest)) for cell in cells]
    scalars = {cell.symbol: at for at, cell in enumerate(cells) if not np.ndim(cell.node.data)}
    grown = [Block(name, grid) for name, grid in grids(scalars).items()]
    return Sheet(tuple(cells), (*blocks, *grown), tuple(turned)), symbols


def _pairs(answers: Any) -> list[tuple[Any, Any]]:
    if isinstance(answers, Mapping):
        return list(answers.items())
    rows = isinstance(answers, Sequence) and not isinstance(answers, str)
    if rows and all(isinstance(row, list | tuple) and len(row) == 2 for row in answers):
        return [(name, number) for name, number in answers]
    raise TypeError(
        "check_by_hand: answers are a dict such as {'w': 0.25, 'W': [[1.0, 2.0]]}, or a list of (name, number) rows"
    )


def _laid_out(target: Target, numbers: Any) -> tuple[list[Any], bool]:
    """The numbers in row-major order, one for each place; and whether their axes had to be turned for that."""
    numbers = getattr(numbers, "_data", numbers)
    if isinstance(numbers, np.ndarray) and numbers.dtype != object:
        array = np.empty(numbers.shape, dtype=object)
        for index in np.ndindex(*numbers.shape):
            array[index] = numbers[index]
    else:
        array = _as_objects(numbers, target.symbol)
    if array.shape == target.shape or (array.size == len(target.places) == 1):
        return list(array.flat), False
    if array.ndim > 1 and array.shape[::-1] == target.shape:
        return list(array.T.flat), True
    element = target.places[-1].symbol if target.places else f"{target.symbol}[…]"
    raise ShapeError(
        f"check_by_hand: the answer for {target.symbol} has shape {array.shape}, but {target.symbol} has shape "
        f"{target.shape}; give an array of that shape, with None for a blank, or single elements such as {element!r}"
    )


def _as_objects(numbers: Any, symbol: str) -> Any:
    if not isinstance(numbers, list | tuple | np.ndarray):
        box = np.empty((), dtype=object)
        box[()] = numbers
        return box
    try:
        array = np.array(numbers, dtype=object)
    except ValueError:
        array = None
    if array is None or any(isinstance(each, list | tuple) for each in array.flat):
        raise ShapeError(f"check_by_hand: the answer for {symbol} is a list whose rows have several lengths")
    return array


def _cell(place: Place, number: Any, digits: int | None) -> Cell:
    return Cell(place.symbol, place.node, place.place, read_number(number, place.symbol, digits))


def _refuse_twice(cells: Iterable[Cell]) -> None:
    seen: dict[tuple[int, int], str] = {}
    for cell in cells:
        place = cell.node.id, cell.place
        if place in seen:
            other = f", as {seen[place]!r} too" if seen[place] != cell.symbol else ""
            raise ValueError(f"check_by_hand: {cell.symbol!r} is answered twice{other}; give it once")
        seen[place] = cell.symbol


_NUMBERED = re.compile(r"(.*?[^\d\s,;_({\[])[\s_({\[]*(?:(\d)(\d)|(\d+)[\s,;_]+(\d+))[\s)}\]]*")


def grids(numbered: Mapping[str, Any]) -> dict[str, Any]:
    """What is numbered as the elements of a matrix are, put into an array for each matrix that is complete.

    Example:
        >>> grids({"w11": 0, "w12": 1, "w21": 2, "w22": 3, "b": 4})
        {'w': array([[0, 1],
               [2, 3]])}
    """
    found: dict[str, dict[tuple[int, int], Any]] = {}
    for symbol, held in numbered.items():
        match = _NUMBERED.fullmatch(symbol)
        if match:
            row, column = (int(part) for part in match.groups()[1:] if part is not None)
            found.setdefault(match.group(1), {})[row, column] = held
    return {name: grid for name, each in found.items() if (grid := _as_grid(each)) is not None}


def _as_grid(places: dict[tuple[int, int], Any]) -> Any:
    rows, columns = (sorted({place[axis] for place in places}) for axis in (0, 1))
    whole = len(rows) > 1 and len(columns) > 1 and len(places) == len(rows) * len(columns)
    if not whole or rows[-1] - rows[0] != len(rows) - 1 or columns[-1] - columns[0] != len(columns) - 1:
        return None
    first = next(iter(places.values()))
    grid = np.empty((len(rows), len(columns)), dtype=int if isinstance(first, int) else object)
    for (row, column), held in places.items():
        grid[row - rows[0], column - columns[0]] = held
    return grid
