"""A scene as DOT that holds nothing but a drawing, for Graphviz to paint as PNG or PDF, in light."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch

from viz import style
from viz.scene.measure import line_width, text_width
from viz.scene.shapes import Cells, Curve, Group, Point, Polygon, Rectangle, Scene, Shape, Text

_LONGEST = 16_000  # bytes of one quoted string: Graphviz reads 16,384 at most, and as many such strings as `+` joins
_KAPPA = 0.5523  # where a Bézier curve's control points lie to make a quarter of a circle


def to_xdot(scene: Scene) -> str:
    """The DOT text of a scene: a graph of two unseen corners whose background is the drawing.

    The operations are those of Graphviz's xdot format, in which lengths of strings are bytes and y points up.
    """
    pen = _Pen(scene.left, scene.top + scene.height)
    paper = Rectangle("paper", 0.0, 0.0, scene.width, scene.height)
    pen.draw(Group("", (), "", (paper,), scene.left + scene.width / 2, scene.top + scene.height / 2))
    for group in scene.groups:
        pen.draw(group)
    drawing = "+".join(f'"{piece}"' for piece in _pieces(pen.operations))
    corners = f'a[pos="0,0"]b[pos="{scene.width:.1f},{scene.height:.1f}"]'
    return (
        f'graph gradwalk{{graph[pad=0,_background={drawing}]'
        f'node[shape=point,style=invis,width=0.01,height=0.01,label=""]{corners}}}\n'
    )


def _pieces(operations: Iterable[str]) -> Iterator[str]:
    """The operations as the insides of quoted strings."""
    piece: list[str] = []
    length = 0
    for operation in operations:
        quoted = operation.replace('"', '\\"') + " "
        if length + len(quoted.encode()) > _LONGEST:
            yield "".join(piece)
            piece, length = [], 0
        piece.append(quoted)
        length += len(quoted.encode())
    yield "".join(piece)


class _Pen:
    """Writes operations; knows which group it is in, so where that lies and how its parts look."""

    def __init__(self, left: float, bottom: float) -> None:
        self.operations: list[str] = []
        self._left, self._bottom = left, bottom
        self._group = Group("", (), "", ())

    def draw(self, group: Group) -> None:
        """A group's shapes."""
        self._group = group._replace(x=0.0, y=0.0)
        for shape in group.lines:
            _draw(shape, self)
        self._group = group
        for shape in group.shapes:
            _draw(shape, self)

    def look(self, part: str) -> style.Look:
        """How a part of this group looks."""
        return style.look_of((style.ROOT, *self._group.classes), part)

    def area(self, points: Sequence[Point], part: str, curved: bool = False, fill: str | None = None) -> None:
        """A polygon or closed Bézier curves, filled, then outlined where its look has a line."""
        look = self.look(part)
        colour = fill or look.fill or style.PAPER
        self._string("C", colour)
        if look.stroke is None:
            self._string("S", "setlinewidth(0)")
            self._string("c", colour)
            self._path("b" if curved else "P", points)
            return
        self._line_style(look)
        self._path("b" if curved else "P", points)

    def line(self, points: Sequence[Point], part: str) -> None:
        """Bézier curves."""
        self._line_style(self.look(part))
        self._path("B", points)

    def text(self, text: str, x: float, y: float, size: float, look: style.Look, anchor: str) -> None:
        """One stretch of text. Graphviz sets it higher than asked by a part of its size."""
        self._string("c", look.fill or style.INK)
        self._string(f"F {size:g}", style.PRINTED_FONT)
        self.operations.append(f"t {1 if look.font_weight == 'bold' else 0}")
        safe = text.replace("\\", "\\\u2060")  # so that no two of them, nor one and a quote, are read as one
        self._string(f"T {self._place(x, y + _RAISED * size)} {_ANCHORS[anchor]} {text_width(text, size):.1f}", safe)

    def _line_style(self, look: style.Look) -> None:
        self._string("c", look.stroke or style.LINE)
        self._string("S", f"setlinewidth({look.stroke_width or 1:g})")
        self._string("S", {style.DASHED: "dashed", style.DOTTED: "dotted"}.get(look.stroke_dasharray or "", "solid"))

    def _path(self, operation: str, points: Sequence[Point]) -> None:
        self.operations.append(f"{operation} {len(points)} {' '.join(self._place(x, y) for x, y in points)}")

    def _place(self, x: float, y: float) -> str:
        return f"{self._group.x + x - self._left:.2f} {self._bottom - self._group.y - y:.2f}"

    def _string(self, operation: str, text: str) -> None:
        self.operations.append(f"{operation} {len(text.encode())} -{text}")


_RAISED = 0.2
_ANCHORS = {"start": -1, "middle": 0, "end": 1}
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # how much of a line lies before its anchor


@singledispatch
def _draw(shape: Shape, pen: _Pen) -> None:
    raise TypeError(f"to_xdot: {type(shape).__name__} is no shape")


@_draw.register
def _(shape: Rectangle, pen: _Pen) -> None:
    left, top = shape.x - shape.width / 2, shape.y - shape.height / 2
    right, bottom = left + shape.width, top + shape.height
    if shape.radius:
        pen.area(_round_corners(left, top, right, bottom, shape.radius), shape.part, curved=True)
    else:
        pen.area([(left, top), (right, top), (right, bottom), (left, bottom)], shape.part)


def _round_corners(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """A rectangle as Bézier curves: a quarter of a circle at each corner, and straight ones between them."""
    k = radius * (1 - _KAPPA)
    r = radius
    starts_and_corners = [
        ((left, top + r), (left, top + k), (left + k, top), (left + r, top)),
        ((right - r, top), (right - k, top), (right, top + k), (right, top + r)),
        ((right, bottom - r), (right, bottom - k), (right - k, bottom), (right - r, bottom)),
        ((left + r, bottom), (left + k, bottom), (left, bottom - k), (left, bottom - r)),
    ]
    points = [starts_and_corners[0][0]]
    for start, *curve in starts_and_corners:
        points += [points[-1], start, start, *curve]
    return [*points, points[-1], points[0], points[0]]


@_draw.register
def _(shape: Curve, pen: _Pen) -> None:
    pen.line(shape.points, shape.part)


@_draw.register
def _(shape: Polygon, pen: _Pen) -> None:
    pen.area(shape.points, shape.part)


@_draw.register
def _(shape: Cells, pen: _Pen) -> None:
    full = style.look_of((style.ROOT,), shape.part).fill or style.ABOVE
    colour = mixed(style.ZERO, full, shape.strength)
    for x, y in shape.corners:
        right, bottom = x + shape.width, y + shape.height
        pen.area([(x, y), (right, y), (right, bottom), (x, bottom)], shape.part, fill=colour)


@_draw.register
def _(shape: Text, pen: _Pen) -> None:
    """A single span by its anchor. Of several, the first ends where the second begins, whatever the font's widths."""
    if len(shape.line) == 1:
        pen.text(shape.line[0].text, shape.x, shape.y, shape.size, pen.look(shape.part), shape.anchor)
        return
    x = shape.x - _BEFORE[shape.anchor] * line_width(shape.line, shape.size)
    for place, (role, text) in enumerate(shape.line):
        width = text_width(text, shape.size, role in style.BOLD)
        pen.text(text, x if place else x + width, shape.y, shape.size, pen.look(role), "start" if place else "end")
        x += width


def mixed(ground: str, colour: str, strength: float) -> str:
    """A colour that covers another to a degree between 0 and 1.

    Example:
        >>> mixed("#ffffff", "#f0a05a", 0.5)
        '#f8d0ac'
    """
    pairs = ((int(ground[i : i + 2], 16), int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(low + (high - low) * strength):02x}" for low, high in pairs)
