"""The search for an input at which a derivative is wrong, by the package hypothesis, which then shrinks it."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.optional import optional
from autograd.testing.basis import Evidence
from autograd.testing.domain import checked_elsewhere, in_domain
from autograd.testing.exploration import Explored, batch_length, of_batch
from autograd.testing.subject import Subject

Array = Any

_EXAMPLES = 100
_KNOWN = 16  # numbers of each array that are drawn again
_SPECIAL = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0]


class _FoundError(Exception):
    """An input at which a check failed."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.subject = subject


def searched(subject: Subject, rng: np.random.Generator, known: list[Array], **options: Any) -> Iterator[Explored]:
    """The smallest input that hypothesis finds for a fault; nothing where it finds none.

    Numbers are drawn from {0, ±½, ±1, ±2}, from those of the given input, and from ±[2⁻¹⁰, 1000]; the batch may be
    shorter than the given one.

    Args:
        known: an input at which there is a fault, whose numbers are drawn too.

    Raises:
        ImportError: hypothesis is not installed.
    """
    instead = "say explore=True"
    optional("hypothesis", of="Hypothesis", extra="search", needed_by="explore='hypothesis'", otherwise=instead)
    import hypothesis
    from hypothesis import strategies

    seed = int(rng.integers(2**32))
    numbers = sorted({float(number) for array in [*known, *subject.arrays] for number in array.ravel()[:_KNOWN]})
    options = {**options, "directions": min(2, options["directions"])}

    def check(other: Subject) -> Evidence:
        return checked_elsewhere(subject, other, np.random.default_rng(seed), **options)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategies.data())
    def search(data: Any) -> None:
        other = subject
        if batch_length(subject):
            other = subject.at(*of_batch(subject, data.draw(strategies.integers(1, batch_length(subject)))))
        other = other.at([_drawn(data, strategies, array, numbers) for array in other.arrays], other.fixed)
        if not in_domain(other):
            return
        if check(other).faulty:
            raise _FoundError(other)

    try:
        search()
    except _FoundError as found:  # checked once more, out here: the line to blame is the caller's
        yield "an input found by hypothesis", found.subject, check(found.subject)


def _drawn(data: Any, strategies: Any, array: Array, known: list[float]) -> Array:
    """An array of few different numbers, or of any."""
    few = strategies.sampled_from([*_SPECIAL, *known])
    size = strategies.floats(2.0**-10, 1e3, allow_nan=False)
    numbers = data.draw(strategies.sampled_from([few, strategies.one_of(few, size, size.map(operator.neg))]))
    drawn = data.draw(strategies.lists(numbers, min_size=array.size, max_size=array.size))
    return np.array(drawn, dtype=array.dtype).reshape(array.shape)
