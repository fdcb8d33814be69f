"""The graph under a root, walked backwards as often as a question needs it, with its rules changed on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.mutation import check_unchanged
from autograd.node import Node, topological_order
from autograd.recording import refuse_while_observing
from autograd.rule import array_arithmetic
from autograd.value import Value

__all__ = ["Arrive", "Change", "Circuit", "element_of"]

Change = Callable[[Any, Any, list[Any]], list[Any]]  # (node, upstream, what its rule hands on) -> what it hands on now
Arrive = Callable[[Any, Any], Any]  # (node, the gradient that has arrived) -> the gradient that is handed on
Add = Callable[[Any, Any], Any]  # (the gradient so far, one more contribution) -> the gradient


class Circuit:
    """The results and leaves that a root's gradient passes through, and what arrives at each.

    No walk touches `grad`.

    Args:
        root: a node of one element that requires a gradient.

    Raises:
        GraphError: the root is not one number, or requires no gradient.
        TypeError: it is no node.
        MutationError: data was changed after the forward pass used it.
    """

    def __init__(self, root: Node) -> None:
        refuse_while_observing("checks gradients")
        if not isinstance(root, Node):
            raise TypeError(f"check_by_hand: takes a Value or a Tensor as its root, not {type(root).__name__}")
        if np.size(root.data) != 1:
            raise GraphError(
                f"check_by_hand: the root {root.describe()} has shape {np.shape(root.data)}; gradients are those of "
                f"one number. Reduce it: (root * upstream).sum()"
            )
        if not root.requires_grad:
            raise GraphError(f"check_by_hand: {root.describe()} requires no gradient, so there is nothing to check")
        self.root: Any = root
        self.order: list[Any] = topological_order(root)
        check_unchanged(self.order)
        self.scalar = isinstance(root, Value)
        self.visits = 0  # nodes visited by all walks: what the search for slips has cost

    @array_arithmetic
    def walk(
        self, changes: Mapping[int, Change] | None = None, arrive: Arrive | None = None, add: Add | None = None
    ) -> dict[int, Any]:
        """The gradient that arrives at each node, by node id.

        Args:
            changes: what single nodes hand on instead, by node id.
            arrive: replaces what has arrived before it is handed on.
            add: how a contribution joins what has arrived before; addition, unless a slip is tried.
        """
        arrived: dict[int, Any] = {self.root.id: self.root._seed(None)}
        self.visits += len(self.order)
        for node in self.order:
            upstream = arrived.get(node.id)
            if upstream is None:
                continue
            if arrive is not None:
                upstream = arrive(node, upstream)
            if node.rule is None:
                continue
            handed = node._contributions(upstream)
            if changes is not None and (change := changes.get(node.id)) is not None:
                handed = change(node, upstream, list(handed))
            for parent, contribution in zip(node.parents, handed, strict=True):
                if contribution is None or not parent.requires_grad:
                    continue
                before = arrived.get(parent.id)
                if before is None:
                    arrived[parent.id] = contribution
                else:
                    arrived[parent.id] = before + contribution if add is None else add(before, contribution)
        return arrived

    def sizes(self) -> dict[int, float]:
        """How large each gradient would be if no terms cancelled, by node id: its rounding goes with that."""
        sizes: dict[int, float] = {self.root.id: 1.0}

        def note(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
            own = sizes[node.id]
            if self.scalar:
                grown, factor = node._contributions(own), 1.0
            else:
                largest = float(np.max(np.abs(upstream), initial=0.0))
                grown, factor = handed, own / largest if largest else 1.0
            for parent, contribution in zip(node.parents, grown, strict=True):
                if contribution is not None and parent.requires_grad:
                    more = factor * float(np.max(np.abs(contribution), initial=0.0))
                    sizes[parent.id] = sizes.get(parent.id, 0.0) + more
            return handed

        self.walk(dict.fromkeys((node.id for node in self.order), note))
        return sizes


def element_of(gradient: Any, place: int) -> float:
    """One number of a gradient; 0 where none has arrived."""
    if gradient is None:
        return 0.0
    return gradient if gradient.__class__ is float else float(np.asarray(gradient).reshape(-1)[place])
