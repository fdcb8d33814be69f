"""Arguments in standard form."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import recording
from autograd.errors import DTypeError, ShapeError
from autograd.node import Node
from autograd.observed_values import observed_numbers
from autograd.recording import is_observing
from autograd.rule import as_operand

Axis = int | Sequence[int] | None


def operand(x: Any, name: str) -> Any:
    """A node or array as it is; a number or nested list as an array.

    Raises:
        DTypeError: what is given to the function `name` is no node and holds no real numbers.
    """
    if isinstance(x, Node):
        return x if hasattr(x, "shape") else _boxed(x)
    array = x if isinstance(x, np.ndarray) else np.asarray(as_operand(x))
    if array.dtype.kind not in "fiubO":
        raise DTypeError(f"{name}: takes real numbers and nodes, not {type(x).__name__} of dtype {array.dtype}")
    return array


def unboxed(x: Any) -> Any:
    """The one Value of an object array of no axes; anything else as it is."""
    return x[()] if isinstance(x, np.ndarray) and x.dtype == object and not x.ndim else x


def _boxed(value: Any) -> Any:
    """A Value as an array of no axes."""
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def normalize_axis(axis: Axis, ndim: int, name: str) -> tuple[int, ...] | None:
    """Axes as non-negative integers; None stays None.

    Raises:
        ShapeError: an axis that does not exist, or is named twice.
    """
    if axis is None:
        return None
    axes = integers(axis, name, "an axis")
    for each in axes:
        if not -ndim <= each < ndim:
            raise ShapeError(
                f"{name}: axis {each} does not exist in an array of {ndim} axes; take one from {-ndim} to {ndim - 1}"
            )
    normal = tuple(each % ndim for each in axes)
    if len(set(normal)) < len(normal):
        raise ShapeError(f"{name}: axes {axes} name the same axis twice")
    return normal


def integers(given: Any, name: str, what: str) -> tuple[int, ...]:
    """One integer or several, as a tuple.

    Raises:
        DTypeError: one of them is no integer.
    """
    try:
        return tuple(map(operator.index, given if np.iterable(given) else (given,)))
    except TypeError:
        raise DTypeError(f"{name}: {what} is an integer, not {given!r}") from None


def count(shape: tuple[int, ...], axes: tuple[int, ...] | None) -> int:
    """How many elements lie along the axes; all of them for None."""
    return math.prod(shape if axes is None else [shape[axis] for axis in axes])


def raw(x: Any) -> Any:
    """The numbers of a node or of an object array of Values, as floats; anything else as it is.

    While a program is recorded they are observed: what is made of them is made again in each run.
    """
    if recording.special and is_observing():
        return observed_numbers(x)
    data = getattr(x, "_data", x)
    if isinstance(data, np.ndarray) and data.dtype == object:
        return np.array([getattr(each, "_data", each) for each in data.flat], dtype=float).reshape(data.shape)
    return data


def same_products(products: Any, expected: Any) -> bool:
    """Whether products are those in order: in another order they may overflow or vanish on the way."""
    found = np.asanyarray(raw(products))
    tolerance = float(np.sqrt(np.finfo(found.dtype).eps)) if found.dtype.kind == "f" else 0.0
    return bool(np.allclose(found, expected, rtol=tolerance, atol=0.0, equal_nan=True))
