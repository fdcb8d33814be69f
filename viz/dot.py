"""A picture as DOT, the language of Graphviz: the same text, to the byte, in every run."""

from __future__ import annotations

import html
from typing import Literal

import graphviz

from viz import style
from viz.label import Line, label_lines, plain
from viz.picture import Picture, PictureCluster, PictureEdge, PictureNode

RankDir = Literal["LR", "RL", "TB", "BT"]


def to_dot(picture: Picture, rankdir: RankDir = "LR", *, coloured_text: bool = False) -> str:
    """The DOT text of a picture.

    Args:
        rankdir: the direction from arguments to results.
        coloured_text: colour each line by its role, with Graphviz's HTML-like labels, which embedded builds of
            Graphviz do not have. SVG is coloured afterwards instead, by `viz.svg`.

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

    for node in members.get(None, []):
        _add_node(graph, node, coloured_text)
    _add_clusters(graph, picture.clusters, members, coloured_text)
    for edge in picture.edges:
        graph.edge(edge.source, edge.target, **_edge_attributes(edge))
    return str(graph.source)


def _defaults(picture: Picture, rankdir: str) -> dict[str, dict[str, str]]:
    graph = {
        "rankdir": rankdir,
        "bgcolor": style.PAPER,
        "fontname": style.FONT,
        "fontsize": style.CLUSTER_FONT_SIZE,
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
            "fontname": style.FONT,
            "fontsize": style.NODE_FONT_SIZE,
            "fontcolor": style.INK,
            "margin": "0.12,0.07",
            "height": "0.3",
            "width": "0.4",
        },
        "edge_attr": {
            "fontname": style.FONT,
            "fontsize": style.EDGE_FONT_SIZE,
            "fontcolor": style.TEXT_COLOURS["local"],
            "color": style.LINE,
            "arrowsize": "0.7",
        },
    }


def _add_clusters(
    graph: graphviz.Digraph,
    clusters: tuple[PictureCluster, ...],
    members: dict[str | None, list[PictureNode]],
    coloured_text: bool,
) -> None:
    """Every frame inside its parent. A parent comes before its children, so the last are finished first."""
    finished: dict[str | None, list[graphviz.Digraph]] = {}
    for cluster in reversed(clusters):
        frame = graphviz.Digraph(f"cluster_{cluster.id}", graph_attr=_cluster_attributes(cluster))
        for node in members.get(cluster.id, []):
            _add_node(frame, node, coloured_text)
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


def _add_node(graph: graphviz.Digraph, node: PictureNode, coloured_text: bool) -> None:
    box = style.BOXES[node.kind]
    lines = label_lines(node)
    graph.node(
        node.id,
        label=_coloured(lines) if coloured_text else _joined([plain(line) for line in lines]),
        id=node.id,
        **{"class": f"{node.kind} root" if node.is_root else node.kind},
        style=box.form,
        fillcolor=box.fill,
        color=box.border,
        penwidth=style.ROOT_BORDER_WIDTH if node.is_root else None,
        tooltip=_joined(node.details or (node.name,)),
    )


def _edge_attributes(edge: PictureEdge) -> dict[str, str | None]:
    return {
        "id": edge.id,
        "class": "gradient" if edge.carries_gradient else "constant",
        "label": _escaped(f" {edge.label} ") if edge.label else None,
        "style": None if edge.carries_gradient else "dashed",
        "tooltip": _joined(edge.details or (f"{edge.source} → {edge.target}",)),
    }


def _escaped(text: str) -> str:
    """Plain text for a quoted DOT string: backslashes and `&` would otherwise begin an escape."""
    return graphviz.escape(text.replace("&", "&amp;"))  # type: ignore[no-any-return]


def _joined(lines: tuple[str, ...] | list[str]) -> str:
    return graphviz.nohtml("\\n".join(_escaped(line) for line in lines))  # type: ignore[no-any-return]


def _coloured(lines: tuple[Line, ...]) -> str:
    rows = "".join(f"<TR><TD>{''.join(map(_coloured_span, line))}</TD></TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


def _coloured_span(span: tuple[str, str]) -> str:
    role, text = span
    text = html.escape(text)
    if role in style.BOLD:
        text = f"<B>{text}</B>"
    return f'<FONT COLOR="{style.TEXT_COLOURS[role]}">{text}</FONT>'
