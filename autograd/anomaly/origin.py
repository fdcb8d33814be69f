"""`nonfinite_origin`: after the fact, where the first NaN or infinity of a graph came from."""

from __future__ import annotations

import html
from typing import Any, NamedTuple

import numpy as np

from autograd.anomaly.faults import EdgeFault, ValueFault, edge_fault, is_finite, leaf_fault, value_fault
from autograd.backward_pass import graph_nodes, topological_order
from autograd.micrograd import Handmade
from autograd.node import Node
from autograd.progress import with_progress
from autograd.rule import array_arithmetic
from autograd.steps.names import Names

__all__ = ["NonfiniteOrigin", "nonfinite_origin"]


class NonfiniteOrigin(NamedTuple):
    """Where the numbers of a graph stop being finite; printed, it says what happened, on which line, and what helps.

    Attributes:
        node: the first node whose value is not finite though its arguments' are; None where every value is.
        value: what is wrong with it.
        edge: the first edge of the backward pass that hands on what is not finite, though the value and the upstream
            gradient are; None where there is none.
        names: what nodes are called.
    """

    node: Any
    value: ValueFault | None
    edge: EdgeFault | None
    names: Names

    def __str__(self) -> str:
        called = self.names.__getitem__
        parts = []
        if self.value is not None:
            what = "the first value that is not finite is of"
            parts.append(f"{what} {called(self.node)}\n{self.value.text(called, called(self.node))}")
        if self.edge is not None:
            parts.append(f"the first derivative that is not finite\n{self.edge.text(called)}")
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"<NonfiniteOrigin: {self}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


@with_progress
def nonfinite_origin(root: Node, gradient: Any = None) -> NonfiniteOrigin | None:
    """Where the first NaN or infinity of a graph came from; None where all values and derivatives are finite.

    Nothing is changed: the backward pass that looks at the derivatives leaves no gradient on the nodes. Hooks are not
    run, and what a `_backward` written by hand hands on is not looked at. A local derivative that is infinite where
    nothing was received, as beside a closed `where`, hands on 0 and is no origin.

    Args:
        root: a Value or Tensor, as the loss that came out as NaN.
        gradient: the upstream gradient of the root; 1 for each of its elements by default.

    Raises:
        TypeError: `root` is no node.
        ShapeError: `gradient` does not have the root's shape.

    Example:
        >>> from autograd import Value, nonfinite_origin
        >>> x, y = Value(0.0, "x"), Value(2.0, "y")
        >>> print(nonfinite_origin((x / y).log() + y))
        the first value that is not finite is of v₂
        log: the result is not finite: log(0) = −∞
          argument v₁: 0
          (inside detect_anomaly() or record_source() the line would be known)
          remedy: the log of 0 is −∞: keep the argument above 0, as in log(x + 1e-12) or log(clip(x, 1e-12, None))
        >>> nonfinite_origin(x + y) is None
        True
    """
    node, value = _first_value(root)
    edge = _first_edge(root, gradient) if root.requires_grad else None
    return NonfiniteOrigin(node, value, edge, Names(root)) if value is not None or edge is not None else None


def _first_value(root: Any) -> tuple[Any, ValueFault | None]:
    nodes = graph_nodes(root)
    for node in nodes:
        if node.rule is not None and not is_finite(node._data):
            fault = value_fault(node.rule, node.parents, node.params, node._data, node.source, passed_on=False)
            if fault is not None:
                return node, fault
    leaf = None if is_finite(root._data) else _leaf_behind(root)
    return leaf, None if leaf is None else leaf_fault(leaf)


def _leaf_behind(root: Any) -> Any:
    """The oldest leaf from which the root's NaN, or else its infinity, has come."""
    wrong = np.isnan if np.isnan(root._data).any() else np.isinf
    seen, waiting = {root}, [root]
    leaves = []
    while waiting:
        node = waiting.pop()
        if node.rule is None:
            leaves.append(node)
        for parent in node.parents:
            if parent not in seen and wrong(parent._data).any():
                seen.add(parent)
                waiting.append(parent)
    return min(leaves, key=lambda leaf: int(leaf.id), default=None)


@array_arithmetic
def _first_edge(root: Any, gradient: Any) -> EdgeFault | None:
    ones = np.ones_like(root._data) if gradient is None else gradient
    gradients: dict[int, Any] = {root._id: root._as_gradient(ones)}
    for node in topological_order(root):
        upstream = gradients.pop(node._id, None)
        if upstream is None or node.rule is None or _is_by_hand(node):
            continue
        for argument, contribution in enumerate(node._contributions(upstream)):
            parent = node.parents[argument]
            if contribution is None or not parent.requires_grad:
                continue
            fault = edge_fault(node, argument, upstream, contribution)
            if fault is not None and _is_from_finite_values(fault):
                return fault
            earlier = gradients.get(parent._id)
            gradients[parent._id] = contribution if earlier is None else earlier + contribution
    return None


def _is_by_hand(node: Any) -> bool:
    notes = node._notes
    return isinstance(node.rule, Handmade) or (notes is not None and notes.handmade is not None)


def _is_from_finite_values(fault: EdgeFault) -> bool:
    node = fault.node
    if fault.local is None:
        return all(is_finite(each._data) for each in (node, *node.parents))
    shape = np.shape(node._data)
    return all(bool(np.isfinite(np.broadcast_to(each._data, shape)[fault.into])) for each in (node, *node.parents))
