"""When an answer is right, right but for rounding, or wrong."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, Tensor, Value
from autograd.testing import check_by_hand
from tests.autograd.support import leaf


def verdict(true: float, given: Any, digits: int | None = None, **others: Any) -> str:
    """The verdict on one answer, beside others, each given as the pair of its true number and its answer."""
    leaves = {"x": Value(1.0, "x"), **{name: Value(1.0, name) for name in others}}
    slopes = {"x": true, **{name: pair[0] for name, pair in others.items()}}
    root = leaves["x"] * slopes["x"]
    for name in others:
        root = root + leaves[name] * slopes[name]
    answers = {"x": given, **{name: pair[1] for name, pair in others.items()}}
    return str(check_by_hand(root, answers, digits=digits)["x"].verdict)


@pytest.mark.parametrize(
    "true, given, expected",
    [
        (-0.07364, "-0.0736", "right"),
        (-0.07364, "−0.0736", "right"),  # a true minus sign
        (-0.07364, "-0.0737", "rounding"),
        (-0.07364, "-0.0733", "rounding"),
        (-0.07364, "-0.073", "rounding"),  # cut off, not rounded
        (-0.07364, "-0.074", "right"),
        (-0.07364, "-0.0748", "wrong"),
        (-0.07364, "0.0736", "wrong"),
        (1.58273, "1.5828", "rounding"),
        (0.125, "0.12", "right"),  # a half may go either way
        (0.125, "0.13", "right"),
        (1234.6, "1235", "right"),
        (1234.6, "1.23e3", "right"),
        (1234.6, "1.23·10^3", "right"),
        (1234.6, "1.22e3", "rounding"),
        (1234.6, "1.10e3", "wrong"),
        (2 / 3, "2/3", "right"),
        (0.667, "2/3", "wrong"),
        (0.4, "0", "wrong"),
        (0.4, "0.0", "wrong"),
        (0.04, "0.0", "right"),
        (0.0, "0", "right"),
        (0.0, "-0.000", "right"),
    ],
)
def test_text_is_right_if_the_true_number_rounds_to_it(true: float, given: str, expected: str) -> None:
    assert verdict(true, given) == expected


@pytest.mark.parametrize(
    "true, given, expected",
    [
        (0.12345678901234567, 0.12345678901234567, "right"),
        (0.12345678901234567, 0.1234567890124, "right"),
        (0.12345678901234567, 0.123456788, "rounding"),
        (0.12345678901234567, 0.1236, "rounding"),
        (0.12345678901234567, 0.13, "rounding"),
        (0.12345678901234567, 0.15, "wrong"),
        (7.04, 7, "rounding"),
        (7.4, 7, "wrong"),
        (12.3, 12, "rounding"),
        (119.6, 120, "rounding"),
        (7.0, 7, "right"),
        (0.003, 0.0, "wrong"),
        (0.75, Fraction(3, 4), "right"),
        (0.75, Fraction(5, 7), "wrong"),
        (0.75, Decimal("0.8"), "right"),
        (0.1, np.float32(0.1), "right"),
        (math.inf, math.inf, "right"),
        (math.inf, 5.0, "wrong"),
        (5.0, math.inf, "wrong"),
        (5.0, math.nan, "wrong"),
    ],
)
def test_a_number_shows_its_own_digits(true: float, given: Any, expected: str) -> None:
    assert verdict(true, given) == expected


def test_digits_tell_what_numbers_were_rounded_to() -> None:
    assert verdict(0.003, 0.0, digits=2) == "right"
    assert verdict(7.004, 7.0, digits=2) == "right"
    assert verdict(7.2, 7.0, digits=2) == "wrong"
    assert verdict(0.30049, 0.3, digits=4) == "rounding"
    assert verdict(0.30049, "0.3", digits=4) == "right"  # text shows its own


def test_a_bare_number_has_the_places_of_the_longest_beside_it() -> None:
    beside = {"y": (0.1234, "0.1234")}
    assert verdict(0.00004, 0, **beside) == "right"
    assert verdict(0.4, 0, **beside) == "wrong"
    assert verdict(2.00004, 2, **beside) == "right"
    assert verdict(2.3, 2, **beside) == "wrong"


def test_rounding_counts_as_right_in_the_whole() -> None:
    x = Value(2.0, "x")
    check = check_by_hand(x * 0.07364, {"x": "-0.0737"})
    assert not check.right
    check = check_by_hand(x * -0.07364, {"x": "-0.0737"})
    assert check.right
    assert check
    assert check["x"].verdict == "rounding"


@pytest.mark.parametrize("given", ["", "half", "1,5", "0x1f", "1/0"])
def test_text_that_is_no_number_is_refused(given: str) -> None:
    x = Value(2.0, "x")
    with pytest.raises(ValueError, match=r"'x'|no answer"):
        check_by_hand(x * 3.0, {"x": given})


@pytest.mark.parametrize("given", [True, 1j, np.bool_(True), {"a": 1}, object()])
def test_what_is_no_number_is_refused(given: Any) -> None:
    with pytest.raises(DTypeError, match="'x'"):
        check_by_hand(Value(2.0, "x") * 3.0, {"x": given})


def test_float32_is_judged_by_its_own_precision() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(40, 40)).astype(np.float32) for _ in range(2))
    x = leaf(a, "x")
    root = (x @ Tensor(b)).sum()
    exact = np.repeat(b.astype(np.float64).sum(1)[None], 40, axis=0)
    assert check_by_hand(root, {"x": exact}).right
    assert not check_by_hand(root, {"x": exact * 1.001}).right


def test_what_is_not_finite_may_be_written_too() -> None:
    x, y = Value(0.0, "x"), Value(1.0, "y")
    check = check_by_hand(x.sqrt() + y * float("nan"), {"x": "inf", "y": "nan"})
    assert check.right
    assert not check_by_hand(y * 2.0, {"y": "-inf"}).right


def test_an_infinite_local_derivative_is_a_number_like_others() -> None:
    x = Value(0.0, "x")
    assert check_by_hand(x.sqrt(), {"x": math.inf}).right
    assert check_by_hand(x.sqrt(), {"x": 0.5})["x"].verdict == "wrong"
