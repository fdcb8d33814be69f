"""Operators that take or put elements at places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, functions
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, axes_of, axis_of, check_elements, integers, is_float, plain


@reads("Slice")
def slice_(
    step: Step, x: Value, starts: Value = None, ends: Value = None, axes: Value = None, steps: Value = None
) -> Value:
    """As Python's slices. What are inputs from opset 10 on were attributes before."""
    if step.version < 10:
        first, last, places, strides = step.starts, step.ends, step.axes, None
    else:
        first, last = integers(step, starts, "starts"), integers(step, ends, "ends")
        places = None if axes is None else integers(step, axes, "axes")
        strides = None if steps is None else integers(step, steps, "steps")
    counted = axes_of(step, range(len(first)) if places is None else places, x.ndim)
    strides = strides or (1,) * len(first)
    if not len(first) == len(last) == len(counted) == len(strides) or 0 in strides:
        raise ShapeError(f"{step.describe()}: starts {first}, ends {last} and steps {strides} do not fit the axes")
    index = [slice(None)] * x.ndim
    for axis, start, end, stride in zip(counted, first, last, strides, strict=True):
        index[axis] = _python_slice(start, end, stride, x.shape[axis])
    return x[tuple(index)]


def _python_slice(start: int, end: int, stride: int, length: int) -> slice:
    """With a negative step an end before the first element is None, since Python counts -1 from the end."""
    start, end = (each + length if each < 0 else each for each in (start, end))
    if stride > 0:
        return slice(min(max(start, 0), length), min(max(end, 0), length), stride)
    start, end = min(max(start, 0), length - 1), min(max(end, -1), length - 1)
    return slice(start, None if end == -1 else end, stride) if length else slice(0, 0)


@reads("Gather")
def gather(step: Step, x: Value, indices: Value) -> Value:
    """Elements along one axis: the indices' shape in the place of that axis."""
    axis = axis_of(step, step.axis, x.ndim)
    places = _places(step, indices, x.shape[axis])
    check_elements(step, (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]))
    return _take(x, (*(slice(None),) * axis, places if places.ndim else int(places)))


@reads("GatherElements")
def gather_elements(step: Step, x: Value, indices: Value) -> Value:
    """An element for each index, along one axis."""
    axis = axis_of(step, step.axis, x.ndim)
    places = _places(step, indices, x.shape[axis])
    if places.ndim != x.ndim:
        raise ShapeError(f"{step.describe()}: indices of shape {places.shape} do not fit the shape {x.shape}")
    return functions.gather(x, axis, places) if is_float(x) else x[_grid(places, axis)]


@reads("GatherND")
def gather_nd(step: Step, x: Value, indices: Value) -> Value:
    """Parts of the array, each named by the last axis of the indices."""
    batch, places = step.attributes.get("batch_dims") or 0, plain(indices)
    depth = places.shape[-1] if places.ndim else 0
    fits = 0 <= batch < min(x.ndim, places.ndim) and 0 < depth <= x.ndim - batch
    if not fits or places.shape[:batch] != x.shape[:batch] or places.dtype.kind not in "iu":
        raise ShapeError(f"{step.describe()}: indices of shape {places.shape} do not fit the shape {x.shape}")
    check_elements(step, (*places.shape[:-1], *x.shape[batch + depth :]))
    leading = tuple(
        np.arange(length).reshape([-1 if other == place else 1 for other in range(places.ndim - 1)])
        for place, length in enumerate(x.shape[:batch])
    )
    parts = [_places(step, places[..., each], x.shape[batch + each]) for each in range(depth)]
    return _take(x, (*leading, *parts))


@reads("ScatterElements")
def scatter_elements(step: Step, x: Value, indices: Value, updates: Value) -> Value:
    """Elements put in along one axis, or added."""
    axis = axis_of(step, step.axis, x.ndim)
    places = _places(step, indices, x.shape[axis])
    if places.shape != updates.shape or places.ndim != x.ndim or not is_float(x):
        raise ShapeError(f"{step.describe()}: indices {places.shape} and updates {updates.shape} do not fit {x.shape}")
    reduction = step.attributes.get("reduction") or "none"
    if reduction not in ("none", "add"):
        raise ValueError(f"{step.describe()}: the reduction {reduction!r} is not supported; 'none' and 'add' are")
    put = functions.scatter if reduction == "none" else functions.scatter_add
    return put(x, axis, places, updates)


@reads("OneHot")
def one_hot(step: Step, indices: Value, depth: Value, values: Value) -> Array:
    """Along a new axis, one value at the index and the other elsewhere."""
    (count,) = (int(each) for each in plain(depth).reshape(-1))
    places = plain(indices).astype(np.int64)
    check_elements(step, (*places.shape, count))
    axis = axis_of(step, step.axis, places.ndim + 1)
    places = np.where(places < 0, places + count, places)
    chosen = np.expand_dims(places, axis) == np.arange(count).reshape([-1] + [1] * (places.ndim - axis))
    off, on = plain(values)
    array: Array = np.where(chosen, on, off).astype(values.dtype)
    return array


@reads("Trilu")
def triangle(step: Step, x: Value, k: Value = None) -> Value:
    """The upper or lower triangle of matrices, from a diagonal on."""
    diagonal = 0 if k is None else int(plain(k).reshape(()))
    if x.ndim < 2:
        raise ShapeError(f"{step.describe()}: takes matrices, not the shape {x.shape}")
    diagonal = min(max(diagonal, -x.shape[-2]), x.shape[-1])
    rows, columns = x.shape[-2:]
    mask = np.tri(rows, columns, k=diagonal - 1 if step.upper else diagonal, dtype=bool) != bool(step.upper)
    return functions.where(mask, x, 0.0) if is_float(x) else np.where(mask, x, 0).astype(x.dtype)


@reads("NonZero")
def nonzero(step: Step, x: Value) -> Array:
    """The places of what is not 0, one row for each axis."""
    return np.array(np.nonzero(plain(x)), dtype=np.int64)


def _places(step: Step, indices: Value, length: int) -> Array:
    """Integers from 0, those below counted from the end."""
    places = plain(indices)
    if places.dtype.kind not in "iu":
        raise DTypeError(f"{step.describe()}: indices are integers, not {places.dtype}")
    if places.size and not (-length <= int(places.min()) and int(places.max()) < length):
        raise ShapeError(
            f"{step.describe()}: an index from {places.min()} to {places.max()} lies outside the {length} elements"
        )
    return np.where(places < 0, places + length, places).astype(np.int64)


def _take(x: Value, index: tuple[Any, ...]) -> Value:
    return functions.getitem(x, index) if is_float(x) else np.asarray(x[index])


def _grid(places: Array, axis: int) -> tuple[Array, ...]:
    rows: list[Any] = (
        list(np.indices(places.shape, sparse=True)) if math.prod(places.shape) else list(np.indices(places.shape))
    )
    rows[axis] = places
    return tuple(rows)
