"""A module's parameters and buffers to and from a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.progress import with_progress
from nn.module import Module
from nn.saving.files import FileFormatError, Path
from nn.saving.state import checked_state
from nn.saving.tensors import MAX_BYTES, Header, read_header, read_tensors, write_tensors

FORMAT = "gradwalk"
VERSION = "1"


@with_progress
def save(module: Module, path: Path) -> None:
    """Write the module's `state_dict` as a safetensors file, complete or not at all.

    PyTorch reads the file with ``safetensors.torch.load_file``. Equal modules give equal bytes.

    Args:
        module: any module.
        path: the file, whose name is taken as it is; an older one is replaced.

    Raises:
        OSError: the file cannot be written. An older one is as it was.

    Example:
        >>> import nn, os, tempfile
        >>> model = nn.Linear(2, 3)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.safetensors")
        ...     nn.save(model, path)
        ...     missing, unexpected = nn.load(nn.Linear(2, 3), path)
        >>> missing, unexpected
        ([], [])
    """
    metadata = {"format": FORMAT, "version": VERSION, "class": type(module).__qualname__, "module": repr(module)}
    printable = {name: text.encode(errors="backslashreplace").decode() for name, text in metadata.items()}
    write_tensors(path, module.state_dict(), printable)


@with_progress
def load(module: Module, path: Path, strict: bool = True, *, max_bytes: int = MAX_BYTES) -> tuple[list[str], list[str]]:
    """Set the module's parameters and buffers from a file that `save` or PyTorch's ``save_file`` wrote.

    Each keeps its own dtype; float16, bfloat16 and 8-bit weights are widened on the way. Where anything is wrong,
    nothing in the module changes.

    Args:
        module: a module whose `state_dict` has the file's names and shapes.
        path: a safetensors file, as of ``safetensors.torch.save_file(model.state_dict(), path)``. PyTorch's own pickles
            (.pt, .pth) can run any code when they are opened, and are refused.
        strict: whether every name must be there, and no other. Otherwise what is missing stays as it is.
        max_bytes: refuse a larger file; 4 GiB by default.

    Returns:
        The names that are missing in the file, and those that belong to nothing here; both empty where `strict`.

    Raises:
        ValueError: the file does not fit the module, see `Module.load_state_dict`; or it is damaged, cut off, hostile,
            too large, or of another format. The message names the file and every fault.
        OSError: there is no such file, or it cannot be read.
    """
    header = read_header(path, max_bytes)
    _check_version(header, path)
    try:
        checked_state(module, _stand_ins(header), strict)  # before any number is read: names and shapes
        arrays, _ = read_tensors(path, max_bytes)
        return module.load_state_dict(arrays, strict)
    except FileFormatError:
        raise
    except ValueError as error:
        renamed = "; state, _ = nn.read_tensors(path)" if "in state" in str(error) else ""
        raise FileFormatError(path, f"{error}{renamed}") from None


def _stand_ins(header: Header) -> dict[str, Any]:
    """Arrays of the file's shapes and dtypes that take no memory."""
    return {name: np.broadcast_to(np.zeros((), each.dtype), each.shape) for name, each in header.entries.items()}


def _check_version(header: Header, path: Path) -> None:
    version = header.metadata.get("version")
    if header.metadata.get("format") == FORMAT and version != VERSION:
        raise FileFormatError(
            path, f"is of gradwalk's format {version!r}, and this gradwalk reads {VERSION!r}; install a newer gradwalk"
        )
