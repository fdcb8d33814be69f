"""A picture as text: a tree for a terminal, a log or a screen reader, from the root to the leaves."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from viz.picture import Picture, PictureEdge, PictureNode
from viz.safe_text import shorten

_DEPTH = 16  # deeper branches continue at the margin, so that a long chain does not walk off the page
_PATH_LENGTH = 60
_HEADINGS = ("node", "value", "gradient", "local derivative")


class _Row(NamedTuple):
    node: str
    value: str
    gradient: str
    local: str
    scope: str


def to_text(picture: Picture) -> str:
    """The tree of a picture: below each result its arguments, each with the local derivative of the result by it.

    A box that several results use is written out once, where it is met first, and marked with ↑ afterwards; ↓ marks
    one that is written out below.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> print(to_text(make_picture(a * b)))
        node        value  gradient  local derivative
        v₁ = a·b    −6     —
        ├─ a        2      —         b = −3
        └─ b        −3     —         a = 2
    """
    rows = _rows(picture)
    headings = (*_HEADINGS, "scope") if any(row.scope for row in rows) else _HEADINGS
    table = [headings, *(tuple(row)[: len(headings)] for row in rows)]
    widths = [max(_width(row[column]) for row in table) for column in range(len(headings))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([*lines, picture.notice] if picture.notice else lines)


class _Visit(NamedTuple):
    """A box about to be written: by which arrow it was reached, and what stands before it and before its arguments."""

    id: str
    edge: PictureEdge | None = None
    branch: str = ""
    indent: str = ""


def _rows(picture: Picture) -> list[_Row]:
    nodes = {node.id: node for node in picture.nodes}
    paths = _scope_paths(picture)
    arguments: dict[str, list[PictureEdge]] = {}
    for edge in picture.edges:
        arguments.setdefault(edge.target, []).append(edge)

    rows: list[_Row] = []
    written: set[str] = set()
    at_margin = [picture.root.id]  # the boxes whose tree starts at the margin; grows while it is read
    for start in at_margin:
        stack = [_Visit(start)] if start not in written else []
        while stack:
            visit = stack.pop()
            node, below = nodes[visit.id], arguments.get(visit.id, [])
            if below and visit.id in written:
                rows.append(_reference(visit, node, "↑"))
            elif below and len(visit.indent) >= 3 * _DEPTH:
                rows.append(_reference(visit, node, "↓"))
                if visit.id not in at_margin:
                    at_margin.append(visit.id)
            else:
                written.add(visit.id)
                rows.append(_row(visit, node, paths.get(node.cluster or "", "")))
                stack.extend(reversed(_visits(below, visit.indent)))
    return rows


def _visits(arguments: list[PictureEdge], indent: str) -> list[_Visit]:
    visits = [_Visit(edge.source, edge, f"{indent}├─ ", f"{indent}│  ") for edge in arguments[:-1]]
    return visits + [_Visit(edge.source, edge, f"{indent}└─ ", f"{indent}   ") for edge in arguments[-1:]]


def _reference(visit: _Visit, node: PictureNode, arrow: str) -> _Row:
    """A box that is written out elsewhere: above, or below at the margin."""
    return _Row(f"{visit.branch}{node.name} {arrow}", "", "", visit.edge.label if visit.edge else "", "")


def _row(visit: _Visit, node: PictureNode, scope: str) -> _Row:
    name = f"{node.name} = {node.formula}" if node.formula else node.name
    gradient = "const" if node.kind == "constant" else node.gradient or ""
    local = visit.edge.label if visit.edge else ""
    return _Row(visit.branch + name, "; ".join(node.value), gradient, local, scope)


def _scope_paths(picture: Picture) -> dict[str, str]:
    paths: dict[str, str] = {}
    for cluster in picture.clusters:  # a parent comes before its children
        paths[cluster.id] = f"{paths[cluster.parent]}/{cluster.name}" if cluster.parent else cluster.name
    return {id: shorten(path, _PATH_LENGTH) for id, path in paths.items()}


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
