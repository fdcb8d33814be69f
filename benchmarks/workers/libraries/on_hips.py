"""HIPS autograd, which has NumPy's functions and no layers.

Convolution is windows, gathered by slices, and one product; pooling is the maximum over the axes of reshaped blocks.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from . import Step


class Hips:
    def __init__(self) -> None:
        self.make_vjp = importlib.import_module("autograd").make_vjp
        self.numpy = importlib.import_module("autograd.numpy")
        self.exp, self.labels = self.numpy.exp, self.numpy.array

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        return self.numpy.array(numbers, dtype=dtype).reshape(shape)

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any:
        filters, _, kernel_height, kernel_width = weight.shape
        if padding:
            x = self.numpy.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), "constant")
        batch, channels, height, width = x.shape
        out_height, out_width = height - kernel_height + 1, width - kernel_width + 1
        slices = [
            x[:, :, i : i + out_height, j : j + out_width] for i in range(kernel_height) for j in range(kernel_width)
        ]
        columns = self.numpy.stack(slices, axis=2).reshape(batch, channels * len(slices), out_height * out_width)
        out = self.numpy.matmul(weight.reshape(filters, -1), columns)  # (N, O, OH OW)
        return out.reshape(batch, filters, out_height, out_width) + bias.reshape(-1, 1, 1)

    def max_pool2d(self, x: Any) -> Any:
        batch, channels, height, width = x.shape
        blocks = x.reshape(batch, channels, height // 2, 2, width // 2, 2)
        return self.numpy.max(blocks, axis=(3, 5))

    def relu(self, x: Any) -> Any:
        return self.numpy.maximum(x, 0)

    def linear(self, x: Any, weight: Any, bias: Any) -> Any:
        return self.numpy.dot(x, weight.T) + bias

    def cross_entropy(self, scores: Any, labels: Any) -> Any:
        shifted = scores - self.numpy.max(scores, axis=1, keepdims=True)
        logarithms = shifted - self.numpy.log(self.numpy.sum(self.numpy.exp(shifted), axis=1, keepdims=True))
        return -self.numpy.mean(logarithms[self.numpy.arange(len(labels)), labels])

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        differentiable = self.make_vjp(lambda leaves: function(*leaves, *data))

        def step() -> tuple[Any, Sequence[Any]]:
            pull, result = differentiable(tuple(leaves))
            return result, pull(self.numpy.ones_like(result) if upstream is None else upstream)

        return step

    def numbers(self, array: Any) -> list[float]:
        numbers: list[float] = self.numpy.reshape(array, -1).tolist()
        return numbers


make = Hips
