"""Operators that reduce axes, order elements, or add them up as they go."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, functions
from autograd.functions import norm
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, axes_of, axis_of, integers, is_float, plain

_ON_FLOATS: dict[str, Any] = {
    "ReduceSum": functions.sum,
    "ReduceMean": functions.mean,
    "ReduceMax": functions.max,
    "ReduceMin": functions.min,
    "ReduceProd": functions.prod,
    "ReduceLogSumExp": functions.logsumexp,
    "ReduceL1": lambda x, axis, keepdims: functions.sum(autograd.absolute(x), axis, keepdims),
    "ReduceSumSquare": lambda x, axis, keepdims: functions.sum(autograd.square(x), axis, keepdims),
    "ReduceLogSum": lambda x, axis, keepdims: autograd.log(functions.sum(x, axis, keepdims)),
}
_ON_INTEGERS: dict[str, Any] = {
    "ReduceSum": np.sum,
    "ReduceMax": np.max,
    "ReduceMin": np.min,
    "ReduceProd": np.prod,
}
_OF_NOTHING = ("ReduceMax", "ReduceMin", "ReduceLogSumExp")


def _extreme_of_nothing(kind: str, dtype: Any) -> Any:
    """The least number for a maximum, the greatest for a minimum."""
    if dtype.kind == "f":
        return np.inf if kind == "ReduceMin" else -np.inf
    if dtype.kind == "b":
        return kind == "ReduceMin"
    return np.iinfo(dtype).max if kind == "ReduceMin" else np.iinfo(dtype).min


@reads(*_ON_FLOATS, "ReduceL2")
def reduction(step: Step, x: Value, axes: Value = None) -> Value:
    """Over axes, all by default, or none where told so. From opset 18 on they are an input, for sums from 13 on."""
    given = step.attributes.get("axes") if axes is None else integers(step, axes, "axes")
    if not given and step.attributes.get("noop_with_empty_axes"):
        return x
    places = axes_of(step, given, x.ndim) if given else tuple(range(x.ndim))
    kept = bool(step.keepdims)
    if any(not x.shape[place] for place in places) and step.kind in _OF_NOTHING:
        lengths = [1 if place in places else length for place, length in enumerate(x.shape)]
        shape = lengths if kept else [length for place, length in enumerate(x.shape) if place not in places]
        return np.full(shape, _extreme_of_nothing(step.kind, x.dtype), dtype=x.dtype)
    if not is_float(x):
        if step.kind not in _ON_INTEGERS:
            raise ValueError(f"{step.describe()}: is not supported for {x.dtype}")
        return np.asarray(_ON_INTEGERS[step.kind](x, axis=places, keepdims=kept)).astype(x.dtype)
    if step.kind == "ReduceL2":
        return _euclidean(x, places, kept)
    return _ON_FLOATS[step.kind](x, places, keepdims=kept)


def _euclidean(x: Value, places: tuple[int, ...], kept: bool) -> Value:
    if len(places) == 1:
        return norm(x, axis=places[0], keepdims=kept)
    return autograd.sqrt(functions.sum(autograd.square(x), places, keepdims=kept))


@reads("ArgMax", "ArgMin")
def place_of_extreme(step: Step, x: Value) -> Array:
    """Where the largest or smallest element stands, the first or the last of equal ones."""
    axis = axis_of(step, step.axis, x.ndim)
    find = np.argmax if step.kind == "ArgMax" else np.argmin
    array = plain(x)
    if not array.shape[axis]:
        raise ShapeError(f"{step.describe()}: axis {axis} of shape {x.shape} has no element")
    if step.attributes.get("select_last_index"):
        places = array.shape[axis] - 1 - find(np.flip(array, axis), axis=axis)
    else:
        places = find(array, axis=axis)
    return np.asarray(np.expand_dims(places, axis) if step.keepdims else places, dtype=np.int64)


@reads("TopK")
def top(step: Step, x: Value, count: Value = None) -> tuple[Value, Array]:
    """The largest or smallest elements, in order, and their places. Equal ones keep theirs."""
    (k,) = (step.k,) if count is None else integers(step, count, "k")
    axis = axis_of(step, step.axis, x.ndim)
    if not 0 <= k <= x.shape[axis]:
        raise ShapeError(f"{step.describe()}: k={k} of the {x.shape[axis]} elements of axis {axis}")
    array = plain(x)
    if step.attributes.get("largest", 1):
        order = x.shape[axis] - 1 - np.flip(np.argsort(np.flip(array, axis), axis=axis, kind="stable"), axis)
    else:
        order = np.argsort(array, axis=axis, kind="stable")
    places = np.take(order, np.arange(k), axis=axis)
    values = functions.take_along_axis(x, places, axis) if is_float(x) else np.take_along_axis(x, places, axis)
    return values, places.astype(np.int64)


@reads("CumSum")
def running_sum(step: Step, x: Value, axis: Value) -> Value:
    """Sums of the elements up to each place, or before it, or from the end."""
    (given,) = integers(step, axis, "axis")
    place = axis_of(step, given, x.ndim)
    turned = (*(slice(None),) * place, slice(None, None, -1))
    own = x[turned] if step.reverse else x
    sums = functions.cumsum(own, place) if is_float(x) else np.cumsum(own, place, dtype=x.dtype)
    if step.exclusive:
        sums = sums - own
    return sums[turned] if step.reverse else sums
