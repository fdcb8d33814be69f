"""Numbers and arrays as pictures and derivations write them: at most four significant digits, and a true minus sign."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

NOT_COMPUTED = "—"
_EXACT_BELOW = 100_000  # integers up to here are written in full: 18432, not 1.843e4
_ROUNDING = 1e-6  # a number this close to its short form, as 0.1 in float32 is to 0.1, is written in short
LISTED = 4  # arrays of at most so many elements are written out


def number_text(x: float) -> str:
    """A number in at most four significant digits; integers of up to five digits are written in full.

    Zeros at the end tell a rounded number from an exact one: 1.00004 is 1.000, and 1 is 1.

    Example:
        >>> number_text(-0.123456), number_text(18432.0), number_text(1.5e-7), number_text(1.00004)
        ('−0.1235', '18432', '1.5e−7', '1.000')
        >>> number_text(float("-inf")), number_text(float("nan")), number_text(-0.0)
        ('−∞', 'NaN', '0')
    """
    return _number_text(float(x))


@lru_cache(maxsize=1 << 14)  # a picture writes the same number in a box, along arrows and in sums
def _number_text(x: float) -> str:
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == int(x) and abs(x) < _EXACT_BELOW:
        return str(int(x)).replace("-", "−")
    text = f"{x:.4g}"
    if abs(float(text) - x) > _ROUNDING * abs(x):
        text = f"{x:#.4g}"  # 1.000, where 1 would claim too much
    mantissa, _, exponent = text.rstrip(".").partition("e")
    if exponent:
        mantissa += f"e{int(exponent)}"
    return mantissa.replace("-", "−")


def shape_text(array: Any) -> str:
    """Shape and dtype of an array.

    Example:
        >>> shape_text(np.zeros((2, 3), dtype="float32"))
        '(2, 3) float32'
    """
    return f"{array.shape} {array.dtype}"


def array_text(array: Any) -> str:
    """An array in short: its elements where there are few, else the range of the finite ones.

    Example:
        >>> array_text(np.array([[1.0, -2.0], [0.5, 0.0]]))
        '[[1, −2], [0.5, 0]]'
        >>> array_text(np.arange(10.0) - 5)
        '−5 … 4'
        >>> array_text(np.zeros(9)), array_text(np.zeros((0, 3)))
        ('all 0', 'empty')
    """
    array = np.asarray(array)
    if array.size == 0:
        return "empty"
    if array.size <= LISTED:
        return _listed(array)
    finite = array[np.isfinite(array)]
    odd = _count_text(array)
    if not finite.size:
        return odd
    if not odd and (array == array.flat[0]).all():
        return f"all {number_text(array.flat[0])}"
    span = f"{number_text(finite.min())} … {number_text(finite.max())}"
    return f"{span}, {odd}" if odd else span


def _listed(array: Any) -> str:
    if array.ndim == 0:
        return number_text(array.item())
    if array.ndim == 1:
        return f"[{', '.join(number_text(x) for x in array)}]"
    return f"[{', '.join(_listed(row) for row in array)}]"


def _count_text(array: Any) -> str:
    tests = ((np.isnan, "NaN"), (np.isposinf, "∞"), (np.isneginf, "−∞"))
    counts = [(int(test(array).sum()), what) for test, what in tests]
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)
