"""A number as a learner wrote it: what it is worth, and how many of its digits it vouches for."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DTypeError

__all__ = ["Given", "Nearness", "decimals", "nearness", "read_number", "settle"]

_EXACT = 13  # significant digits from which on a number is taken for all that its float holds
_COMMON = 2.0  # bits that a match with 1 or −1 is worth, which many wrong ways lead to
_ZERO = 4.0  # bits that a 0 is worth: few slips lead to it, but none shows by which digits
_MOST = 16.0


class Nearness(IntEnum):
    """How well two numbers agree."""

    FAR = 0
    ROUNDED = 1  # off by so little that rounding on the way may have done it
    SAME = 2  # to every digit that was written


class Given(NamedTuple):
    """A number that somebody wrote down.

    Attributes:
        value: the number.
        unit: what one step in its last written place is worth; 0 where it is meant exactly.
        slack: how far off a number may at least be that was rounded to this one: an integer may be one in two digits.
        text: as it was written.
        bare: whether it is written without a point, so that others must tell what its last place is.
    """

    value: float
    unit: float
    slack: float
    text: str
    bare: bool = False

    def nearness(self, number: float, noise: float) -> Nearness:
        """How well a number agrees with this one; `noise` is how far off the number itself may be."""
        return Nearness(int(nearness(self.value, self.unit, self.slack, number, noise)))

    def bits(self, number: float, noise: float) -> float:
        """How much an agreement with a number says: the binary digits that chance would have had to guess."""
        if not math.isfinite(self.value):
            return 1.0
        size = abs(self.value)
        if size == 0.0:
            return _ZERO
        if size == 1.0:
            return _COMMON
        width = max(self.unit, abs(self.value - number) * 2.0, noise, 1e-12 * size)
        written = 3.3 * _significant(self.text) + 2.0
        return max(min(math.log2(size / width) + 1.0, written, _MOST), 0.5)


def nearness(value: Any, unit: Any, slack: Any, number: Any, noise: Any) -> Any:
    """How well numbers agree with given ones, as a `Nearness` for each: numbers or arrays of one shape.

    Rounding on the way may move a number by one or two steps in its last place, and by more if that is little of it.
    """
    with np.errstate(invalid="ignore"):
        off, size = np.abs(np.subtract(value, number)), np.abs(number)
        same = (off <= np.multiply(unit, 0.5000001) + noise) | np.equal(value, number)
        few = np.minimum(np.multiply(unit, 1.5), 0.1 * size)
        several = np.minimum(np.multiply(unit, 5.0), 0.02 * size)
        rounded = off <= np.maximum(np.maximum(few, several), slack) + noise
    same = same | (np.isnan(value) & np.isnan(number))
    return np.where(same, Nearness.SAME, np.where(rounded & np.isfinite(size), Nearness.ROUNDED, Nearness.FAR))


def read_number(given: Any, symbol: str, digits: int | None = None) -> Given:
    """A number from whatever it was written as.

    Raises:
        ValueError: a text is no number.
        DTypeError: it is neither a number nor a text.
    """
    given = getattr(given, "_data", given)
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given[()]
    if isinstance(given, str | Decimal):
        return _read_text(str(given), symbol)
    if isinstance(given, bool | np.bool_) or not isinstance(given, Real):
        raise DTypeError(
            f"check_by_hand: the answer for {symbol!r} is a {type(given).__name__}; give a number, a text such as "
            f"'-0.0737', or None for a blank"
        )
    if isinstance(given, Fraction) and given.denominator != 1:
        return Given(float(given), 0.0, 0.0, str(given))
    value = float(given)
    exact: Any = given  # a NumPy float shows the digits of its own precision
    text = str(int(exact)) if isinstance(exact, Integral) else np.format_float_positional(exact, trim="0")
    if not math.isfinite(value):
        return Given(value, 0.0, 0.0, str(value))
    if digits is not None:
        return Given(value, 10.0**-digits, 0.0, _shortest(value, text))
    text = _shortest(value, text)
    if _significant(text) >= _EXACT:
        return Given(value, 0.0, 0.0, text)
    return _from_decimal(Decimal(text), value, text)


def _shortest(value: float, text: str) -> str:
    text = text[:-2] if text.endswith(".0") else text
    return repr(value) if len(text) > 20 else text


def _read_text(text: str, symbol: str) -> Given:
    plain = "".join(text.split()).replace("−", "-").replace("·10^", "e")
    try:
        if "/" in plain:
            return Given(float(Fraction(plain)), 0.0, 0.0, text.strip())
        number = Decimal(plain)
    except (ValueError, ArithmeticError, InvalidOperation) as error:
        raise ValueError(
            f"check_by_hand: the answer {text!r} for {symbol!r} is no number; write it as -0.0737, 1.5e-3 or 2/3"
        ) from error
    if not number.is_finite():
        return Given(float(number), 0.0, 0.0, text.strip())
    given = _from_decimal(number, float(number), text.strip())
    several = len(plain.lstrip("+-0")) > 1
    return given._replace(unit=1.0, bare=False) if given.bare and several else given


def _from_decimal(number: Decimal, value: float, text: str) -> Given:
    exponent = int(number.as_tuple().exponent)
    if exponent == 0 and "." not in text and "e" not in text.lower():
        return Given(value, 0.0, _slack_of_integer(value), text, bare=True)
    return Given(value, 10.0**exponent, 0.0, text)


def _slack_of_integer(value: float) -> float:
    """Half of the last place before the zeros, and at most of the second place: 7 may be 7.0, 120 may be 119.6."""
    if value == 0.0:
        return 0.0
    places = math.floor(math.log10(abs(value)))
    zeros = len(str(int(value))) - len(str(int(value)).rstrip("0"))
    return float(0.5 * 10.0 ** min(zeros, places - 1))


def settle(given: Given, decimals: int) -> Given:
    """A number written without a point, beside others of which the longest has so many places after it."""
    if not given.bare:
        return given
    return given._replace(unit=10.0**-decimals if decimals else 0.0)


def decimals(given: Given) -> int:
    """How many places after the point a number shows."""
    return 0 if given.bare or not given.unit else max(round(-math.log10(given.unit)), 0)


def _significant(text: str) -> int:
    """Significant digits of a written number; zeros at the end count behind a point only."""
    mantissa = text.lower().split("e")[0].split("·")[0]
    digits = "".join(filter(str.isdigit, mantissa)).lstrip("0")
    return max(len(digits if "." in mantissa else digits.rstrip("0")), 1)
