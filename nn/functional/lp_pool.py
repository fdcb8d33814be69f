"""Power-average pooling: the p-norm of each window, composed of powers, windows, a sum and a root."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from autograd import absolute, composed, where
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, numbers
from nn.functional.max_pool import max_of_windows
from nn.functional.pool_geometry import divisor, pool_geometry, pool_windows


@composed
def lp_pool1d(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Numbers:
    """The p-norm of each window of a sequence.

    Args:
        input: (N, C, L), or (C, L) without a batch.

    Returns:
        (N, C, L_out) or (C, L_out).

    The other arguments and the errors are those of `lp_pool2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.lp_pool1d(np.array([[3.0, 4.0, 0.0, 2.0]]), 2, 2)
        array([[5., 2.]])
    """
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


@composed
def lp_pool2d(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Numbers:
    """The p-norm of each window of an image, without taking magnitudes: the p-th root of the sum of p-th powers.

    out[n, c, i, j] = (Σ_k Σ_l input[n, c, i·stride + k, j·stride + l]^p)^(1/p), with p = norm_type

    For p = 1 it is the sum; for infinite p, its limit for even p: the largest magnitude, or the smallest for -∞. An odd
    p keeps the elements' signs: where their powers add up to a negative number, which has no root, the result is NaN.

    The root has no derivative at 0. Where the powers add up to 0, the gradient is 0, as for a window of zeros, where 0
    is a subgradient of the norm. The sum, p = 1, keeps its derivative 1 there too, which PyTorch sets to 0.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        norm_type: p, any number but 0.
        kernel_size: the window's size, at least 1: an integer, or one for each spatial axis, such as (1, 2).
        stride: the step between windows, at least 1; the kernel's size by default.
        ceil_mode: keep a last window that reaches beyond the image. Its sum then counts as many times as the whole
            window has more elements than lie in the image, as in PyTorch: the mean of powers times the kernel's size.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out), with H_out = floor((H - KH) / stride) + 1.

    Raises:
        ShapeError: the input is no image or batch of images, or the window is larger than the input (which `ceil_mode`
            lets pass where it cuts the window off).
        DTypeError: the input holds integers or complex numbers.
        ValueError: an argument is out of its range.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[3.0, 4.0, 0.0, 0.0]]], requires_grad=True)
        >>> out = F.lp_pool2d(image, 2, (1, 2))
        >>> out.data
        array([[[5., 0.]]])
        >>> out.sum().backward()
        >>> image.grad
        array([[[0.6, 0.8, 0. , 0. ]]])
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


@composed
def lp_pool3d(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Numbers:
    """The p-norm of each window of a volume.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out).

    The other arguments and the errors are those of `lp_pool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.lp_pool3d(np.ones((1, 2, 2, 4)), 3, 2)
        array([[[[2., 2.]]]])
    """
    return _lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(
    function: str, axes: int, input: Any, norm_type: Any, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Numbers:
    x = numbers(function, "input", input)
    if not isinstance(norm_type, Real) or not norm_type or math.isnan(norm_type):
        raise ValueError(f"{function}: norm_type={norm_type!r} must be a number other than 0, such as 2 for p = 2")
    p = float(norm_type)
    geometry = pool_geometry(function, axes, x, kernel_size, stride, 0, 1, ceil_mode)
    if p == math.inf:
        return max_of_windows(absolute(x), geometry)
    if p == -math.inf:
        return -max_of_windows(-absolute(x), geometry)
    powers = x if p == 1.0 else x**p
    total = sum_over(pool_windows(powers, geometry, 0.0), axis=tuple(range(-axes, 0)))
    elements = divisor(geometry, count_include_pad=True)
    if (elements < math.prod(geometry.kernel)).any():
        total = total * (math.prod(geometry.kernel) / elements).astype(float if x.dtype == object else x.dtype)
    return total if p == 1.0 else _root(total, p)


def _root(total: Numbers, p: float) -> Numbers:
    """The p-th root, with derivative 0 at 0."""
    zero = raw(total) == 0
    if not np.any(zero):
        return total ** (1.0 / p)
    return where(zero, 0.0 if p > 0 else math.inf, where(zero, 1.0, total) ** (1.0 / p))
