"""Rows of text set in columns, whatever the characters' widths."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """One line for each row, its cells padded to the width of their column; all rows have one length.

    Example:
        >>> print("\\n".join(aligned([("node", "value"), ("가", "2"), ("x", "10")])))
        node  value
        가    2
        x     10
    """
    table = [tuple(row) for row in rows]
    widths = [tuple(map(_width, row)) for row in table]
    needed = [max(column) for column in zip(*widths, strict=True)]
    return [_line(row, taken, needed) for row, taken in zip(table, widths, strict=True)]


def used_columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The headings and the rows without the columns that no row has an entry in.

    Example:
        >>> used_columns(("node", "scope"), [("a", ""), ("b", "")])
        (('node',), ('a',), ('b',))
    """
    table = [tuple(row) for row in rows]
    used = [place for place in range(len(headings)) if any(row[place] for row in table)]
    return tuple(tuple(row[place] for place in used) for row in (headings, *table))


def _width(text: str) -> int:
    return sum(map(_columns, text))


@cache
def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _line(cells: Sequence[str], widths: Sequence[int], needed: Sequence[int]) -> str:
    return "  ".join(cell + " " * (n - w) for cell, w, n in zip(cells, widths, needed, strict=True)).rstrip()
