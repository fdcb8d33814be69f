"""Averages of the weights over the steps, which often test better than the last weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.module import Module
from nn.optim.groups import checked_parameters
from nn.parts import StateEntry, copied_numbers

Array = npt.NDArray[Any]


class ExponentialMovingAverage:
    """A running average of each parameter: a ← d·a + (1 - d)·w at every `update` (Polyak and Juditsky, 1992).

    It starts as the parameters are when it is made. A module's buffers are copied, not averaged.

    Args:
        model: a module, or leaf Tensors or Values.
        decay: d, from 0 to 1.
        warmup: let d grow with the updates, min(decay, (1 + n)/(10 + n)) at the n-th, so that the first weights are
            soon forgotten.

    Attributes:
        updates: how often `update` was called.

    Raises:
        TypeError: `model` holds something else than parameters.
        ValueError: there is no parameter, or `decay` is outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> average = nn.ExponentialMovingAverage([w], decay=0.75)
        >>> w.data = [5.0, 2.0]
        >>> average.update()
        >>> with average.averaged():
        ...     w.data.tolist()
        [2.0, -1.0]
        >>> w.data.tolist()
        [5.0, 2.0]
    """

    def __init__(self, model: Module | Iterable[Any], decay: float = 0.999, warmup: bool = False) -> None:
        if not 0.0 <= decay <= 1.0:
            raise ValueError(f"ExponentialMovingAverage: decay={decay!r} must be a number from 0 to 1")
        self.decay = float(decay)
        self.warmup = warmup
        self.updates = 0
        self._module = model if isinstance(model, Module) else None
        named = _named_parameters(model)
        self._parameters = dict(named)
        self._averages = {name: _numbers(parameter) for name, parameter in named}
        self._buffers = self._copied_buffers()
        self._swapped = False

    def update(self) -> None:
        """Take the parameters as they are now into the average; after each step of the optimiser.

        Raises:
            RuntimeError: the averages are in the parameters' place.
        """
        if self._swapped:
            raise RuntimeError(
                "ExponentialMovingAverage: update inside averaged() would average the averages; leave the context first"
            )
        self.updates += 1
        decay = min(self.decay, (1.0 + self.updates) / (10.0 + self.updates)) if self.warmup else self.decay
        for name, parameter in self._parameters.items():
            self._averages[name] = decay * self._averages[name] + (1.0 - decay) * _numbers(parameter)
        self._buffers = self._copied_buffers()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """A context in which the parameters hold their averages, and the buffers what they held at the last update.

        When it is left, also by an error, both are again what they were before it.
        """
        before = {name: _numbers(parameter) for name, parameter in self._parameters.items()}
        buffers, was_swapped = self._copied_buffers(), self._swapped
        try:
            self._swapped = True
            self.copy_to_parameters()
            yield
        finally:
            self._swapped = was_swapped
            self._write(before, buffers)

    def copy_to_parameters(self) -> None:
        """Set the parameters to their averages, and the buffers to what they were at the last update, for good."""
        self._write(self._averages, self._buffers)

    def state_dict(self) -> dict[str, Any]:
        """A copy of the averages and buffers by name, and of the count of updates: arrays and numbers."""
        return {
            "updates": self.updates,
            "averages": {name: np.array(array) for name, array in self._averages.items()},
            "buffers": {name: np.array(array) for name, array in self._buffers.items()},
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            ValueError: the names or shapes are not those of this model; the message names every mismatch, and nothing
                is changed.
        """
        problems = _misfits("averages", self._averages, state_dict) + _misfits("buffers", self._buffers, state_dict)
        problems += [] if "updates" in state_dict else ["missing: 'updates'"]
        if problems:
            listed = "".join(f"\n  {problem}" for problem in problems)
            raise ValueError(
                f"ExponentialMovingAverage: the state does not fit the model, and nothing was changed:{listed}"
            )
        self.updates = int(state_dict["updates"])
        self._averages = _as_held(self._averages, state_dict["averages"])
        self._buffers = _as_held(self._buffers, state_dict["buffers"])

    def _write(self, numbers: Mapping[str, Any], buffers: Mapping[str, Array]) -> None:
        for name, parameter in self._parameters.items():
            parameter.data = numbers[name]  # the parameter copies them
        for entry in self._buffer_entries():
            if entry.path in buffers:
                entry.set(buffers[entry.path])

    def _buffer_entries(self) -> list[StateEntry]:
        state = [] if self._module is None else self._module.named_state()
        return [entry for entry in state if isinstance(entry.held, np.ndarray)]

    def _copied_buffers(self) -> dict[str, Array]:
        return {entry.path: copied_numbers(entry.held) for entry in self._buffer_entries()}


def _named_parameters(model: Any) -> list[tuple[str, Any]]:
    caller = "ExponentialMovingAverage"
    if isinstance(model, Module):
        named = model.named_parameters()
    else:
        named = [(str(place), parameter) for place, parameter in enumerate(checked_parameters(model, caller))]
    if not named:
        raise ValueError(f"{caller}: there is no parameter to average")
    return named


def _numbers(parameter: Any) -> Any:
    return parameter.numpy() if isinstance(parameter, Tensor) else parameter.data


def _misfits(kind: str, held: Mapping[str, Any], state: Mapping[str, Any]) -> list[str]:
    given = state.get(kind)
    if given is None:
        return [f"missing: {kind!r}"]
    problems = [f"{kind}: missing {name!r}" for name in held if name not in given]
    problems += [f"{kind}: {name!r} belongs to nothing here" for name in given if name not in held]
    problems += [
        f"{kind}: {name!r} has shape {np.shape(given[name])}, and here {np.shape(mine)}"
        for name, mine in held.items()
        if name in given and np.shape(given[name]) != np.shape(mine)
    ]
    return problems


def _as_held(held: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Each array in the dtype that is held; a Value's number as a float."""
    return {
        name: np.asarray(given[name]).astype(mine.dtype) if hasattr(mine, "dtype") else float(given[name])
        for name, mine in held.items()
    }
