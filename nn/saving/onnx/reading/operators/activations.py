"""Activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import functions
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, axis_of, broadcast_shape, plain

_SELU = (1.6732632, 1.050701)  # alpha and gamma to the digits that attributes have

_PLAIN: dict[str, Any] = {
    "Relu": lambda step, x: F.relu(x),
    "LeakyRelu": lambda step, x: F.leaky_relu(x, step.alpha),
    "Elu": lambda step, x: F.elu(x, step.alpha),
    "Celu": lambda step, x: F.celu(x, step.alpha),
    "ThresholdedRelu": lambda step, x: F.threshold(x, step.alpha, 0.0),
    "HardSwish": lambda step, x: F.hardswish(x),
    "Mish": lambda step, x: F.mish(x),
    "Softsign": lambda step, x: F.softsign(x),
    "Gelu": lambda step, x: F.gelu(x, approximate=step.approximate),
    "Swish": lambda step, x: x * autograd.sigmoid(x * step.alpha),
}


@reads(*_PLAIN)
def plain_activation(step: Step, x: Value) -> Value:
    """A function of `nn.functional`."""
    return _PLAIN[step.kind](step, x)


@reads("Selu")
def selu(step: Step, x: Value) -> Value:
    """gamma·elu(x, alpha)."""
    if all(math.isclose(*pair, rel_tol=1e-6) for pair in zip((step.alpha, step.gamma), _SELU, strict=True)):
        return F.selu(x)
    return F.elu(x, step.alpha) * step.gamma


@reads("HardSigmoid")
def hard_sigmoid(step: Step, x: Value) -> Value:
    """max(0, min(1, alpha·x + beta))."""
    if math.isclose(step.alpha, 1 / 6, rel_tol=1e-6) and step.beta == 0.5:
        return F.hardsigmoid(x)
    return functions.clip(x * step.alpha + step.beta, 0.0, 1.0)


@reads("PRelu")
def prelu(step: Step, x: Value, slope: Value) -> Value:
    """x above 0, slope·x below."""
    broadcast_shape(step, x.shape, slope.shape)
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.size == 1 or slope.shape == (channels, *[1] * (x.ndim - 2)):
        return F.prelu(x, functions.reshape(slope, (slope.size,)))
    return autograd.relu(x) - slope * autograd.relu(-x)


@reads("Shrink")
def shrink(step: Step, x: Value) -> Value:
    """x - bias above lambd, x + bias below -lambd, 0 between."""
    if step.bias == step.lambd >= 0:
        return F.softshrink(x, step.lambd)
    kept = F.hardshrink(x, step.lambd)
    return kept - np.sign(plain(kept)) * step.bias if step.bias else kept


@reads("Softmax", "LogSoftmax")
def softmax(step: Step, x: Value) -> Value:
    """Along one axis; before opset 13, along all from that axis on."""
    axis = axis_of(step, step.axis, x.ndim)
    function = F.softmax if step.kind == "Softmax" else F.log_softmax
    if step.version >= 13:
        return function(x, axis)
    rows = functions.reshape(x, (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))
    return functions.reshape(function(rows, 1), x.shape)


@reads("Dropout")
def dropout(step: Step, x: Value, ratio: Value = None, training: Value = None) -> Any:
    """Nothing, out of training, and the mask that says so."""
    if training is not None and plain(training).any():
        raise ValueError(f"{step.describe()}: is in training mode, which a model for inference does not have")
    return (x, np.ones(x.shape, dtype=bool)) if len(step.outputs) > 1 else x
