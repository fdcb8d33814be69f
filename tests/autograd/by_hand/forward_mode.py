"""Random graphs of numbers with their gradients by another way: forward mode, each operation written out here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Value

LEAVES = 4


class Dual:
    """A number and its derivatives by the leaves, and by each inner node that was marked."""

    def __init__(self, number: float, slopes: dict[str, float]) -> None:
        self.number = number
        self.slopes = slopes

    def through(self, number: float, slope: float) -> Dual:
        return Dual(number, {name: slope * each for name, each in self.slopes.items()})


def combined(number: float, *parts: tuple[Dual, float]) -> Dual:
    slopes: dict[str, float] = {}
    for dual, weight in parts:
        for name, slope in dual.slopes.items():
            slopes[name] = slopes.get(name, 0.0) + weight * slope
    return Dual(number, slopes)


def random_graph(seed: int, steps: int = 14) -> tuple[Value, dict[str, float]]:
    """A graph of named leaves a, b, c, d and some named inner nodes, and the root's true gradient by each of them."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=LEAVES).round(3)
    pool = [(Value(float(x), name), Dual(float(x), {name: 1.0})) for name, x in zip("abcd", numbers, strict=True)]
    for step in range(steps):
        i, j = (int(place) for place in rng.integers(max(len(pool) - 6, 0), len(pool), size=2))
        value, dual = operation(int(rng.integers(9)), pool[i], pool[j])
        if abs(dual.number) > 50.0:
            continue
        if rng.integers(3) == 0:
            value.name = f"n{step}"
            dual.slopes[value.name] = 1.0
        pool.append((value, dual))
    root, total = pool[-1]
    for value, dual in pool[-4:-1]:
        root, total = root + value, combined(total.number + dual.number, (total, 1.0), (dual, 1.0))
    root = root * 1.0
    names = {node.name for node in reached(root)}
    return root, {name: slope for name, slope in total.slopes.items() if name in names}


def operation(which: int, first: tuple[Value, Dual], second: tuple[Value, Dual]) -> tuple[Value, Dual]:
    (x, p), (y, q) = first, second
    if which == 0:
        return x + y, combined(p.number + q.number, (p, 1.0), (q, 1.0))
    if which == 1:
        return x - y, combined(p.number - q.number, (p, 1.0), (q, -1.0))
    if which in (2, 3):
        return x * y, combined(p.number * q.number, (p, q.number), (q, p.number))
    if which == 4:
        t = math.tanh(p.number)
        return x.tanh(), p.through(t, 1 - t * t)
    if which == 5:
        s = 1 / (1 + math.exp(-p.number))
        return x.sigmoid(), p.through(s, s * (1 - s))
    if which == 6:
        return x.relu(), p.through(max(p.number, 0.0), 1.0 if p.number > 0 else 0.0)
    if which == 7:
        d = 1 + q.number**2
        return x / (1 + y * y), combined(p.number / d, (p, 1 / d), (q, -2 * p.number * q.number / d**2))
    return x**2, p.through(p.number**2, 2 * p.number)


def reached(root: Any) -> set[Any]:
    seen, waiting = {root}, [root]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen
