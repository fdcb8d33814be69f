"""``python -m benchmarks.growth``: whether a node, a sample and a box cost the same however many there are.

Prints a table of the cost of one at each size, and whether none is more than 20 % above that of the smallest size.
Times are the least of several rounds, by the processor's clock; memory is what Python and NumPy allocate: the graph and
the program for scalars, the peak of a step for a network.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any

from benchmarks import report
from benchmarks.environments import PINNED, ROOT
from benchmarks.workload import MODE_NAMES, MODES

ALLOWED = 0.2
ROUNDS = 5
NODES = (10_000, 100_000, 1_000_000)
SAMPLES = (16, 64, 256, 1024)
DRAWN = (1_000, 10_000, 100_000)


@dataclass
class Growth:
    """What one unit of some work costs at each size.

    Attributes:
        costs: of one unit, by size; empty where it was not measured.
        reason: why there are none: "not measured: ..." or "failed: ...".

    Example:
        >>> growth = Growth("Value, eager", "node", "s", {10_000: 1.0e-6, 1_000_000: 1.3e-6})
        >>> round(growth.most, 3), growth.verdict
        (0.3, 'GROWS by 30 %')
    """

    work: str
    of: str
    unit: str
    costs: dict[int, float]
    reason: str = ""

    @property
    def most(self) -> float:
        """How far the dearest size lies above the smallest, relative to it."""
        return max(self.costs.values()) / self.costs[min(self.costs)] - 1

    @property
    def verdict(self) -> str:
        """Whether the cost stays, in words."""
        if not self.costs:
            return shorten(self.reason, report.LONGEST_REASON, placeholder=" ...")
        return f"stays within {100 * ALLOWED:.0f} %" if self.most <= ALLOWED else f"GROWS by {100 * self.most:.0f} %"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write it as JSON; returns 1 where some work failed."""
    own = argparse.ArgumentParser("python -m benchmarks.growth", description=__doc__)
    own.add_argument("--quick", action="store_true", help="only the two smaller sizes of each, to see that it runs")
    own.add_argument("--only", default="", metavar="TEXT", help="only work whose name contains the text")
    own.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "growth.json", metavar="FILE")
    options = own.parse_args(arguments)
    rows = []
    for work, measure in measurements(2 if options.quick else None):
        if options.only.lower() in work.lower():
            print(f"{work} ...", file=sys.stderr, flush=True)
            rows += _measured(work, measure)
    print(table(rows))
    document = {"machine": report.machine(), "quick": options.quick, "rows": [asdict(row) for row in rows]}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if any(row.reason.startswith("failed") for row in rows) else 0


def table(rows: Sequence[Growth]) -> str:
    """One line for each kind of work.

    >>> print(table([Growth("drawing", "node", "s", {10: 2e-6, 100: 2e-6})]))
    work     one   at  costs  at   costs  verdict
    -------  ----  --  -----  ---  -----  -----------------
    drawing  node  10  2 µs   100  2 µs   stays within 20 %
    """
    most = max((len(row.costs) for row in rows), default=0)
    lines: list[tuple[str, ...]] = [("work", "one", *("at", "costs") * most, "verdict")]
    for row in rows:
        cells = [text for size, cost in row.costs.items() for text in (f"{size:,}", report.quantity(cost, row.unit))]
        padding = [""] * (2 * most - len(cells)) if cells else []
        lines.append((row.work, row.of, *cells, *padding, row.verdict))
    return report.aligned(lines, 2)


def _measured(work: str, measure: Callable[[], list[Growth]]) -> list[Growth]:
    from benchmarks.workers.work import UnavailableError

    try:
        return measure()
    except UnavailableError as reason:
        return [Growth(work, "", "s", {}, f"not measured: {reason}")]
    except Exception as error:  # one kind of work that breaks is told, and the others go on
        return [Growth(work, "", "s", {}, f"failed: {type(error).__name__}: {error}")]


def measurements(sizes: int | None) -> Iterator[tuple[str, Callable[[], list[Growth]]]]:
    """The kinds of work, with what measures them at the first so many sizes."""
    for mode in MODES:
        work = f"Value step, {MODE_NAMES[mode]}"
        yield work, partial(scalars, work, mode, NODES[:sizes])
    work = "Value step, eager, collector paused"
    yield work, partial(paused_scalars, work, NODES[:sizes])
    for mode in MODES:
        work = f"CNN step, {MODE_NAMES[mode]}"
        yield work, partial(network, work, mode, SAMPLES[:sizes])
    yield "drawing to DOT", partial(drawing, "drawing to DOT", DRAWN[:sizes])


def least_seconds(steps: Mapping[int, Callable[[], Any]], rounds: int = ROUNDS) -> dict[int, float]:
    """The least processor time of each step, the steps taking turns; a first call of each is not counted."""
    least: dict[int, float] = {}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for size, step in steps.items():
            start = time.process_time()
            step()
            taken = time.process_time() - start
            least[size] = min(least.get(size, taken), taken)
    return least


def scalars(work: str, mode: str, sizes: Sequence[int]) -> list[Growth]:
    """A perceptron's step on more and more points, forward and backward."""
    from benchmarks.workers import modes

    modes.require(mode)
    steps, nodes, taken = {}, {}, {}
    for size in sizes:
        loss, parameters = _perceptron(size)
        nodes[size], taken[size] = _memory(mode, loss, parameters)
        steps[size] = _scalar_step(mode, loss, parameters)
    seconds = least_seconds(steps)
    return [
        Growth(work, "node", "s", {size: seconds[size] / nodes[size] for size in sizes}),
        Growth(f"{work}, memory", "node", "bytes", {size: taken[size] / nodes[size] for size in sizes}),
    ]


def paused_scalars(work: str, sizes: Sequence[int]) -> list[Growth]:
    """The eager step without Python's garbage collector, which looks through every node again and again."""
    from autograd import collector_paused
    from benchmarks.workers import node_bytes

    steps, nodes = {}, {}
    for size in sizes:
        loss, parameters = _perceptron(size)
        nodes[size] = node_bytes.count_nodes(loss(_leaves(parameters)))
        steps[size] = collector_paused()(_scalar_step("eager", loss, parameters))
    seconds = least_seconds(steps)
    return [Growth(work, "node", "s", {size: seconds[size] / nodes[size] for size in sizes})]


def _perceptron(nodes: int) -> tuple[Callable[[Any], Any], list[float]]:
    """The loss of a perceptron on as many points as make about so many nodes, and its parameters."""
    from benchmarks.workers import scalar_step
    from benchmarks.workers import scalars as libraries

    parameters, points, labels = scalar_step.problem()
    count = max(1, round(nodes / 650))
    points, labels = ([*each * (1 + count // len(each))][:count] for each in (points, labels))
    own = libraries.load("gradwalk", "eager")._replace(constant=float)
    return lambda leaves: scalar_step.total_loss(own, leaves, points, labels), parameters


def _leaves(parameters: Sequence[float]) -> list[Any]:
    from autograd import Value

    return [Value(each) for each in parameters]


def _memory(mode: str, loss: Callable[[Any], Any], parameters: Sequence[float]) -> tuple[int, int]:
    """The nodes of the graph, and the bytes that it takes, or its program after a run."""
    from benchmarks.workers import node_bytes

    leaves = _leaves(parameters)
    if mode == "eager":
        taken, graph = node_bytes.traced(partial(loss, leaves))
        return node_bytes.count_nodes(graph), taken
    node_bytes.used_program(mode, loss, leaves)  # so that what is imported and compiled is not counted
    taken, _ = node_bytes.traced(partial(node_bytes.used_program, mode, loss, leaves))
    return node_bytes.count_nodes(loss(leaves)), taken


def _scalar_step(mode: str, loss: Callable[[Any], Any], parameters: Sequence[float]) -> Callable[[], Any]:
    from benchmarks.workers import modes

    leaves = _leaves(parameters)
    if mode == "eager":
        return lambda: loss(leaves).backward()
    program = modes.record(mode, loss, leaves)
    return lambda: program.value_and_grad(parameters)


def network(work: str, mode: str, sizes: Sequence[int]) -> list[Growth]:
    """A small CNN's step on larger and larger batches."""
    from benchmarks.workers import networks

    prepare = {size: partial(networks.prepare, "gradwalk", "cnn", mode, batch=size) for size in sizes}
    seconds = least_seconds({size: partial(prepare[size]().measure, 1) for size in sizes})
    peaks = {size: peak_bytes(prepare[size]) for size in sizes}
    return [
        Growth(work, "sample", "s", {size: seconds[size] / size for size in sizes}),
        Growth(f"{work}, memory", "sample", "bytes", {size: peaks[size] / size for size in sizes}),
    ]


def peak_bytes(prepare: Callable[[], Any]) -> int:
    """The most that is allocated during a step: the weights, the data and the program, where there is one, too."""
    gc.collect()
    tracemalloc.start()
    work = prepare()
    gc.collect()
    tracemalloc.reset_peak()
    work.measure(1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def drawing(work: str, sizes: Sequence[int]) -> list[Growth]:
    """The DOT text of every node of a perceptron's graph."""
    import viz
    from benchmarks.workers import node_bytes

    steps, nodes = {}, {}
    for size in sizes:
        loss, parameters = _perceptron(size)
        root = loss(_leaves(parameters))
        root.backward()
        nodes[size] = node_bytes.count_nodes(root)
        steps[size] = partial(viz.draw_dot, root, names={}, max_nodes=None)
    seconds = least_seconds(steps, rounds=2)
    return [Growth(work, "node", "s", {size: seconds[size] / nodes[size] for size in sizes})]


def pin() -> None:
    """Start again with the variables that pin every library to one thread, which are read when NumPy is imported."""
    if any(os.environ.get(name) != value for name, value in PINNED.items()):
        command = [sys.executable, "-m", "benchmarks.growth", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **PINNED})


if __name__ == "__main__":
    pin()
    sys.exit(main())
