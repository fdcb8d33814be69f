"""The check that a state fits its module, whole, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nn.module import Module
from nn.parts import Array, StateEntry


class CheckedState(NamedTuple):
    """A state that fits: what to set, what it lacks, and what belongs to nothing in the module."""

    arrays: list[tuple[StateEntry, Array]]
    missing: list[str]
    unexpected: list[str]


def checked_state(module: Module, state: Mapping[str, Any], strict: bool = True) -> CheckedState:
    """Each attribute with its new array, where the whole state fits; see `Module.load_state_dict`."""
    entries = module.named_state()
    paths = {entry.path for entry in entries}
    missing = [entry.path for entry in entries if entry.path not in state]
    unexpected = [path for path in state if path not in paths]
    arrays = [(entry, np.asarray(state[entry.path])) for entry in entries if entry.path in state]
    problems = [f"missing: {path!r}" for path in missing if strict]
    problems += [f"no such parameter or buffer: {path!r}" for path in unexpected if strict]
    problems += [problem for entry, array in arrays for problem in _misfits(entry, array)]
    problems += _contradictions(arrays)
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ValueError(
            f"load_state_dict: the state does not fit {module.describe()}, and nothing was changed:{listed}\n"
            f"Build the module with the arguments that the saved one had"
        )
    return CheckedState(arrays, missing, unexpected)


def _misfits(entry: StateEntry, array: Array) -> list[str]:
    held = entry.held
    kind = "buffer" if isinstance(held, np.ndarray) else "parameter"
    wanted = "f" if kind == "parameter" or held.dtype.kind == "f" else "iub"
    if array.dtype.kind not in wanted:
        numbers = "floating-point numbers" if wanted == "f" else "integers"
        return [f"{entry.path!r} holds {array.dtype}, not {numbers}"]
    shape = getattr(held, "shape", ())
    if array.shape != shape:
        return [f"{entry.path!r} has shape {array.shape}, and the {kind} has {shape}"]
    return []


def _contradictions(arrays: list[tuple[StateEntry, Array]]) -> list[str]:
    """What is held in two places and given two arrays."""
    problems = []
    given: dict[int, tuple[StateEntry, Array]] = {}
    for entry, array in arrays:
        first, earlier = given.setdefault(id(entry.held), (entry, array))
        if not np.array_equal(earlier, array, equal_nan=array.dtype.kind == "f"):
            problems.append(f"{first.path!r} and {entry.path!r} are one parameter, and their arrays differ")
    return problems
