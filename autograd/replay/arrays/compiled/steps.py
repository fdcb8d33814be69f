"""`NumpyStep`: a step that is not compiled, run by its own primitive between machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.compiled.memory import Memory
from autograd.replay.tape import Step, Tape, filled, varies
from autograd.rule import array_arithmetic


class NumpyStep:
    """One step of a tape."""

    def __init__(self, tape: Tape, step: Step, memory: Memory) -> None:
        self.tape, self.step, self.memory = tape, step, memory
        self.varies = varies(step.params)
        self.targets: list[tuple[int, int, bool]] = []

    def _params(self) -> dict[str, Any]:
        if not self.varies:
            return dict(self.step.params)
        return filled(self.step.params, self.memory.inputs, _Values(self.memory))

    def run(self) -> None:
        """Compute the result."""
        step, memory = self.step, self.memory
        arrays = [memory.value(place) for place in step.arguments]
        params = self._params()
        step.rule.check_kink(arrays, params)
        result = np.asarray(step.rule.forward(*arrays, **params))
        if self._is_read_by_code():
            memory.values[step.place][...] = result
        else:
            memory.values[step.place] = result if result.flags.c_contiguous else np.array(result, order="C")

    def _is_read_by_code(self) -> bool:
        """Whether the result belongs into a buffer that machine code reads."""
        return self.step.place in self.memory.value_slots

    def plan_pull(self, received: set[int]) -> Any:
        """What computes the contributions, given which gradients hold one already."""
        memory = self.memory
        memory.pulled.add(self.step.place)
        self._without_gradient = self.step.place not in received
        for number, place in enumerate(self.step.arguments):
            if self.tape.requires[place]:
                root = memory.views[place].root
                self.targets.append((number, place, root not in received))
                received.add(root)
                memory.pulled.add(root)
        return self.pull

    @array_arithmetic
    def pull(self) -> None:
        """Add the contributions to the arguments' gradients."""
        step, memory = self.step, self.memory
        arrays = [memory.value(place) for place in step.arguments]
        needed = [bool(self.tape.requires[place]) for place in step.arguments]
        if self._without_gradient:
            self._clear()
            return
        gradient, out = memory.gradient(step.place), memory.value(step.place)
        received = step.rule.contributions(gradient, out, arrays, needed, self._params())
        for number, place, first in self.targets:
            if received[number] is not None:
                memory.add(place, received[number], first)
            elif first:
                memory.clear(place)

    def _clear(self) -> None:
        for _, place, first in self.targets:
            if first:
                self.memory.clear(place)


class _Values(Sequence[Any]):
    """The values of places by number, views among them."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def __getitem__(self, place: Any) -> Any:
        return self.memory.value(place)

    def __len__(self) -> int:
        return len(self.memory.values)
