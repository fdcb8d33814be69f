"""How sums of products and their factors are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.numbers import number_text
from viz.convolution.sums import Product
from viz.convolution.windows import Windows

_WRITTEN = 9  # terms of a sum; of more, the first ones and the last
_HEAD = 5


class Called(NamedTuple):
    """What the figure calls the arrays."""

    x: str = "x"
    w: str = "w"
    b: str = "b"
    y: str = "y"


def factor_text(number: float) -> str:
    """A number inside a formula: a negative one in parentheses.

    Example:
        >>> factor_text(0.5), factor_text(-2.0)
        ('0.5', '(−2)')
    """
    text = number_text(number)
    return f"({text})" if text.startswith("−") else text


def sum_text(terms: Sequence[str], more: str = "more") -> str:
    """Terms joined by plus signs; of many the first and the last, with the number of those between.

    Example:
        >>> sum_text(["1·2", "3·4"])
        '1·2 + 3·4'
        >>> sum_text([f"{k}·1" for k in range(12)])
        '0·1 + 1·1 + 2·1 + 3·1 + 4·1 + … (6 more) + 11·1'
    """
    if len(terms) > _WRITTEN:
        terms = [*terms[:_HEAD], f"… ({len(terms) - _HEAD - 1:,} {more})", terms[-1]]
    return " + ".join(terms)


def products_text(products: Sequence[Product]) -> str:
    """A sum of products in numbers.

    Example:
        >>> products_text([Product(1.0, 0.5, (0,), (0,)), Product(2.0, -1.0, (0,), (0,))])
        '1·0.5 + 2·(−1)'
    """
    return sum_text([f"{factor_text(product.left)}·{factor_text(product.right)}" for product in products])


def settings_text(function: str, windows: Windows, groups: int = 1) -> str:
    """The function with its kernel, and what differs from stride 1, no padding, no dilation and one group.

    Example:
        >>> settings_text("conv2d", Windows((5, 5), (3, 3), (3, 3), (2, 2), (1, 1), (1, 1), (1, 1)))
        'conv2d, kernel 3×3, stride 2, padding 1'
        >>> settings_text("conv2d", Windows((5, 5), (2, 2), (2, 2), (3, 2), (1, 2), (0, 0), (0, 1)))
        'conv2d, kernel 2×2, stride 3×2, padding 0 above, 0 below, 0 left, 1 right, dilation 1×2'
    """
    parts = [function, f"kernel {windows.kernel[0]}×{windows.kernel[1]}"]
    if windows.stride != (1, 1):
        parts.append(f"stride {_pair(windows.stride)}")
    if any(windows.before + windows.after):
        parts.append(f"padding {_padding(windows)}")
    if windows.dilation != (1, 1):
        parts.append(f"dilation {_pair(windows.dilation)}")
    if groups > 1:
        parts.append(f"groups {groups}")
    return ", ".join(parts)


def _padding(windows: Windows) -> str:
    (top, left), (bottom, right) = windows.before, windows.after
    if windows.before == windows.after:
        return _pair(windows.before)
    return f"{top} above, {bottom} below, {left} left, {right} right"


def _pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"
