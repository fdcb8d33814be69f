"""A picture drawn part by part, before a layout engine says where each part lies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from viz import style
from viz.formats.label import Line, Span, arrow_lines, output_lines, wire_lines
from viz.picture import Picture, PictureCluster, PictureEdge, PictureNode
from viz.scene.block import BASELINE, Block, line_height
from viz.scene.boxes import box_block
from viz.scene.circuit import circuit_block
from viz.scene.measure import line_width
from viz.scene.shapes import Group, Rectangle, Text
from viz.scene.skeleton import OUTPUT, skeleton
from viz.scene.wires import room_for

_NO_ROOM = Block(0.0, 0.0, ())


@dataclass(frozen=True)
class Sketch:
    """A picture whose parts are drawn but not yet placed.

    Attributes:
        blocks: of the nodes, by id.
        rooms: for the text along the wires, by the arrow's id; a wire without text has none.
    """

    picture: Picture
    rankdir: str
    style: style.Style
    blocks: dict[str, Block]
    rooms: dict[str, Block]

    @property
    def is_circuit(self) -> bool:
        """Whether it is drawn as gates, with wires between them that have no heads."""
        return self.style == "circuit"

    @property
    def lies_flat(self) -> bool:
        """Whether wires run from side to side."""
        return self.rankdir in ("LR", "RL")

    @cached_property
    def skeleton(self) -> str:
        """What a layout engine is told."""
        return skeleton(self.picture, self.blocks, self.rooms, self.rankdir, has_heads=not self.is_circuit)

    @cached_property
    def nodes(self) -> list[Group]:
        """The boxes or gates, each around its own middle."""
        return [_node_group(node, self.blocks[node.id]) for node in self.picture.nodes]

    @cached_property
    def arrows(self) -> list[Group]:
        """The arrows or wires, of each its text, around its own middle; what leaves a circuit comes last."""
        groups = [_edge_group(edge, self.rooms.get(edge.id, _NO_ROOM)) for edge in self.picture.edges]
        if OUTPUT in self.rooms:
            title = f"result: {self.picture.root.name}"
            groups.append(Group(OUTPUT, ("edge", "flow"), title, self.rooms[OUTPUT].shapes))
        return groups

    @cached_property
    def titles(self) -> list[Group]:
        """The names of the frames, each right of and below where it is placed."""
        return [_title_group(cluster) for cluster in self.picture.clusters]


def sketch(picture: Picture, rankdir: str = "LR", style: style.Style = "box") -> Sketch:
    """Draw the parts of a picture.

    Args:
        rankdir: the direction from arguments to results.
        style: "box" or "circuit".
    """
    drawn = Sketch(picture, rankdir, style, {}, {})
    circuit, flat = drawn.is_circuit, drawn.lies_flat
    leaving = Counter(edge.source for edge in picture.edges)
    nodes = {node.id: node for node in picture.nodes}
    for node in picture.nodes:
        drawn.blocks[node.id] = circuit_block(node, leaving[node.id] > 1, flat) if circuit else box_block(node)
    wires = {}
    for edge in picture.edges:
        source, reused = edge.source, leaving[edge.source] > 1
        wires[edge.id] = wire_lines(edge, nodes[source], reused) if circuit else arrow_lines(edge, reused)
    if circuit:
        wires[OUTPUT] = output_lines(picture.root)
    for id, wire in wires.items():
        room = room_for(wire, flat, beside=circuit)
        if room is not None:
            drawn.rooms[id] = room
    return drawn


def _node_group(node: PictureNode, block: Block) -> Group:
    classes = ["node", node.kind]
    if node.is_root:
        classes.append("root")
    if node.mark:
        classes.append(node.mark)
    return Group(node.id, tuple(classes), "\n".join(node.details or (node.name,)), block.shapes)


def _edge_group(edge: PictureEdge, room: Block) -> Group:
    flows = "flow" if edge.carries_gradient else "constant"
    classes = ("edge", flows, edge.mark) if edge.mark else ("edge", flows)
    return Group(edge.id, classes, "\n".join(edge.details), room.shapes)


def _title_group(cluster: PictureCluster) -> Group:
    """A frame's name, over the wires that lead into the frame."""
    line: Line = (Span("note", cluster.name),)
    width, height = line_width(line, style.FONT_SIZE), line_height(style.FONT_SIZE)
    shapes = (
        Rectangle("ground", width / 2, height / 2, width + 4.0, height),
        Text("note", 0.0, BASELINE * height, line, style.FONT_SIZE, "start"),
    )
    return Group(f"{cluster.id}-title", ("title", depth_class(cluster)), cluster.name, shapes)


def depth_class(cluster: PictureCluster) -> str:
    """By turns, so that a frame differs from the one around it."""
    return f"depth{cluster.depth % len(style.CLUSTER_FILLS)}"
