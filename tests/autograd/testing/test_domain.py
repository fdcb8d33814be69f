"""Inputs that nobody gave: what is wrong there, what lies outside of the domain, and what stays undecided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.testing import GradientWarning, check_backward
from autograd.testing.domain import in_domain
from autograd.testing.handwritten import PairSubject
from benchmarks.derivatives import holdout

POSITIVE, BOTH = np.array([0.5, 2.0, 3.5]), np.array([-0.5, 2.0, 3.5])


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with np.errstate(all="ignore"):
        yield


def sinc_back(g: Any, x: Any) -> Any:
    return g * (np.cos(np.pi * x) - np.sinc(x)) / x


def test_a_limit_that_is_missing_outside_of_the_given_numbers_is_undecided() -> None:
    with pytest.warns(GradientWarning, match="right at the given input, and not finite elsewhere"):
        report = check_backward(np.sinc, sinc_back, POSITIVE)
    (finding,) = [finding for finding in report.findings if finding.level == "undecided"]
    assert finding.where == "zeros"
    assert "x[0] is nan" in finding.message
    assert "the limit" in finding.message
    assert check_backward(np.sinc, sinc_back, POSITIVE, explore=False)


def test_a_limit_that_is_missing_among_the_given_numbers_is_a_fault() -> None:
    report = check_backward(np.sinc, sinc_back, BOTH, raises=False)
    assert (report.verdict, report.causes) == ("fail", ["not finite"])
    assert check_backward(np.sinc, sinc_back, np.array([0.0, 1.5]), explore=False, raises=False).verdict == "fail"


def test_a_gradient_that_is_not_finite_in_a_whole_region_is_a_fault() -> None:
    """e^x / (1 + e^x) is NaN for every x above 710."""
    report = check_backward(
        lambda x: np.logaddexp(x, 0.0), lambda g, x: g * np.exp(x) / (1.0 + np.exp(x)), POSITIVE, raises=False
    )
    assert (report.verdict, report.causes) == ("fail", ["not finite"])


def test_what_is_wrong_beside_a_single_point_is_a_fault() -> None:
    wrong = lambda g, x: sinc_back(g, x) * np.where(x < 0.1, 1.5, 1.0)  # noqa: E731
    report = check_backward(np.sinc, wrong, np.array([0.01, 2.0, 3.5]) + 0.3, raises=False)
    assert report.verdict == "fail"


def test_where_the_function_has_no_value_nothing_is_wrong() -> None:
    """Negative numbers and zeros are tried, and left alone: there the logarithm says NaN or infinity."""
    assert check_backward(np.log, lambda g, x: g / x, POSITIVE)
    assert not in_domain(PairSubject(np.log, lambda g, x: g / x, (-POSITIVE,), None, None))
    assert in_domain(PairSubject(np.log, lambda g, x: g / x, (POSITIVE,), None, None))


@pytest.mark.parametrize("seed", range(2))
def test_no_right_form_of_the_hold_out_is_called_wrong(seed: int) -> None:
    for case in holdout.right(np.random.default_rng(seed)):
        report = check_backward(case.forward, case.backward, *case.inputs, raises=False)
        assert report.verdict != "fail", (case.name, str(report))


def test_cancellation_in_float32_is_not_called_wrong() -> None:
    """(e^x (x − 1) + 1)/x² has no right digit left in float32 for x around 0.001; a factor of 1.001 is found there."""
    x = np.array([0.0027, 0.0036, 0.0032, 0.0013, 0.0016, 0.0036, 0.0005, 0.0034], dtype=np.float32)

    def forward(x: Any) -> Any:
        return np.expm1(x) / x

    def backward(g: Any, x: Any) -> Any:
        return g * (np.exp(x) * (x - 1) + 1) / x**2

    for each in (x, np.array([0.0016, 0.004, 0.0016, 0.0033, 0.0035, 0.0019, 0.002, 0.0018], dtype=np.float32)):
        assert check_backward(forward, backward, each, explore=False)
    coarse = check_backward(
        np.sin, lambda g, x: g * np.cos(x) * x.dtype.type(1.0 + 1e-3 * (x.dtype == np.float32)), x, raises=False
    )
    assert coarse.causes == ["float32"]


def test_numbers_with_few_digits_are_linear_all_the_same() -> None:
    """Numbers below the smallest normal one; and a rest of numbers that cancel, at an input far larger than they."""
    special = pytest.importorskip("scipy.special")
    for tiny in ([739.2, 712.9, 727.1, 735.0, 732.2, 741.2], [725.8, 723.8, 734.4, 736.5, 723.0, 735.1]):
        report = check_backward(
            special.exp1, lambda g, x: -g * np.exp(-x) / x, np.array(tiny), explore=False, raises=False
        )
        assert report.verdict != "fail"
    rows = [[0.2, -0.5, -0.4], [-2.4, 1.8, 1.1], [-0.3, 0.8, 0.3]]
    small = np.array(rows, dtype=np.float32) * np.float32(1e-14)
    determinant = check_backward(
        np.linalg.det, lambda g, x: g * np.linalg.det(x) * np.linalg.inv(x).T, small, explore=False, raises=False
    )
    assert determinant.verdict != "fail"
    huge = np.array([[243815.64949461192, -532674.9249797097, 243803.39014391284, -195848.46209931522]])

    def softmax(x: Any) -> Any:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def softmax_back(g: Any, x: Any) -> Any:
        y = softmax(x)
        return y * (g - (g * y).sum(axis=-1, keepdims=True))

    for seed in range(20):
        report = check_backward(softmax, softmax_back, huge, explore=False, raises=False, seed=seed)
        assert "linear" not in {fault.kind for fault in report.faults}
