"""Every ```python block of the README runs, in order and in one namespace, and prints what the README says.

A block of `>>>` lines is compared as a doctest; any other is run as a script. What is not to be run is fenced as `text`
or `console`.
"""

import doctest
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"
FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def python_blocks(text: str) -> list[tuple[int, str]]:
    """Each fenced block with the number of lines before it."""
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in FENCED.finditer(text)]


def run_examples(block: str, line: int, namespace: dict[str, Any], page: Path) -> None:
    test = doctest.DocTestParser().get_doctest(block, namespace, page.name, str(page), line)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=report.append, clear_globs=False)
    namespace.update(test.globs)  # the parser gave the test a copy
    if report:
        pytest.fail("".join(report), pytrace=False)


def run_script(block: str, line: int, namespace: dict[str, Any], page: Path, directory: Path) -> None:
    script = directory / f"{page.stem}.py"
    script.write_text("\n" * line + block, encoding="utf-8")  # so that a traceback names the page's line
    namespace.update(runpy.run_path(str(script), init_globals=namespace))


def run_blocks(page: Path, directory: Path) -> None:
    """Run the blocks of a page; scripts are written into the directory."""
    namespace: dict[str, Any] = {}
    for line, block in python_blocks(page.read_text(encoding="utf-8")):
        if ">>> " in block:
            run_examples(block, line, namespace, page)
        else:
            run_script(block, line, namespace, page, directory)


def test_every_block_runs_and_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # whatever a block writes
    assert python_blocks(README.read_text(encoding="utf-8")), "the README shows no Python"
    run_blocks(README, tmp_path)


def test_blocks_share_names_and_a_false_claim_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    good = "```python\nx = 20\n```\n\n```python\n>>> y = x + 1\n>>> y\n21\n```\n\n```python\nassert y == 21\n```\n"
    page.write_text(good, encoding="utf-8")
    run_blocks(page, tmp_path)
    page.write_text(good.replace("\n21\n", "\n22\n"), encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match=r"page.md\", line 7(.|\n)*Expected:\n    22\nGot:\n    21"):
        run_blocks(page, tmp_path)
    page.write_text(good.replace("y == 21", "y == 22"), encoding="utf-8")
    with pytest.raises(AssertionError):
        run_blocks(page, tmp_path)
