"""Named arrays to and from a safetensors file: a header of JSON, then the numbers, and nothing that could run.

The format: https://huggingface.co/docs/safetensors. Eight bytes give the header's length; the header gives each array's
name, dtype, shape and place; the numbers follow, little-endian, without gaps.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from nn.saving.files import FileFormatError, Path, opened, read_exactly, written_whole
from nn.saving.other_formats import check_format
from nn.saving.small_floats import FLOAT8, widened_bfloat16, widened_float8

Array = npt.NDArray[Any]

MAX_BYTES = 4 * 2**30  # of a file, unless the caller allows more
MAX_HEADER_BYTES = 32 * 2**20
MAX_AXES = 32
MAX_ELEMENTS = 2**48

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
_CODES = {np.dtype(text).newbyteorder("="): code for code, text in _DTYPES.items()}
_RAW_DTYPES = {**_DTYPES, "BF16": "<u2", **dict.fromkeys(FLOAT8, "|u1")}  # of the bits, as they stand in the file


class Entry(NamedTuple):
    """What the header says of one array."""

    code: str  # the format's name of the dtype
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the array that it is read as."""
        return np.dtype(_DTYPES.get(self.code, "<f4")).newbyteorder("=")

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * np.dtype(_RAW_DTYPES[self.code]).itemsize


class Header(NamedTuple):
    """What a file holds, before any of its numbers are read."""

    entries: dict[str, Entry]
    metadata: dict[str, str]


def write_tensors(path: Path, arrays: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> None:
    """Write named arrays as a safetensors file, complete or not at all. Equal arrays give equal bytes.

    Args:
        path: the file, whose name is taken as it is; an older one is replaced.
        arrays: floating-point numbers up to 64 bits, integers and booleans, of any shape.
        metadata: texts by name.

    Raises:
        TypeError: a name or a text is no text, or an array holds something else than such numbers.
        OSError: the file cannot be written. An older one is as it was.

    Example:
        >>> import nn, os, tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "numbers.safetensors")
        ...     nn.write_tensors(path, {"pi": np.array([3.14, 3.14159])}, {"unit": "1"})
        ...     nn.read_tensors(path)
        ({'pi': array([3.14   , 3.14159])}, {'unit': '1'})
    """
    numbers = {name: _writable(name, array) for name, array in arrays.items()}
    order = sorted(numbers, key=lambda name: (-numbers[name].itemsize, name))  # so that each lies aligned
    header: dict[str, Any] = {}
    if metadata:
        header["__metadata__"] = {name: _text(name, metadata[name]) for name in sorted(metadata)}
    end = 0
    for name in order:
        array = numbers[name]
        start, end = end, end + array.nbytes
        code = _CODES[array.dtype.newbyteorder("=")]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with written_whole(path) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(numbers[name].reshape(-1).view(np.uint8).data)


def read_tensors(path: Path, max_bytes: int = MAX_BYTES) -> tuple[dict[str, Array], dict[str, str]]:
    """The named arrays of a safetensors file, and its metadata.

    bfloat16 and 8-bit floating-point numbers, which NumPy does not have, become float32, which holds each exactly.
    Nothing in a file can run code, and no more memory is taken than about twice the file's size.

    Args:
        path: the file.
        max_bytes: refuse a larger file; 4 GiB by default.

    Returns:
        The arrays by name, which can be written to, and the texts of the metadata.

    Raises:
        FileFormatError: the file is damaged, cut off, hostile, too large, or of another format. It is a ValueError.
        OSError: there is no such file, or it cannot be read.
    """
    import safetensors  # machine code, which not every place has where the rest runs: a browser, say

    with opened(path, max_bytes) as (file, size):
        header, header_bytes = _read_header(file, size, path)
        data = read_exactly(file, size - len(header_bytes), path)
    try:
        found: Any = safetensors.deserialize(header_bytes + data)  # type: ignore[no-untyped-call]
    except Exception as error:  # the library's own error has no public base but Exception
        raise FileFormatError(path, f"is damaged: {error}") from None
    arrays = {name: _numbers(view) for name, view in found}
    return {name: arrays[name] for name in header.entries}, header.metadata


def read_header(path: Path, max_bytes: int = MAX_BYTES) -> Header:
    """What a safetensors file says of itself, checked against its size, without its numbers.

    Raises:
        FileFormatError, OSError: as in `read_tensors`.
    """
    with opened(path, max_bytes) as (file, size):
        return _read_header(file, size, path)[0]


# ---- the header -----------------------------------------------------------------------------------------------------


def _read_header(file: BinaryIO, size: int, path: Path) -> tuple[Header, bytes]:
    start = file.read(8)
    check_format(path, start + file.read(1024))
    file.seek(8)
    if len(start) < 8:
        raise FileFormatError(path, f"has only {len(start)} bytes, and is no safetensors file; fetch it again")
    (length,) = struct.unpack("<Q", start)
    if length > size - 8:
        raise FileFormatError(
            path,
            f"claims a header of {length:,} bytes but has {size:,} in all; it was cut off, or is no safetensors file",
        )
    if length > MAX_HEADER_BYTES:
        raise FileFormatError(path, f"has a header of {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read")
    text = read_exactly(file, length, path)
    return _parsed(text, size - 8 - length, path), start + text


def _parsed(text: bytes, room: int, path: Path) -> Header:
    try:
        header = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except RecursionError:
        raise FileFormatError(path, "has a header that is nested too deeply") from None
    except ValueError as error:  # also of the decoding
        raise FileFormatError(path, f"has a damaged header: {_shortened(error)}") from None
    if not isinstance(header, dict):
        raise FileFormatError(path, "has a header that is no JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FileFormatError(path, "has metadata that are no texts")
    entries = {name: _entry(name, said, room, path) for name, said in header.items()}
    total = sum(entry.bytes for entry in entries.values())
    if total != room:
        raise FileFormatError(
            path, f"should have {total:,} bytes of numbers and has {room:,}; it was cut off, or changed: fetch it again"
        )
    return Header(entries, metadata)


def _entry(name: str, said: Any, room: int, path: Path) -> Entry:
    if not isinstance(said, dict) or said.keys() != {"dtype", "shape", "data_offsets"}:
        raise FileFormatError(path, f"does not say dtype, shape and data_offsets of {_shortened(name)!r}, and no more")
    code, shape, offsets = said["dtype"], said["shape"], said["data_offsets"]
    if not isinstance(code, str) or code not in _RAW_DTYPES:
        raise FileFormatError(
            path,
            f"holds {_shortened(name)!r} as {_shortened(code)!r}, which is none of {', '.join(_RAW_DTYPES)}; "
            f"convert it where it was made, as with .float() in PyTorch",
        )
    if not _are_lengths(shape) or len(shape) > MAX_AXES or math.prod(max(1, each) for each in shape) > MAX_ELEMENTS:
        raise FileFormatError(path, f"gives {_shortened(name)!r} the impossible shape {_shortened(shape)}")
    entry = Entry(code, tuple(shape))
    if not _are_lengths(offsets) or len(offsets) != 2 or offsets[1] - offsets[0] != entry.bytes or offsets[1] > room:
        raise FileFormatError(
            path,
            f"has {_shortened(name)!r}, of shape {tuple(shape)} and dtype {code}, at data_offsets "
            f"{_shortened(offsets)}, where it does not lie: its numbers are {room:,} bytes",
        )
    return entry


def _are_lengths(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(each) is int and 0 <= each <= MAX_ELEMENTS for each in numbers)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"{_shortened(twice)!r} stands in it twice")
    return held


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:100]}... ({len(text):,} characters)"


# ---- the numbers ----------------------------------------------------------------------------------------------------


def _numbers(view: dict[str, Any]) -> Array:
    code = view["dtype"]
    data = view["data"]
    raw = np.frombuffer(data if isinstance(data, bytearray) else bytearray(data), dtype=_RAW_DTYPES[code])
    if code == "BOOL":
        raw = raw.view(np.uint8) != 0  # a byte of 2 would be a boolean that equals neither
    elif code == "BF16":
        raw = widened_bfloat16(raw)
    elif code in FLOAT8:
        raw = widened_float8(raw, code)
    return raw.reshape(view["shape"]).astype(raw.dtype.newbyteorder("="), copy=False)


def _writable(name: Any, array: Any) -> Array:
    if name == "__metadata__":
        raise TypeError(
            "write_tensors: '__metadata__' is the name of the file's own texts; choose another for an array"
        )
    _text(name, name)
    numbers = np.asarray(array)
    if numbers.dtype.newbyteorder("=") not in _CODES:
        raise TypeError(
            f"write_tensors: {name!r} holds {numbers.dtype}, for which the format has no place; convert it, as with "
            f".astype(np.float64)"
        )
    return np.asarray(numbers, dtype=numbers.dtype.newbyteorder("<"), order="C")


def _text(name: Any, value: Any) -> str:
    try:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"write_tensors: names and metadata are texts, not {name!r}: {value!r}")
        name.encode()
        value.encode()
    except UnicodeEncodeError as error:
        raise TypeError(f"write_tensors: {name!r} cannot be written as UTF-8: {error.reason}") from None
    return value
