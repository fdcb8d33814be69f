"""Padded images, laid so that the columns of a convolution (im2col) are long runs in them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.replay.arrays.buffers import BATCH


class Geometry(NamedTuple):
    """Where the windows of a convolution lie.

    Attributes:
        batch: how many images; None for one without an axis for it.
        channels: of the images.
        lengths: of the images' spatial axes.
        before, after: how many zeros stand at their ends.
        kernel, stride, dilation: of the windows.
        counts: how many windows fit along each axis.
    """

    batch: int | None
    channels: int
    lengths: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    counts: tuple[int, ...]


class Images:
    """Padded images, laid (C, *spatial, N), or (C, N, *spatial) for a small batch, and the columns in them.

    With many images innermost, a row of pixels is one run. With few of them and at stride 1, the elements that meet one
    element of the kernel are taken as one run of a whole channel, shifted. The price is a few places at the end of each
    row of pixels that belong to no window: their results are ignored, and their gradients are 0.

    Args:
        geometry: of the convolution.
        dtype: of the images.
    """

    def __init__(self, geometry: Geometry, dtype: Any) -> None:
        self.geometry = geometry
        many = geometry.batch is not None and geometry.batch >= BATCH
        batch = () if geometry.batch is None else (geometry.batch,)
        padded = tuple(map(sum, zip(geometry.before, geometry.lengths, geometry.after, strict=True)))
        self.many = many
        self.dims = (*padded, *batch) if many else (*batch, *padded)
        self.spatial = tuple(range(len(padded))) if many else tuple(range(len(batch), len(self.dims)))
        self.memory = np.zeros((geometry.channels, *self.dims), dtype)
        interior = [slice(None)] * len(self.dims)
        for axis, before, length in zip(self.spatial, geometry.before, geometry.lengths, strict=True):
            interior[axis] = slice(before, before + length)
        self.interior = self.logical(self.memory[(slice(None), *interior)])
        self.flat = not many and all(step == 1 for step in geometry.stride)
        self._place_windows()

    def logical(self, laid: Any) -> Any:
        """(C, *dims) -> (N, C, *spatial), or (C, *spatial)"""
        if self.geometry.batch is None:
            return laid
        return np.moveaxis(laid, -1, 0) if self.many else laid.swapaxes(0, 1)

    def _place_windows(self) -> None:
        geometry, memory = self.geometry, self.memory
        steps = [memory.strides[1 + axis] for axis in self.spatial]
        to_kernel = [step * d for step, d in zip(steps, geometry.dilation, strict=True)]
        if self.flat:  # positions: one run of a channel
            reach = sum((k - 1) * step for k, step in zip(geometry.kernel, to_kernel, strict=True)) // memory.itemsize
            self.positions: tuple[int, ...] = (math.prod(self.dims) - reach,)
            strides: tuple[int, ...] = (memory.itemsize,)
            self.out_dims = self.dims
        else:
            dims, to_next = list(self.dims), list(memory.strides[1:])
            for axis, count, s in zip(self.spatial, geometry.counts, geometry.stride, strict=True):
                dims[axis] = count
                to_next[axis] *= s
            self.positions, strides, self.out_dims = tuple(dims), tuple(to_next), tuple(dims)
        #: (C, *kernel, *positions), a view
        self.columns = as_strided(
            memory, (geometry.channels, *geometry.kernel, *self.positions), (memory.strides[0], *to_kernel, *strides)
        )
        self.rows = geometry.channels * math.prod(geometry.kernel)

    def parts(self, most: int) -> list[slice]:
        """Pieces of the first axis of positions, of which each gives at most so many columns, or one step of it."""
        length, rest = self.positions[0], math.prod(self.positions[1:])
        pieces = max(-(-length * rest // max(most, 1)), 1)
        step = max(-(-length // pieces), 1)
        if self.flat and pieces > 1:
            step = -(-step // 16) * 16  # whole cache lines
        return [slice(start, min(start + step, length)) for start in range(0, length, step)]

    def result(self, outputs: int) -> tuple[Any, Any]:
        """Zeros for a result as a matrix (outputs, positions and more), and its logical view."""
        memory = np.zeros((outputs, *self.out_dims), self.memory.dtype)
        valid = [slice(None)] * len(self.out_dims)
        for axis, count in zip(self.spatial, self.geometry.counts, strict=True):
            valid[axis] = slice(count)
        return memory.reshape(outputs, -1), self.logical(memory[(slice(None), *valid)])
