"""Where the windows of a convolution or a pooling lie on an image."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T", bound=np.generic)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows on an image of H rows and W columns. Each pair is for the rows and the columns.

    Attributes:
        lengths: the image's (H, W), without padding.
        counts: how many windows there are.
        kernel: a window's elements.
        stride: from one window to the next.
        dilation: from one element of a window to the next.
        before, after: the padding.

    Example:
        >>> windows = Windows((5, 5), (3, 3), (3, 3), (2, 2), (1, 1), (1, 1), (1, 1))
        >>> windows.place((0, 1), (0, 0))
        (-1, 1)
        >>> windows.covers((-1, 1)), list(windows.reaching((0, 0)))
        (False, [((0, 0), (1, 1))])
    """

    lengths: Pair
    counts: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair
    after: Pair

    def place(self, position: Pair, offset: Pair) -> Pair:
        """Where the element at `offset` of the window at `position` lies on the image: outside of it in the padding."""
        row, column = (
            i * step + k * gap - pad
            for i, k, step, gap, pad in zip(position, offset, self.stride, self.dilation, self.before, strict=True)
        )
        return row, column

    def covers(self, place: Pair) -> bool:
        """Whether a place lies on the image."""
        return all(0 <= at < length for at, length in zip(place, self.lengths, strict=True))

    def offsets(self) -> Iterator[Pair]:
        """The places in a window, in row-major order."""
        return product(range(self.kernel[0]), range(self.kernel[1]))

    def positions(self) -> Iterator[Pair]:
        """The windows, in row-major order."""
        return product(range(self.counts[0]), range(self.counts[1]))

    @property
    def padded(self) -> Pair:
        """The lengths with the padding."""
        height, width = (sum(part) for part in zip(self.before, self.lengths, self.after, strict=True))
        return height, width

    def slices(self, offset: Pair) -> tuple[slice, slice]:
        """Where the elements at one offset of all windows lie on the padded image."""
        rows, columns = (
            slice(at * gap, at * gap + step * (count - 1) + 1, step)
            for at, gap, step, count in zip(offset, self.dilation, self.stride, self.counts, strict=True)
        )
        return rows, columns

    def cropped(self, padded: npt.NDArray[T]) -> npt.NDArray[T]:
        """The image without its padding: a view of the array."""
        (top, left), (height, width) = self.before, self.lengths
        return padded[top : top + height, left : left + width]

    def reaching(self, place: Pair) -> Iterator[tuple[Pair, Pair]]:
        """The windows that hold a place of the image, in row-major order, and where in each of them it lies."""
        rows, columns = (self._along(axis, place[axis]) for axis in (0, 1))
        for (i, k), (j, l) in product(rows, columns):
            yield (i, j), (k, l)

    def _along(self, axis: int, place: int) -> list[Pair]:
        step, gap, kernel = self.stride[axis], self.dilation[axis], self.kernel[axis]
        from_first = place + self.before[axis]
        first = max(-(-(from_first - gap * (kernel - 1)) // step), 0)
        last = min(from_first // step, self.counts[axis] - 1)
        return [
            (i, (from_first - i * step) // gap)
            for i in range(first, last + 1)
            if (from_first - i * step) % gap == 0
        ]


def windows_of(geometry: Any, lengths: Pair) -> Windows:
    """The windows that `nn.functional` noted for a call, on an image of these lengths."""
    (top, bottom), (left, right) = geometry.pairs
    before, after = (top, left), (bottom, right)
    rows, columns = (
        (length + pad + behind - gap * (size - 1) - 1) // step + 1
        for length, pad, behind, gap, size, step in zip(
            lengths, before, after, geometry.dilation, geometry.kernel, geometry.stride, strict=True
        )
    )
    return Windows(lengths, (rows, columns), geometry.kernel, geometry.stride, geometry.dilation, before, after)


def checked_index(function: str, what: str, shape: tuple[int, ...], index: Any) -> tuple[int, ...]:
    """An index as integers from 0; None is the first element's.

    Raises:
        IndexError: it names no element of an array of the shape.
    """
    if index is None and 0 not in shape:
        return (0,) * len(shape)
    try:
        parts = tuple(operator.index(part) for part in index)
        inside = all(-length <= part < length for part, length in zip(parts, shape, strict=True))
    except (TypeError, ValueError):
        inside = False
    if not inside:
        raise IndexError(
            f"{function}: {what} of shape {shape} has no element {index!r}; give one integer for each of its "
            f"{len(shape)} axes"
        )
    return tuple(part % length for part, length in zip(parts, shape, strict=True))
