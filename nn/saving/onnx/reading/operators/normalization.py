"""Normalisations."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, functions
from autograd.functions import norm
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, axis_of, plain


@reads("BatchNormalization")
def batch_norm(step: Step, x: Value, scale: Value, shift: Value, mean: Value, variance: Value) -> Any:
    """By the running mean and variance."""
    if step.attributes.get("training_mode") or step.attributes.get("spatial") == 0 or any(step.outputs[1:]):
        raise ValueError(f"{step.describe()}: is in training mode, which a model for inference does not have")
    return F.batch_norm(x, plain(mean), plain(variance), scale, shift, training=False, eps=step.epsilon)


@reads("InstanceNormalization")
def instance_norm(step: Step, x: Value, scale: Value, shift: Value) -> Value:
    """Each channel of each example by its own mean and variance."""
    return F.instance_norm(x, weight=scale, bias=shift, eps=step.epsilon)


@reads("LayerNormalization")
def layer_norm(step: Step, x: Value, scale: Value, shift: Value = None) -> Value:
    """The axes from one on by their mean and variance."""
    if any(step.outputs[1:]):
        raise ValueError(f"{step.describe()}: its mean and deviation as outputs are not supported")
    shape = x.shape[axis_of(step, step.axis, x.ndim) :]
    return F.layer_norm(x, shape, _of_shape(scale, shape), _of_shape(shift, shape), eps=step.epsilon)


@reads("RMSNormalization")
def rms_norm(step: Step, x: Value, scale: Value) -> Value:
    """The axes from one on by their mean square."""
    shape = x.shape[axis_of(step, step.axis, x.ndim) :]
    return F.rms_norm(x, shape, _of_shape(scale, shape), eps=step.epsilon)


def _of_shape(weight: Value, shape: tuple[int, ...]) -> Value:
    """A weight that may be given with fewer axes, to broadcast."""
    return weight if weight is None or weight.shape == shape else functions.broadcast_to(weight, shape)


@reads("GroupNormalization")
def group_norm(step: Step, x: Value, scale: Value, shift: Value) -> Value:
    """Groups of channels by their mean and variance; before opset 21 with a weight for each group."""
    channels = x.shape[1] if x.ndim > 1 else 0
    if step.version < 21:
        if scale.shape != (step.num_groups,) or channels % max(step.num_groups, 1):
            raise ShapeError(f"{step.describe()}: {step.num_groups} groups do not fit {x.shape} and {scale.shape}")
        each = channels // step.num_groups
        scale, shift = (functions.repeat(weight, each) for weight in (scale, shift))
    return F.group_norm(x, step.num_groups, scale, shift, eps=step.epsilon)


@reads("LRN")
def local_response_norm(step: Step, x: Value) -> Value:
    """Each channel over a power of the mean square of those around it, one more after than before where even."""
    if step.size < 1 or x.ndim < 3:
        raise ShapeError(f"{step.describe()}: size={step.size} and the shape {x.shape} are not supported")
    if step.size % 2:
        return F.local_response_norm(x, step.size, step.alpha, step.beta, step.bias)
    squares = functions.moveaxis(autograd.square(x), 1, -1)
    before = (step.size - 1) // 2
    padded = functions.pad(squares, [(0, 0)] * (x.ndim - 1) + [(before, step.size - 1 - before)])
    means = functions.moveaxis(functions.mean(functions.windows(padded, (step.size,)), -1), -1, 1)
    return x / (means * step.alpha + step.bias) ** step.beta


@reads("LpNormalization")
def lp_normalization(step: Step, x: Value) -> Value:
    """Vectors along an axis over their length, and 0 where that is 0."""
    axis = axis_of(step, step.axis, x.ndim)
    if step.p not in (1, 2):
        raise ValueError(f"{step.describe()}: p={step.p} is neither 1 nor 2")
    length = norm(x, step.p, axis, keepdims=True)
    zero = plain(length) == 0
    return x / (functions.where(zero, 1.0, length) if np.any(zero) else length)


@reads("MeanVarianceNormalization")
def mean_variance_normalization(step: Step, x: Value) -> Value:
    """Less the mean, over the standard deviation, over some axes."""
    centered = x - functions.mean(x, tuple(step.axes), keepdims=True)
    variance = functions.mean(autograd.square(centered), tuple(step.axes), keepdims=True)
    return centered / (autograd.sqrt(variance) + 1e-9)
