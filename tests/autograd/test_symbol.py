"""Notation: parentheses where an operation's argument is an expression, and nowhere else."""

from __future__ import annotations

import pytest

from autograd.rule import primitive
from autograd.symbol import Symbol

X, Y = Symbol("x"), Symbol("y")
SUM = X + Y


@pytest.mark.parametrize(
    ("name", "arguments", "text", "latex"),
    [
        ("transpose", (X,), "xᵀ", r"x^{\top}"),
        ("transpose", (SUM,), "(x + y)ᵀ", r"\left(x + y\right)^{\top}"),
        ("inv", (X,), "x⁻¹", "x^{-1}"),
        ("inv", (primitive("transpose").expression(X),), "(xᵀ)⁻¹", r"\left(x^{\top}\right)^{-1}"),
        ("matmul", (X, Y), "x @ y", "x y"),
        ("matmul", (SUM, Y), "(x + y) @ y", r"\left(x + y\right) y"),
        ("matmul", (X, primitive("matmul").expression(Y, X)), "x @ (y @ x)", r"x \left(y x\right)"),
        ("matmul", (primitive("matmul").expression(X, Y), X), "x @ y @ x", "x y x"),
        ("solve", (X, Y), "x⁻¹·y", "x^{-1} y"),
        ("solve", (SUM, SUM), "(x + y)⁻¹·(x + y)", r"\left(x + y\right)^{-1} \left(x + y\right)"),
        ("contract", (X, SUM), "Σ x·(x + y)", r"\sum x \, \left(x + y\right)"),
        ("getitem", (X * Y,), "(x·y)[…]", r"\left(x \cdot y\right)[\ldots]"),
        ("broadcast_to", (X,), "broadcast_to(x)", r"\operatorname{broadcast\_to}\left(x\right)"),
    ],
)
def test_an_expression_is_put_in_parentheses(name: str, arguments: tuple[Symbol, ...], text: str, latex: str) -> None:
    written = primitive(name).expression(*arguments)
    assert (written.text, written.latex) == (text, latex)
