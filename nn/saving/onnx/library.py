"""The `onnx` package, which writes and reads ONNX's files and is imported only where it is needed."""

from __future__ import annotations

from typing import Any

OPSET = 21  # what is written; GroupNormalization has PyTorch's meaning from here on
IR_VERSION = 10  # the file format that belongs to it


def onnx_library(function: str) -> Any:
    """The package.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            f"{function}: the package onnx is needed, and cannot be imported ({error}); run: pip install gradwalk[onnx]"
        ) from error
    return onnx
