"""A tensor graph as a scalar graph: the same numbers, one `Value` for each, so that single products can be looked at.

A convolution opens into the products and the sum of each output pixel. An operation that only moves numbers, as a
reshape or a slice, makes no node: the element keeps its Value. Padding is one constant, and the products with it are
there to be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.element import as_element, element_place
from autograd.errors import GraphError
from autograd.mutation import check_unchanged
from autograd.node import Node, graph_nodes
from autograd.progress import with_progress
from autograd.recording import refuse_while_observing
from autograd.scalarize.families import viewed_by
from autograd.scalarize.influence import Marks, influenced
from autograd.scalarize.plan import Extent, plan
from autograd.scalarize.twin import ScalarTwin, make_twin
from autograd.value import Value

__all__ = ["ScalarTwin", "scalar_twin", "scalarize"]

MAX_NODES = 20_000


@with_progress
def scalarize(
    node: Node, element: Any = None, *, names: Mapping[int, str] | None = None, max_nodes: int = MAX_NODES
) -> Any:
    """The scalar twin of a tensor graph, or of the part of it that feeds chosen elements.

    Each element that is needed becomes a `Value` with the tensor's own number, made by the same primitives under the
    same kink rules. Gradients are those of the tensors too. Leaves are named after their tensor, as `x[0,0,2,1]`, and
    constants stay constants. Scopes and source lines come along, hooks do not.

    Args:
        node: a Tensor; a Value is its own twin.
        element: the index of one element, an integer for each axis; or a list of such; or None for all of them.
        names: names of tensors by node id; the others go by `node.name`.
        max_nodes: the most nodes that the twin may have.

    Returns:
        one Value for one element, or for a tensor of shape (); an object array of Values for all elements, of the
        tensor's shape, or for a list of them.

    Raises:
        GraphError: the twin would have more nodes, which is told before any is made; the index names no element; or an
            element is made by a function of whole matrices, as `linalg.inv`.
        MutationError: data was changed after the graph had used it.

    Example:
        >>> from autograd import Tensor, scalarize
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
        >>> y = (x @ x).tanh()
        >>> y00 = scalarize(y, (0, 0))
        >>> total, = y00.parents
        >>> [[factor.name for factor in product.parents] for product in total.parents]
        [['x[0,0]', 'x[0,0]'], ['x[0,1]', 'x[1,0]']]
    """
    return scalar_twin(node, element, names=names, max_nodes=max_nodes).root


@with_progress
def scalar_twin(
    node: Node,
    element: Any = None,
    *,
    of: Node | Sequence[Node] | None = None,
    names: Mapping[int, str] | None = None,
    max_nodes: int = MAX_NODES,
) -> ScalarTwin:
    """The twin that `scalarize` returns the root of, which knows the Value of each element; see `scalarize`.

    Args:
        of: nodes of the graph, or elements of them as `w[0, 0, 1, 1]`. The twin then holds only what lies between them
            and the root: they are its leaves, whatever else is needed is a constant, and the terms of a sum that they
            do not change are one.

    Example:
        The gradient of one weight takes fewer nodes than the whole graph has.

        >>> from autograd import Tensor, graph_nodes, scalar_twin
        >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
        >>> y = (w @ Tensor([1.0, 10.0])).tanh().sum()
        >>> len(graph_nodes(scalar_twin(y).root)), len(graph_nodes(scalar_twin(y, of=w[1, 0]).root))
        (15, 8)
    """
    refuse_while_observing("makes a scalar twin")
    if not isinstance(node, Node):
        raise TypeError(f"scalarize: takes a Value or a Tensor, not {type(node).__name__}")
    if isinstance(node, Value):
        if element is not None:
            raise GraphError("scalarize: a Value has no elements; it is its own twin")
        return ScalarTwin(node, {}, {})
    nodes = _with_viewed(graph_nodes(node))
    check_unchanged(nodes[::-1])
    chosen = {} if of is None else _chosen(of, node)
    marks = None if of is None else influenced(nodes, chosen)
    extent = Extent(chosen, marks, max_nodes)
    places = _root_places(node, element)
    return make_twin(plan(nodes, np.ravel(places), extent), places, extent, names or {})


def _with_viewed(nodes: list[Any]) -> list[Any]:
    """A graph with the constants that its constants are views of, which a graph itself does not know."""
    viewed = {id(each): each for each in map(viewed_by, nodes) if each is not None}
    known = set(map(id, nodes))
    return sorted([*nodes, *(each for key, each in viewed.items() if key not in known)], key=lambda each: each.id)


def _root_places(node: Node, element: Any) -> Any:
    """Where the wanted elements lie in row-major order, in the shape in which they are wanted."""
    if element is None:
        places = np.arange(np.size(node._data)).reshape(np.shape(node._data))
        return places if places.ndim else places[()]
    if isinstance(element, list):
        return np.array([element_place(node, each, "scalarize") for each in element], dtype=np.intp)
    return np.intp(element_place(node, element, "scalarize"))


def _chosen(of: Node | Sequence[Node], root: Node) -> dict[int, Marks]:
    """The chosen elements as marks, by node id."""
    chosen: dict[int, Marks] = {}
    for each in [of] if isinstance(of, Node) else of:
        node, index = as_element(each, root)
        if not node.requires_grad:
            raise GraphError(f"scalarize: {node.describe()} is a constant: nothing depends on it. Choose another leaf")
        marks = chosen.setdefault(node.id, np.zeros(np.shape(node._data), dtype=bool))
        marks[... if index is None else index] = True
    return chosen
