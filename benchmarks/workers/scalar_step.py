"""One training step on scalars: a multilayer perceptron of 337 parameters on 100 points, 65,000 operations.

The work is that of micrograd's demo: layers of 16, 16 and 1 neurons on points of the plane, a hinge loss and a penalty
on the squared weights. The same program runs with each library's scalars, with numbers that do not change from run to
run. One step is: forget the gradients, forward, backward.
"""

from __future__ import annotations

import importlib
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from . import modes, node_bytes
from .scalars import Scalars, load
from .work import Results, Work, timed

WIDTHS = (2, 16, 16, 1)
POINTS = 100
PENALTY = 1e-4


def initial_parameters(numbers: random.Random) -> list[float]:
    """For each neuron its weights, uniform from -1 to 1, and a bias of 0."""
    neurons = [ins for ins, outs in itertools.pairwise(WIDTHS) for _ in range(outs)]
    return [number for ins in neurons for number in (*(numbers.uniform(-1, 1) for _ in range(ins)), 0.0)]


def perceptron(parameters: Sequence[Any], x: Sequence[Any], relu: Callable[[Any], Any]) -> Any:
    """Layers of neurons, each with its weights and a bias; relu on all but the last."""
    place = 0
    for ins, outs in itertools.pairwise(WIDTHS):
        sums = []
        for _ in range(outs):
            weights, bias = parameters[place : place + ins], parameters[place + ins]
            sums.append(sum((w * each for w, each in zip(weights, x, strict=True)), bias))
            place += ins + 1
        x = sums if place == len(parameters) else [relu(each) for each in sums]
    return x[0]


def problem() -> tuple[list[float], list[list[float]], list[float]]:
    """Initial parameters, points, and their labels -1 and 1."""
    numbers = random.Random(1337)
    parameters = initial_parameters(numbers)
    points = [[numbers.uniform(-1, 1), numbers.uniform(-1, 1)] for _ in range(POINTS)]
    return parameters, points, [1.0 if x * x + y * y < 0.6 else -1.0 for x, y in points]


def total_loss(scalars: Scalars, parameters: Sequence[Any], points: list[list[float]], labels: list[float]) -> Any:
    """Hinge loss and penalty of the perceptron on labelled points."""
    scores = [perceptron(parameters, list(map(scalars.constant, point)), scalars.relu) for point in points]
    losses = [scalars.relu(1 + -label * score) for label, score in zip(labels, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in parameters)


def prepare(library: str, measure: str = "seconds", collector: bool = True, mode: str = "eager") -> Work:
    """The work with one library's scalars.

    Args:
        library: of `scalars`.
        measure: "seconds" for the time of a step, "bytes" for the memory that the graph takes per node, "batched" for
            the time of a step in which gradwalk replays the graph of one point over all of them at once.
        collector: False turns the cyclic garbage collector off while the clock runs.
        mode: of gradwalk.
    """
    parameters, points, labels = problem()
    if measure == "batched" and library == "gradwalk":
        return batched(mode, parameters, points, labels, collector)
    scalars = load(library, mode)

    def loss(parameters: Sequence[Any]) -> Any:
        return total_loss(scalars, parameters, points, labels)

    step = scalars.step(loss, parameters)
    last: Results = {}

    def run() -> None:
        result, gradients = step()
        last.update(loss=[result], gradients=list(gradients))

    if measure == "bytes":
        return Work(node_bytes.measurement(library, mode, loss, parameters, run), lambda: as_floats(last))
    return Work(timed(run, collector=collector), lambda: as_floats(last))


def batched(
    mode: str, parameters: list[float], points: list[list[float]], labels: list[float], collector: bool
) -> Work:
    """One point's share of the loss, recorded, and replayed with the points as a batch."""
    numpy = importlib.import_module("numpy")
    value = importlib.import_module("autograd").Value

    def share(parameters: Sequence[Any], point: Sequence[Any], label: Any) -> Any:
        hinge = (1 + -label * perceptron(parameters, point, lambda x: x.relu())).relu()
        return hinge * (1.0 / POINTS) + (PENALTY / POINTS) * sum(p * p for p in parameters)

    program = modes.record(mode, share, [value(each) for each in parameters], points[0], labels[0])
    inputs = [numpy.array(each) for each in (parameters, points, labels)]
    last: Results = {}

    def run() -> None:
        shares, (gradients, _, _) = program.value_and_grad(*inputs)
        last.update(loss=[shares.sum()], gradients=gradients)

    run()  # compiles, where the mode compiles
    return Work(timed(run, collector=collector), lambda: as_floats(last))


def as_floats(results: Results) -> Results:
    """What a library's arrays and scalars hold, as floats."""
    return {name: [float(each) for each in numbers] for name, numbers in results.items()}
