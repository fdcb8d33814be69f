"""A node that is used several times, done wrong: a use forgotten, the first or the last kept, one counted twice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate, told
from autograd.testing.by_hand.situation import Situation

__all__ = ["use_slips"]

MISSING = "missing path"
TWICE = "path counted twice"
_MOST_USES = 40  # of one node, of which each is tried by itself
_MOST_TOGETHER = 9  # of one node, of which every selection is tried
_FEW = 20  # nodes used several times, up to which that is done


def use_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """Sums over uses with terms missing or too many, at single nodes, and `=` for `+=` at all of them."""
    used = [node for node in situation.parents if len(situation.uses[node.id]) > 1]
    if not used:
        return
    adds = "a node that is used several times adds up what each use hands it"
    for kept, said, bits in (
        (lambda before, now: now, f"{adds}; only the first use was kept, as = does for +=", 6.0),
        (lambda before, now: before, f"{adds}; only the last use was kept", 7.0),
    ):
        if not situation.affords_walk():
            break
        arrived = situation.circuit.walk(arrive=situation.arrive, add=kept)
        yield Candidate(MISSING, told(said), bits, situation.read(arrived))
    if len(situation.results) <= most:
        choice = math.log2(len(used))
        for node in used:
            yield from _at(situation, node, choice, selections=len(used) <= _FEW)


def _at(situation: Situation, node: Any, choice: float, selections: bool) -> Iterator[Candidate]:
    terms = [(user, situation.usual(user)[argument]) for user, argument in situation.uses[node.id]]
    terms = [(user, term) for user, term in terms if term is not None and np.any(term)]
    count = len(terms)
    if not 1 < count <= _MOST_USES:
        return
    total = sum(term for _, term in terms[1:]) + terms[0][1]
    many = math.log2(count)
    for place, (user, term) in enumerate(terms):
        through = _Through(situation, node, count, [user])
        yield Candidate(MISSING, through.forgotten, 2 + choice + many, situation.shifted(node, -1.0 * term))
        yield Candidate(TWICE, through.twice, 3 + choice + many, situation.shifted(node, 1.0 * term))
        if count > 2:
            end = place in (0, count - 1)
            alone = situation.shifted(node, term - total)
            yield Candidate(MISSING, through.alone, 2 + choice + (1 if end else many), alone)
    averaged = situation.shifted(node, total / count - total)
    yield Candidate("mean for sum", _mean(situation, node, count), 4 + choice, averaged)
    if selections and 3 < count <= _MOST_TOGETHER:
        yield from _selections(situation, node, terms, choice)


def _selections(situation: Situation, node: Any, terms: list[Any], choice: float) -> Iterator[Candidate]:
    for size in range(2, len(terms) - 1):
        bits = 3 + choice + math.log2(math.comb(len(terms), size)) + math.log2(len(terms))
        for left_out in combinations(terms, size):
            missing = sum(term for _, term in left_out[1:]) + left_out[0][1]
            through = _Through(situation, node, len(terms), [user for user, _ in left_out])
            yield Candidate(MISSING, through.forgotten, bits, situation.shifted(node, -1.0 * missing))


class _Through:
    """The sentences about one use of a node, or several."""

    def __init__(self, situation: Situation, node: Any, count: int, users: list[Any]) -> None:
        self._situation = situation
        self._node = node
        self._count = count
        self._users = users

    @property
    def _many(self) -> str:
        name = self._situation.name(self._node)
        return f"{name} is used {self._count} times, and the gradient adds up what each use hands it"

    def _ways(self) -> str:
        names = list(dict.fromkeys(map(self._situation.waypoint, self._users)))
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    def forgotten(self) -> str:
        return f"{self._many}; the way through {self._ways()} was forgotten"

    def alone(self) -> str:
        return f"{self._many}; only the way through {self._ways()} was taken"

    def twice(self) -> str:
        return f"{self._many}; the way through {self._ways()} was counted twice"


def _mean(situation: Situation, node: Any, count: int) -> Any:
    return lambda: (
        f"{situation.name(node)} is used {count} times, and the gradient is the sum of what each use hands it; "
        f"their mean was taken"
    )
