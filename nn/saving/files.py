"""Files that are written whole or not at all, and the error of a file that cannot be understood."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

Path = str | os.PathLike[str]


class FileFormatError(ValueError):
    """A file is damaged, hostile or of another format. The message names the file and the fault."""

    def __init__(self, path: Any, fault: str = "") -> None:
        super().__init__(f"{os.fspath(path)!s}: {fault}" if fault else path)  # a copy is made of the whole message


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A new binary file that takes the place of `path` when the block ends, and leaves nothing where it raises.

    The numbers are on the disk before the old file goes, so that a crash leaves one of the two whole. An older file's
    permissions are kept; a new one gets those of any new file. A link stays a link, and its target is replaced.

    Raises:
        OSError: the folder does not exist or cannot be written, or `path` is a folder or a device.
    """
    target = os.path.realpath(path)
    older = os.stat(target) if os.path.exists(target) else None
    if older is not None and not stat.S_ISREG(older.st_mode):
        kind = "a folder" if stat.S_ISDIR(older.st_mode) else "no ordinary file"
        raise OSError(f"{os.fspath(path)!s} is {kind}; give the name of a file")
    folder = os.path.dirname(target)
    unfinished = os.path.join(folder, f".unfinished-{os.urandom(8).hex()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if older is not None:
            os.chmod(unfinished, stat.S_IMODE(older.st_mode))
        os.replace(unfinished, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(unfinished)
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Let the new name reach the disk too, where the system can open a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def opened(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """An ordinary file of at most so many bytes, open for reading, and its size.

    Raises:
        FileFormatError: it is a folder, a device or a pipe, or larger than `max_bytes`.
        OSError: there is no such file, or it cannot be read.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # asked first: opening a pipe would wait for a writer
        raise FileFormatError(path, "is no ordinary file; give the name of one")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise FileFormatError(
                path, f"has {size:,} bytes, and max_bytes={max_bytes:,} allows no more; raise it if you trust the file"
            )
        yield file, size


def read_exactly(file: BinaryIO, count: int, path: Path) -> bytes:
    """So many bytes, where the file has them.

    Raises:
        FileFormatError: it ends before.
    """
    data = file.read(count)
    if len(data) != count:
        raise FileFormatError(path, f"ends after {len(data):,} of {count:,} bytes that it should have; fetch it again")
    return data
