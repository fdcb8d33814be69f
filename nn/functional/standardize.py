"""What the normalisations share: the formula, the running statistics, and weight and bias."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd import DTypeError, GraphError, ShapeError, mean, reshape, sqrt, square
from autograd.functions.arguments import raw
from autograd.recording import is_observing
from nn.functional.arguments import Numbers, check_one_kind, numbers


def standardized(x: Numbers, axes: tuple[int, ...], eps: float) -> tuple[Numbers, Any, Any]:
    """(x - mean) / √(variance + eps) over the axes; and mean and variance, as arrays that keep the axes."""
    if x.dtype == np.float16:  # whose squares overflow from 256 on
        out, center, variance = standardized(x.astype(np.float32), axes, eps)
        return out.astype(np.float16), center, variance
    center = mean(x, axes, keepdims=True)
    centered = x - center
    variance = mean(square(centered), axes, keepdims=True)
    return centered * (1.0 / sqrt(variance + eps)), raw(center), raw(variance)  # a quotient for each group alone


def by_running(x: Numbers, running_mean: Any, running_var: Any, eps: float) -> Numbers:
    """(x - mean) / √(variance + eps) by running mean and variance of each channel, which are constants."""
    shape = (-1, *[1] * (x.ndim - 2))
    dtype = raw(x).dtype
    center, variance = (array.astype(dtype).reshape(shape) for array in (running_mean, running_var))
    return (x - center) / np.sqrt(variance + eps)


def move_running(running_mean: Any, running_var: Any, center: Any, variance: Any, values: int, momentum: float) -> None:
    """Move running mean and variance, in place, towards those of a batch, of `values` numbers each.

    Where each example has its own, as in instance normalisation, they move towards the mean over the examples.

    Raises:
        GraphError: a program is being recorded, which could not do so.
    """
    if running_mean is None or not values:
        return
    if is_observing():
        raise GraphError(
            "record: a program would not move the running mean and variance, which the recorded function moves; put "
            "the model in evaluation mode with eval(), or give the layer track_running_stats=False"
        )
    channels = running_mean.shape[0]
    unbiased = variance * (values / (values - 1))
    for running, new in ((running_mean, center), (running_var, unbiased)):
        running[...] = (1 - momentum) * running + momentum * new.reshape(-1, channels).mean(axis=0)


def parameters(
    function: str, x: Numbers, weight: Any, bias: Any, shape: tuple[int, ...], first: int
) -> tuple[Numbers | None, Numbers | None]:
    """Weight and bias of a shape, with axes of length 1 added so that they broadcast to x from its axis `first` on."""
    given = {
        name: None if each is None else numbers(function, name, each)
        for name, each in (("weight", weight), ("bias", bias))
    }
    check_one_kind(function, input=x, **given)
    behind = [1] * (x.ndim - first - len(shape))
    for name, each in given.items():
        if each is not None and each.shape != shape:
            raise ShapeError(
                f"{function}: {name} has shape {each.shape}, but input of shape {x.shape} takes one of {shape}"
            )
    reshaped = (each if each is None else reshape(each, (*shape, *behind)) for each in given.values())
    scale, shift = reshaped
    return scale, shift


def affine(x: Numbers, weight: Numbers | None, bias: Numbers | None) -> Numbers:
    """x · weight + bias, of which either may be missing."""
    scaled = x if weight is None else x * weight
    return scaled if bias is None else scaled + bias


def batch(function: str, input: Any, least_axes: int) -> Numbers:
    """The input with its batch and channel axes, and so many axes at least."""
    x = numbers(function, "input", input)
    if x.ndim < least_axes:
        layout = "(N, C, ...)" if least_axes == 2 else "(N, C, ...) with at least one axis after the channels"
        raise ShapeError(f"{function}: input must have shape {layout}, not {x.shape}; add the missing axis")
    return x


def check_running(function: str, running_mean: Any, running_var: Any, channels: int, needed: bool) -> None:
    """Raise where running statistics are missing, or cannot be moved in place."""
    given = {"running_mean": running_mean, "running_var": running_var}
    missing = [name for name, array in given.items() if array is None]
    if needed and missing:
        raise ValueError(
            f"{function}: {missing[0]} is None; give both running_mean and running_var, or take the input's own mean "
            f"and variance"
        )
    if len(missing) == 1:
        raise ValueError(f"{function}: {missing[0]} is None; give both running_mean and running_var, or neither")
    if missing:
        return
    for name, array in given.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise DTypeError(f"{function}: {name} must be a NumPy array of floats, which moves in place, not {kind}")
        if array.shape != (channels,):
            raise ShapeError(
                f"{function}: {name} must have shape ({channels},), one for each channel, not {array.shape}"
            )


def check_several(function: str, what: str, x: Numbers, axes: tuple[int, ...]) -> int:
    """How many values each mean is taken over; `ValueError` for a single one, which is its own mean."""
    values = int(math.prod(x.shape[axis] for axis in axes))
    if values == 1:
        raise ValueError(
            f"{function}: input of shape {x.shape} has one value for each {what}, and one value has no variance; give "
            f"more than one, or normalise by running_mean and running_var"
        )
    return values


def trailing_shape(function: str, normalized_shape: Any) -> tuple[int, ...]:
    """The shape of the axes to normalise over, from an integer or a sequence of integers."""
    try:
        single = not isinstance(normalized_shape, tuple | list)
        shape = (operator.index(normalized_shape),) if single else tuple(map(operator.index, normalized_shape))
    except TypeError:
        shape = ()
    if not shape or min(shape) < 0:
        raise ValueError(
            f"{function}: normalized_shape={normalized_shape!r} must be an integer or a sequence of at least one, the "
            f"lengths of the last axes"
        )
    return shape


def check_trailing(function: str, x: Numbers, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of that shape, the last ones of x; `ShapeError` where x ends otherwise."""
    first = x.ndim - len(shape)
    if first < 0 or x.shape[first:] != shape:
        expected = "(..., " + ", ".join(map(str, shape)) + ")"
        raise ShapeError(f"{function}: input of shape {x.shape} does not end in normalized_shape: give {expected}")
    return tuple(range(first, x.ndim))
