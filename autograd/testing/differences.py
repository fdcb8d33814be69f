"""The derivative of a function of one number by differences, with a bound on its error that can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.ladder import Ladder


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
    """The derivative of a function at 0; see `autograd.testing.ladder` for the method.

    Args:
        function: of one number; called about 17 times where it is smooth, up to 120 times where it is not. It may round
            its results: then the bound is as wide as its steps are.
        scale: the largest step, twice over; the function's features should not be much finer.

    Returns:
        The estimate. Its bound is infinite where no step gave a finite difference.

    Example:
        >>> import math
        >>> found = derivative(lambda t: math.exp(3.0 * t))
        >>> abs(found.value - 3.0) < found.bound < 1e-8, found.jump
        (True, 0.0)
        >>> derivative(lambda t: abs(t)).jump
        2.0
    """

    def value(point: Any) -> Any:
        return np.array([function(float(point[0]))], dtype=np.float64)

    origin = np.zeros(1)
    slopes = Ladder(value, origin, value(origin), scale=scale).slopes([np.ones(1)])
    number, bound, left, right = (float(each[0, 0]) for each in slopes[:4])
    return Estimate(number, bound, abs(right - left) if slopes.kinked[0, 0] else 0.0)
