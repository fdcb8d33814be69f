"""What holds for every test: no skip where every part is required, and the same examples in each run.

Environment variables:

- `GRADWALK_REQUIRE_ALL=1`: a test or module that skips is a failure, because everything optional is meant to be there.
  A skip whose reason begins with `NOT_HERE` is about the platform or the Python version, and stays a skip.
- `GRADWALK_HYPOTHESIS`: the Hypothesis profile, `default`, `full` or `thorough`; see `tests/amounts.py`.
"""

import os
from collections import Counter
from collections.abc import Generator
from contextlib import nullcontext

import hypothesis
import pytest

from tests.tracing import untraced

NOT_HERE = "not on this platform:"
COUNTED = 25  # of a test's parameters, in each worker: what these have not reached, a hundred more will not

_runs: Counter[str] = Counter()

# Without PyTorch (the last: without JAX) these modules skip whatever imports them. Collected for their own doctests
# first, they would be left behind half imported, and break those that come after instead.
collect_ignore_glob = [
    "autograd/torch_oracle.py", "nn/oracle.py", "*/*_draws.py", "*/configurations.py", "replay/eight_devices.py",
]  # fmt: skip

# too_slow measures the machine, not the test: a slow machine or a coverage run would fail at random.
hypothesis.settings.register_profile(
    "default", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("full", hypothesis.settings.get_profile("default"))
hypothesis.settings.register_profile(
    "thorough",
    hypothesis.settings.get_profile("default"),
    derandomize=False,
    max_examples=2000,
    print_blob=True,
)
hypothesis.settings.load_profile(os.environ.get("GRADWALK_HYPOTHESIS", "default"))


class SkipsAreFailures:
    """Turns the report of a skip, in a test or at a module's import, into that of a failure."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if not hasattr(report, "wasxfail"):
            _refuse_skip(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        _refuse_skip(report)
        return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped":
        return
    path, line, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, str(report.longrepr))
    reason = reason.removeprefix("Skipped: ")
    if reason.startswith(NOT_HERE):
        return
    report.outcome = "failed"
    report.longrepr = f"{path}:{line}: skipped, where GRADWALK_REQUIRE_ALL=1 requires every part: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    function = item.nodeid.partition("[")[0]
    _runs[function] += 1
    is_counted = _runs[function] <= COUNTED and not item.get_closest_marker("uncounted")
    with nullcontext() if is_counted else untraced():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: a worker that begins one last would keep the others waiting."""
    items.sort(key=lambda item: item.get_closest_marker("uncounted") is None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "uncounted: a long test of lines that others reach, run without coverage")
    # Registered as a plugin of its own, so that the packages' doctests, which lie outside tests/, are held to it too.
    if os.environ.get("GRADWALK_REQUIRE_ALL") == "1":
        config.pluginmanager.register(SkipsAreFailures(), "gradwalk-skips-are-failures")
