"""A right answer is never accused, and a wrong one is not explained by a guess."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import Value, functions
from autograd.testing import check_by_hand
from tests.autograd.by_hand.catalogue import CASES
from tests.autograd.by_hand.forward_mode import random_graph
from tests.autograd.support import examples, leaf, seeds

STYLES = ("exact", "text", "scientific", "digits", "figures")


@pytest.mark.uncounted
@examples(200)
@given(seed=seeds, digits=st.integers(2, 6), style=st.sampled_from(STYLES))
def test_right_answers_are_never_accused(seed: int, digits: int, style: str) -> None:
    root, true = random_graph(seed)
    written = {
        "exact": lambda x: x,
        "text": lambda x: f"{x:.{digits}f}",
        "scientific": lambda x: f"{x:.{digits - 1}e}",
        "digits": lambda x: round(x, digits),
        "figures": lambda x: float(f"{x:.{digits}g}"),
    }[style]
    answers = {name: written(slope) for name, slope in true.items()}
    check = check_by_hand(root, answers, digits=digits if style == "digits" else None)
    assert check.right
    assert not check.slips
    assert all(row.verdict == "right" for row in check) or style == "figures"
    assert [row.true for row in check] == pytest.approx(list(true.values()), rel=1e-9, abs=1e-12)


@examples(60)
@given(seed=seeds)
def test_one_wrong_answer_leaves_the_right_ones_right(seed: int) -> None:
    root, true = random_graph(seed)
    name = sorted(true)[seed % len(true)]
    answers = {each: f"{slope:.5f}" for each, slope in true.items()}
    answers[name] = f"{true[name] * 1.37 + 0.21:.5f}"
    check = check_by_hand(root, answers)
    assert [row.symbol for row in check if row.verdict != "right"] == [name]


def wrong_on_purpose(rng: np.random.Generator, places: int) -> tuple[int, int]:
    """How many answers were made wrong at random, and for how many of them a slip was named."""
    wrong = named = 0
    for build in list(CASES.values())[places // 2 % 2 :: 2]:
        case = build()
        rows = list(check_by_hand(case.root, case.answers))
        answers = {row.symbol: f"{row.true:.{places}f}" for row in rows}
        chosen = rows[rng.integers(len(rows))]
        factor = np.exp(0.8 * rng.normal()) * rng.choice([1.0, 1.0, -1.0])
        answers[chosen.symbol] = f"{(chosen.true or 1.0) * factor:.{places}f}"
        row = check_by_hand(case.root, answers)[chosen.symbol]
        wrong += row.verdict == "wrong"
        named += bool(row.slip)
    return wrong, named


@pytest.mark.uncounted
@pytest.mark.parametrize("places, most", [(2, 0.15), (4, 0.06), (6, 0.05)])
def test_a_number_at_random_is_seldom_given_a_cause(places: int, most: float) -> None:
    wrong, named = wrong_on_purpose(np.random.default_rng(places), places)
    assert wrong > 45
    assert named <= most * wrong


def test_few_digits_are_no_evidence_for_a_far_fetched_slip() -> None:
    x = Value(0.62, "x")
    root = (x.tanh() * 1.7 + x.sigmoid() * 0.3).exp() * 2.1
    assert check_by_hand(root, {"x": "7"})["x"].slip == ""


def test_a_zero_is_no_evidence_where_nothing_can_close() -> None:
    root = (Value(0.4, "w") * 1.3).tanh()
    row = check_by_hand(root, {"w": 0})["w"]
    assert (row.verdict, row.slip) == ("wrong", "")


def test_a_slip_at_one_of_many_units_is_not_told_of_all() -> None:
    x = Value(0.7, "x")
    weights = (0.9, -1.3, 0.4, 1.6)
    root = functions.sum([(Value(w, f"w{i}") * x).tanh() * float(i) for i, w in enumerate(weights, 1)])
    answers = {f"w{i}": i * (1 - np.tanh(0.7 * w) ** 2) * 0.7 for i, w in enumerate(weights, 1)}
    check = check_by_hand(root, answers | {"w3": 3 * 0.7})
    assert [row.verdict for row in check] == ["right", "right", "wrong", "right"]
    assert check["w3"].slip == "derivative left out"
    assert "more" not in check["w3"].explanation
    assert "w3·x" in check["w3"].explanation


def test_random_arrays_have_no_cause() -> None:
    rng = np.random.default_rng(2)
    x = leaf(rng.normal(size=(1, 1, 6, 6)), "x")
    w = leaf(rng.normal(size=(2, 1, 3, 3)), "w")
    root = (F.relu(F.conv2d(x, w)) * rng.normal(size=(1, 2, 4, 4))).sum()
    answers = {"w": rng.normal(size=(2, 1, 3, 3)).round(4), "x": rng.normal(size=(1, 1, 6, 6)).round(4)}
    check = check_by_hand(root, answers)
    wrong = [row for row in check if row.verdict == "wrong"]
    assert len(wrong) >= 50
    assert sum(bool(row.slip) for row in wrong) <= 2
