"""The arrays inside Tensors: what may become one, how a change in place is noticed, and NumPy's errors with context."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import DTypeError, ShapeError
from autograd.node import Node
from autograd.rule import Primitive

Array = npt.NDArray[Any]


def float_array(data: Any) -> Array:
    """A copy of floating-point numbers, contiguous in row-major order.

    Raises:
        DTypeError: the data are integers, booleans, complex numbers or objects.
    """
    data = data._data if isinstance(data, Node) else data
    if isinstance(data, np.ma.MaskedArray):
        raise DTypeError(
            "Tensor: a masked array would lose its mask; use .filled(), and where(mask, ...) on the result"
        )
    if not isinstance(data, np.ndarray) and hasattr(data, "__array__"):
        data = np.asarray(data)  # other libraries know nothing of the question whether to copy
    try:
        array = np.array(data, order="C")
    except ValueError as error:
        raise ShapeError(f"Tensor: the nested sequence is not an array: {error}") from error
    if array.dtype.kind == "O" and hasattr(data, "__dlpack__"):
        array = _from_dlpack(data)
    if array.dtype.kind == "f":
        return array
    advice = _ADVICE.get(array.dtype.kind, "give floating-point numbers")
    raise DTypeError(f"Tensor: {array.dtype} data cannot be differentiated; {advice}")


def _from_dlpack(data: Any) -> Array:
    try:
        return np.array(np.from_dlpack(data), order="C")
    except (RuntimeError, BufferError) as error:
        raise DTypeError(f"Tensor: {type(data).__name__} gives no array: {error}; copy it to the CPU first") from error


_INTEGER_ADVICE = "write 1.0 for 1, or use .astype(float); integers serve as indices and labels without a Tensor"
_ADVICE = {
    **dict.fromkeys("iub", _INTEGER_ADVICE),
    "c": "take the real and the imaginary part as two Tensors",
    "O": "give floating-point numbers; an array of Values is used as it is, without a Tensor",
}


def fingerprint_of(data: Array) -> int:
    """A checksum of every bit."""
    return zlib.crc32(np.ascontiguousarray(data).data)


def with_context(error: Exception, rule: Primitive, inputs: Sequence[Any], params: dict[str, Any]) -> Exception:
    """NumPy's error, with the operation and the shapes it was given."""
    shapes = " and ".join(str(x.shape) for x in inputs)
    options = "".join(f", {key}={value!r}" for key, value in params.items() if not isinstance(value, np.ndarray))
    kind = ShapeError if isinstance(error, ValueError) and not isinstance(error, np.linalg.LinAlgError) else type(error)
    return kind(f"{rule.name}: operands of shape {shapes}{options}: {error}")
