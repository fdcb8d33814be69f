"""What the last backward pass handed along each arrow: upstream gradient × local derivative."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.node import Node

_ROUNDING = 1e-9
_SUMMED = 4096  # uses of one node whose contributions are added up for a label; of more they are not

Use = tuple[Node, int]  # a result, and which of its arguments


class Flow:
    """What the operations of a graph handed to their arguments in the last backward pass, worked out when asked for."""

    def __init__(self) -> None:
        self._handed: dict[int, list[Any] | None] = {}

    def along(self, use: Use) -> Any:
        """What an argument received by one use: a number, an array, or None where no gradient came."""
        node, argument = use
        if node.id not in self._handed:
            self._handed[node.id] = _handed(node)
        handed = self._handed[node.id]
        return None if handed is None else handed[argument]

    def together(self, uses: Sequence[Use]) -> list[Any]:
        """What one node received by several uses; empty where that is not known for each, or they are many."""
        if len(uses) > _SUMMED:
            return []
        received = [self.along(use) for use in uses]
        return [] if any(each is None for each in received) else received


def _handed(node: Node) -> list[Any] | None:
    if node.rule is None or not node.requires_grad or not node.has_grad:
        return None
    try:
        with np.errstate(all="ignore"):
            handed = node._contributions(node.grad)
    except Exception:  # a derivative that the user wrote may fail here; the arrow then carries no number
        return None
    return [part if parent.requires_grad else None for parent, part in zip(node.parents, handed, strict=True)]


def is_nothing(handed: Any) -> bool:
    """Whether a gradient or a contribution is there, and zero in every element."""
    if handed.__class__ is float:
        return not handed
    return handed is not None and np.size(handed) > 0 and not np.any(handed)


def uses_of(wanted: Iterable[Node], nodes: Sequence[Node]) -> dict[int, list[Use]]:
    """The uses of each wanted node, by its id, in the order in which a backward pass meets them.

    Args:
        nodes: the whole graph, oldest first.
    """
    uses: dict[int, list[Use]] = {node.id: [] for node in wanted}
    for node in reversed(nodes):
        for argument, parent in enumerate(node.parents):
            if parent.id in uses:
                uses[parent.id].append((node, argument))
    return uses


def adds_up(node: Node, terms: Sequence[Any]) -> bool:
    """Whether the terms are a scalar's whole gradient: not where other passes, other roots or hooks took part."""
    if node.grad.__class__ is float:
        rounding = _ROUNDING * max(map(abs, terms))
        return math.isclose(sum(terms), node.grad, rel_tol=_ROUNDING, abs_tol=rounding)
    with np.errstate(all="ignore"):
        total = sum(terms[1:], start=terms[0])
        return bool(np.allclose(total, node.grad, rtol=_ROUNDING, atol=_ROUNDING * float(np.max(np.abs(terms)))))
