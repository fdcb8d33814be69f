"""Which number has which colour: the colour of a cell, and the legend that tells it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograd.numbers import number_text
from viz.convolution.arrange import GAP, Placed
from viz.convolution.sheet import Role
from viz.formats.label import Span
from viz.scene.measure import text_width
from viz.scene.shapes import Cells, Group, Point, Rectangle, Shape, Text

_SHADES = 16  # steps from zero to the full colour
_STEPS = 4  # of them in the legend
_SWATCH = 11.0
_FONT = 8.0
_EDGE = 0.8  # of the ground that stays seen
_WORDS: dict[Role, str] = {"value": "values", "gradient": "gradients"}


def heat(value: float, limit: float, corner: Point, width: float, height: float) -> Iterator[Cells]:
    """The colour of a number on a cell's ground; none for 0 and for what is no number."""
    if value and not math.isnan(value):
        strength = math.ceil(min(abs(value) / limit, 1.0) * _SHADES) / _SHADES
        inner = (corner[0] + _EDGE / 2, corner[1] + _EDGE / 2)
        yield Cells("above" if value > 0 else "below", strength, width - _EDGE, height - _EDGE, (inner,))


def make_legend(limits: dict[Role, float]) -> Placed:
    """For each role the colours from the full negative to the full positive one, and their numbers."""
    shapes: list[Shape] = []
    x = 0.0
    for role, limit in sorted(limits.items(), reverse=True):  # values before gradients
        shown = number_text(limit)
        heading, least, most = f"{_WORDS[role]}:", f"−{shown}", shown
        for text, part in ((heading, role), (least, "note")):
            shapes.append(Text(part, x, 0.8 * _SWATCH, (Span(part, text),), _FONT, "start"))
            x += text_width(text, _FONT) + 4.0
        for step in range(-_STEPS, _STEPS + 1):
            shapes.append(Rectangle("zero", x + _SWATCH / 2, _SWATCH / 2, _SWATCH, _SWATCH))
            shapes += heat(step, _STEPS, (x, 0.0), _SWATCH, _SWATCH)
            x += _SWATCH
        shapes.append(Text("note", x + 4.0, 0.8 * _SWATCH, (Span("note", most),), _FONT, "start"))
        x += text_width(most, _FONT) + 4.0 + 2 * GAP
    group = Group("legend", ("legend",), "which number has which colour", tuple(shapes))
    return Placed(x, _SWATCH, _SWATCH / 2, (group,) if shapes else ())
