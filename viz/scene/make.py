"""A sketch and its layout put together."""

from __future__ import annotations

from viz import style
from viz.formats.label import Span
from viz.picture import PictureCluster
from viz.scene.block import BASELINE, line_height
from viz.scene.measure import text_width
from viz.scene.placement import Placement, Route
from viz.scene.shapes import Group, Point, Rectangle, Scene, Text
from viz.scene.skeleton import OUTPUT, runs_back
from viz.scene.sketch import Sketch, depth_class
from viz.scene.wires import to_gate, wire_shapes

_PAD = 12.0  # around the whole picture
_FRAME_ROUND = 8.0
_TITLE_PLACE = (7.0, 4.0)  # of a frame's name in the frame
_LEAST_WIDTH = 300.0  # for what is said below a picture
_KEYS = {"circuit": ("value above a wire, gradient below it", "value left of a wire, gradient right of it")}


def make_scene(drawn: Sketch, placed: Placement) -> Scene:
    """The scene of a picture whose layout is known."""
    footer = _footer(drawn, max(placed.width, _LEAST_WIDTH))
    size = style.SMALL_FONT_SIZE
    width = max(placed.width, max((text_width(line, size) for line in footer), default=0.0)) + 2 * _PAD
    height = placed.height + (len(footer) * line_height(size) + _PAD / 2 if footer else 0.0) + 2 * _PAD
    groups = [_frame(cluster, placed) for cluster in drawn.picture.clusters]
    groups += _arrows(drawn, placed)
    groups += [_title(group, placed) for group in drawn.titles]
    for node in drawn.nodes:
        x, y = placed.centres[node.id]
        groups.append(node._replace(x=x, y=y))
    if footer:
        groups.append(_below(footer, placed.height + _PAD / 2))
    return Scene(-_PAD, -_PAD, width, height, (style.ROOT, drawn.style, drawn.rankdir), tuple(groups))


def _frame(cluster: PictureCluster, placed: Placement) -> Group:
    left, top, right, bottom = placed.frames[cluster.id]
    frame = Rectangle("frame", (left + right) / 2, (top + bottom) / 2, right - left, bottom - top, _FRAME_ROUND)
    return Group(cluster.id, ("cluster", depth_class(cluster)), cluster.name, (), lines=(frame,))


def _title(title: Group, placed: Placement) -> Group:
    left, top, _, _ = placed.frames[title.id.removesuffix("-title")]
    return title._replace(x=left + _TITLE_PLACE[0], y=top + _TITLE_PLACE[1])


def _arrows(drawn: Sketch, placed: Placement) -> list[Group]:
    ends = {edge.id: (edge.source, edge.target) for edge in drawn.picture.edges}
    backward = runs_back(drawn.picture)
    through = drawn.lies_flat or drawn.is_circuit
    groups = []
    for group in drawn.arrows:
        source, target = ends.get(group.id, (drawn.picture.root.id, ""))
        routes = _routes(group.id, source, target, group.id in backward, placed)
        if drawn.is_circuit:
            routes = _between_gates(routes, source, target, drawn, placed)
        x, y = placed.centres.get(group.id, (0.0, 0.0))
        groups.append(group._replace(x=x, y=y, lines=tuple(wire_shapes(routes, through))))
    return groups


def _routes(id: str, source: str, target: str, is_back: bool, placed: Placement) -> list[Route]:
    """An arrow's stretches from its start to its end: one, or with text two, before the text and behind it."""

    def stretch(name: str, start: str, end: str) -> Route:
        if name not in placed.routes:  # an engine may lose its way
            return _straight(placed.centres[start], placed.centres[end])
        return placed.routes[name].reversed() if is_back else placed.routes[name]

    if id not in placed.centres:
        return [stretch(id, source, target)]
    first = stretch(f"{id}a", source, id)
    return [first, stretch(f"{id}b", id, target) if target else _onward(first, placed)]


def _straight(start: Point, end: Point) -> Route:
    return Route((start, start, end, end))


def _onward(route: Route, placed: Placement) -> Route:
    """The last stretch of the wire that leaves a circuit: to the other end of its text."""
    start, middle = route.points[-1], placed.centres[OUTPUT]
    end = (2 * middle[0] - start[0], 2 * middle[1] - start[1])
    return _straight(end, end)


def _between_gates(routes: list[Route], source: str, target: str, drawn: Sketch, placed: Placement) -> list[Route]:
    """A wire's stretches, longer by what lies between the edges of the gates' blocks and the gates."""
    first, last = routes[0], routes[-1]
    gate = drawn.blocks[source].gate
    if gate is not None:
        start = to_gate(first.points[0], placed.centres[source], gate)
        first = first._replace(points=(start, start, first.points[0], *first.points))
    if len(routes) == 1:
        last = first
    gate = drawn.blocks[target].gate if target else None
    if gate is not None:
        end = to_gate(last.points[-1], placed.centres[target], gate)
        last = last._replace(points=(*last.points, last.points[-1], end, end))
    return [first, last] if len(routes) > 1 else [last]


def _footer(drawn: Sketch, width: float) -> list[str]:
    """What is said below a picture, in lines no wider than it: the notice, and how a circuit is read."""
    said = [drawn.picture.notice] if drawn.picture.notice else []
    if drawn.style in _KEYS:
        said.append(_KEYS[drawn.style][0 if drawn.lies_flat else 1])
    return [line for text in said for line in _wrapped(text, width)]


def _wrapped(text: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style.SMALL_FONT_SIZE) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _below(lines: list[str], top: float) -> Group:
    height = line_height(style.SMALL_FONT_SIZE)
    shapes = [
        Text("note", 0.0, (place + BASELINE) * height, (Span("note", line),), style.SMALL_FONT_SIZE, "start")
        for place, line in enumerate(lines)
    ]
    return Group("notice", ("notice",), "\n".join(lines), tuple(shapes), 0.0, top)
