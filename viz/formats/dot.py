"""A picture as DOT, the language of Graphviz: the same text, to the byte, in every run.

It is for reading, and for other tools: a graph with plain labels, which any build of Graphviz draws alike. What is
drawn here is laid out from `viz.scene.skeleton` instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import graphviz

from viz import style
from viz.formats.label import Wire, arrow_lines, circuit_lines, label_lines, plain, wire_lines
from viz.picture import Picture, PictureCluster, PictureEdge, PictureNode

RankDir = Literal["LR", "RL", "TB", "BT"]


def to_dot(picture: Picture, rankdir: RankDir = "LR", drawn_as: style.Style = "box") -> str:
    """The DOT text of a picture.

    Args:
        rankdir: the direction from arguments to results.
        drawn_as: "box", each operation in the box of its result, or "circuit": gates, with the numbers on their wires.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> dot = to_dot(make_picture(Value(2.0, "a").exp()))
        >>> print(dot.splitlines()[0])
        digraph gradwalk {
    """
    graph = graphviz.Digraph("gradwalk", **_defaults(picture, rankdir))
    members: dict[str | None, list[PictureNode]] = {}
    for node in picture.nodes:
        members.setdefault(node.cluster, []).append(node)
    leaving = Counter(edge.source for edge in picture.edges)
    nodes = {node.id: node for node in picture.nodes}
    for node in members.get(None, []):
        _add_node(graph, node, drawn_as, leaving)
    _add_clusters(graph, picture.clusters, members, drawn_as, leaving)
    for edge in picture.edges:
        reused = leaving[edge.source] > 1
        wire = wire_lines(edge, nodes[edge.source], reused) if drawn_as == "circuit" else arrow_lines(edge, reused)
        graph.edge(edge.source, edge.target, **_edge_attributes(edge, wire))
    return str(graph.source)


def _defaults(picture: Picture, rankdir: str) -> dict[str, dict[str, str]]:
    graph = {
        "rankdir": rankdir,
        "bgcolor": style.PAPER,
        "fontname": style.PRINTED_FONT,
        "fontsize": "11",
        "fontcolor": style.MUTED,
        "nodesep": "0.2",
        "ranksep": "0.35",
        "pad": "0.15",
    }
    if picture.notice:
        graph |= {"label": _escaped(picture.notice), "labelloc": "b", "labeljust": "l"}
    return {
        "graph_attr": graph,
        "node_attr": {
            "shape": "box",
            "fontname": style.PRINTED_FONT,
            "fontsize": "12",
            "fontcolor": style.INK,
            "margin": "0.12,0.07",
            "height": "0.3",
            "width": "0.4",
        },
        "edge_attr": {
            "fontname": style.PRINTED_FONT,
            "fontsize": "10",
            "fontcolor": style.LOCAL,
            "color": style.LINE,
            "arrowsize": "0.7",
        },
    }


def _add_clusters(
    graph: graphviz.Digraph,
    clusters: tuple[PictureCluster, ...],
    members: dict[str | None, list[PictureNode]],
    drawn_as: style.Style,
    leaving: Counter[str],
) -> None:
    """Every frame inside its parent. A parent comes before its children, so the last are finished first."""
    finished: dict[str | None, list[graphviz.Digraph]] = {}
    for cluster in reversed(clusters):
        frame = graphviz.Digraph(f"cluster_{cluster.id}", graph_attr=_cluster_attributes(cluster))
        for node in members.get(cluster.id, []):
            _add_node(frame, node, drawn_as, leaving)
        for inner in reversed(finished.get(cluster.id, [])):
            frame.subgraph(inner)
        finished.setdefault(cluster.parent, []).append(frame)
    for outer in reversed(finished.get(None, [])):
        graph.subgraph(outer)


def _cluster_attributes(cluster: PictureCluster) -> dict[str, str]:
    return {
        "id": cluster.id,
        "label": _escaped(cluster.name),
        "labeljust": "l",
        "labelloc": "t",
        "style": "filled,rounded",
        "fillcolor": style.CLUSTER_FILLS[cluster.depth % len(style.CLUSTER_FILLS)],
        "color": style.FRAME,
        "tooltip": _escaped(cluster.name),
    }


def _add_node(graph: graphviz.Digraph, node: PictureNode, drawn_as: style.Style, leaving: Counter[str]) -> None:
    box = style.BOXES[node.kind]
    circuit = drawn_as == "circuit"
    lines = circuit_lines(node, leaving[node.id] > 1) if circuit else label_lines(node)
    look = style.look_of((node.kind, *(["root"] if node.is_root else []), node.mark), "box")
    shape = {"leaf": "plaintext", "constant": "plaintext", "group": None, "more": None}.get(node.kind, "ellipse")
    graph.node(
        node.id,
        label=_joined(plain(line) for line in lines),
        id=node.id,
        shape=shape if circuit else None,
        **{"class": " ".join(_classes(node))},
        style=box.form,
        fillcolor=style.PAPER if circuit and shape == "plaintext" else look.fill,
        color=look.stroke,
        fontcolor=style.MUTED if node.mark == "dead" else None,
        penwidth=f"{look.stroke_width:g}" if look.stroke_width != 1 else None,
        tooltip=_joined(node.details or (node.name,)),
    )


def _classes(node: PictureNode) -> list[str]:
    return [node.kind, *(["root"] if node.is_root else []), *([node.mark] if node.mark else [])]


def _edge_attributes(edge: PictureEdge, wire: Wire) -> dict[str, str | None]:
    flows = "flow" if edge.carries_gradient else "constant"
    marked = style.look_of((edge.mark,), "wire")
    lines = [f" {plain(line)} " for line in wire if line]
    return {
        "id": edge.id,
        "class": f"{flows} {edge.mark}" if edge.mark else flows,
        "label": _joined(lines) if lines else None,
        "style": "dotted" if edge.mark == "dead" else None if edge.carries_gradient else "dashed",
        "color": marked.stroke,
        "penwidth": f"{marked.stroke_width:g}" if marked.stroke_width else None,
        "tooltip": _joined(edge.details or (f"{edge.source} → {edge.target}",)),
    }


def _escaped(text: str) -> str:
    """Plain text for a quoted DOT string: backslashes and `&` would otherwise begin an escape."""
    return graphviz.escape(text.replace("&", "&amp;"))  # type: ignore[no-any-return]


def _joined(lines: Iterable[str]) -> str:
    return graphviz.nohtml("\\n".join(_escaped(line) for line in lines))  # type: ignore[no-any-return]
