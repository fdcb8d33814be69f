"""Convolution, alone and in a small network: one step forward and backward, float32.

gradwalk's `nn.functional` has PyTorch's names, so that one program serves both.
"""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable
from typing import Any

from .work import Results, Work, timed

Array = Callable[..., Any]  # (shape, numbers, requires_grad) -> a float32 array of the library
SIDE = 28
CLASSES = 10


def prepare(library: str, task: str, batch: int) -> Work:
    """The work in "gradwalk" or "torch".

    Args:
        library: whose functions are used.
        task: "conv2d", 3 channels to 8 on 16 x 16 pixels; or "cnn", two convolutions with pooling and a linear layer
            on 28 x 28 pixels, with cross-entropy loss.
        batch: the number of images.
    """
    array, labels_of, functional = toolbox(library)
    numbers = random.Random(7)
    leaves, forward = {"conv2d": convolution, "cnn": network}[task](array, labels_of, functional, batch, numbers)
    last: Results = {}

    def step() -> None:
        for leaf in leaves.values():
            leaf.grad = None
        loss = forward()
        loss.backward()
        last["loss"] = [float(loss)]

    def results() -> Results:
        return {**last, **{f"{name}.grad": leaf.grad.reshape(-1).tolist() for name, leaf in leaves.items()}}

    return Work(timed(step), results)


def toolbox(library: str) -> tuple[Array, Callable[[list[int]], Any], Any]:
    """How the library makes an array of floats and one of labels, and its functions."""
    if library == "torch":
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)

        def tensor(shape: tuple[int, ...], numbers: list[float], requires_grad: bool) -> Any:
            return torch.tensor(numbers, dtype=torch.float32).reshape(shape).requires_grad_(requires_grad)

        return tensor, torch.tensor, torch.nn.functional

    numpy = importlib.import_module("numpy")
    own = importlib.import_module("autograd").Tensor

    def array(shape: tuple[int, ...], numbers: list[float], requires_grad: bool) -> Any:
        return own(numpy.array(numbers, dtype=numpy.float32).reshape(shape), requires_grad=requires_grad)

    return array, numpy.array, importlib.import_module("nn.functional")


def leaf(array: Array, numbers: random.Random, *shape: int, scale: float = 1.0, requires_grad: bool = True) -> Any:
    """An array of uniform numbers from -scale to scale."""
    return array(shape, [scale * numbers.uniform(-1, 1) for _ in range(math.prod(shape))], requires_grad)


def convolution(array: Array, labels_of: Any, F: Any, batch: int, numbers: random.Random) -> Any:
    x = leaf(array, numbers, batch, 3, 16, 16)
    weight = leaf(array, numbers, 8, 3, 3, 3, scale=0.2)
    bias = leaf(array, numbers, 8)
    upstream = leaf(array, numbers, batch, 8, 16, 16, requires_grad=False)
    return {"x": x, "weight": weight, "bias": bias}, lambda: (F.conv2d(x, weight, bias, padding=1) * upstream).sum()


def network(array: Array, labels_of: Any, F: Any, batch: int, numbers: random.Random) -> Any:
    images = leaf(array, numbers, batch, 1, SIDE, SIDE, requires_grad=False)
    labels = labels_of([numbers.randrange(CLASSES) for _ in range(batch)])
    features = 16 * (SIDE // 4) ** 2
    leaves = {
        "conv1.weight": leaf(array, numbers, 8, 1, 3, 3, scale=0.3),
        "conv1.bias": leaf(array, numbers, 8, scale=0.3),
        "conv2.weight": leaf(array, numbers, 16, 8, 3, 3, scale=0.1),
        "conv2.bias": leaf(array, numbers, 16, scale=0.1),
        "linear.weight": leaf(array, numbers, CLASSES, features, scale=0.03),
        "linear.bias": leaf(array, numbers, CLASSES, scale=0.03),
    }

    def forward() -> Any:
        x = F.max_pool2d(F.conv2d(images, leaves["conv1.weight"], leaves["conv1.bias"], padding=1).relu(), 2)
        x = F.max_pool2d(F.conv2d(x, leaves["conv2.weight"], leaves["conv2.bias"], padding=1).relu(), 2)
        scores = F.linear(x.reshape(batch, features), leaves["linear.weight"], leaves["linear.bias"])
        return F.cross_entropy(scores, labels)

    return leaves, forward
