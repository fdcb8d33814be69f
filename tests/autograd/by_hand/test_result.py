"""How the outcome is told: rows, groups, text for a terminal, HTML for a notebook."""

from __future__ import annotations

from fractions import Fraction
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.testing import HandCheck, check_by_hand
from tests.autograd.by_hand.case import named
from tests.autograd.support import leaf


def two_slips() -> HandCheck:
    a, b, c = Value(1.4, "a"), Value(-0.6, "b"), Value(0.3, "c")
    q = named("q", a / b)
    root = named("E", q * q + c)
    return check_by_hand(root, {"q": "-4.667", "a": "7.778", "b": "-18.15", "c": 2.0})


def test_rows_are_found_by_place_and_by_symbol() -> None:
    check = two_slips()
    assert len(check) == 4
    assert check["b"] is check[2]
    assert [row.symbol for row in check[1:3]] == ["a", "b"]
    with pytest.raises(KeyError, match="no answer is for 'z'; the sheet has q, a, b, c"):
        check["z"]


def test_a_row_says_all_about_its_answer() -> None:
    row = two_slips()["b"]
    assert row.true == pytest.approx(2 * 1.4**2 / 0.6**3)
    assert (row.given, row.verdict, row.slip, row.slips) == ("-18.15", "wrong", "quotient rule", ("quotient rule",))
    assert "−a/b²" in row.explanation
    assert "\n" not in row.explanation


def test_the_table_and_the_summary_for_a_terminal() -> None:
    lines = str(two_slips()).splitlines()
    assert lines[0].split() == ["∂E/∂", "true", "yours"]
    assert lines[1].split() == ["q", "−4.667", "−4.667", "✓"]
    assert lines[3].startswith("b")
    assert "✗  quotient rule: at q = a/b" in lines[3]
    assert lines[4].endswith("wrong, cause unknown")
    assert lines[6] == "Of 4 answers: 2 right, 2 wrong."
    assert lines[7].startswith("quotient rule (b): minus the true value; at q = a/b the derivative by b is −a/b²")
    assert lines[8] == "cause unknown (c): twice the true value."
    columns = {line.index(mark) for line in lines[1:5] for mark in "✓✗" if mark in line}
    assert len(columns) == 1


def test_all_right() -> None:
    x = Value(2.0, "x")
    check = check_by_hand(x * x, {"x": 4})
    assert check.right
    assert check.summary == "The answer is right."
    assert repr(check) == "<HandCheck: The answer is right.>"
    y = Value(3.0, "y")
    assert check_by_hand(x * y, {"x": 3, "y": 2}).summary == "All 2 answers are right."


def test_slips_are_grouped_with_their_ratio_and_what_follows() -> None:
    w, x = Value(1.37, "w"), Value(0.64, "x")
    y = named("y", w * x)
    at_y = 1.37 * 0.64 - 0.25  # the 2 is missing
    check = check_by_hand((y - 0.25) ** 2, {"y": at_y, "w": at_y * 0.64, "x": at_y * 1.37})
    (group,) = check.slips
    assert (group.slip, group.symbols, group.following, group.ratio) == (
        "wrong local derivative",
        ("y",),
        2,
        Fraction(1, 2),
    )
    assert str(group).startswith("wrong local derivative (y): half of the true value; ")
    assert str(group).endswith(". 2 more answers follow from this.")


def test_a_number_that_two_slips_lead_to_names_both() -> None:
    x = Value(3.7, "x")
    row = check_by_hand(x.exp() * 1.0, {"x": "3.7000"})["x"]
    assert row.slip == "wrong local derivative"
    x = Value(0.37, "x")
    y = named("y", x * 2.0)
    check = check_by_hand(y * 1.5 + x * 0.0, {"x": "1.5000"})
    assert check["x"].verdict == "wrong"
    assert check["x"].also or check["x"].slip


def long_array() -> HandCheck:
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(5, 6)), rng.normal(size=(5, 6))
    given = (g * (1 - np.tanh(x) ** 2)).round(4)
    given[1] *= -1
    given[4, 5] = 9.87
    return check_by_hand((leaf(x, "x").tanh() * Tensor(g)).sum(), {"x": given})


def test_long_arrays_are_elided_with_their_number() -> None:
    check = long_array()
    lines = str(check).split("\n\n")[0].splitlines()
    assert len(check) == 30
    assert [line.split()[0] for line in lines[1:]] == ["x[…]", "x[1,0]", "x[1,1]", "x[1,2]", "x[…]", "x[4,5]"]
    assert lines[1].endswith("23 right")
    assert lines[5].endswith("3 more of these")
    assert check.slips[0].symbols == ("6 elements of x",)


class Table(HTMLParser):
    """The texts of a table's cells, row by row, and the tags that occur."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert attrs == ([("style", "text-align:left")] if tag in ("td", "th") else [])
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_the_table_in_a_notebook_is_a_table_and_nothing_else() -> None:
    table = Table(two_slips()._repr_html_())
    assert table.tags == {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert [row[0] for row in table.rows] == ["∂E/∂", "q", "a", "b", "c"]
    assert table.rows[3][1:4] == ["18.15", "−18.15", "✗"]


def test_names_are_escaped_and_made_visible() -> None:
    x = Value(2.0, "<b>x</b>\u202e")
    check = check_by_hand(x * 3.0, {x: 9.0})
    assert "<b>" not in check._repr_html_()
    assert "\u202e" not in check._repr_html_()
    assert "\u202e" not in str(check)


def test_the_true_number_is_shown_in_as_many_places_as_the_answer() -> None:
    x = Value(1.0, "x")
    table = str(check_by_hand(x * 0.0123456789, {"x": "0.012346"})).splitlines()
    assert table[1].split() == ["x", "0.012346", "0.012346", "✓"]


def test_the_same_sheet_is_told_in_the_same_words() -> None:
    assert str(long_array()) == str(long_array())
    assert str(two_slips()) == str(two_slips())
