"""Holds the suite to two bars, which coverage.py's own `fail_under` mixes into one figure: lines and branches.

    python tests/coverage_bars.py coverage.json

They hold where GRADWALK_REQUIRE_ALL=1 has every optional part be there: elsewhere tests were skipped, and both figures
are told alone.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LINES, BRANCHES = 95.0, 90.0


def percent(covered: int, total: int) -> float:
    """The share covered, in percent; what has nothing to cover is covered.

    >>> percent(3, 4), percent(0, 0)
    (75.0, 100.0)
    """
    return 100.0 * covered / total if total else 100.0


def line_and_branch(summary: Mapping[str, int]) -> tuple[float, float]:
    """Percent of lines and of branches in one summary of `coverage json`, measured with branches."""
    return (
        percent(summary["covered_lines"], summary["num_statements"]),
        percent(summary["covered_branches"], summary["num_branches"]),
    )


def print_missed(files: Mapping[str, Mapping[str, Any]]) -> None:
    """The lines that no test reached, file by file."""
    for name, entry in sorted(files.items()):
        if entry["missing_lines"] or entry["missing_branches"]:
            lines, branches = line_and_branch(entry["summary"])
            missing = ", ".join(map(str, entry["missing_lines"])) or "none"
            print(f"{name}: lines {lines:.1f} %, branches {branches:.1f} %; lines missed: {missing}")


def main(path: str) -> int:
    """Print both figures, and what was missed where they are held and too low; return 1 in that case."""
    files = json.loads(Path(path).read_text(encoding="utf-8"))["files"]
    counts: Counter[str] = Counter()
    for entry in files.values():
        counts.update({name: count for name, count in entry["summary"].items() if isinstance(count, int)})
    if not counts["num_statements"]:
        print(f"coverage: {path} measured no code")
        return 1
    lines, branches = line_and_branch(counts)
    held, enough = os.environ.get("GRADWALK_REQUIRE_ALL") == "1", lines >= LINES and branches >= BRANCHES
    verdict = "enough" if enough else "TOO LITTLE" if held else "not held, since tests of missing parts were skipped"
    if held and not enough:
        print_missed(files)
    print(f"coverage: lines {lines:.2f} % (bar {LINES:g} %), branches {branches:.2f} % (bar {BRANCHES:g} %): {verdict}")
    return 1 if held and not enough else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
