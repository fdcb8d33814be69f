"""Steps as a table: aligned text for a terminal or a log, HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from autograd.columns import aligned

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
    digits = max(map(len, (_HEADINGS[0], *(row[0] for row in rows))))
    table: list[tuple[str, ...]] = [("  " + _HEADINGS[0].rjust(digits), *_HEADINGS[1:])]
    table += [(f"{_HERE if row[0] == str(here) else ' '} {row[0].rjust(digits)}", *row[1:]) for row in rows]
    return "\n".join(aligned(table))


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
