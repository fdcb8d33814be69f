"""A number from elsewhere in a local derivative's place: another function's derivative, another node's value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd.numbers import number_text
from autograd.rule import array_arithmetic
from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation

__all__ = ["stray_slips"]

STRAY = "stray factor"
WRONG_FACTOR = "wrong factor"
_MOST_NUMBERS = 60
_MOST_TRIED = 6000  # products times numbers
_ACTIVATIONS = ("relu", "tanh", "sigmoid", "softplus", "arctan", "erf")


class _Number(NamedTuple):
    value: float
    said: str
    of_activation: bool = False


def stray_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """Of graphs of numbers: all local derivatives of one kind replaced, or one factor of one product."""
    if not situation.scalar or len(situation.results) > most:
        return
    yield from _of_kinds(situation)
    yield from _of_factors(situation)


def _of_kinds(situation: Situation) -> Iterator[Candidate]:
    kinds: dict[str, list[Any]] = {}
    for node in situation.results:
        if len(node.parents) == 1:
            kinds.setdefault(node.rule.name, []).append(node)
    derivatives = _derivatives(situation)
    if not kinds or not derivatives:
        return
    activations = sum(number.of_activation for number in derivatives)
    for found in kinds.values():
        for number in derivatives:
            if not situation.affords_walk():
                return
            choice = math.log2(activations) if number.of_activation else math.log2(len(derivatives)) + 3
            bits = 2 + math.log2(len(kinds)) + choice
            changes = {node.id: _replaced(0, number.value) for node in found}
            said = _said(situation, found, number)
            yield Candidate(STRAY, said, bits, situation.predicted(changes))


def _said(situation: Situation, found: list[Any], number: _Number) -> Any:
    def said() -> str:
        where = " and ".join(situation.operation(node) for node in found[:2])
        more = f" and {len(found) - 2} more" if len(found) > 2 else ""
        taken = f"{number_text(number.value)}, which is {number.said}"
        return f"at {where}{more} the local derivative was taken as {taken}"

    return said


@array_arithmetic
def _derivatives(situation: Situation) -> list[_Number]:
    """The derivatives of functions of one argument that the graph holds, and p·(1 − p) of its probabilities."""
    found: dict[float, _Number] = {}
    for node in situation.circuit.order:
        if node.rule is None:
            continue
        name = situation.name(node)
        if node.rule.name == "divide" and 0.0 < node._data < 1.0:
            slope = node._data * (1.0 - node._data)
            found.setdefault(float(f"{slope:.6g}"), _Number(slope, f"that of the softmax, {name}·(1 − {name})", True))
        elif len(node.parents) == 1:
            slope = situation.weights(node)[0]
            if slope not in (0.0, 1.0, -1.0):
                number = _Number(slope, f"that of {name}", node.rule.name in _ACTIVATIONS)
                found.setdefault(float(f"{slope:.6g}"), number)
    return list(found.values())[:_MOST_NUMBERS]


def _of_factors(situation: Situation) -> Iterator[Candidate]:
    """In a product, another node's value where the other factor belongs."""
    products = [node for node in situation.results if node.rule.name == "multiply"]
    values: dict[float, _Number] = {}
    for node in situation.named:
        values.setdefault(node._data, _Number(node._data, situation.name(node)))
    if not products or not values:
        return
    numbers = list(values.values())[: min(_MOST_NUMBERS, _MOST_TRIED // len(products))]
    if not numbers:
        return
    bits = 3 + math.log2(len(numbers)) + math.log2(2 * len(products))
    for node in products:
        for argument in (0, 1):
            if not node.parents[argument].requires_grad:
                continue
            for number in numbers:
                predicted = situation.predicted({node.id: _replaced(argument, number.value)})
                yield Candidate(WRONG_FACTOR, _factor(situation, node, argument, number), bits, predicted)


def _factor(situation: Situation, node: Any, argument: int, number: _Number) -> Any:
    return lambda: (
        f"at {situation.operation(node)} the other factor is {situation.name(node.parents[1 - argument])}; "
        f"{number.said} was taken"
    )


def _replaced(argument: int, value: float) -> Any:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        handed[argument] = upstream * value
        return handed

    return change
