"""Operations written down, with names or with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.safe_text import clean
from autograd.steps.names import latex_name
from autograd.steps.wording import quantity, quantity_latex
from autograd.symbol import ATOM, SIGN, Symbol

__all__ = ["applied", "number_symbol"]

_MOST_TERMS = 8  # of more arguments not all are written


def applied(rule: Any, arguments: Sequence[Symbol]) -> Symbol:
    """A primitive applied to symbols, as its own notation has it; else its symbol before the arguments.

    Of many arguments the first and the last are written, and how many lie between.

    Example:
        >>> from autograd import primitive
        >>> applied(primitive("multiply"), [Symbol("a"), number_symbol(-3.0)]).text
        'a·(−3)'
        >>> applied(primitive("sum"), [Symbol(f"x{place}") for place in range(100)]).text
        'x0 + x1 + x2 + x3 + x4 + x5 + x6 + … 92 more … + x99'
    """
    arguments = _elided(arguments)
    listed = ", ".join(argument.text for argument in arguments)
    try:
        written: Symbol = rule.expression(*arguments)
        text = " ".join(written.text.split()).replace(" + −", " − ")  # of a sum of numbers
        latex = written.latex.replace(" + -", " - ")
    except Exception:  # made by hand, or a user's own notation fails
        text = listed
    if text == listed:  # the sum of one array would be written as its terms
        inside = ", ".join(argument.latex for argument in arguments)
        name = clean(rule.symbol) or "by hand"
        text, latex = f"{name}({listed})", rf"{latex_name(name)}\left({inside}\right)"
    return Symbol(text, latex)


def _elided(arguments: Sequence[Symbol]) -> Sequence[Symbol]:
    """The arguments, of which many in the middle are counted instead."""
    left_out = len(arguments) - _MOST_TERMS
    if left_out <= 1:
        return arguments
    middle = Symbol(f"… {left_out:,} more …", rf"\ldots \text{{ {left_out:,} more }} \ldots")
    return [*arguments[: _MOST_TERMS - 1], middle, arguments[-1]]


def number_symbol(data: Any) -> Symbol:
    """A number, or an array in short, as a symbol."""
    text = quantity(data)
    return Symbol(text, quantity_latex(data), SIGN if text.startswith("−") else ATOM)
