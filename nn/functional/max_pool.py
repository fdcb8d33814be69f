"""Max pooling in one, two and three dimensions: pad, take windows, choose. None has a backward of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import composed
from autograd.functions import max as max_over
from autograd.functions.arguments import raw
from autograd.primitives.reductions import max_
from autograd.recording import note_geometry
from nn.functional.arguments import Numbers, numbers
from nn.functional.pool_geometry import PoolGeometry, check_windows_see_input, pool_geometry, pool_windows
from nn.functional.pool_places import gather_windows, places_of_maxima, window_places


@composed
def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Numbers:
    """The largest element of each window of a sequence.

    Args:
        input: (N, C, L), or (C, L) without a batch.

    Returns:
        (N, C, L_out) or (C, L_out); with `return_indices` also the place of each along L, integers of that shape.

    The other arguments and the errors are those of `max_pool2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2, ceil_mode=True)
        array([[3., 2., 5.]])
    """
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composed
def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Numbers:
    """The largest element of each window of an image. The first of equal ones, in row-major order, takes the gradient.

    out[n, c, i, j] = max over k, l of padded[n, c, i·stride + k·dilation, j·stride + l·dilation]

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        kernel_size: the window's size, at least 1: an integer, or one for each spatial axis, such as (1, 2).
        stride: the step between windows, at least 1; the kernel's size by default.
        padding: how many elements of -inf to add at both ends of each axis, at most half of the kernel.
        dilation: the step between a window's elements, at least 1.
        ceil_mode: keep a last window that reaches beyond the padded image, unless it would start in the padding at the
            end: the number of windows is rounded up instead of down.
        return_indices: also give where each maximum lies, as `max_unpool2d` takes it.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out), with
        H_out = floor((H + 2·padding - dilation·(KH - 1) - 1) / stride) + 1.

        With `return_indices` the pair of it and an array of integers of its shape: the place h·W + w of each maximum
        in its own channel of the input; the first place where several are equal, or are NaN.

    Raises:
        ShapeError: the input is no image or batch of images, a window holds nothing but padding, or is larger than the
            padded input (which `ceil_mode` lets pass where it cuts the window off).
        DTypeError: the input holds integers or complex numbers.
        ValueError: an argument is out of its range.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 0.0]]], requires_grad=True)
        >>> out, indices = F.max_pool2d(image, 2, return_indices=True)
        >>> out.data, indices
        (array([[[5., 2.]]]), array([[[1, 2]]]))
        >>> out.sum().backward()
        >>> image.grad
        array([[[0., 1., 1., 0.],
                [0., 0., 0., 0.]]])
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composed
def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Numbers:
    """The largest element of each window of a volume.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out); with `return_indices` also the place (d·H + h)·W + w of
        each, integers of that shape.

    The other arguments and the errors are those of `max_pool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.max_pool3d(np.arange(16.0).reshape(1, 2, 2, 4), 2)
        array([[[[13., 15.]]]])
    """
    return _max_pool("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _max_pool(
    function: str,
    axes: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Numbers:
    x = numbers(function, "input", input)
    geometry = pool_geometry(function, axes, x, kernel_size, stride, padding, dilation, ceil_mode)
    check_windows_see_input(function, x, geometry)
    note_geometry(geometry)
    out = max_of_windows(x, geometry)
    return (out, places_of_maxima(x, window_places(geometry))) if return_indices else out


def max_of_windows(x: Numbers, geometry: PoolGeometry) -> Numbers:
    """(N, C, H, W) -> (N, C, OH, OW)"""
    patches = pool_windows(x, geometry, -np.inf)
    out = max_(patches, axis=tuple(range(x.ndim, patches.ndim)), keepdims=False)
    if any(map(any, geometry.pairs)) and np.any(raw(out) == -np.inf):
        # Padding stands before a window's own -inf and would take its gradient; in this list of places it comes last.
        return max_over(gather_windows(x, window_places(geometry), -np.inf), axis=-1)
    return out
