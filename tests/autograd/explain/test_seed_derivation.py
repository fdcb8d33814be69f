"""Document 000's derivation, for each of the 16 weights: its formula, its numbers, the winners and losers of pooling.

dL/dw_kl = Σ_i Σ_j dL/dg_i · dg_i/da_ij · x_(i+k, j+l), as it is printed for w11.
"""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn.functional as F
from autograd import Derivation, Tensor
from autograd.numbers import number_text
from tests.autograd.support import by_own_names
from tests.seeds.test_seed_000 import OUTPUTS, WEIGHTS, ordered, value_loss, written_out

explain = by_own_names(autograd.explain)

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ROW_MAJOR = [(0, 0), (0, 1), (1, 0), (1, 1)]


def cases() -> list[Case]:
    """The document's assumption, a11 > a12 and a22 > a21, and the images turned so that other places win."""
    x, w, dL_dg = ordered(0)
    turned = x[:, ::-1].copy(), w[:, ::-1].copy(), dL_dg
    return [(x, w, dL_dg), ordered(3), turned]


def of_values(case: Case, k: int, l: int) -> Derivation:
    loss, weights, a = value_loss(*case)
    pooled = [product.parents[0] for product in loss.parents]
    for i, j in OUTPUTS:
        a[i, j].name = f"a{i + 1}{j + 1}"
    for i, node in enumerate(pooled):
        node.name = f"g{i + 1}"
    loss.name = "L"
    loss.backward()
    return explain(loss, weights[k, l], by=pooled)


def terms(case: Case, k: int, l: int) -> list[tuple[str, str, str, float]]:
    """The four terms of the printed sum: symbols, symbols with the pixel, numbers, and their product."""
    x, w, dL_dg = case
    outputs = np.array([[np.sum(x[i : i + 4, j : j + 4] * w) for j in range(2)] for i in range(2)])
    found = []
    for i, j in ROW_MAJOR:
        wins = float(outputs[i, j] == outputs[i].max())
        g, a = f"g{i + 1}".translate(DIGITS), f"a{i + 1}{j + 1}".translate(DIGITS)
        pixel = f"x{i + k + 1}{j + l + 1}".translate(DIGITS)
        weight = f"w{k + 1}{l + 1}".translate(DIGITS)
        factors = (dL_dg[i], wins, x[i + k, j + l])
        numbers = "·".join(f"({text})" if text[0] == "−" else text for text in map(number_text, factors))
        found.append(
            (
                f"∂L/∂{g}·∂{g}/∂{a}·∂{a}/∂{weight}",
                f"∂L/∂{g}·∂{g}/∂{a}·{pixel}",
                numbers,
                float(np.prod(factors)),
            )
        )
    return found


@pytest.mark.parametrize("k, l", WEIGHTS)
def test_each_weight_has_the_printed_derivation(k: int, l: int) -> None:
    for case in cases():
        derivation = of_values(case, k, l)
        expected = terms(case, k, l)
        chain, formulas, numbers, products = zip(*expected, strict=True)
        assert [line.right.text for line in derivation.lines[:12]] == [*chain, *formulas, *numbers]
        assert [line.sign for line in derivation.lines[:12]] == ["=", "+", "+", "+"] * 3
        weight = f"w{k + 1}{l + 1}"
        assert derivation.lines[0].left is not None
        assert derivation.lines[0].left.text == f"∂L/∂{weight.translate(DIGITS)}"
        np.testing.assert_allclose(derivation.products, products, rtol=1e-12)
        assert derivation.total == pytest.approx(written_out(*case)[k, l], rel=1e-12)
        assert derivation.matches
        assert derivation.lines[-1].right.text == number_text(derivation.total)  # type: ignore[arg-type]
        assert derivation.lines[-1].note == f" = {weight}.grad"
        assert (derivation.count, derivation.left_out) == (4, 0)


def test_winners_and_losers_are_told_beside_the_sum() -> None:
    for case, winners in zip(cases(), ((1, 0, 0, 1), (1, 0, 0, 1), (0, 1, 1, 0)), strict=True):
        _, _, dL_dg = case
        where = {line.left.text: line.right.text for line in of_values(case, 1, 2).where if line.left is not None}
        assert where["∂L/∂g₁"] == f"dL/dg1 = {number_text(dL_dg[0])}"
        assert where["∂L/∂g₂"] == f"dL/dg2 = {number_text(dL_dg[1])}"
        for (i, j), wins in zip(ROW_MAJOR, winners, strict=True):
            a = f"a{i + 1}{j + 1}".translate(DIGITS)
            assert where[f"∂g{'₁₂'[i]}/∂{a}"] == f"[{a} = max] = {wins}"
        assert len(where) == 6


def test_the_first_weight_in_latex_as_printed() -> None:
    latex = of_values(cases()[0], 0, 0).latex
    printed = (
        r"\frac{\partial L}{\partial w_{11}} &= \frac{\partial L}{\partial g_{1}} \cdot "
        r"\frac{\partial g_{1}}{\partial a_{11}} \cdot \frac{\partial a_{11}}{\partial w_{11}}"
    )
    assert printed in latex
    for i, j in ROW_MAJOR:
        g, a = rf"g_{{{i + 1}}}", rf"a_{{{i + 1}{j + 1}}}"
        upstream, gate = rf"\frac{{\partial L}}{{\partial {g}}}", rf"\frac{{\partial {g}}}{{\partial {a}}}"
        assert rf"{upstream} \cdot {gate} \cdot x_{{{i + 1}{j + 1}}}" in latex


@pytest.mark.parametrize("k, l", WEIGHTS)
def test_the_same_on_tensors(k: int, l: int) -> None:
    """The elements of tensors are called a[0,0,i,j]; the derivation is the same."""
    x, w, dL_dg = cases()[0]
    weight = Tensor(w[None, None], requires_grad=True, name="w")
    a = F.conv2d(Tensor(x[None, None], name="x"), weight)
    g = F.max_pool2d(a, (1, 2))
    loss = (g * dL_dg.reshape(1, 1, 2, 1)).sum()
    a.name, g.name, loss.name = "a", "g", "L"
    loss.backward()
    derivations = [explain(loss, weight[0, 0, k, l], by=by) for by in (g, "g", "max_pool2d", [g[0, 0, 0, 0], "g"])]
    for derivation in derivations:
        formulas = [line.right.text for line in derivation.lines[4:8]]
        assert formulas == [
            f"∂L/∂g[0,0,{i},0]·∂g[0,0,{i},0]/∂a[0,0,{i},{j}]·x[0,0,{i + k},{j + l}]" for i, j in ROW_MAJOR
        ]
        assert derivation.total == pytest.approx(written_out(x, w, dL_dg)[k, l], rel=1e-12)
        assert derivation.matches
        assert str(derivation) == str(derivations[0])


def test_the_layer_before_pooling() -> None:
    """By a11 to a22 the gates are part of the factor ∂L/∂a, and the sum is that of a convolution."""
    x, w, dL_dg = cases()[0]
    weight = Tensor(w[None, None], requires_grad=True, name="w")
    a = F.conv2d(Tensor(x[None, None], name="x"), weight)
    loss = (F.max_pool2d(a, (1, 2)) * dL_dg.reshape(1, 1, 2, 1)).sum()
    a.name = "a"
    loss.backward()
    derivation = explain(loss, weight[0, 0, 1, 1], by=a)
    assert [line.right.text for line in derivation.lines[:4]] == [
        f"∂L/∂a[0,0,{i},{j}]·∂a[0,0,{i},{j}]/∂w[0,0,1,1]" for i, j in ROW_MAJOR
    ]
    np.testing.assert_allclose(
        derivation.products, [a.grad[0, 0, i, j] * x[i + 1, j + 1] for i, j in ROW_MAJOR], rtol=1e-12
    )
    assert derivation.total == pytest.approx(weight.grad[0, 0, 1, 1], rel=1e-12)
