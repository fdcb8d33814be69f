"""Models to and from files."""

from nn.saving.files import FileFormatError
from nn.saving.keras import from_keras_kernel
from nn.saving.onnx import ExportError, OnnxModel, from_onnx, to_onnx
from nn.saving.pytorch import from_torch
from nn.saving.tensors import read_tensors, write_tensors
from nn.saving.weights import load, save

__all__ = [
    "ExportError",
    "FileFormatError",
    "OnnxModel",
    "from_keras_kernel",
    "from_onnx",
    "from_torch",
    "load",
    "read_tensors",
    "save",
    "to_onnx",
    "write_tensors",
]
