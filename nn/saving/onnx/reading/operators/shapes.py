"""Operators that move numbers, make constants, and tell or change shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, Tensor, functions
from nn import functional as F
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.numbers import dtype_of, type_name
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import (
    Value,
    axes_of,
    axis_of,
    broadcast_shape,
    check_elements,
    integers,
    is_float,
    plain,
)


@reads("Reshape")
def reshape(step: Step, x: Value, shape: Value) -> Value:
    """To a shape in which 0 keeps a length, unless `allowzero`, and one -1 is found."""
    lengths = list(integers(step, shape, "lengths"))
    allows_zero = step.attributes.get("allowzero")
    for axis, length in enumerate(lengths):
        if length == 0 and not allows_zero:
            if axis >= x.ndim:
                raise ShapeError(f"{step.describe()}: the shape {tuple(lengths)} keeps an axis that {x.shape} has not")
            lengths[axis] = x.shape[axis]
    known = math.prod(length for length in lengths if length != -1)
    if lengths.count(-1) == 1 and known:
        lengths[lengths.index(-1)] = x.size // known
    if min(lengths, default=0) < 0 or math.prod(lengths) != x.size:
        raise ShapeError(f"{step.describe()}: an array of shape {x.shape} cannot be reshaped to {tuple(lengths)}")
    return functions.reshape(x, tuple(lengths))


@reads("Flatten")
def flatten(step: Step, x: Value) -> Value:
    """To a matrix: the axes before `axis`, and the others."""
    axis = step.axis + x.ndim if step.axis < 0 else step.axis
    if not 0 <= axis <= x.ndim:
        raise ShapeError(f"{step.describe()}: axis {step.axis} does not fit the shape {x.shape}")
    return functions.reshape(x, (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))


@reads("Transpose")
def transpose(step: Step, x: Value) -> Value:
    """The axes in another order, backwards by default."""
    order = range(x.ndim)[::-1] if step.perm is None else step.perm
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(f"{step.describe()}: {tuple(order)} is no order of the axes of shape {x.shape}")
    return functions.transpose(x, tuple(order))


def _axes(step: Step, axes: Value, ndim: int) -> tuple[int, ...] | None:
    """Axes that are an input from opset 13 on, and were an attribute before."""
    given = step.attributes.get("axes") if axes is None else integers(step, axes, "axes")
    return None if given is None else axes_of(step, given, ndim)


@reads("Squeeze")
def squeeze(step: Step, x: Value, axes: Value = None) -> Value:
    """Axes of length 1 taken away; all of them by default."""
    named = _axes(step, axes, x.ndim)
    gone = tuple(axis for axis, length in enumerate(x.shape) if length == 1) if named is None else named
    if any(x.shape[axis] != 1 for axis in gone):
        raise ShapeError(f"{step.describe()}: the axes {gone} of shape {x.shape} are not all of length 1")
    return functions.reshape(x, tuple(length for axis, length in enumerate(x.shape) if axis not in gone))


@reads("Unsqueeze")
def unsqueeze(step: Step, x: Value, axes: Value = None) -> Value:
    """New axes of length 1."""
    given = step.attributes.get("axes") if axes is None else integers(step, axes, "axes")
    ndim = x.ndim + len(given or ())
    added = axes_of(step, given or (), ndim)
    lengths = iter(x.shape)
    return functions.reshape(x, tuple(1 if axis in added else next(lengths) for axis in range(ndim)))


@reads("Expand")
def expand(step: Step, x: Value, shape: Value) -> Value:
    """Broadcast with a shape, in which 1 keeps a length."""
    return functions.broadcast_to(x, broadcast_shape(step, x.shape, integers(step, shape, "lengths")))


@reads("Tile")
def tile(step: Step, x: Value, repeats: Value) -> Value:
    """The array, so many times along each axis."""
    counts = integers(step, repeats, "repeats")
    if len(counts) != x.ndim or min(counts, default=0) < 0:
        raise ShapeError(f"{step.describe()}: repeats {counts} do not fit the shape {x.shape}")
    check_elements(step, [count * length for count, length in zip(counts, x.shape, strict=True)])
    return functions.tile(x, counts) if is_float(x) else np.tile(x, counts)


@reads("Concat")
def concatenate(step: Step, *parts: Value) -> Value:
    """Arrays along one axis."""
    axis = axis_of(step, step.axis, parts[0].ndim)
    others = {(*x.shape[:axis], *x.shape[axis + 1 :]) for x in parts}
    if len(others) > 1 or len({x.ndim for x in parts}) > 1:
        raise ShapeError(
            f"{step.describe()}: shapes {', '.join(str(x.shape) for x in parts)} differ beside axis {axis}"
        )
    check_elements(step, (sum(x.size for x in parts),))
    return functions.concatenate(parts, axis) if is_float(parts[0]) else np.concatenate(parts, axis)


@reads("Split")
def split(step: Step, x: Value, lengths: Value = None) -> tuple[Value, ...]:
    """Parts of given lengths along one axis, or of equal ones, the last of which may be shorter."""
    axis = axis_of(step, step.axis, x.ndim)
    given = step.attributes.get("split") if lengths is None else integers(step, lengths, "lengths")
    count = len(step.outputs)
    if given is None:
        each = -(-x.shape[axis] // count)
        given = tuple(min(each, max(0, x.shape[axis] - place * each)) for place in range(count))
    if sum(given) != x.shape[axis] or len(given) != count or min(given) < 0:
        raise ShapeError(f"{step.describe()}: {count} parts of {given} do not make axis {axis} of shape {x.shape}")
    ends = np.cumsum(given)
    before = (slice(None),) * axis
    return tuple(x[(*before, slice(int(end - length), int(end)))] for end, length in zip(ends, given, strict=True))


@reads("Pad")
def pad(step: Step, x: Value, pads: Value = None, value: Value = None, axes: Value = None) -> Value:
    """Elements at the ends of axes; fewer, where negative. What were inputs from opset 11 on were attributes before."""
    widths = step.pads if pads is None else integers(step, pads, "pads")
    constant = step.attributes.get("value") if pads is None else None if value is None else plain(value).reshape(())
    places = range(x.ndim) if axes is None else axes_of(step, integers(step, axes, "axes"), x.ndim)
    if len(widths) != 2 * len(places):
        raise ShapeError(f"{step.describe()}: pads {widths} are not two for each of {len(places)} axes")
    pairs = [(0, 0)] * x.ndim
    for place, pair in zip(places, zip(widths[: len(places)], widths[len(places) :], strict=True), strict=True):
        pairs[place] = pair
    check_elements(step, [before + length + after for (before, after), length in zip(pairs, x.shape, strict=True)])
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    if step.mode not in modes:
        raise ValueError(f"{step.describe()}: the mode {step.mode!r} is none of {', '.join(modes)}")
    if not is_float(x):
        mode: Any = step.mode
        return np.pad(x, pairs, mode, **({"constant_values": constant or 0} if step.mode == "constant" else {}))
    number = float(constant) if step.mode == "constant" and constant is not None else None
    return F.pad(x, [each for pair in pairs[::-1] for each in pair], modes[step.mode], number)


@reads("DepthToSpace")
def depth_to_space(step: Step, x: Value) -> Value:
    """Channels as pixels of a block: outermost in the mode CRD, else innermost."""
    block = step.blocksize
    if x.ndim != 4 or block < 1 or x.shape[1] % (block * block):
        raise ShapeError(f"{step.describe()}: blocks of {block} do not fit the shape {x.shape}")
    if step.attributes.get("mode") == "CRD":
        return F.pixel_shuffle(x, block)
    n, c, h, w = x.shape
    parts = functions.reshape(x, (n, block, block, c // block**2, h, w))
    return functions.reshape(functions.transpose(parts, (0, 3, 4, 1, 5, 2)), (n, c // block**2, h * block, w * block))


@reads("SpaceToDepth")
def space_to_depth(step: Step, x: Value) -> Value:
    """Pixels of a block as channels, innermost."""
    block = step.blocksize
    if x.ndim != 4 or block < 1 or x.shape[2] % block or x.shape[3] % block:
        raise ShapeError(f"{step.describe()}: blocks of {block} do not fit the shape {x.shape}")
    n, c, h, w = x.shape
    if step.attributes.get("mode") == "CRD":
        return F.pixel_unshuffle(x, block)
    parts = functions.reshape(x, (n, c, h // block, block, w // block, block))
    return functions.reshape(functions.transpose(parts, (0, 3, 5, 1, 2, 4)), (n, c * block**2, h // block, w // block))


# ---- shapes and constants -------------------------------------------------------------------------------------------


@reads("Shape")
def shape_of(step: Step, x: Value) -> Array:
    """The lengths, or some of them."""
    return np.array(x.shape[slice(step.attributes.get("start", 0), step.attributes.get("end"))], dtype=np.int64)


@reads("Size")
def size_of(step: Step, x: Value) -> Array:
    """The number of elements."""
    return np.array(x.size, dtype=np.int64)


@reads("Constant")
def constant(step: Step) -> Array:
    """Numbers that stand in the file."""
    given = {name: value for name, value in step.attributes.items() if value is not None}
    if len(given) != 1:
        raise ValueError(f"{step.describe()}: has {len(given)} values, not one")
    ((name, value),) = given.items()
    if name == "value":
        return np.array(value)
    if "string" in name:
        raise DTypeError(f"{step.describe()}: texts are not read")
    return np.array(value, dtype=np.float32 if "float" in name else np.int64)


@reads("ConstantOfShape")
def constant_of_shape(step: Step, shape: Value) -> Array:
    """One number, as often as a shape says."""
    lengths = integers(step, shape, "lengths")
    check_elements(step, lengths)
    value = np.zeros(1, np.float32) if step.value is None else step.value
    if value.size != 1:
        raise ShapeError(f"{step.describe()}: the value has shape {value.shape}, not one element")
    return np.full(lengths, value.reshape(()), dtype=value.dtype)


@reads("Range")
def arange(step: Step, start: Value, limit: Value, delta: Value) -> Array:
    """Numbers from start to before the limit."""
    first, last, each = (plain(x).reshape(()).item() for x in (start, limit, delta))
    count = (last - first) / each if each else math.inf
    if not math.isfinite(count):
        raise ValueError(f"{step.describe()}: from {first} to {last} by {each} has no end")
    check_elements(step, (max(0, math.ceil(count)),))
    numbers: Array = (first + each * np.arange(max(0, math.ceil(count)))).astype(start.dtype)
    return numbers


@reads("Cast")
def cast(step: Step, x: Value) -> Value:
    """Another type of numbers. What becomes bfloat16 keeps the digits of float32."""
    dtype = None if type_name(step.to).startswith("float8") else dtype_of(step.to)
    if dtype is None:
        raise DTypeError(f"{step.describe()}: {type_name(step.to)} is not supported")
    return _as(x, dtype)


@reads("CastLike")
def cast_like(step: Step, x: Value, like: Value) -> Value:
    """The type of numbers of another value."""
    return _as(x, like.dtype)


def _as(x: Value, dtype: Any) -> Value:
    if x.dtype == dtype:
        return x
    if dtype.kind == "f" or not isinstance(x, Tensor):
        return x.astype(dtype)
    return plain(x).astype(dtype)
