"""A scene as TikZ, for LaTeX documents and slides, in light.

It holds one `tikzpicture` and needs the package `tikz` alone. Mathematical characters are written in LaTeX, so that any
engine sets them; letters beyond those of Western Europe need LuaLaTeX or XeLaTeX and a font that has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch

from viz import style
from viz.formats.label import Line
from viz.formats.xdot import mixed
from viz.scene.shapes import Cells, Curve, Group, Point, Polygon, Rectangle, Scene, Shape, Text

_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
_DASHES = {style.DASHED: "dash pattern=on 4pt off 3pt", style.DOTTED: "dash pattern=on 1.5pt off 3pt"}
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_RUNS = re.compile(rf"[{''.join(_SUBSCRIPTS)}]+|[{''.join(_SUPERSCRIPTS)}]+|.", re.DOTALL)
_SYMBOLS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "∂": r"\partial", "Σ": r"\Sigma", "σ": r"\sigma", "√": r"\surd",
    "∞": r"\infty", "≤": r"\le", "≥": r"\ge", "∅": r"\emptyset", "→": r"\to", "↑": r"\uparrow", "β": r"\beta",
    "π": r"\pi", "δ": r"\delta", "∇": r"\nabla", "✗": r"\times", "►": r"\triangleright", "←": r"\leftarrow",
}  # fmt: skip
_PLAIN = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "…": r"\dots{}", "—": "---", "–": "--",
}  # fmt: skip


def to_tikz(scene: Scene) -> str:
    """The `tikzpicture` of a scene.
    """
    lines = [line for group in scene.groups for line in _group(group)]
    colours = dict.fromkeys(colour for line in lines for colour in re.findall(r"gw([0-9A-F]{6})", line))
    return "\n".join(
        [
            r"\begin{tikzpicture}[x=1pt,y=-1pt,line join=round]",
            *(rf"\definecolor{{gw{colour}}}{{HTML}}{{{colour}}}" for colour in colours),
            *lines,
            r"\end{tikzpicture}",
        ]
    )


def _group(group: Group) -> Iterator[str]:
    for shape in group.lines:
        yield from _draw(shape, _Pen(group, 0.0, 0.0))
    for shape in group.shapes:
        yield from _draw(shape, _Pen(group, group.x, group.y))


class _Pen:
    """Where shapes lie, and how the parts of their group look."""

    def __init__(self, group: Group, x: float, y: float) -> None:
        self._classes = (style.ROOT, *group.classes)
        self._x, self._y = x, y

    def look(self, part: str) -> style.Look:
        """How a part of the group looks."""
        return style.look_of(self._classes, part)

    def at(self, point: Point) -> str:
        """A point of a shape in the picture's coordinates."""
        return f"({self._x + point[0]:.1f},{self._y + point[1]:.1f})"

    def path(self, path: str, part: str, fill: str | None = None) -> str:
        """A line or an area."""
        look = self.look(part)
        colour = fill or look.fill
        said = [f"fill={_colour(colour)}"] if colour and colour != "none" else []
        if look.stroke:
            said += [f"draw={_colour(look.stroke)}", f"line width={look.stroke_width or 1:g}pt"]
            said += [_DASHES[look.stroke_dasharray]] if look.stroke_dasharray in _DASHES else []
        return rf"\path[{','.join(said)}] {path};"


def _colour(colour: str) -> str:
    return f"gw{colour.lstrip('#').upper()}"


@singledispatch
def _draw(shape: Shape, pen: _Pen) -> Iterator[str]:
    raise TypeError(f"to_tikz: {type(shape).__name__} is no shape")


@_draw.register
def _(shape: Rectangle, pen: _Pen) -> Iterator[str]:
    one, other = ((shape.x + side * shape.width / 2, shape.y + side * shape.height / 2) for side in (-1, 1))
    round_corners = f"[rounded corners={shape.radius:g}pt] " if shape.radius else ""
    yield pen.path(f"{round_corners}{pen.at(one)} rectangle {pen.at(other)}", shape.part)


@_draw.register
def _(shape: Curve, pen: _Pen) -> Iterator[str]:
    first, *others = map(pen.at, shape.points)
    curves = zip(others[::3], others[1::3], others[2::3], strict=True)
    joined = "".join(f" .. controls {one} and {other} .. {end}" for one, other, end in curves)
    yield pen.path(first + joined, shape.part)


@_draw.register
def _(shape: Polygon, pen: _Pen) -> Iterator[str]:
    yield pen.path(" -- ".join([*map(pen.at, shape.points), "cycle"]), shape.part)


@_draw.register
def _(shape: Cells, pen: _Pen) -> Iterator[str]:
    full = style.look_of((style.ROOT,), shape.part).fill or style.ABOVE
    colour = mixed(style.ZERO, full, shape.strength)
    for x, y in shape.corners:
        opposite = pen.at((x + shape.width, y + shape.height))
        yield pen.path(f"{pen.at((x, y))} rectangle {opposite}", shape.part, fill=colour)


@_draw.register
def _(shape: Text, pen: _Pen) -> Iterator[str]:
    font = rf"\fontsize{{{shape.size:g}}}{{{shape.size * style.LINE_HEIGHT:g}}}\selectfont\sffamily"
    anchor = _ANCHORS[shape.anchor]
    yield rf"\node[anchor={anchor},inner sep=0,font={font}] at {pen.at((shape.x, shape.y))} {{{_spans(shape, pen)}}};"


def _spans(shape: Text, pen: _Pen) -> str:
    return "".join(_span(role, text, pen) for role, text in _roles(shape.line, shape.part))


def _roles(line: Line, part: str) -> list[tuple[str, str]]:
    """Each stretch and the part whose look it has: the line's own where it is alone."""
    return [(part, line[0].text)] if len(line) == 1 else [(span.role, span.text) for span in line]


def _span(role: str, text: str, pen: _Pen) -> str:
    look = pen.look(role)
    bold = r"\bfseries " if look.font_weight == "bold" else ""
    return rf"{{\color{{{_colour(look.fill or style.INK)}}}{bold}{latex_text(text)}}}"


def latex_text(text: str) -> str:
    """A text as LaTeX sets it: what LaTeX reads otherwise, and mathematical characters, in its own words.

    Example:
        >>> latex_text("a·b_1 = −3"), latex_text("50 %"), latex_text("v₁₂")
        ('a$\\\\cdot$b\\\\_1 = $-$3', '50 \\\\%', 'v$_{12}$')
    """
    written = r"\ " if text.startswith(" ") else ""  # which a change of colour before it would swallow
    for run in _RUNS.findall(text.removeprefix(" ")):
        if run[0] in _SUBSCRIPTS:
            written += f"$_{{{''.join(map(_SUBSCRIPTS.__getitem__, run))}}}$"
        elif run[0] in _SUPERSCRIPTS:
            written += f"$^{{{''.join(map(_SUPERSCRIPTS.__getitem__, run))}}}$"
        elif run in _SYMBOLS:
            written += f"${_SYMBOLS[run]}$"
        else:
            written += _PLAIN.get(run, run)
    return written
