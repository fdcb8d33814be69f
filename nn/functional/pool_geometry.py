"""Where the windows of a pooling lie, and how many elements of each count."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from autograd.primitives.structural import windows
from nn.functional.arguments import Numbers, Shape, per_axis, remembered
from nn.functional.spatial import Pairs, check_images, check_kernel_fits, dilated_spans, pad_spatial


class PoolGeometry(NamedTuple):
    """For each spatial axis, where the windows lie."""

    lengths: tuple[int, ...]  # of the image, without padding
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    counts: tuple[int, ...]  # of windows
    pairs: Pairs  # what to pad before and after: `padding`, and at the end what `ceil_mode` reaches beyond it

    def starts(self, axis: int) -> npt.NDArray[np.intp]:
        """The place of each window's first element, counted from the image's first."""
        return np.arange(self.counts[axis]) * self.stride[axis] - self.padding[axis]


def pool_geometry(
    function: str, axes: int, x: Numbers, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> PoolGeometry:
    """The windows that a pooling's arguments describe.

    Raises:
        ShapeError: x is no image or batch of images, or the kernel is larger than the padded input.
        ValueError: an argument is out of its range.
    """
    return _geometry(function, axes, Shape(tuple(x.shape)), kernel_size, stride, padding, dilation, ceil_mode)


@remembered
def _geometry(
    function: str, axes: int, x: Shape, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> PoolGeometry:
    check_images(function, x, axes)
    kernel = per_axis(function, "kernel_size", kernel_size, axes, least=1)
    strides = kernel if stride is None else per_axis(function, "stride", stride, axes, least=1)
    pads = per_axis(function, "padding", padding, axes, least=0)
    dilations = per_axis(function, "dilation", dilation, axes, least=1)
    spans = dilated_spans(kernel, dilations)
    if any(2 * pad > length for pad, length in zip(pads, kernel, strict=True)):
        raise ValueError(
            f"{function}: padding={padding!r} must be at most half of the kernel {kernel}, since no window may lie in "
            f"padding alone; pad less, or take a larger kernel"
        )
    lengths = x.shape[-axes:]
    counts = tuple(
        _window_count(length, span, step, pad, ceil_mode)
        for length, span, step, pad in zip(lengths, spans, strides, pads, strict=True)
    )
    if min(counts) < 1:
        check_kernel_fits(function, x, kernel, spans, tuple((pad, pad) for pad in pads))
    pairs = tuple(
        (pad, max(pad, (count - 1) * step + span - length - pad))
        for length, span, step, pad, count in zip(lengths, spans, strides, pads, counts, strict=True)
    )
    return PoolGeometry(lengths, kernel, strides, pads, dilations, counts, pairs)


def _window_count(length: int, span: int, stride: int, padding: int, ceil_mode: bool) -> int:
    room = length + 2 * padding - span
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= length + padding else count  # none starts in the padding at the end


def check_windows_see_input(function: str, x: Numbers, geometry: PoolGeometry) -> None:
    """Raise `ShapeError` where a dilated window's elements all fall into padding, so that its maximum would be -inf."""
    if max(geometry.dilation) == 1:
        return
    for axis, length in enumerate(geometry.lengths):
        offsets = np.arange(geometry.kernel[axis]) * geometry.dilation[axis]
        places = geometry.starts(axis)[:, np.newaxis] + offsets
        if not ((places >= 0) & (places < length)).any(axis=1).all():
            raise ShapeError(
                f"{function}: a window of kernel {geometry.kernel} and dilation {geometry.dilation} sees nothing but "
                f"the padding {geometry.padding} of the input of shape {x.shape}; take less padding or dilation"
            )


def divisor(geometry: PoolGeometry, count_include_pad: bool) -> npt.NDArray[np.intp]:
    """How many elements of each window count for its mean: one number for each window, of shape (OH, OW).

    What lies beyond the padding, where a window of `ceil_mode` may reach, never counts.
    """
    count = np.ones((), dtype=np.intp)
    for axis, length in enumerate(geometry.lengths):
        margin = geometry.padding[axis] if count_include_pad else 0
        starts = geometry.starts(axis)
        ends = np.minimum(starts + geometry.kernel[axis], length + margin)
        count = count[..., np.newaxis] * (ends - np.maximum(starts, -margin))
    return count


def divided(total: Numbers, count: npt.NDArray[np.intp]) -> Numbers:
    """Each window's sum divided by its count: by one number where all counts are equal."""
    if (count == count.flat[0]).all():
        return total / float(count.flat[0])
    return total / count.astype(float if total.dtype == object else total.dtype)


def pool_windows(x: Numbers, geometry: PoolGeometry, padding_value: float) -> Numbers:
    """(N, C, H, W) -> (N, C, OH, OW, KH, KW)"""
    padded = pad_spatial(x, geometry.pairs, padding_value)
    return windows(padded, kernel=geometry.kernel, stride=geometry.stride, dilation=geometry.dilation)
