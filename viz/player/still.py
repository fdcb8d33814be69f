"""One step of a film as a picture, for a slide: laid out as the whole, so that nothing moves from step to step."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from autograd.numbers import NOT_COMPUTED
from viz.drawing import Drawing
from viz.formats.dot import RankDir
from viz.formats.svg import Written
from viz.picture import Picture, PictureEdge, PictureNode
from viz.player.frame import Film
from viz.render import lay_out
from viz.scene import Scene, make_scene, read_placement, sketch
from viz.scene.block import Block
from viz.scene.shapes import Rectangle
from viz.scene.sketch import Sketch
from viz.style import Style


def still(film: Film, step: int, rankdir: RankDir, style: Style) -> Drawing:
    """The picture after so many steps; what the last of them touches is in colour.

    Raises:
        ValueError: the film has fewer steps.
    """
    if not 0 <= step <= len(film.frames):
        raise ValueError(f"at: step {step} is none of this film, which has {len(film.frames)}; 0 is before the first")
    return _Still(picture_at(film, step), film.picture, rankdir, style)


def picture_at(film: Film, step: int) -> Picture:
    """What a film's picture shows after so many steps."""
    state = _State(film, step)
    picture = film.picture
    return replace(
        picture,
        nodes=tuple([state.node(node) for node in picture.nodes]),
        edges=tuple([state.edge(edge) for edge in picture.edges]),
        notice=film.frames[step - 1].sentence if step else picture.notice,
    )


class _State:
    """What has appeared after so many steps."""

    def __init__(self, film: Film, step: int) -> None:
        past, to_come = film.frames[:step], film.frames[step:]
        self._last = past[-1] if past else None
        self._hidden = {frame.box for frame in to_come if frame.kind == "forward"}
        self._gradients = {frame.box: frame.now for frame in past if frame.kind != "forward"}
        self._unfinished = {frame.box for frame in to_come if frame.kind != "forward"}
        self._flowed = {frame.arrow for frame in past}

    def node(self, node: PictureNode) -> PictureNode:
        appeared = node.id not in self._hidden
        finished = node.id not in self._unfinished
        touched = self._last is not None and self._last.box == node.id
        if not finished and node.gradient is not None:
            node = replace(node, gradient=self._gradients.get(node.id, NOT_COMPUTED), terms=(), note="")
        return replace(
            node,
            value=node.value if appeared else (),
            mark="path" if touched else node.mark if finished else "",
            heat=tuple([heat for heat in node.heat if (appeared if heat.role == "value" else finished)]),
        )

    def edge(self, edge: PictureEdge) -> PictureEdge:
        flowed = edge.id in self._flowed
        if edge.target in self._hidden:
            edge = replace(edge, symbol="", number="")
        if not flowed:
            edge = replace(edge, upstream="", contribution="")
        touched = self._last is not None and self._last.arrow == edge.id
        return replace(edge, mark="path" if touched else edge.mark if flowed else "")


class _Still(Drawing):
    """A picture in the layout of another, whose parts it has, with more text in them."""

    def __init__(self, picture: Picture, whole: Picture, rankdir: RankDir, style: Style) -> None:
        super().__init__(picture, rankdir, style)
        self._whole = whole

    @cached_property
    def _scene(self) -> tuple[Scene, dict[str, Written]]:
        now, whole = (sketch(picture, self.rankdir, self.style) for picture in (self.picture, self._whole))
        blocks = {id: _refilled(block, now.blocks[id]) for id, block in whole.blocks.items()}
        rooms = {id: _refilled(room, now.rooms.get(id)) for id, room in whole.rooms.items()}
        drawn = Sketch(self.picture, self.rankdir, self.style, blocks, rooms)
        return make_scene(drawn, read_placement(lay_out(whole.skeleton))), {}


def _refilled(block: Block, now: Block | None) -> Block:
    """A block's own rectangles, with what another has in its."""
    outline = [shape for shape in block.shapes if isinstance(shape, Rectangle) and shape.part == "box"]
    inside = [] if now is None else [s for s in now.shapes if not (isinstance(s, Rectangle) and s.part == "box")]
    return block._replace(shapes=(*outline, *inside))
