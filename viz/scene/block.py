"""The blocks that a picture is laid out from: what is drawn in each is known before where it will lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from viz import style
from viz.formats.label import Line
from viz.scene.measure import line_width
from viz.scene.shapes import Shape, Text

BASELINE = 0.78  # of a line's height lies above its letters' feet


class Block(NamedTuple):
    """A rectangle that nothing else may cover.

    Attributes:
        shapes: relative to its centre.
        gate: half the width and the radius of a gate with round ends, at which its wires end; None where they end at
            the rectangle.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...]
    gate: tuple[float, float] | None = None


def even(length: float) -> float:
    """The next even length: older versions of Graphviz round what lies on either side of the middle to whole points."""
    return 2.0 * math.ceil(length / 2)


def line_height(size: float) -> float:
    """From one line of text to the next."""
    return size * style.LINE_HEIGHT


def block_width(lines: Iterable[Line], size: float) -> float:
    """The width of the widest line."""
    return max((line_width(line, size) for line in lines), default=0.0)


def stacked(lines: Iterable[Line], top: float, size: float) -> list[Shape]:
    """Lines of text, one below the other, each in the middle; the first line's upper edge is at `top`."""
    height = line_height(size)
    return [
        Text(line[-1].role if len(line) == 1 else "header", 0.0, top + (place + BASELINE) * height, line, size)
        for place, line in enumerate(lines)
    ]
