"""The `onnx` package, which writes and reads ONNX's files and is imported only where it is needed."""

from __future__ import annotations

from typing import Any

from autograd.optional import optional

OPSET = 21  # what is written; GroupNormalization has PyTorch's meaning from here on
IR_VERSION = 10  # the file format that belongs to it


def onnx_library(function: str) -> Any:
    """The package.

    Raises:
        ImportError: it cannot be imported.
    """
    return optional("onnx", of="onnx", extra="onnx", needed_by=function)
