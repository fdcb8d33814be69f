"""Every block of Python on a page of the site runs, in order and in one namespace, and prints what the page says."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.test_readme import FENCED, run_blocks

SITE = Path(__file__).resolve().parents[2] / "docs" / "site"
PAGES = sorted(SITE.glob("*.md"))
WITH_CODE = [page for page in PAGES if FENCED.search(page.read_text(encoding="utf-8"))]
FILM = re.compile(r"^```\{film\}\n(?::hidden:\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
FILMS = [(page.stem, code) for page in PAGES for code in FILM.findall(page.read_text(encoding="utf-8"))]
ROOTS = {"Value": "autograd.Value", "Tensor": "autograd.Tensor"}


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # whatever a block writes
    run_blocks(page, tmp_path)


def test_pages_with_code_are_found() -> None:
    assert {"quick_start", "how_it_works", "teachers", "testers", "contributors", "migration"} <= {
        page.stem for page in WITH_CODE
    }
    assert len(FILMS) >= 6


@pytest.mark.parametrize(("page", "code"), FILMS, ids=[f"{page}-{place}" for place, (page, _) in enumerate(FILMS)])
def test_the_code_of_a_film_ends_in_something_that_shows_itself(page: str, code: str) -> None:
    *lines, last = code.strip().splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    assert "<svg" in (shown := eval(last, names).html) or "<table" in shown


def first_columns() -> list[str]:
    """The names in the first column of the tables of migration.md."""
    lines = (SITE / "migration.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[1] for line in lines if "|" in line]
    return sorted({name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)})


@pytest.mark.parametrize("name", first_columns())
def test_a_name_that_a_migration_table_gives_exists(name: str) -> None:
    head, _, rest = name.partition(".")
    path = f"{ROOTS.get(head, head)}.{rest}".rstrip(".").split(".")
    for length in range(len(path), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(path[:length]))
        except ImportError:
            continue
        for part in path[length:]:
            found = getattr(found, part)
        return
    pytest.fail(f"nothing is called {name}")
