"""Which slip explains which answers: the one that says most for what it costs, and none where chance would do as well.

A slip costs what it takes to say it, in bits: a common one little, a rare one more, and the choice of one place among
n another log2(n). An answer that it explains pays in for each digit that agrees. What is left must be worth something,
so that a number of few digits, or a 0, is explained by simple slips alone, and a wild guess by none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.by_hand.given import Nearness
from autograd.testing.by_hand.situation import Situation

__all__ = ["Candidate", "Finding", "choose", "told"]

_LEAST = 2.0  # bits that must be left when the slip has been paid for
_CLOSE = 1.0  # another slip that is worth as much, within so many bits, is named beside the first
_SYMPTOM = 4.0  # bits by which a cause may be dearer than a mere symptom and still come first
_AMISS = 2.0  # what a wrong answer costs that the slip would have changed to something else: another may be in it
_MOST_AMISS = 5.0
_SPARED = 1.0  # what a right answer costs that the slip would have spoilt: it was made in some calculations only
_MOST_SPARED = 3.0


class Candidate(NamedTuple):
    """A slip that may have been made.

    Attributes:
        slip: its name.
        said: what was done, as a sentence, asked for only if it is needed.
        bits: what it costs to say it.
        predicted: what it makes of each answer; NaN where it says nothing.
        binding: whether it speaks of every answer: one that it would have changed to something else speaks against it.
        symptom: whether it only says how the number differs; what says why comes first where it explains as much.
    """

    slip: str
    said: Callable[[], str]
    bits: float
    predicted: Any
    binding: bool = True
    symptom: bool = False


def told(said: str) -> Callable[[], str]:
    """A sentence that is known already, as a candidate has it."""
    return lambda: said


class Finding(NamedTuple):
    """A slip that explains answers: their numbers on the sheet, and the names of others that would do as well."""

    slip: str
    said: str
    answers: tuple[int, ...]
    others: tuple[str, ...]


class _Match(NamedTuple):
    candidate: Candidate
    answers: tuple[int, ...]
    worth: float  # the bits of all answers that it explains, less its cost
    proof: float  # the same, of answers that do not follow from each other

    @property
    def rank(self) -> float:
        return self.worth - (_SYMPTOM if self.candidate.symptom else 0.0)


@np.errstate(all="ignore")  # a wrong rule may well lead to infinity
def choose(situation: Situation, candidates: Iterable[Candidate], dearer: float = 0.0) -> list[Finding]:
    """The slips that explain the wrong answers, each the best for those that were left.

    Args:
        dearer: bits that every slip costs beside its own, because the question is an unlikely one.
    """
    left = set(np.flatnonzero(situation.wrong).tolist())
    with np.errstate(all="ignore"):  # a wrong rule may well lead to infinity
        possible = [found for each in candidates if (found := _match(situation, each, left)) is not None]
    findings: list[Finding] = []
    while left and possible:
        best = max(possible, key=lambda match: (match.rank, match.proof, -match.candidate.bits))
        if best.proof >= _LEAST + dearer:
            others = [
                match.candidate.slip
                for match in possible
                if match.answers == best.answers and match.rank > best.rank - _CLOSE and match.proof >= _LEAST
            ]
            others = [slip for slip in dict.fromkeys(others) if slip != best.candidate.slip]
            findings.append(Finding(best.candidate.slip, best.candidate.said(), best.answers, tuple(others)))
            left -= set(best.answers)
        else:
            possible = [match for match in possible if match is not best]
        again = (_match(situation, match.candidate, left) for match in possible if set(match.answers) & left)
        possible = [match for match in again if match is not None]
    return findings


def _match(situation: Situation, candidate: Candidate, left: set[int]) -> _Match | None:
    predicted = candidate.predicted
    if not (np.abs(predicted - situation.values) <= situation.widest).any():
        return None
    moved = ~(np.abs(predicted - situation.own) <= situation.marks.noise) & ~np.isnan(predicted)
    near = situation.nearness(predicted) > Nearness.FAR
    hits = np.flatnonzero(moved & near & situation.wrong)
    answers = [place for place in hits.tolist() if place in left]
    if not answers:
        return None
    cost = candidate.bits
    if candidate.binding:
        amiss = moved & ~near
        cost += min(_AMISS * np.count_nonzero(amiss & situation.wrong), _MOST_AMISS)
        cost += min(_SPARED * np.count_nonzero(amiss & situation.others), _MOST_SPARED)
    bits = {place: _bits(situation, place, float(predicted[place])) for place in answers}
    return _Match(candidate, tuple(answers), sum(bits.values()) - cost, _independent(situation, bits) - cost)


def _bits(situation: Situation, place: int, expected: float) -> float:
    return situation.sheet.cells[place].given.bits(expected, float(situation.marks.noise[place]))


def _independent(situation: Situation, bits: dict[int, float]) -> float:
    """Answers that are all the same multiple of what arrives prove little more than the best of them."""
    best: dict[float, float] = {}
    extra = 0.0
    for place, worth in bits.items():
        own = float(situation.own[place])
        ratio = float(f"{situation.values[place] / own:.2g}") if own else math.inf
        if ratio in best:
            extra += 0.5
        best[ratio] = max(best.get(ratio, 0.0), worth)
    return sum(best.values()) + min(extra, 2.0)
