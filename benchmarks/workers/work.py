"""One side's work: how it is measured, and what it computed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

Results = dict[str, list[float]]


class UnavailableError(Exception):
    """The side cannot do the work here, and is not to blame: something that it needs is not installed."""


@dataclass
class Work:
    """A workload, ready to run.

    Attributes:
        measure: the mean of `count` measurements, as ``measure(count)``.
        results: the numbers that the last measurement computed, by name.
    """

    measure: Callable[[int], float]
    results: Callable[[], Results]


def timed(step: Callable[[], object], *, collector: bool = True) -> Callable[[int], float]:
    """A measurement of the seconds that one `step` takes.

    Args:
        step: the work.
        collector: False turns Python's cyclic garbage collector off while the clock runs; what it would have found is
            collected afterwards.
    """

    def measure(count: int) -> float:
        if not collector:
            gc.disable()
        try:
            start = time.perf_counter()
            for _ in range(count):
                step()
            seconds = time.perf_counter() - start
        finally:
            if not collector:
                gc.enable()
                gc.collect()
        return seconds / count

    return measure
