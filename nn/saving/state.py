"""The check that a state fits its module, whole, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from nn.module import Module
from nn.parts import Array, StateEntry

MOST_LISTED = 100  # of the problems, in a message
MOST_COMPARED = 1000  # of the names that belong to nothing, to find those that resemble a missing one


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
    unexpected = [str(path) for path in state if path not in paths]
    arrays = [(entry, np.asarray(state[entry.path])) for entry in entries if entry.path in state]
    problems = _name_problems(missing, unexpected) if strict else []
    problems += [problem for entry, array in arrays for problem in _misfits(entry, array)]
    problems += _contradictions(arrays)
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems[:MOST_LISTED])
        more = f"\n  and {len(problems) - MOST_LISTED} more" if len(problems) > MOST_LISTED else ""
        remedy = _prefix_remedy(missing, unexpected) if strict else ""
        raise ValueError(
            f"load_state_dict: the state does not fit {module.describe()}, and nothing was changed:{listed}{more}\n"
            f"{remedy or 'Build the module with the arguments that the saved one had'}"
        )
    return CheckedState(arrays, missing, unexpected)


def _name_problems(missing: list[str], unexpected: list[str]) -> list[str]:
    lines = []
    for place, path in enumerate(missing):
        near = get_close_matches(path, unexpected[:MOST_COMPARED], n=2) if place < MOST_LISTED else []
        hint = f"; the state has {' and '.join(map(repr, near))}" if near else ""
        lines.append(f"missing: {path!r}{hint}")
    return lines + [f"no such parameter or buffer: {_shortened(path)!r}" for path in unexpected]


def _prefix_remedy(missing: list[str], unexpected: list[str]) -> str:
    """What to do where all names would fit but for what they begin with, as the "module." of PyTorch's DataParallel."""
    if prefix := _surplus(unexpected, missing):
        return (
            f"Its names begin with {prefix!r} in excess: "
            f"load_state_dict({{name.removeprefix({prefix!r}): array for name, array in state.items()}})"
        )
    if prefix := _surplus(missing, unexpected):
        return f"Its names lack {prefix!r}: load_state_dict({{{prefix!r} + name: state[name] for name in state}})"
    return ""


def _surplus(longer: list[str], shorter: list[str]) -> str:
    """The prefix that makes the shorter names the longer ones, or nothing."""
    if not shorter or len(longer) != len(shorter):
        return ""
    candidates = {path.removesuffix(shorter[0]) for path in longer if path.endswith(shorter[0])} - {""}
    return next((each for each in sorted(candidates) if {each + path for path in shorter} == set(longer)), "")


def _shortened(path: str) -> str:
    return path if len(path) <= 200 else f"{path[:180]}... ({len(path):,} characters)"


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
