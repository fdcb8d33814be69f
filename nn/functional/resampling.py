"""Which elements of an axis each element of a resampled axis is made from, and with what weights.

The coordinates are PyTorch's: pixels are squares of width 1, so that the centre of output pixel i lies at
(i + 1/2)·L_in / L_out - 1/2 of the input's pixels; with aligned corners the centres of the first and the last pixels
coincide instead.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.functions import getitem
from autograd.functions import sum as sum_over
from nn.functional.arguments import Numbers

Integers = npt.NDArray[np.intp]
Floats = npt.NDArray[Any]

CUBIC = -0.75  # the free number of cubic convolution, R. Keys (1981), as PyTorch and OpenCV choose it
ANTIALIASED_CUBIC = -0.5  # and as PyTorch and Pillow do where they smooth


class Axis(NamedTuple):
    """How one axis is resampled.

    Attributes:
        length: of the input.
        out: of the output.
        scale: the factor that the user gave, which need not be out / length; None to take that.
        align_corners: whether the centres of the outermost pixels coincide.
    """

    length: int
    out: int
    scale: float | None = None
    align_corners: bool = False

    @property
    def step(self) -> float:
        """How far the centres of neighbouring output pixels lie apart, in the input's pixels."""
        if self.align_corners:
            return (self.length - 1) / (self.out - 1) if self.out > 1 else 0.0
        return 1.0 / self.scale if self.scale else self.length / self.out

    def sources(self) -> Floats:
        """Where each output pixel's centre lies, as a number of the input's pixels."""
        places = np.arange(self.out)
        return places * self.step if self.align_corners else (places + 0.5) * self.step - 0.5


class Taps(NamedTuple):
    """The places of the elements that make each output element, (taps, out), and their weights of the same shape."""

    places: Integers
    weight: Floats


def nearest(axis: Axis, exact: bool) -> Integers:
    """The one element that each output element takes: the pixel that holds its left edge, or its centre if `exact`."""
    doubled = 2 * np.arange(axis.out) + exact
    if axis.scale is None:
        return doubled * axis.length // (2 * axis.out)
    # In single precision 39 / 1.3 is 30, as it should; in double precision it is a little less.
    places = np.floor((0.5 * doubled * (1.0 / axis.scale)).astype(np.float32))
    return np.minimum(places.astype(np.intp), axis.length - 1)


def linear(axis: Axis) -> Taps:
    """The two elements to either side of each source, each weighted by how near it is."""
    source = np.clip(axis.sources(), 0.0, axis.length - 1)
    left = np.floor(source).astype(np.intp)
    part = source - left
    return Taps(np.stack([left, np.minimum(left + 1, axis.length - 1)]), np.stack([1.0 - part, part]))


def cubic(axis: Axis) -> Taps:
    """The four elements around each source, weighted by cubic convolution; the outermost stand for those beyond."""
    source = axis.sources()
    left = np.floor(source)
    part = source - left
    index = left.astype(np.intp) + np.arange(-1, 3)[:, np.newaxis]
    weight = np.stack([_far(part + 1.0), _near(part), _near(1.0 - part), _far(2.0 - part)])
    return Taps(np.clip(index, 0, axis.length - 1), weight)


def antialiased(axis: Axis, is_cubic: bool) -> Taps:
    """All elements under the kernel, which is stretched where the output is smaller, so that none goes uncounted."""
    stretch = max(axis.step, 1.0)
    reach = stretch * (2.0 if is_cubic else 1.0)
    source = axis.sources()
    first = np.maximum(np.floor(source - reach) + 1.0, 0.0).astype(np.intp)
    end = np.minimum(np.floor(source + reach) + 1.0, axis.length).astype(np.intp)
    index = first + np.arange((end - first).max())[:, np.newaxis]
    distance = np.abs(index - source) / stretch
    kernel = _cubic_kernel(distance) if is_cubic else np.maximum(1.0 - distance, 0.0)
    weight = np.where(index < end, kernel, 0.0)
    return Taps(np.minimum(index, axis.length - 1), weight / weight.sum(axis=0))


def _cubic_kernel(distance: Floats) -> Floats:
    a = ANTIALIASED_CUBIC
    outer = np.where(distance < 2.0, _far(distance, a), 0.0)
    return np.where(distance < 1.0, _near(distance, a), outer)


def _near(t: Floats, a: float = CUBIC) -> Floats:
    """The kernel of cubic convolution up to a distance of 1."""
    return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0


def _far(t: Floats, a: float = CUBIC) -> Floats:
    """The kernel at a distance from 1 to 2."""
    return a * (((t - 5.0) * t + 8.0) * t - 4.0)


def take(x: Numbers, place: int, index: Integers) -> Numbers:
    """The elements of an axis in the order of the index."""
    return getitem(x, (*(slice(None),) * place, index))


def combine(x: Numbers, place: int, taps: Taps) -> Numbers:
    """The weighted sum of the taps along an axis."""
    each = take(x, place, taps.places)  # (..., L, ...) -> (..., taps, out, ...)
    dtype: Any = float if x.dtype == object else x.dtype
    weight = taps.weight.astype(dtype).reshape((*taps.weight.shape, *(1,) * (x.ndim - place - 1)))
    return sum_over(each * weight, axis=place)
