"""``python -m benchmarks.page``: the measurements of the last runs as tables of docs/speed.md, and its plots.

What stands between the page's marks is replaced; the rest is the author's.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import plot, report
from benchmarks.environments import ROOT
from benchmarks.growth import Growth
from benchmarks.workload import MODE_NAMES, MODES

RESULTS = ROOT / "benchmarks" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the page in; returns the exit status."""
    own = argparse.ArgumentParser("python -m benchmarks.page", description="Measurements into docs/speed.md.")
    own.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="of latest.json and growth.json")
    own.add_argument("--page", type=Path, default=ROOT / "docs" / "speed.md", metavar="FILE")
    options = own.parse_args(arguments)
    text = options.page.read_text(encoding="utf-8")
    measured = _read(options.results / "latest.json")
    if measured:
        images = options.page.parent / "images"
        for line in plot.save_all(measured["rows"], images / "speed.json"):
            print(line)
        text = replaced(text, "measurements", measurements(measured))
    grown = _read(options.results / "growth.json")
    if grown:
        text = replaced(text, "growth", growth(grown))
    if not measured and not grown:
        print(f"{options.results} holds neither latest.json nor growth.json: run python -m benchmarks", file=sys.stderr)
        return 2
    options.page.write_text(text, encoding="utf-8")
    print(f"Written: {options.page}")
    return 0


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if document["quick"]:
        raise SystemExit(f"{path} is of a quick run, which is not to be quoted: run it again without --quick")
    return document


def replaced(text: str, mark: str, content: str) -> str:
    """The text with other content between ``<!-- MARK: begin -->`` and ``<!-- MARK: end -->``.

    >>> print(replaced("<!-- a: begin -->old<!-- a: end -->", "a", "new"))
    <!-- a: begin -->
    <BLANKLINE>
    new
    <BLANKLINE>
    <!-- a: end -->
    """
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not block.search(text):
        raise ValueError(f"the page has no {begin} ... {end}")
    return block.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text)


def measurements(document: dict[str, Any]) -> str:
    """The machine, the plots, and one line of a table for each workload and peer."""
    rows = document["rows"]
    lines = [header(["work", "peer", "the peer takes", *(f"{MODE_NAMES[mode]}, ratio" for mode in MODES)])]
    keys = dict.fromkeys((row["workload"], row.get("peer", "")) for row in rows if row["status"] == "measured")
    for work, peer in keys:
        own = {row["mode"]: row for row in rows if (row["workload"], row.get("peer", "")) == (work, peer)}
        first = next(iter(own.values()))
        theirs = report.quantity(first["theirs"], first["unit"]) if "theirs" in first else ""
        lines.append(f"| {work} | {peer} | {theirs} | {' | '.join(cell(own.get(mode)) for mode in MODES)} |")
    images = "![Ratios to the peer](images/speed.png)\n\n![Ratios to every peer](images/speed-peers.png)"
    return "\n\n".join([machine(document), images, "\n".join(lines), *missing(rows)])


def cell(row: dict[str, Any] | None) -> str:
    """What gradwalk takes in a mode, the ratio, and the bar where there is one.

    >>> cell({"status": "measured", "unit": "s", "ours": 0.02, "ratio": 0.05, "bar": "≤ 1/12", "bar_met": True})
    '20 ms, **1/20.0** (≤ 1/12: met)'
    """
    if row is None or row["status"] != "measured":
        return "–"
    verdict = report.bar(row.get("bar", ""), row.get("bar_met"))
    parts = [report.quantity(row["ours"], row["unit"])]
    if "ratio" in row:
        parts.append(f"**{report.ratio(row['ratio'])}**")
    return ", ".join(parts) + (f" ({verdict})" if verdict else "")


def missing(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A list of what was not measured, and why; nothing where all was."""
    told = [
        f"- {row['workload']}, {row.get('peer') or MODE_NAMES[row['mode']]}: {row['status']}: {row['reason']}"
        for row in rows
        if row["status"] != "measured"
    ]
    return ["Without a number:\n\n" + "\n".join(told)] if told else []


def machine(document: dict[str, Any]) -> str:
    """The machine and the day."""
    about = document["machine"]
    python = about["python"].split()[0]
    load = f", {document['load']:.1f} processes wanting a processor" if document.get("load") else ""
    return (
        f"Measured on {document['date'][:10]}: {about['processor']}, {about['processors']} processors, "
        f"{about['platform'].partition('-')[0]}, Python {python}{load}."
    )


def growth(document: dict[str, Any]) -> str:
    """One line for each kind of work."""
    lines = [header(["work", "cost of one", "at each size", "verdict"])]
    for row in document["rows"]:
        one = Growth(**{**row, "costs": {int(size): cost for size, cost in row["costs"].items()}})
        sizes = ", ".join(f"{size:,}: {report.quantity(cost, one.unit)}" for size, cost in one.costs.items())
        lines.append(f"| {one.work} | {one.of} | {sizes} | {one.verdict} |")
    return "\n".join(lines)


def header(titles: Sequence[str]) -> str:
    """The first two lines of a table.

    >>> print(header(["work", "peer"]))
    | work | peer |
    |---|---|
    """
    return f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}"


if __name__ == "__main__":
    sys.exit(main())
