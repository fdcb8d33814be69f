"""A scene as SVG, for pages, notebooks and the player.

What can be found in it, by id and class:

- `svg.gradwalk`, with the style (`box` or `circuit`) and the direction (`LR`, ...) as further classes.
- `g#n0.node`: a box or a gate, with its kind (`leaf`, `value`, `constant`, `group`, `class`, `sum`, `more`), `root`,
  and its mark (`path`, `dead`, `wrong`). In it `rect.box`, `text.header` or `text.name` (spans `name`, `formula`,
  `times`), `text.value`, `text.gradient`, `text.note`, in a circuit `text.symbol`; arrays as `path.above`, `path.below`
  and `rect.zero`, their numbers as `text.cell`.
- `g#e0.edge`: an arrow, `flow` or `constant`, with its mark. In it `path.wire`, `path.head`, and `text.local` and
  `text.product`, in a circuit `text.value` and `text.gradient`. `g#output` is the wire that leaves a circuit's root.
- `g#c0.cluster`: a frame, `rect.frame`, and `g#c0-title`, its name. `g#notice`: what is said below the picture.

Each group has a `<title>`, which a pointer that rests on it is shown. Colours are in one `<style>` element, in light
and in dark; every rule begins with `.gradwalk`, so it reaches nothing else on a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import NamedTuple

from viz import style
from viz.formats.label import Line
from viz.scene import Group, Scene
from viz.scene.shapes import Cells, Curve, Point, Polygon, Rectangle, Shape, Text

_PIXELS_PER_POINT = 4 / 3
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # which XML cannot hold


class Written(NamedTuple):
    """Of a group's SVG what does not depend on the layout: its tag up to its place, its title and its shapes."""

    opening: str
    title: str
    shapes: str


def to_svg(scene: Scene, title: str, description: str, written: Mapping[str, Written] | None = None) -> str:
    """The SVG text of a scene.

    Args:
        title: of the whole picture, in one line.
        description: the picture in words, for those who cannot see it.
        written: what `write` has made of its groups already, by their ids.
    """
    written = written or {}
    left, top, width, height = map(_number, (scene.left, scene.top, scene.width, scene.height))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{" ".join(scene.classes)}" '
            f'width="{scene.width * _PIXELS_PER_POINT:.0f}" height="{scene.height * _PIXELS_PER_POINT:.0f}" '
            f'viewBox="{left} {top} {width} {height}" role="img" aria-label="{_escaped(title)}" '
            f'font-family="{style.FONT}" text-anchor="middle" xml:space="preserve">',
            f"<title>{_escaped(title)}</title>",
            f"<desc>{_escaped(description)}</desc>",
            f"<style>{style.style_sheet()}</style>",
            f'<rect class="paper" x="{left}" y="{top}" width="{width}" height="{height}"/>',
            *[_group(group, written.get(group.id) or _written(group)) for group in scene.groups],
            "</svg>\n",
        ]
    )


def write(groups: Iterable[Group]) -> dict[str, Written]:
    """What can be written of groups before they are placed, by their ids."""
    return {group.id: _written(group) for group in groups}


def _written(group: Group) -> Written:
    opening = f'<g id="{group.id}" class="{" ".join(group.classes)}"'
    return Written(opening, f"<title>{_escaped(group.title)}</title>", "".join(map(_drawn, group.shapes)))


def _group(group: Group, written: Written) -> str:
    opening, title, shapes = written
    place = f' transform="translate({group.x:.1f},{group.y:.1f})"' if group.x or group.y else ""
    if not group.lines:
        return f"{opening}{place}>{title}{shapes}</g>"
    lines = "".join(map(_drawn, group.lines))
    return f"{opening}>{title}{lines}<g{place}>{shapes}</g></g>" if shapes else f"{opening}>{title}{lines}</g>"


def _drawn(shape: Shape) -> str:
    if isinstance(shape, Text):
        return _text(shape)
    if isinstance(shape, Curve):
        return _curve(shape)
    if isinstance(shape, Polygon):
        return _polygon(shape)
    return _rectangle(shape) if isinstance(shape, Rectangle) else _cells(shape)


def _rectangle(shape: Rectangle) -> str:
    x, y = _number(shape.x - shape.width / 2), _number(shape.y - shape.height / 2)
    round_corners = f' rx="{_number(shape.radius)}"' if shape.radius else ""
    return (
        f'<rect class="{shape.part}" x="{x}" y="{y}" width="{_number(shape.width)}" '
        f'height="{_number(shape.height)}"{round_corners}/>'
    )


def _curve(shape: Curve) -> str:
    return f'<path class="{shape.part}" d="{_path(shape.points, "C")}"/>'


def _polygon(shape: Polygon) -> str:
    return f'<path class="{shape.part}" d="{_path(shape.points, "L")}Z"/>'


def _path(points: tuple[Point, ...], command: str) -> str:
    return _path_format(len(points), command) % tuple(chain.from_iterable(points))


@cache
def _path_format(count: int, command: str) -> str:
    return f"M%.1f,%.1f{command}" + " ".join(["%.1f,%.1f"] * (count - 1))


def _cells(shape: Cells) -> str:
    wide, high = _number(shape.width), _number(shape.height)
    cells = "".join(f"M{_number(x)},{_number(y)}h{wide}v{high}h-{wide}z" for x, y in shape.corners)
    return f'<path class="{shape.part}" fill-opacity="{shape.strength:g}" shape-rendering="crispEdges" d="{cells}"/>'


def _text(shape: Text) -> str:
    anchor = "" if shape.anchor == "middle" else f' text-anchor="{shape.anchor}"'
    place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}"{anchor}'
    return f'<text class="{shape.part}" {place}>{_spans(shape.line)}</text>'


def _spans(line: Line) -> str:
    if len(line) == 1:
        return _escaped(line[0].text)
    return "".join(f'<tspan class="{role}">{_escaped(text)}</tspan>' for role, text in line)


def _number(x: float) -> str:
    """A length to a tenth of a point."""
    return f"{x:.1f}".removesuffix(".0")


def _escaped(text: str) -> str:
    """Text for an element or a quoted attribute."""
    if not text.isprintable():  # which is seen sooner
        text = FORBIDDEN.sub("\ufffd", text)
    if "&" in text or "<" in text or ">" in text or '"' in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text
