"""How counts, long lists and factors are written in ledgers and derivations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from autograd.numbers import number_text
from autograd.steps.names import number_latex

__all__ = ["count_text", "elided", "factor_latex", "factor_text", "more_latex", "more_text"]

Item = TypeVar("Item")

_IN_FULL = 10**15  # counts up to here are written in full
_MOST_ITEMS = 12


def count_text(count: int, noun: str) -> str:
    """A count and its noun; of an astronomical count the first digits and the power of ten.

    Example:
        >>> count_text(1, "path"), count_text(1200, "path"), count_text(2**170, "path")
        ('1 path', '1,200 paths', '1.497·10^51 paths')
    """
    number = f"{count:,}" if count < _IN_FULL else _power_of_ten(count)
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"


def _power_of_ten(count: int) -> str:
    exponent = int(math.log10(count))
    exponent += (count >= 10 ** (exponent + 1)) - (count < 10**exponent)  # a logarithm is rounded
    digits = (count + 5 * 10 ** (exponent - 4)) // 10 ** (exponent - 3)
    return f"{digits / 1000:.3f}·10^{exponent}" if digits < 10_000 else f"1.000·10^{exponent + 1}"


def elided(items: Sequence[Item], more: Callable[[int], Item], most: int = _MOST_ITEMS) -> list[Item]:
    """A list, in which `more` stands for how many are left out of the middle where there are more than `most`.

    Example:
        >>> elided([str(place) for place in range(100)], more_text)
        ['0', '1', '2', '3', '4', '… 89 more …', '94', '95', '96', '97', '98', '99']
    """
    if len(items) <= most:
        return list(items)
    head = (most - 1) // 2
    tail = max(most - 1 - head, 1)
    return [*items[:head], more(len(items) - head - tail), *items[len(items) - tail :]]


def more_text(count: int) -> str:
    """What stands for so many items that are left out."""
    return f"… {count:,} more …"


def more_latex(count: int) -> str:
    """The same in LaTeX."""
    return rf"\ldots \text{{ {count:,} more }} \ldots"


def factor_text(number: float) -> str:
    """A number as a factor: in parentheses where it has a sign.

    Example:
        >>> factor_text(0.5), factor_text(-2.0), factor_text(True)
        ('0.5', '(−2)', '1')
    """
    text = number_text(number)
    return f"({text})" if text.startswith("−") else text


def factor_latex(number: float) -> str:
    r"""The same in LaTeX.

    Example:
        >>> factor_latex(-0.5)
        '\\left(-0.5\\right)'
    """
    text = number_latex(float(number))
    return rf"\left({text}\right)" if text.startswith("-") else text
