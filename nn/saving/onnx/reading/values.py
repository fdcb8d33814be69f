"""What passes between steps: Tensors and arrays of floating-point numbers, and arrays of integers and booleans."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, Tensor
from autograd.functions.arguments import raw
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step

MOST_ELEMENTS = 2**28  # of one value: 2 GiB of float64
Value = Any


class OperatorError(ValueError):
    """A step of an ONNX graph cannot be computed. The message names the node, its operator and opset."""


def is_float(x: Value) -> bool:
    """Whether x can be differentiated."""
    return isinstance(x, Tensor) or x.dtype.kind == "f"


def plain(x: Value) -> Array:
    """The array of a value."""
    array: Array = np.asarray(raw(x))
    return array


def integers(step: Step, x: Value, what: str) -> tuple[int, ...]:
    """Python integers from a value that says a shape, axes or the like.

    Raises:
        DTypeError: it holds no integers.
        ShapeError: it has more than one axis.
    """
    if isinstance(x, Tensor) or x.dtype.kind not in "iu":
        raise DTypeError(f"{step.describe()}: {what} are integers, not {x.dtype}")
    if x.ndim > 1:
        raise ShapeError(f"{step.describe()}: {what} have one axis, not the shape {x.shape}")
    return tuple(int(each) for each in x.reshape(-1))


def axes_of(step: Step, axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """Axes from 0 on, each once.

    Raises:
        ShapeError: one does not exist, or is named twice.
    """
    counted = tuple(axis + ndim if axis < 0 else axis for axis in axes)
    if any(not 0 <= axis < ndim for axis in counted) or len(set(counted)) != len(counted):
        raise ShapeError(f"{step.describe()}: the axes {tuple(axes)} do not fit an array of {ndim} axes")
    return counted


def axis_of(step: Step, axis: int, ndim: int) -> int:
    """One axis from 0 on."""
    return axes_of(step, (axis,), ndim)[0]


def check_elements(step: Step, shape: Sequence[int]) -> None:
    """Refuse an output that would fill the memory.

    Raises:
        ShapeError: it has more than `MOST_ELEMENTS`, or a negative length.
    """
    if min(shape, default=0) < 0 or math.prod(max(1, length) for length in shape) > MOST_ELEMENTS:
        raise ShapeError(f"{step.describe()}: would make an array of shape {tuple(shape)}, more than is allowed")


def broadcast_shape(step: Step, *shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that operands have together.

    Raises:
        ShapeError: they do not broadcast, or would fill the memory.
    """
    try:
        shape = np.broadcast_shapes(*(tuple(each) for each in shapes))
    except ValueError:
        raise ShapeError(f"{step.describe()}: shapes {', '.join(map(str, shapes))} do not broadcast") from None
    check_elements(step, shape)
    return shape


def of_kind(x: Value, on_floats: Callable[..., Any], on_integers: Callable[..., Any]) -> Callable[..., Any]:
    """The function for numbers that can be differentiated, or that for those that cannot."""
    return on_floats if is_float(x) else on_integers
