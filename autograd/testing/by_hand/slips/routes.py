"""Whole routes from an answer to the loss, some of them left out: the sum over paths with terms missing or too many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError
from autograd.paths import Path, paths
from autograd.recording import enable_grad
from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.uses import MISSING, TWICE

__all__ = ["route_slips"]

_MOST_ROUTES = 64
_MOST_ELEMENTS = 6  # wrong elements of tensors, up to which their routes are looked at
_MOST_NODES = 3000  # of a scalar twin
_MOST_TOGETHER = 8  # routes of which every selection is tried


class _Route(NamedTuple):
    product: float
    names: tuple[str, ...]  # of what it passes, from the answer up


def route_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """For each wrong answer: a route forgotten, alone, or counted twice."""
    if len(situation.results) > most:
        return
    wrong = np.flatnonzero(situation.wrong).tolist()
    for place in wrong if situation.scalar or len(wrong) <= _MOST_ELEMENTS else ():
        cell = situation.sheet.cells[place]
        routes = _routes(situation, cell.node) if situation.scalar else _routes_of_element(situation, place)
        if len(routes) > 1:
            yield from _of_answer(situation, place, routes)


def _routes(situation: Situation, start: Any) -> list[_Route]:
    """Every open route from a number up to the root or the next answers; none where there are too many."""
    if not 1 < situation.ways.get(start.id, 0) <= _MOST_ROUTES:
        return []
    found: list[tuple[float, tuple[Any, ...]]] = []
    waiting: list[tuple[Any, float, tuple[Any, ...]]] = [(start, 1.0, ())]
    while waiting:
        node, product, nodes = waiting.pop()
        if node is situation.circuit.root or (node is not start and situation.ends_at(node)):
            upstream = situation.upstream(node)
            if upstream:
                found.append((product * upstream, nodes))
            continue
        for user, argument in reversed(situation.uses.get(node.id, ())):
            weight = situation.weights(user)[argument]
            if weight:
                waiting.append((user, product * weight, (*nodes, user)))
    return [_Route(product, _names(situation, nodes)) for product, nodes in found]


def _names(situation: Situation, nodes: tuple[Any, ...]) -> tuple[str, ...]:
    named = [node for node in nodes if situation.is_named(node)]
    return tuple(map(situation.name, named or nodes[:1]))


def _routes_of_element(situation: Situation, place: int) -> list[_Route]:
    """Every open route from an element of a tensor, in the scalar twin of the graph."""
    cell = situation.sheet.cells[place]
    if situation.marks.sources[place] or not np.ndim(cell.node._data):
        return []
    try:
        with enable_grad():
            node: Any = cell.node
            element = node[tuple(map(int, np.unravel_index(cell.place, node.shape)))]
            ledger = paths(situation.circuit.root, element, top=_MOST_ROUTES + 1, max_nodes=_MOST_NODES)
    except GraphError:  # too large for a scalar twin
        return []
    found = [path for path in ledger.paths if path.product]
    if len(found) > _MOST_ROUTES:
        return []
    return [_Route(path.product, _names_of(path)) for path in found]


def _names_of(path: Path) -> tuple[str, ...]:
    """What a route of the scalar twin passes: the product that it begins with, and what has a name."""
    first, *others = path.nodes[1:-1] or path.nodes[-1:]
    rule: Any = first.rule
    beginning = str(rule.expression(*map(path.names.symbol, first.parents)).text)
    return (beginning, *(each.name for each in others if each.name))


def _of_answer(situation: Situation, place: int, routes: list[_Route]) -> Iterator[Candidate]:
    total = sum(route.product for route in routes)
    many = math.log2(len(routes))
    said = _Said(situation.sheet.cells[place].symbol, routes)
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

    def __init__(self, symbol: str, routes: list[_Route]) -> None:
        self._routes = routes
        self._many = f"{len(routes)} routes lead from {symbol} up, and the gradient is their sum"

    def _way(self, place: int) -> str:
        common = set.intersection(*(set(route.names) for route in self._routes))
        names = self._routes[place].names
        return " and ".join([name for name in names if name not in common][:3] or names[:1])

    def _ways(self, places: list[int]) -> str:
        return "; ".join(self._way(place) for place in places[:3]) + (" …" if len(places) > 3 else "")

    def forgotten(self, places: list[int]) -> Any:
        return lambda: f"{self._many}; that through {self._ways(places)} was forgotten"

    def alone(self, place: int) -> Any:
        return lambda: f"{self._many}; only that through {self._way(place)} was taken"

    def twice(self, place: int) -> Any:
        return lambda: f"{self._many}; that through {self._way(place)} was counted twice"
