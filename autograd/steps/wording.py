"""How the numbers and formulas of steps are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.numbers import LISTED, array_text, number_text
from autograd.steps.names import number_latex

__all__ = ["Cells", "local_text", "quantity", "quantity_latex", "sum_text", "symbols_or_number"]


class Cells(NamedTuple):
    """A step as a row of a table."""

    number: int
    node: str
    rule: str
    upstream: str
    local: str
    contribution: str
    gradient: str


def quantity(x: Any) -> str:
    """A number, or an array in short.

    Example:
        >>> quantity(-4.0), quantity(np.array([1.0, 2.0])), quantity(np.arange(9.0))
        ('−4', '[1, 2]', '0 … 8')
    """
    return array_text(x) if np.ndim(x) else number_text(x)


def sum_text(x: Any) -> str:
    """A gradient so far: 0 where nothing has arrived."""
    return "0" if x is None else quantity(x)


def quantity_latex(x: Any, factor: bool = False) -> str:
    """A number, or an array in short, in LaTeX; a negative factor stands in parentheses."""
    if not np.ndim(x):
        text = number_latex(float(x))
        return rf"\left({text}\right)" if factor and text.startswith("-") else text
    if np.size(x) > LISTED or not np.size(x):
        return rf"\text{{[{quantity(x).replace('−', '-')}]}}"
    return _matrix(np.asarray(x))


def _matrix(x: Any) -> str:
    rows = x.reshape(-1, x.shape[-1]).tolist()
    lines = r" \\ ".join(" & ".join(map(number_latex, row)) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def local_text(node: Any, argument: int, names: Sequence[str], latex: bool = False) -> str:
    """A local derivative in symbols; empty where there is none."""
    try:
        text = node.rule.local_latex(argument, names) if latex else node.rule.local_text(argument, names)
    except Exception:  # a user's own notation may fail; the number then stands by itself
        return ""
    return " ".join(str(text).split())


def symbols_or_number(formula: str, local: Any) -> str:
    """A local derivative as ``b = −3``; as a number alone where the formula is one."""
    number = "" if local is None else quantity(local)
    if not formula or not number:
        return formula or number
    if number in (formula, f"all {formula}"):
        return formula
    return f"{formula} = {number}"
