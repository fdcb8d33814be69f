"""The checks of one test: seeded by its name, steered by the options, and told of where the test fails."""

from __future__ import annotations

import re
import shlex
import warnings
import zlib
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

import pytest

from autograd import testing
from autograd.errors import GradientError, GradientWarning
from autograd.testing.report import GradientReport

__all__ = ["Checks", "checks_of", "test_seed"]

_EXPLORE: dict[str, bool | str] = {"none": False, "quick": True, "full": "hypothesis"}


def test_seed(base: int, test: str) -> int:
    """The seed of one test: another for each test, the same in each run, whichever tests run beside it.

    Args:
        base: what `--grad-seed` gave.
        test: the test's node id.

    Returns:
        A number from 0 to 2³² − 1.

    Example:
        >>> test_seed(0, "test_net.py::test_loss") == test_seed(0, "test_net.py::test_loss")
        True
        >>> test_seed(0, "test_net.py::test_loss") == test_seed(1, "test_net.py::test_loss")
        False
    """
    return zlib.crc32(f"{base} {test}".encode())


test_seed.__test__ = False  # type: ignore[attr-defined]  # no test, though it is called like one


def without_group(test: str) -> str:
    """A test's id without the group that `--dist=loadgroup` of xdist may have added.

    Example:
        >>> without_group("a@b/test_net.py::test_loss@group"), without_group("a@b/test_net.py::test_loss[c@d]")
        ('a@b/test_net.py::test_loss', 'a@b/test_net.py::test_loss[c@d]')
    """
    return re.sub(r"@[^@/:\]]*$", "", test)


class Checks:
    """What the fixtures of one test call.

    Attributes:
        check_grad, check_backward: the functions of `autograd.testing`, with this test's seed and the run's options.
        wrong: the reports of the checks that found a wrong derivative, in order.
    """

    def __init__(self, item: pytest.Item) -> None:
        option = item.config.option
        self._test = without_group(item.nodeid)
        self._base = option.grad_seed or 0
        self._explore = option.grad_explore
        self._seed = test_seed(self._base, self._test)
        self.check_grad = self._seeded(testing.check_grad)
        self.check_backward = self._seeded(testing.check_backward)
        self.wrong: list[GradientReport] = []

    def _seeded(self, check: Callable[..., GradientReport]) -> Callable[..., GradientReport]:
        """A check that raises from here, so that a failure shows the test's line and none of the checker's."""

        @wraps(check)
        def checked(*given: Any, **options: Any) -> GradientReport:
            __tracebackhide__ = True
            options = {"seed": self._seed, **options}
            if self._explore is not None:
                options.setdefault("explore", _EXPLORE[self._explore])
            raises = options.pop("raises", True)
            report = check(*given, raises=False, **options)
            if report.verdict == "fail":
                self.wrong.append(report)
                if raises:
                    raise GradientError(report)
            if raises and report.verdict == "inconclusive":
                warnings.warn(str(report), GradientWarning, stacklevel=2)
            return report

        return checked

    def command(self) -> str:
        """The command that runs the test again with the same random numbers."""
        explore = f" --grad-explore={self._explore}" if self._explore else ""
        return f"pytest {shlex.quote(self._test)} --grad-seed={self._base}{explore}"


_CHECKS = pytest.StashKey[Checks]()


def checks_of(item: pytest.Item) -> Checks:
    """The checks of a test, made when a fixture first asks for them."""
    if _CHECKS not in item.stash:
        item.stash[_CHECKS] = Checks(item)
        manager = item.config.pluginmanager
        if not manager.has_plugin("gradwalk-seeds"):
            manager.register(_Seeds(), "gradwalk-seeds")
    return item.stash[_CHECKS]


def checks_made(item: pytest.Item) -> Checks | None:
    """The checks of a test; None where it has none."""
    return item.stash.get(_CHECKS, None)


class _Seeds:
    """Adds to each failure of a test with checks how to see it again; registered with the first check of a run."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        checks = checks_made(item)
        if checks is not None and report.failed:
            report.sections.append(("gradient checks", f"the same random numbers again:\n{checks.command()}"))
        return report
