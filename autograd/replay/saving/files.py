"""Two files that are written whole or not at all, and the error of one that cannot be understood."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

Path = str | os.PathLike[str]


class ProgramFileError(ValueError):
    """A program's file is damaged, of another format or of a newer version. The message names file and fault."""


def paths_of(path: Path) -> tuple[str, str]:
    """The graph's file and the arrays' file, from their common name, with or without one of the suffixes.

    >>> paths_of("net"), paths_of("net.v2.json")
    (('net.json', 'net.safetensors'), ('net.v2.json', 'net.v2.safetensors'))
    """
    name = os.fspath(path)
    for suffix in (".json", ".safetensors"):
        name = name.removesuffix(suffix)
    if not os.path.basename(name):
        raise ValueError(f"a program's path must end with the name of its files, and {os.fspath(path)!r} does not")
    return f"{name}.json", f"{name}.safetensors"


def write_whole(files: Sequence[tuple[str, bytes]]) -> None:
    """Write files that belong together: each is complete on the disk before the first takes its name.

    Raises:
        OSError: the folder does not exist or cannot be written. Older files are as they were.
    """
    unfinished: list[tuple[str, str]] = []
    try:
        for path, content in files:
            if os.path.isdir(path):
                raise OSError(f"{path} is a folder; give the name of a file")
            target = os.path.realpath(path)  # a link stays a link
            beside = os.path.join(os.path.dirname(target), f".unfinished-{os.urandom(8).hex()}")
            unfinished.append((beside, target))
            with open(beside, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for beside, target in unfinished:
            os.replace(beside, target)
    finally:
        for beside, _ in unfinished:
            with contextlib.suppress(FileNotFoundError):
                os.remove(beside)


def read_bytes(path: str) -> bytes:
    """The content of an ordinary file.

    Raises:
        ProgramFileError: it is a folder or a device.
        FileNotFoundError: there is no such file.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # asked first: opening a pipe would wait for a writer
        raise ProgramFileError(f"{path}: is no ordinary file; give the name of one that Program.save has written")
    with open(path, "rb") as file:
        return file.read()


def shortened(value: object) -> str:
    """A text from a file as messages quote it."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:80]}... ({len(text):,} characters)"
