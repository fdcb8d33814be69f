"""The derivative table says what it does: local derivatives, their text and their LaTeX are one function."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import Elementwise, Value
from autograd.symbol import Symbol, as_symbol
from tests.autograd.notation import read_latex, read_text
from tests.autograd.scalar_functions import FUNCTIONS, exact_derivative
from tests.autograd.support import examples, leaf, table

RULES = [rule for rule in table() if isinstance(rule, Elementwise)]
BY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
POINTS = [(0.3, 0.8), (0.55, 0.2), (0.71, 0.62)]


def points(name: str) -> list[tuple[float, ...]]:
    function = FUNCTIONS[name]
    return [
        tuple(function.low + (function.high - function.low) * u for u in units[: function.arity]) for units in POINTS
    ]


def parameters(name: str, at: tuple[float, ...]) -> dict[str, Any]:
    """The numbers that the text of a rule with parameters refers to."""
    named = dict(zip("xy", at, strict=False))
    return {**named, "lower": -1.0, "upper": 2.0, "u": 2.0, "c": at[0] > at[-1]}


def expected_local(rule: Elementwise, at: tuple[float, ...], place: int) -> float:
    if rule.name == "where":  # of the choice alone, whose second branch the table's function squares
        return float((at[0] > at[1]) != bool(place))
    return exact_derivative(FUNCTIONS[rule.name], at, tuple(int(place == other) for other in range(rule.arity)))


@BY_RULE
def test_local_derivative_is_the_derivative(rule: Elementwise) -> None:
    function = FUNCTIONS[rule.name]
    for at in points(rule.name):
        for kind in (Value, leaf):
            node = function.ours(*map(kind, at))
            for place in range(rule.arity):
                local = float(node.rule.local(node, place))
                assert local == pytest.approx(expected_local(rule, at, place), rel=1e-11, abs=1e-14)


@BY_RULE
def test_text_and_latex_are_the_derivative(rule: Elementwise) -> None:
    for at in points(rule.name):
        for place in range(rule.arity):
            expected = expected_local(rule, at, place)
            for read, written in ((read_text, rule.local_text(place)), (read_latex, rule.local_latex(place))):
                found = float(read(written, **parameters(rule.name, at)))
                assert found == pytest.approx(expected, rel=1e-11, abs=1e-14), written


@BY_RULE
def test_notation_of_the_function_is_the_function(rule: Elementwise) -> None:
    if rule.name == "clip":
        assert rule.expression(Symbol("x")).text == "clip(x)"
        return
    function = FUNCTIONS[rule.name]
    for at in points(rule.name):
        written = rule.expression(*map(Symbol, "xy"[: rule.arity]))
        expected = at[0] if rule.name == "where" and at[0] > at[1] else float(function.exact(*at))
        if rule.name == "where" and at[0] <= at[1]:
            expected = at[1]
        assert float(read_text(written.text, **parameters(rule.name, at))) == pytest.approx(expected, rel=1e-12)
        if rule.name != "where":
            assert float(read_latex(written.latex, **parameters(rule.name, at))) == pytest.approx(expected, rel=1e-12)


@BY_RULE
def test_symbol_names_and_documentation(rule: Elementwise) -> None:
    assert rule.symbol
    assert rule.__doc__
    names = ["α", "β"][: rule.arity]
    for place in range(rule.arity):
        assert "x" not in rule.local_text(place, names).replace("exp", "").replace("max", "")
    assert ag.primitive(rule.name) is rule


# ---- parentheses --------------------------------------------------------------------------------------------------

OPERATIONS: dict[str, tuple[int, Callable[..., Any], Callable[..., Any]]] = {
    "+": (2, lambda a, b: a + b, lambda a, b: a + b),
    "-": (2, lambda a, b: a - b, lambda a, b: a - b),
    "*": (2, lambda a, b: a * b, lambda a, b: a * b),
    "/": (2, lambda a, b: a / b, lambda a, b: a / b),
    "**": (2, lambda a, b: a**b, lambda a, b: a**b),
    "neg": (1, lambda a: -a, lambda a: -a),
    "exp": (1, ag.exp, mpmath.exp),
    "sin": (1, ag.sin, mpmath.sin),
    "log": (1, ag.log, mpmath.log),
    "sqrt": (1, ag.sqrt, mpmath.sqrt),
    "square": (1, lambda a: a**2, lambda a: a**2),
    "cube": (1, lambda a: a**3, lambda a: a**3),
    "expm1": (1, ag.expm1, mpmath.expm1),
    "sigmoid": (1, ag.sigmoid, lambda a: 1 / (1 + mpmath.exp(-a))),
    "tanh": (1, ag.tanh, mpmath.tanh),
    "right number": (1, lambda a: a - 2.0, lambda a: a - 2),
    "left number": (1, lambda a: 2.0 / a, lambda a: 2 / a),
    "left minus": (1, lambda a: 0.5 - a, lambda a: mpmath.mpf("0.5") - a),
    "negative number": (1, lambda a: a * -1.5, lambda a: a * mpmath.mpf("-1.5")),
    "negative base": (1, lambda a: -2.0 - a, lambda a: -2 - a),
}

trees = st.recursive(
    st.sampled_from(["x", "y"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from([name for name, row in OPERATIONS.items() if row[0] == 1]), inner),
        st.tuples(st.sampled_from([name for name, row in OPERATIONS.items() if row[0] == 2]), inner, inner),
    ),
    max_leaves=5,
)


def build(tree: Any, leaves: dict[str, Any], column: int) -> Any:
    if isinstance(tree, str):
        return leaves[tree]
    name, *parts = tree
    return OPERATIONS[name][column](*(build(part, leaves, column) for part in parts))


@examples(400)
@given(tree=trees)
@example(("square", ("sqrt", "x")))
@example(("*", "x", ("neg", "y")))
@example(("**", ("neg", "x"), "y"))
@example(("/", "x", ("*", "x", "y")))
def test_parentheses_are_where_they_must_be(tree: Any) -> None:
    """What is written of an expression evaluates to the expression, however its operators nest."""
    numbers = {"x": mpmath.mpf("1.75"), "y": mpmath.mpf("0.625")}
    try:
        expected = build(tree, numbers, 2)
    except (ZeroDivisionError, OverflowError, ValueError):
        return
    if not mpmath.isfinite(expected) or abs(expected) > 1e6 or isinstance(expected, mpmath.mpc):
        return
    written = as_symbol(build(tree, {"x": Symbol("x"), "y": Symbol("y")}, 1))
    for read, form in ((read_text, written.text), (read_latex, written.latex)):
        found = read(form, **numbers)
        assert mpmath.almosteq(found, expected, rel_eps=1e-12, abs_eps=1e-12), f"{form} reads {found}"
    assert not re.search(r"[·+−/√] ?−", written.text), f"two signs side by side: {written.text}"
    assert not re.search(r"(\\cdot|[-+]) ?-", written.latex), f"two signs side by side: {written.latex}"


@pytest.mark.parametrize(
    "number, text, latex",
    [(2.0, "2", "2"), (-1.5, "−1.5", "-1.5"), (0.1, "0.1", "0.1"), (True, "1", "1"), (np.float32(0.5), "0.5", "0.5")],
)
def test_numbers_are_written_short(number: Any, text: str, latex: str) -> None:
    symbol = as_symbol(number)
    assert (symbol.text, symbol.latex) == (text, latex)


@pytest.mark.parametrize("number", [1e-7, 1e20, 123456789.0, 1.0 / 3.0, -2.5e-9])
def test_numbers_are_not_rounded_away(number: float) -> None:
    """What is written is within 1e-5 of the number, and LaTeX writes powers of ten as such."""
    symbol = as_symbol(number)
    assert float(read_text(symbol.text)) == pytest.approx(number, rel=1e-5)
    assert "e" not in symbol.latex
