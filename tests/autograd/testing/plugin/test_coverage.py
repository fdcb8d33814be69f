"""Gradient coverage of a run: what is counted, what is shown, and when the run fails."""

from __future__ import annotations

import re

import pytest

from autograd.testing.plugin.coverage import Row, table_lines

pytest_plugins = ["pytester"]

HEAD = """
import numpy as np
import pytest
import autograd
from autograd import Elementwise, Tensor, Value, detect_anomaly, grad, recording

X = np.array([[0.5, -1.0, 2.0], [0.25, 3.0, 0.75]])

def leaf(x=X):
    return Tensor(x, requires_grad=True)
"""


def run(pytester: pytest.Pytester, body: str, *args: str) -> pytest.RunResult:
    (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)


def missing(result: pytest.RunResult, name: str) -> str:
    """What the table says was not taken of a primitive."""
    (line,) = [line for line in result.outlines if re.match(rf"{name} +\d+/\d+ ", line)]
    return line.split("%", 1)[1].strip()


def taken_of_relu(result: pytest.RunResult) -> set[str]:
    every = {"array", "scalar", "float32", "empty", "non-contiguous", "zero", "negative"}
    found = missing(result, "relu")
    return set() if found == "never used" else every - set(filter(None, found.split(", ")))


@pytest.mark.parametrize(
    "line, taken",
    [
        ("leaf().relu()", set()),
        ("leaf().relu().sum().backward()", {"array", "negative"}),
        ("leaf().relu().sum().backward(keep='leaves')", {"array", "negative"}),
        ("leaf(X.T).relu().sum().backward(); leaf(X * 0).relu().backward(X)", {"array", "negative", "zero"}),
        ("leaf(X.astype('float32')).relu().sum().backward()", {"array", "negative", "float32"}),
        ("leaf(X[:0]).relu().sum().backward()", {"array", "empty"}),
        ("leaf(abs(X)).T.relu().sum().backward()", {"array", "non-contiguous"}),
        ("Value(0.0).relu().backward()", {"scalar", "zero"}),
        (
            "for x in [X] * 8 + [X.astype('float32')]: leaf(x).relu().sum().backward()",
            {"array", "negative", "float32"},
        ),
        ("grad(lambda x: x.relu().sum())(X)", {"array", "negative"}),
        ("grad(lambda x: grad(lambda x: (x * x).relu().sum())(x).sum())(X)", {"array"}),
        ("y = leaf().relu(); y.sum().backward(); y.register_hook(lambda g: g)", {"array", "negative"}),
        ("check_grad(lambda x: x.relu(), abs(X), explore=False)", {"array", "non-contiguous"}),
        ("exec('with detect_anomaly(): leaf().relu().sum().backward()')", set()),
        ("autograd.nonfinite_origin(leaf().relu().sum())", set()),
    ],
)
def test_the_passes_of_backward_and_of_transforms_count(pytester: pytest.Pytester, line: str, taken: set[str]) -> None:
    result = run(pytester, f"def test_it(check_grad):\n    {line}", "--grad-cov")
    result.assert_outcomes(passed=1)
    assert taken_of_relu(result) - {"non-contiguous"} == taken - {"non-contiguous"}
    assert ("non-contiguous" in taken_of_relu(result)) >= (".T.relu" in line)


def test_every_test_adds_to_the_table_and_no_nan_is_looked_at_too(pytester: pytest.Pytester) -> None:
    body = """
def test_one(): leaf().relu().sum().backward()
def test_two(no_nan): Value(0.0).relu().backward()
def test_three(no_nan): grad(lambda x: x.relu().sum())(X[:0])
def test_four(no_nan): leaf(np.array([0.0])).log()
"""
    result = run(pytester, body, "--grad-cov")
    result.assert_outcomes(passed=3, failed=1)
    assert taken_of_relu(result) == {"array", "negative", "scalar", "zero", "empty"}
    assert "AnomalyError: log" in result.stdout.str()


def test_gradients_are_what_they_are_without_it_and_nothing_is_looked_at_while_off(pytester: pytest.Pytester) -> None:
    body = """
def test_it(pytestconfig):
    on = pytestconfig.option.grad_cov
    assert (recording.special, recording.modes.watch is None) == (int(on), not on)
    x = leaf()
    y = (x * x).relu()
    seen = []
    x.register_hook(seen.append)
    y.sum().backward()
    y.sum().backward()
    assert np.array_equal(x.grad, 4 * X) and len(seen) == 2 and y.grad is not None
    with pytest.raises(autograd.GraphError):
        y.backward()
    y.backward(X, keep="leaves")
    assert y.grad is None
"""
    run(pytester, body).assert_outcomes(passed=1)
    run(pytester, body, "--grad-cov").assert_outcomes(passed=1)


def test_what_received_no_gradient_does_not_count(pytester: pytest.Pytester) -> None:
    body = """
gate = autograd.Linear("gate of a coverage test", lambda x: 0.0 * x, [lambda g, x: None])

def test_it(): gate(leaf().relu()).sum().backward()
"""
    assert missing(run(pytester, body, "--grad-cov"), "relu") == "never used"


def test_a_step_with_a_backward_written_by_hand_is_no_primitive(pytester: pytest.Pytester) -> None:
    body = """
def test_it():
    x = Value(2.0)
    y = Value(4.0, (x,), "square by hand")
    y._backward = lambda: setattr(x, "grad", x.grad + 4.0 * y.grad)
    y.backward()
    assert x.grad == 4.0
"""
    result = run(pytester, body, "--grad-cov")
    result.assert_outcomes(passed=1)
    assert "square by hand" not in result.stdout.str()


# ---- the verdict --------------------------------------------------------------------------------------------------

RELU = "def test_it(): leaf().relu().sum().backward()"  # two branches of seven: 28.6 %


@pytest.mark.parametrize("percent, code", [("28.5", 0), ("28.6", 1), ("0", 0), ("100", 1)])
def test_a_run_below_the_bar_fails_and_the_option_alone_shows_the_table(
    pytester: pytest.Pytester, percent: str, code: int
) -> None:
    result = run(pytester, RELU, "--grad-cov-of=relu", f"--grad-cov-fail-under={percent}")
    assert result.ret == code
    result.stdout.fnmatch_lines(["relu * 2/7 * 28 %*", f"*28.6 % of the branches, of which {percent} % are required"])
    assert ("FAIL" in result.stdout.str()) == (code == 1)


def test_a_failing_test_keeps_its_exit_code(pytester: pytest.Pytester) -> None:
    assert run(pytester, "def test_it(): assert 0", "--grad-cov", "--grad-cov-of=nix").ret == 1
    assert run(pytester, "", "--grad-cov-fail-under=100").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_name_that_no_primitive_has_is_a_usage_error(pytester: pytest.Pytester) -> None:
    result = run(pytester, RELU, "--grad-cov", "--grad-cov-of=relu,nix")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*no primitive is named 'nix'", "relu *"])


def test_only_the_chosen_primitives_are_shown_and_every_one_without_a_choice(pytester: pytest.Pytester) -> None:
    body = "cube = Elementwise('cube of a coverage test', lambda x: x**3, [lambda out, x: 3 * x * x])\n" + RELU
    own, every = (run(pytester, body, "--grad-cov", *chosen).stdout.str() for chosen in (["--grad-cov-of=own"], []))
    assert re.search(r"^cube of a coverage test +0/7 +0 %  never used$", own, re.MULTILINE)
    assert not re.search(r"^relu ", own, re.MULTILINE)
    assert re.search(r"^cholesky +0/5 +0 %  never used$", every, re.MULTILINE)


def test_without_the_option_there_is_no_table(pytester: pytest.Pytester) -> None:
    assert "gradient coverage" not in run(pytester, RELU).stdout.str()


def test_the_table_names_what_was_not_taken() -> None:
    rows = {
        "exp": Row(True, {"array": True, "zero": False, "empty": False}),
        "long name": Row(True, {"array": True}),
        "log": Row(True, {"array": False}),
        "inv": Row(True, {"array": True, "empty": False, "stack": False, "float32": False, "non-contiguous": False}),
    }
    assert table_lines(rows) == [
        "primitive  branches  taken  not taken",
        "exp             1/3   33 %  zero, empty",
        "long name       1/1  100 %",
        "log             0/1    0 %  never used",
        "inv             1/5   20 %  empty, stack, float32, non-contiguous",
        "all            3/10   30 %",
    ]
    assert table_lines({}) == ["there is no such primitive"]


def test_parts_of_several_processes_add_up() -> None:
    row = Row(False, {"array": True, "zero": False})
    row.add(Row(False, {"array": False, "zero": True, "tie": False}))
    assert row.taken == {"array": True, "zero": True, "tie": False}
