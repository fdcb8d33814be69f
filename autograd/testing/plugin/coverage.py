"""Gradient coverage: which branches of which rules the backward passes of a run took."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from autograd.rule import primitives
from autograd.testing.plugin.branches import Branch, Use, branches_of
from autograd.testing.plugin.watching import used_rules
from autograd.value import Value

__all__ = ["Coverage", "Row", "table_lines"]

_SENT = "gradwalk-coverage"  # the key under which a worker of xdist sends its part


class Row:
    """What was taken of one primitive's rule.

    Attributes:
        builtin: whether autograd brings the primitive.
        taken: each branch of the rule, and whether a pass took it.
    """

    def __init__(self, builtin: bool, taken: dict[str, bool]) -> None:
        self.builtin = builtin
        self.taken = taken

    @property
    def missing(self) -> list[str]:
        """The branches that no pass took."""
        return [branch for branch, taken in self.taken.items() if not taken]

    def add(self, other: Row) -> None:
        """Count what another process took."""
        for branch, taken in other.taken.items():
            self.taken[branch] = taken or self.taken.get(branch, False)


class Coverage:
    """The plugin behind `--grad-cov`, registered only where it is asked for: otherwise nothing is looked at."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self._config = config
        self._of = set(option.grad_cov_of.split(","))
        self._fail_under: float | None = option.grad_cov_fail_under
        self._rows: dict[str, Row] = {}
        # By rule, and whether Values use it: the branches that nobody took yet, so that each is looked for once.
        self._open: dict[tuple[str, bool], list[Branch]] = {}

    # ---- while tests run ------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, Any, Any]:
        with used_rules(self._use):
            return (yield)

    def _use(self, node: Any) -> None:
        rule = node.rule
        scalar = isinstance(node, Value)
        branches = self._open.get((rule.name, scalar))
        if branches is None:
            branches = self._open[rule.name, scalar] = branches_of(rule, scalar) if self._begin(rule) else []
        if not branches:
            return
        use = Use.by(node)
        found = [branch for branch in branches if branch.taken(use)]
        if found:
            row = self._rows[rule.name]
            for branch in found:
                row.taken[branch.name] = True
            self._open[rule.name, scalar] = [branch for branch in branches if branch not in found]

    def _begin(self, rule: Any) -> bool:
        """Make the row of a rule. A step of micrograd's with a `_backward` by hand is no primitive, and has none."""
        if all(rule.name != declared.name for declared in primitives()):
            return False
        if rule.name not in self._rows:
            self._rows[rule.name] = Row(rule.builtin, {branch.name: False for branch in branches_of(rule)})
        return True

    # ---- at the end -----------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the worker's part; or, with every part, judge the run."""
        for rule in primitives():
            self._begin(rule)
        sent = getattr(self._config, "workeroutput", None)
        if sent is not None:
            sent[_SENT] = {name: [row.builtin, row.taken] for name, row in self._rows.items()}
        elif session.exitstatus == pytest.ExitCode.OK and (self._unknown or self._is_low):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR if self._unknown else pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take a worker's part; one that broke down has sent none."""
        sent = getattr(node, "workeroutput", {}).get(_SENT, {})
        for name, (builtin, taken) in sent.items():
            self._rows.setdefault(name, Row(builtin, {})).add(Row(builtin, taken))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table."""
        terminalreporter.section("gradient coverage")
        chosen = self._chosen
        for name in self._unknown:
            terminalreporter.write_line(f"--grad-cov-of: no primitive is named {name!r}", red=True)
        for line in table_lines(chosen):
            terminalreporter.write_line(line)
        if self._fail_under is not None:
            low = self._is_low
            verdict = f"{_percent(chosen):.1f} % of the branches, of which {self._fail_under:g} % are required"
            terminalreporter.write_line(("FAIL: " if low else "") + verdict, red=low, green=not low)

    @property
    def _chosen(self) -> dict[str, Row]:
        """The rows to show: autograd's in the order of its table, then the others by name."""
        place = {rule.name: number for number, rule in enumerate(primitives())}
        order = sorted(self._rows, key=lambda name: (place[name] if self._rows[name].builtin else len(place), name))
        return {name: self._rows[name] for name in order if self._is_chosen(name)}

    def _is_chosen(self, name: str) -> bool:
        return bool({"all", name} & self._of) or ("own" in self._of and not self._rows[name].builtin)

    @property
    def _unknown(self) -> list[str]:
        return sorted(self._of - {"all", "own"} - self._rows.keys())

    @property
    def _is_low(self) -> bool:
        return self._fail_under is not None and _percent(self._chosen) < self._fail_under


def _counted(rows: dict[str, Row]) -> tuple[int, int]:
    """How many of the branches were taken, and how many there are."""
    count = sum(len(row.taken) for row in rows.values())
    return count - sum(len(row.missing) for row in rows.values()), count


def _percent(rows: dict[str, Row]) -> float:
    """The share of the branches that were taken, from 0 to 100; 0 where there are none."""
    taken, count = _counted(rows)
    return 100.0 * taken / count if count else 0.0


def table_lines(rows: dict[str, Row]) -> list[str]:
    """The table of a run, a line for each primitive and one for all.

    Example:
        >>> print(*table_lines({"relu": Row(True, {"array": True, "zero": False})}), sep="\\n")
        primitive  branches  taken  not taken
        relu            1/2   50 %  zero
        all             1/2   50 %
    """
    if not rows:
        return ["there is no such primitive"]
    cells = [("primitive", "branches", "taken", "not taken")]
    for name, row in rows.items():
        missing = "never used" if len(row.missing) == len(row.taken) else ", ".join(row.missing)
        cells.append((name, *_fraction({name: row}), missing))
    cells.append(("all", *_fraction(rows), ""))
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    return [f"{a.ljust(widths[0])}  {b.rjust(widths[1])}  {c.rjust(widths[2])}  {d}".rstrip() for a, b, c, d in cells]


def _fraction(rows: dict[str, Row]) -> tuple[str, str]:
    taken, count = _counted(rows)
    return f"{taken}/{count}", f"{int(_percent(rows))} %"
