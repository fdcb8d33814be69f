"""The NumPy executor of tensor tapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.generic import Generic
from autograd.replay.arrays.plan import UnusualNumbersError
from autograd.replay.arrays.pull import Pull
from autograd.replay.arrays.selection import make_plan
from autograd.replay.tape import Tape


class Arrays:
    """Runs a tensor tape by a plan: in buffers that are allotted once, with nothing looked up or checked in a run.

    The planned pull does plain products. Where a NaN shows in a gradient, eager may have masked it (what received
    nothing hands on nothing), so that the pull is repeated by the rules' own `contributions`.

    Args:
        tape: of Tensors.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.plan = make_plan(tape)
        self.generic = Generic(tape)
        self._outputs = list(tape.outputs)
        self._pulls: dict[tuple[bool, ...], Pull] = {}
        self._batch: int | None = None
        self._samples: list[tuple[Sequence[Any], Sequence[Any]]] = []
        self._carries: list[bool] = []

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any], batch: int | None) -> list[Any]:
        self._batch = batch
        if batch is None:
            return self._run(inputs, leaves)
        self._carries = [array.ndim > len(spec.shape) for array, spec in zip(inputs, self.tape.inputs, strict=True)]
        self._samples = [
            ([array[b, ...] if own else array for array, own in zip(inputs, self._carries, strict=True)], leaves)
            for b in range(batch)
        ]
        outputs = [self._run(*sample) for sample in self._samples]
        if not outputs:
            return [np.empty((0, *self.tape.shapes[place]), self.tape.dtypes[place]) for place in self.tape.outputs]
        return [np.stack(each) for each in zip(*outputs, strict=True)]

    def pull(self, seeds: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        if self._batch is None:
            return self._pull(seeds)
        if not self._samples:
            return self._of_no_sample()
        found = []
        for b, sample in enumerate(self._samples):
            self._run(*sample)
            found.append(self._pull([None if seed is None else seed[b] for seed in seeds]))
        to_inputs = [
            None if each[0] is None else np.stack(each) if own else sum(each[1:], start=each[0])
            for each, own in zip(zip(*(inputs for inputs, _ in found), strict=True), self._carries, strict=True)
        ]
        leaves = zip(*(leaves for _, leaves in found), strict=True)
        return to_inputs, [sum(each[1:], start=each[0]) for each in leaves]

    # ---- one sample -----------------------------------------------------------------------------------------------

    def _run(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
        self.plan.run(inputs, leaves)
        values = self.plan.values
        return [values[place].copy("K") for place in self._outputs]

    def _pull(self, seeds: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        given = tuple([seed is not None for seed in seeds])
        pull = self._pulls.get(given)
        if pull is None:
            pull = self._pulls[given] = Pull(self.plan, given)
        try:
            gradients = pull.run(seeds)
        except UnusualNumbersError:
            gradients = None
        if gradients is not None:
            inputs = len(self.tape.inputs)
            return gradients[:inputs], gradients[inputs:]
        with np.errstate(all="ignore"):  # what there was to warn of, the run has warned of
            self.generic.run(self.plan.inputs, [self.plan.values[place] for place in self.tape.leaves])
        return self._returned(self.generic.pull(seeds))

    def _returned(self, gradients: dict[int, Any]) -> tuple[list[Any], list[Any]]:
        def of(place: int) -> Any:
            found = gradients.get(place)
            return np.zeros(self.tape.shapes[place], self.tape.dtypes[place]) if found is None else found

        to_inputs = [of(spec.places[0]) if spec.differentiable else None for spec in self.tape.inputs]
        return to_inputs, [of(place) for place in self.tape.leaves]

    def _of_no_sample(self) -> tuple[list[Any], list[Any]]:
        to_inputs, to_leaves = self._returned({})
        for number, own in enumerate(self._carries):
            if own and to_inputs[number] is not None:
                to_inputs[number] = np.empty((0, *to_inputs[number].shape), to_inputs[number].dtype)
        return to_inputs, to_leaves
