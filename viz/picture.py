"""A graph as a picture: boxes with text, arrows with text, and frames around scopes. It knows no output format.

Everything in it is text, taken when the picture is made: what happens to the graph afterwards does not reach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd.node import Node, graph_nodes
from autograd.recording import Scope
from viz import wording
from viz.names import Names
from viz.numbers import NOT_COMPUTED
from viz.parts import Part, choose_parts, part_of_nodes
from viz.safe_text import clean, short_name, shorten

_FRAMES = 24  # frames inside frames; what is nested deeper lies in the innermost of them

NodeKind = Literal["leaf", "value", "constant", "group", "more"]


@dataclass(frozen=True, slots=True)
class PictureNode:
    """One box.

    Attributes:
        id: "n0", "n1", ... in order of creation.
        kind: "leaf", "value" (an operation's result), "constant", "group" (a scope drawn as one box) or "more" (what is
            left out).
        name: how the box is called; never empty.
        op: the operation's symbol, or the scope's name; empty for a leaf.
        formula: how the value was made, such as "a·b" or "conv2d (5 nodes)"; empty for a leaf.
        value: lines of text; none where the name is the value.
        gradient: its text, "—" until it is computed; None for what needs none.
        cluster: the id of the innermost frame around it.
        details: the full name, scope and source line, in lines.
    """

    id: str
    kind: NodeKind
    is_root: bool
    name: str
    op: str = ""
    formula: str = ""
    value: tuple[str, ...] = ()
    gradient: str | None = None
    cluster: str | None = None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """One arrow, from an argument to the result that uses it.

    Attributes:
        id: "e0", "e1", ...
        source, target: ids of boxes.
        argument: which argument of the target the source is, from 0; None where the arrow stands for several.
        carries_gradient: False from a constant, to which no gradient flows.
        symbol: the local derivative in symbols; empty where it has none.
        number: the local derivative as a number; empty where it is none or an array of many.
        details: lines of text.
    """

    id: str
    source: str
    target: str
    argument: int | None
    carries_gradient: bool
    symbol: str = ""
    number: str = ""
    details: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Symbol and number as drawn: `b = −3`, or the number alone where the symbol would say the same."""
        if not self.symbol or self.symbol == self.number:
            return self.number
        if len(self.symbol) > wording.FORMULA_LENGTH:
            return self.number or f"{self.symbol[: wording.FORMULA_LENGTH - 1]}…"
        return f"{self.symbol} = {self.number}" if self.number else self.symbol


@dataclass(frozen=True, slots=True)
class PictureCluster:
    """One frame around the boxes of a scope.

    Attributes:
        id: "c0", "c1", ...
        parent: the id of the frame around it; None for an outermost one.
        depth: how many frames are around it.
    """

    id: str
    name: str
    parent: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes in order of creation, arrows in order of their targets, frames from the outside in.

    Attributes:
        title: one line.
        notice: what is not shown, and how to see it; empty where all is shown.
    """

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    clusters: tuple[PictureCluster, ...]
    title: str
    notice: str = ""

    @property
    def root(self) -> PictureNode:
        """The box of the root."""
        return next(node for node in self.nodes if node.is_root)


def make_picture(root: Node, names: Mapping[int, str] | None = None, max_nodes: int | None = None) -> Picture:
    """The picture of the graph that `root` was made by.

    Args:
        root: a Value or Tensor.
        names: names by node id; the others go by `node.name`, or by a number.
        max_nodes: at most so many boxes, and one for the remainder; None for no limit.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> picture = make_picture(a * b)
        >>> [(node.id, node.name, node.formula, node.value) for node in picture.nodes]
        [('n0', 'a', '', ('2',)), ('n1', 'b', '', ('−3',)), ('n2', 'v₁', 'a·b', ('−6',))]
        >>> [(edge.source, edge.target, edge.label) for edge in picture.edges]
        [('n0', 'n2', 'b = −3'), ('n1', 'n2', 'a = 2')]
    """
    nodes = graph_nodes(root)
    called = Names(nodes, names or {})
    parts = choose_parts(nodes, max_nodes)
    clusters, cluster_of = _clusters(parts)
    boxes = tuple(_box(f"n{place}", part, root, called, _frame(part, cluster_of)) for place, part in enumerate(parts))
    return Picture(
        nodes=boxes,
        edges=_edges(parts, boxes, called),
        clusters=clusters,
        title=f"Computation graph of {called[root]}",
        notice=_notice(len(nodes), parts, max_nodes),
    )


# ---- boxes --------------------------------------------------------------------------------------------------------


def _box(id: str, part: Part, root: Node, called: Names, cluster: str | None) -> PictureNode:
    is_root = part.members[-1] is root
    if part.kind == "more":
        return PictureNode(id, "more", is_root, f"… {wording.counted(len(part.members), 'more node')}")
    if part.kind == "group":
        return _group_box(id, part, is_root, called, cluster)
    (node,) = part.members
    return PictureNode(
        id,
        _kind(node),
        is_root,
        name=called[node],
        op=clean(node.op),
        formula=wording.formula(node, called),
        value=() if called.is_number(node) else wording.value_lines(node),
        gradient=_gradient(node),
        cluster=cluster,
        details=wording.node_details(node, called),
    )


def _group_box(id: str, part: Part, is_root: bool, called: Names, cluster: str | None) -> PictureNode:
    """A scope as one box, which stands for its last node: the one that the scope returns."""
    assert part.scope is not None
    last, count = part.members[-1], wording.counted(len(part.members), "node")
    return PictureNode(
        id,
        "group",
        is_root,
        name=called[last],
        op=short_name(part.scope.name),
        formula=f"{short_name(part.scope.name)} ({count})",
        value=wording.value_lines(last),
        gradient=_gradient(last),
        cluster=cluster,
        details=(f"{clean(called.full(last))}: {count} of scope {clean(shorten(part.scope.path, 120))}",),
    )


def _kind(node: Node) -> NodeKind:
    if not node.requires_grad:
        return "constant"
    return "leaf" if node.is_leaf else "value"


def _gradient(node: Node) -> str | None:
    if not node.requires_grad:
        return None
    return wording.array_or_number(node.grad) if node.has_grad else NOT_COMPUTED


# ---- arrows -------------------------------------------------------------------------------------------------------


def _edges(parts: Sequence[Part], boxes: Sequence[PictureNode], called: Names) -> tuple[PictureEdge, ...]:
    place_of = part_of_nodes(parts)
    edges: list[PictureEdge] = []
    for target, part in enumerate(parts):
        uses: dict[tuple[int, ...], list[tuple[Node, int]]] = {}  # between two nodes each use has an arrow of its own
        for node in part.members:
            for argument, parent in enumerate(node.parents):
                source = place_of[parent.id]
                single = parts[source].kind == part.kind == "node"
                if single or source != target:
                    uses.setdefault((source, argument) if single else (source,), []).append((node, argument))
        for (source, *_), used in uses.items():
            ends = boxes[source], boxes[target]
            if parts[source].kind == part.kind == "node":
                edges.append(_arrow(f"e{len(edges)}", *ends, *used[0], called))
            else:
                edges.append(_bundle(f"e{len(edges)}", *ends, [node.parents[argument] for node, argument in used]))
    return tuple(edges)


def _arrow(
    id: str, source: PictureNode, target: PictureNode, node: Node, argument: int, called: Names
) -> PictureEdge:
    flows = node.parents[argument].requires_grad
    symbol, number = wording.local_derivative(node, argument, called) if flows else ("", "")
    return PictureEdge(
        id,
        source.id,
        target.id,
        argument,
        flows,
        symbol,
        number,
        wording.edge_details(node, argument, called, symbol, number),
    )


def _bundle(id: str, source: PictureNode, target: PictureNode, parents: Sequence[Node]) -> PictureEdge:
    """One arrow for every use of one box's nodes by another box's, where either stands for several."""
    uses = wording.counted(len(parents), "use")
    flows = any(parent.requires_grad for parent in parents)
    return PictureEdge(id, source.id, target.id, None, flows, details=(f"{source.name} → {target.name}, {uses}",))


# ---- frames -------------------------------------------------------------------------------------------------------


def _clusters(parts: Iterable[Part]) -> tuple[tuple[PictureCluster, ...], dict[int, str]]:
    """The frames of the scopes around a box, and the frame's id for each scope's serial number."""
    ids: dict[int, str] = {}
    clusters: list[PictureCluster] = []
    for part in parts:
        parent = None
        for depth, scope in enumerate(_scopes_around(part)):
            if scope.serial not in ids and depth < _FRAMES:
                ids[scope.serial] = f"c{len(clusters)}"
                clusters.append(PictureCluster(ids[scope.serial], short_name(scope.name), parent, depth))
            parent = ids.setdefault(scope.serial, parent or "")
    return tuple(clusters), ids


def _frame(part: Part, ids: Mapping[int, str]) -> str | None:
    """The id of the innermost frame around a box."""
    scopes = _scopes_around(part)
    return ids[scopes[-1].serial] if scopes else None


def _scopes_around(part: Part) -> tuple[Scope, ...]:
    if part.kind == "more":
        return ()
    return part.members[0].scopes if part.scope is None else part.scope.chain[:-1]


def _notice(count: int, parts: Sequence[Part], max_nodes: int | None) -> str:
    groups = sum(part.kind == "group" for part in parts)
    more = next((len(part.members) for part in parts if part.kind == "more"), 0)
    if not groups and not more:
        return ""
    how = [f"{wording.counted(groups, 'scope')} drawn as one box" + (" each" if groups > 1 else "")] if groups else []
    how += [f"{wording.counted(more, 'node')} farther from the root left out"] if more else []
    return f"{count:,} nodes; the picture is limited to max_nodes={max_nodes}: {', '.join(how)}"
