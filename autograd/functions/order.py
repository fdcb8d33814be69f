"""Functions that put elements in order, and take or put them at places given by integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.functions.arguments import normalize_axis, operand, raw
from autograd.functions.parts import getitem, where
from autograd.functions.shape import ravel
from autograd.node import Node
from autograd.primitives import structural
from autograd.recording import composed


@composed
def sort(x: Any, axis: int | None = -1) -> Any:
    """The elements along an axis in ascending order, NaN last; of the flattened array for None.

    Each place of the result takes its gradient from the element that stands there. Equal elements keep their order,
    so that each of them belongs to one place.

    Raises:
        ShapeError: the axis does not exist.

    Example:
        >>> from autograd import Tensor, functions
        >>> x = Tensor([3.0, 1.0, 2.0], requires_grad=True)
        >>> functions.sort(x).backward([1.0, 10.0, 100.0])
        >>> x.grad
        array([100.,   1.,  10.])
    """
    x = operand(x, "sort")
    if axis is None:
        x, axis = ravel(x), 0
    return take_along_axis(x, argsort(x, axis), axis)


def argsort(x: Any, axis: int | None = -1) -> Any:
    """The places of the elements in ascending order, equal ones in theirs: integers, which have no gradient."""
    x = operand(x, "argsort")
    if axis is not None:
        normalize_axis(axis, x.ndim, "argsort")
    return np.argsort(raw(x), axis=axis, kind="stable")


@composed
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Elements taken along an axis, at places of their own for each row, as in NumPy: with what `argsort` gives.

    out[i, j] = x[i, indices[i, j]] for axis 1.

    Args:
        x: any shape.
        indices: integers; as many axes as x, each other axis of x's length or 1.
        axis: along which; the flattened array for None.

    Raises:
        ShapeError: the shapes do not fit, or a place lies outside.
        DTypeError: the indices are no integers.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.take_along_axis(Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], axis=1).data
        array([[2.],
               [3.]])
    """
    x = operand(x, "take_along_axis")
    if axis is None:
        x, axis = ravel(x), 0
    places = _integers(indices, "take_along_axis")
    (at,) = normalize_axis(axis, x.ndim, "take_along_axis") or ()
    rows = [1 if place == at else length for place, length in enumerate(x.shape)]
    others = [1 if place == at else length for place, length in enumerate(places.shape)]
    if places.ndim != x.ndim or any(own not in (1, length) for own, length in zip(others, rows, strict=True)):
        raise ShapeError(
            f"take_along_axis: indices of shape {places.shape} do not fit x of shape {x.shape} along axis {at}; give "
            f"as many axes, each of x's length or 1, but for that axis"
        )
    _check_range(places, x.shape[at], "take_along_axis", at)
    return getitem(x, tuple(places if place == at else _counting(rows, place) for place in range(x.ndim)))


@composed
def gather(x: Any, axis: int, index: Any) -> Any:
    """Elements taken along an axis, as PyTorch's gather: out[i, j] = x[i, index[i, j]] for axis 1.

    Args:
        x: any shape.
        axis: along which.
        index: integers; as many axes as x, none longer than x's but along `axis`. Its shape is the result's.

    Raises:
        ShapeError: the shapes do not fit, or a place lies outside.
        DTypeError: the index holds no integers.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.gather(Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[0, 0, 1]]).data
        array([[1., 1., 2.]])
    """
    x = operand(x, "gather")
    places, at = _checked_index(x, axis, index, "gather")
    return getitem(x, _full_index(places, at))


@composed
def scatter(x: Any, axis: int, index: Any, src: Any) -> Any:
    """x with elements replaced along an axis, as PyTorch's scatter: out[i, index[i, j]] = src[i, j] for axis 1.

    Where a place is named several times the last in row-major order stands, and it alone takes the gradient.

    Args:
        x: any shape.
        axis: along which.
        index: integers; as many axes as x, none longer than x's but along `axis`.
        src: a number, or an array at least as long as `index` along each axis.

    Raises:
        ShapeError: the shapes do not fit, or a place lies outside.
        DTypeError: the index holds no integers.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.scatter(Tensor([1.0, 2.0, 3.0]), 0, [2, 0], Tensor([10.0, 20.0])).data
        array([20.,  2., 10.])
    """
    x = _floats(x, "scatter")
    places, at = _checked_index(x, axis, index, "scatter")
    full = _full_index(places, at)
    last = np.full(x.shape, -1)
    last[full] = np.arange(places.size).reshape(places.shape)  # NumPy writes in order: the last one stands
    return (
        where(last >= 0, getitem(ravel(_source(src, places, "scatter", x)), np.maximum(last, 0)), x)
        if places.size
        else x
    )


@composed
def scatter_add(x: Any, axis: int, index: Any, src: Any) -> Any:
    """x with elements added along an axis, as PyTorch's scatter_add: out[i, index[i, j]] += src[i, j] for axis 1.

    The arguments are those of `scatter`; what a place is given several times adds up.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.scatter_add(Tensor([1.0, 2.0]), 0, [1, 1], Tensor([10.0, 20.0])).data
        array([ 1., 32.])
    """
    x = _floats(x, "scatter_add")
    places, at = _checked_index(x, axis, index, "scatter_add")
    source = _source(src, places, "scatter_add", x)
    return x + structural.scatter(source, index=_full_index(places, at), shape=tuple(x.shape))


def _floats(x: Any, name: str) -> Any:
    """x, integers as floats: a number that is put among them must not be cut to an integer."""
    x = operand(x, name)
    return x if x.dtype.kind in "fO" else x.astype(float)


def _source(src: Any, places: Any, name: str, x: Any) -> Any:
    if not isinstance(src, Node) and not np.ndim(src):
        return np.full(places.shape, src, dtype=x.dtype)
    given = operand(src, name)
    if given.ndim != places.ndim or any(n < own for n, own in zip(given.shape, places.shape, strict=True)):
        raise ShapeError(
            f"{name}: src of shape {given.shape} does not fill the index of shape {places.shape}; give as many axes, "
            f"each at least as long"
        )
    return given if given.shape == places.shape else getitem(given, tuple(map(slice, places.shape)))


def _checked_index(x: Any, axis: int, index: Any, name: str) -> tuple[Any, int]:
    places = _integers(index, name)
    (at,) = normalize_axis(axis, x.ndim, name) or ()
    fits = [own <= n or place == at for place, (own, n) in enumerate(zip(places.shape, x.shape, strict=False))]
    if places.ndim != x.ndim or not all(fits):
        raise ShapeError(
            f"{name}: an index of shape {places.shape} does not fit x of shape {x.shape} along axis {at}; give as many "
            f"axes, none longer than x's but for that axis"
        )
    _check_range(places, x.shape[at], name, at)
    return places, at


def _integers(indices: Any, name: str) -> Any:
    places = np.asarray(indices)
    if places.dtype.kind not in "iu" and places.size:
        raise DTypeError(f"{name}: an index holds integers, not {places.dtype}")
    return places.astype(np.intp)


def _check_range(places: Any, length: int, name: str, axis: int) -> None:
    if places.size and not (-length <= places.min() and places.max() < length):
        raise ShapeError(
            f"{name}: a place from {places.min()} to {places.max()} lies outside the {length} elements along axis "
            f"{axis}; take one from {-length} to {length - 1}"
        )


def _full_index(places: Any, at: int) -> tuple[Any, ...]:
    return tuple(places if place == at else _counting(places.shape, place) for place in range(places.ndim))


def _counting(shape: Any, place: int) -> Any:
    """0, 1, ... along one of several axes."""
    return np.arange(shape[place]).reshape([-1 if other == place else 1 for other in range(len(shape))])
