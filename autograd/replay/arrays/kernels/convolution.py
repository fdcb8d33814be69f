"""Convolution: pad, windows, contraction and bias as one kernel.

The columns of the windows (im2col) are copied in long runs, part by part so that they stay in the cache, and multiplied
by the weight. The images' gradient is added back in such runs.

The bias is one more column of the weight's matrix, beside a row of ones: it costs no pass over the result, and its
gradient is the last column of the weight's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.replay.arrays.kernels.images import Geometry, Images
from autograd.replay.arrays.plan import Kernel, Plan, Work
from autograd.replay.arrays.pull import Pull

CACHE = 2 << 20  # bytes of a block of columns that is worked on at a time
KEPT = 2 << 20  # bytes: columns up to this size are kept from the forward run for the backward one


class Convolution(Kernel):
    """The contraction of a weight (O, C, *kernel) with the windows of images, and a bias.

    Args:
        plan: that it belongs to.
        place: of the result.
        source, weight: places of the images and of the weight.
        bias: its place; None without one.
        geometry: where the windows lie.
    """

    uses_result = False

    def __init__(self, plan: Plan, place: int, source: int, weight: int, bias: int | None, geometry: Geometry) -> None:
        super().__init__(plan, place, [source, weight] if bias is None else [source, weight, bias])
        self.source, self.weight, self.bias = source, weight, bias
        self.geometry = geometry
        self.upstream: Any = None

    def bind(self) -> Work:
        plan, values, dtype = self.plan, self.plan.values, self.plan.tape.dtypes[self.place]
        images = self.images = Images(self.geometry, dtype)
        outputs = plan.tape.shapes[self.weight][0]
        self.matrix, view = images.result(outputs)
        values[self.place] = view
        plan.owned.add(self.place)
        rows = self.rows = images.rows
        width = rows + (self.bias is not None)
        self.weights = np.empty((outputs, width), dtype)
        total = math.prod(images.positions)
        self.keeps = total * width * dtype.itemsize <= KEPT
        self.parts = images.parts(total if self.keeps else CACHE // (width * dtype.itemsize))
        longest = max(part.stop - part.start for part in self.parts) * math.prod(images.positions[1:])
        self.block = np.empty(width * longest, dtype)
        self.pieces = [self._piece(part) for part in self.parts]
        interior, source, weight, bias = images.interior, self.source, self.weight, self.bias
        kernel, last = self.weights[:, :rows].reshape(plan.tape.shapes[weight]), self.weights[:, -1]
        pieces, weights, matmul, copyto = self.pieces, self.weights, np.matmul, np.copyto
        several = len(pieces) > 1
        self.block.fill(1.0)

        def work() -> None:
            copyto(interior, values[source])
            copyto(kernel, values[weight])
            if bias is not None:
                copyto(last, values[bias])
            for piece in pieces:
                copyto(piece.copy, piece.columns)
                if several:  # else the row of ones stays what it is
                    piece.ones.fill(1.0)
                matmul(weights, piece.block, piece.out)

        return work

    def _piece(self, part: slice) -> Piece:
        images, rows = self.images, self.rows
        axes = 1 + len(self.geometry.kernel)
        columns = images.columns[(slice(None),) * axes + (part,)]
        rest = math.prod(images.positions[1:])
        count = (part.stop - part.start) * rest
        width = self.weights.shape[1]
        block = self.block[: width * count].reshape(width, count)
        place = slice(part.start * rest, part.stop * rest)
        copy = block[:rows].reshape(columns.shape)
        return Piece(columns, copy, block, block[rows:], self.matrix[:, place], place)

    # ---- backward -------------------------------------------------------------------------------------------------

    def gradient_buffer(self) -> Any:
        if self.upstream is None and self._keeps_size():
            self._lay_upstream_padded()
        elif self.upstream is None:
            self.upstream, self.upstream_view = self.images.result(len(self.matrix))
        return self.upstream_view

    def _keeps_size(self) -> bool:
        """Whether results are as large as images, in rows as long as the padded images'."""
        geometry = self.geometry
        return self.images.flat and geometry.counts == geometry.lengths

    def _lay_upstream_padded(self) -> None:
        """The upstream gradient among zeros: the images' gradient is its convolution with the flipped kernel."""
        geometry = self.geometry
        reach = [d * (k - 1) for k, d in zip(geometry.kernel, geometry.dilation, strict=True)]
        turned = [total - before for total, before in zip(reach, geometry.before, strict=True)]
        self.padded_upstream = Images(
            geometry._replace(channels=len(self.matrix), before=tuple(turned), after=geometry.before),
            self.images.memory.dtype,
        )
        padded = self.padded_upstream
        steps = [padded.memory.strides[1 + axis] // padded.memory.itemsize for axis in padded.spatial]
        start = sum(before * step for before, step in zip(turned, steps, strict=True))
        self.upstream = padded.memory.reshape(len(self.matrix), -1)[:, start:]
        self.upstream_view = padded.interior

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        to_source, *to_weights = needed
        if any(to_weights):
            self._pull_weights(pull, to_weights)
        if to_source and self._keeps_size():
            self._pull_source_by_convolution(pull)
        elif to_source:
            self._pull_source(pull)

    def _pull_weights(self, pull: Pull, needed: Sequence[bool]) -> None:
        rows, upstream = self.rows, self.upstream
        total = np.empty(self.weights.shape[::-1], upstream.dtype)
        term = np.empty_like(total)
        only = len(self.pieces) == 1 and self.keeps
        steps = [
            (piece, correlation(piece.block, upstream[:, piece.place], term if number else total))
            for number, piece in enumerate(self.pieces)
        ]
        copyto, add = np.copyto, np.add
        (start, first), *others = steps

        def work() -> None:
            if not only:
                copyto(start.copy, start.columns)
            first()
            for piece, correlate in others:
                copyto(piece.copy, piece.columns)
                piece.ones.fill(1.0)
                correlate()
                add(total, term, total)

        pull.work(work)
        kernel = total[:rows].T.reshape(self.plan.tape.shapes[self.weight])
        views = [kernel, total[-1]]
        for argument, view, need in zip(self.arguments[1:], views, needed, strict=False):
            if need:
                pull.contribute(argument, copying(view))

    def _pull_source_by_convolution(self, pull: Pull) -> None:
        """For a small batch, where additions in short runs take longer (8 channels of 14 x 14 pixels: 7 µs, not 15)."""
        padded, images, axes = self.padded_upstream, self.images, len(self.geometry.kernel)
        outputs, channels = len(self.matrix), self.geometry.channels
        matrix, view = padded.result(channels)
        kernel = self.weights[:, : self.rows].reshape(outputs, channels, *self.geometry.kernel)
        flipped = kernel[(slice(None), slice(None), *[slice(None, None, -1)] * axes)].swapaxes(0, 1)
        weights = np.empty((channels, outputs * math.prod(self.geometry.kernel)), matrix.dtype)
        into = weights.reshape(flipped.shape)
        parts = images.parts(CACHE // (weights.shape[1] * matrix.itemsize))
        block = np.empty(weights.shape[1] * max(part.stop - part.start for part in parts), matrix.dtype)
        steps = []
        for part in parts:
            columns = padded.columns[(slice(None),) * (1 + axes) + (part,)]
            piece = block[: columns.size].reshape(weights.shape[1], -1)
            steps.append((columns, piece.reshape(columns.shape), piece, matrix[:, part]))
        matmul, copyto = np.matmul, np.copyto

        def work() -> None:
            copyto(into, flipped)
            for columns, copy, piece, out in steps:
                copyto(copy, columns)
                matmul(weights, piece, out)

        pull.work(work)
        pull.alias(self.source, lambda: view)

    def _pull_source(self, pull: Pull) -> None:
        images, rows, upstream = self.images, self.rows, self.upstream
        gradient = Images(self.geometry, images.memory.dtype)
        transposed = self.weights[:, :rows].T
        block = np.empty(rows * max(piece.block.shape[1] for piece in self.pieces), gradient.memory.dtype)
        steps = []
        for part, piece in zip(self.parts, self.pieces, strict=True):
            count = piece.block.shape[1]
            matrix = block[: rows * count].reshape(rows, count)
            received = matrix.reshape(piece.columns.shape)
            adds = []
            for offset in np.ndindex(*self.geometry.kernel):
                target = gradient.columns[(slice(None), *offset, part)]
                adds.append((target, received[(slice(None), *offset)]))
            steps.append((upstream[:, piece.place], matrix, adds))
        memory, matmul, add = gradient.memory, np.matmul, np.add

        def work() -> None:
            memory.fill(0.0)
            for given, matrix, adds in steps:
                matmul(transposed, given, matrix)
                for target, received in adds:
                    add(target, received, target)

        pull.work(work)
        pull.alias(self.source, lambda: gradient.interior)


PART, SMALL = 1024, 900


def correlation(x: Any, y: Any, out: Any) -> Work:
    """The work out = x @ y.T of two long matrices.

    OpenBLAS packs both for a result that is then small: a stack of shorter products, which it computes unpacked, and
    their sum take a fifth of the time for (10, 50176) and (8, 50176). The longer side first: 0.7 of the other order.
    """
    matmul, add, (rows, length) = np.matmul, np.add.reduce, x.shape
    whole = length // PART * PART
    if rows * len(y) > SMALL or whole < 2 * PART:
        transposed = y.T
        return lambda: matmul(x, transposed, out)
    parts = [each[:, :whole].reshape(len(each), -1, PART).swapaxes(0, 1) for each in (x, y)]
    left, right = parts[0], parts[1].swapaxes(1, 2)
    products = np.empty((whole // PART + (whole < length), rows, len(y)), out.dtype)
    stack, last = products[: whole // PART], products[-1]
    rest, transposed = x[:, whole:], y[:, whole:].T

    def work() -> None:
        matmul(left, right, stack)
        if whole < length:
            matmul(rest, transposed, last)
        add(products, 0, None, out)

    return work


class Piece(NamedTuple):
    """What one part of the columns is copied from and to, and where its product goes."""

    columns: Any
    copy: Any
    block: Any
    ones: Any
    out: Any
    place: slice


def copying(array: Any) -> Callable[[Any], Any]:
    """out -> the array's numbers."""

    def copy(out: Any) -> Any:
        if out is None:
            return array.copy()
        np.copyto(out, array)
        return out

    return copy
