"""How long vectors are, and how far apart or how alike two of them are."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, broadcast_to, clip, composed
from autograd.functions import norm
from autograd.functions import sum as sum_over
from autograd.functions.arguments import normalize_axis
from nn.functional.arguments import Numbers, check_one_kind, numbers


@composed
def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Numbers:
    """Vectors along an axis, each over its length: input / max(‖input‖_p, eps).

    The length of a vector of zeros has derivative 0, and so has the constant eps in its place: there the function is
    input / eps, with that derivative. With p=inf the first of equally large elements takes the whole derivative of the
    length.

    Args:
        input: any shape: Tensor, array of floats, or nested list of Values.
        p: the order of the norm ‖x‖_p = (Σ |x_i|^p)^(1/p), at least 0; inf for the largest |x_i|.
        dim: the axis.
        eps: the least length that is divided by.

    Raises:
        ShapeError: there is no such axis.
        ValueError: p is negative.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.normalize(Tensor([[3.0, 4.0], [0.0, 0.0]])).data
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    x = numbers("normalize", "input", input)
    _check_order("normalize", p)
    axis = normalize_axis(dim, x.ndim, "normalize")
    return x / clip(_length(x, p, axis, keepdims=True), lower=eps)


@composed
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Numbers:
    """The cosine of the angle between vectors: x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)).

    The length of a vector of zeros has derivative 0; one below eps counts as eps, a constant.

    Args:
        x1: any shape.
        x2: a shape that broadcasts with x1's.
        dim: the axis of the vectors, which the result lacks.
        eps: the least length that is divided by.

    Raises:
        ShapeError: the shapes do not broadcast, or there is no such axis.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.cosine_similarity(Tensor([[3.0, 4.0], [1.0, 0.0]]), [[4.0, 3.0], [-2.0, 0.0]]).data
        array([ 0.96, -1.  ])
    """
    x, y, shape = _pair("cosine_similarity", x1, x2)
    axis = normalize_axis(dim, len(shape), "cosine_similarity")
    x, y = (broadcast_to(each, shape) for each in (x, y))
    directions = [each / clip(_length(each, 2.0, axis, keepdims=True), lower=eps) for each in (x, y)]
    return sum_over(directions[0] * directions[1], axis=axis)


@composed
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Numbers:
    """The distance between vectors along the last axis: ‖x1 - x2 + eps‖_p.

    Its derivative is 0 where all differences are -eps; eps keeps equal vectors away from there. With p=inf the first of
    equally large differences takes the whole derivative.

    Args:
        x1: (..., D).
        x2: a shape that broadcasts with x1's.
        p: the order of the norm ‖d‖_p = (Σ |d_i|^p)^(1/p), at least 0; inf for the largest |d_i|.
        eps: what is added to each difference.
        keepdim: keep the last axis, of length 1.

    Raises:
        ShapeError: the shapes do not broadcast, or have no axis.
        ValueError: p is negative.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.pairwise_distance(Tensor([[3.0, 5.0], [1.0, 1.0]]), [[0.0, 1.0], [1.0, 1.0]]).data.round(4)
        array([5., 0.])
    """
    _check_order("pairwise_distance", p)
    x, y, shape = _pair("pairwise_distance", x1, x2)
    return _length(x - y + float(eps), p, normalize_axis(-1, len(shape), "pairwise_distance"), keepdim)


def _length(x: Numbers, p: float, axis: Any, keepdims: bool) -> Numbers:
    return norm(x, float(p), axis, keepdims)


def _check_order(function: str, p: float) -> None:
    if not p >= 0:
        raise ValueError(f"{function}: p={p} must be at least 0, the order of a norm; 2 is the usual length")


def _pair(function: str, x1: Any, x2: Any) -> tuple[Numbers, Numbers, tuple[int, ...]]:
    """Both operands, and the shape that they broadcast to."""
    x, y = numbers(function, "x1", x1), numbers(function, "x2", x2)
    check_one_kind(function, x1=x, x2=y)
    try:
        return x, y, np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise ShapeError(
            f"{function}: x1 of shape {x.shape} and x2 of shape {y.shape} do not broadcast together; reshape one"
        ) from None
