"""Derivatives by differences: the bound holds, against numbers of 50 digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd.testing import derivative

FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[Any], Any]]] = {
    "exp": (math.exp, mpmath.exp),
    "sin": (math.sin, mpmath.sin),
    "tanh": (math.tanh, mpmath.tanh),
    "cube": (lambda x: x**3 - 2.0 * x, lambda x: x**3 - 2 * x),
    "log": (lambda x: math.log(x * x + 1.0), lambda x: mpmath.log(x * x + 1)),
    "bump": (lambda x: 1.0 / (1.0 + 25.0 * x * x), lambda x: 1 / (1 + 25 * x * x)),
    "wave": (lambda x: math.sin(50.0 * x), lambda x: mpmath.sin(50 * x)),
    "offset": (lambda x: 1e6 + math.cos(x), lambda x: mpmath.cos(x)),
    "erf": (math.erf, mpmath.erf),
    "root": (lambda x: math.sqrt(x + 5.0), lambda x: mpmath.sqrt(x + 5)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bound_holds_at_every_scale(name: str) -> None:
    function, exact = FUNCTIONS[name]
    rng = np.random.default_rng(len(name))
    for _ in range(100):
        x, scale = float(rng.uniform(-3.0, 3.0)), float(10.0 ** rng.uniform(-3.0, 0.5))
        found = derivative(lambda t, x=x, scale=scale: function(x + scale * t))
        with mpmath.workdps(40):
            true = float(mpmath.diff(exact, mpmath.mpf(x))) * scale
        assert abs(found.value - true) <= found.bound
        assert found.bound <= 1e-6 * max(abs(true), scale) + (1e-6 if name == "offset" else 0.0)
        assert found.jump == 0.0


@pytest.mark.parametrize("distance", [3e-2, 1e-3, -1e-4, 1e-5])
def test_a_kink_nearby_is_stepped_over(distance: float) -> None:
    found = derivative(lambda t: 2.0 * t + 5.0 * max(t - distance, 0.0))
    slope = 2.0 if distance > 0 else 7.0
    assert abs(found.value - slope) <= found.bound <= 1e-7
    assert found.jump == 0.0


@pytest.mark.parametrize("left, right", [(0.0, 1.0), (-1.0, 1.0), (2.0, 2.5)])
def test_a_kink_at_the_point_is_told(left: float, right: float) -> None:
    found = derivative(lambda t: math.sin(t) + (right if t > 0 else left) * t)
    assert found.value == pytest.approx(1.0 + (left + right) / 2)
    assert found.jump == pytest.approx(right - left, rel=1e-3)


def test_what_is_not_finite_has_an_infinite_bound() -> None:
    assert derivative(lambda t: math.nan).bound == math.inf
    assert derivative(lambda t: 1.0 / t if t else math.inf).bound == math.inf
