"""The derivative table of products that sum: the matrix product, and the contraction of two labelled arrays."""

# fmt: off
from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.contraction import contracted
from autograd.primitives.elementwise import multiply
from autograd.primitives.layout import laid_like
from autograd.primitives.structural import sum_, transpose
from autograd.rules import Linear
from autograd.symbol import PRODUCT, SIGN, Symbol


def _swap(x: Any) -> Any:
    """The transposed matrices of a stack."""
    return transpose(x, axes=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _product_like(model: Any, x: Any, y: Any) -> Any:
    """x @ y; as (yᵀ @ xᵀ)ᵀ where the model lies in memory column by column, so that the product does too."""
    if isinstance(model, np.ndarray) and model.ndim == 2 and model.strides[0] < model.strides[1]:
        return _swap(matmul(_swap(y), _swap(x)))
    return matmul(x, y)


def _product_notation(x: Symbol, y: Symbol) -> Symbol:
    left, right = x.at_level(PRODUCT), y.at_level(SIGN)  # products go on from the left
    return Symbol(f"{left[0]} @ {right[0]}", f"{left[1]} {right[1]}", PRODUCT)


def _sum_of_products(x: Symbol, y: Symbol) -> Symbol:
    left, right = (each.at_level(PRODUCT)[1] for each in (x, y))
    return Symbol(f"Σ {(x * y).text}", rf"\sum {left} \, {right}", PRODUCT)


matmul: Linear = Linear(
    "matmul", np.matmul,
    [lambda g, x, y: _product_like(x, g, _swap(y)), lambda g, x, y: _product_like(y, _swap(x), g)],
    separately=True, symbol="@", latex=_product_notation,
)


def _contract_values(x: Any, y: Any, subscripts: str) -> Any:
    """On scalars: every product, then one sum for each result, as on paper."""
    inputs, out = subscripts.split("->")
    summed = [label for label in inputs.split(",")[0] if label not in out]
    labels = [*out, *summed]
    product = multiply(*(_spread(each, own, labels) for each, own in zip((x, y), inputs.split(","), strict=True)))
    return sum_(product, axis=tuple(range(len(out), len(labels)))) if summed else product


def _spread(x: Any, own: str, labels: list[str]) -> Any:
    ordered = np.transpose(x, [own.index(label) for label in labels if label in own])
    return np.expand_dims(ordered, [place for place, label in enumerate(labels) if label not in own])


def _contract_transpose(argument: int) -> Any:
    def contribution(gradient: Any, x: Any, y: Any, subscripts: str) -> Any:
        inputs, out = subscripts.split("->")
        labels = inputs.split(",")
        other = (y, x)[argument]
        return contract(gradient, other, subscripts=f"{out},{labels[1 - argument]}->{labels[argument]}")

    return contribution


class _Contract(Linear):
    """The gradient is laid in memory as the result was, once for both contributions."""

    def vjp(self, gradient: Any, out: Any, inputs: Any, needed: Any, params: dict[str, Any]) -> list[Any]:
        if isinstance(gradient, np.ndarray) and isinstance(out, np.ndarray):
            gradient = laid_like(gradient, out)
        return super().vjp(gradient, out, inputs, needed, params)


contract: Linear = _Contract(
    "contract", contracted, [_contract_transpose(0), _contract_transpose(1)],
    separately=True, objects=_contract_values, symbol="Σ ×",
    latex=_sum_of_products,
)
