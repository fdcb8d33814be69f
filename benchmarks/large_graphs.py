"""Graphs of scalars too large to be drawn node by node: networks, convolutions, chains, sums, and one without order."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import nn
import nn.functional as F
from autograd import Value, collector_paused

PENALTY = 1e-4
POINTS_PER_NODE = 100 / 65_000


class LargeGraph(NamedTuple):
    """A graph by its root, and what its nodes are called: nodes, or lists and modules of them, by name."""

    root: Value
    names: dict[str, Any]


def moons(points: int = 100, *, backward: bool = True) -> LargeGraph:
    """micrograd's demo: an MLP of 2, 16, 16 and 1 neurons on two half moons, hinge loss and penalty: 65,000 nodes."""
    choose = random.Random(1337)
    random.seed(1337)  # which draws the weights
    model = nn.MLP(2, [16, 16, 1])
    inputs, labels = [], []
    for place in range(points):
        angle, upper = math.pi * (place // 2) / max(points // 2, 1), place % 2
        x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
        inputs.append([Value(x + choose.gauss(0, 0.1)), Value(y + choose.gauss(0, 0.1))])
        labels.append(1.0 if upper else -1.0)
    scores = [model(x) for x in inputs]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = PENALTY * sum(p * p for p in model.parameters())
    total_loss = data_loss + reg_loss
    if backward:
        total_loss.backward()
    names = {"model": model, "inputs": inputs, "scores": scores, "losses": losses}
    return LargeGraph(total_loss, names | {"data_loss": data_loss, "reg_loss": reg_loss, "total_loss": total_loss})


def convolution(side: int = 28, width: int = 5, padding: int = 0) -> LargeGraph:
    """A square image of Values, convolved with a square kernel of Values."""
    image, kernel = _grid(side, 1.0), _grid(width, 0.1)
    out = F.conv2d(image[None, None], kernel[None, None], padding=padding)
    loss = out.sum()
    loss.backward()
    return LargeGraph(loss, {"image": image, "kernel": kernel, "out": out, "loss": loss})


def convolution_by_hand(side: int = 28, width: int = 5) -> LargeGraph:
    """The same in four loops, each product added by itself: 30,000 nodes."""
    image, kernel = _grid(side, 1.0), _grid(width, 0.1)
    window, places = range(width), range(side - width + 1)
    out = [
        [sum(kernel[i, j] * image[row + i, column + j] for i in window for j in window) for column in places]
        for row in places
    ]
    loss = sum(each for row in out for each in row)
    assert isinstance(loss, Value)
    loss.backward()
    return LargeGraph(loss, {"image": image, "kernel": kernel, "out": out, "loss": loss})


def _grid(side: int, size: float) -> Any:
    choose = random.Random(side)
    return np.array([[Value(size * choose.gauss(0, 1)) for _ in range(side)] for _ in range(side)])


def chain(nodes: int) -> LargeGraph:
    """tanh of tanh of tanh ..."""
    y = x = Value(0.5)
    for _ in range(nodes - 1):
        y = y.tanh()
    return LargeGraph(y, {"x": x, "y": y})


def wide_sum(nodes: int) -> LargeGraph:
    """x₁ + x₂ + x₃ + ..."""
    xs = [Value(float(place % 17)) for place in range(nodes // 2)]
    total = sum(xs)
    assert isinstance(total, Value)
    return LargeGraph(total, {"xs": xs, "total": total})


def entangled(nodes: int) -> LargeGraph:
    """Operations chosen by chance, on results of the last thousand chosen by chance: about so many nodes."""
    choose = random.Random(0)
    recent = [Value(choose.uniform(-1, 1)) for _ in range(1000)]
    for place in range(3 * nodes // 2):  # about two in three are used in the end
        a, b = choose.choice(recent), choose.choice(recent)
        kind = choose.randrange(4)
        recent[place % 1000] = a + b if kind == 0 else a * b if kind == 1 else a - b if kind == 2 else a.tanh()
    return LargeGraph(sum(recent), {})  # type: ignore[arg-type]


def perceptron(nodes: int) -> LargeGraph:
    """The network of the moons on as many points as make so many nodes."""
    return moons(round(nodes * POINTS_PER_NODE), backward=False)


def made(make: Callable[[], LargeGraph]) -> LargeGraph:
    """A large graph, made without Python's garbage collector, which would look through it again and again."""
    with collector_paused():
        return make()
