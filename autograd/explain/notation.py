"""Nodes, derivatives and formulas as symbols: what a derivation is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.numbers import number_text
from autograd.paths.wording import elided, more_latex, more_text
from autograd.rules import Reduction
from autograd.safe_text import subscript
from autograd.steps.formulas import applied
from autograd.steps.names import Names, latex_name, number_latex
from autograd.symbol import ATOM, SUM, Symbol

__all__ = ["Notation", "merged_product", "name_symbol", "number_symbol", "partial_symbol", "product_symbol"]

_INDEXED = re.compile(r"(.+)\[(\d+(?:,\d+)*)\]")
_NUMBERED = re.compile(r"([^\W\d_])(\d+)")
_ARGUMENT = "\ue000"  # stands for an argument while a formula is written; no name holds it, since names are cleaned


class Notation:
    """How the nodes of a graph, and what is made of them, are written.

    Args:
        names: what the nodes are called.
        given: those of the names, by node id, that the nodes do not have of their own.

    Example:
        >>> from autograd import Value
        >>> w11, x11 = Value(2.0, "w11"), Value(3.0, "x11")
        >>> a = w11 * x11
        >>> notation = Notation(Names(a, {a.id: "a[0,1]"}))
        >>> notation.name(w11), notation.partial(a, w11), notation.local(a, 0), notation.made(a)
        (w₁₁, ∂a[0,1]/∂w₁₁, x₁₁, w₁₁·x₁₁)
        >>> notation.partial(a, w11).latex
        '\\\\frac{\\\\partial a_{0,1}}{\\\\partial w_{11}}'
    """

    def __init__(self, names: Names, given: Mapping[int, str] | None = None) -> None:
        self.names = names
        self._given = given or {}

    def name(self, node: Any) -> Symbol:
        """A node's name: w11 as w₁₁; a constant without a name goes by its number."""
        if self.names.is_number(node):
            return self.names.symbol(node)
        return name_symbol(self.names[node])

    def is_unnamed(self, node: Any) -> bool:
        """Whether a node goes by a number of its own, as v₁ does, so that it has to be said what it is."""
        return not (self._given.get(node.id) or node.name or self.names.is_number(node))

    def partial(self, above: Any, below: Any) -> Symbol:
        """The derivative of one node by another, as a sign: ∂L/∂w₁₁."""
        return partial_symbol(self.name(above), self.name(below))

    def local(self, node: Any, argument: int) -> Symbol | None:
        """The local derivative of a node by one of its arguments in symbols; None where the rule has none."""
        names = [self.name(parent) for parent in node.parents]
        try:
            text = self._formula(node, argument, [each.text for each in names], latex=False)
            latex = self._formula(node, argument, [each.latex for each in names], latex=True)
        except Exception:  # a user's own notation may fail; the number then stands by itself
            return None
        if text is None or latex is None:
            return None
        return Symbol(" ".join(text.text.split()), latex.latex, text.level)

    def _formula(self, node: Any, argument: int, names: list[str], latex: bool) -> Symbol | None:
        if not isinstance(node.rule, Reduction):
            return node.rule.local_symbol(argument, names)  # type: ignore[no-any-return]
        written = node.rule.local_symbol(argument, [_ARGUMENT] * len(names))
        assert written is not None
        own = self.name(node)
        said = re.sub(r"\bout\b", lambda _: own.latex if latex else own.text, written.latex if latex else written.text)
        said = said.replace(_ARGUMENT, names[argument] if argument < len(names) else names[0])
        return Symbol(said, said, written.level)

    def made(self, node: Any) -> Symbol:
        """How a node was made: its operation, applied to the names of its arguments."""
        return applied(node.rule, [self.name(parent) for parent in node.parents])


def partial_symbol(above: Symbol, below: Symbol) -> Symbol:
    """The derivative of what the one names by what the other names, as a sign."""
    return Symbol(f"∂{above.text}/∂{below.text}", rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}")


def name_symbol(name: str) -> Symbol:
    """A name as it is written: w11 as w₁₁."""
    return Symbol(_with_subscripts(name), _latex(name))


def product_symbol(factors: Sequence[Symbol]) -> Symbol:
    """A product as it is written: of many factors those in the middle are counted instead.

    Example:
        >>> x = Symbol("x")
        >>> product_symbol([x, x + 1, x])
        x·(x + 1)·x
        >>> product_symbol([])
        1
    """
    written = elided(factors, lambda count: Symbol(more_text(count), more_latex(count)))
    product = written[0] if written else Symbol("1")
    for factor in written[1:]:
        product = product * factor
    return product


def merged_product(factors: Sequence[Symbol]) -> Symbol:
    """A product without the factors 1, and with one sign at most.

    Example:
        >>> merged_product([Symbol("1"), Symbol("−1"), Symbol("x"), Symbol("y")])
        −x·y
    """
    kept = [factor for factor in factors if factor.text not in ("1", "−1")]
    if sum(factor.text == "−1" for factor in factors) % 2:
        kept = [-kept[0], *kept[1:]] if kept else [number_symbol(-1.0)]
    return product_symbol(kept)


def number_symbol(number: float) -> Symbol:
    """A number in at most four significant digits, as a symbol."""
    text = number_text(number)
    return Symbol(text, number_latex(float(number)), SUM if text.startswith("−") else ATOM)


def _with_subscripts(name: str) -> str:
    found = _NUMBERED.fullmatch(name)
    return f"{found[1]}{subscript(int(found[2]))}" if found and not found[2].startswith("0") else name


def _latex(name: str) -> str:
    found = _INDEXED.fullmatch(name)
    if not found:
        return latex_name(name)
    base = latex_name(found[1])
    return f"{{{base}}}_{{{found[2]}}}" if "_" in base else f"{base}_{{{found[2]}}}"
