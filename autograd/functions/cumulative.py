"""Running sums and products."""

from __future__ import annotations

import operator
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import normalize_axis, operand, raw, same_products
from autograd.functions.parts import concatenate, getitem
from autograd.functions.shape import ravel
from autograd.primitives import cumulative
from autograd.recording import composed


def cumsum(x: Any, axis: int | None = None) -> Any:
    """The sum of the elements up to each one, along an axis; of the flattened array by default.

    out_i = Σ_{j ≤ i} x_j. The transpose sums from the other end.

    Raises:
        ShapeError: the axis does not exist.

    Example:
        >>> from autograd import Tensor, functions
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> y = functions.cumsum(x)
        >>> y.backward([1.0, 10.0, 100.0])
        >>> y.data, x.grad
        (array([1., 3., 6.]), array([111., 110., 100.]))
    """
    x, place = _along(x, axis, "cumsum")
    return cumulative.cumsum(x, axis=place)


@composed
def cumprod(x: Any, axis: int | None = None) -> Any:
    """The product of the elements up to each one, along an axis; of the flattened array by default.

    out_i = Π_{j ≤ i} x_j, in steps that double the elements multiplied, or one by one where these would overflow: right
    to any order of derivative however many elements are zero, since nothing is divided.

    Raises:
        ShapeError: the axis does not exist.

    Example:
        >>> from autograd import Tensor, functions
        >>> x = Tensor([2.0, 0.0, 3.0], requires_grad=True)
        >>> functions.cumprod(x).sum().backward()
        >>> x.grad
        array([1., 8., 0.])
    """
    x, place = _along(x, axis, "cumprod")
    before = (slice(None),) * place
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        products, reach = x, 1
        while reach < x.shape[place]:
            first = getitem(products, (*before, slice(None, reach)))
            rest = getitem(products, (*before, slice(reach, None))) * getitem(products, (*before, slice(None, -reach)))
            products = concatenate([first, rest], axis=place)
            reach *= 2
    expected = np.cumprod(raw(x), axis=place)
    if same_products(products, expected):
        return products
    pieces = [getitem(x, (*before, slice(n, n + 1))) for n in range(x.shape[place])]
    return concatenate(list(accumulate(pieces, operator.mul)), axis=place)


def _along(x: Any, axis: int | None, name: str) -> tuple[Any, int]:
    x = operand(x, name)
    if axis is None:
        return ravel(x), 0
    if not x.ndim:
        raise ShapeError(f"{name}: a single number has no axis {axis}")
    (place,) = normalize_axis(axis, x.ndim, name) or ()
    return x, place
