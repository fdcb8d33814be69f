"""Functions of autograd that are one operator, where their primitives would be several or depend on the numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.functions.arguments import normalize_axis
from nn.saving.onnx.writing import primitives
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of
from nn.saving.onnx.writing.program import ExportError
from nn.saving.onnx.writing.registry import writes


@writes("getitem")
def write_getitem(emitter: Emitter, a: Any) -> str:
    """Gather, where the index is an input. The primitive's own index is a copy, which nothing connects with it."""
    parts = a.index if isinstance(a.index, tuple) else (a.index,)
    known = [place for place, part in enumerate(parts) if isinstance(part, np.ndarray) and emitter.knows(part)]
    if not known:
        return primitives.structural.write_getitem(emitter, a.result)
    place = known[0]
    if any(not isinstance(part, slice) or part != slice(None) for part in (*parts[:place], *parts[place + 1 :])):
        raise ExportError(
            f"to_onnx: in {emitter.scope or 'forward'} an index holds an input beside other parts; take from one axis "
            f"at a time, as x[:, index]"
        )
    return emitter.operation("Gather", emitter.value(array_of(a.x)), emitter.value(parts[place]), axis=place)


@writes("mean")
def write_mean(emitter: Emitter, a: Any) -> str:
    """ReduceMean."""
    return _reduced(emitter, "ReduceMean", a)


_NORMS = {2.0: "ReduceL2", 1.0: "ReduceL1"}


def _is_vector_norm(a: Any) -> bool:
    axes = normalize_axis(a.axis, array_of(a.x).ndim, "norm")
    several = len(axes) > 1 if axes is not None else array_of(a.x).ndim > 1
    return a.ord in (None, "fro") if several else not isinstance(a.ord, str) and a.ord != 0


@writes("norm", when=_is_vector_norm)
def write_norm(emitter: Emitter, a: Any) -> str:
    """ReduceL2, ReduceL1, the largest or smallest size, or a root of powers."""
    x = array_of(a.x)
    order = 2.0 if a.ord in (None, "fro") else float(a.ord)
    if order in _NORMS:
        return _reduced(emitter, _NORMS[order], a)
    sizes = emitter.operation("Abs", emitter.value(x))
    if math.isinf(order):
        return _reduced(emitter, "ReduceMax" if order > 0 else "ReduceMin", a, sizes)
    powers = emitter.operation("Pow", sizes, emitter.scalar(order, x.dtype))
    return emitter.operation("Pow", _reduced(emitter, "ReduceSum", a, powers), emitter.scalar(1.0 / order, x.dtype))


def _reduced(emitter: Emitter, kind: str, a: Any, name: str = "") -> str:
    x = array_of(a.x)
    axes = normalize_axis(a.axis, x.ndim, kind)
    axes = tuple(range(x.ndim)) if axes is None else axes
    name = name or emitter.value(x)
    return emitter.operation(kind, name, emitter.integers(axes), keepdims=int(a.keepdims)) if axes else name


@writes("std")
def write_std(emitter: Emitter, a: Any) -> str:
    """The root of the mean squared distance from the mean."""
    x = array_of(a.x)
    axes = normalize_axis(a.axis, x.ndim, "std")
    axes = tuple(range(x.ndim)) if axes is None else axes
    name, places = emitter.value(x), emitter.integers(axes)
    centered = emitter.operation("Sub", name, emitter.operation("ReduceMean", name, places, keepdims=1))
    variance = emitter.operation(
        "ReduceMean", emitter.operation("Mul", centered, centered), places, keepdims=int(a.keepdims)
    )
    if a.ddof:
        count = math.prod(x.shape[axis] for axis in axes)
        variance = emitter.operation("Mul", variance, emitter.scalar(count / (count - a.ddof), x.dtype))
    return emitter.operation("Sqrt", variance)


@writes("sort", when=lambda a: a.axis is not None)
def write_sort(emitter: Emitter, a: Any) -> str:
    """TopK, of all elements, the smallest first."""
    x = array_of(a.x)
    axis = int(a.axis) % x.ndim
    count = emitter.integers(np.array([x.shape[axis]]))
    return emitter.outputs("TopK", 2, emitter.value(x), count, axis=axis, largest=0, sorted=1)[0]
