"""Windows as lists of places: which elements of an image each window holds, whatever the windows' sizes.

A place counts a channel's elements in row-major order: h·W + w in an image. What lies outside has the place H·W, one
after the last, so that it comes last in a window's list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from autograd import pad, reshape
from autograd.functions import getitem
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers
from nn.functional.pool_geometry import PoolGeometry

Places = npt.NDArray[np.intp]


def window_places(geometry: PoolGeometry) -> Places:
    """The places of a pooling's windows, each window's in ascending order: (OH, OW, KH·KW)."""
    along = [
        geometry.starts(axis)[:, np.newaxis] + np.arange(length) * step
        for axis, (length, step) in enumerate(zip(geometry.kernel, geometry.dilation, strict=True))
    ]
    return np.sort(_combined(along, geometry.lengths), axis=-1)


def adaptive_places(lengths: tuple[int, ...], sizes: tuple[int, ...]) -> Places:
    """The places of adaptive windows, each window's in ascending order: (*sizes, K), K the longest window's size."""
    along = []
    for length, size in zip(lengths, sizes, strict=True):
        starts, ends = adaptive_bounds(length, size)
        places = starts[:, np.newaxis] + np.arange((ends - starts).max())
        along.append(np.where(places < ends[:, np.newaxis], places, length))
    return np.sort(_combined(along, lengths), axis=-1)


def adaptive_bounds(length: int, size: int) -> tuple[Places, Places]:
    """Where each of `size` adaptive windows of an axis starts, and one after where it ends.

    Window i goes from floor(i·length / size) to ceil((i + 1)·length / size): all of one length where `size` divides
    `length`; else their lengths differ by at most one, and neighbours may share an element.

    Example:
        >>> adaptive_bounds(5, 3)
        (array([0, 1, 3]), array([2, 4, 5]))
    """
    steps = np.arange(size)
    return steps * length // size, -(-(steps + 1) * length // size)


def gather_windows(x: Numbers, places: Places, padding_value: float) -> Numbers:
    """(N, C, H, W) -> (N, C, OH, OW, K), by the places of shape (OH, OW, K)."""
    leading = x.shape[: x.ndim - places.ndim + 1]
    plane = math.prod(x.shape[len(leading) :])
    flat = reshape(x, (*leading, plane))
    if (places == plane).any():
        flat = pad(flat, ((0, 0),) * len(leading) + ((0, 1),), padding_value)
    return getitem(flat, (..., places))


def places_of_maxima(x: Numbers, places: Places) -> Places:
    """The place of each window's first maximum, or first NaN: (N, C, OH, OW)."""
    chosen = np.argmax(gather_windows(raw(x), places, -np.inf), axis=-1)[..., np.newaxis]
    listed = places.reshape((1,) * (chosen.ndim - places.ndim) + places.shape)
    return np.take_along_axis(listed, chosen, axis=-1)[..., 0]


def _combined(along: Sequence[Places], lengths: tuple[int, ...]) -> Places:
    """The places along each axis, (OH, KH) and (OW, KW), as places of the plane, (OH, OW, KH·KW)."""
    axes = len(lengths)
    flat: Places = np.zeros((1,) * 2 * axes, dtype=np.intp)
    inside = np.ones_like(flat, dtype=bool)
    for axis, (places, length) in enumerate(zip(along, lengths, strict=True)):
        shape = [1] * 2 * axes
        shape[axis], shape[axes + axis] = places.shape
        each = places.reshape(shape)
        flat = flat * length + each
        inside = inside & (each >= 0) & (each < length)
    return np.where(inside, flat, math.prod(lengths)).reshape(*flat.shape[:axes], -1)
