"""The pytest plugin: fixtures, the marker `grad`, and the options `--grad-...`; docs/testing.md tells of them.

pytest reads this page in every run, so that it imports nothing of the engine: what an option or a fixture needs is
imported when it is used.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from autograd.testing.plugin.checks import Checks
    from autograd.testing.plugin.marks import GradCase

_SEED = "gradwalk-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("gradwalk", "checks of derivatives")
    group.addoption(
        "--grad-seed",
        type=_seed,
        metavar="N",
        help="the random numbers of check_grad and check_backward: a number from 0 on (default: 0), or 'random'",
    )
    group.addoption(
        "--grad-explore",
        choices=("none", "quick", "full"),
        help="which other inputs are tried: none, the usual ones, or those of a search by hypothesis too",
    )
    group.addoption(
        "--grad-report", metavar="DIR", help="write a page for each check that fails a test, and index.html, into DIR"
    )
    group.addoption(
        "--grad-cov", action="store_true", help="show which branches of derivative rules the backward passes took"
    )
    group.addoption(
        "--grad-cov-of",
        default="all",
        metavar="WHICH",
        help="of which primitives, with commas: all (default), own (those that autograd does not bring), or names",
    )
    group.addoption(
        "--grad-cov-fail-under",
        type=_percent,
        metavar="PERCENT",
        help="let the run fail where less of the branches was taken; shows them as --grad-cov does",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load what the options ask for."""
    config.addinivalue_line(
        "markers",
        "grad(f, *inputs, id=None, **keywords): call the test with a `grad_case` that checks the derivative of "
        "f(*inputs, **keywords); f may be a pair (forward, backward)",
    )
    option = config.option
    if hasattr(config, "workerinput"):
        option.grad_seed = config.workerinput[_SEED]
    elif option.grad_seed == "random":
        import secrets

        option.grad_seed = secrets.randbelow(2**32)
    if option.grad_report:
        from autograd.testing.plugin.pages import Pages

        config.pluginmanager.register(Pages(config), "gradwalk-pages")
    if option.grad_cov or option.grad_cov_fail_under is not None:
        from autograd.testing.plugin.coverage import Coverage

        config.pluginmanager.register(Coverage(config), "gradwalk-coverage")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the seed to a worker of xdist, which would draw one of its own."""
    node.workerinput[_SEED] = node.config.option.grad_seed


def pytest_report_header(config: pytest.Config) -> str | None:
    """The seed, where one was given or drawn."""
    seed = config.option.grad_seed
    return None if seed is None else f"grad seed: {seed}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One call of the test for each of its markers `grad`."""
    if "grad_case" in metafunc.fixturenames or metafunc.definition.get_closest_marker("grad"):
        from autograd.testing.plugin.marks import parametrize

        parametrize(metafunc)


@pytest.fixture
def check_grad(request: pytest.FixtureRequest) -> Any:
    """`autograd.testing.check_grad`, with a seed of the test's own, and the `--grad-...` options."""
    return _checks(request).check_grad


@pytest.fixture
def check_backward(request: pytest.FixtureRequest) -> Any:
    """`autograd.testing.check_backward`, with a seed of the test's own, and the `--grad-...` options."""
    return _checks(request).check_backward


@pytest.fixture
def grad_case(request: pytest.FixtureRequest) -> GradCase:
    """What one marker `grad` names; `grad_case.check()` checks its derivative."""
    return request.param.within(_checks(request))  # type: ignore[no-any-return]


@pytest.fixture
def no_nan() -> Iterator[None]:
    """Fails the test where the first node turns NaN or infinite, in the forward or the backward pass.

    It is `autograd.detect_anomaly` around the test: the error names the operation, its arguments, the line that made
    the node, and what usually helps. An infinity that comes from an argument is no fault.
    """
    from autograd.testing.plugin.watching import finite_numbers

    with finite_numbers():
        yield


def _checks(request: pytest.FixtureRequest) -> Checks:
    from autograd.testing.plugin.checks import checks_of

    return checks_of(request.node)


def _seed(text: str) -> int | str:
    if text == "random" or text.isdecimal():
        return text if text == "random" else int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number from 0 on nor 'random'")


def _percent(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if 0.0 <= percent <= 100.0:
        return percent
    raise argparse.ArgumentTypeError(f"{text!r} is no percentage from 0 to 100")
