"""One workload on both sides: interleaved rounds, the results compared, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Protocol

from benchmarks import worker
from benchmarks.environments import GRADWALK, Environment, UnavailableError
from benchmarks.workload import Workload

QUICK_ROUNDS = 3
MOST_REPEATS = 1_000_000


class Side(Protocol):
    """What the rounds need of a worker."""

    about: dict[str, Any]

    def measure(self, count: int) -> float: ...

    def results(self) -> dict[str, list[float]]: ...

    def close(self) -> None: ...


Start = Callable[[Environment, Path, str, dict[str, Any]], Side]


@dataclass
class Outcome:
    """A row of the table.

    Attributes:
        status: "measured"; "not measured" where the peer is not to be had; "failed" where gradwalk's side broke or the
            two sides computed different results. Only a measured row has numbers.
        reason: why a row was not measured, or failed.
        spread: the lower and the upper quartile of the rounds' own ratios.
    """

    workload: str
    peer: str
    unit: str
    bar: str = ""
    bar_met: bool | None = None
    status: str = "measured"
    reason: str = ""
    ours: float = math.nan
    theirs: float = math.nan
    ratio: float = math.nan
    spread: tuple[float, float] = (math.nan, math.nan)
    our_rounds: list[float] = field(default_factory=list)
    their_rounds: list[float] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row without the numbers that it does not have."""
        return {key: value for key, value in asdict(self).items() if value != "" and not _is_missing(value)}


def run(workload: Workload, cache: Path, *, quick: bool = False, start: Start = worker.start) -> Outcome:
    """Measure one workload; nothing that goes wrong on the way is raised, and nothing is made up."""
    outcome = Outcome(workload.name, _label(workload.peer), workload.unit)
    if workload.bar:
        outcome.bar = workload.bar.text
    try:
        peer = start(workload.peer, cache, workload.module, workload.options)
    except (UnavailableError, worker.WorkerError) as error:
        return _without_numbers(outcome, "not measured", str(error))
    try:
        own = start(GRADWALK, cache, workload.module, workload.options)
    except worker.WorkerError as error:
        peer.close()
        return _without_numbers(outcome, "failed", str(error))
    try:
        rounds = QUICK_ROUNDS if quick else workload.rounds
        seconds = workload.seconds / 10 if quick else workload.seconds
        outcome.our_rounds, outcome.their_rounds = interleave(own, peer, rounds, seconds)
        wrong = disagreement(own.results(), peer.results(), workload.tolerance)
    except worker.WorkerError as error:
        return _without_numbers(outcome, "failed", str(error))
    finally:
        own.close()
        peer.close()
    outcome.versions = {"gradwalk": own.about, workload.peer.name: peer.about}
    if wrong:
        return _without_numbers(outcome, "failed", wrong)
    return _summarise(outcome, workload)


def interleave(own: Side, peer: Side, rounds: int, seconds: float) -> tuple[list[float], list[float]]:
    """Each side's measurements: A B, B A, A B, ..., after a warm-up that also finds how often to repeat the work."""
    sides = [(own, repeats(own, seconds), list[float]()), (peer, repeats(peer, seconds), list[float]())]
    for place in range(rounds):
        for side, count, measured in sides if place % 2 == 0 else reversed(sides):
            measured.append(side.measure(count))
    return sides[0][2], sides[1][2]


def repeats(side: Side, seconds: float) -> int:
    """How often the work is repeated in one measurement that lasts so long."""
    taken = side.measure(1)
    if not seconds:
        return 1
    taken = min(taken, side.measure(1))
    first = max(1, min(MOST_REPEATS, int(0.1 * seconds / taken)))
    return max(1, min(MOST_REPEATS, math.ceil(seconds / side.measure(first))))


def disagreement(ours: dict[str, list[float]], theirs: dict[str, list[float]], tolerance: float) -> str:
    """How two sides' results differ, as a sentence; empty where they agree within the tolerance.

    Numbers are compared relative to the largest of the peer's array, since a sum that cancels has no digits of its own.
    """
    if ours.keys() != theirs.keys():
        return f"the sides computed different things: {sorted(ours)} and {sorted(theirs)}"
    for name, expected in theirs.items():
        found = ours[name]
        if len(found) != len(expected) or not expected:
            return f"{name}: gradwalk has {len(found)} numbers, the peer {len(expected)}"
        scale = max(map(abs, expected)) or 1.0
        worst = max(_difference(a, b) / scale for a, b in zip(found, expected, strict=True))
        if not worst <= tolerance:
            return f"wrong result: {name} differs from the peer's by {worst:.2g} (relative), more than {tolerance:g}"
    return ""


def _difference(a: float, b: float) -> float:
    """|a - b|, and infinity where it is NaN, which `max` would pass over."""
    difference = abs(a - b)
    return math.inf if math.isnan(difference) else difference


def _summarise(outcome: Outcome, workload: Workload) -> Outcome:
    outcome.ours, outcome.theirs = median(outcome.our_rounds), median(outcome.their_rounds)
    outcome.ratio = outcome.ours / outcome.theirs
    ratios = [a / b for a, b in zip(outcome.our_rounds, outcome.their_rounds, strict=True)]
    lower, _, upper = quantiles(ratios, n=4, method="inclusive")
    outcome.spread = lower, upper
    if workload.bar:
        outcome.bar_met = workload.bar.is_met(outcome.ours, outcome.ratio)
    return outcome


def _without_numbers(outcome: Outcome, status: str, reason: str) -> Outcome:
    outcome.status, outcome.reason = status, reason
    outcome.our_rounds, outcome.their_rounds = [], []
    return outcome


def _label(environment: Environment) -> str:
    return " ".join(environment.requirements).replace("==", " ") or environment.name


def _is_missing(value: Any) -> bool:
    if isinstance(value, tuple | list | dict):
        return not value or any(_is_missing(each) for each in value)
    return value is None or (isinstance(value, float) and math.isnan(value))
