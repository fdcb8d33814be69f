"""Text from anywhere, made fit for a picture: no invisible character, no reversed line, no endless name."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

NAME_LENGTH = 40
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_JOINERS = "\u200c\u200d"  # letters of several scripts, and emoji, need them
_ISOLATE, _END_ISOLATE = "\u200e\u2068", "\u2069"  # the line stays left to right, the name takes its own direction


def clean(text: str) -> str:
    """The text with every control and invisible character written visibly.

    Controls become Unicode's pictures of them; what would turn the line's direction, lone surrogates and unassigned
    characters become their number. Right-to-left letters stay, set apart so that they do not reorder their neighbours.

    Example:
        >>> clean("a\\x00b\\n"), clean("\\u202egpj.exe")
        ('a␀b␊', '<U+202E>gpj.exe')
    """
    return text if text.isascii() and text.isprintable() else _cleaned(text)


@lru_cache(maxsize=1 << 12)  # a picture writes each name many times
def _cleaned(text: str) -> str:
    cleaned = "".join(map(_visible, text))
    if any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in cleaned):
        return f"{_ISOLATE}{cleaned}{_END_ISOLATE}"
    return cleaned


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category[0] == "C" and character not in _JOINERS):
        return f"<U+{code:04X}>"
    return " " if category == "Zs" else character


def shorten(text: str, length: int = NAME_LENGTH) -> str:
    """The text with its middle left out where it is longer than `length` characters.

    Example:
        >>> shorten("block3.layers.attention.query.projection.weight")
        'block3.layers.attent…y.projection.weight'
    """
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head):]}"


def short_name(text: str) -> str:
    """A name as it is drawn: shortened, then cleaned; never blank.

    Example:
        >>> short_name("w"), short_name("  "), short_name("\\u202e" * 100)
        ('w', '␣', '<U+202E><U+202E><U+202E><U+202E><U+202E>…<U+202E><U+202E><U+202E><U+202E>')
    """
    length = NAME_LENGTH
    while len(name := clean(shorten(text, length))) > 2 * NAME_LENGTH:  # characters that are written as numbers
        length //= 2
    return name if name.strip() else "␣"


def subscript(number: int) -> str:
    """A number in subscript digits.

    Example:
        >>> "v" + subscript(12)
        'v₁₂'
    """
    return str(number).translate(_SUBSCRIPTS)
