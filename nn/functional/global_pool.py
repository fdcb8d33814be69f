"""Pooling over whole channels: what remains of an image is one number for each channel."""

from __future__ import annotations

import operator
from typing import Any

from autograd import ShapeError, composed
from autograd.functions import max as max_over
from autograd.functions import mean as mean_over
from nn.functional.arguments import Numbers, numbers


@composed
def global_avg_pool(input: Any, keepdims: bool = False, spatial_axes: int | None = None) -> Numbers:
    """The mean of each channel.

    out[n, c] = (Σ_h Σ_w input[n, c, h, w]) / (H·W)

    Args:
        input: (N, C, *spatial), such as (N, C, H, W), with at least one spatial axis: Tensor, array of floats, or
            nested list of Values. N may be 0.
        keepdims: keep the spatial axes, of length 1, as `adaptive_avg_pool2d(input, 1)` does.
        spatial_axes: how many of the last axes are spatial, at least 1; all after (N, C) by default. For an image
            (C, H, W) without a batch it is 2.

    Returns:
        (N, C), or (N, C, 1, 1) with `keepdims`.

    Raises:
        ShapeError: there is no spatial axis, or one of length 0.
        DTypeError: the input holds integers or complex numbers.
        ValueError: `spatial_axes` is no integer of at least 1.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.global_avg_pool(np.array([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [0.0, 2.0]]]]))
        array([[3. , 0.5]])
    """
    x = numbers("global_avg_pool", "input", input)
    return mean_over(x, _spatial_axes("global_avg_pool", x, spatial_axes), keepdims)


@composed
def global_max_pool(input: Any, keepdims: bool = False, spatial_axes: int | None = None) -> Numbers:
    """The largest element of each channel. The first of equal ones, in row-major order, takes the gradient.

    out[n, c] = max over h, w of input[n, c, h, w]

    The arguments, the result's shape and the errors are those of `global_avg_pool`.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> image = Tensor([[[[1.0, 6.0], [6.0, 2.0]]]], requires_grad=True)
        >>> out = F.global_max_pool(image)
        >>> out.data
        array([[6.]])
        >>> out.sum().backward()
        >>> image.grad
        array([[[[0., 1.],
                 [0., 0.]]]])
    """
    x = numbers("global_max_pool", "input", input)
    return max_over(x, _spatial_axes("global_max_pool", x, spatial_axes), keepdims)


def _spatial_axes(function: str, x: Numbers, spatial_axes: int | None) -> tuple[int, ...]:
    try:
        count = x.ndim - 2 if spatial_axes is None else operator.index(spatial_axes)
    except TypeError:
        count = 0
    if spatial_axes is not None and count < 1:
        raise ValueError(f"{function}: spatial_axes={spatial_axes!r} must be an integer of at least 1, or None")
    if count < 1 or count >= x.ndim:
        needed = "(N, C, *spatial)" if spatial_axes is None else f"a channel axis and {count} spatial axes after it"
        remedy = "; give spatial_axes for an input without a batch" if spatial_axes is None else ""
        raise ShapeError(f"{function}: input must have {needed}, not shape {x.shape}{remedy}")
    if 0 in x.shape[-count - 1 :]:
        raise ShapeError(
            f"{function}: input of shape {x.shape} has an axis of length 0; only the batch may be empty: give at least "
            f"one channel and one element along each spatial axis"
        )
    return tuple(range(-count, 0))
