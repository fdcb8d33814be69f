"""Which derivative is meant: that of one Value by another, in a graph of Values, whatever it was asked of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.element import as_element, index_text
from autograd.errors import GraphError
from autograd.node import Node, graph_nodes
from autograd.scalarize import MAX_NODES, scalar_twin
from autograd.steps.names import Names
from autograd.value import Value

__all__ = ["Question", "check_gradient", "check_pair", "check_single", "scalar_question"]

_ROUNDING = 64  # in units of the last place of the terms: of sums in another order


class Question(NamedTuple):
    """The derivative of the Value `root` by the Value `leaf`.

    Attributes:
        leaf: None where nothing leads from it to the root.
        leaf_name: what the leaf is called.
        gradient: what is stored as the leaf's gradient; None where nothing is.
        rounding: how far that may lie from the sum of terms, relative to their size; 0 where it is the same sum.
        names: what the graph's nodes are called.
        twin: where the elements of tensors are in the graph; None of a graph that was of Values.
    """

    root: Value
    leaf: Value | None
    leaf_name: str
    gradient: float | None
    rounding: float
    names: Names
    twin: Any


def scalar_question(
    name: str, root: Node, leaf: Node, names: Mapping[int, str] | None = None, max_nodes: int = MAX_NODES
) -> Question:
    """What is asked by `root` and `leaf`, of which the one may be a tensor of one element, the other such an element.

    Args:
        name: of the function that asks, for its messages.

    Raises:
        GraphError: the root requires no gradient or is not one number, the leaf is a constant or not one number, or the
            graph between them has more than `max_nodes` nodes.
        TypeError: an argument is no Value or Tensor, or one is a Value and the other a Tensor.
    """
    check_pair(name, root, leaf)
    if isinstance(root, Value) and isinstance(leaf, Value):
        return _of_values(name, root, leaf, names)
    return _of_tensors(name, root, leaf, names or {}, max_nodes)


def _of_values(name: str, root: Value, leaf: Value, given: Mapping[int, str] | None) -> Question:
    check_gradient(name, leaf)
    names = Names(root, given)
    inside = any(node is leaf for node in graph_nodes(root))
    gradient = float(leaf.grad) if leaf.has_grad else None
    return Question(
        root,
        leaf if inside else None,
        names[leaf] if inside else leaf.name or leaf.describe(),
        gradient,
        0.0,
        names,
        None,
    )


def _of_tensors(name: str, root: Any, leaf: Any, given: Mapping[int, str], max_nodes: int) -> Question:
    check_single(name, root)
    node, index = as_element(leaf, root)
    check_gradient(name, node)
    if index is None:
        places = ", ".join("0" * np.ndim(node.data))
        raise GraphError(
            f"{name}: {node.describe()} has {np.size(node.data)} elements; choose one of them, as w[{places}]"
        )
    twin = scalar_twin(root, (0,) * root.ndim, of=leaf, names=given, max_nodes=max_nodes)
    value = twin.elements(node)[index]
    names = Names(twin.root)
    stored = node.grad
    return Question(
        twin.root,
        value,
        index_text(given.get(node.id) or node.name or node.describe(), index) if value is None else names[value],
        None if stored is None else float(stored[index]),
        _ROUNDING * float(np.finfo(root.dtype).eps),
        names,
        twin,
    )


# ---- what is refused ----------------------------------------------------------------------------------------------


def check_pair(name: str, root: Node, leaf: Node) -> None:
    """Refuse what are not two nodes of one kind, of which the root requires a gradient."""
    for node in (root, leaf):
        if not isinstance(node, Node):
            raise TypeError(f"{name}: takes a Value or a Tensor, not {type(node).__name__}")
    if not root.requires_grad:
        raise GraphError(f"{name}: {root.describe()} requires no gradient, so that nothing leads to it")
    if isinstance(root, Value) != isinstance(leaf, Value):
        kinds = f"a {type(root).__name__} and the leaf a {type(leaf).__name__}"
        raise TypeError(f"{name}: the root is {kinds}; give both of one graph")


def check_single(name: str, root: Any) -> None:
    """Refuse a tensor of several elements as root."""
    if root.size != 1:
        raise GraphError(
            f"{name}: the root {root.describe()} has shape {root.shape}; the derivative of one number is asked for. "
            f"Reduce it (.sum()), or choose an element: {name}(y[{', '.join('0' * root.ndim)}], ...)"
        )


def check_gradient(name: str, leaf: Node) -> None:
    """Refuse a constant as leaf."""
    if not leaf.requires_grad:
        raise GraphError(
            f"{name}: {leaf.describe()} is a constant: no derivative by it is taken. Make it a leaf with "
            f"{type(leaf).__name__}(..., requires_grad=True)"
        )
