"""Wrong local derivatives, at one operation that acts element by element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import symbol as notation
from autograd.rules import Elementwise
from autograd.symbol import ATOM, Symbol
from autograd.testing.by_hand.circuit import Change
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.kinds import RuleSlip
from autograd.testing.by_hand.slips.table import (
    OPEN,
    PRODUCT,
    QUOTIENT,
    SHUT,
    WRONG_LOCALS,
    WrongLocal,
    of_any_function,
)

__all__ = ["wrong_locals"]


def wrong_locals(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    """What can be done wrong with the local derivatives of an operation."""
    rule = node.rule
    if not isinstance(rule, Elementwise):
        return
    ways = WRONG_LOCALS.get(rule.name, ())
    if rule.arity == 1 and callable(rule.locals[0]) and rule.name not in ("relu", "clip", "absolute"):
        ways += of_any_function(rule)
    for way in ways:
        if way.argument < len(node.parents) and node.parents[way.argument].requires_grad:
            said = _Said(situation, node, way)
            yield RuleSlip(_slip(node, way), f"{way.argument} {way.text}", way.bits, _change(way), said)


def _slip(node: Any, way: WrongLocal) -> str:
    """The name of a slip; a constant that was left out is a factor, and in a mean its 1/n."""
    if way.slip not in (QUOTIENT, PRODUCT) or not way.text.startswith("1:"):
        return way.slip
    if node.parents[1 - way.argument].requires_grad:
        return way.slip
    inside = {scope.name for scope in node.scopes}
    return "mean forgotten" if inside & {"mean", "avg_pool1d", "avg_pool2d", "avg_pool3d"} else "factor forgotten"


def _change(way: WrongLocal) -> Change:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        inputs = [np.asarray(parent._data) for parent in node.parents]
        with np.errstate(all="ignore"):
            handed[way.argument] = upstream * way.local(np.asarray(node._data), *inputs)
        return handed

    return change


class _Said:
    """The sentence about a wrong local derivative."""

    def __init__(self, situation: Situation, node: Any, way: WrongLocal) -> None:
        self._situation = situation
        self._node = node
        self._way = way

    def __call__(self, place: str) -> str:
        node, way = self._node, self._way
        symbols = [self._situation.symbol(parent) for parent in node.parents]
        x = symbols[way.argument].text
        if way.slip == OPEN:
            return f"{place} nothing passes to {x} where the gate is closed; it was left open"
        if way.slip == SHUT:
            return f"{place} all passes to {x} where the gate is open; it was taken as closed"
        return f"{place} the derivative by {x} is {self._right(symbols)}; it was taken as {self._taken(symbols)}"

    def _right(self, symbols: list[Symbol]) -> str:
        formula = self._node.rule.formula[self._way.argument]
        right = formula(self._node.rule.expression(*symbols), *symbols) if callable(formula) else formula
        return notation.as_symbol(right).text

    def _taken(self, symbols: list[Symbol]) -> str:
        x, y = symbols[0].at_level(ATOM)[0], symbols[-1].at_level(ATOM)[0]
        out = self._situation.symbol(self._node)
        text = self._way.text
        if "{formula}" in text:
            text = text.replace("{formula}", notation.as_symbol(self._way.local(out, *symbols)).text)
        argument = symbols[self._way.argument].text
        return text.format(x=x, y=y, out=out.at_level(ATOM)[0], argument=argument, result=out.text)
