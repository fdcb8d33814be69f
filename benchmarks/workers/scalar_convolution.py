"""A convolution on scalars: 8 kernels of 3 x 3 on an image of 28 x 28, a bias, and mean pooling; 104,000 operations.

The result is pulled to one number by fixed weights, row by row: micrograd's backward pass recurses, and a single sum
of all would be deeper than Python allows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .scalar_step import as_floats
from .scalars import load
from .work import Results, Work, timed

SIDE, KERNEL, FILTERS, POOL = 28, 3, 8, 2


def prepare(library: str, mode: str = "eager") -> Work:
    """One step forward and backward with one library's scalars; the gradients are those of kernels and biases."""
    scalars = load(library, mode)
    numbers = random.Random(11)
    size = KERNEL * KERNEL + 1  # a kernel's elements and its bias
    parameters = [numbers.uniform(-1, 1) for _ in range(FILTERS * size)]
    image = [[numbers.uniform(0, 1) for _ in range(SIDE)] for _ in range(SIDE)]
    pooled = (SIDE - KERNEL + 1) // POOL
    shares = [[[numbers.uniform(-1, 1) for _ in range(pooled)] for _ in range(pooled)] for _ in range(FILTERS)]

    def loss(parameters: Sequence[Any]) -> Any:
        pixels = [[scalars.constant(each) for each in row] for row in image]
        rows = []
        for place, weights in enumerate(shares):
            *kernel, bias = parameters[place * size : (place + 1) * size]
            means = mean_pool(convolve(pixels, kernel, bias))
            rows += [weighted_sum(row, each) for row, each in zip(means, weights, strict=True)]
        return sum(rows)

    step = scalars.step(loss, parameters)
    last: Results = {}

    def run() -> None:
        result, gradients = step()
        last.update(loss=[result], gradients=list(gradients))

    return Work(timed(run), lambda: as_floats(last))


def convolve(pixels: list[list[Any]], kernel: Sequence[Any], bias: Any) -> list[list[Any]]:
    """out[i][j] = bias + Σ_k Σ_l kernel[k, l] · pixels[i + k][j + l]"""
    side = len(pixels) - KERNEL + 1
    offsets = [(k, l) for k in range(KERNEL) for l in range(KERNEL)]
    return [
        [sum((w * pixels[i + k][j + l] for w, (k, l) in zip(kernel, offsets, strict=True)), bias) for j in range(side)]
        for i in range(side)
    ]


def mean_pool(image: list[list[Any]]) -> list[list[Any]]:
    """The mean of each block of 2 x 2."""
    places = range(0, len(image), POOL)
    return [
        [(image[i][j] + image[i][j + 1] + image[i + 1][j] + image[i + 1][j + 1]) * 0.25 for j in places] for i in places
    ]


def weighted_sum(numbers: Sequence[Any], weights: Sequence[float]) -> Any:
    return sum(number * weight for number, weight in zip(numbers, weights, strict=True))
