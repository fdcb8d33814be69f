"""Style "box": each operation in the box of its result, its local derivatives on the arrows that lead to it."""

from __future__ import annotations

from viz import style
from viz.formats import words
from viz.formats.label import Line, Span, label_lines
from viz.picture import PictureNode
from viz.scene.block import Block, block_width, even, line_height, stacked
from viz.scene.heat import heat_grid, moved
from viz.scene.shapes import Rectangle, Shape

_MARGIN = (9.0, 5.5)  # left and right, above and below
_ROUND = 7.0
_GAP = 4.0  # between the text and the colours below it
_SHEETS = 2  # that show behind a box which stands for several equal ones
_SHEET = 3.0  # how far each shows


def box_block(node: PictureNode) -> Block:
    """The box of a node: its lines of text, and below them its array as colours."""
    lines = marked_lines(node)
    grid = heat_grid(node.heat)
    sheets = sheets_height(node)
    text_height = len(lines) * line_height(style.FONT_SIZE)
    width = even(max(block_width(lines, style.FONT_SIZE), grid.width) + 2 * _MARGIN[0])
    height = even(text_height + (_GAP + grid.height if grid.shapes else 0.0) + 2 * _MARGIN[1])
    top = -(height + sheets) / 2 + sheets  # of the box itself

    shapes = box_shapes(node, width, height, sheets)
    shapes += stacked(lines, top + _MARGIN[1], style.FONT_SIZE)
    shapes += moved(grid.shapes, -grid.width / 2, top + _MARGIN[1] + text_height + _GAP)
    return Block(width, height + sheets, tuple(shapes))


def marked_lines(node: PictureNode) -> tuple[Line, ...]:
    """A box's lines; a faulty one has its sign before its name."""
    first, *others = label_lines(node)
    if node.mark == "wrong":
        first = (Span("mark", f"{words.MARKS[node.mark]} "), *first)
    return first, *others


def sheets_height(node: PictureNode) -> float:
    """How much the sheets behind a box for several add to its height."""
    return _SHEETS * _SHEET if node.times > 1 else 0.0


def box_shapes(node: PictureNode, width: float, height: float, sheets: float) -> list[Shape]:
    """The rectangle of a box, in the lower part of its block, and the sheets behind it."""
    radius = _ROUND if "rounded" in style.BOXES[node.kind].form else 0.0
    shapes: list[Shape] = []
    for place in range(_SHEETS if sheets else 0, 0, -1):
        shapes.append(Rectangle("box", 0.0, sheets / 2 - place * _SHEET, width - 4 * place, height, radius))
    return [*shapes, Rectangle("box", 0.0, sheets / 2, width, height, radius)]
