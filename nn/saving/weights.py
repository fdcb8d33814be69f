"""Parameters to and from a file."""

from __future__ import annotations

import os

import numpy as np

from nn.module import Module


def save(module: Module, path: str | os.PathLike[str]) -> None:
    """Write the module's `state_dict` as an ``.npz`` file, complete or not at all.

    Args:
        module: any module.
        path: the file, whose name is taken as it is; an older one is replaced.

    Example:
        >>> import nn, os, tempfile
        >>> model = nn.Linear(2, 3)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.npz")
        ...     nn.save(model, path)
        ...     nn.load(nn.Linear(2, 3), path)
    """
    unfinished = f"{os.fspath(path)}.{os.getpid()}.unfinished"
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, **module.state_dict())  # type: ignore[arg-type]
        os.replace(unfinished, path)
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)


def load(module: Module, path: str | os.PathLike[str]) -> None:
    """Set the module's parameters from a file that `save` wrote.

    Raises:
        ValueError: the file does not fit the module; see `Module.load_state_dict`.
        OSError: there is no such file, or it cannot be read.
    """
    with np.load(path, allow_pickle=False) as file:
        module.load_state_dict(dict(file))
