"""Graphs of a wanted size, whose numbers have many digits."""

import random
from itertools import pairwise

from autograd import Value


def tree(boxes: int) -> Value:
    """An expression of many inputs, each with digits of its own."""
    draw = random.Random(boxes)
    row = [Value(draw.uniform(-2, 2), label=f"x{k}") for k in range((boxes + 1) // 2)]
    while len(row) > 1:
        a, b = row.pop(0), row.pop(0)
        row.append(draw.choice([a * b, a + b, a - b]))
    return row[0]


def network(widths: list[int], activation: str) -> Value:
    """The mean of a multilayer perceptron's outputs."""
    draw = random.Random(len(widths))
    signals = [Value(draw.uniform(-1, 1), label=f"x{k}") for k in range(widths[0])]
    for layer, (narrow, wide) in enumerate(pairwise(widths)):
        after = []
        for j in range(wide):
            total = Value(draw.uniform(-1, 1), label=f"b{layer}_{j}")
            for i in range(narrow):
                total = Value(draw.uniform(-1, 1), label=f"w{layer}_{j}{i}") * signals[i] + total
            after.append(getattr(total, activation)())
        signals = after
    result = signals[0]
    for other in signals[1:]:
        result = result + other
    return result
