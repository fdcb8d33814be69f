"""What is said of a slip: which use, which route, which element, which rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value, functions
from autograd.testing import check_by_hand
from tests.autograd.by_hand.case import named
from tests.autograd.support import leaf


def said(root: Any, answers: Any, symbol: str) -> str:
    return str(check_by_hand(root, answers)[symbol].explanation)


def tied() -> Any:
    a, b, c = Value(1.25, "a"), Value(1.25, "b"), Value(0.5, "c")
    return (functions.max([a, b, c]) * 1.7).exp(), 1.7 * math.exp(1.7 * 1.25)


@pytest.mark.parametrize(
    "shares, what",
    [
        ((0.0, 1.0, 0.0), "handed to the last"),
        ((1.0, 1.0, 0.0), "handed to each of them"),
        ((0.5, 0.5, 0.0), "shared among them"),
        ((1.0, 1.0, 1.0), "handed to every element"),
        ((1 / 3, 1 / 3, 1 / 3), "shared equally"),
        ((0.0, 0.0, 1.0), "the other end"),
    ],
)
def test_where_a_maximum_s_gradient_was_sent(shares: tuple[float, ...], what: str) -> None:
    root, at_max = tied()
    answers = {name: f"{share * at_max:.4f}" for name, share in zip("abc", shares, strict=True)}
    wrong = [row for row in check_by_hand(root, answers) if row.verdict == "wrong"]
    assert wrong
    assert all(what in row.explanation for row in wrong)


@pytest.mark.parametrize("order, what", [(1, "the last remains"), (-1, "the first remains")])
def test_which_of_overlapping_windows_remained(order: int, what: str) -> None:
    rng = np.random.default_rng(15)
    x, w, g = rng.normal(size=6), rng.normal(size=3), rng.normal(size=4)
    root = (F.conv1d(leaf(x[None, None], "x"), leaf(w[None, None], "w")) * g[None, None]).sum()
    dx = np.zeros(6)
    for i in range(4)[::order]:
        dx[i : i + 3] = g[i] * w
    wrong = [row for row in check_by_hand(root, {"x": dx[None, None].round(4)}) if row.verdict == "wrong"]
    assert all(what in row.explanation for row in wrong)


def three_uses() -> tuple[Any, list[float]]:
    x = Value(0.62, "x")
    slopes = (0.9, -1.4, 0.35)
    units = [named(f"h{i}", (x * w).sin()) for i, w in enumerate(slopes, 1)]
    return functions.sum(units), [w * math.cos(0.62 * w) for w in slopes]


@pytest.mark.parametrize(
    "counts, what",
    [
        ((0, 1, 1), "the way through h1 was forgotten"),
        ((1, 0, 1), "the way through h2 was forgotten"),
        ((0, 1, 0), "only the way through h2 was taken"),
        ((1, 1, 2), "the way through h3 was counted twice"),
        ((1 / 3, 1 / 3, 1 / 3), "their mean was taken"),
    ],
)
def test_which_use_was_forgotten(counts: tuple[float, ...], what: str) -> None:
    root, terms = three_uses()
    number = sum(count * term for count, term in zip(counts, terms, strict=True))
    explanation = said(root, {"x": f"{number:.5f}"}, "x")
    assert explanation.startswith("x is used 3 times")
    assert explanation.endswith(what)


def five_uses() -> tuple[Any, list[float]]:
    x = Value(0.62, "x")
    slopes = (0.9, -1.4, 0.35, 2.2, -0.55)
    units = [named(f"h{i}", (x * w).sin()) for i, w in enumerate(slopes, 1)]
    return functions.sum(units), [w * math.cos(0.62 * w) for w in slopes]


def test_two_uses_forgotten_at_once() -> None:
    root, terms = five_uses()
    explanation = said(root, {"x": f"{terms[0] + terms[2] + terms[4]:.7f}"}, "x")
    assert "h2" in explanation
    assert "h4" in explanation
    assert explanation.endswith("was forgotten")


def test_two_uses_of_an_array_forgotten_at_once() -> None:
    rng = np.random.default_rng(8)
    numbers, weights = rng.normal(size=8), rng.normal(size=(5, 8))
    x = leaf(numbers, "x")
    units = [named(f"h{i}", (x * Tensor(w)).sin()) for i, w in enumerate(weights, 1)]
    root = (units[0] + units[1] + units[2] + units[3] + units[4]).sum()
    terms = weights * np.cos(numbers * weights)
    check = check_by_hand(root, {"x": terms[[0, 2, 4]].sum(0).round(5)})
    assert {row.slip for row in check} == {"missing path"}
    assert "h2" in check["x[0]"].explanation
    assert "h4" in check["x[0]"].explanation


def two_diamonds() -> tuple[Any, dict[str, float]]:
    """x leads through a or b to m, and m through c or d to the root: four routes, of which no use is one alone."""
    x = Value(0.4, "x")
    a, b = named("a", x * 1.3), named("b", x * -0.7)
    m = named("m", a.exp() + b.exp())
    c, d = named("c", m * 0.9), named("d", m * 1.9)
    below = {"a": 1.3 * math.exp(0.52), "b": -0.7 * math.exp(-0.28)}
    at = math.exp(0.52) + math.exp(-0.28)
    above = {"c": 0.9 * math.cos(0.9 * at), "d": 1.9 * math.cos(1.9 * at)}
    return c.sin() + d.sin(), {p + q: below[p] * above[q] for p in below for q in above}


@pytest.mark.parametrize("route", ["ac", "ad", "bc", "bd"])
def test_which_route_was_forgotten_or_counted_twice(route: str) -> None:
    root, products = two_diamonds()
    through = f"{route[0]} and {route[1]}"
    for number, end in (
        (sum(products.values()) - products[route], f"that through {through} was forgotten"),
        (sum(products.values()) + products[route], f"that through {through} was counted twice"),
        (products[route], f"only that through {through} was taken"),
    ):
        explanation = said(root, {"x": f"{number:.5f}"}, "x")
        assert explanation == f"4 routes lead from x up, and the gradient is their sum; {end}"


def test_which_route_of_an_element_was_forgotten() -> None:
    w = np.array([[0.13, 0.64], [-0.85, 0.41]])
    node = leaf(w, "w")
    root = (node @ node).tanh().sum()
    slope = 1 - np.tanh(w @ w) ** 2
    routes = [slope[0, 0] * w[1, 0], slope[0, 1] * w[0, 0], slope[0, 1] * w[1, 1], slope[1, 1] * w[1, 0]]
    explanation = said(root, {"w[0,1]": f"{sum(routes) - routes[2]:.5f}"}, "w[0,1]")
    assert explanation.endswith("that through w[0,1]·w[1,1] was forgotten")


@pytest.mark.parametrize(
    "function, slope, what",
    [
        (lambda x: x.tanh(), lambda x: 1 - math.tanh(x), "1 − tanh(2·x)², .*1 − tanh(2·x), without the square"),
        (lambda x: x.exp(), lambda x: x * math.exp(x - 1), "taken as (2·x)·e^((2·x) − 1)"),
        (lambda x: x.log(), lambda x: math.log(x), "taken as the result log(2·x) itself"),
        (lambda x: x**3, lambda x: x**2, "is 3·(2·x)²; it was taken as (2·x)², without the factor 3"),
        (lambda x: x.sqrt(), lambda x: 1 / math.sqrt(x), "taken as 1/√(2·x), without the ½"),
        (lambda x: x.sigmoid(), lambda x: x * (1 - x), "taken as (2·x)·(1 − (2·x))"),
        (lambda x: x.cos(), lambda x: math.sin(x), "is −sin(2·x); it was taken as sin(2·x), without the minus"),
    ],
)
def test_the_right_derivative_stands_beside_the_wrong_one(function: Any, slope: Any, what: str) -> None:
    x = Value(0.73, "x")
    explanation = said(function(x * 2.0) * 1.9, {"x": f"{1.9 * 2 * slope(1.46):.5f}"}, "x").replace("x·2", "2·x")
    for part in what.split(", .*"):
        assert part in explanation


def test_numbers_put_back_column_by_column() -> None:
    rng = np.random.default_rng(6)
    x, g = rng.normal(size=(2, 3)), rng.normal(size=6)
    root = (leaf(x, "x").reshape(6) * Tensor(g)).sum()
    check = check_by_hand(root, {"x": g.reshape(2, 3, order="F").round(4)})
    assert {row.slip for row in check if row.verdict == "wrong"} == {"wrong order"}
    assert check["x[0,1]"].explanation.endswith("they were put back column by column")


def test_a_convolution_s_kernel_is_named() -> None:
    rng = np.random.default_rng(4)
    x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(2, 2)), rng.normal(size=(3, 3))
    root = (F.conv2d(Tensor(x[None, None]), leaf(w[None, None], "kernel")) * g[None, None]).sum()
    dw = np.array([[np.sum(g * x[i : i + 3, j : j + 3]) for j in range(2)] for i in range(2)])
    explanation = said(root, {"kernel": dw[::-1, ::-1][None, None].round(4)}, "kernel[0,0,0,0]")
    assert "the gradient of the kernel kernel is not rotated; it was rotated by 180°" in explanation
    assert "in conv2d" in explanation


def test_only_the_gate_that_is_closed_is_told_of() -> None:
    x, weights = Value(1.4, "x"), (0.9, -0.4, 0.3)
    units = [named(f"h{i}", (Value(w, f"w{i}") * x).relu()) for i, w in enumerate(weights, 1)]
    root = units[0] * 1.5 + units[1] * 2.3 + units[2] * 0.7
    explanation = said(root, {"x": f"{1.5 * 0.9 - 2.3 * 0.4 + 0.7 * 0.3:.4f}"}, "x")
    assert explanation.startswith("at h2 = relu(w2·x) nothing passes")


def test_a_number_is_not_explained_by_what_follows_from_it() -> None:
    x = Value(0.4, "x")
    y = named("y", x + 0.3)
    check = check_by_hand(y.sin() * 1.7, {"y": "5.4321", "x": "5.4321"})
    assert [(row.verdict, row.slip) for row in check] == [("wrong", ""), ("follows", "")]
