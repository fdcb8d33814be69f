"""Where a wrong derivative comes from: the recorded graph, node by node, each at the numbers that it had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.node import graph_nodes
from autograd.recording import Source, record_source
from autograd.rule import array_arithmetic
from autograd.rules import Elementwise
from autograd.testing.basis import Evidence
from autograd.testing.findings import FAULT, REMARK, Finding
from autograd.testing.point import point_check
from autograd.testing.structure import Leaf
from autograd.testing.subject import Linearised, Subject
from autograd.value import Value

Array = Any

_MOST_NODES = 20_000


class Place(NamedTuple):
    """A node that is to blame.

    Attributes:
        node: the node, of the graph that the report keeps as `root`.
        operation: the name of its primitive; "detach" for a constant that was computed from the input.
        argument: which of its arguments gets a wrong gradient, where that is known.
        source: the user's line that made it; None where nobody knows.
        finding: what is wrong with it.
    """

    node: Any
    operation: str
    source: Source | None
    finding: Finding

    def __str__(self) -> str:
        line = "" if self.source is None else f', made by "{self.source.text}" ({self.source.place})'
        return f"the operation {self.operation!r}{line}"


class NodeSubject(Subject):
    """One recorded operation as a function of its arguments, at the numbers that it had."""

    alias_level = REMARK
    shares_level = REMARK

    def __init__(self, node: Any) -> None:
        self.name = node.rule.name
        self._node = node
        self._rule = node.rule
        self._params = node.params
        self._scalar = isinstance(node, Value)
        self._inputs = [parent._data for parent in node.parents]
        self._needed = [parent.requires_grad for parent in node.parents]
        named = [parent.name or f"argument {place}" for place, parent in enumerate(node.parents)]
        self.place_leaves(
            [Leaf(named[k], np.asarray(data), "") for k, data in enumerate(self._inputs) if self._needed[k]], []
        )

    def _filled(self, arrays: Sequence[Array]) -> list[Any]:
        moved = iter(float(array) for array in arrays) if self._scalar else iter(arrays)
        return [next(moved) if need else data for need, data in zip(self._needed, self._inputs, strict=True)]

    def forward(self, arrays: list[Array]) -> list[Array]:
        return [np.asarray(applied(self._node, self._filled(arrays)))]

    def linearise(self, arrays: list[Array]) -> Linearised:
        inputs = self._filled(arrays)
        out = applied(self._node, inputs)
        held = out if self._scalar else np.asarray(out)

        @array_arithmetic
        def pull(upstream: list[Array]) -> list[Array | None]:
            gradient = float(upstream[0]) if self._scalar else upstream[0]
            found = self._rule.contributions(gradient, held, inputs, self._needed, self._params)
            kept = [each for each, need in zip(found, self._needed, strict=True) if need]
            return [None if each is None else _in_form(each, array) for each, array in zip(kept, arrays, strict=True)]

        @array_arithmetic
        def push(tangents: list[Array]) -> list[Array]:
            given = iter(float(t) if self._scalar else t for t in tangents)
            full = [next(given) if need else None for need in self._needed]
            return [np.asarray(self._rule.jvp(full, held, inputs, self._params))]

        return Linearised([np.asarray(held)], pull, push)


def applied(node: Any, inputs: Sequence[Any]) -> Any:
    """A node's operation on other numbers."""
    rule = node.rule
    if isinstance(node, Value) and isinstance(rule, Elementwise):
        return rule.on_floats(*inputs, **node.params)
    function = getattr(rule, "scalar", None) if isinstance(node, Value) else None
    return (function or rule.forward)(*inputs, **node.params)


def _in_form(contribution: Any, array: Array) -> Array:
    """A contribution as the pass takes it: an array, of the argument's dtype."""
    return np.asarray(contribution).astype(array.dtype, copy=False)


def operations(roots: Sequence[Any]) -> list[Any]:
    """The recorded operations behind some outputs that a gradient passes through, oldest first."""
    nodes = {node.id: node for root in roots if hasattr(root, "parents") for node in graph_nodes(root)}
    return [nodes[place] for place in sorted(nodes) if nodes[place].rule is not None and nodes[place].requires_grad]


def node_check(node: Any, *, thorough: bool = True, seed: int = 0) -> Evidence:
    """The check of one operation; an operation that cannot be run again says nothing.

    Args:
        thorough: False looks along one direction alone, and at nothing else.
    """
    subject = NodeSubject(node)
    try:
        return point_check(
            subject, np.random.default_rng(seed), directions=2 if thorough else 1, single=True, thorough=thorough
        )
    except NotImplementedError:
        return Evidence()


def checked_nodes(roots: Sequence[Any]) -> list[tuple[Any, Evidence]]:
    """Every operation behind some outputs with what its own check found: a thorough one, unless a brief one tells."""
    nodes = operations(roots)[:_MOST_NODES]
    checked = [(node, node_check(node, thorough=False)) for node in nodes]
    if any(evidence.faulty for _, evidence in checked):
        return checked
    return [(node, node_check(node)) for node in nodes]


class Examined(NamedTuple):
    """A recorded graph, looked at operation by operation.

    Attributes:
        places: what is to blame.
        roots: the outputs of the graph.
        kinked: whether an operation stands on its kink.
    """

    places: list[Place]
    roots: Sequence[Any]
    kinked: bool


def examine(
    linearise: Callable[[], Linearised], again: Callable[[], Linearised], upstream: list[Array] | None
) -> Examined:
    """Look at the graph of a function whose gradient is wrong as a whole.

    Args:
        linearise: records the function at its point.
        again: records it at a point nearby.
        upstream: the upstream gradient for which it is wrong, one array for each output; None if none is known.
    """
    with record_source():
        linearised = linearise()
    checked = checked_nodes(linearised.roots)
    places = [
        Place(node, node.rule.name, node.source, next(f for f in evidence.findings if f.level == FAULT))
        for node, evidence in checked
        if evidence.faulty
    ]
    if not places:
        places = _detached(linearised, again)
    if not places and upstream is not None:
        places = _added_up_wrongly(linearised, upstream)
    return Examined(places, linearised.roots, any(evidence.kinked for _, evidence in checked))


@array_arithmetic
def _added_up_wrongly(linearised: Linearised, upstream: list[Array]) -> list[Place]:
    """Nodes whose gradient is not the sum of what each use of them hands back: the pass itself is wrong."""
    found = linearised.pull(upstream)
    seeds = {root.id: each for root, each in zip(linearised.roots, upstream, strict=True) if hasattr(root, "parents")}
    if len(seeds) < len(linearised.roots):
        return []
    sums: dict[int, Any] = dict(seeds)
    for node in reversed(operations(linearised.roots)):
        if node.id not in sums:
            continue
        gradient = (
            float(sums[node.id]) if isinstance(node, Value) else np.asarray(sums[node.id], dtype=node._data.dtype)
        )
        for parent, part in zip(node.parents, node._contributions(gradient), strict=True):
            if part is not None and parent.requires_grad:
                sums[parent.id] = part + sums[parent.id] if parent.id in sums else part
    finding = Finding(FAULT, "added up", "its gradient is not the sum of what each of its uses hands back")
    return [
        Place(variable, "the backward pass", variable.source, finding)
        for variable, gradient in zip(linearised.variables, found, strict=True)
        if not _close(gradient, sums.get(variable.id))
    ]


def _close(found: Any, expected: Any) -> bool:
    one, other = (0.0 if each is None else np.asarray(each, dtype=np.float64) for each in (found, expected))
    return bool((np.abs(one - other) <= 1e-5 * np.max(np.abs(other), initial=0.0) + 1e-300).all())


def _detached(linearised: Linearised, again: Callable[[], Linearised]) -> list[Place]:
    """Constants whose numbers follow the input: what was computed from it outside of the graph."""
    moved = again()
    first, second = (_every_node(each.roots) for each in (linearised, moved))
    if [node.op for node in first] != [node.op for node in second] or _tells_it_all(linearised, moved, first):
        return []
    variables = {variable.id for variable in linearised.variables}
    message = (
        "a constant of the graph was computed from the input, so that no gradient passes it; compute it from nodes, "
        "without detach(), .data or float()"
    )
    return [
        Place(node, "detach", node.source, Finding(FAULT, "detached", message))
        for node, other in zip(first, second, strict=True)
        if node.rule is None
        and node.id not in variables
        and not node.requires_grad
        and not np.array_equal(node._data, other._data, equal_nan=True)
    ]


def _tells_it_all(linearised: Linearised, moved: Linearised, nodes: list[Any]) -> bool:
    """Whether the graph, run again on the moved input with its constants as they are, gives the moved outputs."""
    known = {old.id: new._data for old, new in zip(linearised.variables, moved.variables, strict=True)}
    for node in nodes:
        if node.rule is not None:
            known[node.id] = applied(node, [known.get(parent.id, parent._data) for parent in node.parents])
    for root, before, after in zip(linearised.roots, linearised.outputs, moved.outputs, strict=True):
        found = np.asarray(known.get(root.id, before) if hasattr(root, "parents") else before)
        apart, change = np.abs(found - after), np.abs(after - before)
        if not (apart <= 1e-3 * change.max(initial=0.0) + 1e-12 * np.abs(before).max(initial=0.0)).all():
            return False
    return True


def _every_node(roots: Sequence[Any]) -> list[Any]:
    nodes = {node.id: node for root in roots if hasattr(root, "parents") for node in graph_nodes(root)}
    return [nodes[place] for place in sorted(nodes)]
