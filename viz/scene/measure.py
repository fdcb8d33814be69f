"""How wide text is drawn, without asking a font.

The same picture must come out on every machine, and the reader's fonts are not known. The widths are those of DejaVu
Sans, the widest of the fonts that `viz.style` names, so text in another leaves room and none overflows.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from viz import style
from viz.formats.label import Line

_WIDTHS = {
    0.29: "'ijlIJ",
    0.34: " ,.·/:;\\|",
    0.41: '-()[]tfr!₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹',
    0.5: '"*_`⁻',
    0.56: "sz∂?cL",
    0.6: "FkvxyPπ",
    0.64: "TYaoeESbdghnpquΣσ$0123456789{}√β",
    0.7: "KαAVBRXZ∇C",
    0.79: "UHNDG&OQ",
    0.86: "w#+<=>^~−×≤≥✗↑→∅M",
    1.0: "%mW@—…",
}
_OTHER = 0.7
_WIDE = 1.05  # the letters of East Asia, and emoji
_BOLD = 1.11


class _CharacterWidths(dict[str, float]):
    """The width of each character; of one that is not listed by what kind of character it is."""

    def __missing__(self, character: str) -> float:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
            return 0.0
        return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER


_OF_CHARACTER = _CharacterWidths({character: width for width, several in _WIDTHS.items() for character in several})


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text in points, for a font of this size.

    Example:
        >>> text_width("−1.5", 10.0), text_width("", 10.0)
        (24.8, 0.0)
    """
    width = _letters(text) * size
    return round(width * _BOLD if bold else width, 2)


@lru_cache(maxsize=1 << 14)  # names and numbers stand in many places
def _letters(text: str) -> float:
    """The width of a text in a font of size 1."""
    return sum(map(_OF_CHARACTER.__getitem__, text))


def line_width(line: Line, size: float) -> float:
    """The width of a line of several spans."""
    width = 0.0
    for role, text in line:
        width += text_width(text, size, role in style.BOLD)
    return width
