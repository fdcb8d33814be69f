"""What a drawn picture is made of: groups of rectangles, curves and lines of text, free of any format.

Lengths are points, x to the right and y down. A part's colours and strokes are not here: `viz.style` has a look for
each class of part inside each class of group.
"""

from __future__ import annotations

from typing import NamedTuple

from viz.formats.label import Line

Point = tuple[float, float]


class Rectangle(NamedTuple):
    """A rectangle around its centre; `radius` rounds its corners. Half its height as a radius makes round ends."""

    part: str
    x: float
    y: float
    width: float
    height: float
    radius: float = 0.0


class Curve(NamedTuple):
    """Cubic Bézier curves one after another: a first point, then two control points and an end for each."""

    part: str
    points: tuple[Point, ...]


class Polygon(NamedTuple):
    """A closed line."""

    part: str
    points: tuple[Point, ...]


class Text(NamedTuple):
    """One line of text.

    Attributes:
        part: the role of the line; each of its spans has its own.
        y: of the baseline.
        anchor: which point of the line lies at x.
    """

    part: str
    x: float
    y: float
    line: Line
    size: float
    anchor: str = "middle"


class Cells(NamedTuple):
    """Equal squares or rectangles of one colour.

    Attributes:
        part: "above" or "below" zero.
        strength: how much of the full colour they have, above 0 and at most 1.
        corners: the upper left corner of each.
    """

    part: str
    strength: float
    width: float
    height: float
    corners: tuple[Point, ...]


Shape = Rectangle | Curve | Polygon | Text | Cells


class Group(NamedTuple):
    """The shapes of one box, arrow or frame, drawn in order.

    Attributes:
        id: the id of what it shows.
        classes: what it is, from the general to the particular.
        title: what a pointer that rests on it is told.
        shapes: relative to (x, y); they are known before the layout is.
        lines: drawn below them, in the picture's own coordinates: they are known from the layout alone.
    """

    id: str
    classes: tuple[str, ...]
    title: str
    shapes: tuple[Shape, ...]
    x: float = 0.0
    y: float = 0.0
    lines: tuple[Shape, ...] = ()


class Scene(NamedTuple):
    """A whole picture.

    Attributes:
        left, top: its upper left corner.
        classes: of the picture: its style and its direction.
        groups: in the order in which they are drawn, one over the other.
    """

    left: float
    top: float
    width: float
    height: float
    classes: tuple[str, ...]
    groups: tuple[Group, ...]
