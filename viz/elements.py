"""Elements of arrays as what is drawn: the scalars that make one output pixel, or that one weight goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.element import as_element
from autograd.node import Node
from autograd.scalarize import scalar_twin
from autograd.value import Value


def names_an_element(node: Node, root: Node) -> bool:
    """Whether a node, as `w[0, 0, 1, 1]`, stands for one element of an array in the root's graph."""
    return as_element(node, root).node is not node


def opened(root: Node, element: Any, of: Sequence[Node], names: Mapping[int, str]) -> Value:
    """The root of the scalar graph of one element, after a backward pass where the arrays have had one.

    Args:
        element: the index of an element of the root; None for a root of one element.
        of: nodes, or elements of nodes, that the graph starts from; none for all leaves.
        names: names by node id.

    Raises:
        ValueError: the root has several elements, and none is chosen.
        GraphError: the index names no element, or the scalar graph would be too large.
    """
    if element is None and np.size(root.data) != 1:
        raise ValueError(
            f"draw: {root.describe()} has shape {np.shape(root.data)}; choose one of its elements, as in "
            f"element={(0,) * np.ndim(root.data)}, to open it into scalars"
        )
    place = (0,) * np.ndim(root.data) if element is None else element
    twin = scalar_twin(root, place if np.ndim(root.data) else None, of=list(of) or None, names=names)
    opened_root: Value = twin.root
    if root.requires_grad and root.has_grad and opened_root.requires_grad:
        opened_root.backward(np.asarray(root.grad)[place])
    return opened_root
