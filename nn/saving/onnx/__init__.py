"""Models to and from ONNX files, through the package `onnx`, which is imported where it is needed."""

from nn.saving.onnx.reading.load import from_onnx
from nn.saving.onnx.reading.model import OnnxModel
from nn.saving.onnx.writing.export import to_onnx
from nn.saving.onnx.writing.program import ExportError

__all__ = ["ExportError", "OnnxModel", "from_onnx", "to_onnx"]
