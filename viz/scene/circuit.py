"""Style "circuit": gates with the symbols of their operations, and the numbers on the wires between them."""

from __future__ import annotations

from viz import style
from viz.formats import words
from viz.formats.label import Line, Span, gate_lines, gate_symbol
from viz.picture import PictureNode
from viz.scene.block import Block, block_width, even, line_height, stacked
from viz.scene.boxes import box_shapes, sheets_height
from viz.scene.heat import heat_grid, moved
from viz.scene.measure import line_width
from viz.scene.shapes import Rectangle

_SYMBOL_SIZE = 12.5
_RADIUS = 13.0
_MARGIN = 7.0
_GAP = 2.0


def circuit_block(node: PictureNode, reused: bool, lies_flat: bool) -> Block:
    """A gate, or a name for what was not computed, and what is written beside it.

    Args:
        reused: whether the gradient came along several wires.
        lies_flat: whether wires run from side to side; the writing is then below the gate, else right of it.
    """
    if node.kind in ("group", "more"):
        return _module(node, reused)
    head, writing = _head(node), _writing(node, reused)
    if not writing.shapes:
        return head
    if not node.op:  # a name: all in the middle, since no wire goes through it
        height = head.height + writing.height
        shapes = [*moved(head.shapes, 0.0, (head.height - height) / 2)]
        shapes += moved(writing.shapes, 0.0, (height - writing.height) / 2)
        return Block(max(head.width, writing.width), height, tuple(shapes))
    if lies_flat:
        shapes = [*head.shapes, *moved(writing.shapes, 0.0, (head.height + writing.height) / 2 + _GAP)]
        height = head.height + 2 * (writing.height + _GAP)  # as much above, so that wires meet its middle
        return Block(max(head.width, writing.width), height, tuple(shapes), head.gate)
    shapes = [*head.shapes, *moved(writing.shapes, (head.width + writing.width) / 2 + 2 * _GAP, 0.0)]
    width = head.width + 2 * (writing.width + 2 * _GAP)
    return Block(width, max(head.height, writing.height), tuple(shapes), head.gate)


def _writing(node: PictureNode, reused: bool) -> Block:
    """The small lines that go with a gate, and below them its array as colours."""
    lines = gate_lines(node, reused)
    grid, size = heat_grid(node.heat), style.SMALL_FONT_SIZE
    text_height = len(lines) * line_height(size)
    height = text_height + (_GAP + grid.height if grid.shapes else 0.0)
    shapes = stacked(lines, -height / 2, size) + moved(grid.shapes, -grid.width / 2, height / 2 - grid.height)
    return Block(max(block_width(lines, size), grid.width), height, tuple(shapes))


def _head(node: PictureNode) -> Block:
    """What the wires lead to: a name or a gate."""
    line = _symbol(node)
    wide, high = line_width(line, _SYMBOL_SIZE), line_height(_SYMBOL_SIZE)
    middle = stacked([line], -high / 2, _SYMBOL_SIZE)
    if not node.op:
        return Block(wide + 2 * _GAP, high, tuple(middle))
    half = max(_RADIUS, even(wide + 2 * _MARGIN) / 2)
    shapes = (Rectangle("box", 0.0, 0.0, 2 * half, 2 * _RADIUS, _RADIUS), *middle)
    return Block(2 * half, 2 * _RADIUS, shapes, (half, _RADIUS))


def _module(node: PictureNode, reused: bool) -> Block:
    """A scope, or what is left out: a box that says how much it hides, with all its writing inside."""
    line, high = _symbol(node), line_height(_SYMBOL_SIZE)
    writing, sheets = _writing(node, reused), sheets_height(node)
    width = even(max(line_width(line, _SYMBOL_SIZE), writing.width) + 2 * _MARGIN)
    height = even(high + writing.height + _MARGIN)
    top = (sheets - height + _MARGIN) / 2
    shapes = box_shapes(node, width, height, sheets)
    shapes += stacked([line], top, _SYMBOL_SIZE)
    shapes += moved(writing.shapes, 0.0, top + high + writing.height / 2)
    return Block(width, height + sheets, tuple(shapes))


def _symbol(node: PictureNode) -> Line:
    """What stands in the gate; a faulty one has its sign before it."""
    symbol = gate_symbol(node)
    return (Span("mark", f"{words.MARKS[node.mark]} "), *symbol) if node.mark == "wrong" else symbol
