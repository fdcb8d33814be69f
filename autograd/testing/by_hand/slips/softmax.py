"""The softmax done wrong: only the diagonal of its Jacobian, or its sum taken for a constant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.by_hand.circuit import Change
from autograd.testing.by_hand.evidence import Candidate, told
from autograd.testing.by_hand.situation import Situation

__all__ = ["softmax_slips"]

CROSS_TERMS = "cross terms"
_SPREADS = ("add", "sum", "broadcast_to", "reshape")  # what leads from terms to their sum, beside each of them
_FAR = 4096  # operations that are looked through for the terms of a sum


def softmax_slips(situation: Situation) -> Iterator[Candidate]:
    """What can be done wrong with e^x / Σ e^x, with x − log Σ e^x, and with log Σ e^x − x[label]."""
    quotients = [node for node in situation.results if _divides_by_own_sum(node, "divide", "sum")]
    logarithms = [node for node in situation.results if _divides_by_own_sum(node, "subtract", "logsumexp")]
    dropped = "every input of a softmax changes every output, and the cross terms −p_i·p_j were dropped"
    for nodes, diagonal, left in (
        (quotients, _diagonal_of_quotient, _constant_sum),
        (logarithms, _diagonal_of_logarithm, _constant_sum),
    ):
        if nodes:
            for change, said in (
                (diagonal, f"{dropped}: only the diagonal p_i·(1 − p_i) was used"),
                (left, "the sum under a softmax depends on every input; it was taken for a constant"),
            ):
                slip = CROSS_TERMS if change is diagonal else "sum taken for a constant"
                predicted = situation.predicted({node.id: change for node in nodes})
                yield Candidate(slip, told(said), 1.5, predicted)
    yield from _of_fused(situation, dropped)


def _divides_by_own_sum(node: Any, name: str, reduction: str) -> bool:
    """Whether an operation sets a term against a sum, or a logarithm of one, in which that term is contained."""
    if node.rule.name != name or not node.parents[1].requires_grad:
        return False
    term, waiting = node.parents[0], [node.parents[1]]
    seen: set[int] = set()
    while waiting and len(seen) < _FAR:
        each = waiting.pop()
        if each.id in seen or each.rule is None:
            continue
        seen.add(each.id)
        if any(parent is term for parent in each.parents) and each.rule.name in (reduction, "add", "sum"):
            return reduction == "sum" or each.rule.name == reduction
        if each.rule.name in _SPREADS or each.rule.name == reduction:
            waiting.extend(each.parents)
    return False


def _diagonal_of_quotient(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
    """p_i = e_i / s: with s changing by its own e_i alone, dp_i/de_i = (1 − p_i) / s."""
    out, total = np.asarray(node._data), np.asarray(node.parents[1]._data)
    return [upstream * (1.0 - out) / total, 0.0 * np.asarray(handed[1])]


def _diagonal_of_logarithm(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
    """log p_i = x_i − l: with l changing by its own x_i alone, its derivative is 1 − p_i."""
    return [upstream * (1.0 - np.exp(node._data)), 0.0 * np.asarray(handed[1])]


def _constant_sum(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
    return [handed[0], 0.0 * np.asarray(handed[1])]


def _of_fused(situation: Situation, dropped: str) -> Iterator[Candidate]:
    """The cross-entropy of scores, log Σ e^x − x[label]: the diagonal alone leaves the labels' scores only."""
    for node in situation.results:
        if node.rule.name != "logsumexp":
            continue
        without = situation.circuit.walk({node.id: _nothing}, situation.arrive)
        if not any(np.any(without.get(parent.id, 0.0)) for parent in node.parents):
            continue
        said = f"{dropped}: the scores that are no label's change the loss as well"
        predicted = situation.predicted({node.id: _masked(without)})
        yield Candidate(CROSS_TERMS, told(said), 2.0, predicted)


def _nothing(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
    return [None] * len(handed)


def _masked(without: dict[int, Any]) -> Change:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        reached = (without.get(parent.id, 0.0) for parent in node.parents)
        return [g * (np.asarray(other) != 0) for g, other in zip(handed, reached, strict=True)]

    return change
