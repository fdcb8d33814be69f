"""Named arrays as the bytes of a safetensors file: a header of JSON, then the numbers, and nothing that could run.

The format: https://huggingface.co/docs/safetensors. Eight bytes give the header's length; the header gives each array's
name, dtype, shape and place; the numbers follow, little-endian, without gaps.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import DTypeError
from autograd.replay.saving.files import ProgramFileError, shortened

Array = npt.NDArray[Any]

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
_CODES = {np.dtype(text).newbyteorder("="): code for code, text in _DTYPES.items()}


def tensors_as_bytes(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """The content of a safetensors file; equal arrays give equal bytes.

    Raises:
        DTypeError: an array's dtype has no place in the format, as that of a longdouble.
    """
    numbers = {name: _writable(name, array) for name, array in arrays.items()}
    order = sorted(numbers, key=lambda name: (-numbers[name].itemsize, name))  # so that each lies aligned
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for name in order:
        array = numbers[name]
        start, end = end, end + array.nbytes
        code = _CODES[array.dtype.newbyteorder("=")]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *(numbers[name].tobytes() for name in order)])


def _writable(name: str, array: Array) -> Array:
    dtype = array.dtype.newbyteorder("=")
    if dtype not in _CODES:
        raise DTypeError(
            f"save: {name} is of dtype {array.dtype}, for which safetensors has no place; record with float64"
        )
    return np.asarray(array, dtype=dtype.newbyteorder("<"), order="C")


def tensors_from_bytes(content: bytes, path: str) -> dict[str, Array]:
    """The arrays of a safetensors file by name; each is a copy of its own.

    Raises:
        ProgramFileError: the content is damaged or none of such a file.
    """
    fault = ProgramFileError(f"{path}: is no whole safetensors file; it was cut off or changed, fetch it again")
    if len(content) < 8:
        raise fault
    (length,) = struct.unpack("<Q", content[:8])
    if length > len(content) - 8:
        raise fault
    try:
        header = json.loads(content[8 : 8 + length].decode())
    except (ValueError, RecursionError):
        raise fault from None
    if not isinstance(header, dict):
        raise fault
    header.pop("__metadata__", None)
    return {name: _array(name, said, memoryview(content)[8 + length :], path) for name, said in header.items()}


def _array(name: str, said: Any, numbers: memoryview, path: str) -> Array:
    try:
        dtype, shape, (start, end) = np.dtype(_DTYPES[said["dtype"]]), said["shape"], said["data_offsets"]
        lengths = [*shape, start, end]
        sound = all(each.__class__ is int and each >= 0 for each in lengths) and end <= len(numbers)
        sound = sound and end - start == math.prod(shape) * dtype.itemsize
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise ProgramFileError(f"{path}: does not say where its array {shortened(name)} lies; fetch it again")
    flat = np.frombuffer(numbers[start:end], dtype=dtype)
    if dtype == np.bool_:
        flat = flat.view(np.uint8) != 0  # a byte of 2 would be a boolean that equals neither
    return np.array(flat.reshape(shape), dtype=dtype.newbyteorder("="))
