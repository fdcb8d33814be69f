"""Holds the suite to two bars, which coverage.py's own `fail_under` mixes into one figure: lines and branches.

    python tests/coverage_bars.py coverage.json

What cannot be imported, since an optional package is not installed, is left out by name; all else is held as ever.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LINES, BRANCHES = 95.0, 90.0

NEEDED_BY = {
    "jax": ("autograd/replay/jax/",),
    "numba": ("autograd/replay/arrays/compiled/", "autograd/replay/scalars/compiled.py"),
}


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


def total(files: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    """The counts of all files together."""
    counts = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    return Counter({count: sum(entry["summary"][count] for entry in files.values()) for count in counts})


def importable(files: Mapping[str, Any], lacking: Iterable[str]) -> dict[str, Any]:
    """The files without those that need a package that is lacking.

    >>> list(importable({"autograd/node.py": 1, "autograd/replay/jax/table.py": 2}, ["jax"]))
    ['autograd/node.py']
    """
    out = tuple(start for package in lacking for start in NEEDED_BY[package])
    return {name: entry for name, entry in files.items() if not name.startswith(out)}


def main(path: str) -> int:
    """Print both figures, and the missing lines file by file; return 1 where a figure is under its bar."""
    lacking = [package for package in NEEDED_BY if importlib.util.find_spec(package) is None]
    files = importable(json.loads(Path(path).read_text(encoding="utf-8"))["files"], lacking)
    counts = total(files)
    if not counts["num_statements"]:
        print(f"coverage: {path} measured no code")
        return 1
    for name, entry in sorted(files.items()):
        if entry["missing_lines"] or entry["missing_branches"]:
            lines, branches = line_and_branch(entry["summary"])
            missing = ", ".join(map(str, entry["missing_lines"])) or "none"
            print(f"{name}: lines {lines:.1f} %, branches {branches:.1f} %; lines missed: {missing}")
    for package in lacking:
        print(f"coverage: without {package}, {', '.join(NEEDED_BY[package])} cannot be imported and is left out")
    lines, branches = line_and_branch(counts)
    enough = lines >= LINES and branches >= BRANCHES
    print(
        f"coverage: lines {lines:.2f} % (bar {LINES:g} %), branches {branches:.2f} % (bar {BRANCHES:g} %): "
        f"{'enough' if enough else 'TOO LITTLE'}"
    )
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
