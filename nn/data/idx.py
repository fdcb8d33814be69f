"""IDX files: the format in which MNIST and its successors are handed on."""

from __future__ import annotations

import gzip
import math
import zlib
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.progress import with_progress
from nn.saving.files import FileFormatError, Path, opened

Array = npt.NDArray[Any]

DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_AXES = 64  # of a NumPy array
MOST_HEADER_BYTES = 4 + 4 * MOST_AXES
CHUNK = 1 << 20  # bytes to ask for at once: a stream sets aside what it is asked for, whether or not it has as much
GZIP_MARK = b"\x1f\x8b"


class Header(NamedTuple):
    """What the first bytes of an IDX file declare."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """How many bytes of data must follow."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype.name} numbers of shape {self.shape} in {self.bytes:,} bytes"


@with_progress
def load_idx(path: Path, max_bytes: int = 1 << 31) -> Array:
    """Read an array from an IDX file, plain or compressed with gzip.

    The file is two zero bytes, one for the dtype, one for the number of axes, the length of each axis and the numbers,
    all big-endian. No more is read than the header declares.

    Args:
        path: the file; that it is compressed is seen from its content, not from its name.
        max_bytes: the largest array to read; a larger one is refused before anything is set aside for it.

    Returns:
        The array, in the byte order of this machine: uint8, int8, int16, int32, float32 or float64.

    Raises:
        FileFormatError: it is no IDX file, is damaged, or holds fewer or more bytes than its header declares. It is a
            ValueError.
        OSError: there is no such file, or it cannot be read.

    Source: Y. LeCun, C. Cortes and C. Burges, The MNIST Database of Handwritten Digits (1998).

    Example:
        >>> import nn, os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "labels-idx1-ubyte")
        ...     with open(path, "wb") as file:
        ...         _ = file.write(bytes([0, 0, 0x08, 1, 0, 0, 0, 3]) + bytes([7, 2, 1]))
        ...     nn.load_idx(path)
        array([7, 2, 1], dtype=uint8)
    """
    with opened(path, max_bytes + MOST_HEADER_BYTES) as (file, _):
        compressed = file.read(2) == GZIP_MARK
        file.seek(0)
        if not compressed:
            return _read(file, path, max_bytes)
        try:
            with gzip.open(file) as stream:
                return _read(stream, path, max_bytes)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(path, f"is damaged: {error}; copy it from its source again") from error


def _read(stream: BinaryIO | gzip.GzipFile, path: Path, max_bytes: int) -> Array:
    header = _read_header(stream, path)
    most = math.prod(max(length, 1) for length in header.shape) * header.dtype.itemsize
    if most > max_bytes:  # counted without empty axes, beside which NumPy too refuses lengths beyond all bounds
        raise FileFormatError(
            path, f"declares {header}, more than max_bytes={max_bytes:,}; raise it where the file is not damaged"
        )
    data = _read_at_most(stream, header.bytes)
    if len(data) < header.bytes:
        raise FileFormatError(
            path, f"is truncated: it declares {header}, and {len(data):,} are there; copy it from its source again"
        )
    if stream.read(1):  # which also lets gzip compare the checksum
        raise FileFormatError(
            path, f"is damaged: it declares {header}, and more are there; copy it from its source again"
        )
    numbers = np.frombuffer(data, header.dtype).reshape(header.shape)
    return numbers.astype(header.dtype.newbyteorder("="), copy=False)


def _read_header(stream: BinaryIO | gzip.GzipFile, path: Path) -> Header:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES or magic[3] > MOST_AXES:
        raise FileFormatError(
            path,
            f"is no IDX file: it begins with the bytes {magic.hex(' ') or 'of an empty file'}, not with 00 00, a dtype "
            f"({', '.join(f'{code:02x}' for code in DTYPES)}) and a number of axes",
        )
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise FileFormatError(path, "is truncated: it ends within its header; copy it from its source again")
    return Header(np.dtype(DTYPES[magic[2]]), tuple(np.frombuffer(lengths, ">u4").tolist()))


def _read_at_most(stream: BinaryIO | gzip.GzipFile, count: int) -> bytearray:
    data = bytearray()
    while len(data) < count:
        piece = stream.read(min(CHUNK, count - len(data)))
        if not piece:
            break
        data += piece
    return data
