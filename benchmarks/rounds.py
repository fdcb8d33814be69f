"""One workload on every side: interleaved rounds, the results compared, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from benchmarks import worker
from benchmarks.environments import GRADWALK, Environment, UnavailableError
from benchmarks.outcome import Outcome, disagreement
from benchmarks.workload import MODES, Workload

QUICK_ROUNDS = 3
MOST_REPEATS = 1_000_000
LONG = 0.5  # seconds
MOST_PROCESSORS = 1.25  # beyond it a side did not compute on one thread


class Side(Protocol):
    """What the rounds need of a worker."""

    about: dict[str, Any]

    def measure(self, count: int) -> float: ...

    def results(self) -> dict[str, list[float]]: ...

    def processors(self) -> float: ...

    def close(self) -> None: ...


Answer = TypeVar("Answer")
Start = Callable[[Environment, Path | None, str, dict[str, Any]], Side]


class Choice(NamedTuple):
    """What part of a run is wanted.

    Attributes:
        modes: of gradwalk.
        peers: names of environments; None for all.
        quick: few and short rounds.
    """

    modes: tuple[str, ...] = MODES
    peers: tuple[str, ...] | None = None
    quick: bool = False


@dataclass
class Entry:
    """One side of a workload: gradwalk in a mode, or a peer. Whatever stops it is kept as its status and reason."""

    environment: Environment
    mode: str = ""
    side: Side | None = None
    status: str = ""
    reason: str = ""

    @property
    def is_own(self) -> bool:
        return self.environment is GRADWALK

    def stop(self, error: Exception) -> None:
        """Close the side, and say why: it is a failure only of gradwalk's, and only where nothing is missing."""
        failed = self.is_own and not isinstance(error, UnavailableError)
        self.status, self.reason = ("failed" if failed else "not measured"), str(error)
        self.close()

    def close(self) -> None:
        if self.side is not None:
            self.side.close()
            self.side = None


def run(
    workload: Workload, cache: Path | None, choice: Choice | None = None, *, start: Start = worker.start
) -> list[Outcome]:
    """Measure one workload; nothing that goes wrong on the way is raised, and nothing is made up.

    Args:
        workload: the work.
        cache: where the peers' environments are; None for peers that are installed beside gradwalk alone.
        choice: of modes and peers.
        start: starts a side.
    """
    choice = choice or Choice()
    own = [Entry(GRADWALK, mode) for mode in workload.modes if mode in choice.modes]
    peers = [Entry(each) for each in workload.peers if choice.peers is None or each.name in choice.peers]
    if choice.quick:
        peers = [each for each in peers if each.environment not in workload.slow]
    if not own or (workload.peers and not peers):
        return []
    entries = [*own, *peers]
    try:
        _start_all(entries, workload, cache, start)
        rounds = min(QUICK_ROUNDS, workload.rounds) if choice.quick else workload.rounds
        measured = interleave(entries, rounds, workload.seconds / 10 if choice.quick else workload.seconds)
        return _compared(workload, own, peers, measured)
    finally:
        for entry in entries:
            entry.close()


def _start_all(entries: Sequence[Entry], workload: Workload, cache: Path | None, start: Start) -> None:
    def begin(entry: Entry) -> None:
        options = {**workload.options, **({"mode": entry.mode} if entry.is_own else {})}
        try:
            entry.side = start(entry.environment, cache, workload.module, options)
        except (UnavailableError, worker.WorkerError) as error:
            entry.stop(error)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(begin, entries))


def interleave(entries: Sequence[Entry], rounds: int, seconds: float) -> list[list[float]]:
    """Each side's measurements: A B C, C B A, ..., after a warm-up that also finds how often to repeat the work."""
    measured: list[list[float]] = [[] for _ in entries]
    counts = [_attempt(entry, partial(repeats, seconds=seconds)) for entry in entries]
    places = list(enumerate(entries))
    for number in range(rounds):
        for place, entry in places if number % 2 == 0 else reversed(places):
            taken = _attempt(entry, methodcaller("measure", counts[place]))
            if taken is not None:
                measured[place].append(taken)
    return measured


def _attempt(entry: Entry, action: Callable[[Side], Answer]) -> Answer | None:
    """What a side that is still there answers; one that breaks is stopped, and the others go on."""
    if entry.side is None:
        return None
    try:
        return action(entry.side)
    except worker.WorkerError as error:
        entry.stop(error)
        return None


def repeats(side: Side, seconds: float) -> int:
    """How often the work is repeated in one measurement that lasts so long."""
    if not seconds:
        return 1
    taken = side.measure(1)
    if taken >= LONG:  # such work needs no warm-up
        return 1
    taken = min(taken, side.measure(1))
    if taken >= seconds:
        return 1
    first = max(1, min(MOST_REPEATS, int(0.1 * seconds / taken)))
    return max(1, min(MOST_REPEATS, math.ceil(seconds / side.measure(first))))


def _compared(
    workload: Workload, own: Sequence[Entry], peers: Sequence[Entry], measured: Sequence[list[float]]
) -> list[Outcome]:
    results = [_results(entry) for entry in (*own, *peers)]
    outcomes = []
    for place, entry in enumerate(own):
        if entry.side is None:
            outcomes.append(_stopped(workload, entry))
            continue
        if not peers:
            outcome = Outcome(workload.name, entry.mode, "", workload.unit)
            outcome.summarise(measured[place], None, workload.bars.get(entry.mode))
            outcomes.append(outcome)
        for other, peer in enumerate(peers, start=len(own)):
            if peer.side is not None:
                outcome = _outcome(workload, entry, peer)
                outcome.reason = disagreement(results[place], results[other], workload.tolerance)
                if outcome.reason:
                    outcome.status = "failed"
                else:
                    bar = workload.bars.get(entry.mode) if outcome.reference else None
                    outcome.summarise(measured[place], measured[other], bar)
                outcomes.append(outcome)
    return outcomes + [_stopped(workload, peer) for peer in peers if peer.side is None]


def _results(entry: Entry) -> dict[str, list[float]]:
    """What the side computed, once it is known to have computed on one thread."""

    def ask(side: Side) -> dict[str, list[float]]:
        busy = side.processors()
        if busy > MOST_PROCESSORS:
            raise worker.WorkerError(f"{entry.environment.name}: kept {busy:.1f} processors busy, where one is meant")
        return side.results()

    return _attempt(entry, ask) or {}


def _outcome(workload: Workload, own: Entry, peer: Entry) -> Outcome:
    assert own.side is not None
    assert peer.side is not None
    return Outcome(
        workload.name,
        own.mode,
        peer.environment.label(peer.side.about.get("versions")),
        workload.unit,
        reference=peer.environment is workload.peers[0],
        versions={"gradwalk": own.side.about, peer.environment.name: peer.side.about},
        processors={"gradwalk": own.side.processors(), peer.environment.name: peer.side.processors()},
    )


def _stopped(workload: Workload, entry: Entry) -> Outcome:
    label = "" if entry.is_own else entry.environment.label()
    return Outcome(workload.name, entry.mode, label, workload.unit, status=entry.status, reason=entry.reason)
