"""Whole routes from an answer to the loss, some of them left out: the sum over paths with terms missing or too many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.uses import MISSING, TWICE

__all__ = ["route_slips"]

_MOST_ROUTES = 64
_MOST_TOGETHER = 8  # routes of which every selection is tried
_MOST_STEPS = 20_000


class _Route(NamedTuple):
    product: float
    nodes: tuple[Any, ...]  # from the answer up


def route_slips(situation: Situation) -> Iterator[Candidate]:
    """For each wrong answer of a graph of numbers: a route forgotten, alone, or counted twice."""
    if not situation.scalar:
        return
    for place in np.flatnonzero(situation.wrong).tolist():
        routes = _routes(situation, situation.sheet.cells[place].node)
        if len(routes) > 1:
            yield from _of_answer(situation, place, routes)


def _routes(situation: Situation, start: Any) -> list[_Route]:
    """Every open route from a node up to the root or the next answers; none where there are too many."""
    found: list[_Route] = []
    waiting = [(start, 1.0, (start,))]
    steps = 0
    while waiting:
        node, product, nodes = waiting.pop()
        steps += 1
        if steps > _MOST_STEPS or len(found) > _MOST_ROUTES:
            return []
        if node is situation.circuit.root or (node is not start and situation.ends_at(node)):
            upstream = situation.upstream(node)
            if upstream:
                found.append(_Route(product * upstream, nodes))
            continue
        for user, argument in reversed(situation.uses.get(node.id, ())):
            weight = situation.weights(user)[argument]
            if weight:
                waiting.append((user, product * weight, (*nodes, user)))
    return found


def _of_answer(situation: Situation, place: int, routes: list[_Route]) -> Iterator[Candidate]:
    total = sum(route.product for route in routes)
    many = math.log2(len(routes))
    said = _Said(situation, situation.sheet.cells[place].symbol, routes)
    for chosen, route in enumerate(routes):
        yield _candidate(situation, MISSING, said.forgotten([chosen]), 3 + many, place, total - route.product)
        yield _candidate(situation, TWICE, said.twice(chosen), 4 + many, place, total + route.product)
        if len(routes) > 2:
            yield _candidate(situation, MISSING, said.alone(chosen), 3 + many, place, route.product)
    if len(routes) <= _MOST_TOGETHER:
        for size in range(2, len(routes) - 1):
            bits = 3 + many + math.log2(math.comb(len(routes), size))
            for left_out in combinations(range(len(routes)), size):
                rest = total - sum(routes[each].product for each in left_out)
                yield _candidate(situation, MISSING, said.forgotten(list(left_out)), bits, place, rest)


def _candidate(situation: Situation, slip: str, said: Any, bits: float, place: int, number: float) -> Candidate:
    predicted = np.full(len(situation.own), np.nan)
    predicted[place] = number
    return Candidate(slip, said, bits, predicted, binding=False)


class _Said:
    """The sentences about routes: each is told by what it passes that others do not."""

    def __init__(self, situation: Situation, symbol: str, routes: list[_Route]) -> None:
        self._situation = situation
        self._routes = routes
        self._many = f"{len(routes)} routes lead from {symbol} up, and the gradient is their sum"

    def _way(self, place: int) -> str:
        common = set.intersection(*({node.id for node in route.nodes} for route in self._routes))
        own = [node for node in self._routes[place].nodes if node.id not in common]
        named = [node for node in own if self._situation.is_named(node)] or own[:1] or list(self._routes[place].nodes)
        return " and ".join(self._situation.name(node) for node in named[:3])

    def _ways(self, places: list[int]) -> str:
        return "; ".join(self._way(place) for place in places[:3]) + (" …" if len(places) > 3 else "")

    def forgotten(self, places: list[int]) -> Any:
        return lambda: f"{self._many}; that through {self._ways(places)} was forgotten"

    def alone(self, place: int) -> Any:
        return lambda: f"{self._many}; only that through {self._way(place)} was taken"

    def twice(self, place: int) -> Any:
        return lambda: f"{self._many}; that through {self._way(place)} was counted twice"
