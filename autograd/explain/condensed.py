"""The graph between a leaf and the root, condensed to the nodes that a derivation names.

Between two of these, all that lies on the ways from the one to the other becomes one factor: the derivative of the one
by the other.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.paths.graph import Between
from autograd.paths.routes import Arrow, arrived
from autograd.scalar_pull import product

__all__ = ["Condensed", "Factor", "condense", "factors_of", "steps_of"]

_WRITTEN_OUT = 3  # so many ways between two nodes are written as a sum; more are counted

Way = Any  # (the way so far, node, place of the arrow that is followed there), or None for the empty way


class Factor(NamedTuple):
    """The derivative of one node by another.

    Attributes:
        above, below: their places among the nodes.
        weight: the number; False where a closed gate lies on every way.
        paths: how many ways there are from the one to the other.
        ways: what they are, where there are few; None where there are more.
        kept: whether the derivation keeps it as it is, as the derivative by a node of its layer.
    """

    above: int
    below: int
    weight: float
    paths: int
    ways: tuple[Way, ...] | None
    kept: bool = False


class Condensed(NamedTuple):
    """A graph of factors, as `paths.routes` counts and ranks its routes.

    Attributes:
        arrows: those that leave each named node; the root's first, the leaf's, of which there are none, last.
        factors: what each arrow stands for.
    """

    arrows: list[list[Arrow]]
    factors: list[list[Factor]]


def condense(inside: Between, named: set[int], layer: set[int]) -> Condensed:
    """The condensed graph.

    Args:
        named: places of nodes that are named in the derivation, besides the root, the leaf and the layer.
        layer: places of nodes that each route goes through first, seen from the root: the derivative of the root by
            one of them is one factor, whatever lies between. A route that passes several goes through the last.
    """
    last = len(inside.nodes) - 1
    stops = {*named, *layer, last}
    leaving: dict[int, list[Factor]] = {last: [], 0: []}
    for node in {0, *stops} - {last}:
        leaving[node] = [factor for factor in _segments(inside, node, stops) if factor.below not in layer]
    leaving[0] += _derivatives_by(layer, inside)
    return _on_routes(leaving, last)


def _derivatives_by(layer: set[int], inside: Between) -> list[Factor]:
    """The derivatives of the root by the nodes of a layer, whatever lies between."""
    numbers, counts = arrived(inside.arrows), _counts(inside)
    apart = {factor.below: factor for factor in _segments(inside, 0, layer)} if layer else {}
    single = {node: factor.ways for node, factor in apart.items() if factor.paths == counts[node] == 1}
    return [Factor(0, node, numbers[node], counts[node], single.get(node), kept=True) for node in layer]


def _counts(inside: Between) -> list[int]:
    """How many ways lead from the root to each node."""
    counts = [0] * len(inside.nodes)
    counts[0] = 1
    for node, arrows in enumerate(inside.arrows):
        for arrow in arrows:
            counts[arrow.target] += counts[node]
    return counts


def _segments(inside: Between, start: int, stops: set[int]) -> list[Factor]:
    """The derivatives of a node by the stops that lie next below it, the oldest first."""
    known: dict[int, Factor] = {start: Factor(start, start, 1.0, 1, (None,))}
    found: list[Factor] = []
    waiting = [start]
    while waiting:
        node = heapq.heappop(waiting)  # all that lies above it has been looked at
        factor = known.pop(node)
        if node in stops and node != start:
            found.append(factor)
            continue
        for place, (target, weight) in enumerate(inside.arrows[node]):
            if target not in known:
                heapq.heappush(waiting, target)
            known[target] = _joined(known.get(target), _followed(factor, node, place, target, weight))
    return sorted(found, key=lambda factor: -factor.below)


def _followed(factor: Factor, node: int, place: int, target: int, weight: float) -> Factor:
    closed = factor.weight is False or weight is False
    ways = None if factor.ways is None else tuple((way, node, place) for way in factor.ways)
    return Factor(factor.above, target, False if closed else product(factor.weight, weight), factor.paths, ways)


def _joined(earlier: Factor | None, further: Factor) -> Factor:
    if earlier is None:
        return further
    closed = earlier.weight is False and further.weight is False
    paths = earlier.paths + further.paths
    few = paths <= _WRITTEN_OUT and earlier.ways is not None and further.ways is not None
    ways = (*(earlier.ways or ()), *(further.ways or ())) if few else None
    return further._replace(weight=False if closed else earlier.weight + further.weight, paths=paths, ways=ways)


def _on_routes(leaving: dict[int, list[Factor]], last: int) -> Condensed:
    """Without the nodes that no route goes through: those above a layer, which the layer's derivatives stand for."""
    leads = {last}
    for node in sorted(leaving, reverse=True):
        if any(factor.below in leads for factor in leaving[node]):
            leads.add(node)
    reached = {0}
    for node in sorted(leaving):
        if node in reached:
            reached.update(factor.below for factor in leaving[node] if factor.below in leads)
    kept = sorted(reached)
    number = {node: place for place, node in enumerate(kept)}
    factors = [
        sorted((each for each in leaving[node] if each.below in leads), key=lambda each: -each.below) for node in kept
    ]
    arrows = [[Arrow(number[each.below], each.weight) for each in row] for row in factors]
    return Condensed(arrows, factors)


def steps_of(way: Way) -> list[tuple[int, int]]:
    """The nodes of a way, each with the place of the arrow that is followed there, from above."""
    steps = []
    while way is not None:
        way, node, place = way
        steps.append((node, place))
    return steps[::-1]


def factors_of(condensed: Condensed, places: Sequence[int]) -> list[Factor]:
    """The factors of a route, the root's first."""
    factors = []
    node = 0
    for place in places:
        factors.append(condensed.factors[node][place])
        node = condensed.arrows[node][place].target
    return factors
