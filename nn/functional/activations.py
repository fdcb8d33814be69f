"""The best-known activations, the linear map and the bilinear form: primitives, or composed of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, composed, einsum, matmul, transpose, where
from autograd.functions import logsumexp
from autograd.functions import sum as sum_over
from autograd.functions.arguments import normalize_axis, raw
from nn.functional.arguments import Numbers, check_one_kind, numbers


def relu(input: Any) -> Numbers:
    """max(input, 0), element by element. The derivative at 0 is 0, unless `autograd.kinks` says otherwise.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.relu(Tensor([-1.0, 0.0, 2.0])).data
        array([0., 0., 2.])
    """
    return autograd.relu(numbers("relu", "input", input))


@composed
def leaky_relu(input: Any, negative_slope: float = 0.01) -> Numbers:
    """input where it is positive, else negative_slope · input. The derivative at 0 is `negative_slope`.

    Args:
        input: any shape.
        negative_slope: the slope at and below 0.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.leaky_relu(Tensor([-1.0, 0.0, 2.0]), 0.1).data
        array([-0.1,  0. ,  2. ])
    """
    x = numbers("leaky_relu", "input", input)
    return where(raw(x) > 0, x, x * float(negative_slope))


def sigmoid(input: Any) -> Numbers:
    """1 / (1 + e^-input), element by element, without overflow.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.sigmoid(Tensor([-1000.0, 0.0, 1000.0])).data
        array([0. , 0.5, 1. ])
    """
    return autograd.sigmoid(numbers("sigmoid", "input", input))


def tanh(input: Any) -> Numbers:
    """The hyperbolic tangent, element by element.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.tanh(Tensor([-1000.0, 0.0, 1000.0])).data
        array([-1.,  0.,  1.])
    """
    return autograd.tanh(numbers("tanh", "input", input))


@composed
def softmax(input: Any, dim: int) -> Numbers:
    """e^input, divided by its sum along an axis: positive numbers that sum to 1.

    out_i = e^(x_i - m) / Σ_j e^(x_j - m), where m = max x, a constant that cancels, keeps it from overflow.

    Args:
        input: any shape; -inf gives 0. An axis that holds nothing but -inf, or holds inf, gives NaN.
        dim: the axis to sum along.

    Raises:
        ShapeError: there is no such axis.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.softmax(Tensor([1000.0, 1000.0, -1000.0]), dim=0).data
        array([0.5, 0.5, 0. ])
    """
    shifted, axis = shifted_scores("softmax", input, dim)
    if not shifted.size:
        return shifted
    exponentials = autograd.exp(shifted)
    return exponentials / sum_over(exponentials, axis=axis, keepdims=True)


@composed
def log_softmax(input: Any, dim: int) -> Numbers:
    """The logarithm of `softmax`, exact where softmax itself would round to 0 or 1.

    out_i = x_i - m - log Σ_j e^(x_j - m), where m = max x, a constant that cancels, keeps it from overflow.

    Args:
        input: any shape; -inf stays -inf. An axis that holds nothing but -inf, or holds inf, gives NaN.
        dim: the axis to sum along.

    Raises:
        ShapeError: there is no such axis.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.log_softmax(Tensor([1000.0, 0.0, -1000.0]), dim=0).data
        array([    0., -1000., -2000.])
    """
    shifted, axis = shifted_scores("log_softmax", input, dim)
    if not shifted.size:
        return shifted
    return shifted - logsumexp(shifted, axis=axis, keepdims=True)


@composed
def softmin(input: Any, dim: int) -> Numbers:
    """`softmax` of -input: the smallest number gets the largest share.

    Args:
        input: any shape; inf gives 0. An axis that holds nothing but inf, or holds -inf, gives NaN.
        dim: the axis to sum along.

    Raises:
        ShapeError: there is no such axis.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.softmin(Tensor([1000.0, -1000.0, -1000.0]), dim=0).data
        array([0. , 0.5, 0.5])
    """
    return softmax(-numbers("softmin", "input", input), dim)


def shifted_scores(function: str, input: Any, dim: int) -> tuple[Numbers, tuple[int, ...]]:
    """The input less its maximum along the axis, which is a constant: it cancels, and so do its derivatives."""
    x = numbers(function, "input", input)
    axis = normalize_axis(dim, x.ndim, function)
    if axis is None:
        raise ShapeError(f"{function}: dim=None names no axis; give one from {-x.ndim} to {x.ndim - 1}")
    if not x.size:
        return x, axis
    with np.errstate(invalid="ignore"):  # NaN where the maximum is infinite is documented
        return x - np.max(raw(x), axis=axis, keepdims=True), axis


@composed
def linear(input: Any, weight: Any, bias: Any = None) -> Numbers:
    """input @ weightᵀ + bias.

    out[..., o] = Σ_i input[..., i] · weight[o, i] + bias[o]

    Args:
        input: (..., I): Tensor, array of floats, or nested list of Values.
        weight: (O, I), or (I,) for one output without an axis.
        bias: (O,), or () for a weight of shape (I,).

    Returns:
        (..., O), or (...) for a weight of shape (I,).

    Raises:
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.linear(Tensor([1.0, 2.0]), Tensor([[1.0, 1.0], [0.0, 3.0]]), Tensor([0.5, 0.0])).data
        array([3.5, 6. ])
    """
    x, w = numbers("linear", "input", input), numbers("linear", "weight", weight)
    b = None if bias is None else numbers("linear", "bias", bias)
    check_one_kind("linear", input=x, weight=w, bias=b)
    if w.ndim not in (1, 2) or not x.ndim or x.shape[-1] != w.shape[-1]:
        raise ShapeError(
            f"linear: input of shape {x.shape} does not fit weight of shape {w.shape}; give input (..., I) and weight "
            f"(O, I) or (I,)"
        )
    if b is not None and b.shape != w.shape[:-1]:
        raise ShapeError(
            f"linear: bias must have shape {w.shape[:-1]}, one number for each row of the weight of shape {w.shape}, "
            f"not {b.shape}"
        )
    out = matmul(x, transpose(w))
    return out if b is None else out + b


@composed
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Numbers:
    """A form that is linear in each of two inputs.

    out[..., o] = Σ_ij input1[..., i] · weight[o, i, j] · input2[..., j] + bias[o]

    Args:
        input1: (..., I).
        input2: (..., J), with the same axes before the last.
        weight: (O, I, J).
        bias: (O,).

    Returns:
        (..., O).

    Raises:
        ShapeError: the axes do not fit.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.bilinear(Tensor([1.0, 2.0]), Tensor([10.0]), Tensor([[[3.0], [4.0]]])).data
        array([110.])
    """
    x, y, w = (
        numbers("bilinear", name, given) for name, given in (("input1", input1), ("input2", input2), ("weight", weight))
    )
    b = None if bias is None else numbers("bilinear", "bias", bias)
    check_one_kind("bilinear", input1=x, input2=y, weight=w, bias=b)
    if not x.ndim or not y.ndim or x.shape[:-1] != y.shape[:-1] or w.shape[1:] != (x.shape[-1], y.shape[-1]):
        raise ShapeError(
            f"bilinear: input1 of shape {x.shape} and input2 of shape {y.shape} do not fit weight of shape {w.shape}; "
            f"give (..., I), (..., J) with the same axes before the last, and (O, I, J)"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(f"bilinear: bias must have shape {w.shape[:1]}, one number for each output, not {b.shape}")
    out = einsum("...i,oij,...j->...o", x, w, y)
    return out if b is None else out + b
