"""Arrows and wires: the room that their text takes, and their lines once the layout is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

from viz import style
from viz.formats.label import Wire
from viz.scene.block import BASELINE, Block, block_width, line_height, stacked
from viz.scene.placement import Route
from viz.scene.shapes import Curve, Point, Polygon, Shape, Text

_BESIDE = 3.0  # between a wire and the text beside it
_ENDS = 5.0  # from the text to either end of the room for it
_SIZE = style.SMALL_FONT_SIZE
_HEAD_HALF = 2.4  # half the width of an arrow's head


def room_for(wire: Wire, lies_flat: bool, beside: bool) -> Block | None:
    """The room for the text along a wire, which passes through its middle; None where there is no text.

    Args:
        lies_flat: whether wires run from side to side: text is then above and below them.
        beside: otherwise, whether it is left and right of them; if not, it interrupts them.
    """
    lines = [line for line in wire if line]
    if not lines:
        return None
    height, widest = line_height(_SIZE), block_width(lines, _SIZE)
    if lies_flat:
        shapes = stacked([wire.above], -height - 1.2, _SIZE) if wire.above else []
        shapes += stacked([wire.below], 1.5, _SIZE) if wire.below else []
        return Block(widest + 2 * _ENDS, 2 * height + 3.0, tuple(shapes))
    if beside:
        foot = (BASELINE - 0.5) * height
        shapes = [
            Text(line[0].role, x, foot, line, _SIZE, anchor)
            for line, x, anchor in ((wire.above, -_BESIDE, "end"), (wire.below, _BESIDE, "start"))
            if line
        ]
        return Block(2 * (widest + _BESIDE), height, tuple(shapes))
    return Block(widest + _BESIDE, len(lines) * height + 2.0, tuple(stacked(lines, -len(lines) * height / 2, _SIZE)))


def wire_shapes(routes: Sequence[Route], through: bool) -> list[Shape]:
    """A wire's line and head, from its one route or from its two, before and behind its text.

    Args:
        through: whether the line goes on through its text.
    """
    shapes: list[Shape] = []
    if through and len(routes) == 2:
        first, second = routes
        across = (first.points[-1], second.points[0])
        shapes.append(Curve("wire", (*first.points, *across, *second.points)))
    else:
        shapes += [Curve("wire", route.points) for route in routes]
    tip = routes[-1].tip
    return [*shapes, _head(routes[-1].points[-1], tip)] if tip else shapes


def _head(base: Point, tip: Point) -> Polygon:
    length = math.dist(base, tip) or 1.0
    across = ((tip[1] - base[1]) / length * _HEAD_HALF, (base[0] - tip[0]) / length * _HEAD_HALF)
    corners = ((base[0] + across[0], base[1] + across[1]), tip, (base[0] - across[0], base[1] - across[1]))
    return Polygon("head", corners)


def to_gate(end: Point, centre: Point, gate: tuple[float, float]) -> Point:
    """Where a wire that ends at the edge of a gate's block meets the gate: straight ahead, else toward its middle.

    Args:
        gate: half its width, and the radius of its round ends.
    """
    half, radius = gate
    x, y = end[0] - centre[0], end[1] - centre[1]
    flat = half - radius  # from the middle to where its ends begin to be round
    if abs(x) >= half and abs(y) < radius:
        return centre[0] + math.copysign(flat + math.sqrt(radius**2 - y**2), x), end[1]
    if abs(x) < half:
        beyond = max(abs(x) - flat, 0.0)
        return end[0], centre[1] + math.copysign(math.sqrt(radius**2 - beyond**2), y)
    round_end = math.copysign(flat, x)
    scale = radius / math.hypot(x - round_end, y)
    return centre[0] + round_end + (x - round_end) * scale, centre[1] + y * scale
