"""What a function returned beside what it should return."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.numbers import number_text
from autograd.testing.grading.grades import Verdict

Array = Any

_ROUNDING = 1e-6  # of the largest number: enough for any order of summation, and for float32


class Unlike(Exception):  # noqa: N818  no error of the program
    """A value that is not the right one, with the verdict on it."""

    def __init__(self, verdict: Verdict, text: str) -> None:
        super().__init__(text)
        self.verdict = verdict


def difference(value: Any, expected: Array) -> None:
    """Compare a value with the right one.

    Raises:
        Unlike: they are further apart than rounding explains, or of different shapes.

    Example:
        >>> difference([2.0, 4.0], np.array([1.0, 2.0]))
        Traceback (most recent call last):
        autograd.testing.grading.values.Unlike: every element is 2 times what it should be
    """
    if value is None:
        raise Unlike("wrong", "nothing is returned")
    try:
        found = np.asarray(value)
    except ValueError:  # rows of different lengths
        found = np.asarray(None)
    if found.dtype.kind not in "fiub":
        raise Unlike("wrong", f"the value is {type(value).__name__}, not an array of numbers")
    found = found.astype(np.float64)
    if found.shape != expected.shape:
        raise Unlike("wrong shape", f"the value has shape {found.shape}; it should have {expected.shape}")
    size = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    with np.errstate(all="ignore"):
        close = np.abs(found - expected) <= _ROUNDING * size
    wrong = ~(close | (found == expected) | (np.isnan(found) & np.isnan(expected)))
    if wrong.any():
        raise Unlike("wrong", _told(found, expected, wrong, size))


def _told(found: Array, expected: Array, wrong: Array, size: float) -> str:
    if found.size > 1 and wrong.any() and size and np.isfinite(found).all() and np.isfinite(expected).all():
        factor = float((found * expected).sum() / (expected * expected).sum())
        if (np.abs(found - factor * expected) <= _ROUNDING * (1.0 + abs(factor)) * size).all():
            if not found.any():
                return "every element is 0"
            opposite = abs(factor + 1.0) <= _ROUNDING
            return (
                "every element has the opposite sign"
                if opposite
                else f"every element is {factor:.6g} times what it should be"
            )
        if found.ndim == 2 and found.shape == found.T.shape and np.allclose(found.T, expected, _ROUNDING, 0.0):
            return "the value is transposed"
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    label = f"element [{', '.join(map(str, place))}]" if place else "the value"
    many = f"{int(wrong.sum())} of {found.size} elements are wrong: " if found.size > 1 else ""
    given, right = apart_text(float(found[place]), float(expected[place]))
    return f"{many}{label} is {given} and should be {right}"


def apart_text(found: float, expected: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart, and four at least.

    Example:
        >>> apart_text(0.5, -1.25), apart_text(2.71828, 2.71829)
        (('0.5', '−1.25'), ('2.71828', '2.71829'))
    """
    short = number_text(found), number_text(expected)
    if short[0] != short[1]:
        return short
    pairs = ((f"{found:.{digits}g}", f"{expected:.{digits}g}") for digits in (6, 9, 17))
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), short)
    return one.replace("-", "−"), other.replace("-", "−")
