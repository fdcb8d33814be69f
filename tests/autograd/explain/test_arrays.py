"""Derivations by whole arrays: what is written is what the backward pass did."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd
import nn.functional as NF
from autograd import Derivation, GraphError, Linear, Reduction, Tensor, graph_nodes
from autograd import functions as F
from autograd.symbol import Symbol
from tests.autograd.scalarize.test_random_twins import random_graph
from tests.autograd.support import by_own_names, examples, leaf, seeds, upstream

explain = by_own_names(autograd.explain)

RNG = np.random.default_rng(6)


def rights(derivation: Derivation) -> dict[str, str]:
    return {line.left.text: line.right.text for line in derivation.lines if line.left is not None}


def notes(derivation: Derivation) -> dict[str, str]:
    return {line.left.text: line.note for line in derivation.lines if line.left is not None}


def where(derivation: Derivation) -> dict[str, str]:
    return {line.left.text: line.right.text for line in derivation.where if line.left is not None}


def test_a_dense_layer_line_by_line() -> None:
    x, w, b = (
        Tensor(RNG.normal(size=(4, 3)), name="x"),
        leaf(RNG.normal(size=(3, 2)), "w"),
        leaf(RNG.normal(size=2), "b"),
    )
    product = x @ w
    product.name = "p"
    h = (product + b).tanh()
    h.name = "h"
    loss = (h * h).sum()
    loss.backward()
    derivation = explain(loss, w)
    assert rights(derivation) == {
        "∂L/∂v₃": "spread(1)",
        "∂L/∂h": "∂L/∂v₃ ⊙ h + ∂L/∂v₃ ⊙ h",
        "∂L/∂v₂": "∂L/∂h ⊙ (1 − tanh(v₂)²)",
        "∂L/∂p": "∂L/∂v₂",
        "∂L/∂w": "xᵀ @ ∂L/∂p",
    }
    assert where(derivation) == {
        "spread(G)": "G, repeated along the axes that were reduced",
        "v₂": "p + v₁",
        "v₃": "h·h",
    }
    assert derivation.heading == "∂L/∂w, of shape (3, 2): 2 paths of arrays"
    np.testing.assert_array_equal(derivation.total, w.grad)  # type: ignore[arg-type]
    assert derivation.matches
    assert notes(derivation)["∂L/∂w"].endswith(" = w.grad")
    assert notes(derivation)["∂L/∂w"].startswith(", shape (3, 2): ")
    assert rights(explain(loss, b))["∂L/∂b"] == "sum_to(∂L/∂v₁)"


def handed(function: Any, x: Any) -> str:
    """What the operation nearest to x hands back to it."""
    y = function(x)
    y.name = "y"
    out = (y * Tensor(upstream(3, y.shape, float), name="u")).sum()
    return rights(explain(out, x))["∂L/∂x"]


STACK = RNG.normal(size=(2, 3, 3))
FORMS: dict[str, tuple[Any, str]] = {
    "reshape": (lambda x: x.reshape(-1), "reshape(∂L/∂y)"),
    "transpose": (lambda x: F.transpose(x, (1, 0, 2)), "∂L/∂yᵀ"),
    "cast": (lambda x: x.astype("float32"), "∂L/∂y"),
    "broadcast": (lambda x: F.broadcast_to(x, (4, 2, 3, 3)), "sum_to(∂L/∂y)"),
    "getitem": (lambda x: x[:, [0, 0]], "put_back(∂L/∂y)"),
    "pad": (lambda x: F.pad(x, 1), "crop(∂L/∂y)"),
    "concatenate": (lambda x: F.concatenate([Tensor(STACK), x]), "part 2 of 2(∂L/∂y)"),
    "windows": (lambda x: F.windows(x, (2, 2)), "overlap_add(∂L/∂y)"),
    "cumsum": (lambda x: F.cumsum(x, axis=1), "cumsum_from_the_end(∂L/∂y)"),
    "sum": (lambda x: F.sum(x, axis=1), "spread(∂L/∂y)"),
    "max": (lambda x: F.max(x, axis=1), "spread(∂L/∂y) ⊙ [x = max]"),
    "logsumexp": (lambda x: F.logsumexp(x, axis=1), "spread(∂L/∂y) ⊙ e^(x − y)"),
    "negative": (lambda x: -x, "−∂L/∂y"),
    "exp": (lambda x: x.exp(), "∂L/∂y ⊙ e^x"),
    "matmul": (lambda x: x @ Tensor(STACK, name="m"), "∂L/∂y @ mᵀ"),
    "matmul from the left": (lambda x: Tensor(STACK, name="m") @ x, "mᵀ @ ∂L/∂y"),
    "einsum": (
        lambda x: F.einsum("nij,jk->nik", x, Tensor(STACK[0], name="m")),
        "einsum('nik,jk->nij', ∂L/∂y, m)",
    ),
    "inverse": (lambda x: F.linalg.inv(x), "vjp of inv(∂L/∂y)"),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_each_kind_of_operation_hands_back(name: str) -> None:
    function, expected = FORMS[name]
    assert handed(function, leaf(STACK + 3.0 * np.eye(3), "x")) == expected


def test_primitives_of_the_users_own() -> None:
    twice = Linear("twice for a derivation", lambda x: 2.0 * x, [lambda g, x: 2.0 * g])
    assert handed(twice, leaf(STACK, "x")) == "twice for a derivationᵀ(∂L/∂y)"

    def fails(x: Any) -> Symbol:
        raise ValueError("no notation")

    odd = Reduction(
        "odd sum for a derivation", lambda x, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims), 1.0,
        weight_symbol=lambda x: fails(x),
    )  # fmt: skip
    odd.weight_symbol = fails
    assert handed(lambda x: odd(x, axis=(0,)), leaf(STACK, "x")) == "vjp of odd sum for a derivation(spread(∂L/∂y))"


@examples(60)
@given(seed=seeds)
def test_the_total_is_the_gradient_of_a_backward_pass(seed: int) -> None:
    leaves, result = random_graph(seed)
    root = (result * upstream(seed, result.shape, float)).sum()
    root.backward()
    for x in leaves:
        derivation = explain(root, x)
        expected = np.zeros(x.shape) if x.grad is None else x.grad
        np.testing.assert_allclose(derivation.total, expected, rtol=1e-12, atol=1e-13)  # type: ignore[arg-type]
        assert derivation.matches is (None if x.grad is None else True)
        assert derivation.latex.count("{") == derivation.latex.count("}")
    inner = [node for node in graph_nodes(root) if node.requires_grad and node.rule is not None and node is not root]
    for node in inner[:3]:
        if node.has_grad and node.size > 1:
            np.testing.assert_allclose(explain(root, node).total, node.grad, rtol=1e-12, atol=1e-13)  # type: ignore[arg-type]


def test_an_infinite_factor_behind_a_closed_gate() -> None:
    x = leaf([0.0, 4.0], "x")
    loss = F.where(x.data > 0, x.sqrt(), x * 3.0).sum()
    loss.backward()
    np.testing.assert_array_equal(explain(loss, x).total, [3.0, 0.25])  # type: ignore[arg-type]
    assert explain(loss, x).matches


def test_a_convolution_by_its_kernel() -> None:
    x, w = Tensor(RNG.normal(size=(1, 1, 5, 5)), name="x"), leaf(RNG.normal(size=(1, 1, 3, 3)), "w")
    y = NF.conv2d(x, w)
    y.name = "y"
    loss = (y * y).sum()
    loss.backward()
    derivation = explain(loss, w)
    assert re.fullmatch(r"einsum\('NOYX,NCYXyx->OCyx', ∂L/∂y, v\d*[₀-₉]*\)", rights(derivation)["∂L/∂w"])
    latex = derivation.latex
    assert r"\mathrm{einsum}_{\text{NOYX,NCYXyx} \to \text{OCyx}}" in latex
    assert r"\frac{\partial L}{\partial y}" in latex


def test_a_layer_begins_the_derivation() -> None:
    x, w, v = (
        Tensor(RNG.normal(size=(4, 3)), name="x"),
        leaf(RNG.normal(size=(3, 2)), "w"),
        leaf(RNG.normal(size=(2, 2)), "v"),
    )
    h = (x @ w).tanh()
    h.name = "h"
    loss = ((h @ v) * h).sum()
    loss.backward()
    for by in (h, "h", [h]):
        derivation = explain(loss, w, by=by)
        assert list(rights(derivation)) == ["∂L/∂h", "∂L/∂v₁", "∂L/∂w"]
        assert rights(derivation)["∂L/∂v₁"] == "∂L/∂h ⊙ (1 − tanh(v₁)²)"
        np.testing.assert_array_equal(derivation.total, w.grad)  # type: ignore[arg-type]
        assert "…" in rights(derivation)["∂L/∂h"]
        assert notes(derivation)["∂L/∂h"] == ", shape (4, 2)"
    with pytest.raises(GraphError, match=r"nothing that `by` means lies between 'w' and .*There are 'h'"):
        explain(loss, w, by="z")


def test_layers_that_follow_each_other_are_each_written_once() -> None:
    x, w = Tensor(RNG.normal(size=(4, 3)), name="x"), leaf(RNG.normal(size=(3, 2)), "w")
    p = x @ w
    h = p.tanh()
    p.name, h.name = "p", "h"
    derivation = explain(h.sum(), w, by=[p, h])
    assert [line.left.text for line in derivation.lines if line.left is not None] == ["∂L/∂h", "∂L/∂p", "∂L/∂w"]


def test_long_derivations_are_cut_in_the_middle() -> None:
    x = leaf([1.0, 2.0], "x")
    y = x
    for _ in range(3000):
        y = y + 0.0
    derivation = explain(y.sum(), x, max_terms=6)
    assert len(derivation.lines) == 6
    assert [line.right.text for line in derivation.lines if line.left is None] == ["… 2,996 more …"]
    assert derivation.lines[-1].left is not None
    assert derivation.lines[-1].left.text == "∂L/∂x"
    short = explain(y.sum(), x, max_terms=1)
    assert [line.right.text for line in short.lines] == ["… 3,000 more …", derivation.lines[-1].right.text]
    np.testing.assert_array_equal(derivation.total, [1.0, 1.0])  # type: ignore[arg-type]


def test_numbers_on_the_way_are_not_written_twice() -> None:
    x = leaf([1.0, 2.0, 4.0, 5.0], "x")
    derivation = explain((x * 2.0).mean(), x)
    assert [(line.right.text, line.note) for line in derivation.lines[:2]] == [
        ("0.25", ""),
        ("spread(∂L/∂v₂)", ", shape (4,): [0.25, 0.25, 0.25, 0.25]"),
    ]
    root = explain(x.sum().log(), x)
    assert (root.lines[0].right.text, root.lines[0].note) == ("1/v₁", " = 0.08333")


def test_the_stored_gradient_is_told() -> None:
    x = leaf([1.0, 2.0], "x")
    loss = (x * 2.0).sum()
    assert explain(loss, x).matches is None
    loss.backward()
    loss.backward()
    derivation = explain(loss, x)
    assert derivation.matches is False
    assert derivation.lines[-1].note == ", shape (2,): [2, 2], but x.grad is [4, 4]"


def test_what_does_not_feed_the_root() -> None:
    x, z = leaf([1.0, 2.0], "x"), leaf([1.0, 2.0], "z")
    derivation = explain(x.sum(), z)
    assert str(derivation) == "no path from z to L: the one does not depend on the other\n∂L/∂z = 0"
    np.testing.assert_array_equal(derivation.total, [0.0, 0.0])  # type: ignore[arg-type]
    older = leaf([3.0, 4.0], "older")
    y = leaf([1.0, 1.0], "y")
    assert explain((y * 1.0).sum(), older).count == 0


def test_what_is_refused() -> None:
    x, c = leaf([1.0, 2.0], "x"), Tensor([1.0, 2.0], name="c")
    with pytest.raises(GraphError, match=r"root .* has shape \(2,\); the derivative of one number"):
        explain(x * c, x)
    with pytest.raises(GraphError, match="'c' is a constant"):
        explain((x * c).sum(), c)
    with pytest.raises(GraphError, match="requires no gradient"):
        explain(c.sum(), x)
    loss = (x * c).sum()
    x.data[0] = 9.0
    with pytest.raises(RuntimeError, match="'x' was changed"):
        explain(loss, x)
