"""A picture as two tables: one row for each box, and one for each arrow."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from autograd.columns import aligned, used_columns
from viz.formats import words
from viz.formats.text import scope_paths
from viz.picture import Picture, PictureEdge, PictureNode

_NODE_HEADINGS = ("node", "operation", "value", "gradient", "stands for", "scope", "mark", "note")
_EDGE_HEADINGS = ("from", "to", "argument", "local derivative", "upstream", "contribution", "uses", "mark")
_LEAVES = {"leaf": "leaf", "constant": "constant"}


class Table(NamedTuple):
    """Rows of text under headings; columns without any entry are left out."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(picture: Picture) -> tuple[Table, Table]:
    """The boxes of a picture in order of creation, and its arrows in order of their targets.

    Where several boxes have one name, their ids tell them apart.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> nodes, edges = tables(make_picture(Value(2.0, "a") * Value(-3.0, "b")))
        >>> edges.headings
        ('from', 'to', 'argument', 'local derivative')
        >>> edges.rows
        (('a', 'v₁', '1', 'b = −3'), ('b', 'v₁', '2', 'a = 2'))
    """
    names, paths = _distinct_names(picture), scope_paths(picture)
    nodes = [_node_row(node, names[node.id], paths.get(node.cluster or "", "")) for node in picture.nodes]
    edges = [_edge_row(edge, names) for edge in picture.edges]
    return _table("Nodes", _NODE_HEADINGS, nodes), _table("Edges", _EDGE_HEADINGS, edges)


def to_table(picture: Picture) -> str:
    """Both tables as text, and what the picture says of itself.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> L = a * b
        >>> L.backward()
        >>> print(to_table(make_picture(L)))
        node  operation  value  gradient
        a     leaf       2      −3
        b     leaf       −3     2
        v₁    a·b        −6     1
        <BLANKLINE>
        from  to  argument  local derivative  upstream  contribution
        a     v₁  1         b = −3            1         −3
        b     v₁  2         a = 2             1         2
    """
    blocks = ["\n".join(aligned([table.headings, *table.rows])) for table in tables(picture) if table.rows]
    return "\n\n".join([*blocks, picture.notice] if picture.notice else blocks)


def _table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    used, *others = used_columns(headings, rows)
    return Table(title, used, tuple(others))


def _distinct_names(picture: Picture) -> dict[str, str]:
    counts = Counter(node.name for node in picture.nodes)
    return {node.id: f"{node.name} ({node.id})" if counts[node.name] > 1 else node.name for node in picture.nodes}


def _node_row(node: PictureNode, name: str, scope: str) -> tuple[str, ...]:
    operation = node.formula or _LEAVES.get(node.kind, "")
    value = "; ".join(node.value)
    if node.kind == "constant" and not value:  # it goes by its number
        value = node.name
    return name, operation, value, words.gradient(node), _stands_for(node), scope, _mark(node), node.note


def _edge_row(edge: PictureEdge, names: dict[str, str]) -> tuple[str, ...]:
    argument = "" if edge.argument is None else str(edge.argument + 1)
    uses = f"{edge.uses:,}" if edge.uses > 1 else ""
    ends = names[edge.source], names[edge.target]
    return *ends, argument, edge.label, edge.upstream, edge.contribution, uses, _mark(edge)


def _stands_for(node: PictureNode) -> str:
    """How many nodes of the graph a box stands for; empty for one."""
    if node.times > 1 and node.count > node.times:
        return f"{node.times:,} × {node.count // node.times:,} nodes"
    return f"{node.count:,} nodes" if node.count > 1 else ""


def _mark(element: PictureNode | PictureEdge) -> str:
    return words.marked(element.mark, element.mark)
