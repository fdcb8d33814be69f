"""The fixtures `check_grad` and `check_backward`: seeds that can be repeated, other inputs as asked for."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable

import pytest

pytest_plugins = ["pytester"]

HEAD = """
import inspect
import numpy as np
import pytest
from autograd import Elementwise, testing

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
half = Elementwise("half of a square", lambda x: x * x, [lambda out, x: x])

def right(x):
    return (x * x).sum()

def wrong(x):
    return half(x).sum()
"""
SEED = re.compile(r"evaluations, seed (\d+)")


Write = Callable[[str], None]


@pytest.fixture
def write(pytester: pytest.Pytester) -> Write:
    def write_test(body: str) -> None:
        (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")

    return write_test


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)


def test_a_right_derivative_passes_and_a_wrong_one_fails(pytester: pytest.Pytester, write: Write) -> None:
    write(
        """
def test_right(check_grad): assert check_grad(right, X)
def test_wrong(check_grad): check_grad(wrong, X)
def test_not_raised(check_grad): assert check_grad(wrong, X, raises=False).verdict == "fail"
def test_right_pair(check_backward): check_backward(lambda x: x * x, lambda dout, x: dout * 2 * x, X)
def test_wrong_pair(check_backward): check_backward(lambda x: x * x, lambda dout, x: dout * x, X)
"""
    )
    result = run(pytester, "-rA")
    result.assert_outcomes(passed=3, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines_random(
        ["PASSED *::test_right", "PASSED *::test_not_raised", "PASSED *::test_right_pair"]
    )


def test_a_failure_shows_the_tests_line_and_none_of_the_checkers(pytester: pytest.Pytester, write: Write) -> None:
    write("def test_wrong(check_grad):\n    check_grad(wrong, X)")
    output = run(pytester).stdout.str()
    assert ">       check_grad(wrong, X)" not in output.split("GradientError")[1]
    assert "every element is half" in output
    assert "check_subject" not in output
    assert "def checked" not in output


def test_the_fixtures_have_the_signatures_of_the_functions(pytester: pytest.Pytester, write: Write) -> None:
    write(
        """
def test_signatures(check_grad, check_backward):
    assert inspect.signature(check_grad) == inspect.signature(testing.check_grad)
    assert inspect.signature(check_backward) == inspect.signature(testing.check_backward)
"""
    )
    run(pytester).assert_outcomes(passed=1)


def test_an_undecided_check_warns_at_the_tests_line(pytester: pytest.Pytester, write: Write) -> None:
    write(
        """
def test_undecided(check_grad):
    with pytest.warns(testing.GradientWarning) as caught:
        check_grad(right, X, at_least=0.0)
    assert caught[0].filename == __file__
"""
    )
    run(pytester).assert_outcomes(passed=1)


# ---- seeds --------------------------------------------------------------------------------------------------------

TWO = """
def test_one(check_grad): check_grad(wrong, X)
def test_two(check_grad): check_grad(wrong, X)
"""


def seeds(result: pytest.RunResult) -> list[str]:
    return sorted(set(SEED.findall(result.stdout.str())))


def test_a_test_has_the_same_seed_alone_and_among_others_and_another_than_its_neighbour(
    pytester: pytest.Pytester, write: Write
) -> None:
    write(TWO)
    both, one, two = (run(pytester, *chosen) for chosen in ([], ["-k", "one"], ["-k", "two"]))
    assert len(seeds(both)) == 2
    assert seeds(both) == sorted(seeds(one) + seeds(two))


def test_another_grad_seed_gives_other_seeds_and_stands_in_the_header(pytester: pytest.Pytester, write: Write) -> None:
    write(TWO)
    plain, zero, seven = (run(pytester, *given) for given in ([], ["--grad-seed=0"], ["--grad-seed=7"]))
    assert seeds(plain) == seeds(zero)
    assert not set(seeds(plain)) & set(seeds(seven))
    assert "grad seed" not in plain.stdout.str()
    seven.stdout.fnmatch_lines(["grad seed: 7"])


def test_a_seed_of_the_call_comes_before_the_tests(pytester: pytest.Pytester, write: Write) -> None:
    write("def test_own(check_grad): assert check_grad(right, X, seed=5).seed == 5")
    run(pytester).assert_outcomes(passed=1)


def test_the_printed_command_repeats_the_failure_to_the_digit(pytester: pytest.Pytester, write: Write) -> None:
    write("@pytest.mark.parametrize('text', ['a b', \"it's\"])\ndef test_wrong(check_grad, text): check_grad(wrong, X)")
    first = run(pytester, "--grad-seed=random", "--grad-explore=none")
    commands = re.findall(r"^pytest .*--grad-seed=.*$", first.stdout.str(), re.MULTILINE)
    assert len(commands) == 2
    assert all(command.endswith("--grad-explore=none") for command in commands)
    found = []
    for command in commands:
        again = run(pytester, *shlex.split(command)[1:])
        again.assert_outcomes(failed=1)
        found += [line for line in again.outlines if line.startswith("E  ")]
    assert found == [line for line in first.outlines if line.startswith("E  ")]


def test_a_random_seed_differs_from_run_to_run(pytester: pytest.Pytester, write: Write) -> None:
    write(TWO)
    headers = [
        next(line for line in run(pytester, "--grad-seed=random", "-k", "none").outlines if "grad seed" in line)
        for _ in range(2)
    ]
    assert headers[0] != headers[1]


@pytest.mark.parametrize(
    "option", ["--grad-seed=-1", "--grad-seed=x", "--grad-explore=some", "--grad-cov-fail-under=101"]
)
def test_what_an_option_does_not_take_is_a_usage_error(pytester: pytest.Pytester, option: str | None) -> None:
    result = pytester.runpytest_inprocess(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option.split('=')[0]}*"])


# ---- other inputs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option, fails", [("none", 1), ("quick", 2), ("full", 3), (None, 2)])
def test_explore_says_which_other_inputs_are_tried(
    pytester: pytest.Pytester, write: Write, option: str | None, fails: int
) -> None:
    write(
        """
def slope(bad):
    return lambda out, x: np.where(bad(x), 1.0, 2.0) * x

everywhere = Elementwise("wrong everywhere", lambda x: x * x, [slope(lambda x: x < np.inf)])
at_thousand = Elementwise("wrong beyond 400", lambda x: x * x, [slope(lambda x: np.abs(x) > 400.0)])
between = Elementwise("wrong from 50 to 400", lambda x: x * x, [slope(lambda x: (np.abs(x) > 50) & (np.abs(x) < 400))])

@pytest.mark.parametrize("f", [everywhere, at_thousand, between])
def test_it(check_grad, f): check_grad(f, np.array([0.5, 0.75]))
"""
    )
    result = run(pytester, *([f"--grad-explore={option}"] if option else []))
    result.assert_outcomes(failed=fails, passed=3 - fails)


def test_what_a_call_says_of_other_inputs_comes_before_the_option(pytester: pytest.Pytester, write: Write) -> None:
    write(
        """
def test_own(check_grad):
    assert check_grad(right, X, explore=False).inputs == 1
    assert check_grad(right, X).inputs > 1
"""
    )
    run(pytester, "--grad-explore=quick").assert_outcomes(passed=1)


# ---- cost ---------------------------------------------------------------------------------------------------------


def test_the_plugins_entry_imports_nothing_beside_itself() -> None:
    code = """
import argparse, importlib, importlib.metadata, sys, pytest
(entry,) = importlib.metadata.entry_points(group="pytest11", name="gradwalk")
importlib.import_module(entry.module.rpartition(".")[0])
before = set(sys.modules)
importlib.import_module(entry.module)
assert set(sys.modules) - before == {entry.module}, sorted(set(sys.modules) - before)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_without_checks_registers_no_further_plugin(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
def test_plain(pytestconfig):
    names = [name for name, _ in pytestconfig.pluginmanager.list_name_plugin() if name.startswith("gradwalk")]
    assert names == ["gradwalk"]
"""
    )
    run(pytester).assert_outcomes(passed=1)
