"""Tables of text and of HTML, and numbers in as many digits as the answer beside them has."""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograd.columns import aligned
from autograd.numbers import number_text
from autograd.safe_text import clean

__all__ = ["html_table", "listed", "text_table", "true_text"]

_NAMES = 6  # of a list that are written out
_MOST_DECIMALS = 12


def true_text(true: float, given: str) -> str:
    """The true number with the places that the answer has, and four digits at least.

    Example:
        >>> true_text(-0.736432, "-0.3682"), true_text(-0.736432, "0"), true_text(1.58273, "1.5828")
        ('−0.7364', '−0.7364', '1.5827')
        >>> true_text(0.123456789, "0.123457"), true_text(0.00001234, "0.01")
        ('0.123457', '1.234e−5')
    """
    decimals = len(given.partition(".")[2]) if given.replace(".", "").lstrip("+-−").isdigit() else 0
    short = number_text(true)
    if not 0 < decimals <= _MOST_DECIMALS or abs(true) < 0.5 * 10.0**-decimals or abs(true) > 1e9:
        return short
    long = f"{true:.{decimals}f}".replace("-", "−")
    return long if len(long.lstrip("−0.")) >= min(len(short.lstrip("−0.")), 4) else short


def listed(names: Sequence[str]) -> str:
    """Names in a row, of many the first ones and how many more there are.

    Example:
        >>> listed(["a", "b"]), listed([f"w{i}" for i in range(9)])
        ('a, b', 'w0, w1, w2, w3, w4, w5 and 3 more')
    """
    few = ", ".join(map(clean, names[:_NAMES]))
    return few if len(names) <= _NAMES else f"{few} and {len(names) - _NAMES} more"


def text_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the last one as long as it will be.

    Example:
        >>> print(text_table(("a", "b"), [("1", "two"), ("long", "x")]))
        a     b
        1     two
        long  x
    """
    return "\n".join(aligned(tuple(map(clean, row)) for row in (headings, *lines)))


def html_table(headings: Sequence[str], lines: Sequence[Sequence[str]], below: Sequence[str]) -> str:
    """A table without scripts, which an untrusted notebook shows too, and paragraphs below it."""
    head = _html_row("th", headings)
    body = "".join(_html_row("td", row) for row in lines)
    paragraphs = "".join(f"<p>{html.escape(clean(line))}</p>" for line in below)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{paragraphs}"


def _html_row(kind: str, row: Sequence[str]) -> str:
    left = 'style="text-align:left"'  # Jupyter sets the cells of a table to the right
    cells = [f"<{kind} {left}>{html.escape(clean(cell))}</{kind}>" for cell in row]
    return f"<tr>{''.join(cells)}</tr>"
