"""Numbers as the page writes them: a true minus sign, a fixed number of digits, a unit that stays with its number."""

from __future__ import annotations

import re

__all__ = ["SPACE", "counted", "fixed", "percent", "power_of_ten", "seconds", "signed", "typeset"]

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"  # a unit stays on the line of its number


def fixed(number: float, digits: int = 4) -> str:
    """A number with so many digits after the point; a zero has no sign.

    >>> fixed(-0.73643), fixed(-0.00001), fixed(2, 1)
    ('−0.7364', '0.0000', '2.0')
    """
    text = f"{number:z.{digits}f}"
    return text.replace("-", MINUS)


def signed(number: float, digits: int = 2) -> str:
    """A number with its sign, plus included; a zero has none.

    >>> signed(0.5), signed(-0.5), signed(0.001)
    ('+0.50', '−0.50', '0.00')
    """
    text = fixed(number, digits)
    return text if text.startswith(MINUS) or not float(text) else f"+{text}"


def percent(share: float, digits: int = 1) -> str:
    """A share of one in percent, rounded down, so that 96.99 % never reads as 97 %.

    >>> [percent(share).split()[0] for share in (0.975, 0.96999, 1.0)]
    ['97.5', '96.9', '100.0']
    >>> percent(0.29, 0).split()
    ['29', '%']
    """
    scale = 10**digits
    return f"{int(share * 100 * scale + 1e-9) / scale:.{digits}f}{SPACE}%"


def seconds(duration: float) -> str:
    """A duration.

    >>> [seconds(duration).split() for duration in (0.0042, 0.25, 17.34)]
    [['4', 'ms'], ['250', 'ms'], ['17.3', 's']]
    """
    return f"{duration * 1000:.0f}{SPACE}ms" if duration < 1 else f"{duration:.1f}{SPACE}s"


def counted(count: int, one: str, several: str = "") -> str:
    """A count with its noun.

    >>> counted(1, "image"), counted(1437, "image"), counted(2, "entry", "entries")
    ('1 image', '1,437 images', '2 entries')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def typeset(text: str) -> str:
    """Plain text with a printer's minus signs and apostrophes.

    >>> typeset("the softmax's -0.1841 + 0.1104 is not well-known")
    'the softmax’s −0.1841 + 0.1104 is not well-known'
    """
    return re.sub(r"(?<![\w)])-(?=\d)", MINUS, text).replace("'", "’")


def power_of_ten(number: float) -> str:
    """The order of magnitude that a small positive number stays under.

    >>> power_of_ten(3e-16), power_of_ten(0.0)
    ('10⁻¹⁵', '0')
    """
    if not number:
        return "0"
    exponent = 0
    while 10.0**exponent > number:
        exponent -= 1
    superscript = str(exponent + 1).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{superscript}"
