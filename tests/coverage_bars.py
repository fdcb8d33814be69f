"""Holds the suite to two bars, which coverage.py's own `fail_under` mixes into one figure: lines and branches.

    python tests/coverage_bars.py coverage.json torch jax

Packages named after the file are optional ones: where one is not installed, what it needs could not run, and the
figures are told but not held.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path

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


def main(path: str, *optional: str) -> int:
    """Print both figures, and the missing lines file by file; return 1 where a figure is under its bar."""
    measured = json.loads(Path(path).read_text(encoding="utf-8"))
    if not measured["totals"]["num_statements"]:
        print(f"coverage: {path} measured no code")
        return 1
    for name, entry in sorted(measured["files"].items()):
        if entry["missing_lines"] or entry["missing_branches"]:
            lines, branches = line_and_branch(entry["summary"])
            missing = ", ".join(map(str, entry["missing_lines"])) or "none"
            print(f"{name}: lines {lines:.1f} %, branches {branches:.1f} %; lines missed: {missing}")
    lines, branches = line_and_branch(measured["totals"])
    enough = lines >= LINES and branches >= BRANCHES
    lacking = [package for package in optional if importlib.util.find_spec(package) is None]
    verdict = "enough" if enough else f"not held without {', '.join(lacking)}" if lacking else "TOO LITTLE"
    print(
        f"coverage: lines {lines:.2f} % (bar {LINES:g} %), branches {branches:.2f} % (bar {BRANCHES:g} %): {verdict}"
    )
    return 0 if enough or lacking else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
