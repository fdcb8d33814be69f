"""Functions that reduce axes: sums, moments, products, extremes."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import Axis, count, normalize_axis, operand, raw, same_products, unboxed
from autograd.functions.parts import concatenate, where
from autograd.functions.shape import reshape, transpose
from autograd.primitives import elementwise as table
from autograd.primitives import reductions, structural
from autograd.recording import composed


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over axes; all of them by default. Every element's derivative is 1.

    Args:
        x: any shape.
        axis: an axis, several, or None for all.
        keepdims: keep the reduced axes, of length 1.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([4., 6.])
    """
    x = operand(x, "sum")
    return structural.sum_(x, axis=normalize_axis(axis, x.ndim, "sum"), keepdims=keepdims)


@composed
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean over axes: the sum divided by the number of elements, NaN where there are none.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.mean(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1).data
        array([1.5, 3.5])
    """
    x = operand(x, "mean")
    axes = normalize_axis(axis, x.ndim, "mean")
    if x.dtype == np.float16:  # whose sums overflow at 65,504; NumPy too adds them up in float32
        return structural.cast(mean(structural.cast(x, dtype=np.dtype(np.float32)), axes, keepdims), dtype=x.dtype)
    total = structural.sum_(x, axis=axes, keepdims=keepdims)
    terms = count(x.shape, axes)
    return total * (1.0 / terms) if terms else total * math.nan


@composed
def var(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The variance over axes: the mean of the squared distances from the mean, with divisor n - ddof.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.var(Tensor([1.0, 2.0, 3.0, 6.0])).item(), functions.var(Tensor([1.0, 2.0, 6.0]), ddof=1).item()
        (3.5, 7.0)
    """
    x = operand(x, "var")
    axes = normalize_axis(axis, x.ndim, "var")
    divisor = count(x.shape, axes) - ddof
    squares = structural.sum_(table.square(x - mean(x, axes, keepdims=True)), axis=axes, keepdims=keepdims)
    return squares / float(divisor) if divisor > 0 else squares * math.nan


@composed
def std(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The standard deviation over axes. Its derivative is 0 where all elements are equal, a valid subgradient there.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.std(Tensor([1.0, 2.0, 6.0]), ddof=1).item() == 7.0**0.5
        True
    """
    x = operand(x, "std")
    normalize_axis(axis, x.ndim, "std")
    variance = var(x, axis, ddof, keepdims)
    equal = _all_equal(raw(x), normalize_axis(axis, x.ndim, "std"), keepdims)
    if not np.any(equal):
        return table.sqrt(variance)
    return where(equal, 0.0, table.sqrt(where(equal, 1.0, variance)))


def _all_equal(x: Any, axes: tuple[int, ...] | None, keepdims: bool) -> Any:
    """Where a group's elements are one number: rounding may leave them a tiny variance, with a derivative of noise."""
    if not count(x.shape, axes):
        return False
    return np.max(x, axis=axes, keepdims=keepdims) == np.min(x, axis=axes, keepdims=keepdims)


@composed
def prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The product over axes, by halves, or one by one where that would overflow.

    It is right to any order of derivative however many elements are zero, since nothing is divided.

    Example:
        >>> from autograd import Tensor, functions
        >>> x = Tensor([0.0, 2.0, 3.0], requires_grad=True)
        >>> functions.prod(x).backward()
        >>> x.grad
        array([6., 0., 0.])
    """
    x = operand(x, "prod")
    axes = normalize_axis(axis, x.ndim, "prod")
    axes = tuple(range(x.ndim)) if axes is None else axes
    kept = [place for place in range(x.ndim) if place not in axes]
    lengths = [x.shape[place] for place in kept]
    factors = reshape(transpose(x, (*kept, *axes)), (*lengths, count(x.shape, axes)))
    product = _product(factors) if factors.shape[-1] else structural.sum_(factors, axis=(len(lengths),)) + 1.0
    if keepdims:
        return reshape(product, [1 if i in axes else n for i, n in enumerate(x.shape)])
    return unboxed(product)


def _product(factors: Any) -> Any:
    """The product along the last axis."""
    rows = factors
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        while rows.shape[-1] > 1:
            half, odd = divmod(rows.shape[-1], 2)
            pairs = rows[..., :half] * rows[..., half : 2 * half]
            rows = concatenate([pairs, rows[..., -1:]], axis=-1) if odd else pairs
    if same_products(rows[..., 0], np.prod(raw(factors), axis=-1)):
        return rows[..., 0]
    return functools.reduce(operator.mul, (factors[..., place] for place in range(factors.shape[-1])))


def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The maximum over axes. The first maximum in row-major order takes the whole gradient.

    Raises:
        ShapeError: there is no element to choose from.

    Example:
        >>> from autograd import Tensor, functions
        >>> x = Tensor([3.0, 3.0, 1.0], requires_grad=True)
        >>> functions.max(x).backward()
        >>> x.grad
        array([1., 0., 0.])
    """
    return _extreme(reductions.max_, x, axis, keepdims)


def min(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The minimum over axes. The first minimum in row-major order takes the whole gradient.

    Raises:
        ShapeError: there is no element to choose from.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.min(Tensor([[3.0, 1.0], [2.0, 5.0]]), axis=1)
        Tensor([1., 2.])
    """
    return _extreme(reductions.min_, x, axis, keepdims)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log Σ exp(x) over axes, without overflow. Its derivative is softmax.

    Raises:
        ShapeError: there is no element to sum.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.logsumexp(Tensor([1000.0, 1000.0]))
        Tensor(1000.69314718)
    """
    return _extreme(reductions.logsumexp, x, axis, keepdims)


def _extreme(rule: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    x = operand(x, rule.name)
    axes = normalize_axis(axis, x.ndim, rule.name)
    axes = axes and tuple(sorted(axes))  # the first of tied elements is the first in row-major order
    if not count(x.shape, axes):
        raise ShapeError(f"{rule.name}: over axis {axis} of shape {x.shape} there is no element; it needs at least one")
    return rule(x, axis=axes, keepdims=keepdims)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the first maximum, as NumPy gives it: integers, which have no gradient."""
    return _place(np.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the first minimum, as NumPy gives it: integers, which have no gradient."""
    return _place(np.argmin, x, axis, keepdims)


def _place(choose: Any, x: Any, axis: int | None, keepdims: bool) -> Any:
    x = operand(x, choose.__name__)
    axes = normalize_axis(axis, x.ndim, choose.__name__)
    if not count(x.shape, axes):
        raise ShapeError(f"{choose.__name__}: over axis {axis} of shape {x.shape} there is no element to choose")
    return choose(raw(x), axis=axis, keepdims=keepdims)
