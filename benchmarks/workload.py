"""What a workload is: the work, the peer it is measured beside, and the bar that the project holds itself to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.environments import Environment


@dataclass(frozen=True)
class Bar:
    """The most that gradwalk may take.

    Attributes:
        limit: of the ratio gradwalk / peer, or of gradwalk's own measure.
        text: the bar as the table has it.
        of_ratio: False where the limit is of gradwalk's own measure.
    """

    limit: float
    text: str
    of_ratio: bool = True

    def is_met(self, ours: float, ratio: float) -> bool:
        return (ratio if self.of_ratio else ours) <= self.limit


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    Attributes:
        name: what is measured.
        module: the module of `benchmarks.workers` that does it.
        peer: the environment on the other side.
        unit: "s", "bytes" or "ms".
        options: of the module's `prepare`, for both sides.
        tolerance: how far the two sides' results may differ, relative to the largest number of each array.
        bar: the most that gradwalk may take; None for a row that informs.
        rounds: measurements of each side.
        seconds: how long one measurement should last at least, by repeating the work; 0 for a single run of it.
    """

    name: str
    module: str
    peer: Environment
    unit: str = "s"
    options: dict[str, Any] = field(default_factory=dict)
    tolerance: float = 1e-9
    bar: Bar | None = None
    rounds: int = 25
    seconds: float = 0.1
