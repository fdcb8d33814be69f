"""How the factors of the terms are written: as signs, as formulas, and what their signs stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.explain.condensed import Factor, Way, steps_of
from autograd.explain.derivation import Line, more_lines
from autograd.explain.notation import Notation, merged_product, number_symbol, product_symbol
from autograd.paths.graph import Between
from autograd.paths.wording import count_text, elided
from autograd.symbol import Symbol

__all__ = ["FactorWriter"]

_LONG = 60  # characters; a longer formula is written once, beside the sum


class FactorWriter:
    """Writes factors, and remembers what has to be said of the signs that it used."""

    def __init__(self, inside: Between, notation: Notation) -> None:
        self._inside = inside
        self._notation = notation
        self._signs: dict[tuple[int, int], Line] = {}
        self._mentioned: dict[int, Any] = {}

    def chain(self, factors: Sequence[Factor]) -> Symbol:
        """A product of derivatives as signs: ∂L/∂g₁·∂g₁/∂a₁₁.

        A path without a named node between its ends is written as a formula, since its sign would be that of the sum.
        """
        if len(factors) == 1:
            return self.formulas(factors)
        return product_symbol([self._sign(factor) for factor in factors])

    def formulas(self, factors: Sequence[Factor]) -> Symbol:
        """The same with the local derivatives in their place, where they are formulas: ∂L/∂g₁·∂g₁/∂a₁₁·x₁₁.

        A gate, which is 1 or 0, and what stands for many paths, keep their sign.
        """
        return product_symbol([self._formula(factor) for factor in factors])

    def where(self) -> tuple[Line, ...]:
        """What the signs stand for: the derivatives that were not written out, then the nodes without a name."""
        nodes = [self._mentioned[id] for id in sorted(self._mentioned)]
        definitions = [self._definition(node) for node in nodes if self._notation.is_unnamed(node)]
        return (*elided(list(self._signs.values()), more_lines), *elided(definitions, more_lines))

    # ---- one factor -----------------------------------------------------------------------------------------------

    def _sign(self, factor: Factor) -> Symbol:
        above, below = self._inside.nodes[factor.above], self._inside.nodes[factor.below]
        self._mention(above, below)
        return self._notation.partial(above, below)

    def _formula(self, factor: Factor) -> Symbol:
        formula = None if factor.ways is None else self._written_out(factor.ways)
        if formula is not None and not factor.kept and not _is_long_or_gate(formula):
            return formula
        sign, number = self._sign(factor), number_symbol(factor.weight)
        note = f", the sum over {count_text(factor.paths, 'path')}" if factor.paths > 1 else ""
        right = number if formula is None else _equal(formula, number)
        self._signs.setdefault((factor.above, factor.below), Line("=", right, sign, note))
        return sign

    def _written_out(self, ways: Sequence[Way]) -> Symbol:
        first, *others = [merged_product([self._local(*step) for step in steps_of(way)]) for way in ways]
        for other in others:
            first = first + other
        return first

    def _local(self, place: int, arrow: int) -> Symbol:
        node, argument = self._inside.nodes[place], self._inside.arguments[place][arrow]
        symbol = self._notation.local(node, argument)
        if symbol is None:
            return number_symbol(self._inside.arrows[place][arrow].weight)
        self._mention(*(each for each in (node, *node.parents) if self._notation.name(each).text in symbol.text))
        return symbol

    # ---- what has to be said --------------------------------------------------------------------------------------

    def _mention(self, *nodes: Any) -> None:
        self._mentioned.update((node.id, node) for node in nodes)

    def _definition(self, node: Any) -> Line:
        name, number = self._notation.name(node), number_symbol(node._data)
        if node.rule is None:
            return Line("=", number, name, ", a leaf")
        return Line("=", _equal(self._notation.made(node), number), name)


def _is_long_or_gate(formula: Symbol) -> bool:
    text = formula.text
    return len(text) > _LONG or (text.startswith("[") and text.endswith("]"))


def _equal(formula: Symbol, number: Symbol) -> Symbol:
    """A formula and its number; the number alone where the formula is one."""
    if formula.text == number.text:
        return number
    return Symbol(f"{formula.text} = {number.text}", f"{formula.latex} = {number.latex}")
