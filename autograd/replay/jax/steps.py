"""Which steps of a tape its outputs depend on."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.replay.tape import Computed, Step, Tape


def used_steps(tape: Tape) -> list[Step]:
    """The steps that the outputs depend on, in execution order: without those of Python's decisions alone."""
    steps = list(tape.steps())
    used = np.zeros(len(tape), dtype=bool)
    used[list(tape.outputs)] = True
    for step in reversed(steps):
        if used[step.place]:
            used[[*step.arguments, *_computed(tuple(step.params.values()))]] = True
    return [step for step in steps if used[step.place]]


def _computed(value: Any) -> list[int]:
    """The places that parameters are filled from."""
    if isinstance(value, Computed):
        return [value.place]
    return [place for each in value for place in _computed(each)] if value.__class__ is tuple else []
