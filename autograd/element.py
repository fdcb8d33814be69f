"""One element of a tensor as something to ask about: what `w[0, 0, 1, 1]` stands for."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError
from autograd.node import Node, graph_nodes
from autograd.primitives.structural import getitem

__all__ = ["Element", "as_element", "element_place", "index_text"]

Index = tuple[int, ...]


class Element(NamedTuple):
    """A node, or one element of it.

    Attributes:
        node: a Value or Tensor.
        index: where the element lies, one integer for each axis; None where the whole of a tensor of several elements
            is meant.
    """

    node: Node
    index: Index | None  # type: ignore[assignment] # tuple's method of that name is not missed


def as_element(node: Node, root: Node | None = None) -> Element:
    """What a node stands for in a question about the graph of `root`.

    A tensor made by indexing, as `w[0, 0, 1, 1]`, that is no part of the graph stands for that element of w. Any other
    node stands for itself.

    Args:
        node: a Value or Tensor.
        root: the graph's result; without it the graph is taken to hold no tensor made by indexing.

    Raises:
        TypeError: `node` is no Value or Tensor.

    Example:
        >>> from autograd import Tensor
        >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        >>> element = as_element(w[1, 0])
        >>> element.node is w, element.index
        (True, (1, 0))
        >>> as_element(w).index is None
        True
    """
    if not isinstance(node, Node):
        raise TypeError(f"as_element: takes a Value or a Tensor, not {type(node).__name__}")
    if node.rule is not getitem or np.size(node.data) != 1:
        return _itself(node)
    inside = set() if root is None else {each.id for each in graph_nodes(root)}
    taken: list[Node] = []
    whole = node
    while whole.rule is getitem and whole.id not in inside:
        taken.append(whole)
        whole = whole.parents[0]
    shape = np.shape(whole.data)
    places: Any = np.arange(np.size(whole.data)).reshape(shape)
    for part in reversed(taken):
        places = places[part.params["index"]]
    (place,) = np.ravel(places)
    return Element(whole, tuple(map(int, np.unravel_index(place, shape))) if shape else ())


def _itself(node: Node) -> Element:
    shape = np.shape(node.data)
    return Element(node, (0,) * len(shape) if np.size(node.data) == 1 else None)


def element_place(node: Node, index: Any, name: str) -> int:
    """Where the element at an index lies in row-major order.

    Args:
        index: an integer for each axis, counted from the end where negative; one integer will do for one axis.
        name: of the function that was given the index, for its message.

    Raises:
        GraphError: the index names no element.
    """
    shape = np.shape(node.data)
    try:
        parts = tuple(map(operator.index, index if isinstance(index, Iterable) else (index,)))
        inside = all(-length <= part < length for part, length in zip(parts, shape, strict=True))
    except (TypeError, ValueError):
        inside = False
    if not inside:
        raise GraphError(
            f"{name}: {node.describe()} of shape {shape} has no element {index!r}; give one integer for each axis"
        )
    place = 0
    for part, length in zip(parts, shape, strict=True):
        place = place * length + part % length
    return place


def index_text(name: str, index: Index) -> str:
    """The name of an element.

    Example:
        >>> index_text("x", (0, 0, 2, 1)), index_text("loss", ())
        ('x[0,0,2,1]', 'loss')
    """
    return f"{name}[{','.join(map(str, index))}]" if index else name
