"""Pooling to a given output size: the windows follow from the sizes. None has a backward of its own.

Along an axis of length L, window i of S goes from floor(i·L / S) to ceil((i + 1)·L / S). Where S divides L, and for
some other sizes, these are ordinary windows of one kernel and one stride; else each is gathered by a list of places.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import numpy as np

from autograd import composed, reshape, windows
from autograd.functions import max as max_over
from autograd.functions import sum as sum_over
from nn.functional.arguments import Numbers, numbers
from nn.functional.pool_geometry import divided
from nn.functional.pool_places import adaptive_bounds, adaptive_places, gather_windows, places_of_maxima
from nn.functional.spatial import check_images


@composed
def adaptive_avg_pool1d(input: Any, output_size: Any) -> Numbers:
    """The means of as many windows of a sequence as are asked for.

    Args:
        input: (N, C, L), or (C, L) without a batch.
        output_size: L_out, an integer of at least 1, also as a sequence of one; None to keep L.

    Returns:
        (N, C, L_out) or (C, L_out).

    The windows and the errors are those of `adaptive_avg_pool2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.adaptive_avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2)
        array([[2.        , 2.33333333]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


@composed
def adaptive_avg_pool2d(input: Any, output_size: Any) -> Numbers:
    """The means of as many windows of an image as are asked for.

    out[n, c, i, j] = mean of input[n, c, h, w] over ⌊i·H / H_out⌋ ≤ h < ⌈(i + 1)·H / H_out⌉, and w likewise

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch: Tensor, array of floats, or nested list of Values. N may
            be 0.
        output_size: (H_out, W_out), each an integer of at least 1, or None to keep the input's; one number for both.
            It may be larger than the input's: windows then repeat elements.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out).

    Raises:
        ShapeError: the input is no image or batch of images.
        DTypeError: the input holds integers or complex numbers.
        ValueError: `output_size` is none of these.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.adaptive_avg_pool2d(np.array([[[1.0, 5.0, 3.0], [3.0, 4.0, 2.0]]]), (None, 2))
        array([[[3. , 4. ],
                [3.5, 3. ]]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


@composed
def adaptive_avg_pool3d(input: Any, output_size: Any) -> Numbers:
    """The means of as many windows of a volume as are asked for.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        output_size: (D_out, H_out, W_out), or one number for all.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out).

    The windows and the errors are those of `adaptive_avg_pool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.adaptive_avg_pool3d(np.arange(16.0).reshape(1, 2, 2, 4), (1, 1, 2))
        array([[[[6.5, 8.5]]]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


@composed
def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Numbers:
    """The largest elements of as many windows of a sequence as are asked for.

    Args:
        input: (N, C, L), or (C, L) without a batch.
        output_size: L_out, an integer of at least 1, also as a sequence of one; None to keep L.
        return_indices: also give where each maximum lies.

    Returns:
        (N, C, L_out) or (C, L_out); with `return_indices` also the place of each along L, integers of that shape.

    The windows and the errors are those of `adaptive_avg_pool2d`, with one spatial axis.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.adaptive_max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2, return_indices=True)
        (array([[3., 5.]]), array([[1, 4]]))
    """
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


@composed
def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Numbers:
    """The largest elements of as many windows of an image as are asked for.

    The first of equal ones, in row-major order, takes the gradient. The windows, `output_size` and the errors are those
    of `adaptive_avg_pool2d`.

    Args:
        input: (N, C, H, W), or (C, H, W) without a batch.
        output_size: (H_out, W_out), each an integer of at least 1, or None to keep the input's; one number for both.
        return_indices: also give where each maximum lies.

    Returns:
        (N, C, H_out, W_out) or (C, H_out, W_out); with `return_indices` also the place h·W + w of each maximum in its
        own channel of the input, integers of that shape.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> out, indices = F.adaptive_max_pool2d(np.array([[[1.0, 5.0, 3.0], [3.0, 4.0, 6.0]]]), (1, 2), True)
        >>> out, indices
        (array([[[5., 6.]]]), array([[[1, 5]]]))
    """
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


@composed
def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Numbers:
    """The largest elements of as many windows of a volume as are asked for.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) without a batch.
        output_size: (D_out, H_out, W_out), or one number for all.
        return_indices: also give where each maximum lies.

    Returns:
        (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out); with `return_indices` also the place (d·H + h)·W + w of
        each, integers of that shape.

    The windows and the errors are those of `adaptive_avg_pool2d`, with three spatial axes.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.adaptive_max_pool3d(np.arange(16.0).reshape(1, 2, 2, 4), (1, 1, 2))
        array([[[[13., 15.]]]])
    """
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _adaptive_avg_pool(function: str, axes: int, input: Any, output_size: Any) -> Numbers:
    x = numbers(function, "input", input)
    sizes = _sizes(function, axes, x, output_size)
    bounds = [adaptive_bounds(length, size) for length, size in zip(x.shape[-axes:], sizes, strict=True)]
    count = reduce(np.multiply.outer, [ends - starts for starts, ends in bounds])
    return divided(sum_over(*_adaptive_windows(x, sizes, 0.0)), count)


def _adaptive_max_pool(function: str, axes: int, input: Any, output_size: Any, return_indices: bool) -> Numbers:
    x = numbers(function, "input", input)
    sizes = _sizes(function, axes, x, output_size)
    out = max_over(*_adaptive_windows(x, sizes, -np.inf))
    return (out, places_of_maxima(x, adaptive_places(x.shape[-axes:], sizes))) if return_indices else out


def _adaptive_windows(x: Numbers, sizes: tuple[int, ...], padding_value: float) -> tuple[Numbers, tuple[int, ...]]:
    """The windows, (N, C, H_out, W_out, KH, KW) or (N, C, H_out, W_out, K), and their last axes, to be reduced."""
    axes = len(sizes)
    lengths = x.shape[-axes:]
    if set(sizes) == {1}:  # one window, the image itself
        return reshape(x, (*x.shape[:-axes], *sizes, *lengths)), tuple(range(-axes, 0))
    regular = [_regular(length, size) for length, size in zip(lengths, sizes, strict=True)]
    if None in regular:
        return gather_windows(x, adaptive_places(lengths, sizes), padding_value), (-1,)
    kernel, stride = zip(*(each for each in regular if each), strict=True)
    return windows(x, kernel, stride), tuple(range(-axes, 0))


def _regular(length: int, size: int) -> tuple[int, int] | None:
    """The kernel and the stride of an axis's adaptive windows; None where they have not one of each."""
    starts, ends = adaptive_bounds(length, size)
    kernels, strides = set((ends - starts).tolist()), set(np.diff(starts).tolist()) or {1}
    return (kernels.pop(), strides.pop()) if len(kernels) == len(strides) == 1 and 0 not in strides else None


def _sizes(function: str, axes: int, x: Numbers, output_size: Any) -> tuple[int, ...]:
    """The output's size along each spatial axis.

    Raises:
        ShapeError: x is no image or batch of images.
        ValueError: `output_size` is no integer of at least 1 or None, nor a sequence of one for each axis.
    """
    check_images(function, x, axes)
    each = output_size if isinstance(output_size, tuple | list) else (output_size,) * axes
    try:
        sizes = tuple(
            length if size is None else operator.index(size) for length, size in zip(x.shape[-axes:], each, strict=True)
        )
    except (TypeError, ValueError):
        sizes = ()
    if not sizes or min(sizes) < 1:
        several = "" if axes == 1 else f", or a sequence of {axes} of them"
        raise ValueError(
            f"{function}: output_size={output_size!r} must be an integer of at least 1, or None to keep the input's "
            f"size{several}"
        )
    return sizes
