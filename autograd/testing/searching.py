"""The search for an input at which a derivative is wrong, by the package hypothesis, which then shrinks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.basis import Evidence
from autograd.testing.exploration import Explored, in_domain
from autograd.testing.precision import checked_in_full
from autograd.testing.subject import Subject

Array = Any

_EXAMPLES = 60


class _FoundError(Exception):
    """An input at which a check failed, with what it found."""

    def __init__(self, subject: Subject, evidence: Evidence) -> None:
        super().__init__()
        self.subject = subject
        self.evidence = evidence


def searched(subject: Subject, rng: np.random.Generator, **options: Any) -> Iterator[Explored]:
    """The smallest input that hypothesis finds for a fault; nothing where it finds none.

    Numbers are drawn from {0, ±½, ±1, ±2} and from ±[2⁻¹⁰, 1000], arrays with ties and in both memory orders.

    Raises:
        ImportError: hypothesis is not installed.
    """
    try:
        import hypothesis
        from hypothesis import strategies
    except ImportError:
        raise ImportError(
            "check_grad: explore='hypothesis' needs the package hypothesis; install it, or say explore=True"
        ) from None
    seed = int(rng.integers(2**32))
    options = {**options, "directions": min(2, options["directions"])}

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
        other = subject.at([_drawn(data, strategies, array) for array in subject.arrays])
        if not in_domain(other):
            return
        evidence = checked_in_full(other, np.random.default_rng(seed), **options)
        if evidence.faulty:
            raise _FoundError(other, evidence)

    try:
        search()
    except _FoundError as found:
        yield "an input found by hypothesis", found.subject, found.evidence


def _drawn(data: Any, strategies: Any, array: Array) -> Array:
    special = strategies.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0])
    size = strategies.floats(2.0**-10, 1e3, allow_nan=False)
    numbers = strategies.one_of(special, size, size.map(lambda number: -number))
    drawn = data.draw(strategies.lists(numbers, min_size=array.size, max_size=array.size))
    return np.array(drawn, dtype=array.dtype).reshape(array.shape)
