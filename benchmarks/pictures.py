"""``python -m benchmarks.pictures``: how long large graphs take to be folded, laid out and written as SVG.

Prints a table: each graph's nodes and boxes, the median of five drawings, each in a process of its own after a small
drawing that imports and compiles what there is to, and whether it meets its bar. Writes the same as JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import large_graphs as graphs
from benchmarks import report
from benchmarks.environments import ROOT

ROUNDS = 5
MILLION = 1_000_000


class Case(NamedTuple):
    """A graph, and in how many seconds it is to be drawn."""

    make: Callable[[], graphs.LargeGraph]
    bar: float


CASES = {
    "moons, before backward": Case(partial(graphs.moons, backward=False), 3.0),
    "moons, after backward": Case(graphs.moons, 3.0),
    "28 x 28 convolution, 5 x 5 kernel": Case(graphs.convolution, 2.0),
    "the same, padded": Case(partial(graphs.convolution, padding=2), 2.0),
    "the same, in loops": Case(graphs.convolution_by_hand, 2.0),
    "chain": Case(partial(graphs.chain, MILLION), 30.0),
    "wide sum": Case(partial(graphs.wide_sum, MILLION), 30.0),
    "entangled": Case(partial(graphs.entangled, MILLION), 30.0),
    "perceptron": Case(partial(graphs.perceptron, MILLION), 30.0),
}


@dataclass
class Drawn:
    """One drawing: its graph's nodes, its boxes, and the seconds for the picture and for its layout as SVG."""

    nodes: int
    boxes: int
    picture: float
    layout: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write it as JSON; returns 1 where a drawing failed."""
    own = argparse.ArgumentParser("python -m benchmarks.pictures", description=__doc__)
    own.add_argument("--quick", action="store_true", help="each graph once, and none of a million nodes")
    own.add_argument("--only", default="", metavar="TEXT", help="only graphs whose name contains the text")
    own.add_argument("--one", choices=CASES, help="draw this graph here, once, and print the measurement as JSON")
    own.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "pictures.json", metavar="FILE")
    options = own.parse_args(arguments)
    if options.one:
        print(json.dumps(asdict(drawn(CASES[options.one].make))))
        return 0
    rows: dict[str, list[Drawn]] = {}
    failed = False
    for name, case in CASES.items():
        if options.only.lower() in name.lower() and not (options.quick and case.bar > 10):
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                rows[name] = [_in_a_process(name) for _ in range(1 if options.quick else ROUNDS)]
            except subprocess.CalledProcessError as error:
                print(f"{name} failed: {error.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                failed = True
    print(table(rows))
    measured = {name: [asdict(each) for each in row] for name, row in rows.items()}
    document = {"machine": report.machine(), "quick": options.quick, "rows": measured}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if failed else 0


def drawn(make: Callable[[], graphs.LargeGraph]) -> Drawn:
    """Make a graph and draw it, naming and layout included, after a drawing that warms up."""
    from autograd import Value
    from viz import draw

    x = Value(2.0)
    _ = draw(x * x, names={"x": x}).svg
    graph = graphs.made(make)
    start = time.perf_counter()
    drawing = draw(graph.root, names=graph.names)
    between = time.perf_counter()
    _ = drawing.svg
    end = time.perf_counter()
    return Drawn(drawing.picture.total, len(drawing.picture.nodes), between - start, end - between)


def _in_a_process(name: str) -> Drawn:
    command = [sys.executable, "-m", "benchmarks.pictures", "--one", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return Drawn(**json.loads(done.stdout))


def table(rows: dict[str, list[Drawn]]) -> str:
    """One line for each graph.

    >>> print(table({"chain": [Drawn(1_000_000, 3, 9.5, 0.25)]}))
    graph  nodes      boxes  picture  layout  together  bar
    -----  ---------  -----  -------  ------  --------  ---------
    chain  1,000,000  3      9.50 s   0.25 s  9.75 s    30 s, met
    """
    lines: list[tuple[str, ...]] = [("graph", "nodes", "boxes", "picture", "layout", "together", "bar")]
    for name, row in rows.items():
        picture = statistics.median(each.picture for each in row)
        layout = statistics.median(each.layout for each in row)
        together = statistics.median(each.picture + each.layout for each in row)
        bar = CASES[name].bar
        verdict = f"{bar:g} s, {'met' if together <= bar else 'MISSED'}"
        seconds = [f"{each:.2f} s" for each in (picture, layout, together)]
        lines.append((name, f"{row[0].nodes:,}", f"{row[0].boxes:,}", *seconds, verdict))
    return report.aligned(lines, 1)


if __name__ == "__main__":
    sys.exit(main())
