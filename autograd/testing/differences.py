"""The derivative of a function of one number by differences, with a bound on its error that can be trusted.

Central differences at steps that halve are extrapolated to step 0 (Richardson's method, in Neville's scheme). Of the
whole table the entry with the smallest error bound is taken, so that no step has to be chosen: large steps suit smooth
functions, small ones those that have a kink nearby.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

_LEVELS = 22  # steps from `scale` down to 5e-7 of it
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
        function: of one number; called about 45 times.
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
    best = Estimate(math.nan, math.inf, 0.0)
    asymmetries: list[float] = []
    noises: list[float] = []
    row: list[float] = []
    for level in range(_LEVELS):
        step = scale * 0.5**level
        ahead, behind = function(step), function(-step)
        noise = 8.0 * _EPSILON * max(abs(ahead), abs(behind), abs(middle)) / step
        asymmetries.append((ahead - 2.0 * middle + behind) / step)
        noises.append(noise)
        earlier, row = row, [(ahead - behind) / (2.0 * step)]
        for depth in range(1, min(level, _DEEPEST) + 1):
            row.append(row[-1] + (row[-1] - earlier[depth - 1]) / (4.0**depth - 1.0))
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - earlier[depth - 1]))
            bound = _SAFETY * change + noise + 1e-11 * abs(row[-1])
            if bound < best.bound:
                best = Estimate(row[-1], bound, 0.0)
    return best._replace(jump=_jump(asymmetries, noises, abs(best.value)))


def _jump(asymmetries: list[float], noises: list[float], slope: float) -> float:
    """What the difference of the one-sided slopes tends to: it halves with the step where the function is smooth."""
    least = _SLIGHT * slope  # what is smaller may come from the rounding of the function's own argument
    clear = [place for place, noise in enumerate(noises) if abs(asymmetries[place]) > max(8.0 * noise, least)]
    if not clear or clear[-1] < 3:
        return 0.0
    last = asymmetries[clear[-1] - 3 : clear[-1] + 1]
    settled = all(0.8 < now / before < 1.25 for before, now in pairwise(last) if before)
    return abs(last[-1]) if settled and math.isfinite(last[-1]) else 0.0
