"""The parts that the site is built by, each on its own: links, formulas, docstrings, films."""

from __future__ import annotations

import doctest
import importlib
import re
import sys
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest

SITE = Path(__file__).resolve().parents[2] / "docs" / "site"
sys.path[:0] = [str(SITE.parent), str(SITE), str(SITE / "extensions")]

from links import dead_links  # noqa: E402

from autograd.testing import Element  # noqa: E402


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "part").mkdir()
    (tmp_path / "style.css").write_text("p { }", encoding="utf-8")
    other = '<h2 id="here">x</h2><a href="../index.html">up</a>'
    (tmp_path / "part" / "other.html").write_text(other, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('<link rel="stylesheet" href="style.css?v=1"><a href="part/other.html#here">x</a>', []),
        ('<a href="https://example.org">x</a><a href="mailto:someone">x</a><img src="data:image/png;base64,">', []),
        ('<a name="top"></a><a href="#top">x</a><a href="part/">x</a>', []),
        ('<a href="missing.html">x</a>', ["missing.html is not there"]),
        ('<a href="part/other.html#there">x</a>', ["part/other.html#there: the page has no such place"]),
        ('<a href="#nowhere">x</a>', ["#nowhere: the page has no such place"]),
        ('<img src="lost.png">', ["lost.png is not there"]),
        ('<script src="https://cdn.org/a.js"></script>', ["loads https://cdn.org/a.js from the network"]),
        ('<link rel="stylesheet" href="//fonts.org/a.css">', ["loads //fonts.org/a.css from the network"]),
    ],
)
def test_a_dead_link_is_named_and_a_live_one_is_not(pages: Path, text: str, faults: list[str]) -> None:
    (pages / "index.html").write_text(text, encoding="utf-8")
    assert dead_links(pages) == [f"index.html: {fault}" for fault in faults]


def test_a_formula_is_mathml_whose_parentheses_grow_with_what_they_hold() -> None:
    pytest.importorskip("latex2mathml", reason="latex2mathml writes formulas: pip install gradwalk[docs]")
    pytest.importorskip("sphinx", reason="Sphinx builds the site: pip install gradwalk[docs]")
    from mathml import mathml

    written = mathml(r"\left(\frac{1}{x}\right) + \operatorname{relu}\left(x\right)", "block")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in written
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>x</mi></mrow></mfrac>" in written
    assert "operatorname" not in written
    assert written.count('stretchy="true"') == 2  # of the fraction's alone
    assert written.count('stretchy="false"') == 2


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (["|x|·y and *args"], [r"\|x\|·y and \*args"]),
        (["`Value`s and ``x_``, y_"], [r"``Value``\ s and ``x_``, y\_"]),
        (["v_1 stays, and so does", "", ">>> 2 * 3", "6"], ["v_1 stays, and so does", "", ">>> 2 * 3", "6"]),
        (["the formula", "    a * b"], ["the formula", "", r"    a \* b"]),
        (["Args:", "    x: it is", "        long"], ["Args:", "    x: it is", "        long"]),
    ],
)
def test_a_docstring_keeps_its_signs(docstring: list[str], expected: list[str]) -> None:
    pytest.importorskip("sphinx", reason="Sphinx builds the site: pip install gradwalk[docs]")
    from docstrings import as_restructured_text

    assert as_restructured_text(docstring) == expected


def test_fields_that_a_tuples_docstring_tells_of_are_not_told_again() -> None:
    pytest.importorskip("sphinx", reason="Sphinx builds the site: pip install gradwalk[docs]")
    from docstrings import _skip

    field, ratio = (vars(Element)[name] for name in ("analytic", "ratio"))
    assert _skip(None, "attribute", "analytic", field, False, None) is True
    assert _skip(None, "attribute", "ratio", ratio, False, None) is None


@pytest.mark.parametrize("code", ["x = 1", "", "import math\nmath.pi"])
def test_a_film_without_a_player_is_refused(code: str) -> None:
    pytest.importorskip("sphinx", reason="Sphinx builds the site: pip install gradwalk[docs]")
    from films import shown

    with pytest.raises(ValueError, match="film: the last line"):
        shown(code)


def test_the_reference_has_every_public_name_but_the_primitives() -> None:
    from reference import reference_pages

    import autograd
    import nn
    import nn.functional as F
    import viz

    lines = "\n".join(reference_pages().values()).splitlines()
    listed = {line.split(":: ")[1] for line in lines if line.startswith(".. auto")}
    told = {id(resolve_name(re.sub(r"^(.*)\.", r"\1:", name))) for name in listed}
    untold = {
        f"{module.__name__}.{name}"
        for module in (autograd, autograd.testing, autograd.replay, nn, F, viz)
        for name in module.__all__
        if not isinstance(value := getattr(module, name), ModuleType | autograd.Primitive) and id(value) not in told
    }
    assert untold == set()
    assert {"autograd.Value", "autograd.testing.check_grad", "nn.Conv2d", "nn.Adam", "nn.functional.conv2d"} <= listed


@pytest.mark.parametrize("name", ["make_reference", "links", "reference", "mathml", "docstrings", "films"])
def test_the_examples_of_a_module_run(name: str) -> None:
    if name in ("mathml", "docstrings", "films"):
        pytest.importorskip("sphinx", reason="Sphinx builds the site: pip install gradwalk[docs]")
        pytest.importorskip("latex2mathml", reason="latex2mathml writes formulas: pip install gradwalk[docs]")
    failures = doctest.testmod(importlib.import_module(name)).failed
    assert failures == 0
