"""`Reading`: a tape as what looks for groups of steps sees it: who reads what, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.replay.arrays.compiled.assembly import Machine
from autograd.replay.arrays.compiled.views import place_views
from autograd.replay.arrays.compiled.writer import KINDS
from autograd.replay.tape import Computed, Step, Tape, varies


class Reading:
    """Attributes:
    views: where each place lies.
    steps: by place.
    users: the places whose steps read a place, as often as they do.
    named: the places that stand among the parameters of steps.
    """

    def __init__(self, tape: Tape, machine: Machine) -> None:
        self.tape, self.machine = tape, machine
        self.views = place_views(tape)
        self.steps = {step.place: step for step in tape.steps()}
        self.users: dict[int, list[int]] = {}
        for step in self.steps.values():
            for place in step.arguments:
                self.users.setdefault(place, []).append(step.place)
        self.named = {each for step in self.steps.values() for each in _computed(step.params)}

    def only_user(self, place: int) -> Step | None:
        """The step that alone reads a place; None if there are others, or the place is a result."""
        users = self.users.get(place, [])
        if len(users) != 1 or place in self.tape.outputs or place in self.named:
            return None
        return self.steps[users[0]]

    def kind(self, *places: int) -> str | None:
        """The type of these places' numbers, if they are of one that is compiled."""
        kinds = {KINDS.get(np.dtype(self.tape.dtypes[place])) for place in places}
        return kinds.pop() if len(kinds) == 1 else None


def _computed(params: Any) -> Iterator[int]:
    """The places that parameters name."""
    if varies(params):
        for value in params.values():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Computed):
                    yield each.place
