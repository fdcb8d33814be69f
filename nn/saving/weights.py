"""Parameters to and from a file, and the check that a state fits its module."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nn.module import Module

Array = npt.NDArray[Any]


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


def checked_state(module: Module, state: Mapping[str, Any]) -> list[tuple[Any, Array]]:
    """Each parameter with its new array, where the whole state fits; see `Module.load_state_dict`."""
    parameters = dict(module.named_parameters(remove_duplicate=False))
    arrays = {name: np.asarray(state[name]) for name in parameters if name in state}
    problems = [f"missing: {name!r}" for name in parameters if name not in state]
    problems += [f"no such parameter: {name!r}" for name in state if name not in parameters]
    problems += [problem for name, array in arrays.items() for problem in _misfits(name, array, parameters[name])]
    given: dict[int, str] = {}
    for name, array in arrays.items():
        first = given.setdefault(id(parameters[name]), name)
        if not np.array_equal(arrays[first], array, equal_nan=array.dtype.kind == "f"):
            problems.append(f"{first!r} and {name!r} are one parameter, and their arrays differ")
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ValueError(
            f"load_state_dict: the state does not fit {module.describe()}, and nothing was changed:{listed}\n"
            f"Build the module with the arguments that the saved one had"
        )
    return [(parameters[name], array) for name, array in arrays.items()]


def _misfits(name: str, array: Array, parameter: Any) -> list[str]:
    shape = getattr(parameter, "shape", ())
    if array.dtype.kind != "f":
        return [f"{name!r} holds {array.dtype}, not floating-point numbers"]
    if array.shape != shape:
        return [f"{name!r} has shape {array.shape}, and the parameter has {shape}"]
    return []
