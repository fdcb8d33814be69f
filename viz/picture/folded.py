"""The boxes that stand for several nodes: a scope, equal parts of a graph, a long sum, what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.numbers import number_text
from autograd.safe_text import NAME_LENGTH, clean, short_name, shorten, subscript
from autograd.variables import as_indices
from viz.picture import wording
from viz.picture.boxes import Knowledge, gradient_text
from viz.picture.model import PictureNode
from viz.picture.names import Names
from viz.picture.parts import Part, part_of_nodes
from viz.picture.patterns import common_name, tail
from viz.picture.spread import gradient_of, value_lines
from viz.picture.zero import is_dead

_PATH_LENGTH = 120
_SHOWN = 3  # terms of a sum, or names of members, that are written out


class BoxNames:
    """What the boxes of a picture are called, and in a formula the nodes: by their boxes.

    Attributes:
        place_of: the place of each node's part among the parts, by node id.
    """

    def __init__(self, parts: Sequence[Part], called: Names) -> None:
        self._called = called
        self.place_of = part_of_nodes(parts)
        self._names: list[str] = []
        unnamed = 0
        for part in parts:
            name = _common(part, called)
            if not name:
                unnamed += 1
                name = f"V{subscript(unnamed)}"
            self._names.append(name)

    def of(self, place: int) -> str:
        """The name of the part at a place among the parts."""
        return self._names[place]

    def __getitem__(self, node: Node) -> str:
        place = self.place_of.get(node.id)
        return self._called[node] if place is None else tail(self._names[place])

    def is_number(self, node: Node) -> bool:
        """True for a constant whose box goes by a number."""
        return self._called.is_number(node) and self[node] == self._called[node]


def _common(part: Part, called: Names) -> str:
    """What the results of a part are called together; empty where they have no names in common."""
    results = part.results
    if len(results) == 1:
        return called[results[0]]
    if all(called.is_number(node) for node in results):
        names = {called[node] for node in results}
        return names.pop() if len(names) == 1 else ""
    if not all(called.is_named(node) for node in results):
        return ""
    full = [as_indices(called.full(node)) for node in results]
    listed = ", ".join(full) if len(full) <= _SHOWN else ""
    name = common_name(full) or (listed if len(listed) <= NAME_LENGTH else "")
    return short_name(name) if name else ""


def folded_box(
    id: str, place: int, part: Part, root: Node, cluster: str | None, known: Knowledge, names: BoxNames
) -> PictureNode:
    """The box of a part of more than one node.

    Args:
        place: of the part among the parts.
    """
    is_root = part.results[-1] is root
    count = len(part.members)
    if part.kind == "more":
        return PictureNode(id, "more", is_root, f"… {wording.counted(count, 'more node')}", count=count)
    results = part.results
    several = part.times > 1
    gradient, no_gradient = gradient_of(results) if several else (gradient_text(results[0]), is_dead(results[0]))
    name = names.of(place)
    is_number = several and known.called.is_number(results[0]) and name == known.called[results[0]]
    formula, note = _formula(part, known.called, names)
    return PictureNode(
        id,
        part.kind if part.kind != "node" else "value",
        is_root,
        name=name,
        op=_operation(part),
        formula=formula,
        value=() if is_number else value_lines(results) if several else wording.value_lines(results[0]),
        gradient=gradient,
        terms=tuple(number_text(term) for term in known.terms.get(results[0].id, ())),
        cluster=cluster,
        details=_details(part, name, known.called),
        count=count,
        times=part.times,
        mark="dead" if no_gradient else "",
        note="; ".join(filter(None, (known.notes.get(results[0].id), note))),
    )


def _operation(part: Part) -> str:
    if part.scope is not None:
        return _scope_name(part)
    return "Σ" if part.kind == "sum" else clean(part.results[0].op)


def _scope_name(part: Part) -> str:
    assert part.scope is not None
    depth = len(part.scope.chain) - 1
    names = dict.fromkeys(as_indices(node.scopes[depth].name) for node in part.results)
    return short_name(common_name(names) if len(names) > 1 else part.scope.name)


def _formula(part: Part, called: Names, names: BoxNames) -> tuple[str, str]:
    """How the box was made, and the line below it."""
    if part.kind == "group":
        count = wording.counted(len(part.members) // part.times, "node")
        return f"{_operation(part)} ({count}{' each' if part.times > 1 else ''})", ""
    if part.kind == "sum":
        terms = f" of {len(part.terms):,} terms" if part.terms else ""
        return f"Σ{terms}", _terms(part, called) if part.times == 1 else _sources(part, names)
    node = part.results[0]
    if node.is_leaf:
        return "", ""
    place_of = names.place_of
    sources = {tuple([place_of.get(parent.id) for parent in each.parents]) for each in part.members}
    return wording.formula(node, names) if len(sources) == 1 else clean(node.op) or "by hand", ""


def _terms(part: Part, called: Names) -> str:
    """The largest terms of a sum, all of which have the sum's gradient: `0.31 + 0.28 − 0.2 + 97 more`."""
    sizes = np.array([abs(term.data) if not np.ndim(term.data) else _largest(term.data) for term in part.terms])
    order = np.argsort(-np.where(np.isnan(sizes), np.inf, sizes), kind="stable")
    largest = [part.terms[place] for place in order[: _SHOWN + (len(order) == _SHOWN + 1)]]
    text = ""
    for term in largest:
        written = called[term] if np.ndim(term.data) else number_text(term.data)
        sign = "−" if written.startswith("−") else "+"
        text += f" {sign} {written.removeprefix('−')}" if text else written
    more = len(order) - len(largest)
    return f"{text} + {more:,} more" if more else text


def _largest(array: Any) -> float:
    return float(np.max(np.abs(array), initial=0.0))


def _sources(part: Part, names: BoxNames) -> str:
    """Which boxes the terms of several sums come from: `each adds 16 of V₁ and b`."""
    if part.alike:
        terms = [parent for node in part.members for parent in node.parents]
        inside = {names.place_of[node.id] for node in part.members}
        drawn = (term for term in terms if names.place_of.get(term.id) not in inside)
        return f"terms: {_listed([name for name, _ in Counter(names[term] for term in drawn).most_common()])}"
    counts = Counter(names[term] for term in part.terms).most_common()
    return f"each adds {_listed([name if count == 1 else f'{count:,} of {name}' for name, count in counts])}"


def _listed(names: list[str]) -> str:
    shown, more = names[:_SHOWN], len(names) - _SHOWN
    if more > 0:
        return f"{', '.join(shown)} and {more:,} more"
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _details(part: Part, name: str, called: Names) -> tuple[str, ...]:
    """What the box stands for, whose names it hides, and in which scope."""
    count = wording.counted(len(part.members), "node")
    if part.scope is not None:
        path = clean(shorten(part.scope.path, _PATH_LENGTH))
        if part.times == 1:
            return (f"{clean(called.full(part.results[0]))}: {count} of scope {path}",)
        return f"{name}: {count} of {part.times:,} equal scopes", f"the first is {path}"
    node = part.results[0]
    operation = clean(node.op) or ("leaf" if node.requires_grad else "constant")
    if part.kind == "sum":
        length = f" of {len(part.terms):,} terms" if part.terms else ""
        what = f"sum{length}" if part.times == 1 else f"{part.times:,} sums{length}, {count}"
    else:
        what = f"{part.times:,} {'similar' if part.alike else 'equal'} nodes, {operation}"
    shown = ", ".join(called[each] for each in part.results[:_SHOWN])
    more = len(part.results) - _SHOWN
    lines = [f"{name}: {what}", f"{shown} and {more:,} more" if more > 0 else shown]
    if node.scope:
        lines.append(f"scope {clean(shorten(node.scope, _PATH_LENGTH))}")
    return tuple(lines if part.times > 1 else [lines[0], *lines[2:]])
