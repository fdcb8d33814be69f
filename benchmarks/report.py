"""The outcomes as a table to read and as JSON to keep."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

from benchmarks.environments import PINNED
from benchmarks.outcome import Outcome
from benchmarks.workload import MODE_NAMES

HEADINGS = ("workload", "mode", "peer", "peer's", "this", "ratio", "spread", "bar")
LONGEST_REASON = 110  # characters; the JSON has all of it
LABELS = 3  # columns that a row without numbers has too


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each outcome, the workload's name on its first; the spread is of the middle half of the rounds."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for number, outcome in enumerate(outcomes):
        repeated = number > 0 and outcomes[number - 1].workload == outcome.workload
        rows.append(("" if repeated else outcome.workload, *_row(outcome)))
    return aligned(rows, LABELS)


def aligned(rows: Sequence[Sequence[str]], labels: int) -> str:
    """Rows in columns below the first row and a rule.

    Args:
        rows: lists of cells; one that is shorter than the first ends in a sentence, which takes no part in the widths.
        labels: how many columns the shorter rows share with the others.

    >>> print(aligned([("name", "size", "unit"), ("a", "10", "m"), ("long name", "not measured")], labels=1))
    name       size  unit
    ---------  ----  ----
    a          10    m
    long name  not measured
    """
    complete = [row for row in rows if len(row) == len(rows[0])]
    widths = [
        max(len(row[column]) for row in (rows if column < labels else complete)) for column in range(len(rows[0]))
    ]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    labels = MODE_NAMES.get(outcome.mode, outcome.mode), outcome.peer
    if outcome.status != "measured":
        return *labels, shorten(f"{outcome.status}: {outcome.reason}", LONGEST_REASON, placeholder=" ...")
    ours, verdict = quantity(outcome.ours, outcome.unit), bar(outcome.bar, outcome.bar_met)
    if not outcome.their_rounds:
        return *labels, "", ours, "", "", verdict
    spread = f"{ratio(outcome.spread[0])} to {ratio(outcome.spread[1])}"
    return *labels, quantity(outcome.theirs, outcome.unit), ours, ratio(outcome.ratio), spread, verdict


def bar(text: str, met: bool | None) -> str:
    """A bar and whether it was met; nothing where there is none.

    >>> bar("≤ 0.6", False), bar("", None)
    ('≤ 0.6: NOT MET', '')
    """
    return "" if met is None else f"{text}: {'met' if met else 'NOT MET'}"


def quantity(number: float, unit: str) -> str:
    """A measure with its unit, seconds in the unit that suits them.

    >>> quantity(0.0123, "s"), quantity(4.5e-6, "s"), quantity(2e-9, "s"), quantity(2.5, "s"), quantity(1312.4, "bytes")
    ('12.3 ms', '4.5 µs', '2 ns', '2,500 ms', '1,312 bytes')
    """
    if unit == "s":
        places = ((1e3, "ms"), (1e6, "µs"), (1e9, "ns"))
        number, unit = next(((f * number, each) for f, each in places if f * number >= 1), (1e9 * number, "ns"))
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def ratio(number: float) -> str:
    """A ratio, as a fraction of one where it is small.

    >>> ratio(0.65), ratio(0.08), ratio(1 / 3210), ratio(12.345)
    ('0.65', '1/12.5', '1/3,210', '12.3')
    """
    if number >= 0.3:
        return f"{number:.2f}" if number < 10 else f"{number:.1f}"
    return f"1/{1 / number:.1f}" if number > 0.01 else f"1/{1 / number:,.0f}"


def document(outcomes: Sequence[Outcome], quick: bool) -> dict[str, Any]:
    """Everything that was measured, and on what machine, for JSON."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine(),
        "load": load(),
        "variables": PINNED,
        "rows": [outcome.as_json() for outcome in outcomes],
    }


def save(document: dict[str, Any], path: Path) -> None:
    """Write what was measured as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """The platform, the processor's model where the system tells it, and Python."""
    return {
        "platform": platform.platform(),
        "processor": processor(Path("/proc/cpuinfo")),
        "processors": os.cpu_count(),
        "python": sys.version,
    }


def processor(cpuinfo: Path) -> str:
    """The processor's model, of a file as Linux has it, or what Python knows."""
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def load() -> float | None:
    """How many processes wanted a processor in the last minute, the benchmark's own among them; None if unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
