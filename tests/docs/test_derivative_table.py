"""The derivative table of the site: every primitive stands in it, and its formulas are the derivatives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Elementwise, Kink, Linear, Primitive, Reduction, Value, kinks, primitive
from autograd.rule import _registry
from tests.autograd.support import table

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))

import make_reference
from make_reference import at_kink, derivative_table, example, traced, value_latex, written

TRACED = [rule for rule in table() if not isinstance(rule, Elementwise | Reduction)]
KINKED = [rule for rule in table() if rule.kink is not None]


def by_name(rule: Primitive) -> str:
    return rule.name


def rows() -> dict[str, list[str]]:
    lines = [line for line in derivative_table().splitlines() if line.startswith("| `")]
    return {cells[0].strip("` "): cells for cells in (line.strip("|").split(" | ") for line in lines)}


def test_every_primitive_stands_in_the_table_once() -> None:
    lines = [line.split("`")[1] for line in derivative_table().splitlines() if line.startswith("| `")]
    assert sorted(lines) == sorted(rule.name for rule in table())


def test_every_row_has_a_value_and_a_derivative_and_one_of_a_kink_what_is_given_there() -> None:
    for name, cells in rows().items():
        assert bool(cells[3:] and cells[3].strip()) == (primitive(name).kink is not None), name
        assert cells[1].strip(" $"), name
        assert r"\partial x$: $" in cells[2], name


# By other hands: textbooks.
KNOWN = {
    "tanh": r"$1 - \tanh\left(x\right)^{2}$",
    "divide": r"$\partial y$: $\frac{-x}{y^{2}}$",
    "power": r"$\partial x$: $y \cdot x^{y - 1}$",
    "sigmoid": r"$\sigma\left(x\right) \cdot \left(1 - \sigma\left(x\right)\right)$",
    "matmul": r"$\partial x$: $g y^{\top}$<br>$\partial y$: $x^{\top} g$",
    "inv": r"$-\left(\mathrm{out}^{\top} g \, \mathrm{out}^{\top}\right)$",
    "solve": r"$\partial y$: $x^{-\top} g$",
    "det": r"$g \cdot \mathrm{out} \cdot x^{-\top}$",
    "logabsdet": r"$g \cdot x^{-\top}$",
    "cholesky": r"(\mathrm{out}^{-\top} \left(\mathrm{out}^{\top} g \cdot M\right) \mathrm{out}^{-1}\right)^{\top}",
    "logsumexp": r"$e^{x - \mathrm{out}}$",
    "windows": r"$\operatorname{overlap\_add}\left(g\right)$",
    "cumsum": r"$\operatorname{cumsum}\left(g[::-1]\right)[::-1]$",
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_derivative_is_that_of_the_textbook(name: str) -> None:
    assert KNOWN[name] in rows()[name][2]


@pytest.mark.parametrize("rule", TRACED, ids=by_name)
def test_a_traced_rule_is_the_transpose_of_a_difference(rule: Primitive) -> None:
    """Of ones upstream: the sum of the result changes by the sum of contribution × change."""
    arrays, params = example(rule)
    rng = np.random.default_rng(0)
    changes = [1e-6 * (change := rng.normal(size=x.shape)) + (0 if rule.name != "cholesky" else 1e-6 * change.T)
               for x in arrays]  # fmt: skip
    before, after = (
        rule.forward(*(x + sign * change for x, change in zip(arrays, changes, strict=True)), **params)
        for sign in (-0.5, 0.5)
    )
    expected = sum(np.sum(node.data * change) for node, change in zip(traced(rule), changes, strict=True))
    tolerance = 1e-2 if params.get("dtype") == np.float32 else 1e-6
    assert np.sum(after, dtype=float) - np.sum(before, dtype=float) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("rule", TRACED, ids=by_name)
def test_a_formula_names_nothing_but_the_upstream_gradient_the_arguments_the_result_and_a_mask(rule: Primitive) -> None:
    for node in traced(rule):
        text = written(node).text
        for word in ("reshape", "broadcast", "transpose", "scatter", "overlap_add", "windows", "cast", "cumsum", "out"):
            text = text.replace(word, "")
        assert set(filter(str.isalpha, text)) <= set("gxyzMi") | set("Σᵀ"), text


@pytest.mark.parametrize("rule", KINKED, ids=by_name)
def test_the_point_on_a_kink_lies_on_it(rule: Primitive) -> None:
    _, inputs, params = make_reference.KINKS[rule.name]
    assert isinstance(rule.kink, Kink)
    assert np.any(rule.kink.at(*map(np.asarray, inputs), **params))


def test_kinks_are_those_of_the_readme() -> None:
    """Derivative 0 of relu and abs, 1 on clip's bounds, half to each operand, all to the first of an axis."""
    given = {rule.name: at_kink(rule) for rule in KINKED}
    assert given == {
        "relu": [0.0], "absolute": [0.0], "clip": [1.0], "maximum": [0.5, 0.5], "minimum": [0.5, 0.5],
        "max": [1.0, 0.0, 0.0], "min": [1.0, 0.0, 0.0],
    }  # fmt: skip


@pytest.mark.parametrize(("name", "option"), [("relu", "relu"), ("absolute", "abs"), ("maximum", "ties")])
def test_the_option_in_parentheses_changes_what_is_given(name: str, option: str) -> None:
    assert f"(`{option}=`)" in rows()[name][3]
    x = Value(0.0)
    with kinks(**{option: "first" if option == "ties" else 0.25}):  # type: ignore[arg-type]
        y = {"relu": x.relu, "absolute": x.__abs__, "maximum": lambda: _registry["maximum"](x, 0.0)}[name]()
    y.backward()
    assert x.grad == (1.0 if option == "ties" else 0.25)


def test_a_rule_that_the_table_cannot_write_is_told() -> None:
    unknown = Linear("unknown_to_the_table", _refuse, [lambda g, x: g])
    kinked = Elementwise("kinked_out_of_the_table", lambda x: x, [1.0], kink=Kink("relu", at=lambda x: x == 0))
    try:
        with pytest.raises(LookupError, match=r"unknown_to_the_table: takes no arguments"):
            derivative_table([unknown])
        with pytest.raises(LookupError, match=r"kinked_out_of_the_table: has a kink; give KINKS"):
            derivative_table([kinked])
    finally:
        del _registry[unknown.name], _registry[kinked.name]


def _refuse(x: Any) -> Any:
    raise ValueError("not this one")


def test_a_primitive_of_the_users_own_is_written_like_the_others() -> None:
    bell = Elementwise("bell_in_the_table", lambda x: np.exp(-x * x), [lambda out, x: -2.0 * x * out])
    try:
        assert r"$-2 \cdot x \cdot \operatorname{bell\_in\_the\_table}" in derivative_table([bell])
        assert value_latex(bell) == r"\operatorname{bell\_in\_the\_table}\left(x\right)"
        assert "bell_in_the_table" not in derivative_table()
    finally:
        del _registry[bell.name]
