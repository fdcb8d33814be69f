"""The arrays of an ONNX file, checked against what they claim to be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.parts import Array
from nn.saving.files import FileFormatError, Path
from nn.saving.small_floats import widened_bfloat16, widened_float8

MOST_AXES = 32

# By the numbers of TensorProto.DataType: the dtype of the bits as raw data, and where they stand otherwise.
_TYPES: dict[int, tuple[str, str]] = {
    1: ("<f4", "float_data"), 2: ("|u1", "int32_data"), 3: ("|i1", "int32_data"), 4: ("<u2", "int32_data"),
    5: ("<i2", "int32_data"), 6: ("<i4", "int32_data"), 7: ("<i8", "int64_data"), 9: ("|u1", "int32_data"),
    10: ("<f2", "int32_data"), 11: ("<f8", "double_data"), 12: ("<u4", "uint64_data"), 13: ("<u8", "uint64_data"),
    16: ("<u2", "int32_data"), 17: ("|u1", "int32_data"), 18: ("|u1", "int32_data"), 19: ("|u1", "int32_data"),
    20: ("|u1", "int32_data"),
}  # fmt: skip
_BOOL, _FLOAT16, _BFLOAT16 = 9, 10, 16
_FLOAT8 = {17: "F8_E4M3", 18: "F8_E4M3FNUZ", 19: "F8_E5M2", 20: "F8_E5M2FNUZ"}
_NAMES = {0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 21: "uint4", 22: "int4", 23: "float4e2m1"}


def dtype_of(element_type: int) -> np.dtype[Any] | None:
    """What numbers of an ONNX type are read as; None where they are not."""
    if element_type == _BOOL:
        return np.dtype(bool)
    if element_type == _BFLOAT16 or element_type in _FLOAT8:
        return np.dtype(np.float32)
    return np.dtype(_TYPES[element_type][0]).newbyteorder("=") if element_type in _TYPES else None


def number_of(dtype: np.dtype[Any]) -> int:
    """The ONNX type of a floating-point dtype."""
    return next(number for number, (code, _) in _TYPES.items() if np.dtype(code) == dtype)


def type_name(element_type: int) -> str:
    """What an ONNX type that has no NumPy type is called."""
    if element_type in _FLOAT8:
        return f"float8 ({_FLOAT8[element_type]})"
    return _NAMES.get(element_type, f"number {element_type}")


def array_of(tensor: Any, what: str, path: Path) -> Array:
    """A TensorProto's numbers.

    Args:
        what: the tensor as messages call it.

    Raises:
        FileFormatError: its type is not read, its shape is impossible, it holds another number of elements than its
            shape says, or keeps them in another file.
    """
    if tensor.data_type not in _TYPES:
        raise FileFormatError(path, f"{what} is of type {type_name(tensor.data_type)}, which is not read")
    if tensor.data_location or tensor.external_data:
        raise FileFormatError(path, f"{what} keeps its numbers in another file, which is not opened")
    if tensor.HasField("segment"):
        raise FileFormatError(path, f"{what} is one segment of several, which are not read")
    shape = tuple(tensor.dims)
    if len(shape) > MOST_AXES or min(shape, default=0) < 0:
        raise FileFormatError(path, f"{what} has the impossible shape {_shortened(shape)}")
    code, place = _TYPES[tensor.data_type]
    wanted = math.prod(shape)
    if math.prod(max(1, length) for length in shape) >= 2**48:
        raise FileFormatError(path, f"{what} has the impossible shape {_shortened(shape)}")
    if tensor.HasField("raw_data"):
        found, rest = divmod(len(tensor.raw_data), np.dtype(code).itemsize)
    else:
        found, rest = len(getattr(tensor, place)), 0
    if rest or found != wanted:
        raise FileFormatError(
            path, f"{what} of shape {_shortened(shape)} should have {wanted:,} numbers and has {found:,}"
        )
    if tensor.HasField("raw_data"):
        bits = np.frombuffer(tensor.raw_data, dtype=code)
    else:
        bits = _listed(getattr(tensor, place), tensor.data_type, code)
    return _widened(bits, tensor.data_type).reshape(shape)


def _listed(numbers: Any, element_type: int, code: str) -> Array:
    """Numbers that stand one by one; those of 16 bits or less as the bits of an integer."""
    if place_is_bits := element_type in (_FLOAT16, _BFLOAT16) or element_type in _FLOAT8:
        code = code.replace("f", "u")
    array = np.array(numbers, dtype=np.int64 if code[1] in "iu" and code != "<u8" else code)
    bits = array.astype(code)
    return bits.view("<f2") if place_is_bits and element_type == _FLOAT16 else bits


def _widened(bits: Array, element_type: int) -> Array:
    if element_type == _BOOL:
        return np.asarray(bits != 0)
    if element_type == _BFLOAT16:
        return widened_bfloat16(bits)
    if element_type in _FLOAT8:
        return widened_float8(bits, _FLOAT8[element_type])
    return np.array(bits, dtype=bits.dtype.newbyteorder("="))


def _shortened(shape: tuple[int, ...]) -> str:
    return str(shape) if len(shape) <= 8 else f"({', '.join(map(str, shape[:8]))}, ...)"
