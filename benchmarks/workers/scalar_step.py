"""One training step on scalars: a multilayer perceptron of 337 parameters on 100 points, 65,000 operations.

The work is that of micrograd's demo: layers of 16, 16 and 1 neurons on points of the plane, a hinge loss and a penalty
on the squared weights. The same program runs with each library's `Value`, with numbers that do not change from run to
run. One step is: forget the gradients, forward, backward.
"""

from __future__ import annotations

import importlib
import itertools
import random
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

from .work import Results, Work, timed

MODULES = {"gradwalk": "autograd", "micrograd": "micrograd.engine"}
WIDTHS = (2, 16, 16, 1)
POINTS = 100
PENALTY = 1e-4


class Perceptron:
    """Layers of neurons, each with its weights and a bias; relu on all but the last."""

    def __init__(self, value: Callable[[float], Any], numbers: random.Random) -> None:
        self.layers = [
            [([value(numbers.uniform(-1, 1)) for _ in range(ins)], value(0.0)) for _ in range(outs)]
            for ins, outs in itertools.pairwise(WIDTHS)
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        for layer in self.layers:
            last = layer is self.layers[-1]
            sums = [sum((w * each for w, each in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            x = sums if last else [each.relu() for each in sums]
        return x[0]

    def parameters(self) -> list[Any]:
        return [each for layer in self.layers for weights, bias in layer for each in (*weights, bias)]


def forward(value: Callable[[float], Any], model: Perceptron, points: list[list[float]], labels: list[int]) -> Any:
    """Hinge loss and penalty of the model on labelled points."""
    scores = [model([value(x) for x in point]) for point in points]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in model.parameters())


def prepare(library: str, measure: str = "seconds", collector: bool = True) -> Work:
    """The work with one library's `Value`.

    Args:
        library: "gradwalk" or "micrograd".
        measure: "seconds" for the time of a step, "bytes" for the memory that the graph takes per node.
        collector: False turns the cyclic garbage collector off while the clock runs.
    """
    value = importlib.import_module(MODULES[library]).Value
    numbers = random.Random(1337)
    model = Perceptron(value, numbers)
    points = [[numbers.uniform(-1, 1), numbers.uniform(-1, 1)] for _ in range(POINTS)]
    labels = [1 if x * x + y * y < 0.6 else -1 for x, y in points]
    parameters = model.parameters()
    last: Results = {}

    def step() -> None:
        for parameter in parameters:
            parameter.grad = 0.0
        loss = forward(value, model, points, labels)
        loss.backward()
        last["loss"] = [float(loss.data)]

    def bytes_per_node(count: int) -> float:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        loss = forward(value, model, points, labels)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        per_node = taken / (count_nodes(loss) - len(parameters))
        del loss
        step()
        return per_node

    def results() -> Results:
        return {**last, "gradients": [float(parameter.grad) for parameter in parameters]}

    return Work(timed(step, collector=collector) if measure == "seconds" else bytes_per_node, results)


def count_nodes(root: Any) -> int:
    """The nodes that a root was made from, constants and the root too."""
    seen, waiting = {root}, [root]
    while waiting:
        for parent in waiting.pop()._prev:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return len(seen)
