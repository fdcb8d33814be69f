"""Functions that arrange the same elements in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.errors import ShapeError
from autograd.functions.arguments import Axis, integers, normalize_axis, operand
from autograd.primitives import structural


def reshape(x: Any, shape: int | Sequence[int]) -> Any:
    """The same elements in another shape; one length may be -1.

    Raises:
        ShapeError: the shape does not hold the same number of elements.
    """
    x = operand(x, "reshape")
    lengths = integers(shape, "reshape", "a length")
    return structural.reshape(x, shape=_resolved(lengths, x))


def _resolved(lengths: tuple[int, ...], x: Any) -> tuple[int, ...]:
    known = math.prod(length for length in lengths if length != -1)
    size = math.prod(x.shape)
    if lengths.count(-1) == 1 and known and size % known == 0:
        return tuple(size // known if length == -1 else length for length in lengths)
    if -1 in lengths or known != size or any(length < 0 for length in lengths):
        raise ShapeError(f"reshape: {size} elements of shape {x.shape} do not fill shape {lengths}")
    return lengths


def ravel(x: Any) -> Any:
    """The elements along one axis, in row-major order."""
    return reshape(x, -1) if math.prod(operand(x, "ravel").shape) else reshape(x, 0)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed by default.

    Raises:
        ShapeError: `axes` is not a permutation of x's axes.
    """
    x = operand(x, "transpose")
    order = tuple(reversed(range(x.ndim))) if axes is None else normalize_axis(axes, x.ndim, "transpose")
    if order is None or len(order) != x.ndim:
        raise ShapeError(
            f"transpose: axes {axes} are not a permutation of the {x.ndim} axes of shape {x.shape}; name each once, "
            f"or exchange two by swapaxes"
        )
    return x if order == tuple(range(x.ndim)) else structural.transpose(x, axes=order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    x = operand(x, "swapaxes")
    first, second = (_one_axis(axis, x.ndim, "swapaxes") for axis in (axis1, axis2))
    order = list(range(x.ndim))
    order[first], order[second] = second, first
    return transpose(x, order)


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """Axes moved to other places.

    Raises:
        ShapeError: an axis does not exist, or there are not as many destinations as sources.
    """
    x = operand(x, "moveaxis")
    starts, ends = (normalize_axis(axis, x.ndim, "moveaxis") or () for axis in (source, destination))
    if len(starts) != len(ends):
        raise ShapeError(f"moveaxis: {len(starts)} axes cannot move to {len(ends)} places")
    order = [axis for axis in range(x.ndim) if axis not in starts]
    for end, start in sorted(zip(ends, starts, strict=True)):
        order.insert(end, start)
    return transpose(x, order)


def _one_axis(axis: int, ndim: int, name: str) -> int:
    (place,) = normalize_axis(axis, ndim, name) or ()
    return place


def squeeze(x: Any, axis: Axis = None) -> Any:
    """Without axes of length 1: those named, or all.

    Raises:
        ShapeError: a named axis has another length.
    """
    x = operand(x, "squeeze")
    axes = normalize_axis(axis, x.ndim, "squeeze")
    if axes is None:
        axes = tuple(place for place, length in enumerate(x.shape) if length == 1)
    if any(x.shape[place] != 1 for place in axes):
        raise ShapeError(f"squeeze: axis {axis} of shape {x.shape} is not of length 1")
    return reshape(x, [length for place, length in enumerate(x.shape) if place not in axes])


def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """With new axes of length 1 at the given places of the result."""
    x = operand(x, "expand_dims")
    places = axis if isinstance(axis, Sequence) else (axis,)
    axes = normalize_axis(places, x.ndim + len(places), "expand_dims") or ()
    lengths = iter(x.shape)
    return reshape(x, [1 if place in axes else next(lengths) for place in range(x.ndim + len(places))])


def flip(x: Any, axis: Axis = None) -> Any:
    """The order of elements reversed along axes; along all by default."""
    x = operand(x, "flip")
    axes = normalize_axis(axis, x.ndim, "flip")
    reverse = tuple(slice(None, None, -1 if axes is None or i in axes else None) for i in range(x.ndim))
    return structural.getitem(x, index=reverse)


def broadcast_to(x: Any, shape: int | Sequence[int]) -> Any:
    """Repeated along new leading axes and along axes of length 1; the derivative sums over them.

    Raises:
        ShapeError: the shape does not extend x's.
    """
    x = operand(x, "broadcast_to")
    lengths = integers(shape, "broadcast_to", "a length")
    return x if x.shape == lengths else structural.broadcast_to(x, shape=lengths)
