"""A picture as text: a tree for a terminal, a log or a screen reader, from the root to the leaves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from autograd.columns import aligned, used_columns
from autograd.safe_text import shorten
from viz.formats import words
from viz.picture import Picture, PictureEdge, PictureNode

_DEPTH = 16  # deeper branches continue at the margin, so that a long chain does not walk off the page
_PATH_LENGTH = 60
_ALWAYS = 4  # the first columns are there even where they are empty
_WIDTH = 100  # columns; a wider tree shows contributions without their factors, which its other columns hold too


class _Row(NamedTuple):
    node: str
    value: str = ""
    gradient: str = ""
    local: str = ""
    handed: str = ""
    scope: str = ""
    note: str = ""
    contribution: str = ""  # which stands for `handed` where that is too wide, and is no column


_HEADINGS = _Row("node", "value", "gradient", "local derivative", "upstream × local", "scope", "note", "contribution")


def to_text(picture: Picture) -> str:
    """The tree of a picture: below each result its arguments, each with the local derivative of the result by it.

    After a backward pass each argument also shows upstream gradient × local derivative = contribution, and one that is
    used several times the sum of its contributions. A box that several results use is written out once, where it is met
    first, and marked with ↑ afterwards; ↓ marks one that is written out below. Colours of arrays are not told.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> L = a * b
        >>> L.backward()
        >>> print(to_text(make_picture(L)))
        node        value  gradient  local derivative  upstream × local
        v₁ = a·b    −6     1
        ├─ a        2      −3        b = −3            1 × −3 = −3
        └─ b        −3     2         a = 2             1 × 2 = 2
    """
    rows = [_HEADINGS, *_rows(picture)]
    lines = _aligned(rows)
    if max(map(len, lines)) > _WIDTH:
        lines = _aligned([row._replace(handed=row.contribution) for row in rows])
    return "\n".join([*lines, *_below(picture)])


def _aligned(rows: list[_Row]) -> list[str]:
    headings, *others = (row[_ALWAYS:-1] for row in rows)
    used = used_columns(headings, others)
    return aligned(row[:_ALWAYS] + rest for row, rest in zip(rows, used, strict=True))


def _below(picture: Picture) -> list[str]:
    """What the signs in the tree mean, and what the picture says of itself."""
    marks = {node.mark for node in picture.nodes} | {edge.mark for edge in picture.edges}
    explained = ", ".join(text for mark, text in words.MARKS_EXPLAINED.items() if mark in marks)
    return [line for line in (explained, picture.notice) if line]


class _Visit(NamedTuple):
    """A box about to be written: by which arrow it was reached, and what stands before it and before its arguments."""

    id: str
    edge: PictureEdge | None = None
    branch: str = ""
    indent: str = ""


def _rows(picture: Picture) -> list[_Row]:
    nodes = {node.id: node for node in picture.nodes}
    paths = scope_paths(picture)
    arguments: dict[str, list[PictureEdge]] = {}
    for edge in picture.edges:
        arguments.setdefault(edge.target, []).append(edge)

    rows: list[_Row] = []
    written: set[str] = set()
    below: deque[str] = deque()  # the boxes that are written out at the margin, later
    for start in _starts(picture, below, written):
        stack = [_Visit(start)]
        while stack:
            visit = stack.pop()
            node, used = nodes[visit.id], arguments.get(visit.id, [])
            if used and visit.id in written:
                rows.append(_reference(visit, node, "↑"))
            elif used and len(visit.indent) >= 3 * _DEPTH:
                rows.append(_reference(visit, node, "↓"))
                below.append(visit.id)
            else:
                written.add(visit.id)
                rows.append(_row(visit, node, paths.get(node.cluster or "", "")))
                stack.extend(reversed(_visits(used, visit.indent)))
    return rows


def _starts(picture: Picture, below: deque[str], written: set[str]) -> Iterator[str]:
    """The boxes whose tree begins at the margin: the root, what is used by nothing drawn, and what is nested too deep.

    Args:
        below: the boxes nested too deep; grows while it is read.
        written: the boxes that have been written out; grows too.
    """
    sources = {edge.source for edge in picture.edges}
    unused = [node.id for node in reversed(picture.nodes) if node.id not in sources and not node.is_root]
    others = [node.id for node in reversed(picture.nodes)]  # those on a circle of boxes that nothing else uses
    for id in [picture.root.id, *unused, *others]:
        if id not in written:
            yield id
        while below:
            deep = below.popleft()
            if deep not in written:
                yield deep


def _visits(arguments: list[PictureEdge], indent: str) -> list[_Visit]:
    visits = [_Visit(edge.source, edge, f"{indent}├─ ", f"{indent}│  ") for edge in arguments[:-1]]
    return visits + [_Visit(edge.source, edge, f"{indent}└─ ", f"{indent}   ") for edge in arguments[-1:]]


def _reference(visit: _Visit, node: PictureNode, arrow: str) -> _Row:
    """A box that is written out elsewhere: above, or below at the margin."""
    return _along(_Row(f"{visit.branch}{words.marked(node.name, node.mark)} {arrow}"), visit.edge)


def _row(visit: _Visit, node: PictureNode, scope: str) -> _Row:
    name = f"{visit.branch}{words.marked(words.title(node), node.mark)}"
    row = _Row(name, "; ".join(node.value), words.gradient(node), scope=scope, note=node.note)
    return _along(row, visit.edge)


def _along(row: _Row, edge: PictureEdge | None) -> _Row:
    """The row with what is written of the arrow that leads to it."""
    if edge is None:
        return row
    local = words.marked(words.local(edge), edge.mark)
    return row._replace(local=local, handed=words.handed(edge), contribution=edge.contribution)


def scope_paths(picture: Picture) -> dict[str, str]:
    """The names of the frames around the boxes, from the outside in, by the innermost frame's id: `model/conv1`."""
    paths: dict[str, str] = {}
    for cluster in picture.clusters:  # a parent comes before its children
        paths[cluster.id] = f"{paths[cluster.parent]}/{cluster.name}" if cluster.parent else cluster.name
    return {id: shorten(path, _PATH_LENGTH) for id, path in paths.items()}
