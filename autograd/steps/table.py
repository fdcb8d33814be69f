"""Steps as a table: aligned text for a terminal or a log, HTML for a notebook."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["html_table", "text_table"]

_HEADINGS = ("step", "node", "rule", "upstream", "local", "contribution", "grad so far")
_HERE = "▸"


def text_table(steps: Iterable[Any], here: int = 0) -> str:
    """One line for each step; `here` is the number of the step to point at.

    Example:
        >>> from autograd import Value, backward_steps
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> print(text_table(backward_steps(a * b), here=3))
          step  node  rule     upstream  local   contribution  grad so far
             1  v₁    seed                       1             1
             2  a     × of v₁  1         b = −3  −3            −3 ✓
        ▸    3  b     × of v₁  1         a = 2   2             2 ✓
    """
    rows = [tuple(map(str, step.cells())) for step in steps]
    table = [_HEADINGS, *rows]
    widths = [max(_width(row[column]) for row in table) for column in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths, pointed=row[0] == str(here)) for row in table)


def _line(row: Sequence[str], widths: Sequence[int], pointed: bool) -> str:
    number = " " * (widths[0] - len(row[0])) + row[0]
    cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join([f"{_HERE if pointed else ' '} {number}", *cells]).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def html_table(steps: Iterable[Any], here: int = 0, note: str = "") -> str:
    """A table of HTML without scripts or styles, so that an untrusted notebook shows it too."""
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    caption = f"<caption>{html.escape(note)}</caption>" if note else ""
    body = "".join(_row(step, pointed=step.number == here) for step in steps)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(step: Any, pointed: bool) -> str:
    cells = [html.escape(str(cell)) for cell in step.cells()]
    if pointed:
        cells = [f"<b>{cell}</b>" for cell in (f"{_HERE} {cells[0]}", *cells[1:])]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
