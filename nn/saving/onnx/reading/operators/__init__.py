"""The operators of ONNX, computed by `nn.functional` and autograd, so that every one has its derivatives."""

from nn.saving.onnx.reading.operators import (
    activations,
    arithmetic,
    attention,
    convolution,
    indexing,
    normalization,
    pooling,
    products,
    recurrent,
    reductions,
    resizing,
    shapes,
)

__all__ = [
    "activations",
    "arithmetic",
    "attention",
    "convolution",
    "indexing",
    "normalization",
    "pooling",
    "products",
    "recurrent",
    "reductions",
    "resizing",
    "shapes",
]
