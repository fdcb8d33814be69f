"""Sliding windows: where they lie, the view of them, and the addition that puts them back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.primitives.layout import batch_innermost, empty, memory_order, strided

Lengths = tuple[int, ...]


def window_count(length: int, kernel: int, stride: int = 1, dilation: int = 1) -> int:
    """How many windows fit along an axis: floor((length - dilation·(kernel - 1) - 1) / stride) + 1.

    Example:
        >>> window_count(5, 3), window_count(7, 3, stride=2), window_count(7, 3, dilation=2)
        (3, 3, 3)
    """
    return (length - dilation * (kernel - 1) - 1) // stride + 1


def sliding_windows(x: Any, kernel: Lengths, stride: Lengths, dilation: Lengths) -> Any:
    """A view of x, or of a copy of it with the batch innermost: (..., *spatial) -> (..., *positions, *kernel)"""
    x = batch_innermost(x, len(kernel))
    return strided(x, *_view(x.shape, x.strides, kernel, stride, dilation))


@lru_cache(maxsize=1024)
def _view(
    shape: Lengths, strides: Lengths, kernel: Lengths, stride: Lengths, dilation: Lengths
) -> tuple[Lengths, Lengths]:
    """The shape and the strides of the windows."""
    leading = len(shape) - len(kernel)
    counts = []
    for length, k, s, d in zip(shape[leading:], kernel, stride, dilation, strict=True):
        if length < d * (k - 1) + 1:
            raise ShapeError(
                f"the kernel spans {d * (k - 1) + 1} (size {k}, dilation {d}) but the input, padding included, has "
                f"only {length}; pad the input or take a smaller kernel"
            )
        counts.append(window_count(length, k, s, d))
    steps = strides[leading:]
    return (*shape[:leading], *counts, *kernel), (
        *strides[:leading],
        *(step * s for step, s in zip(steps, stride, strict=True)),
        *(step * d for step, d in zip(steps, dilation, strict=True)),
    )


_FEW = 8  # elements of a kernel: of more, windows that do not overlap are laid side by side, 100 times as fast for 224²


def add_windows(x: Any, shape: Lengths, kernel: Lengths, stride: Lengths, dilation: Lengths) -> Any:
    """Add every window back where it was taken from: one slice addition for each element of the kernel."""
    axes = len(kernel)
    offsets, places, apart, covering = _places(x.shape[x.ndim - 2 * axes :], shape[-axes:], stride, dilation)
    out = empty(shape, memory_order(x[offsets[0]]), x.dtype)
    if not covering:
        out[...] = 0
    if apart and len(offsets) > _FEW:
        covered: Any = (..., *(slice(n * k) for n, k in zip(x.shape[-2 * axes : -axes], kernel, strict=True)))
        out[covered] = _side_by_side(x, axes)
        return out
    for offset, place in zip(offsets, places, strict=True):
        if apart:
            out[place] = x[offset]
        else:
            target = out[place]
            np.add(target, x[offset], out=target)
    return out


@lru_cache(maxsize=1024)
def _places(
    lengths: Lengths, spatial: Lengths, stride: Lengths, dilation: Lengths
) -> tuple[list[Any], list[Any], bool, bool]:
    """Of windows (*positions, *kernel): the index of each kernel element in them, and in the image.

    Further: whether no two windows overlap, and whether they cover the image besides.
    """
    axes = len(spatial)
    counts, kernel = lengths[:axes], lengths[axes:]
    offsets = list(np.ndindex(*kernel))
    reach = [s * (n - 1) + 1 for s, n in zip(stride, counts, strict=True)]
    places = [
        (..., *(slice(o * d, o * d + r, s) for o, d, r, s in zip(offset, dilation, reach, stride, strict=True)))
        for offset in offsets
    ]
    apart = kernel == stride and max(dilation) == 1
    covering = apart and all(n * k == length for n, k, length in zip(counts, kernel, spatial, strict=True))
    return [(..., *offset) for offset in offsets], places, apart, covering


def _side_by_side(x: Any, axes: int) -> Any:
    """(..., *positions, *kernel) -> (..., *positions · kernel)"""
    leading = x.ndim - 2 * axes
    order = [leading + place for axis in range(axes) for place in (axis, axes + axis)]
    lengths = [x.shape[leading + axis] * x.shape[leading + axes + axis] for axis in range(axes)]
    return x.transpose((*range(leading), *order)).reshape(*x.shape[:leading], *lengths)
