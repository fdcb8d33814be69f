"""Networks on images, and convolution alone: one step forward and backward, float32.

"conv2d" takes a batch of 32 images without padding. "cnn" is two convolutions of 3 x 3 (8 and 16 channels, padding 1),
each followed by relu and pooling, and a linear layer, on 28 x 28 pixels with cross-entropy. "mlp" is 784-256-10 with
relu and cross-entropy.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from .libraries import Library, load
from .work import Results, Work, timed

SEED = 7
SIDE = 28
CLASSES = 10
UNTIL_COMPILED = 3  # the first steps compile or capture what a library compiles or captures


class Task(NamedTuple):
    """What a library is to differentiate.

    Attributes:
        function: of the leaves and the data.
        leaves: what the gradients are of, by name.
        data: further arrays.
        upstream: the gradient of the function's result, or None where that is one number.
        result: what the result is called.
    """

    function: Callable[..., Any]
    leaves: dict[str, Any]
    data: list[Any]
    upstream: Any
    result: str


def prepare(library: str, task: str, mode: str = "eager", **sizes: Any) -> Work:
    """The work with one library.

    Args:
        library: the name of a module in `libraries`.
        task: "conv2d", "cnn" or "mlp".
        mode: of gradwalk.
        sizes: `batch` of a network, `shape` (channels, filters, side, kernel) of "conv2d".
    """
    own = load(library, mode)
    make: dict[str, Callable[..., Task]] = {"conv2d": convolution, "cnn": cnn, "mlp": mlp}
    return measured(own, make[task](own, random.Random(SEED), **sizes))


def measured(library: Library, task: Task) -> Work:
    """The task's step, timed, and the numbers that it computed."""
    step = library.step(task.function, list(task.leaves.values()), task.data, task.upstream)
    last: Any = None

    def run() -> None:
        nonlocal last
        last = step()

    for _ in range(UNTIL_COMPILED):
        run()

    def results() -> Results:
        result, gradients = last
        found = {f"{name}.grad": library.numbers(each) for name, each in zip(task.leaves, gradients, strict=True)}
        return {task.result: library.numbers(result), **found}

    return Work(timed(run), results)


def uniform(
    library: Library, numbers: random.Random, *shape: int, scale: float = 1.0, differentiable: bool = True
) -> Any:
    """An array of uniform numbers from -scale to scale."""
    drawn = [scale * numbers.uniform(-1, 1) for _ in range(math.prod(shape))]
    return library.array(drawn, shape, "float32", differentiable)


def convolution(library: Library, numbers: random.Random, shape: tuple[int, int, int, int], batch: int = 32) -> Task:
    channels, filters, side, kernel = shape
    leaves = {
        "x": uniform(library, numbers, batch, channels, side, side),
        "weight": uniform(library, numbers, filters, channels, kernel, kernel, scale=0.2),
        "bias": uniform(library, numbers, filters),
    }
    out = side - kernel + 1
    upstream = uniform(library, numbers, batch, filters, out, out, differentiable=False)
    return Task(lambda x, weight, bias: library.conv2d(x, weight, bias, 0), leaves, [], upstream, "y")


def cnn(library: Library, numbers: random.Random, batch: int) -> Task:
    images = uniform(library, numbers, batch, 1, SIDE, SIDE, differentiable=False)
    labels = library.labels([numbers.randrange(CLASSES) for _ in range(batch)])
    features = 16 * (SIDE // 4) ** 2
    leaves = {
        "conv1.weight": uniform(library, numbers, 8, 1, 3, 3, scale=0.3),
        "conv1.bias": uniform(library, numbers, 8, scale=0.3),
        "conv2.weight": uniform(library, numbers, 16, 8, 3, 3, scale=0.1),
        "conv2.bias": uniform(library, numbers, 16, scale=0.1),
        "linear.weight": uniform(library, numbers, CLASSES, features, scale=0.03),
        "linear.bias": uniform(library, numbers, CLASSES, scale=0.03),
    }

    def loss(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, images: Any, labels: Any) -> Any:
        x = library.max_pool2d(library.relu(library.conv2d(images, w1, b1, 1)))
        x = library.max_pool2d(library.relu(library.conv2d(x, w2, b2, 1)))
        return library.cross_entropy(library.linear(x.reshape(batch, features), w3, b3), labels)

    return Task(loss, leaves, [images, labels], None, "loss")


def mlp(library: Library, numbers: random.Random, batch: int) -> Task:
    images = uniform(library, numbers, batch, SIDE * SIDE, differentiable=False)
    labels = library.labels([numbers.randrange(CLASSES) for _ in range(batch)])
    leaves = {
        "hidden.weight": uniform(library, numbers, 256, SIDE * SIDE, scale=0.03),
        "hidden.bias": uniform(library, numbers, 256, scale=0.03),
        "scores.weight": uniform(library, numbers, CLASSES, 256, scale=0.06),
        "scores.bias": uniform(library, numbers, CLASSES, scale=0.06),
    }

    def loss(w1: Any, b1: Any, w2: Any, b2: Any, images: Any, labels: Any) -> Any:
        hidden = library.relu(library.linear(images, w1, b1))
        return library.cross_entropy(library.linear(hidden, w2, b2), labels)

    return Task(loss, leaves, [images, labels], None, "loss")
