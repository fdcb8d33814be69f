"""Linear maps, tables, flattening, padding, and pixels from channels."""

from __future__ import annotations

from typing import Any

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of, common_dtype, flat_pairs
from nn.saving.onnx.writing.registry import writes


@writes("linear", when=lambda a: array_of(a.weight).ndim == 2)
def write_linear(emitter: Emitter, a: Any) -> str:
    """Gemm for a batch of vectors; MatMul and Add for more or fewer axes."""
    x = array_of(a.input)
    dtype = common_dtype(x, a.weight, a.bias)
    name, weight = emitter.value(x, dtype), emitter.value(array_of(a.weight), dtype)
    bias = [] if a.bias is None else [emitter.value(array_of(a.bias), dtype)]
    if x.ndim == 2:
        return emitter.operation("Gemm", name, weight, *bias, transB=1)
    product = emitter.operation("MatMul", name, emitter.transpose(weight, (1, 0)))
    return emitter.operation("Add", product, *bias) if bias else product


@writes("embedding")
def write_embedding(emitter: Emitter, a: Any) -> str:
    """Gather."""
    return emitter.operation("Gather", emitter.value(array_of(a.weight)), _integers(emitter, a.input), axis=0)


_BAGS = {"sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax"}


@writes("embedding_bag", when=lambda a: array_of(a.input).ndim == 2 and a.offsets is None and a.padding_idx is None)
def write_embedding_bag(emitter: Emitter, a: Any) -> str:
    """Gather and a reduction, for bags of one size."""
    weight = array_of(a.weight)
    rows = emitter.operation("Gather", emitter.value(weight), _integers(emitter, a.input), axis=0)
    if a.per_sample_weights is not None:
        weights = emitter.value(array_of(a.per_sample_weights), weight.dtype)
        rows = emitter.operation("Mul", rows, emitter.unsqueeze(weights, 2))
    return emitter.operation(_BAGS[a.mode], rows, emitter.integers([1]), keepdims=0)


def _integers(emitter: Emitter, ids: Any) -> str:
    """Integers that are an input, or constants."""
    return emitter.value(ids) if emitter.knows(ids) else emitter.integers(ids)


@writes("Flatten", when=lambda a: a.self.start_dim == 1 and a.self.end_dim in (-1, array_of(a.x).ndim - 1))
def write_flatten(emitter: Emitter, a: Any) -> str:
    """Flatten, where all but the batch becomes one axis."""
    return emitter.operation("Flatten", emitter.value(array_of(a.x)), axis=1)


_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@writes("pad", when=lambda a: min(a.pad, default=0) >= 0)
def write_pad(emitter: Emitter, a: Any) -> str:
    """Pad. The pairs begin with the last axis in PyTorch, with the first in ONNX."""
    x = array_of(a.input)
    pairs = list(zip(a.pad[::2], a.pad[1::2], strict=True))[::-1]
    widths = emitter.integers(flat_pairs([(0, 0)] * (x.ndim - len(pairs)) + pairs))
    value = [emitter.scalar(a.value or 0.0, x.dtype)] if a.mode == "constant" else []
    return emitter.operation("Pad", emitter.value(x), widths, *value, mode=_MODES[a.mode])


@writes("pixel_shuffle", when=lambda a: array_of(a.input).ndim == 4)
def write_pixel_shuffle(emitter: Emitter, a: Any) -> str:
    """DepthToSpace, channels outermost."""
    return emitter.operation(
        "DepthToSpace", emitter.value(array_of(a.input)), blocksize=int(a.upscale_factor), mode="CRD"
    )
