"""What the nodes of a graph are called in steps: as in pictures, and in LaTeX."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from autograd.naming import goes_by_number, name_of, numbered
from autograd.node import Node, graph_nodes
from autograd.numbers import number_text
from autograd.safe_text import short_name
from autograd.symbol import ATOM, SIGN, Symbol

__all__ = ["Names", "latex_name", "number_latex"]


class Names:
    """What each node of a graph is called: a given name; else its own; else a constant's number; else v₁, v₂, ...

    The numbers of v₁, v₂, ... are those of a picture of the whole graph. They are counted when the first is asked for,
    so that steps which nobody prints cost nothing.

    Args:
        root: the graph's result.
        given: names by node id.

    Example:
        >>> from autograd import Value
        >>> a = Value(2.0, "a")
        >>> y = a * 3.0 + 1.0
        >>> names = Names(y, {y.id: "y"})
        >>> [names[node] for node in graph_nodes(y)]
        ['a', '3', 'v₁', '1', 'y']
    """

    def __init__(self, root: Node, given: Mapping[int, str] | None = None) -> None:
        self._root = root
        self._given = given or {}
        self._unnamed: array[int] | None = None

    def __getitem__(self, node: Any) -> str:
        """The name as it is written: never empty, never long, every character visible."""
        name = name_of(node, self._given)
        if name:
            return short_name(name)
        if self.is_number(node):
            return number_text(node._data)
        if self._unnamed is None:
            self._unnamed = array("q", (each.id for each in graph_nodes(self._root) if self._is_unnamed(each)))
        return numbered(bisect_left(self._unnamed, node.id) + 1)

    def is_number(self, node: Any) -> bool:
        """True for a constant that goes by its number."""
        return goes_by_number(node, self._given)

    def _is_unnamed(self, node: Any) -> bool:
        return not (name_of(node, self._given) or self.is_number(node))

    def latex(self, node: Any) -> str:
        """The name in LaTeX."""
        return number_latex(node._data) if self.is_number(node) else latex_name(self[node])

    def symbol(self, node: Any) -> Symbol:
        """The name as a symbol, of which a rule makes its formula."""
        text = self[node]
        negative = self.is_number(node) and text.startswith("−")
        return Symbol(text, self.latex(node), SIGN if negative else ATOM)


_ONE_LETTER = re.compile(r"([^\W\d_])(?:_?(\d+)|([₀-₉]+))?")
_FROM_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ESCAPES = {
    **{character: f"\\{character}" for character in "#$%&_{}"},
    "\\": r"\backslash{}",
    "^": r"\hat{}",
    "~": r"\sim{}",
    "−": "-",
}


def latex_name(name: str) -> str:
    """A name in LaTeX: one letter and its number as a letter with an index, anything else upright.

    Example:
        >>> latex_name("v₁₂"), latex_name("w11"), latex_name("L"), latex_name("conv1.weight")
        ('v_{12}', 'w_{11}', 'L', '\\\\mathrm{conv1.weight}')
    """
    found = _ONE_LETTER.fullmatch(name)
    if found:
        letter, digits, subscripts = found.groups()
        index = digits or (subscripts or "").translate(_FROM_SUBSCRIPTS)
        return f"{letter}_{{{index}}}" if index else letter
    escaped = "".join(_ESCAPES.get(character, character) for character in name)
    return rf"\mathrm{{{escaped}}}".replace(" ", r"\ ")


def number_latex(x: float) -> str:
    """A number in LaTeX, in at most four significant digits.

    Example:
        >>> number_latex(-0.5), number_latex(1.5e-7), number_latex(float("inf"))
        ('-0.5', '1.5 \\\\cdot 10^{-7}', '\\\\infty')
    """
    text = number_text(x).replace("−", "-").replace("∞", r"\infty").replace("NaN", r"\mathrm{NaN}")
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else text
