"""The part of a scalar graph that lies between a leaf and the root, as nodes with weighted arrows."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd.errors import GraphError
from autograd.micrograd import Handmade
from autograd.mutation import check_unchanged
from autograd.node import topological_order
from autograd.paths.routes import Arrow
from autograd.value import Value

__all__ = ["Between", "between", "local_derivatives", "nodes_between"]


class Between(NamedTuple):
    """The nodes on ways from a leaf to the root, and the edges by which the gradient comes down to the leaf.

    Attributes:
        nodes: the root first, the leaf last; each before its parents.
        arrows: of each node those to its parents, weighted by the local derivative.
        arguments: for each arrow, the place of that parent among the node's arguments.
    """

    nodes: list[Value]
    arrows: list[list[Arrow]]
    arguments: list[list[int]]


def between(root: Value, leaf: Value) -> Between:
    """What lies between two Values of one graph; of the leaf alone where it is the root.

    Raises:
        MutationError: data was changed after the graph had used it.
        GraphError: a node on the way was made by hand, so that its local derivatives are not known.
    """
    nodes = nodes_between(root, leaf)
    place = {node: at for at, node in enumerate(nodes)}
    arrows: list[list[Arrow]] = []
    arguments: list[list[int]] = []
    for node in nodes:
        kept = [] if node is leaf else [i for i, x in enumerate(node.parents) if x in place]
        locals = local_derivatives(node) if kept else []
        arrows.append([Arrow(place[node.parents[argument]], locals[argument]) for argument in kept])
        arguments.append(kept)
    return Between(nodes, arrows, arguments)


def nodes_between(root: Any, leaf: Any) -> list[Any]:
    """The nodes by which the root's gradient comes down to the leaf, both included: the root first.

    Raises:
        MutationError: data was changed after the graph had used it.
    """
    order: list[Any] = [node for node in topological_order(root) if node.id >= leaf.id]
    check_unchanged(order)
    leads = {leaf}
    for node in reversed(order):
        if node is not leaf and any(parent.requires_grad and parent in leads for parent in node.parents):
            leads.add(node)
    return [node for node in order if node in leads]


def local_derivatives(node: Any) -> list[float]:
    """The local derivative of a Value by each of its arguments; False for a closed gate.

    Raises:
        GraphError: the node's `_backward` is written by hand.
    """
    if isinstance(node.rule, Handmade) or (node._notes is not None and node._notes.handmade is not None):
        raise GraphError(
            f"paths: {node.describe()} hands its gradient on by a `_backward` written by hand, whose local derivatives "
            f"are not known; declare the operation with autograd.Elementwise"
        )
    weights: list[float] = node.rule.scalar_weights(node._data, [parent._data for parent in node.parents], node.params)
    return weights
