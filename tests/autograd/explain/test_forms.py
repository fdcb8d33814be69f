"""A derivation as text, LaTeX, Markdown and HTML, with names from anywhere."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import autograd
from autograd import Derivation, Value
from tests.autograd.support import by_own_names, leaf

explain = by_own_names(autograd.explain)


def derivation(name: str = "a") -> Derivation:
    a, b = Value(2.0, name), Value(-3.0, "b")
    p = a * b
    p.name = "p"
    h = p.relu()
    h.name = "h"
    return explain(h * a + b, a)


def test_text_has_its_signs_in_one_column() -> None:
    lines = str(derivation()).splitlines()
    start = lines.index("where")
    column = lines[1].index("=")
    assert all(line[column] in "=+" for line in lines[1:start])
    assert all(line[:column].strip() == "" for line in lines[2:start])
    assert repr(derivation()) == str(derivation()) == derivation().text
    assert lines[0] == "∂L/∂a: 2 paths"


def test_latex_is_an_aligned_environment() -> None:
    latex = derivation().latex
    assert latex.startswith("\\begin{aligned}\n")
    assert latex.endswith("\n\\end{aligned}")
    rows = latex.splitlines()[1:-1]
    assert all(row.endswith(r" \\") for row in rows[:-1])
    assert not rows[-1].endswith(r"\\")
    assert all(row.count("&") == 1 for row in rows)
    assert latex.count("{") == latex.count("}")
    assert derivation()._repr_latex_() == f"$\\displaystyle {latex}$"
    assert r"&\text{where}" in latex
    assert "−" not in latex.replace(r"$-$", "")
    assert not hasattr(Derivation, "_repr_html_")  # a notebook takes the formulas


def test_markdown() -> None:
    text = derivation().markdown
    heading, formulas, word, signs = text.strip().split("\n\n")
    assert heading == "**∂L/∂a: 2 paths**"
    assert formulas.startswith("$$\n\\begin{aligned}\n")
    assert formulas.endswith("\n\\end{aligned}\n$$")
    assert word == "where"
    assert signs.splitlines()[0] == r"- $\frac{\partial h}{\partial p} = [p > 0] = 0$"
    assert "where" not in explain(Value(1.0, "x") * 2.0, Value(1.0, "y")).markdown


def test_html_is_a_table_that_any_page_shows() -> None:
    table = ElementTree.fromstring(derivation().html)
    assert table.tag == "table"
    assert table.findtext("caption") == "∂L/∂a: 2 paths"
    rows = [[cell.text or "" for cell in row] for row in table.iter("tr")]
    assert rows[:2] == [["∂L/∂a", "=", "h"], ["", "+", "∂L/∂h·∂h/∂p·∂p/∂a"]]
    assert ["where", "", ""] in rows
    assert "<script" not in derivation().html
    assert "style" not in derivation().html


NAMES = ["<script>", "a&b", "a_b{c}^2", "50%", "κ", "\\", "a\nb", "$x$", "*a*", "x" * 100]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_written_as_they_are_and_break_nothing(name: str) -> None:
    found = derivation(name)
    table = ElementTree.fromstring(found.html)
    heading = found.text.splitlines()[0]
    assert table.findtext("caption") == found.heading == heading
    assert len(found.text.splitlines()) == 1 + len(found.lines) + 1 + len(found.where)
    assert len(found.latex.splitlines()) == 2 + len(found.lines) + 1 + len(found.where)
    bare = found.markdown.replace(r"\$", "")
    assert bare.count("$") == 4 + 2 * len(found.where)


def test_names_in_a_markdown_heading_are_escaped() -> None:
    assert derivation("*a_b*").markdown.startswith(r"**∂L/∂\*a\_b\*: 2 paths**")


def test_names_with_digits_and_indices() -> None:
    w11, x = Value(2.0, "w11"), Value(3.0, "x")
    assert explain(w11 * x, w11).heading == "∂L/∂w₁₁: 1 path"
    assert r"\frac{\partial L}{\partial w_{11}} &= x" in explain(w11 * x, w11).latex
    kernel = leaf([[2.0, 3.0]], "k1")
    loss = (kernel * kernel).sum()
    assert r"\frac{\partial L}{\partial {k_{1}}_{0,1}}" in explain(loss, kernel[0, 1]).latex
    weight = leaf([[2.0, 3.0]], "conv.weight")
    loss = (weight * weight).sum()
    assert r"\partial \mathrm{conv.weight}_{0,1}" in explain(loss, weight[0, 1]).latex
    long = Value(2.0, "hidden12")
    assert "∂hidden12" in explain(long * x, long).heading
    zero = Value(2.0, "w01")
    assert "∂w01" in explain(zero * x, zero).heading


def test_the_same_graph_gives_the_same_text() -> None:
    assert str(derivation()) == str(derivation())
    assert derivation().latex == derivation().latex
