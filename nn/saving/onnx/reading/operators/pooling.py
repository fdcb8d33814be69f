"""Poolings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, functions
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.operators.convolution import (
    Pairs,
    check_images,
    check_windows,
    padding,
    spans_of,
    spatial,
)
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, check_elements


@reads("MaxPool", "AveragePool", "LpPool")
def pool(step: Step, x: Value) -> Value:
    """The largest, the mean or the norm of each window. Padding never is the largest; it may count for the mean."""
    if any(step.outputs[1:]):
        raise ValueError(f"{step.describe()}: the places of the maxima, its second output, are not supported")
    kernel = step.kernel_shape
    axes = check_images(step, x, kernel)
    spatial(step, "kernel_shape", axes)
    strides, dilations = spatial(step, "strides", axes), spatial(step, "dilations", axes)
    spans = spans_of(kernel, dilations)
    pairs = padding(step, x.shape[2:], spans, strides)
    check_windows(step, x, pairs, kernel)
    beyond = _beyond(step, x.shape[2:], spans, strides, pairs)
    if step.kind == "AveragePool":
        return _average(step, x, kernel, strides, dilations, pairs, beyond)
    whole = [(before, after + more) for (before, after), more in zip(pairs, beyond, strict=True)]
    if step.kind == "LpPool":
        return _windows_norm(step, x, kernel, strides, dilations, whole)
    if step.attributes.get("storage_order"):
        raise ValueError(f"{step.describe()}: storage_order=1 is not supported")
    return _largest(x, kernel, strides, dilations, whole)


def _beyond(step: Step, lengths: Any, spans: Any, strides: Any, pairs: Pairs) -> list[int]:
    """How far the last windows reach beyond the padding, where `ceil_mode` keeps them."""
    beyond = []
    for length, span, stride, (before, after) in zip(lengths, spans, strides, pairs, strict=True):
        if max(before, after) >= span:
            raise ShapeError(
                f"{step.describe()}: a window that spans {span} would see nothing but padding of {before, after}"
            )
        room = length + before + after - span
        if room < 0 and not step.attributes.get("ceil_mode"):
            raise ShapeError(f"{step.describe()}: a window that spans {span} does not fit {length} and its padding")
        count = room // stride + 1
        if step.attributes.get("ceil_mode"):
            count = -(-room // stride) + 1
            if (count - 1) * stride >= length + before:  # none starts in the padding at the end
                count -= 1
        if count < 1:
            raise ShapeError(f"{step.describe()}: no window that spans {span} fits {length} and its padding")
        beyond.append(max(0, (count - 1) * stride + span - (length + before + after)))
    return beyond


def _largest(x: Value, kernel: Any, strides: Any, dilations: Any, pairs: Pairs) -> Value:
    alike = all(before == after and 2 * before <= length for (before, after), length in zip(pairs, kernel, strict=True))
    function: Any = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(kernel) - 1]
    if alike:
        return function(x, kernel, strides, tuple(before for before, _ in pairs), dilations)
    return function(_padded(x, pairs, -math.inf), kernel, strides, 0, dilations)


def _average(step: Step, x: Value, kernel: Any, strides: Any, dilations: Any, pairs: Pairs, beyond: list[int]) -> Value:
    counted = bool(step.attributes.get("count_include_pad"))
    alike = all(before == after and 2 * before <= length for (before, after), length in zip(pairs, kernel, strict=True))
    if alike and not any(beyond) and set(dilations) == {1}:
        function: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(kernel) - 1]
        return function(x, kernel, strides, tuple(before for before, _ in pairs), count_include_pad=counted)
    rest = [(0, more) for more in beyond]
    whole = [(before, after + more) for (before, after), more in zip(pairs, beyond, strict=True)]
    ones = np.ones((1, 1, *x.shape[2:]), dtype=x.dtype)
    weights = _padded(_padded(ones, pairs, 1.0), rest, 0.0) if counted else _padded(ones, whole, 0.0)
    total = _sums(_padded(x, whole, 0.0), kernel, strides, dilations)
    return total / np.maximum(_sums(weights, kernel, strides, dilations), 1)


def _windows_norm(step: Step, x: Value, kernel: Any, strides: Any, dilations: Any, pairs: Pairs) -> Value:
    import autograd

    padded = _padded(x, pairs, 0.0)
    if set(dilations) == {1} and step.p % 2 == 0 and step.p > 0:
        function: Any = (F.lp_pool1d, F.lp_pool2d, F.lp_pool3d)[len(kernel) - 1]
        return function(padded, float(step.p), kernel, strides)
    if step.p < 1:
        raise ValueError(f"{step.describe()}: p={step.p} must be at least 1")
    sums = _sums(autograd.absolute(padded) ** float(step.p), kernel, strides, dilations)
    return sums ** (1.0 / step.p)


def _sums(x: Value, kernel: Any, strides: Any, dilations: Any) -> Value:
    return functions.sum(functions.windows(x, kernel, strides, dilations), axis=tuple(range(-len(kernel), 0)))


def _padded(x: Value, pairs: Pairs, value: float) -> Value:
    return functions.pad(x, [(0, 0), (0, 0), *pairs], value) if any(map(any, pairs)) else x


@reads("GlobalAveragePool", "GlobalMaxPool")
def global_pool(step: Step, x: Value) -> Value:
    """One number for each channel, with axes of length 1."""
    check_images(step, x)
    return (F.global_avg_pool if step.kind == "GlobalAveragePool" else F.global_max_pool)(x, keepdims=True)


@reads("GlobalLpPool")
def global_norm(step: Step, x: Value) -> Value:
    """The norm of each channel."""
    import autograd

    axes = tuple(range(2, x.ndim))
    check_elements(step, x.shape)
    return functions.sum(autograd.absolute(x) ** float(step.p), axes, keepdims=True) ** (1.0 / step.p)
