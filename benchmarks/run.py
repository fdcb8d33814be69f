"""Measure gradwalk beside its peers: ``python -m benchmarks`` or ``python benchmarks/run.py``.

Prints one table, and writes it as JSON and as a plot. The exit status is 1 where a row failed: a worker of gradwalk's
broke, or the two sides' results differ. A bar that is not met, and a peer that cannot be had, are said in the table and
are no failure.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file: its folder would hide the package from itself
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import plot, report, rounds
from benchmarks.catalogue import WORKLOADS
from benchmarks.environments import PEERS, ROOT
from benchmarks.workload import MODES

BUSY = 2.0  # a run keeps one processor occupied, so that this is another one's worth of other work


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads that are asked for; returns the exit status."""
    options = parser().parse_args(arguments)
    chosen = [workload for workload in WORKLOADS if options.only.lower() in workload.name.lower()]
    if not chosen:
        print(f"no workload is called {options.only!r}; there are:", file=sys.stderr)
        print(*(f"  {workload.name}" for workload in WORKLOADS), sep="\n", file=sys.stderr)
        return 2
    if options.quick and not options.only:
        chosen = [workload for workload in chosen if workload.quick]
    choice = rounds.Choice(tuple(options.modes), options.peers and tuple(options.peers), options.quick)
    outcomes = []
    for workload in chosen:
        print(f"{workload.name} ...", end=" ", file=sys.stderr, flush=True)
        start = time.perf_counter()
        outcomes += rounds.run(workload, None if options.here else options.environments, choice)
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    print(report.table(outcomes))
    document = report.document(outcomes, options.quick)
    report.save(document, options.output)
    print(f"\nThe spread is that of the middle half of the rounds' ratios. Every round: {options.output}")
    for line in plot.save_all(document["rows"], options.output):
        print(line)
    if (load := report.load()) and load > BUSY:
        print(f"The machine was busy (load {load:.1f}): measure again when it is not.")
    return 1 if any(outcome.status == "failed" for outcome in outcomes) else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    own = argparse.ArgumentParser("python -m benchmarks", description="gradwalk beside its peers, on the same work.")
    own.add_argument(
        "--quick",
        action="store_true",
        help="few and short rounds of a part of the work: to see that it runs, not to quote",
    )
    own.add_argument("--only", default="", metavar="TEXT", help="only the workloads whose name contains the text")
    own.add_argument("--modes", nargs="+", choices=MODES, default=MODES, metavar="MODE", help=f"of {', '.join(MODES)}")
    names = [peer.name for peer in PEERS]
    own.add_argument("--peers", nargs="+", choices=names, metavar="PEER", help=f"of {', '.join(names)}")
    own.add_argument(
        "--here", action="store_true", help="only peers that are installed beside gradwalk; make no environments"
    )
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
        help="where the measurements are written, and beside them the plots (default: %(default)s)",
    )
    return own


if __name__ == "__main__":
    sys.exit(main())
