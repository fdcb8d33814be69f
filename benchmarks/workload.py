"""What a workload is: the work, the peers it is measured beside, and the bars that the project holds itself to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.environments import Environment

MODES = ("eager", "replay", "fast")
MODE_NAMES = {"eager": "eager", "replay": "replay", "fast": "replay fast"}


@dataclass(frozen=True)
class Bar:
    """The most that gradwalk may take.

    Attributes:
        limit: of the ratio gradwalk / peer, or of gradwalk's own measure.
        text: the bar as the table has it.
        of_ratio: False where the limit is of gradwalk's own measure.

    Example:
        >>> Bar(1 / 20, "≤ 1/20").is_met(ours=0.04, ratio=0.04)
        True
    """

    limit: float
    text: str
    of_ratio: bool = True

    def is_met(self, ours: float, ratio: float) -> bool:
        return (ratio if self.of_ratio else ours) <= self.limit


@dataclass(frozen=True)
class Workload:
    """Some work, measured in each of gradwalk's modes and beside each peer: one row of the table for each pair.

    Attributes:
        name: what is measured.
        module: the module of `benchmarks.workers` that does it.
        peers: the environments on the other side; the bars are of the first. None for a bar of gradwalk's alone.
        modes: those of `MODES` in which gradwalk can do the work.
        unit: "s", "bytes" or "ms".
        options: of the module's `prepare`, for every side.
        tolerance: how far the two sides' results may differ, relative to the largest number of each array.
        bars: the most that gradwalk may take in a mode; a row without one informs.
        rounds: measurements of each side.
        seconds: how long one measurement should last at least, by repeating the work; 0 for a single run of it.
        slow: peers that a quick run leaves out.
        quick: False for work that a quick run leaves out, unless it is asked for by name.
    """

    name: str
    module: str
    peers: tuple[Environment, ...]
    modes: tuple[str, ...] = MODES
    unit: str = "s"
    options: dict[str, Any] = field(default_factory=dict)
    tolerance: float = 1e-9
    bars: dict[str, Bar] = field(default_factory=dict)
    rounds: int = 25
    seconds: float = 0.1
    slow: tuple[Environment, ...] = ()
    quick: bool = True
