"""Normalisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of, common_dtype
from nn.saving.onnx.writing.registry import writes


def _weights(emitter: Emitter, a: Any, shape: tuple[int, ...], dtype: Any) -> list[str]:
    """Weight and bias, 1 and 0 by default."""
    given = (np.ones(shape) if a.weight is None else a.weight, np.zeros(shape) if a.bias is None else a.bias)
    return [emitter.value(array_of(each), dtype) for each in given]


def _channels(a: Any) -> tuple[int, ...]:
    return tuple(array_of(a.input).shape[1:2])


@writes("batch_norm", when=lambda a: not a.training)
@writes("instance_norm", when=lambda a: True)
def write_channel_norm(emitter: Emitter, a: Any) -> str:
    """BatchNormalization by the running mean and variance, or InstanceNormalization by the example's own."""
    dtype = common_dtype(a.input, a.weight, a.bias)
    x = emitter.value(array_of(a.input), dtype)
    weights = _weights(emitter, a, _channels(a), dtype)
    if a.called == "instance_norm" and a.use_input_stats:
        return emitter.operation("InstanceNormalization", x, *weights, epsilon=float(a.eps))
    running = [emitter.value(array_of(each), dtype) for each in (a.running_mean, a.running_var)]
    return emitter.operation("BatchNormalization", x, *weights, *running, epsilon=float(a.eps))


@writes("layer_norm")
def write_layer_norm(emitter: Emitter, a: Any) -> str:
    """LayerNormalization."""
    shape = a.normalized_shape
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    dtype = common_dtype(a.input, a.weight, a.bias)
    x = emitter.value(array_of(a.input), dtype)
    weights = _weights(emitter, a, shape, dtype)
    return emitter.operation("LayerNormalization", x, *weights, axis=-len(shape), epsilon=float(a.eps))


@writes("group_norm")
def write_group_norm(emitter: Emitter, a: Any) -> str:
    """GroupNormalization, with a weight for each channel, as it is from opset 21 on."""
    dtype = common_dtype(a.input, a.weight, a.bias)
    x = emitter.value(array_of(a.input), dtype)
    weights = _weights(emitter, a, _channels(a), dtype)
    return emitter.operation("GroupNormalization", x, *weights, num_groups=int(a.num_groups), epsilon=float(a.eps))


@writes("local_response_norm", when=lambda a: a.size % 2 == 1 and array_of(a.input).ndim == 4)
def write_local_response_norm(emitter: Emitter, a: Any) -> str:
    """LRN of images. Its windows of even size lie one channel further than PyTorch's."""
    return emitter.operation(
        "LRN", emitter.value(array_of(a.input)), size=int(a.size), alpha=float(a.alpha), beta=float(a.beta),
        bias=float(a.k),
    )  # fmt: skip
