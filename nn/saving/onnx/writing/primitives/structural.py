"""The primitives that move numbers without changing them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.primitives.elementwise import read
from nn.saving.onnx.writing.primitives.gathered import entry_for_each_axis, taken_by_arrays
from nn.saving.onnx.writing.registry import writes_primitive

_FIRST = -(2**62)  # as the end of a slice with a negative step: the first element is in it


@writes_primitive("reshape")
def write_reshape(emitter: Emitter, node: Any) -> str:
    """To the node's own shape."""
    return emitter.reshape(emitter.value(node.parents[0]), node.shape)


@writes_primitive("transpose")
def write_transpose(emitter: Emitter, node: Any) -> str:
    """The axes in another order."""
    return emitter.transpose(emitter.value(node.parents[0]), node.params["axes"])


@writes_primitive("broadcast_to")
def write_broadcast(emitter: Emitter, node: Any) -> str:
    """Where no elementwise operator does it by itself."""
    return emitter.operation("Expand", emitter.value(node.parents[0]), emitter.integers(node.shape))


@writes_primitive("concatenate")
def write_concatenation(emitter: Emitter, node: Any) -> str:
    """Along one axis."""
    return emitter.operation("Concat", *read(emitter, node), axis=node.params["axis"])


@writes_primitive("pad")
def write_pad(emitter: Emitter, node: Any) -> str:
    """With a constant, at the ends of each axis."""
    befores, afters = zip(*node.params["pad_width"], strict=True)
    constant = emitter.scalar(node.params.get("constant_value", 0.0), node.dtype)
    return emitter.operation("Pad", *read(emitter, node), emitter.integers([*befores, *afters]), constant)


@writes_primitive("getitem")
def write_getitem(emitter: Emitter, node: Any) -> str:
    """Slices, integers and new axes are operators of their own; arrays of integers take from flattened axes."""
    (x,) = node.parents
    index = node.params["index"]
    parts = list(index) if isinstance(index, tuple) else [index]
    if any(isinstance(part, np.ndarray) for part in parts):
        return taken_by_arrays(emitter, x, node)
    return _taken(emitter, emitter.value(x), x.shape, entry_for_each_axis(parts, x.ndim))


def _taken(emitter: Emitter, name: str, shape: tuple[int, ...], parts: list[Any]) -> str:
    cuts: list[tuple[int, int, int, int]] = []  # start, end, axis, step
    single: list[int] = []  # axes of the input that one integer takes from
    added: list[int] = []  # axes of the output
    axis = place = 0
    for part in parts:
        if part is None:
            added.append(place)
            place += 1
            continue
        if isinstance(part, slice):
            start, end, step = part.indices(shape[axis])
            if (start, end, step) != (0, shape[axis], 1):
                cuts.append((start, _FIRST if end < 0 else end, axis, step))
            place += 1
        else:
            at = int(part) % shape[axis]
            cuts.append((at, at + 1, axis, 1))
            single.append(axis)
        axis += 1
    if cuts:
        name = emitter.operation("Slice", name, *(emitter.integers(column) for column in zip(*cuts, strict=True)))
    if single:
        name = emitter.squeeze(name, *single)
    return emitter.unsqueeze(name, *added) if added else name
