"""The compiled executor of tensor tapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.compiled.plan import CompiledPlan
from autograd.replay.arrays.compiled.writer import KINDS
from autograd.replay.arrays.executor import Arrays
from autograd.replay.arrays.generic import Generic
from autograd.replay.tape import Tape


class CompiledArrays(Arrays):
    """Runs a tensor tape by machine code, and what is not compiled by NumPy, in turn.

    A tape in which nothing is to be compiled, or that holds an empty array, is run by NumPy alone.

    Args:
        tape: of Tensors.

    Raises:
        ImportError: numba's LLVM is not installed.
    """

    def __init__(self, tape: Tape) -> None:
        compiled = CompiledPlan(tape) if _is_compiled(tape) else None
        self.compiled = compiled if compiled is not None and compiled.is_worthwhile else None
        if self.compiled is None:
            super().__init__(tape)
            return
        self.tape = tape
        self.generic = Generic(tape)
        self._batch: int | None = None
        self._samples: list[tuple[Sequence[Any], Sequence[Any]]] = []
        self._carries: list[bool] = []
        self._input_places = [spec.places[0] if spec.differentiable else -1 for spec in tape.inputs]
        self._leaf_places = list(tape.leaves)

    def _run(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
        if self.compiled is None:
            return super()._run(inputs, leaves)
        self._latest = (inputs, leaves)
        outputs = self.compiled.run(inputs, leaves)
        return self.generic.run(inputs, leaves) if outputs is None else outputs

    def _pull(self, seeds: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        if self.compiled is None:
            return super()._pull(seeds)
        gradients = self.compiled.pull(seeds)
        if gradients is not None:
            return (
                [None if place < 0 else gradients[place] for place in self._input_places],
                [gradients[place] for place in self._leaf_places],
            )
        with np.errstate(all="ignore"):  # what there was to warn of, the run has warned of
            self.generic.run(*self._latest)
        return self._returned(self.generic.pull(seeds))


def _is_compiled(tape: Tape) -> bool:
    """Whether no array is empty, and all that have a gradient are of a type that is compiled."""
    if any(math.prod(shape) == 0 for shape in tape.shapes):
        return False
    return all(np.dtype(dtype) in KINDS for dtype, needed in zip(tape.dtypes, tape.requires, strict=True) if needed)
