"""A slip is named where it was made; what follows from it is no slip of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.testing import check_by_hand
from tests.autograd.by_hand.case import named, rounded
from tests.autograd.support import leaf

GIVEN, TRUE = -0.9, 2.0 * math.exp(0.35)


def chain() -> tuple[Any, dict[str, float]]:
    """L = 2 e^y, y = v h, h = tanh(n), n = w x; and what each step multiplies by."""
    x, w, v = Value(0.5, "x"), Value(1.4, "w"), Value(0.35 / math.tanh(0.7), "v")
    n = named("n", w * x)
    h = named("h", n.tanh())
    y = named("y", v * h)
    t = math.tanh(0.7)
    return y.exp() * 2.0, {"h": 0.35 / t, "n": 1 - t * t, "w": 0.5, "x": 1.4, "v": t}


def test_right_steps_from_a_wrong_number_follow_from_it() -> None:
    root, step = chain()
    at_y = GIVEN
    at_h = at_y * step["h"]
    at_n = at_h * step["n"]
    answers = {"y": at_y, "h": at_h, "n": at_n, "w": at_n * step["w"], "x": at_n * step["x"], "v": at_y * step["v"]}
    check = check_by_hand(root, rounded(answers, 5))
    assert [row.verdict for row in check] == ["wrong", *["follows"] * 5]
    assert "∂root/∂y" in check["h"].explanation
    assert "∂root/∂n" in check["w"].explanation
    assert not check.right


def test_a_second_slip_below_a_first_is_named_by_itself() -> None:
    root, step = chain()
    at_y = -TRUE  # the sign
    at_h = at_y * step["h"]
    at_n = at_h  # the derivative of tanh
    answers = {"y": at_y, "h": at_h, "n": at_n, "w": at_n * step["w"]}
    check = check_by_hand(root, rounded(answers, 5))
    assert [row.verdict for row in check] == ["wrong", "follows", "wrong", "follows"]
    assert [row.slip for row in check] == ["sign", "", "derivative left out", ""]
    assert check["h"].slips == ("sign",)
    assert check["w"].slips == ("sign", "derivative left out")
    assert [group.following for group in check.slips if group.slip == "sign"] == [1]


def test_a_right_number_below_a_wrong_one_is_right() -> None:
    root, step = chain()
    at_n = TRUE * step["h"] * step["n"]
    check = check_by_hand(root, rounded({"y": GIVEN, "n": at_n, "w": at_n * step["w"]}, 5))
    assert [row.verdict for row in check] == ["wrong", "right", "right"]


def test_a_slip_from_true_numbers_below_a_wrong_one_is_named_too() -> None:
    root, step = chain()
    at_n = TRUE * step["h"] * math.tanh(0.7)  # the result for the derivative
    check = check_by_hand(root, rounded({"y": GIVEN, "n": at_n}, 5))
    assert check["n"].slip == "wrong local derivative"


def test_where_the_upper_step_was_not_asked_for_the_lower_one_carries_the_slip() -> None:
    root, step = chain()
    check = check_by_hand(root, rounded({"w": -TRUE * step["h"] * step["n"] * step["w"]}, 5))
    assert check["w"].slip == "sign"


def test_a_number_of_two_uses_follows_from_both() -> None:
    x = Value(0.8, "x")
    a, b = named("a", x * 1.5), named("b", x * -0.4)
    root = a.exp() + b.exp() * 3.0
    check = check_by_hand(root, {"a": "5.000", "b": "7.000", "x": f"{5.0 * 1.5 - 7.0 * 0.4:.3f}"})
    assert check["x"].verdict == "follows"
    assert "∂root/∂a and ∂root/∂b" in check["x"].explanation


def test_a_closed_gate_lets_nothing_follow() -> None:
    x = Value(0.8, "x")
    a, b = named("a", x * 1.5), named("b", x * -0.4)
    c = named("c", b.relu())
    root = a.exp() + c * 3.0
    answers = {"a": "5.000", "c": "7.000", "x": "7.500"}
    check = check_by_hand(root, answers)
    assert check["x"].explanation.startswith("follows from your ∂root/∂a;")


def test_arrays_follow_element_by_element() -> None:
    rng = np.random.default_rng(1)
    x, w, g = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    y = named("y", Tensor(x) @ leaf(w, "w"))
    root = (y.tanh() * Tensor(g)).sum()
    right = g * (1 - np.tanh(x @ w) ** 2)
    given = right.copy()
    given[1, 0] *= -1
    check = check_by_hand(root, {"y": given.round(4), "w": (x.T @ given).round(4)})
    assert {row.symbol: row.slip for row in check if row.verdict == "wrong"} == {"y[1,0]": "sign"}
    assert [row.verdict for row in check if row.array == "w"] == ["follows", "right"] * 3


def test_elements_asked_for_one_by_one_are_handed_on_too() -> None:
    w = leaf(np.array([0.5, -1.2, 0.7]), "w")
    y = named("y", w * Tensor(np.array([1.0, 2.0, 4.0])))
    root = (y * y).sum()
    check = check_by_hand(root, {"y[1]": "9.99", "w[1]": "19.98", "w[2]": "22.4"})
    assert [row.verdict for row in check] == ["wrong", "follows", "right"]


@pytest.mark.parametrize("order", [["w", "h", "n", "y"], ["y", "n", "h", "w"]])
def test_the_order_of_the_sheet_does_not_matter(order: list[str]) -> None:
    root, step = chain()
    at_y = GIVEN
    answers = {"y": at_y, "h": at_y * step["h"], "n": at_y * step["h"] * step["n"]}
    answers["w"] = answers["n"] * 0.5
    check = check_by_hand(root, rounded({name: answers[name] for name in order}, 5))
    assert [row.symbol for row in check] == order
    assert {row.symbol for row in check if row.verdict == "wrong"} == {"y"}
