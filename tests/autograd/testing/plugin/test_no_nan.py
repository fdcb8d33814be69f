"""The fixture `no_nan`: a test fails where the first node turns NaN or infinite."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

HEAD = """
import numpy as np
import pytest
from autograd import AnomalyError, Tensor, Value, where

def leaf(*numbers):
    return Tensor(list(numbers), requires_grad=True, name="t")
"""


def run(pytester: pytest.Pytester, body: str, *args: str) -> pytest.RunResult:
    (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)


@pytest.mark.parametrize(
    "line, operation",
    [
        ("leaf(1.0, 0.0).log()", "log: 1 of 2 elements are not finite"),
        ("(leaf(1e200) * 1e200).sum()", "multiply: 1 of 1 elements are not finite"),
        ("leaf(-1.0).sqrt()", "sqrt: 1 of 1 elements are not finite"),
        ("Value(0.0, 'v').log()", "log: the result is not finite"),
        ("leaf(0.0).sqrt().sum().backward()", "backward of sqrt: t[0] receives 1 × ∞"),
    ],
)
@pytest.mark.parametrize("warned", ["default", "error"])
def test_the_operation_and_the_line_are_named(
    pytester: pytest.Pytester, line: str, operation: str, warned: str
) -> None:
    result = run(pytester, f"def test_it(no_nan):\n    y = {line}", "-W", warned)
    result.assert_outcomes(failed=1)
    output = result.stdout.str()
    assert f"autograd.errors.AnomalyError: {operation}" in output
    assert f"test_it.py:10: y = {line}" in output


def test_finite_numbers_and_infinite_arguments_pass_and_without_the_fixture_nothing_is_looked_at(
    pytester: pytest.Pytester,
) -> None:
    body = """
def test_finite(no_nan): (leaf(1.0, 2.0).log() * 3.0).sum().backward()
def test_mask(no_nan): (leaf(1.0, 2.0) + np.array([0.0, -np.inf])).exp().sum().backward()
def test_closed(no_nan): where(np.array([False]), leaf(0.0).sqrt(), 1.0).sum().backward()
def test_without():
    with np.errstate(divide="ignore"):
        assert leaf(0.0).log().data == -np.inf
"""
    run(pytester, body).assert_outcomes(passed=4)


def test_a_check_may_explore_where_the_function_is_not_finite(pytester: pytest.Pytester) -> None:
    run(
        pytester, "def test_log(no_nan, check_grad): check_grad(lambda x: x.log(), np.array([0.5, 2.0]))"
    ).assert_outcomes(passed=1)


def test_the_watch_ends_with_the_test(pytester: pytest.Pytester) -> None:
    body = """
from autograd import recording
def test_first(no_nan): assert recording.modes.watch is not None
def test_second(): assert recording.modes.watch is None
"""
    run(pytester, body).assert_outcomes(passed=2)
