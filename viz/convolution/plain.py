"""Numbers, matrices and planes as plain data that JSON can hold.

A number is a pair [value, text]; the value is None where it is not finite. A matrix is a list of rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.numbers import number_text

Index = tuple[int, ...]


def plain_number(value: float) -> list[Any]:
    """A number and its text.

    Example:
        >>> plain_number(-1.5), plain_number(float("inf"))
        ([-1.5, '−1.5'], [None, '∞'])
    """
    return [value if math.isfinite(value) else None, number_text(value)]


def plain_matrix(matrix: Any, shown: Any = None) -> list[list[Any]]:
    """Rows of numbers; None where they are not shown."""
    return [
        [plain_number(float(x)) if shown is None or shown[row, column] else None for column, x in enumerate(numbers)]
        for row, numbers in enumerate(matrix)
    ]


def plain_plane(index: Index, matrix: Any) -> dict[str, Any]:
    """One plane of an array, with the index that it has there."""
    return {"index": list(index), "rows": plain_matrix(matrix)}


def in_rows(numbers: Sequence[Any], columns: int) -> list[list[Any]]:
    """A list as rows of so many columns."""
    return [list(numbers[start : start + columns]) for start in range(0, len(numbers), columns)]
