"""The functions of `nn.functional` that ONNX has operators for, which engines run better than primitives."""

from nn.saving.onnx.writing.functions import (
    activations,
    arrays,
    convolution,
    layers,
    normalization,
    pooling,
    recurrent,
    resizing,
    steps,
)

__all__ = [
    "activations",
    "arrays",
    "convolution",
    "layers",
    "normalization",
    "pooling",
    "recurrent",
    "resizing",
    "steps",
]
