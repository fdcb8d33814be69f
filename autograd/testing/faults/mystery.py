"""A fault that is on without its name being told, for a class to hunt."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograd.testing.faults.fault import Fault, Trigger
from autograd.testing.faults.switching import switched_on


class Mystery:
    """A fault that is on. It can be asked for more and more; `reveal` tells all."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.guesses = 0

    def __repr__(self) -> str:
        return f"<a fault that is on; {self.guesses} guess{'' if self.guesses == 1 else 'es'} so far>"

    def hint(self) -> str:
        """The first help: which family it is of."""
        return f"it is one of the {self._fault.family!r} faults"

    def example(self) -> Trigger:
        """The second help: a function and inputs that it spoils, for ``check_grad(function, *inputs)``."""
        return self._fault.trigger()

    def guess(self, answer: str) -> bool:
        """Whether the answer is the fault's name, or the operation that is to blame."""
        self.guesses += 1
        return answer != "" and answer in (self._fault.name, self._fault.where)

    def reveal(self) -> Fault:
        """The fault, with its title and its story."""
        return self._fault


@contextmanager
def hidden(faults: Sequence[Fault], seed: int | None) -> Iterator[Mystery]:
    """Switch on one of some faults; the same seed chooses the same one, None any."""
    chosen = random.Random(seed).choice(list(faults))
    with switched_on(chosen):
        yield Mystery(chosen)
