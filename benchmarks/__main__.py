"""``python -m benchmarks``: measure gradwalk beside its peers and print the table.

The exit status is 1 where a row failed: a worker of gradwalk's broke, or the two sides' results differ. A bar that is
not met, and a peer that cannot be had, are said in the table and are no failure.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report, rounds
from benchmarks.catalogue import WORKLOADS
from benchmarks.environments import ROOT

BUSY = 2.0  # a run keeps one processor occupied, so that this is another one's worth of other work


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads that are asked for; returns the exit status."""
    options = parser().parse_args(arguments)
    chosen = [workload for workload in WORKLOADS if options.only.lower() in workload.name.lower()]
    if not chosen:
        print(f"no workload is called {options.only!r}; there are:", file=sys.stderr)
        print(*(f"  {workload.name}" for workload in WORKLOADS), sep="\n", file=sys.stderr)
        return 2
    outcomes = []
    for workload in chosen:
        print(f"{workload.name} ...", file=sys.stderr, flush=True)
        outcomes.append(rounds.run(workload, options.environments, quick=options.quick))
    print(report.table(outcomes))
    report.save(outcomes, options.output, options.quick)
    print(f"\nThe spread is that of the middle half of the rounds' ratios. Every round: {options.output}")
    if (load := report.load()) and load > BUSY:
        print(f"The machine was busy (load {load:.1f}): measure again when it is not.")
    return 1 if any(outcome.status == "failed" for outcome in outcomes) else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser("python -m benchmarks", description="gradwalk beside its peers, on the same work.")
    own.add_argument("--quick", action="store_true", help="few and short rounds: to see that it runs, not to quote")
    own.add_argument("--only", default="", metavar="TEXT", help="only the workloads whose name contains the text")
    own.add_argument(
        "--environments",
        type=Path,
        default=ROOT / ".benchmarks",
        metavar="FOLDER",
        help="where the peers' environments are kept (default: %(default)s)",
    )
    own.add_argument(
        "--output",
        type=Path,
        default=ROOT / "benchmarks" / "results" / "latest.json",
        metavar="FILE",
        help="where the measurements are written (default: %(default)s)",
    )
    return own


if __name__ == "__main__":
    sys.exit(main())
