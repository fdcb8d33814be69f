"""Norms of vectors and matrices, with derivative 0 at 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import Axis, normalize_axis, operand, raw, unboxed
from autograd.functions.parts import where
from autograd.functions.reduce import max, min, sum
from autograd.functions.shape import reshape
from autograd.primitives import elementwise as table
from autograd.primitives import rounding
from autograd.recording import composed


@composed
def norm(x: Any, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The length of a vector, or of each along an axis: (Σ |x_i|^ord)^(1/ord), as in `numpy.linalg`.

    Its derivative is 0 where all elements are 0, a valid subgradient there.

    Args:
        x: any shape.
        ord: 2 by default; 1, inf, -inf (the largest and the smallest size), 0 (how many are not 0) or another power.
            Over two axes: "fro" by default, the root of all squares; 1, -1, inf or -inf, the largest or smallest sum of
            sizes of a column or a row.
        axis: one axis, or two for matrices; all elements by default, where `ord` is None, else those of a vector or
            matrix.
        keepdims: keep the reduced axes, of length 1.

    Raises:
        ShapeError: an axis does not exist, or x is neither vector nor matrix where `ord` needs one.
        ValueError: no such order.

    Example:
        >>> from autograd import Tensor, linalg
        >>> x = Tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
        >>> length = linalg.norm(x, axis=1)
        >>> length.sum().backward()
        >>> length.data, x.grad
        (array([5., 0.]), array([[0.6, 0.8],
               [0. , 0. ]]))
    """
    x = operand(x, "norm")
    axes = normalize_axis(axis, x.ndim, "norm")
    if axes is None:
        axes = tuple(range(x.ndim))
        if ord is not None and x.ndim not in (1, 2):
            raise ShapeError(f"norm: ord={ord!r} needs a vector or a matrix, not shape {x.shape}; give an axis")
        matrix = ord is not None and x.ndim == 2
    else:
        matrix = len(axes) == 2
        if len(axes) > 2:
            raise ShapeError(f"norm: takes one axis or two, not {axes}")
    length = _matrix_norm(x, ord, axes) if matrix else _vector_norm(x, ord, axes)
    if not keepdims:
        length = reshape(length, [n for place, n in enumerate(x.shape) if place not in axes])
    return unboxed(length)


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    if ord in (None, "fro"):
        return _vector_norm(x, None, axes)
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(f"norm: ord={ord!r} is no norm of matrices here; take None, 'fro', 1, -1, inf or -inf")
    row, column = axes
    summed, chosen = (row, column) if abs(ord) == 1 else (column, row)
    sizes = sum(table.absolute(x), axis=summed, keepdims=True)
    return (max if ord > 0 else min)(sizes, axis=chosen, keepdims=True)


def _vector_norm(x: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    """The norm with its axes kept, of length 1."""
    if isinstance(ord, str):
        raise ValueError(f"norm: ord={ord!r} is a norm of matrices, over two axes; take a number")
    if ord in (math.inf, -math.inf):
        return (max if ord > 0 else min)(table.absolute(x), axis=axes, keepdims=True)
    if ord == 0:
        return sum(table.absolute(rounding.sign(where(np.isfinite(raw(x)), x, 1.0))), axis=axes, keepdims=True)
    if ord == 1:
        return sum(table.absolute(x), axis=axes, keepdims=True)
    zero = np.all(raw(x) == 0, axis=axes, keepdims=True)
    scale = _scale(raw(x), axes, 2.0 if ord is None else float(ord))
    if scale is not None:
        x = x / scale
    if ord in (None, 2):
        length = _root(sum(table.square(x), axis=axes, keepdims=True), zero, 0.5)
    else:
        length = _root(sum(_sizes_to(x, float(ord)), axis=axes, keepdims=True), zero, 1.0 / float(ord))
    return length if scale is None else length * scale


def _sizes_to(x: Any, ord: float) -> Any:
    """|x| to a power, with derivatives of 0 at 0, which below a power of 2 would not be finite to the second order."""
    if not 0 < ord < 2 or np.all(raw(x) != 0):
        return table.absolute(x) ** ord
    gone = raw(x) == 0
    return where(gone, 0.0, table.absolute(where(gone, 1.0, x)) ** ord)


def _root(total: Any, zero: Any, exponent: float) -> Any:
    """total to a power, and 0 with derivative 0 where all elements are 0."""
    if not np.any(zero):
        return _power(total, exponent)
    return where(zero, 0.0, _power(where(zero, 1.0, total), exponent))


def _power(x: Any, exponent: float) -> Any:
    return table.sqrt(x) if exponent == 0.5 else x**exponent


def _scale(x: Any, axes: tuple[int, ...], ord: float) -> Any:
    """The largest size of each vector, a constant to divide by where powers would overflow or vanish; else None."""
    sizes = np.abs(x)
    if not sizes.size:
        return None
    largest = np.max(sizes, axis=axes, keepdims=True)
    limits = np.finfo(sizes.dtype if sizes.dtype.kind == "f" else np.float64)
    usual = largest[np.isfinite(largest) & (largest > 0)]
    bound = abs(ord) + 1.0
    if not usual.size or (usual.max() < limits.max ** (1 / bound) and usual.min() > limits.tiny ** (1 / bound)):
        return None
    return np.where(np.isfinite(largest) & (largest > 0), largest, 1).astype(sizes.dtype)
