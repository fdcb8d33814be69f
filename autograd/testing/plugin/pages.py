"""`--grad-report`: a page for each check that fails a test, with the graph and the guilty node in red; and an index.

The pages are written by `viz`, which is built on autograd, and so may not be needed by it. Only a run with this option
needs it: the functions that write import it by name, when there is something to write.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from autograd.node import graph_nodes
from autograd.testing.plugin.checks import checks_made
from autograd.testing.report import GradientReport

__all__ = ["Pages", "file_stem", "write_page"]

_LONGEST_STEM = 80
_PAGES = "grad_pages"


class Pages:
    """The plugin behind `--grad-report`, registered only where it is asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._folder = config.invocation_params.dir / config.option.grad_report
        self._is_worker = hasattr(config, "workerinput")
        self._written: list[tuple[str, str, str]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write a failed test's pages. Their names travel with its report, which xdist sends to the main process."""
        report = yield
        checks = checks_made(item)
        if checks is not None and report.failed and checks.wrong:
            stem = file_stem(item.nodeid)
            written = []
            for number, wrong in enumerate(checks.wrong, start=1):
                file = write_page(self._folder, f"{stem}-{number}", item.nodeid, checks.command(), wrong)
                written.append([item.nodeid, wrong.name, file])
            report.__dict__[_PAGES] = written  # xdist sends every attribute of a report
            checks.wrong.clear()  # a failure of the teardown would write them again
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the pages of every process."""
        self._written += [tuple(page) for page in getattr(report, _PAGES, ())]

    def pytest_sessionfinish(self) -> None:
        """Write the index."""
        if not self._is_worker:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / "index.html").write_text(_index(sorted(self._written)), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the pages are."""
        count = len(self._written)
        terminalreporter.write_line(
            f"gradient report: {count} wrong derivative{'' if count == 1 else 's'}, {self._folder / 'index.html'}"
        )


def file_stem(test: str) -> str:
    """A file's name for a test's id: what can be read of it, and a checksum, so that no two are the same.

    Example:
        >>> file_stem("tests/test_net.py::test_loss[softmax-3x4]")
        'test_net.py-test_loss-softmax-3x4-abaacf8d'
    """
    path, _, name = test.partition("::")
    readable = re.sub(r"[^\w.]+", "-", f"{path.rsplit('/', 1)[-1]}-{name}", flags=re.ASCII).strip("-")
    return f"{readable[:_LONGEST_STEM]}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"


def write_page(folder: Path, stem: str, test: str, command: str, report: GradientReport) -> str:
    """Write a wrong derivative's page, and its picture as a file of its own.

    Args:
        folder: is made where it does not exist.
        stem: of the files' names.
        test: the test's id.
        command: runs the test again.
        report: of the check.

    Returns:
        The page's file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = import_module("viz.formats.page")
    parts = [
        f"<p>{escape(test)}</p>",
        report._repr_html_(),
        f"<h2>Again, with the same random numbers</h2><div class='scroll'><pre>{escape(command)}</pre></div>",
        *_pictures(page, folder, stem, report),
        f"<details><summary>The report as text</summary><div class='scroll'><pre>{escape(str(report))}</pre></div>"
        f"</details>",
    ]
    file = f"{stem}.html"
    (folder / file).write_text(page.page(f"{report.name}: wrong gradient", "\n".join(parts)), encoding="utf-8")
    return file


def _pictures(page: Any, folder: Path, stem: str, report: GradientReport) -> list[str]:
    """The graph, with what is to blame in red. A picture that cannot be drawn says why: the failure itself counts."""
    root = _root(report)
    if root is None:
        return ["<p>There is no recorded graph to draw.</p>"]
    try:
        drawing = _drawn(root, report.guilty_nodes)
        try:
            svg = drawing.svg
        except import_module("viz").RenderUnavailable as error:
            return [f"<p>{escape(str(error))}</p><div class='scroll'><pre>{escape(drawing.text)}</pre></div>"]
    except Exception as error:
        return [f"<p>The graph could not be drawn: {escape(f'{type(error).__name__}: {error}')}</p>"]
    (folder / f"{stem}.svg").write_text(svg, encoding="utf-8")
    return [
        "<h2>The graph, the operation to blame in red</h2>" if report.places else "<h2>The graph</h2>",
        page.drawn_inline(svg),
        f"<p><a href='{stem}.svg'>the picture by itself</a></p>",
    ]


def _root(report: GradientReport) -> Any:
    """Of several outputs the first behind which there is something to blame."""
    roots = report.root if isinstance(report.root, tuple) else (report.root,)
    nodes = [root for root in roots if hasattr(root, "parents")]
    guilty = set(report.guilty_nodes)
    return next((root for root in nodes if guilty.intersection(graph_nodes(root))), nodes[0] if nodes else None)


def _drawn(root: Any, guilty: Sequence[Any]) -> Any:
    """The picture of a graph; of one that is too large for a picture, what surrounds the first that is to blame."""
    viz = import_module("viz")
    behind = graph_nodes(root)
    held = set(behind)
    wrong = [node for node in guilty if node in held]
    if wrong and len(behind) > import_module("viz.picture.parts").MAX_NODES:
        return viz.draw(root, names={}, around=wrong[0], radius=3, wrong=wrong[:1])
    return viz.draw(root, names={}, wrong=wrong)


def _index(written: Sequence[tuple[str, str, str]]) -> str:
    rows = "".join(
        f"<tr><td><a href='{file}'>{escape(name)}</a></td><td>{escape(test)}</td></tr>" for test, name, file in written
    )
    table = f"<table><thead><tr><th>function</th><th>test</th></tr></thead><tbody>{rows}</tbody></table>"
    body = f"<div class='scroll'>{table}</div>" if written else "<p>No check failed a test.</p>"
    return str(import_module("viz.formats.page").page("Wrong gradients of this run", body))
