"""Differences by the ladder: bounds hold against 40 digits, whatever the scale; noise, steps and kinks are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd.testing.ladder import Ladder, Slopes

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (np.exp, mpmath.exp),
    "tanh": (np.tanh, mpmath.tanh),
    "bump": (lambda x: 1 / (1 + 25 * x * x), lambda x: 1 / (1 + 25 * x * x)),
    "wave": (lambda x: np.sin(50 * x), lambda x: mpmath.sin(50 * x)),
    "fine wave": (lambda x: np.sin(1e4 * x), lambda x: mpmath.sin(10000 * x)),
    "offset": (lambda x: 1e6 + np.cos(x), mpmath.cos),
}
SCALED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "log": (np.log, mpmath.log),
    "root": (np.sqrt, mpmath.sqrt),
    "inverse": (lambda x: 1 / x, lambda x: 1 / x),
    "power": (lambda x: x**2.5, lambda x: x ** mpmath.mpf("2.5")),
}


def slopes_of(function: Callable[[Any], Any], x: Any, direction: Any) -> Slopes:
    x = np.atleast_1d(np.asarray(x, dtype=float))
    with np.errstate(all="ignore"):
        ladder = Ladder(function, x, function(x))
    return ladder.slopes([np.atleast_1d(np.asarray(direction, dtype=float))])


@pytest.mark.parametrize("name", [*FUNCTIONS, *SCALED])
def test_the_bound_holds_and_is_narrow(name: str) -> None:
    function, exact = (FUNCTIONS | SCALED)[name]
    rng = np.random.default_rng(len(name))
    for _ in range(60):
        x = float(rng.uniform(0.1, 3.0)) * (10.0 ** rng.uniform(-8, 8) if name in SCALED else rng.choice([-1.0, 1.0]))
        d = abs(x) * float(rng.uniform(0.5, 1.0))
        found = slopes_of(function, x, d)
        with mpmath.workdps(40):
            true = float(mpmath.diff(exact, mpmath.mpf(x)) * mpmath.mpf(d))
        assert abs(found.value[0, 0] - true) <= found.bound[0, 0]
        if name != "offset":
            assert found.bound[0, 0] <= 1e-6 * max(abs(true), abs(x))
        assert not found.kinked.any()


@pytest.mark.parametrize("digits", [3, 6])
def test_a_function_that_rounds_its_results_is_not_flat(digits: int) -> None:
    rng = np.random.default_rng(digits)
    for _ in range(20):
        x = float(rng.uniform(0.5, 2.0))
        found = slopes_of(lambda t: np.round(np.exp(t), digits), x, x)
        assert abs(found.value[0, 0] - x * np.exp(x)) <= found.bound[0, 0]


def test_a_cast_to_float32_inside_is_noise() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = float(rng.uniform(0.5, 2.0))
        found = slopes_of(lambda t: np.exp(t.astype(np.float32)).astype(np.float64), x, x)
        assert abs(found.value[0, 0] - x * np.exp(x)) <= found.bound[0, 0] <= 1e-2


def test_one_sided_slopes_at_a_kink() -> None:
    found = slopes_of(lambda x: np.array([3.0 * max(x[0], 0.0) - 2.0 * min(x[0], 0.0), x[0]]), 0.0, 1.0)
    assert found.kinked.tolist() == [[True, False]]
    assert (found.left[0, 0], found.right[0, 0]) == (pytest.approx(-2.0), pytest.approx(3.0))
    assert found.value[0, 1] == pytest.approx(1.0)


@pytest.mark.parametrize("distance", [1e-2, 1e-5, -1e-7, 1e-9])
def test_a_kink_nearby_is_stepped_over(distance: float) -> None:
    found = slopes_of(lambda x: np.maximum(x - distance, 0.0) * 5.0, 0.0, 1.0)
    assert found.value[0, 0] == pytest.approx(0.0 if distance > 0 else 5.0, abs=1e-6)
    assert not found.kinked.any()


def test_what_is_too_fine_to_see_is_not_told() -> None:
    """A wave of 1e13 periods, and a root at 0, which has no slope there."""
    assert slopes_of(lambda x: np.sin(1e14 * x), 0.3, 0.3).bound[0, 0] == np.inf
    assert slopes_of(np.sqrt, 0.0, 1.0).bound[0, 0] > 1e4


def test_steps_out_of_the_domain_are_left_out() -> None:
    def domain(x: Any) -> Any:
        if (x <= 0).any():
            raise ValueError("outside")
        return np.log(x)

    found = slopes_of(domain, 1e-4, 1.0)
    assert found.value[0, 0] == pytest.approx(1e4, rel=1e-6)
