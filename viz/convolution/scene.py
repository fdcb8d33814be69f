"""A figure as a scene: where every grid, cell, outline and line of text lies.

What can be found in the SVG, by id and class, beside what `viz.formats.svg` tells of every picture:

- `g#x0.grid`: a grid's title, indices and footer; the ids are those of the sheet, "x0" for the first strip's image.
- `g#x0-2-3.entry`: the cell in row 2 and column 3 of those drawn, with its kind (`inside`, `padding`, `inserted`,
  `unseen`), `selected` and `ringed`. In it `rect.zero`, `path.above` or `path.below`, `text.cell`, `text.corner` and
  `rect.ring`.
- `g#x0-outline.outlines`: `rect.outline` around what is selected. `g#legend` tells which number has which colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from viz import style
from viz.convolution.arrange import GAP, Placed, below, beside, moved
from viz.convolution.legend import heat, make_legend
from viz.convolution.sheet import Board, Cell, Grid, Item, Role, Sheet, Sign, cells_of, grids_in
from viz.formats.label import Span
from viz.scene.block import BASELINE
from viz.scene.measure import text_width
from viz.scene.shapes import Group, Rectangle, Scene, Shape, Text

_PAD = 12.0  # around the figure
_CELL = 22.0  # the least side of a cell
_CORNERED = 25.0  # its height where numbers have a corner text
_NUMBER, _CORNER, _LABEL = 9.0, 6.2, 7.0  # sizes of fonts
_SIGN = 13.0
_LINE = style.SMALL_FONT_SIZE * style.LINE_HEIGHT
_LEAST_WIDTH = 300.0  # so that captions are no column of single words
_STRETCH = 1.3  # how much wider than the grids a figure may be, so that a caption fits in a line


class _Cells(NamedTuple):
    """What the cells of a grid share."""

    width: float
    height: float
    limits: dict[Role, float]


def make_scene(sheet: Sheet) -> Scene:
    """The scene of a figure: title, grids, captions and legend, from top to bottom."""
    figure, legend = _figure(sheet), make_legend(sheet.limits)
    width = max(figure.width, legend.width, _LEAST_WIDTH, text_width(sheet.title, style.FONT_SIZE, bold=True))
    longest = max((text_width(text, style.SMALL_FONT_SIZE) for text in sheet.captions), default=0.0)
    width = max(width, min(longest, _STRETCH * width))
    groups: list[Group] = []
    top = 0.0
    for part, gap in ((_title(sheet), GAP), (figure, GAP), (_captions(sheet, width), GAP), (legend, 0.0)):
        groups += moved(part.groups, _PAD, _PAD + top)
        top += part.height + gap
    return Scene(0.0, 0.0, width + 2 * _PAD, top + 2 * _PAD, (style.ROOT, "figure"), tuple(groups))


def _title(sheet: Sheet) -> Placed:
    text = Text("name", 0.0, style.FONT_SIZE, (Span("name", sheet.title),), style.FONT_SIZE, "start")
    height = style.FONT_SIZE * style.LINE_HEIGHT
    return Placed(0.0, height, height / 2, (Group("title", ("heading",), sheet.title, (text,)),))


def _figure(sheet: Sheet) -> Placed:
    """The strips below each other, and the result to the right of them; cells below each other are equally wide."""
    height = _CORNERED if any(cell.corner for grid in sheet.grids for cell in cells_of(grid)) else _CELL
    columns = [_Cells(_cell_width(column), height, sheet.limits) for column in zip_longest(*sheet.strips)]
    strips = [
        [_placed(item, size, f"{row}-{place}") for place, (item, size) in enumerate(zip(strip, columns, strict=False))]
        for row, strip in enumerate(sheet.strips)
    ]
    result = [
        _placed(item, _Cells(_cell_width([item]), height, sheet.limits), f"result-{place}")
        for place, item in enumerate(sheet.result)
    ]
    return beside([below(strips), *result])


def _captions(sheet: Sheet, width: float) -> Placed:
    lines = [("formula", line) for text in sheet.captions for line in _wrapped(text, width)]
    lines += [("note", line) for text in sheet.notes for line in _wrapped(text, width)]
    texts = tuple(
        Text(role, 0.0, (place + BASELINE) * _LINE, (Span(role, line),), style.SMALL_FONT_SIZE, "start")
        for place, (role, line) in enumerate(lines)
    )
    height = len(lines) * _LINE
    return Placed(width, height, height / 2, (Group("captions", ("captions",), "\n".join(sheet.captions), texts),))


def _cell_width(items: Iterable[Item | None]) -> float:
    """The width of the cells of items that lie below each other."""
    cells = [cell for item in items if item is not None for grid in grids_in(item) for cell in cells_of(grid)]
    numbers = (text_width(cell.text, _NUMBER, bold=cell.ringed) + 6.0 for cell in cells)
    corners = (text_width(cell.corner, _CORNER) + 4.0 for cell in cells if cell.corner)
    return max([_CELL, *numbers, *corners])


# ---- items --------------------------------------------------------------------------------------------------------


def _placed(item: Item, size: _Cells, place: str) -> Placed:
    if isinstance(item, Sign):
        return _sign(item, f"sign-{place}")
    return _grid(item, size) if isinstance(item, Grid) else _board(item, size, f"board-{place}")


def _sign(sign: Sign, id: str) -> Placed:
    width = text_width(sign.text, _SIGN)
    text = Text("symbol", width / 2, 0.35 * _SIGN, (Span("symbol", sign.text),), _SIGN)
    return Placed(width, 0.0, 0.0, (Group(id, ("sign",), sign.text, (text,)),))


def _grid(grid: Grid, size: _Cells, small: bool = False) -> Placed:
    """A grid: title and column indices above, row indices to the left, what is cut and the footer below."""
    side = max((text_width(label, _LABEL) for label in grid.row_labels), default=0.0) + 4.0
    title_size = _NUMBER if small else style.SMALL_FONT_SIZE
    top = title_size + 4.0 + (_LABEL + 3.0 if any(grid.column_labels) else 0.0)
    rows, columns = len(grid.rows), len(grid.rows[0])
    width, height = columns * size.width, rows * size.height
    lines = [("note", grid.cut, _LABEL)] if grid.cut else []
    lines += [(grid.role, grid.footer, style.SMALL_FONT_SIZE)] if grid.footer else []
    words = [Text("local" if small else "name", side, title_size, (Span("name", grid.title),), title_size, "start")]
    words += [
        Text("note", side + (column + 0.5) * size.width, top - 3.0, (Span("note", label),), _LABEL)
        for column, label in enumerate(grid.column_labels)
        if label
    ]
    words += [
        Text("note", side - 4.0, top + (row + 0.5) * size.height + 0.35 * _LABEL, (Span("note", label),), _LABEL, "end")
        for row, label in enumerate(grid.row_labels)
        if label
    ]
    bottom = top + height + 3.0
    for role, text, font in lines:
        words.append(Text(role, side, bottom + font, (Span(role, text),), font, "start"))
        bottom += font * style.LINE_HEIGHT
    widths = [
        side + text_width(text.line[0].text, text.size, bold=text.part == "name")
        for text in words
        if text.anchor == "start"
    ]
    groups = (
        Group(grid.id, ("grid", grid.role), grid.title, tuple(words)),
        *_entries(grid, size, side, top),
        *_outlines(grid, size, side, top),
    )
    return Placed(max(side + width, *widths), bottom, top + height / 2, groups)


def _entries(grid: Grid, size: _Cells, left: float, top: float) -> Iterable[Group]:
    for row, cells in enumerate(grid.rows):
        for column, cell in enumerate(cells):
            marks = (*(["selected"] if cell.selected else []), *(["ringed"] if cell.ringed else []))
            yield Group(
                f"{grid.id}-{row}-{column}",
                ("entry", cell.kind, *marks),
                f"{cell.hint}: {cell.text}" if cell.hint else cell.text,
                tuple(_cell(cell, size, size.limits.get(grid.role, 1.0))),
                left + column * size.width,
                top + row * size.height,
            )


def _cell(cell: Cell, size: _Cells, limit: float) -> Iterable[Shape]:
    width, height = size.width, size.height
    yield Rectangle("zero", width / 2, height / 2, width, height)
    if cell.kind == "inside":
        yield from heat(cell.value, limit, (0.0, 0.0), width, height)
    raised = 2.0 if cell.corner else 0.0
    number = (Span("cell", cell.text),)
    yield Text("cell", width / 2, height / 2 + 0.36 * _NUMBER - raised, number, _NUMBER)
    if cell.corner:
        yield Text("corner", width - 2.0, height - 2.4, (Span("corner", cell.corner),), _CORNER, "end")
    if cell.ringed:
        yield Rectangle("ring", width / 2, height / 2, width - 5.0, height - 5.0, 5.0)


def _outlines(grid: Grid, size: _Cells, left: float, top: float) -> list[Group]:
    """Rectangles around what is selected: one for each block of neighbours."""
    shapes = [
        Rectangle(
            "outline",
            left + (columns.start + columns.stop) / 2 * size.width,
            top + (rows.start + rows.stop) / 2 * size.height,
            len(columns) * size.width,
            len(rows) * size.height,
        )
        for rows, columns in selected_blocks(grid)
    ]
    return [Group(f"{grid.id}-outline", ("outlines",), f"selected in {grid.title}", tuple(shapes))] if shapes else []


def selected_blocks(grid: Grid) -> list[tuple[range, range]]:
    """The selected cells as rectangles of rows and columns."""
    rows: dict[tuple[range, ...], list[int]] = {}
    for row, cells in enumerate(grid.rows):
        runs = tuple(_runs([column for column, cell in enumerate(cells) if cell.selected]))
        if runs:
            rows.setdefault(runs, []).append(row)
    return [(block, run) for runs, among in rows.items() for block in _runs(among) for run in runs]


def _runs(places: Sequence[int]) -> list[range]:
    """Places in ascending order as runs of neighbours."""
    runs: list[range] = []
    for place in places:
        if runs and runs[-1].stop == place:
            runs[-1] = range(runs[-1].start, place + 1)
        else:
            runs.append(range(place, place + 1))
    return runs


def _board(board: Board, size: _Cells, id: str) -> Placed:
    """Small grids in rows and columns, under one title."""
    placed = [[_grid(grid, size, small=True) for grid in row] for row in board.rows]
    figure = below(placed)
    top = style.SMALL_FONT_SIZE + GAP
    title = Text("name", 0.0, style.SMALL_FONT_SIZE, (Span("name", board.title),), style.SMALL_FONT_SIZE, "start")
    words, height = [title], top + figure.height
    if board.footer:
        height += _LINE
        words.append(Text("gradient", 0.0, height, (Span("gradient", board.footer),), style.SMALL_FONT_SIZE, "start"))
    width = max(figure.width, *(text_width(text.line[0].text, text.size, bold=True) for text in words))
    groups = (Group(id, ("board",), board.title, tuple(words)), *moved(figure.groups, 0.0, top))
    return Placed(width, height + 4.0, top + figure.height / 2, groups)


# ---- words ----------------------------------------------------------------------------------------------------------


def _wrapped(text: str, width: float) -> list[str]:
    """The text in lines of at most a width, broken at spaces."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style.SMALL_FONT_SIZE) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
