"""Every scalar function on Values: against 50-digit arithmetic, against Tensor, and at the ends of the number line."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from tests.autograd.scalar_functions import FUNCTIONS, exact_derivative
from tests.autograd.support import examples, leaf, table

unit = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True, width=32)
EXTREME = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 1000.0, -1000.0, 1e308, 5e-324, math.inf, -math.inf, math.nan]


def point(name: str, units: tuple[float, ...]) -> tuple[float, ...]:
    """Points of the unit square in the function's interval."""
    low, high = FUNCTIONS[name].low, FUNCTIONS[name].high
    return tuple(low + (high - low) * u for u in units[: FUNCTIONS[name].arity])


def is_kink(name: str, at: tuple[float, ...]) -> bool:
    return (
        (name in ("relu", "absolute") and at[0] == 0.0)
        or (name in ("floor", "ceil", "trunc", "sign") and at[0] == int(at[0]))
        or (name == "round" and at[0] % 1 == 0.5)
        or (name == "clip" and at[0] in (-1.0, 2.0))
        or (name in ("maximum", "minimum", "where") and at[0] == at[1])
    )


def slopes(name: str, at: tuple[float, ...], gradient: float = 1.0) -> tuple[float, list[float]]:
    """The value and the gradient on Values."""
    variables = [Value(x) for x in at]
    out = FUNCTIONS[name].ours(*variables)
    out.backward(gradient)
    return out.data, [variable.grad for variable in variables]


@pytest.mark.uncounted
@pytest.mark.parametrize("name", FUNCTIONS)
@examples(100)
@given(units=st.tuples(unit, unit), gradient=st.sampled_from([1.0, -2.5, 3e-3]))
def test_value_and_derivative_to_1e_10(name: str, units: tuple[float, float], gradient: float) -> None:
    at = point(name, units)
    if is_kink(name, at):
        return
    value, gradients = slopes(name, at, gradient)
    function = FUNCTIONS[name]
    assert value == pytest.approx(float(function.exact(*at)), rel=1e-14, abs=1e-300)
    for place, found in enumerate(gradients):
        orders = tuple(int(place == other) for other in range(function.arity))
        assert found == pytest.approx(gradient * exact_derivative(function, at, orders), rel=1e-10, abs=1e-14)


@pytest.mark.uncounted
@pytest.mark.parametrize("name", FUNCTIONS)
@examples(100)
@given(units=st.tuples(unit, unit), gradient=st.sampled_from([1.0, -2.5, 3e-3]))
def test_value_agrees_with_tensor(name: str, units: tuple[float, float], gradient: float) -> None:
    at = point(name, units)
    value, gradients = slopes(name, at, gradient)
    tensors = [leaf(x) for x in at]
    out = FUNCTIONS[name].ours(*tensors)
    out.backward(gradient)
    assert out.item() == pytest.approx(value, rel=1e-14, abs=1e-300)
    for tensor, expected in zip(tensors, gradients, strict=True):
        assert tensor.grad.item() == pytest.approx(expected, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_extreme_arguments_raise_nothing_and_agree_with_tensor(name: str) -> None:
    """Overflow, poles and NaN give infinities and NaN as NumPy has them, on Values as on Tensors, and never raise."""
    for at in itertools.product(EXTREME, repeat=FUNCTIONS[name].arity):
        value, gradients = slopes(name, at)
        tensors = [leaf(x) for x in at]
        with np.errstate(all="ignore"):
            out = FUNCTIONS[name].ours(*tensors)
        out.backward()
        np.testing.assert_allclose(out.item(), value, rtol=1e-13, err_msg=f"value at {at}")
        for tensor, found in zip(tensors, gradients, strict=True):
            assert type(found) is float
            np.testing.assert_allclose(tensor.grad.item(), found, rtol=1e-13, err_msg=f"gradient at {at}")


@pytest.mark.parametrize(
    "make, value, gradient",
    [
        (lambda x: Value(x).tanh(), 1.0, 0.0),
        (lambda x: Value(x).sigmoid(), 1.0, 0.0),
        (lambda x: Value(x).softplus(), 1000.0, 1.0),
        (lambda x: Value(x).exp(), math.inf, math.inf),
        (lambda x: Value(x).logaddexp(Value(0.0)), 1000.0, 1.0),
    ],
)
def test_far_out(make: Any, value: float, gradient: float) -> None:
    out = make(1000.0)
    out.backward()
    assert out.data == value
    assert out.parents[0].grad == gradient


@pytest.mark.parametrize(
    "x, y, dx, dy",
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 2.0, 0.0, 0.0),
        (0.0, 1.0, 1.0, 0.0),
        (0.0, 0.5, math.inf, 0.0),
        (0.0, -1.0, -math.inf, -math.inf),
        (5.0, 0.0, 0.0, math.log(5.0)),
        (-2.0, 2.0, -4.0, math.nan),
        (-2.0, 3.0, 12.0, math.nan),
        (-8.0, 0.5, math.nan, math.nan),
        (math.inf, 0.0, 0.0, math.inf),
        (math.nan, 0.0, 0.0, math.nan),
    ],
)
@pytest.mark.parametrize("kind", [Value, leaf])
def test_power_at_the_hard_points(kind: Any, x: float, y: float, dx: float, dy: float) -> None:
    """As PyTorch has it: x**0 is constant in x even at 0; 0**y is constant in y for y >= 0."""
    base, exponent = kind(x), kind(y)
    with np.errstate(all="ignore"):
        (base**exponent).backward()
    np.testing.assert_allclose(float(base.grad), dx, rtol=1e-14)
    np.testing.assert_allclose(float(exponent.grad), dy, rtol=1e-14)


@pytest.mark.parametrize("infinity", [-math.inf, math.inf])
@pytest.mark.parametrize("kind", [Value, leaf])
def test_logaddexp_of_two_equal_infinities(kind: Any, infinity: float) -> None:
    x, y = kind(infinity), kind(infinity)
    out = x.logaddexp(y)
    out.backward()
    assert float(out.data) == infinity
    assert (float(x.grad), float(y.grad)) == (0.5, 0.5)


def test_logaddexp_of_infinities_beside_numbers() -> None:
    """Each element by itself: one infinite pair changes nothing for its neighbours."""
    x, y = leaf([math.inf, 1.0, -math.inf, -math.inf, 3.0]), leaf([math.inf, 2.5, -math.inf, 0.0, math.inf])
    x.logaddexp(y).backward(np.array([1.0, -2.0, 4.0, 8.0, 16.0]))
    share = 1.0 / (1.0 + math.exp(1.5))
    np.testing.assert_allclose(x.grad, [0.5, -2.0 * share, 2.0, 0.0, 0.0], rtol=1e-14)
    np.testing.assert_allclose(y.grad, [0.5, -2.0 * (1.0 - share), 2.0, 8.0, 16.0], rtol=1e-14)


@pytest.mark.parametrize("kind", [Value, leaf])
def test_integer_exponent_that_arrives_in_every_form(kind: Any) -> None:
    for exponent in (3, 3.0, np.int64(3), np.float64(3.0)):
        x = kind(-2.0)
        (x**exponent).backward()
        assert float(x.grad) == 12.0


def test_every_elementwise_primitive_is_in_the_table() -> None:
    """A primitive declared tomorrow fails here until it has an exact twin."""
    assert {rule.name for rule in table() if isinstance(rule, ag.Elementwise)} <= set(FUNCTIONS)
