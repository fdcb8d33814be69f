"""`Derivation`: the lines of a derivation, and how they are written as text, LaTeX, Markdown and HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import NamedTuple

from autograd.paths.wording import more_latex, more_text
from autograd.symbol import Symbol

__all__ = ["Derivation", "Line", "more_lines"]


class Line(NamedTuple):
    """One line: a sign, and what follows it.

    Attributes:
        sign: "=" begins a new way of writing what is derived, "+" goes on with its next term.
        right: what follows the sign.
        left: what stands before it; None where it is what stood before the last one.
        note: what follows that, with its own punctuation: ", a leaf" or " = w.grad".
    """

    sign: str
    right: Symbol
    left: Symbol | None = None
    note: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Derivation:
    """A derivative as it is worked out on paper.

    Attributes:
        heading: what is derived, and by how many paths.
        lines: the chain rule in symbols, with the local derivatives, with numbers, and the result.
        where: what the signs stand for that are used in them.
        count: how many paths there are from the leaf to the root.
        products: the terms of the sum that are written, as numbers; of a whole array there are none.
        left_out: how many terms are not written.
        rest: what those add up to.
        total: the derivative; an array for a whole tensor.
        gradient: what is stored as the leaf's gradient; None where no backward pass has come there.
        matches: whether that is the total; None where there is none.
    """

    heading: str
    lines: tuple[Line, ...]
    where: tuple[Line, ...]
    count: int
    products: tuple[float, ...]
    left_out: int
    rest: float
    total: object
    gradient: object
    matches: bool | None

    @property
    def text(self) -> str:
        """The derivation as lines of plain text, the signs in one column."""
        lines = [self.heading, *_aligned(self.lines)]
        return "\n".join([*lines, "where", *(f"  {line}" for line in _aligned(self.where))] if self.where else lines)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    @property
    def latex(self) -> str:
        """The derivation in LaTeX, without the dollar signs around it."""
        rows = [_latex_row(line) for line in self.lines]
        if self.where:
            rows.append(r"&\text{where}")
            rows += [_latex_row(line) for line in self.where]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    @property
    def markdown(self) -> str:
        """The derivation in Markdown, its formulas in LaTeX between dollar signs."""
        rows = " \\\\\n".join(_latex_row(line) for line in self.lines)
        parts = [f"**{_escaped(self.heading)}**", f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$"]
        if self.where:
            parts += ["where", "\n".join(f"- ${_latex_inline(line)}${_escaped(line.note)}" for line in self.where)]
        return "\n\n".join(parts) + "\n"

    @property
    def html(self) -> str:
        """The derivation as a table of HTML without scripts or styles, which any page shows."""
        rows = "".join(map(_html_row, self.lines))
        where = "".join(map(_html_row, self.where))
        body = rows + (f"<tr><td>where</td><td></td><td></td></tr>{where}" if where else "")
        return f"<table><caption>{html.escape(self.heading)}</caption><tbody>{body}</tbody></table>"


def more_lines(count: int) -> Line:
    """What stands for so many lines that are left out."""
    return Line("", Symbol(more_text(count), more_latex(count)))


def _aligned(lines: tuple[Line, ...]) -> list[str]:
    width = max((len(line.left.text) for line in lines if line.left is not None), default=0)
    lefts = ("" if line.left is None else line.left.text for line in lines)
    return [f"{left:{width}} {line.sign} {line.right.text}{line.note}" for left, line in zip(lefts, lines, strict=True)]


def _latex_row(line: Line) -> str:
    left = "" if line.left is None else line.left.latex
    sign = "&=" if line.sign == "=" else f"&\\quad {line.sign}"
    note = rf" \text{{{_plain(line.note)}}}" if line.note else ""
    return f"{left} {sign} {line.right.latex}{note}".strip()


def _latex_inline(line: Line) -> str:
    left = "" if line.left is None else f"{line.left.latex} "
    return f"{left}{line.sign} {line.right.latex}"


def _escaped(text: str) -> str:
    """Text in Markdown that stands for itself."""
    return re.sub(r"([\\`*_$<>\[\]#|~])", r"\\\1", text)


_IN_TEXT = {
    **{character: f"\\{character}" for character in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "−": "$-$",
    "∞": r"$\infty$",
    "…": r"\ldots{}",
}


def _plain(text: str) -> str:
    """Words within a formula of LaTeX."""
    return "".join(_IN_TEXT.get(character, character) for character in text)


def _html_row(line: Line) -> str:
    left = "" if line.left is None else line.left.text
    cells = (html.escape(left), html.escape(line.sign), html.escape(line.right.text + line.note))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
