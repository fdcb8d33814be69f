"""Counting, adding up and ranking the routes through a graph whose arrows have weights, without enumerating them.

A route's product is that of its weights. There may be more routes than atoms in the universe; all of this takes time in
proportion to the arrows, and to the length of the routes that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.scalar_pull import product

__all__ = ["Arrow", "Arrows", "arrived", "count", "product_of", "total"]


class Arrow(NamedTuple):
    """A way from one node to a later one.

    Attributes:
        target: the later node's place.
        weight: a number; False, a closed gate, lets nothing through, not even infinity.
    """

    target: int
    weight: float


# The arrows that leave each node. All lead onward; routes go from the first node to the last, which has no arrow, and
# every node lies on one.
Arrows = Sequence[Sequence[Arrow]]


def count(arrows: Arrows) -> int:
    """How many routes there are, exactly.

    Example:
        >>> diamond = [[Arrow(1, 2.0), Arrow(2, 0.5)], [Arrow(3, 1.0)], [Arrow(3, -3.0)], []]
        >>> count(diamond), total(diamond), total(diamond, absolute=True)
        (2, 0.5, 3.5)
    """
    counts = [0] * len(arrows)
    counts[-1] = 1
    for place in range(len(arrows) - 2, -1, -1):
        counts[place] = sum(counts[arrow.target] for arrow in arrows[place])
    return counts[0]


def arrived(arrows: Arrows, *, absolute: bool = False) -> list[float]:
    """What comes down to each node: the sum of the products of the routes to it, added up as a backward pass does.

    Of their absolute values where `absolute` is asked for.
    """
    sums = [0.0] * len(arrows)
    sums[0] = 1.0
    for place, leaving in enumerate(arrows):
        for target, weight in leaving:
            sums[target] += product(sums[place], abs(weight) if absolute and weight else weight)
    return sums


def total(arrows: Arrows, *, absolute: bool = False) -> float:
    """The sum of all routes' products, to the bit that of a backward pass; or of their absolute values."""
    return arrived(arrows, absolute=absolute)[-1]


def product_of(weights: Sequence[float]) -> float:
    """The product of a route's weights, in their order.

    Once it is 0 it stays 0, even where infinity follows: what received nothing hands on nothing.
    """
    upstream = 1.0
    for weight in weights:
        upstream = product(upstream, weight)
    return float(upstream)
