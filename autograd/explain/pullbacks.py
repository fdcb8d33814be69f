"""What an operation on arrays hands back to an argument, written down: the vector-Jacobian product of its rule.

Functions have a local derivative for each element, by which the upstream gradient is multiplied element by element, ⊙.
The others hand the gradient through their transpose, which is written by the name of what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.explain.notation import Notation
from autograd.primitives.contractions import contract, matmul
from autograd.primitives.cumulative import cumsum
from autograd.primitives.structural import (
    broadcast_to,
    cast,
    concatenate,
    getitem,
    overlap_add,
    pad,
    reshape,
    scatter,
    transpose,
    windows,
)
from autograd.rule import Primitive
from autograd.rules import Elementwise, Linear, Reduction
from autograd.safe_text import clean
from autograd.steps.names import latex_name
from autograd.symbol import PRODUCT, Symbol, function, suffixed

__all__ = ["handed_back"]

Writer = Callable[[Any, int, Symbol, Sequence[Symbol]], Symbol]

_ONE = Symbol("1")


def handed_back(notation: Notation, node: Any, argument: int, upstream: Symbol) -> Symbol:
    """What a node hands to one of its arguments, from its own gradient.

    Example:
        >>> from autograd import Tensor
        >>> from autograd.steps.names import Names
        >>> x, w = Tensor([[1.0, 2.0]], name="x"), Tensor([[3.0], [4.0]], requires_grad=True, name="w")
        >>> y = x @ w
        >>> handed_back(Notation(Names(y)), y, 1, Symbol("∂L/∂y"))
        xᵀ @ ∂L/∂y
    """
    rule = node.rule
    names = [notation.name(parent) for parent in node.parents]
    if isinstance(rule, Elementwise | Reduction):
        return _weighted(notation, node, argument, _spread(upstream) if isinstance(rule, Reduction) else upstream)
    if rule in _TRANSPOSES:
        return _TRANSPOSES[rule](node, argument, upstream, names)
    if isinstance(rule, Linear):
        return _called(f"{clean(rule.name)}ᵀ", rf"{latex_name(clean(rule.name))}^{{\top}}", upstream)
    return _called(f"vjp of {clean(rule.name)}", rf"\mathrm{{vjp}}_{{{latex_name(clean(rule.name))}}}", upstream)


def _weighted(notation: Notation, node: Any, argument: int, upstream: Symbol) -> Symbol:
    local = notation.local(node, argument)
    if local is None:
        return _called(f"vjp of {clean(node.rule.name)}", r"\mathrm{vjp}", upstream)
    if local.text == "1":
        return upstream
    if local.text == "−1":
        return -upstream
    if upstream.text == "1":
        return local
    (a, a_latex), (b, b_latex) = upstream.at_level(PRODUCT), local.at_level(PRODUCT)
    return Symbol(f"{a} ⊙ {b}", rf"{a_latex} \odot {b_latex}", PRODUCT)


def _spread(upstream: Symbol) -> Symbol:
    """A result's gradient, repeated along the axes that were reduced."""
    return _called("spread", r"\mathrm{spread}", upstream)


def _called(name: str, latex: str, *arguments: Symbol) -> Symbol:
    return function(name, latex)(*arguments)


def _named(name: str) -> Writer:
    """A transpose that is written as a function of the gradient."""
    return lambda node, argument, upstream, names: _called(name, rf"\mathrm{{{name}}}".replace("_", r"\_"), upstream)


def _transposed(x: Symbol) -> Symbol:
    return suffixed(x, "ᵀ", r"^{\top}")


def _of_matmul(node: Any, argument: int, upstream: Symbol, names: Sequence[Symbol]) -> Symbol:
    left, right = (upstream, _transposed(names[1])) if argument == 0 else (_transposed(names[0]), upstream)
    return Symbol(f"{left.text} @ {right.text}", rf"{left.latex} \, {right.latex}", PRODUCT)


def _of_contract(node: Any, argument: int, upstream: Symbol, names: Sequence[Symbol]) -> Symbol:
    inputs, out = node.params["subscripts"].split("->")
    labels = inputs.split(",")
    own, other, factor = labels[argument], labels[1 - argument], names[1 - argument]
    latex = rf"\mathrm{{einsum}}_{{\text{{{out},{other}}} \to \text{{{own}}}}}"
    return Symbol(
        f"einsum('{out},{other}->{own}', {upstream.text}, {factor.text})",
        rf"{latex}\left({upstream.latex}, {factor.latex}\right)",
    )


def _of_concatenate(node: Any, argument: int, upstream: Symbol, names: Sequence[Symbol]) -> Symbol:
    part = f"part {argument + 1} of {len(names)}"
    return _called(part, rf"\text{{{part}}}", upstream)


_TRANSPOSES: dict[Primitive, Writer] = {
    reshape: _named("reshape"),
    transpose: lambda node, argument, upstream, names: _transposed(upstream),
    cast: lambda node, argument, upstream, names: upstream,
    broadcast_to: _named("sum_to"),
    getitem: _named("put_back"),
    scatter: _named("take"),
    pad: _named("crop"),
    concatenate: _of_concatenate,
    windows: _named("overlap_add"),
    overlap_add: _named("windows"),
    cumsum: _named("cumsum_from_the_end"),
    matmul: _of_matmul,
    contract: _of_contract,
}

#: What the names of transposes say, for whoever reads them the first time.
MEANINGS = {
    "spread": "repeated along the axes that were reduced",
    "sum_to": "summed over the axes along which the argument was repeated",
    "put_back": "put where the elements were taken, 0 elsewhere; what was taken twice adds up",
    "crop": "without the padding",
    "overlap_add": "each window put back where it was taken, and what overlaps added up",
}
