"""The branch that is not taken contributes exactly 0, whatever its own value and derivative are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd import functions as F
from tests.autograd.support import leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])

# name: (function, the point where the other branch is taken, the true slope there)
GUARDED: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "log at 0": (lambda x: ag.where(x > 0, x.log(), 0.0), 0.0, 0.0),
    "log below 0": (lambda x: ag.where(x > 0, x.log(), 2.0 * x), -1.0, 2.0),
    "sqrt at 0": (lambda x: ag.where(x > 0, x.sqrt(), 0.0), 0.0, 0.0),
    "sqrt below 0": (lambda x: ag.where(x > 0, x.sqrt(), -x), -4.0, -1.0),
    "fractional power below 0": (lambda x: ag.where(x > 0, x**0.5, 0.0), -1.0, 0.0),
    "negative power at 0": (lambda x: ag.where(x != 0, x**-2.0, x), 0.0, 1.0),
    "exp overflows": (lambda x: ag.where(x < 500.0, x.exp(), x), 1000.0, 1.0),
    "expm1 overflows": (lambda x: ag.where(x < 500.0, x.expm1(), 3.0), 1000.0, 0.0),
    "sinh and cosh overflow": (lambda x: ag.where(x < 500.0, x.sinh() * x.cosh(), 3.0), 1000.0, 0.0),
    "division by 0": (lambda x: ag.where(x != 0, 1.0 / x, 0.0), 0.0, 0.0),
    "0 / 0": (lambda x: ag.where(x != 0, x.sin() / x, 1.0), 0.0, 0.0),
    "log1p at its pole": (lambda x: ag.where(x > -1, x.log1p(), x * 3.0), -1.0, 3.0),
    "second branch": (lambda x: ag.where(x <= 0, x * 5.0, x.log()), 0.0, 5.0),
    "nested": (lambda x: ag.where(x > 0, ag.where(x > 1, x.log(), x.sqrt().log()), 0.5 * x), 0.0, 0.5),
    "deep in the branch": (lambda x: ag.where(x > 0, ((x.log() * 2.0).exp() + x.sqrt()).tanh(), 0.0), 0.0, 0.0),
    "infinity times 0": (lambda x: ag.where(x > 0, x.log() * x, 0.0), 0.0, 0.0),
    "inf - inf": (lambda x: ag.where(x < 500.0, x.exp() - x.cosh(), x), 1000.0, 1.0),
    "logaddexp of sqrt": (lambda x: ag.where(x > 0, x.sqrt().logaddexp(x.log()), 0.0), -1.0, 0.0),
    "guarded variable too": (lambda x: ag.where(x > 0, ag.where(x > 0, x, 1.0).log(), 0.0), 0.0, 0.0),
    "finite in spite of a NaN": (lambda x: ag.where(x > 0, x.sqrt() ** 0, 0.0), -1.0, 0.0),
    "multiplied afterwards": (lambda x: ag.where(x > 0, x.sqrt(), 0.0) * x, -1.0, 0.0),
}


@KINDS
@pytest.mark.parametrize("name", GUARDED)
def test_nothing_leaks(kind: Any, name: str) -> None:
    function, at, slope = GUARDED[name]
    x = kind(at)
    with np.errstate(all="ignore"):
        out = function(x)
    out.backward(-3.0)
    assert float(x.grad) == -3.0 * slope


@pytest.mark.parametrize("name", GUARDED)
def test_nothing_leaks_in_an_array_that_takes_both_branches(name: str) -> None:
    """Each element is differentiated as if it stood alone."""
    function, at, _ = GUARDED[name]
    points = [at, 2.5, at, 0.25]
    x = leaf(points)
    gradient = np.array([1.5, -2.0, 0.5, 3.0])
    with np.errstate(all="ignore"):
        function(x).backward(gradient)
    for point, upstream, found in zip(points, gradient, x.grad, strict=True):
        alone = Value(point)
        function(alone).backward(upstream)
        assert found == pytest.approx(alone.grad, rel=1e-13)


@pytest.mark.parametrize("name", GUARDED)
def test_nothing_leaks_into_second_derivatives_or_tangents(name: str) -> None:
    function, at, slope = GUARDED[name]
    with np.errstate(all="ignore"):
        second = ag.grad(ag.grad(function))(at)
        _, tangent = ag.jvp(function, (at,), (2.0,))
    assert math.isfinite(second)
    assert float(tangent) == 2.0 * slope


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_upstream_gradient_that_is_not_finite_stays_in_the_branch_taken(poison: float) -> None:
    x, y = leaf([1.0, 1.0]), leaf([1.0, 1.0])
    ag.where(np.array([True, False]), x, y).backward(np.array([poison, 2.0]))
    assert x.grad[1] == 0.0
    assert not np.isfinite(x.grad[0])
    assert y.grad.tolist() == [0.0, 2.0]
    a, b = Value(1.0), Value(1.0)
    ag.where(True, a, b).backward(poison)
    assert not math.isfinite(a.grad)
    assert b.grad == 0.0


@pytest.mark.parametrize(
    "function, at, slope",
    [(ag.log, 0.0, 0.25), (ag.sqrt, -1.0, 0.25), (ag.sqrt, 0.0, 0.25), (lambda x: x**0.5, -1.0, 0.25)],
)
def test_elements_that_are_not_chosen_do_not_leak(function: Callable[[Any], Any], at: float, slope: float) -> None:
    """What receives no gradient hands none on, be it infinite or NaN."""
    x = leaf([at, 4.0])
    with np.errstate(all="ignore"):
        out = function(x)[1]
    out.backward()
    assert x.grad.tolist() == [0.0, slope]


def test_rows_that_are_not_taken_do_not_leak_through_reductions() -> None:
    """A reduction's weight may be infinite where nothing flows back."""
    mask = np.array([True, False])
    x = leaf([[1.0, 2.0], [np.inf, np.inf]])
    with np.errstate(all="ignore"):
        out = ag.where(mask, F.logsumexp(x, axis=1), 0.0)
    out.backward(np.array([1.0, 1.0]))
    assert x.grad[1].tolist() == [0.0, 0.0]
    for function in (F.logsumexp, F.max, F.std, F.mean):
        y = leaf([[1.0, 2.0], [np.nan, 1.0]])
        ag.where(mask, function(y, axis=1), 0.0).backward(np.array([1.0, 1.0]))
        assert y.grad[1].tolist() == [0.0, 0.0]
        assert np.isfinite(y.grad[0]).all()
    z = leaf([[1.0, 2.0], [0.0, 0.0]])
    with np.errstate(all="ignore"):
        out = ag.where(mask, F.prod(1.0 / z, axis=1), 0.0)
    out.backward(np.array([2.0, 1.0]))
    assert z.grad.tolist() == [[-1.0, -0.5], [0.0, 0.0]]


@pytest.mark.parametrize(
    "function", [lambda x: (x * x).sqrt(), lambda x: (x - 1.0).relu().sqrt(), lambda x: abs(x).log() * 0.0]
)
def test_zero_times_infinity_is_the_same_on_both_kinds(function: Callable[[Any], Any]) -> None:
    """sqrt(x²) and its like at 0: a Tensor and a Value answer alike."""
    answers = []
    for other in (Value, leaf):
        x = other(0.0)
        with np.errstate(all="ignore"):
            function(x).backward()
        answers.append(float(x.grad))
    np.testing.assert_array_equal(answers[0], answers[1])


@pytest.mark.parametrize(
    "condition",
    [
        np.array([2.0, 0.0, -1.0]),
        np.array([2, 0, -1]),
        [True, False, True],
        np.array([True, False, True]),
        leaf([3.0, 0.0, 0.5]) != 0,
        (1, 0, 1),
    ],
)
def test_condition_of_any_kind_is_a_choice_not_a_factor(condition: Any) -> None:
    x, y = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])
    out = ag.where(condition, x, y)
    out.backward(np.array([10.0, 20.0, 30.0]))
    assert out.data.tolist() == [1.0, 5.0, 3.0]
    assert x.grad.tolist() == [10.0, 0.0, 30.0]
    assert y.grad.tolist() == [0.0, 20.0, 0.0]


@pytest.mark.parametrize("condition", [2.5, 0.0, True, False, np.True_, Value(2.0), Value(0.0)])
def test_condition_of_one_number(condition: Any) -> None:
    x, y = Value(1.0), Value(4.0)
    ag.where(condition, x, y).backward(3.0)
    assert (x.grad, y.grad) == ((3.0, 0.0) if condition else (0.0, 3.0))


def test_condition_on_arrays_of_values() -> None:
    x, y = [Value(1.0), Value(2.0)], Value(7.0)
    out = ag.where(np.array([True, False]), np.array(x, dtype=object), y)
    assert [each.data for each in out] == [1.0, 7.0]
    (out[0] * 2.0 + out[1] * 3.0).backward()
    assert (x[0].grad, x[1].grad, y.grad) == (2.0, 0.0, 3.0)


def test_numpys_where_is_ours() -> None:
    x = leaf([-1.0, 4.0])
    with np.errstate(invalid="ignore"):
        out = np.where(x.data > 0, x.sqrt(), 0.0)
    out.backward(np.ones(2))
    assert x.grad.tolist() == [0.0, 0.25]


def test_scalar_branch_has_a_scalar_gradient() -> None:
    """A branch of one number, chosen for several elements, receives one sum, not an array."""
    x = leaf(2.0)
    ag.where(np.array([True, False, True]), x, np.zeros(3)).backward(np.array([1.0, 10.0, 100.0]))
    assert x.grad.shape == ()
    assert x.grad == 101.0
