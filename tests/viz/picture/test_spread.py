"""Least, greatest and mean of many nodes' numbers, beside NumPy over all elements at once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value
from viz.picture.spread import Spread, gradient_of, value_lines

NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20)


@given(NUMBERS)
def test_least_greatest_and_mean_are_those_of_the_finite_numbers(numbers: list[float]) -> None:
    spread = Spread(numbers)
    finite = [x for x in numbers if math.isfinite(x)]
    assert spread.count == len(numbers)
    if not finite:
        assert math.isnan(spread.least)
        return
    assert (spread.least, spread.greatest) == (min(finite), max(finite))
    exact = math.fsum(x / len(finite) for x in finite)
    assert spread.mean == pytest.approx(exact, rel=1e-12, abs=1e-13 * max(map(abs, finite)))
    assert spread.least <= spread.mean <= spread.greatest


@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_arrays_count_by_their_elements(rows: list[list[float]]) -> None:
    apart = Spread([np.array(row) for row in rows])
    together = Spread([x for row in rows for x in row])
    assert apart.count == together.count
    assert str(apart) == str(together) or apart.mean == pytest.approx(together.mean, rel=1e-9)


@pytest.mark.parametrize(
    "numbers, said",
    [
        ([1.0, -2.0, 4.0], "−2 … 4, mean 1"),
        ([1.0, -1.0, 1.0, -1.0], "−1 … 1, mean 0"),
        ([0.1] * 7, "all 0.1"),
        ([math.nan, 2.0, math.inf, -math.inf, 4.0], "2 … 4, mean 3, 1 NaN, 1 ∞, 1 −∞"),
        ([2.0, math.nan], "2, 1 NaN"),
        ([math.nan, math.nan], "2 NaN"),
        ([1e308, 1e308, -1e308], "−1e308 … 1e308, mean 3.333e307"),
        ([np.zeros((0, 3))], "empty"),
        ([np.zeros((0, 3)), np.array([1.0, 3.0])], "1 … 3, mean 2"),
        ([np.array([1.0, 2.0], np.float32), np.array([[6.0]], np.float32)], "1 … 6, mean 3"),
    ],
)
def test_what_is_said(numbers: list[object], said: str) -> None:
    assert str(Spread(numbers)) == said


def test_what_rounding_leaves_of_numbers_that_cancel_is_zero() -> None:
    assert str(Spread([0.1, 0.2, -0.3])) == "−0.3 … 0.2, mean 0"
    assert str(Spread([1.0, 1e-9, -1.0])).endswith("mean 3.333e−10")


def test_values_of_scalars_and_of_arrays() -> None:
    assert value_lines([Value(1.0), Value(3.0)]) == ("1 … 3, mean 2",)
    same = [Tensor(np.ones((2, 3))), Tensor(np.zeros((2, 3)))]
    assert value_lines(same) == ("(2, 3) float64", "0 … 1, mean 0.5")
    assert value_lines([*same, Tensor([5.0])])[0] == "2 shapes"


def test_gradients_are_none_needed_not_computed_or_a_spread() -> None:
    x, y = Value(1.0), Value(2.0)
    assert gradient_of([Value(1.0, requires_grad=False)] * 2) == (None, False)
    assert gradient_of([x, y]) == ("—", False)
    (x * 3.0 + y * 5.0).backward()
    assert gradient_of([x, y]) == ("3 … 5, mean 4", False)
    assert gradient_of([x, y, Value(0.0)]) == ("3 … 5, mean 4, 1 node without", False)


def test_gradients_that_are_all_zero_are_told() -> None:
    closed = [Value(-1.0), Value(-2.0)]
    (closed[0].relu() + closed[1].relu()).backward()
    assert gradient_of(closed) == ("all 0", True)
