"""Primitives that take elements at fixed places, or add them up there: all through Gather on flattened axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.parts import Array
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.registry import writes_primitive


def entry_for_each_axis(parts: Sequence[Any], ndim: int) -> list[Any]:
    """An index with an entry for each axis of the array, and none for an ellipsis."""
    used = sum(_axes_of(part) for part in parts)
    rest = [slice(None)] * (ndim - used)
    place = next((place for place, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *rest, *parts[place + 1 :]]


def taken_by_arrays(emitter: Emitter, x: Any, node: Any) -> str:
    """x[index] for an index that holds arrays of integers or booleans."""
    index = node.params["index"]
    parts = entry_for_each_axis(index if isinstance(index, tuple) else (index,), x.ndim)
    while isinstance(parts[-1], slice) and parts[-1] == slice(None):
        parts.pop()
    kept = _untouched(parts)
    used = sum(_axes_of(part) for part in parts)
    if used == kept + 1 == len(parts) and parts[kept].dtype.kind in "iu":
        known = emitter.knows(parts[kept])
        places = emitter.value(parts[kept]) if known else emitter.integers(parts[kept] % x.shape[kept])
        return emitter.operation("Gather", emitter.value(x), places, axis=kept)
    middle = x.shape[kept:used]
    places = np.arange(math.prod(middle)).reshape(middle)[tuple(parts[kept:])]
    flat = emitter.reshape(emitter.value(x), (*x.shape[:kept], math.prod(middle), *x.shape[used:]))
    taken = emitter.operation("Gather", flat, emitter.integers(places), axis=kept)
    return _chosen_first(emitter, taken, node.ndim, kept, _chosen_axes(parts)) if kept else taken


def _untouched(parts: Sequence[Any]) -> int:
    """How many axes at the front the index leaves as they are, such as the batch."""
    touched = (place for place, part in enumerate(parts) if not (isinstance(part, slice) and part == slice(None)))
    return next(touched, 0)


def _axes_of(part: Any) -> int:
    if isinstance(part, np.ndarray) and part.dtype == bool:
        return part.ndim
    return 0 if part is None or part is Ellipsis else 1


def _chosen_axes(parts: Sequence[Any]) -> int:
    """How many axes NumPy puts in front, as what chooses them stands apart in the index; 0 where it is together."""
    choosing = [place for place, part in enumerate(parts) if isinstance(part, np.ndarray | int | np.integer)]
    if choosing[-1] - choosing[0] + 1 == len(choosing):
        return 0
    arrays = [
        np.nonzero(parts[place])[0] if np.asarray(parts[place]).dtype == bool else parts[place] for place in choosing
    ]
    return np.broadcast(*arrays).ndim


def _chosen_first(emitter: Emitter, taken: str, ndim: int, kept: int, chosen: int) -> str:
    """(kept, chosen, rest) -> (chosen, kept, rest)"""
    return emitter.transpose(taken, [*range(kept, kept + chosen), *range(kept), *range(kept + chosen, ndim)])


@writes_primitive("windows")
def write_windows(emitter: Emitter, node: Any) -> str:
    """(..., H, W) -> (..., OH, KH, OW, KW) by one Gather for each axis, then (..., OH, OW, KH, KW)."""
    (x,) = node.parents
    kernel, stride, dilation = (node.params[name] for name in ("kernel", "stride", "dilation"))
    leading, axes = x.ndim - len(kernel), len(kernel)
    name = emitter.value(x)
    for place in range(axes):
        count = node.shape[leading + place]
        starts = np.arange(count)[:, np.newaxis] * stride[place]
        places = starts + np.arange(kernel[place]) * dilation[place]
        name = emitter.operation("Gather", name, emitter.integers(places), axis=leading + 2 * place)
    pairs = range(leading, leading + 2 * axes)
    return emitter.transpose(name, [*range(leading), *pairs[::2], *pairs[1::2]])


@writes_primitive("overlap_add")
def write_overlap_add(emitter: Emitter, node: Any) -> str:
    """Each place of the output is the sum of the elements of windows that lie there."""
    (x,) = node.parents
    kernel, stride, dilation, shape = (node.params[name] for name in ("kernel", "stride", "dilation", "shape"))
    axes = len(kernel)
    counts = x.shape[x.ndim - 2 * axes : x.ndim - axes]
    places: Any = np.zeros(counts + tuple(kernel), dtype=int)
    for axis in range(axes):
        offsets = np.add.outer(np.arange(counts[axis]) * stride[axis], np.arange(kernel[axis]) * dilation[axis])
        lengths = [1] * (2 * axes)
        lengths[axis], lengths[axes + axis] = counts[axis], kernel[axis]
        places = places * shape[len(shape) - axes + axis] + offsets.reshape(lengths)
    return _summed_at(emitter, x, places, tuple(shape), axes)


@writes_primitive("scatter")
def write_scatter(emitter: Emitter, node: Any) -> str:
    """Zeros, with each element added at its place."""
    (x,) = node.parents
    index, shape = node.params["index"], tuple(node.params["shape"])
    parts = index if isinstance(index, tuple) else (index,)
    kept = _untouched(parts)
    middle = shape[kept:]
    places = np.arange(math.prod(middle)).reshape(middle)[tuple(parts[kept:])]
    return _summed_at(emitter, x, places, shape, len(middle))


def _summed_at(emitter: Emitter, x: Any, places: Array, shape: tuple[int, ...], axes: int) -> str:
    """The last axes of `shape`, each element the sum of those of x that `places` sends there.

    Where nothing is sent, a zero is taken, which stands behind x's own elements.
    """
    leading = shape[: len(shape) - axes]
    size = math.prod(shape[len(leading) :])
    sources = _sources(places.reshape(-1), size)
    flat = emitter.reshape(emitter.value(x), (*leading, places.size))
    widths = [0] * (2 * len(leading) + 1) + [1]
    padded = emitter.operation("Pad", flat, emitter.integers(widths), emitter.scalar(0.0, x.dtype))
    taken = emitter.operation("Gather", padded, emitter.integers(sources), axis=len(leading))
    summed = emitter.operation("ReduceSum", taken, emitter.integers([len(leading) + 1]), keepdims=0)
    return emitter.reshape(summed, shape)


def _sources(places: Array, size: int) -> Array:
    """For each place, which elements are sent there; the rest of its row is the number of elements."""
    order = np.argsort(places, kind="stable")
    counts = np.bincount(places, minlength=size)
    sources = np.full((size, max(int(counts.max(initial=0)), 1)), places.size)
    rows = places[order]
    columns = np.arange(places.size) - np.repeat(np.cumsum(counts) - counts, counts)
    sources[rows, columns] = order
    return sources
