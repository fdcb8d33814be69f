"""Answers that are wrong as a whole: a sign, a factor, another quantity than the gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate, told
from autograd.testing.by_hand.given import Nearness
from autograd.testing.by_hand.ratios import simple_ratio
from autograd.testing.by_hand.situation import Situation

__all__ = ["whole_slips"]

_RATES = (0.1, 0.01, 0.001)
_UNNAMED_FACTOR = 8.0


def whole_slips(situation: Situation) -> Iterator[Candidate]:
    """Slips that need no rule: they make the right number into another."""
    own = situation.own
    yield _candidate("sign", "the number is right, its sign is not", 2, -own, symptom=True)
    yield from _factors(situation)
    yield from _other_quantities(situation)


def _candidate(slip: str, said: str, bits: float, predicted: Any, symptom: bool = False) -> Candidate:
    return Candidate(slip, told(said), bits, predicted, binding=False, symptom=symptom)


def _factors(situation: Situation) -> Iterator[Candidate]:
    own = situation.own
    everything = all(
        cell.given.nearness(2.0 * float(number), float(noise)) > Nearness.FAR
        for cell, number, noise in zip(situation.sheet.cells, own, situation.marks.noise, strict=True)
    )
    if everything and len(own) > 1:
        said = "every gradient is twice the true one, as after a second backward pass that adds to the first"
        yield _candidate("accumulated twice", said, 3, 2.0 * own, symptom=True)
    for size in _sizes(situation):
        said = f"divided by {size}, the number of terms that are added up"
        yield _candidate("mean for sum", said, 4, own / size, symptom=True)
        said = f"not divided by {size}, the number of terms of a mean"
        yield _candidate("mean forgotten", said, 5, own * size, symptom=True)
    for rate in _RATES:
        bits = 4 + math.log2(len(_RATES))
        for sign, text in ((1, f"{rate:g}"), (-1, f"−{rate:g}")):
            said = f"this is {text} times the gradient, as in a step of learning rate {rate:g}"
            yield _candidate("update for gradient", said, bits, sign * rate * own)
    for factor in _common_factors(situation):
        bits = _UNNAMED_FACTOR + 0.5 * math.log2(factor.numerator * factor.denominator)
        for sign, more in ((1, 0.0), (-1, 2.0)):
            product = sign * float(factor) * own
            yield _candidate("factor", "a factor of unknown origin", bits + more, product, symptom=True)


def _sizes(situation: Situation) -> list[int]:
    """The numbers of terms that the graph's sums have: lengths of axes, arguments of reductions, uses of a node."""
    sizes: dict[int, None] = {}
    for node in situation.results[:1000]:
        for parent in node.parents:
            sizes.update(dict.fromkeys(np.shape(parent._data)))
            sizes[int(np.size(parent._data))] = None
        sizes[len(node.parents)] = None
    for cell in situation.sheet.cells:
        sizes[len(situation.uses.get(cell.node.id, ()))] = None
    return [size for size in sizes if size > 2][:12]


def _common_factors(situation: Situation) -> list[Fraction]:
    """Simple fractions that lead from what arrives to what was given, for some wrong answer."""
    found: dict[Fraction, None] = {}
    for place in np.flatnonzero(situation.wrong).tolist():
        factor = simple_ratio(situation.values[place], situation.own[place])
        if factor is not None and abs(factor) != 1:
            found[abs(factor)] = None
    return list(found)[:20]


def _other_quantities(situation: Situation) -> Iterator[Candidate]:
    cells = situation.sheet.cells
    data = np.array([float(np.asarray(cell.node._data).reshape(-1)[cell.place]) for cell in cells])
    yield _candidate("value for gradient", "this is the value of the node, not its gradient", 3, data)
    yield _candidate("value for gradient", "this is minus the value of the node, not its gradient", 5, -data)
    for rate in (1.0, *_RATES):
        said = f"this is the weight after a step of learning rate {rate:g}, not its gradient"
        yield _candidate("update for gradient", said, 4 + math.log2(1 + len(_RATES)), data - rate * situation.own)
