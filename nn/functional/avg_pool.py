"""Average pooling in one, two and three dimensions: pad, take windows, sum, divide. None has a backward of its own."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd import composed
from autograd.functions import sum as sum_over
from autograd.recording import note_geometry
from nn.functional.arguments import Numbers, numbers
from nn.functional.pool_geometry import divided, divisor, pool_geometry, pool_windows


@composed
def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Numbers:
    """The mean of each window of a sequence.

    Args:
        input: (N, C, L), or (C, L) without a batch.

    Returns:
        (N, C, L_out) or (C, L_out).

    The other arguments and the errors are those of `avg_pool2d`, with one spatial axis and without `divisor_override`.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2, ceil_mode=True)
        array([[2., 1., 5.]])
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@composed
def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Numbers:
    """The mean of each window of an image.

    out[n, c, i, j] = (Σ_k Σ_l padded[n, c, i·stride + k, j·stride + l]) / divisor[i, j]

    where the divisor counts the window's elements that lie in the image and, with `count_include_pad`, in its padding;
    what a window of `ceil_mode` reaches beyond these never counts.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        kernel_size: the window's size, at least 1: an integer, or one for each spatial axis, such as (1, 2).
        stride: the step between windows, at least 1; the kernel's size by default.
        padding: how many zeros to add at both ends of each axis, at most half of the kernel.
        ceil_mode: keep a last window that reaches beyond the padded image, unless it would start in the padding at the
            end: the number of windows is rounded up instead of down.
        count_include_pad: whether the divisor counts padding.
        divisor_override: the divisor of every window, instead of that count; any integer but 0.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out), with H_out = floor((H + 2·padding - KH) / stride) + 1.

    Raises:
        ShapeError: the input is no image or batch of images, or the window is larger than the padded input (which
            `ceil_mode` lets pass where it cuts the window off).
        DTypeError: the input holds integers or complex numbers.
        ValueError: an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.avg_pool2d(np.array([[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 0.0]]]), (1, 2))
        array([[[3. , 2. ],
                [3.5, 1. ]]])
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


@composed
def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Numbers:
    """The mean of each window of a volume.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out).

    The other arguments and the errors are those of `avg_pool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.avg_pool3d(np.arange(16.0).reshape(1, 2, 2, 4), 2)
        array([[[[6.5, 8.5]]]])
    """
    return _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def _avg_pool(
    function: str,
    axes: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Numbers:
    x = numbers(function, "input", input)
    geometry = pool_geometry(function, axes, x, kernel_size, stride, padding, 1, ceil_mode)
    note_geometry(geometry)
    if divisor_override is None:
        count = divisor(geometry, count_include_pad)
    else:
        count = np.array(_nonzero_integer(function, divisor_override))
    return divided(sum_over(pool_windows(x, geometry, 0.0), axis=tuple(range(-axes, 0))), count)


def _nonzero_integer(function: str, divisor_override: Any) -> int:
    try:
        if number := operator.index(divisor_override):
            return number
    except TypeError:
        pass
    raise ValueError(f"{function}: divisor_override={divisor_override!r} must be an integer other than 0, or None")
