"""What names have in common: `w[0]`, `w[1]`, `w[2]` are `w[0…2]`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"([0-9]+)")
_LISTED = 3  # numbers without a range that are listed


def pattern_of(name: str) -> str:
    """A name without its numbers, which `layers.0` and `layers.1` have in common.

    Example:
        >>> pattern_of("layers.12.weight")
        'layers.0.weight'
    """
    return _NUMBER.sub("0", name)


def common_name(names: Iterable[str]) -> str:
    """Names that differ in numbers alone as one; empty where they differ in more.

    Numbers without gaps are a range, others are listed or, where they are many, left out.

    Example:
        >>> common_name(["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"]), common_name(["x1", "x3"])
        ('w[0…1][0…1]', 'x1, 3')
        >>> common_name(f"x{place}" for place in (1, 4, 9, 16)), common_name(["a", "b"])
        ('x…', '')
    """
    pieces = [_NUMBER.split(name) for name in dict.fromkeys(names)]
    if any(piece[::2] != pieces[0][::2] for piece in pieces):
        return ""
    columns = zip(*pieces, strict=True)
    return "".join(_range(column) if place % 2 else column[0] for place, column in enumerate(columns))


def _range(numbers: Iterable[str]) -> str:
    different = sorted(set(numbers), key=int)
    if len(different) == 1:
        return different[0]
    first, last = different[0], different[-1]
    if int(last) - int(first) == len(different) - 1:
        return f"{first}…{last}"
    return ", ".join(different) if len(different) <= _LISTED else "…"


def tail(name: str) -> str:
    """The last part of a name without ranges of indices, short enough for a formula.

    Example:
        >>> tail("model.layers[0].neurons[0…15].w[0…1]"), tail("w[0]"), tail("V₁"), tail("0.5")
        ('w', 'w[0]', 'V₁', '0.5')
    """
    last = re.split(r"\.(?=[^\W\d])", re.sub(r"\[[^\]]*…[^\]]*\]", "", name))[-1]
    return last if last and "…" not in last else name
