"""Arrays as grids of coloured cells: below zero in one colour, above it in another, the deeper the larger."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from autograd.numbers import number_text
from viz import style
from viz.formats.label import Line, Span
from viz.picture import HeatMap
from viz.scene.measure import line_width, text_width
from viz.scene.shapes import Cells, Curve, Point, Rectangle, Shape, Text

SHADES = 16  # steps from zero to the full colour
_NUMBERED = 5  # matrices of at most so many rows and columns have numbers in their cells
_SIDE = 88.0  # of a larger one
_CELL_SIDES = (2.5, 9.0)
_CELL_FONT_SIZE = 8.0
_CELL_HEIGHT = 13.0
_GAP = 6.0
_TITLE_HEIGHT = 11.0
_WORDS = {"value": "value", "gradient": "grad"}


class Grid(NamedTuple):
    """Shapes that fill a rectangle, relative to its upper left corner."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


_NOTHING = Grid(0.0, 0.0, ())


def heat_grid(maps: Sequence[HeatMap]) -> Grid:
    """The maps of one box: a row of values, and below it a row of gradients."""
    if not maps:
        return _NOTHING
    rows = [_row(role, list(each)) for role, each in groupby(maps, key=lambda heat: heat.role)]
    shapes: list[Shape] = []
    y = 0.0
    for row in rows:
        shapes += moved(row.shapes, 0.0, y)
        y += row.height + _GAP
    return Grid(max(row.width for row in rows), y - _GAP, tuple(shapes))


def _row(role: str, maps: list[HeatMap]) -> Grid:
    """What the numbers are and the number that has the full colour; then one matrix beside the other."""
    heading: tuple[Line, ...] = (
        (Span(role, _WORDS[role]),),
        (Span("note", f"±{number_text(maps[0].limit)}"),),
    )
    x = max(line_width(line, style.SMALL_FONT_SIZE) for line in heading) + _GAP
    top = _TITLE_HEIGHT if any(heat.title for heat in maps) else 0.0
    shapes: list[Shape] = [
        Text(role, 0.0, top + 10.0, heading[0], style.SMALL_FONT_SIZE, "start"),
        Text("note", 0.0, top + 21.0, heading[1], style.SMALL_FONT_SIZE, "start"),
    ]
    height = top + 24.0
    for heat in maps:
        grid = matrix_grid(heat)
        width = max(grid.width, text_width(heat.title, _CELL_FONT_SIZE))
        if heat.title:
            title = (Span("note", heat.title),)
            shapes.append(Text("note", x + width / 2, _TITLE_HEIGHT - 3.0, title, _CELL_FONT_SIZE))
        shapes += moved(grid.shapes, x + (width - grid.width) / 2, top)
        x += width + _GAP
        height = max(height, top + grid.height)
    return Grid(x - _GAP, height, tuple(shapes))


def matrix_grid(heat: HeatMap) -> Grid:
    """One matrix: its ground is the colour of zero, and every other cell lies on it."""
    rows, columns = len(heat.rows), len(heat.rows[0])
    numbered = max(rows, columns) <= _NUMBERED
    width, height = _numbered_cell(heat) if numbered else (_side(rows, columns),) * 2
    ground = Rectangle("zero", columns * width / 2, rows * height / 2, columns * width, rows * height)
    places = [
        (x, (column * width, row * height)) for row, numbers in enumerate(heat.rows) for column, x in enumerate(numbers)
    ]
    shapes: list[Shape] = [ground, *_coloured(places, heat.limit, width, height)]
    shapes += [_struck(corner, width, height) for x, corner in places if math.isnan(x)]
    if numbered:
        shapes += [_number(x, corner, width) for x, corner in places if not math.isnan(x)]
    return Grid(columns * width, rows * height, tuple(shapes))


def _numbered_cell(heat: HeatMap) -> tuple[float, float]:
    widest = max(text_width(number_text(x), _CELL_FONT_SIZE) for row in heat.rows for x in row)
    return max(round(widest + 5.0, 1), _CELL_HEIGHT), _CELL_HEIGHT


def _side(rows: int, columns: int) -> float:
    smallest, largest = _CELL_SIDES
    return min(max(round(_SIDE / max(rows, columns), 1), smallest), largest)  # as it is written: cells must meet


def _coloured(places: Iterable[tuple[float, Point]], limit: float, width: float, height: float) -> list[Cells]:
    """The cells that are not zero, those of one colour together."""
    shades: dict[tuple[str, int], list[Point]] = {}
    for x, corner in places:
        if x and not math.isnan(x):
            shade = math.ceil(min(abs(x) / limit, 1.0) * SHADES)
            shades.setdefault(("above" if x > 0 else "below", shade), []).append(corner)
    return [Cells(part, shade / SHADES, width, height, tuple(shades[part, shade])) for part, shade in sorted(shades)]


def _struck(corner: Point, width: float, height: float) -> Curve:
    """What is not a number: a stroke through its cell."""
    x, y = corner
    ends = ((x, y + height), (x + width, y))
    return Curve("undefined", (ends[0], *ends, ends[1]))


def _number(x: float, corner: Point, width: float) -> Text:
    line = (Span("cell", number_text(x)),)
    return Text("cell", corner[0] + width / 2, corner[1] + _CELL_HEIGHT - 3.8, line, _CELL_FONT_SIZE)


def moved(shapes: Iterable[Shape], x: float, y: float) -> list[Shape]:
    """The shapes, farther right and down."""
    return [_moved(shape, x, y) for shape in shapes]


def _moved(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Rectangle | Text):
        return shape._replace(x=shape.x + x, y=shape.y + y)
    if isinstance(shape, Cells):
        return shape._replace(corners=tuple((px + x, py + y) for px, py in shape.corners))
    return shape._replace(points=tuple((px + x, py + y) for px, py in shape.points))
