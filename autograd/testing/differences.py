"""The derivative of a function of one number by differences, with a bound on its error that can be trusted.

Central differences at steps that halve are extrapolated to step 0 (Richardson's method, in Neville's scheme). Of the
whole table the entry with the smallest error bound is taken, so that no step has to be chosen: large steps suit smooth
functions, small ones those that have a kink nearby.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

_LEVELS = 22  # steps from `scale` down to 5e-7 of it
_FINE = 11  # from this level on the step is so small that a smooth function hardly bends
_DEEPEST = 6  # extrapolations upon each other; more gain nothing in double precision
_EPSILON = float(np.finfo(float).eps)
_SAFETY = 4.0
_SLIGHT = 1e-5


class Estimate(NamedTuple):
    """A derivative by differences.

    Attributes:
        value: the derivative; at a kink the mean of the two one-sided ones.
        bound: how far it may be from the true one.
        jump: by how much the one-sided derivatives differ, where the function has a kink at the point itself; else 0.
    """

    value: float
    bound: float
    jump: float


def derivative(function: Callable[[float], float], scale: float = 0.1) -> Estimate:
    """The derivative of a function at 0.

    Args:
        function: of one number, computed in float64; called about 45 times. Where it rounds its results to fewer
            digits, steps too small to move them look like a slope of 0.
        scale: the largest step; the function's features should not be much finer.

    Returns:
        The estimate. Its bound is infinite where no step gave a finite difference.

    Example:
        >>> import math
        >>> found = derivative(lambda t: math.exp(3.0 * t))
        >>> abs(found.value - 3.0) < found.bound < 1e-9, found.jump
        (True, 0.0)
        >>> derivative(lambda t: abs(t)).jump
        2.0
    """
    middle = function(0.0)
    steps = [scale * 0.5**level for level in range(_LEVELS)]
    values = [(function(step), function(-step)) for step in steps]
    bends = [ahead - 2.0 * middle + behind for ahead, behind in values]
    size = max(abs(middle), *(abs(value) for value in values[-1]))
    noises = [each / step for each, step in zip(_noises(bends, size), steps, strict=True)]

    best = Estimate(math.nan, math.inf, 0.0)
    row: list[float] = []
    for level, (ahead, behind) in enumerate(values):
        earlier, row = row, [(ahead - behind) / (2.0 * steps[level])]
        for depth in range(1, min(level, _DEEPEST) + 1):
            row.append(row[-1] + (row[-1] - earlier[depth - 1]) / (4.0**depth - 1.0))
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - earlier[depth - 1]))
            bound = _SAFETY * change + noises[level] + 1e-11 * abs(row[-1])
            if bound < best.bound:
                best = Estimate(row[-1], bound, 0.0)
    asymmetries = [bend / step for bend, step in zip(bends, steps, strict=True)]
    rounding = [8.0 * _EPSILON * size / step for step in steps]
    return best._replace(jump=_jump(asymmetries, rounding, abs(best.value)))


def _noises(bends: list[float], size: float) -> list[float]:
    """How far the function's values may be off, at each level, as the levels with smaller steps show it.

    The second difference of a smooth function is a quarter of that at twice the step; what differs from it is noise.
    """
    rest = [abs(now - before / 4.0) for before, now in pairwise(bends)]
    seen = [rest[level] if level >= _FINE else 0.0 for level in range(len(rest))]
    worst = list(accumulate(reversed(seen), max))[::-1]  # of this level's and all smaller steps
    return [2.0 * each + 8.0 * _EPSILON * size for each in (worst[0], *worst)]


def _jump(asymmetries: list[float], noises: list[float], slope: float) -> float:
    """What the difference of the one-sided slopes tends to: it halves with the step where the function is smooth."""
    least = _SLIGHT * slope  # what is smaller may come from the rounding of the function's own argument
    clear = [place for place, noise in enumerate(noises) if abs(asymmetries[place]) > max(8.0 * noise, least)]
    if not clear or clear[-1] < 3:
        return 0.0
    last = asymmetries[clear[-1] - 3 : clear[-1] + 1]
    settled = all(0.8 < now / before < 1.25 for before, now in pairwise(last) if before)
    return abs(last[-1]) if settled and math.isfinite(last[-1]) else 0.0
