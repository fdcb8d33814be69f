"""What an optimiser remembers, to and from plain arrays and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import Tensor
from nn.optim.options import GROUP_NOTES, plain

if TYPE_CHECKING:
    from nn.optim.optimizer import Optimizer

# What PyTorch's groups hold beside: how a step is computed there, and notes that a schedule here keeps for itself.
_PYTORCH_ONLY = frozenset(
    {"foreach", "capturable", "differentiable", "fused", "param_names"}
    | {"max_lr", "min_lr", "max_momentum", "base_momentum"}
)


class CheckedOptimizerState(NamedTuple):
    """A state that fits: what is remembered of each parameter, and each group's options."""

    state: dict[Any, dict[str, Any]]
    options: list[dict[str, Any]]


def copied(state: Mapping[str, Any], parameter: Any) -> dict[str, Any]:
    """A copy of what is remembered of a parameter: arrays for a Tensor, Python's numbers for a Value."""
    arrays = isinstance(parameter, Tensor)
    return {
        name: np.array(held) if arrays and isinstance(held, np.ndarray | np.generic) else plain(held)
        for name, held in state.items()
    }


def checked_state(optimizer: Optimizer, given: Mapping[str, Any]) -> CheckedOptimizerState:
    """A state for this optimiser, where all of it fits; see `Optimizer.load_state_dict`."""
    options, problems = _checked_groups(optimizer, given)
    state: dict[Any, dict[str, Any]] = {}
    if not problems:
        state, problems = _checked_entries(optimizer, given)
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ValueError(
            f"{type(optimizer).__name__}.load_state_dict: the state does not fit, and nothing was changed:{listed}\n"
            f"Build the optimiser with the groups that the saved one had"
        )
    return CheckedOptimizerState(state, options)


def _checked_groups(optimizer: Optimizer, given: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Each group's options, and what of them does not fit."""
    if not {"state", "param_groups"} <= set(given):
        return [], [f"it holds {list(given)}, not 'state' and 'param_groups'"]
    groups = given["param_groups"]
    counts = [len(group["params"]) for group in groups]
    own = [len(group["params"]) for group in optimizer.param_groups]
    options = []
    problems = [] if counts == own else [f"its groups hold {counts} parameters, and the optimiser's hold {own}"]
    for number, group in enumerate(groups):
        found = {name: plain(value) for name, value in group.items() if name not in {"params", *_PYTORCH_ONLY}}
        missing = [name for name in optimizer.defaults if name not in found]
        unknown = [name for name in found if name not in {*optimizer.defaults, *GROUP_NOTES}]
        problems += [f"group {number} lacks the option {name!r}" for name in missing]
        problems += [f"group {number} has an unknown option {name!r}" for name in unknown]
        if not missing and not unknown:
            try:
                options.append(optimizer.checked_options(found))
            except ValueError as error:
                problems.append(f"group {number}: {error}")
    return options, problems


def _checked_entries(optimizer: Optimizer, given: Mapping[str, Any]) -> tuple[dict[Any, dict[str, Any]], list[str]]:
    """What is remembered of each parameter, and what of it does not fit."""
    places = [place for group in given["param_groups"] for place in group["params"]]
    entries = {int(place): entry for place, entry in given["state"].items()}  # JSON makes texts of the places
    state = {}
    problems = [f"no group holds parameter {place}" for place in entries if place not in places]
    for place, parameter in zip(places, optimizer.parameters, strict=True):
        entry = {name: held for name, held in entries.get(place, {}).items() if held is not None}
        misfits = _misfits(optimizer, parameter, entry) if entry else []
        problems += [f"parameter {place} {misfit}" for misfit in misfits]
        if entry and not misfits:
            state[parameter] = _fitted(optimizer, parameter, entry)
    return state, problems


def _misfits(optimizer: Optimizer, parameter: Any, entry: Mapping[str, Any]) -> list[str]:
    """Why what is to be remembered of a parameter does not fit."""
    problems = [f"lacks {name!r}" for name in sorted(optimizer.needed_state - set(entry))]
    shape = getattr(parameter, "shape", ())
    for name in sorted((optimizer.needed_state | optimizer.optional_state) & set(entry)):
        array = np.asarray(entry[name])
        if name in optimizer.plain_state:
            problems += [] if array.size == 1 and array.dtype.kind in "iuf" else [f"has no number for {name!r}"]
        elif array.shape != shape:
            problems.append(f"has the shape {shape}, and {name!r} {array.shape}")
        elif array.dtype.kind != "f":
            problems.append(f"has {name!r} of {array.dtype}, not floating-point numbers")
    return problems


def _fitted(optimizer: Optimizer, parameter: Any, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be remembered of a parameter, as its optimiser keeps it."""
    names = optimizer.needed_state | optimizer.optional_state
    if not names:  # an optimiser that does not say what it remembers
        return {name: np.array(np.asarray(held)) if hasattr(held, "shape") else held for name, held in entry.items()}
    fitted: dict[str, Any] = {}
    for name in sorted(names & set(entry)):
        if name == "step":
            fitted[name] = int(entry[name])
        elif name in optimizer.plain_state or not isinstance(parameter, Tensor):
            fitted[name] = float(entry[name])
        else:
            fitted[name] = np.asarray(entry[name]).astype(parameter.dtype)
    return fitted
