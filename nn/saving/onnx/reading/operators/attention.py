"""Attention as one operator, and images from their patches."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, functions
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.operators.convolution import spatial
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, check_elements, integers, is_float


@reads("Attention")
def attention(step: Step, query: Value, key: Value, value: Value, mask: Value = None, *others: Value) -> Value:
    """Scaled dot-product attention of (N, heads, L, E), or of (N, L, heads·E) with the numbers of heads."""
    unsupported = {
        "a past or a length of the keys": any(x is not None for x in others),
        "a second output": any(step.outputs[1:]),
        "softcap": bool(step.attributes.get("softcap")),
        "softmax_precision": step.attributes.get("softmax_precision") is not None,
        "a window": any(step.attributes.get(name) is not None for name in ("left_window_size", "right_window_size")),
    }
    for what, present in unsupported.items():
        if present:
            raise ValueError(f"{step.describe()}: {what} is not supported")
    flat = query.ndim == 3
    if flat:
        query = _heads_apart(step, query, step.q_num_heads)
        key, value = (_heads_apart(step, x, step.kv_num_heads) for x in (key, value))
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ShapeError(f"{step.describe()}: shapes {query.shape}, {key.shape} and {value.shape} do not fit")
    check_elements(step, (*query.shape[:3], key.shape[2]))
    causal = bool(step.is_causal)
    if causal and mask is not None:
        allowed = np.tri(query.shape[2], key.shape[2], dtype=bool)
        mask = functions.where(allowed, mask, -np.inf) if is_float(mask) else mask & allowed
        causal = False
    grouped = query.shape[1] != key.shape[1]
    out = F.scaled_dot_product_attention(
        query, key, value, mask, is_causal=causal, scale=step.scale, enable_gqa=grouped
    )
    return _heads_together(out) if flat else out


def _heads_apart(step: Step, x: Value, heads: int | None) -> Value:
    """(N, L, heads·E) -> (N, heads, L, E)"""
    if not heads or heads < 1 or x.ndim != 3 or x.shape[2] % heads:
        raise ShapeError(f"{step.describe()}: {heads} heads do not fit the shape {x.shape}")
    n, length, features = x.shape
    return functions.swapaxes(functions.reshape(x, (n, length, heads, features // heads)), 1, 2)


def _heads_together(x: Value) -> Value:
    """(N, heads, L, E) -> (N, L, heads·E)"""
    n, heads, length, features = x.shape
    return functions.reshape(functions.swapaxes(x, 1, 2), (n, length, heads * features))


@reads("Col2Im")
def image_from_columns(step: Step, x: Value, image: Value, block: Value) -> Any:
    """Patches of images added up where they lie, two axes at a time."""
    size, kernel = integers(step, image, "image_shape"), integers(step, block, "block_shape")
    pads = step.pads or (0,) * 4
    if len(size) != 2 or len(kernel) != 2 or len(pads) != 4 or pads[:2] != pads[2:]:
        raise ValueError(f"{step.describe()}: other than two axes, padded alike at both ends, is not supported")
    check_elements(step, (*x.shape[:1], x.shape[1] if x.ndim > 1 else 1, *size))
    dilation, stride = spatial(step, "dilations", 2), spatial(step, "strides", 2)
    return F.fold(x, size, kernel, dilation, pads[:2], stride)
