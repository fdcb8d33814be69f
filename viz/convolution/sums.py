"""One number as a sum of products: what each figure of a convolution explains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.errors import GraphError

Index = tuple[int, ...]
Pair = tuple[int, int]
Place = Literal["inside", "padding", "inserted"]

_TOLERANCE = 1e-12  # of the sum of magnitudes, in float64


class Product(NamedTuple):
    """One term of a sum: left · right.

    Attributes:
        left, right: the factors.
        left_at: where the left factor stands in its array, as the user counts; beyond its ends in the padding.
        right_at: where the right factor stands in its array.
        place: "padding" where the left factor is a zero of the padding, "inserted" where it is one of those that a
            stride puts between the elements of a gradient.
    """

    left: float
    right: float
    left_at: Index
    right_at: Index
    place: Place = "inside"

    @property
    def value(self) -> float:
        """left · right"""
        return self.left * self.right

    @property
    def left_place(self) -> Pair:
        """The row and column of `left_at`."""
        return self.left_at[-2], self.left_at[-1]

    @property
    def right_place(self) -> Pair:
        """The row and column of `right_at`."""
        return self.right_at[-2], self.right_at[-1]


def total_of(products: Iterable[Product], start: float = 0.0) -> float:
    """The sum of products, from the first to the last, and `start` after them."""
    return sum((product.value for product in products), 0.0) + start


def agree(total: float, expected: float, magnitudes: Iterable[float], dtype: Any) -> bool:
    """Whether two sums of the same terms differ by rounding alone.

    Args:
        magnitudes: the terms; float64 may differ by 1e-12 of the sum of their sizes, or by one rounding for each.
        dtype: in which the expected number was computed.
    """
    sizes = [abs(magnitude) for magnitude in magnitudes]
    allowed = max(_TOLERANCE, len(sizes) * float(np.finfo(dtype).eps)) * sum(sizes, abs(expected))
    return total == expected or (total != total and expected != expected) or abs(total - expected) <= allowed


def require_agreement(
    function: str, what: str, products: Sequence[Product], start: float, expected: float, dtype: Any
) -> None:
    """Raise `GraphError` where a sum of products is not the number that the graph holds."""
    total = total_of(products, start)
    if not agree(total, expected, [*(product.value for product in products), start], dtype):
        raise GraphError(
            f"{function}: the {len(products)} products of {what} add up to {total!r}, but the graph holds "
            f"{expected!r}: data or gradients were changed after they had been used. Run the passes again"
        )
