"""A tape run one primitive after another, in fresh arrays, by each rule's own forward and `contributions`.

It is eager's arithmetic to the bit. The planned executor leaves to it what is rare: gradients in which a NaN shows, and
numbers for which a planned kernel has no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.tape import Step, Tape, filled, varies
from autograd.rule import array_arithmetic


class Generic:
    """Runs a tensor tape without a plan.

    Args:
        tape: of Tensors.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.steps = list(tape.steps())
        self.varying = {step.place for step in self.steps if varies(step.params)}
        self.values: list[Any] = []
        self.latest: Sequence[Any] = ()

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
        """The outputs; their arrays are the caller's own."""
        values = self.values = placed(self.tape, inputs, leaves)
        self.latest = inputs
        for step in self.steps:
            arrays = [values[place] for place in step.arguments]
            params = self._params(step)
            step.rule.check_kink(arrays, params)
            values[step.place] = np.asarray(step.rule.forward(*arrays, **params))
        return [np.array(values[place]) for place in self.tape.outputs]

    @array_arithmetic
    def pull(self, seeds: Sequence[Any]) -> dict[int, Any]:
        """The gradient of each input and leaf that one comes to, by its place, after `run`."""
        tape, values = self.tape, self.values
        gradients: dict[int, Any] = {}

        def add(place: int, contribution: Any) -> None:
            contribution = np.asarray(contribution, dtype=tape.dtypes[place])
            earlier = gradients.get(place)
            gradients[place] = contribution if earlier is None else np.asarray(earlier + contribution)

        for place, seed in zip(tape.outputs, seeds, strict=True):
            if seed is not None and tape.requires[place]:
                add(place, seed)
        for step in reversed(self.steps):
            upstream = gradients.pop(step.place, None)
            needed = [bool(tape.requires[place]) for place in step.arguments]
            if upstream is None or not any(needed):
                continue
            arrays = [values[place] for place in step.arguments]
            received = step.rule.contributions(upstream, values[step.place], arrays, needed, self._params(step))
            for place, contribution, need in zip(step.arguments, received, needed, strict=True):
                if contribution is not None and need:
                    add(place, contribution)
        return {place: np.array(gradient) for place, gradient in gradients.items()}

    def _params(self, step: Step) -> dict[str, Any]:
        varying = step.place in self.varying
        return filled(step.params, self.latest, self.values) if varying else dict(step.params)


def placed(tape: Tape, inputs: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    """The arrays of constants, inputs and leaves at their places; None elsewhere."""
    values: list[Any] = [None] * len(tape)
    for place, array in tape.constants.items():
        values[place] = array
    for spec, array in zip(tape.inputs, inputs, strict=True):
        for place in spec.places:
            values[place] = array
    for place, array in zip(tape.leaves, leaves, strict=True):
        values[place] = array
    return values
