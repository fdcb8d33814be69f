"""Poolings. Sizes are known when a model is written, so that rounded-up windows are written as padding at the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.functional.pool_geometry import PoolGeometry, pool_geometry
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of, axes_of, batched, flat_pairs
from nn.saving.onnx.writing.registry import writes


@writes("max_pool1d", "max_pool2d", "max_pool3d")
def write_max_pool(emitter: Emitter, a: Any) -> Any:
    """MaxPool. The places of the maxima, where they are asked for, are not written: they are integers."""
    x, axes = array_of(a.input), axes_of(a)
    geometry = pool_geometry(a.called, axes, x, a.kernel_size, a.stride, a.padding, a.dilation, a.ceil_mode)

    def convert(name: str) -> str:
        return emitter.operation("MaxPool", name, dilations=list(geometry.dilation), **_windows(geometry))

    out = batched(emitter, x, axes, x.dtype, convert)
    return (out, "") if a.return_indices else out


def _windows(geometry: PoolGeometry) -> dict[str, Any]:
    return {
        "kernel_shape": list(geometry.kernel),
        "strides": list(geometry.stride),
        "pads": flat_pairs(geometry.pairs),
    }


@writes("avg_pool1d", "avg_pool2d", "avg_pool3d")
def write_avg_pool(emitter: Emitter, a: Any) -> str:
    """AveragePool. Where padding counts but what is beyond it does not, a Pad comes first."""
    x, axes, divisor = array_of(a.input), axes_of(a), getattr(a, "divisor_override", None)
    geometry = pool_geometry(a.called, axes, x, a.kernel_size, a.stride, a.padding, 1, a.ceil_mode)
    beyond = tuple((0, after - pad) for (_, after), pad in zip(geometry.pairs, geometry.padding, strict=True))
    counted = bool(a.count_include_pad or divisor)

    def convert(name: str) -> str:
        windows = _windows(geometry)
        if counted and not divisor and any(map(any, beyond)):
            pads = ((0, 0), (0, 0), *((pad, pad) for pad in geometry.padding))
            name = emitter.operation("Pad", name, emitter.integers(flat_pairs(pads)), emitter.scalar(0.0, x.dtype))
            windows["pads"] = flat_pairs(beyond)
            return emitter.operation("AveragePool", name, count_include_pad=0, **windows)
        mean = emitter.operation("AveragePool", name, count_include_pad=int(counted), **windows)
        if not divisor:
            return mean
        return emitter.operation("Mul", mean, emitter.scalar(math.prod(geometry.kernel) / divisor, x.dtype))

    return batched(emitter, x, axes, x.dtype, convert)


def _is_even(order: float) -> bool:
    """ONNX takes magnitudes, which makes no difference to even powers."""
    return math.isfinite(order) and order > 0 and order % 2 == 0


@writes("lp_pool1d", "lp_pool2d", "lp_pool3d", when=lambda a: _is_even(a.norm_type) and not a.ceil_mode)
def write_lp_pool(emitter: Emitter, a: Any) -> str:
    """LpPool."""
    x, axes = array_of(a.input), axes_of(a)
    geometry = pool_geometry(a.called, axes, x, a.kernel_size, a.stride, 0, 1, a.ceil_mode)

    def convert(name: str) -> str:
        return emitter.operation("LpPool", name, p=int(a.norm_type), **_windows(geometry))

    return batched(emitter, x, axes, x.dtype, convert)


@writes("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", when=lambda a: _divides(a))
def write_adaptive_avg_pool(emitter: Emitter, a: Any) -> str:
    """AveragePool, or GlobalAveragePool, where all windows have one size."""
    return _adaptive_pool(emitter, a, "AveragePool")


@writes("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", when=lambda a: _divides(a))
def write_adaptive_max_pool(emitter: Emitter, a: Any) -> Any:
    """MaxPool, or GlobalMaxPool, where all windows have one size."""
    out = _adaptive_pool(emitter, a, "MaxPool")
    return (out, "") if a.return_indices else out


def _adaptive_pool(emitter: Emitter, a: Any, kind: str) -> str:
    x = array_of(a.input)
    sizes = _sizes(a)
    kernel = [length // size for length, size in zip(x.shape[-len(sizes) :], sizes, strict=True)]

    def convert(name: str) -> str:
        if set(sizes) == {1}:
            return emitter.operation(f"Global{kind}", name)
        return emitter.operation(kind, name, kernel_shape=kernel, strides=kernel)

    return batched(emitter, x, len(sizes), x.dtype, convert)


def _sizes(a: Any) -> tuple[int, ...]:
    axes = axes_of(a)
    given = a.output_size if isinstance(a.output_size, tuple | list) else (a.output_size,) * axes
    lengths = array_of(a.input).shape[-axes:]
    return tuple(length if size is None else int(size) for length, size in zip(lengths, given, strict=True))


def _divides(a: Any) -> bool:
    lengths = array_of(a.input).shape[-axes_of(a) :]
    return all(length % size == 0 for length, size in zip(lengths, _sizes(a), strict=True))


@writes("global_avg_pool")
def write_global_avg_pool(emitter: Emitter, a: Any) -> str:
    """GlobalAveragePool, or ReduceMean where the axes go."""
    return _global_pool(emitter, a, "Average", "Mean")


@writes("global_max_pool")
def write_global_max_pool(emitter: Emitter, a: Any) -> str:
    """GlobalMaxPool, or ReduceMax where the axes go."""
    return _global_pool(emitter, a, "Max", "Max")


def _global_pool(emitter: Emitter, a: Any, kind: str, reduction: str) -> str:
    x = array_of(a.input)
    axes = x.ndim - 2 if a.spatial_axes is None else int(a.spatial_axes)
    if a.keepdims and x.ndim == axes + 2:
        return emitter.operation(f"Global{kind}Pool", emitter.value(x))
    places = np.arange(x.ndim - axes, x.ndim)
    return emitter.operation(f"Reduce{reduction}", emitter.value(x), emitter.integers(places), keepdims=int(a.keepdims))
