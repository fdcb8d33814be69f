"""The marker `grad`: one call of a test for each function, with an id that can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.testing.plugin.marks import GradCase

pytest_plugins = ["pytester"]

HEAD = """
import numpy as np
import pytest
import autograd
from autograd import Elementwise

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)

def scaled(x, w, by=1.0):
    return (x * w * by).sum()

def square(x):
    return x * x, x

def square_back(dout, cache):
    return 2.0 * dout * cache
"""


def run(pytester: pytest.Pytester, body: str, *args: str) -> pytest.RunResult:
    (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)


def names(result: pytest.RunResult) -> list[str]:
    return [line.split("::", 1)[1] for line in result.outlines if line.startswith("test_it.py::")]


CASES = """
@pytest.mark.grad(autograd.tanh, X)
@pytest.mark.grad(scaled, X, 2.5, by=3)
@pytest.mark.grad((square, square_back), X)
@pytest.mark.grad(lambda x: x, X, id="as it is")
@pytest.mark.grad(lambda x: x, X[0])
def test_gradients(grad_case):
    assert grad_case.check()
"""


def test_each_marker_is_a_case_from_the_top_down_with_a_readable_id(pytester: pytest.Pytester) -> None:
    assert names(run(pytester, CASES, "--collect-only", "-q")) == [
        "test_gradients[tanh-2x3]",
        "test_gradients[scaled-2x3-2.5-by=3]",
        "test_gradients[square-2x3]",
        "test_gradients[as it is]",
        "test_gradients[lambda-3]",
    ]


def test_right_cases_pass(pytester: pytest.Pytester) -> None:
    run(pytester, CASES).assert_outcomes(passed=5)


def test_markers_of_the_module_and_the_class_come_first_and_count_too(pytester: pytest.Pytester) -> None:
    body = """
pytestmark = [pytest.mark.grad(f, X) for f in (autograd.exp, autograd.sin)]

@pytest.mark.grad(autograd.cos, X)
class TestAll:
    @pytest.mark.grad(autograd.tanh, X)
    @pytest.mark.grad(autograd.erf, X)
    def test_it(self, grad_case): grad_case.check()
"""
    result = run(pytester, body, "--collect-only", "-q")
    assert [name.split("[")[1] for name in names(result)] == [
        "cos-2x3]",
        "exp-2x3]",
        "sin-2x3]",
        "tanh-2x3]",
        "erf-2x3]",
    ]


def test_a_wrong_case_fails_by_itself_under_a_name_that_can_be_pasted(pytester: pytest.Pytester) -> None:
    body = """
half = Elementwise("half", lambda x: x * x, [lambda out, x: x])

def wrong(x, by=1.0): return half(x) * by

@pytest.mark.grad(wrong, X, by=2.0)
@pytest.mark.grad((square, lambda dout, cache: dout * cache), X, id="pair")
@pytest.mark.grad(autograd.exp, X)
def test_gradients(grad_case):
    grad_case.check()
"""
    result = run(pytester, body)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines_random(
        ["*the gradient of partial(wrong, by=2.0) is wrong*", "pytest 'test_it.py::test_gradients*wrong-2x3-by=2*' *"]
    )


def test_keywords_reach_the_function_and_options_the_check(pytester: pytest.Pytester) -> None:
    body = """
seen = []

def noted(x, by):
    seen.append(by)
    return x * by

@pytest.mark.grad(noted, X, by=4.0)
def test_it(grad_case):
    report = grad_case.check(explore=False, seed=3)
    assert (set(seen), report.inputs, report.seed) == ({4.0}, 1, 3)
"""
    run(pytester, body).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "body, message",
    [
        ("@pytest.mark.grad(square, X)\ndef test_it(): pass", "*test_it: is marked with `grad`, so it must take*"),
        ("def test_it(grad_case): pass", "*test_it: takes `grad_case`, so it must be marked*"),
        ("@pytest.mark.grad(X, X)\ndef test_it(grad_case): pass", "*names no function with inputs*"),
        ("@pytest.mark.grad(square, id='none')\ndef test_it(grad_case): pass", "*names no function with inputs*"),
        ("@pytest.mark.grad(f=square)\ndef test_it(grad_case): pass", "*names no function with inputs*"),
        ("@pytest.mark.grad((square, X), X)\ndef test_it(grad_case): pass", "*names no function with inputs*"),
    ],
)
def test_a_marker_that_fits_not_is_an_error_of_the_collection(
    pytester: pytest.Pytester, body: str, message: str
) -> None:
    result = run(pytester, body)
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([message])


def test_the_marker_is_known_where_markers_are_strict(pytester: pytest.Pytester) -> None:
    run(pytester, CASES, "--strict-markers", "-W", "error").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    "given, text",
    [
        (np.ones((2, 3)), "2x3"),
        (np.ones(()), "scalar"),
        (np.ones((0, 3), dtype="float32"), "0x3:float32"),
        (np.array([1, 2]), "2:int64"),
        (Tensor([[1.0]]), "1x1"),
        (Value(-0.5), "-0.5"),
        (2.0, "2"),
        ([np.ones(2), 1], "(2,1)"),
        ({"a": np.ones(2)}, "dict"),
        ("same", "same"),
        (None, "None"),
    ],
)
def test_an_input_stands_in_the_id_by_its_shape(given: Any, text: str) -> None:
    assert GradCase(autograd.exp, (given,), {}).name == f"exp-{text}"


def test_a_case_outside_of_a_test_says_that_it_needs_one() -> None:
    with pytest.raises(RuntimeError, match="take the fixture `grad_case`"):
        GradCase(autograd.exp, (1.0,), {}).check()
