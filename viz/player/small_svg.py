"""A scene as SVG in few bytes, for a film: it looks like `viz.formats.svg`, to the nearest point.

What is said there in titles, the player says itself. The ids are the same, and the classes of what `SELECTORS` does not
name. Boxes are used from one place, arrows' heads are markers of their wires, and lines run from point to point.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator
from itertools import chain, groupby

from viz import style
from viz.formats.svg import FORBIDDEN
from viz.scene import Group, Scene
from viz.scene.shapes import Cells, Curve, Polygon, Rectangle, Shape, Text

# How the parts are found of which every box or arrow has one; of those with a class, it is the class.
SELECTORS = {
    "value": ".v", "gradient": ".g", "product": ".p", "local": ".l", "name": ".n", "formula": ".f",
    "box": "use", "wire": "path:not([class])",
}  # fmt: skip

_PIXELS_PER_POINT = 4 / 3
_HEAD = "head"  # the id of the marker
_RULES = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMES = re.compile(r"\.([a-z]\w*)")
_KINDS = frozenset(rule.group for rule in style.RULES)

Classes = Callable[[str], str]  # the further classes of a group, by its id


def small_svg(scene: Scene, label: str, film_style: str = "", classes: Classes = lambda id: "") -> str:
    """The SVG text of a scene, in one line.

    Args:
        label: of the whole picture.
        film_style: a style sheet beside that of the picture, which a player takes away.
        classes: further classes of a group.
    """
    head = next((head for group in scene.groups for head in _heads(group)), None)
    boxes: dict[str, str] = {}
    body = "".join(chain.from_iterable(_runs(scene, classes, boxes)))
    used = "".join(f'<rect id="{id}" {rectangle}/>' for rectangle, id in boxes.items())
    left, top, width, height = map(round, (scene.left, scene.top, scene.width, scene.height))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{" ".join(scene.classes)}" '
        f'width="{pixel_width(scene)}" height="{scene.height * _PIXELS_PER_POINT:.0f}" '
        f'viewBox="{left} {top} {width} {height}" role="img" aria-label="{escaped(label)}" '
        f'font-family="{style.FONT}" text-anchor="middle" xml:space="preserve">'
        f"<style>{_style_sheet(body)}</style>"
        f'{f"""<style class="film">{film_style}</style>""" if film_style else ""}'
        f"<defs>{used}{_marker(head) if head else ''}</defs>"
        f'<rect class="paper" x="{left}" y="{top}" width="{width}" height="{height}"/>{body}</svg>'
    )


def as_data_uri(svg: str) -> str:
    """The SVG as an address, shorter than in base64, to stand in single quotes in HTML."""
    encoded = svg.replace("%", "%25").replace("#", "%23").replace("\n", "%0A")
    return "data:image/svg+xml," + encoded.replace("&", "&amp;").replace("'", "&#39;")


def pixel_width(scene: Scene) -> int:
    """How wide a scene is at its full size."""
    return round(scene.width * _PIXELS_PER_POINT)


def _runs(scene: Scene, classes: Classes, boxes: dict[str, str]) -> Iterator[str]:
    """The groups, what neighbours have in common said once.

    Args:
        boxes: the ids of the rectangles that boxes use; new ones are added.
    """
    for shared, groups in groupby(scene.groups, key=_shared):
        drawn = "".join(_group(group, classes(group.id), "font-size" in shared, boxes) for group in groups)
        yield f"<g{shared}>{drawn}</g>" if shared else drawn


def _shared(group: Group) -> str:
    sizes = {shape.size for shape in group.shapes if isinstance(shape, Text)}
    size = f' font-size="{sizes.pop():g}"' if len(sizes) == 1 else ""
    return size + (f' marker-end="url(#{_HEAD})"' if _heads(group) else "")


def _group(group: Group, classes: str, has_size: bool, boxes: dict[str, str]) -> str:
    kinds = " ".join([*(kind for kind in group.classes if kind in _KINDS), *filter(None, [classes])])
    opening = f'<g id="{group.id}"' + (f' class="{kinds}"' if kinds else "")
    curves = [line for line in group.lines if isinstance(line, Curve)]
    lines = f'<path d="{"".join(map(_wire, curves))}"/>' if curves else ""
    lines += "".join(_drawn(line, has_size, boxes) for line in group.lines if not isinstance(line, Curve | Polygon))
    x, y, place = group.x, group.y, ""
    if not lines:
        x, y, place = 0.0, 0.0, f' transform="translate({x:.0f},{y:.0f})"' if x or y else ""
    return f"{opening}{place}>{lines}{''.join(_drawn(shape, has_size, boxes, x, y) for shape in group.shapes)}</g>"


# ---- shapes -------------------------------------------------------------------------------------------------------


def _drawn(shape: Shape, has_size: bool, boxes: dict[str, str], x: float = 0.0, y: float = 0.0) -> str:
    if isinstance(shape, Text):
        return _text(shape, has_size, x, y)
    if isinstance(shape, Rectangle):
        if shape.part == "box":
            return f'<use href="#{boxes.setdefault(_rectangle(shape, x, y, ".0f"), f"r{len(boxes)}")}"/>'
        return f'<rect class="{shape.part}" {_rectangle(shape, x, y, ".1f")}/>'
    if isinstance(shape, Cells):
        return _cells(shape, x, y)
    close, letter = ("Z", "L") if isinstance(shape, Polygon) else ("", "C")
    first, *others = (f"{px + x:.1f},{py + y:.1f}" for px, py in shape.points)
    return f'<path class="{shape.part}" d="M{first}{letter}{" ".join(others)}{close}"/>'


def _rectangle(shape: Rectangle, x: float, y: float, exact: str) -> str:
    left, top = x + shape.x - shape.width / 2, y + shape.y - shape.height / 2
    corners = f' rx="{shape.radius:.0f}"' if shape.radius else ""
    return (
        f'x="{left:{exact}}" y="{top:{exact}}" width="{shape.width:{exact}}" height="{shape.height:{exact}}"{corners}'
    )


def _cells(shape: Cells, x: float, y: float) -> str:
    cell = f"h{shape.width:.4g}v{shape.height:.4g}h-{shape.width:.4g}z"
    path = "".join(f"M{left + x:.1f},{top + y:.1f}{cell}" for left, top in shape.corners)
    return f'<path class="{shape.part}" fill-opacity="{shape.strength:g}" shape-rendering="crispEdges" d="{path}"/>'


def _text(shape: Text, has_size: bool, x: float, y: float) -> str:
    places = {"x": f"{shape.x + x:.0f}", "y": f"{shape.y + y:.0f}"}
    said = "".join(f' {axis}="{place}"' for axis, place in places.items() if place not in ("0", "-0"))
    said += "" if has_size else f' font-size="{shape.size:g}"'
    said += "" if shape.anchor == "middle" else f' text-anchor="{shape.anchor}"'
    *others, last = shape.line
    if not others:
        return f'<text class="{_class(shape.part)}"{said}>{escaped(last.text)}</text>'
    spans = "".join(f'<tspan class="{_class(span.role)}">{escaped(span.text)}</tspan>' for span in others)
    return f'<text class="{_class(last.role)}"{said}>{spans}{escaped(last.text)}</text>'


def _wire(curve: Curve) -> str:
    """Bézier curves as steps from point to point; those that are straight as lines.

    Example:
        >>> _wire(Curve("wire", ((0, 0), (1, 0), (3, 0), (9.2, 0), (12, 0), (12, 4), (15, 4))))
        'M0,0h9c3,0 3,4 6,4'
    """
    points = [(round(x), round(y)) for x, y in curve.points]
    path = f"M{points[0][0]},{points[0][1]}"
    straight = 0
    for start, first, second, end in zip(points[0:-1:3], points[1::3], points[2::3], points[3::3], strict=True):
        if start[1] == first[1] == second[1] == end[1]:
            straight += end[0] - start[0]
            continue
        path += f"h{straight}" if straight else ""
        straight = 0
        steps = [f"{x - start[0]},{y - start[1]}" for x, y in (first, second, end)]
        path += f"l{steps[2]}" if first == start and second == end else f"c{' '.join(steps)}"
    return path + (f"h{straight}" if straight else "")


# ---- what all share -----------------------------------------------------------------------------------------------


def _heads(group: Group) -> list[Polygon]:
    return [line for line in group.lines if isinstance(line, Polygon) and line.part == "head"]


def _marker(head: Polygon) -> str:
    """An arrow's head as a marker at the end of its wire, in the wire's own colour."""
    left, tip, right = head.points
    half = math.dist(left, right) / 2
    length = math.dist(tip, ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2))
    return (
        f'<marker id="{_HEAD}" orient="auto" markerUnits="userSpaceOnUse" overflow="visible" fill="{style.LINE}">'
        f'<path class="h" fill="context-stroke" d="M0-{half:.1f}L{length:.1f},0 0,{half:.1f}Z"/></marker>'
    )


def _style_sheet(body: str) -> str:
    """The picture's rules that reach something, with short names: nothing else is drawn beside it."""
    used = {name for names in re.findall(r'class="([^"]*)"', body) for name in names.split()} | {"paper"}
    used |= {part for part, tag in (("box", "<use "), ("wire", "<path d")) if tag in body}

    def kept(found: re.Match[str]) -> str:
        *groups, part = _NAMES.findall(found[1])[1:]
        selector = "".join(f".{group} " for group in groups) + SELECTORS.get(part, f".{part}")
        return f"{selector}{{{found[2]}}}" if {*groups, part if part in used else _class(part)} <= used else ""

    light, media, dark = style.style_sheet().partition("@media")
    condition, _, dark = dark.partition("{")
    return f"{_RULES.sub(kept, light)}{media}{condition}{{{_RULES.sub(kept, dark)}"


def _class(part: str) -> str:
    return SELECTORS.get(part, part).removeprefix(".")


def escaped(text: str) -> str:
    """Text as it may stand in SVG and in HTML."""
    return html.escape(FORBIDDEN.sub("\ufffd", text))
