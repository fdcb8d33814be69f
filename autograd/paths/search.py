"""The routes of the largest products, best first: a search that knows of every node how large what is left can be.

A partial product is a number, infinite, NaN, or closed: 0, which it stays. What a weight makes of it hangs on which of
these it is, and so does the largest product that can still come of it: its rank, which is the logarithm of a number. In
logarithms nothing overflows, however long the route.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from autograd.paths.routes import Arrows

__all__ = ["CLOSED", "Ranked", "by_size", "ranked"]

_NUMBER, _INFINITE, _NAN, _CLOSED = range(4)  # what a partial product is

# The rank of a product that is 1, infinite, NaN or 0. A logarithm added to the last three leaves them as they are.
_RANKS = (0.0, 1e300, math.inf, -math.inf)
CLOSED = _RANKS[_CLOSED]


class Ranked(NamedTuple):
    """A route by the places of its arrows among those that leave their node, and the logarithm of its product."""

    rank: float
    places: tuple[int, ...]


def by_size(arrows: Arrows, route: Ranked) -> tuple[float, tuple[int, ...]]:
    """What sorts routes that were found: by size, and among equal ones by the order of the arrows.

    The search adds logarithms up in different orders, which may set equal products apart by a rounding; this does not.
    """
    if abs(route.rank) >= _RANKS[_INFINITE]:
        return -route.rank, route.places
    logarithms = []
    at = 0
    for place in route.places:
        at, weight = arrows[at][place]
        logarithms.append(math.log(abs(weight)))
    return -math.fsum(logarithms), route.places


class _Turn(NamedTuple):
    """A choice that waits: after a beginning, the arrow of a given place in the order of what can come of them."""

    beginning: Any  # (earlier beginning, place of an arrow), or None
    node: int
    state: int
    size: float  # the logarithm of the product so far, where it is a number
    choice: int


def ranked(arrows: Arrows) -> Iterator[Ranked]:
    """All routes, that with the largest absolute product first.

    NaN comes before infinity, infinity before any number, and 0 last. Among equals the earlier arrows come first.

    Example:
        >>> from autograd.paths.routes import Arrow
        >>> arrows = [[Arrow(1, 2.0), Arrow(1, -5.0)], [Arrow(2, 1.0), Arrow(2, 0.0)], []]
        >>> [route.places for route in ranked(arrows)]
        [(1, 0), (0, 0), (0, 1), (1, 1)]
    """
    choices = _Choices(arrows)
    last = len(arrows) - 1
    if last == 0:
        yield Ranked(_RANKS[_NUMBER], ())
        return
    youngest = count()
    waiting = [(-choices.sorted(0, _NUMBER)[0].rank, 0, _Turn(None, 0, _NUMBER, 0.0, 0))]
    while waiting:
        negative, _, (beginning, node, state, size, choice) = heapq.heappop(waiting)
        while node != last:  # by the best arrow from here on; the next best one waits
            options = choices.sorted(node, state)
            if choice + 1 < len(options):
                turn = _Turn(beginning, node, state, size, choice + 1)
                # Among equals the youngest goes first: it differs latest from what was found.
                heapq.heappush(waiting, (-(size + options[choice + 1].rank), -next(youngest), turn))
            option = options[choice]
            beginning = beginning, option.place
            node, state, size, choice = option.target, option.state, size + option.added, 0
        yield Ranked(-negative, _places(beginning))


def _places(beginning: Any) -> tuple[int, ...]:
    places = []
    while beginning is not None:
        beginning, place = beginning
        places.append(place)
    return tuple(reversed(places))


class _Option(NamedTuple):
    """An arrow: the rank of the best that can come of it, its place, its end, and what it makes of the product."""

    rank: float
    place: int
    target: int
    state: int
    added: float


class _Choices:
    """The arrows that leave each node, the most promising first, for each thing that a partial product can be."""

    def __init__(self, arrows: Arrows) -> None:
        self.arrows = arrows
        finite = all(math.isfinite(arrow.weight) for leaving in arrows for arrow in leaving)
        states = (_CLOSED, _NUMBER) if finite else (_CLOSED, _NAN, _INFINITE, _NUMBER)  # each before those it comes of
        self._best: dict[int, list[float]] = {}
        for state in states:
            self._best[state] = [_RANKS[state]] * len(arrows)
            for node in range(len(arrows) - 2, -1, -1):
                self._best[state][node] = max(option.rank for option in self._options(node, state))
        self._sorted: dict[tuple[int, int], list[_Option]] = {}

    def sorted(self, node: int, state: int) -> list[_Option]:
        known = self._sorted.get((node, state))
        if known is None:
            known = sorted(self._options(node, state), key=lambda option: -option.rank)
            self._sorted[node, state] = known
        return known

    def _options(self, node: int, state: int) -> Iterator[_Option]:
        for place, (target, weight) in enumerate(self.arrows[node]):
            after, added = _after(state, weight)
            yield _Option(added + self._best[after][target], place, target, after, added)


def _after(state: int, weight: float) -> tuple[int, float]:
    """What a weight makes of a partial product, and what it adds to its logarithm."""
    if state == _CLOSED or weight is False:
        return _CLOSED, 0.0
    if state == _NAN or math.isnan(weight):
        return _NAN, 0.0
    if weight == 0.0:
        return (_NAN if state == _INFINITE else _CLOSED), 0.0
    if state == _INFINITE or math.isinf(weight):
        return _INFINITE, 0.0
    return _NUMBER, math.log(abs(weight))
