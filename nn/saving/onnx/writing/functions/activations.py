"""Activations. Their recorded choices depend on the input's numbers, so that ONNX's own operators choose instead."""

from __future__ import annotations

from typing import Any

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of, common_dtype
from nn.saving.onnx.writing.registry import writes

_PLAIN = {"selu": "Selu", "softsign": "Softsign", "mish": "Mish", "hardswish": "HardSwish"}


@writes(*_PLAIN)
def write_plain(emitter: Emitter, a: Any) -> str:
    """One operator without attributes."""
    return emitter.operation(_PLAIN[a.called], emitter.value(a.input))


@writes("leaky_relu")
def write_leaky_relu(emitter: Emitter, a: Any) -> str:
    """LeakyRelu."""
    return emitter.operation("LeakyRelu", emitter.value(a.input), alpha=float(a.negative_slope))


@writes("rrelu", when=lambda a: not a.training)
def write_rrelu(emitter: Emitter, a: Any) -> str:
    """LeakyRelu with the mean of the slopes that training draws."""
    return emitter.operation("LeakyRelu", emitter.value(a.input), alpha=(float(a.lower) + float(a.upper)) / 2.0)


@writes("elu")
def write_elu(emitter: Emitter, a: Any) -> str:
    """Elu."""
    return emitter.operation("Elu", emitter.value(a.input), alpha=float(a.alpha))


@writes("celu")
def write_celu(emitter: Emitter, a: Any) -> str:
    """alpha·Elu(x / alpha), since Celu itself takes float32 alone."""
    x = array_of(a.input)
    alpha = emitter.scalar(a.alpha, x.dtype)
    return emitter.operation("Mul", emitter.operation("Elu", emitter.operation("Div", emitter.value(x), alpha)), alpha)


@writes("prelu")
def write_prelu(emitter: Emitter, a: Any) -> str:
    """PRelu, with one slope for each channel or for all."""
    x, weight = array_of(a.input), array_of(a.weight)
    slope = emitter.value(weight, common_dtype(x, weight))
    if weight.size > 1 and x.ndim > 2:
        slope = emitter.unsqueeze(slope, *range(1, x.ndim - 1))
    return emitter.operation("PRelu", emitter.value(x, common_dtype(x, weight)), slope)


@writes("gelu")
def write_gelu(emitter: Emitter, a: Any) -> str:
    """Gelu."""
    return emitter.operation("Gelu", emitter.value(a.input), approximate=str(a.approximate))


@writes("relu6", "hardtanh")
def write_bounded(emitter: Emitter, a: Any) -> str:
    """Clip."""
    x = array_of(a.input)
    bounds = (0.0, 6.0) if a.called == "relu6" else (a.min_val, a.max_val)
    return emitter.operation("Clip", emitter.value(x), *(emitter.scalar(bound, x.dtype) for bound in bounds))


@writes("hardsigmoid")
def write_hardsigmoid(emitter: Emitter, a: Any) -> str:
    """HardSigmoid: max(0, min(1, x / 6 + 1 / 2))."""
    return emitter.operation("HardSigmoid", emitter.value(a.input), alpha=1.0 / 6.0, beta=0.5)


@writes("softshrink", "hardshrink")
def write_shrink(emitter: Emitter, a: Any) -> str:
    """Shrink, which moves what it keeps by a bias, or not."""
    bias = float(a.lambd) if a.called == "softshrink" else 0.0
    return emitter.operation("Shrink", emitter.value(a.input), lambd=float(a.lambd), bias=bias)


@writes("threshold")
def write_threshold(emitter: Emitter, a: Any) -> str:
    """A choice by comparison."""
    x = array_of(a.input)
    name = emitter.value(x)
    below = emitter.operation("LessOrEqual", name, emitter.scalar(a.threshold, x.dtype))
    return emitter.operation("Where", below, emitter.scalar(a.value, x.dtype), name)


@writes("softplus")
def write_softplus(emitter: Emitter, a: Any) -> str:
    """Softplus of beta·x over beta, and x itself above the threshold."""
    x = array_of(a.input)
    name, beta = emitter.value(x), emitter.scalar(a.beta, x.dtype)
    steep = emitter.operation("Mul", name, beta)
    linear = emitter.operation("Greater", steep, emitter.scalar(a.threshold, x.dtype))
    bent = emitter.operation("Div", emitter.operation("Softplus", steep), beta)
    return emitter.operation("Where", linear, name, bent)


@writes("softmax", "log_softmax")
def write_softmax(emitter: Emitter, a: Any) -> str:
    """Softmax or LogSoftmax."""
    x = array_of(a.input)
    kind = "Softmax" if a.called == "softmax" else "LogSoftmax"
    return emitter.operation(kind, emitter.value(x), axis=int(a.dim) % x.ndim)
