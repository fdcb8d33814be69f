"""The outcomes as a table to read and as JSON to keep."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.environments import PINNED
from benchmarks.rounds import Outcome

HEADINGS = ("workload", "peer", "gradwalk", "peer's", "ratio", "spread", "bar")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each workload; the spread is that of the middle half of the rounds' own ratios."""
    rows = [HEADINGS, *map(_row, outcomes)]
    complete = [row for row in rows if len(row) == len(HEADINGS)]
    widths = [max(len(row[column]) for row in complete) for column in range(len(HEADINGS))]
    widths[:2] = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    if outcome.status != "measured":
        return outcome.workload, outcome.peer, f"{outcome.status}: {outcome.reason}"
    verdict = "" if outcome.bar_met is None else f"{outcome.bar}: {'met' if outcome.bar_met else 'NOT MET'}"
    return (
        outcome.workload,
        outcome.peer,
        quantity(outcome.ours, outcome.unit),
        quantity(outcome.theirs, outcome.unit),
        ratio(outcome.ratio),
        f"{ratio(outcome.spread[0])} to {ratio(outcome.spread[1])}",
        verdict,
    )


def quantity(number: float, unit: str) -> str:
    """A measure with its unit, seconds in the unit that suits them.

    >>> quantity(0.0123, "s"), quantity(4.5e-6, "s"), quantity(312.4, "bytes")
    ('12.3 ms', '4.5 µs', '312 bytes')
    """
    if unit == "s":
        number, unit = (1e3 * number, "ms") if number >= 1e-3 else (1e6 * number, "µs")
    return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def ratio(number: float) -> str:
    """A ratio, as a fraction of one where it is small.

    >>> ratio(0.65), ratio(0.08)
    ('0.65', '1/12.5')
    """
    return f"{number:.2f}" if number >= 0.3 else f"1/{1 / number:.1f}"


def save(outcomes: Sequence[Outcome], path: Path, quick: bool) -> None:
    """Everything that was measured, and on what machine, as JSON."""
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {"platform": platform.platform(), "processors": os.cpu_count(), "python": sys.version},
        "load": load(),
        "variables": PINNED,
        "rows": [outcome.as_json() for outcome in outcomes],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def load() -> float | None:
    """How many processes wanted a processor in the last minute, the benchmark's own among them; None if unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
