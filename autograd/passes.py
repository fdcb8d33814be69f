"""The two walks of the transforms: gradients backwards and tangents forwards, through a graph to chosen variables.

Unlike `node.backward` they leave no gradient on the nodes. They compute with numbers; where an outer derivative passes
through, they compute with nodes, and so record the graph of the derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.mutation import check_unchanged
from autograd.node import Node, is_recording, topological_order
from autograd.primitives.structural import cast
from autograd.progress import Progress
from autograd.recording import modes, refuse_while_observing
from autograd.rule import array_arithmetic
from autograd.tensor import Tensor, constant
from autograd.value import Value


def _between(root: Any, variables: Sequence[Any]) -> list[Any]:
    """The nodes that the root's gradient passes through on its way to the variables, the root first."""
    if not root.requires_grad or not variables:
        return []
    oldest = min(variable._id for variable in variables)
    ends = {variable._id for variable in variables}
    order = [node for node in topological_order(root) if node._id >= oldest]
    if order:
        check_unchanged(order)
    return [node for node in order if node.rule is not None and node._id not in ends]


def _must_record(order: Sequence[Any], variables: Sequence[Any], seeds: Sequence[Any]) -> bool:
    """True where an outer derivative passes through: through a variable, a node from outside, or a seed."""
    if not is_recording():
        return False
    known = {node._id for node in order} | {variable._id for variable in variables}
    outside = any(p.requires_grad and p._id not in known for node in order for p in node.parents)
    return (
        outside
        or any(isinstance(x, Node) and (x.rule is not None or x.requires_grad) for x in seeds)
        or any(variable.rule is not None for variable in variables)
    )


@array_arithmetic
def pull_back(root: Any, gradient: Any, variables: Sequence[Any]) -> list[Any]:
    """d(root)/d(variable) for each variable, as numbers, or as nodes where an outer derivative needs them."""
    refuse_while_observing("differentiates")
    order = _between(root, variables)
    recording = _must_record(order, variables, [gradient])
    gradients: dict[int, Any] = {root._id: _seed(root, gradient, recording)}
    with _telling(root, order):
        for node in order:
            upstream = gradients.pop(node._id, None)
            if upstream is not None:
                _hand_on(node, upstream, gradients, recording)
    return [gradients.get(variable._id, _zero(variable)) for variable in variables]


def _telling(root: Any, order: list[Any]) -> AbstractContextManager[Any]:
    """Says what is done, where it may take long."""
    return Progress("differentiating") if root._may_take_long(order) else nullcontext()


def _hand_on(node: Any, upstream: Any, gradients: dict[int, Any], recording: bool) -> None:
    """Add what a node contributes to its parents' gradients."""
    received = _recorded_contributions(node, upstream) if recording else node._contributions(upstream)
    if modes.watch is not None:
        modes.watch.contributions(node, upstream, received)
    for parent, contribution in zip(node.parents, received, strict=True):
        if contribution is not None and parent.requires_grad:
            contribution = _conformed(contribution, parent)
            earlier = gradients.get(parent._id)
            gradients[parent._id] = contribution if earlier is None else earlier + contribution


@array_arithmetic
def push_forward(root: Any, variables: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The root's tangent, from the variables' tangents."""
    refuse_while_observing("differentiates")
    order = _between(root, variables)
    recording = _must_record(order, variables, tangents)
    known: dict[int, Any] = {
        variable._id: _seed(variable, tangent, recording) for variable, tangent in zip(variables, tangents, strict=True)
    }
    with _telling(root, order):
        for node in reversed(order):
            own = [known.get(parent._id) for parent in node.parents]
            if all(tangent is None for tangent in own):
                continue
            tangent = node.rule.jvp(own, node, node.parents, node.params) if recording else node._tangent(own)
            known[node._id] = _conformed(tangent, node)
    return known.get(root._id, _zero(root))


def _zero(node: Any) -> Any:
    return 0.0 if isinstance(node, Value) else np.zeros_like(node._data)


def _recorded_contributions(node: Any, upstream: Any) -> list[Any]:
    needed = [parent.requires_grad for parent in node.parents]
    contributions = node.rule.contributions(upstream, node, node.parents, needed, node.params)
    if isinstance(node, Value) and upstream._data == 0.0:  # what received nothing hands on nothing
        contributions = [0.0 * upstream if c is not None and c._data != c._data else c for c in contributions]
    return contributions  # type: ignore[no-any-return]


def _seed(node: Any, gradient: Any, recording: bool) -> Any:
    if isinstance(gradient, Node):
        if np.shape(gradient._data) != np.shape(node._data):
            raise ShapeError(
                f"a gradient of shape {np.shape(gradient._data)} was given for {node.describe()}, of shape "
                f"{np.shape(node._data)}"
            )
        return gradient if recording else gradient._data
    numbers = node._seed(gradient)
    if not recording:
        return numbers
    return Value(numbers, requires_grad=False) if isinstance(node, Value) else constant(numbers)


def _conformed(derivative: Any, node: Any) -> Any:
    """A derivative with the shape and dtype of the node it belongs to."""
    if isinstance(node, Value):
        return derivative
    if not isinstance(derivative, Tensor):
        derivative = np.asarray(derivative)
    if derivative.shape != node.shape:
        raise ShapeError(
            f"a derivative of shape {derivative.shape} reached {node.describe()} of shape {node.shape}; the rule "
            f"of the operation that made or uses it is wrong"
        )
    if derivative.dtype == node.dtype:
        return derivative
    return cast(derivative, dtype=node.dtype) if isinstance(derivative, Tensor) else derivative.astype(node.dtype)


def stays_differentiable(root: Any, variables: Sequence[Any]) -> bool:
    """True where an outer derivative goes through the root, so that its graph must stay."""
    return _must_record(_between(root, variables), variables, [])
