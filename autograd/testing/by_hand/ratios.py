"""Simple factors between an answer and what it should be, and their words."""

from __future__ import annotations

import math
from fractions import Fraction

__all__ = ["ratio_text", "simple_ratio"]

_SIMPLE = 12  # the largest numerator and denominator of a factor that is called by its name


def simple_ratio(number: float, of: float) -> Fraction | None:
    """The simple fraction next to a quotient; None where there is none.

    Example:
        >>> simple_ratio(-0.6667, 2.0), simple_ratio(1.0, 0.0), simple_ratio(100.0, 1.0)
        (Fraction(-1, 3), None, None)
    """
    ratio = number / of if of and math.isfinite(of) else math.nan
    if not math.isfinite(ratio):
        return None
    factor = Fraction(ratio).limit_denominator(_SIMPLE)
    return factor if 0 < abs(factor.numerator) <= _SIMPLE else None


def ratio_text(ratio: Fraction) -> str:
    """What answers are of the true value.

    Example:
        >>> ratio_text(Fraction(1, 2)), ratio_text(Fraction(-1)), ratio_text(Fraction(3))
        ('half of the true value', 'minus the true value', '3 times the true value')
    """
    size = abs(ratio)
    words = {Fraction(1): "", Fraction(1, 2): "half of ", Fraction(2): "twice "}
    times = words.get(size, f"{size} times " if size.denominator == 1 else f"{size} of ")
    return f"{'minus ' if ratio < 0 else ''}{times}the true value"
