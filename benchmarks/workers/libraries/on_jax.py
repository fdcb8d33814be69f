"""JAX: the step compiled once by `jax.jit`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any

from . import Step


class Jax:
    def __init__(self) -> None:
        self.jax = importlib.import_module("jax")
        self.jax.config.update("jax_enable_x64", True)  # otherwise float64 would silently be float32
        self.numpy = importlib.import_module("jax.numpy")
        self.relu, self.exp = self.jax.nn.relu, self.numpy.exp

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        return self.numpy.asarray(numbers, dtype=dtype).reshape(shape)

    def labels(self, numbers: list[int]) -> Any:
        return self.numpy.asarray(numbers, dtype="int32")

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any:
        out = self.jax.lax.conv_general_dilated(x, weight, (1, 1), [(padding, padding)] * 2)
        return out + bias[:, None, None]

    def max_pool2d(self, x: Any) -> Any:
        return self.jax.lax.reduce_window(x, -math.inf, self.jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def linear(self, x: Any, weight: Any, bias: Any) -> Any:
        return x @ weight.T + bias

    def cross_entropy(self, scores: Any, labels: Any) -> Any:
        chosen = self.numpy.take_along_axis(self.jax.nn.log_softmax(scores), labels[:, None], axis=1)
        return -chosen.mean()

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        def both(leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> tuple[Any, Sequence[Any]]:
            result, pull = self.jax.vjp(lambda *leaves: function(*leaves, *data), *leaves)
            return result, pull(self.numpy.ones_like(result) if upstream is None else upstream)

        compiled = self.jax.jit(both)

        def step() -> tuple[Any, Sequence[Any]]:
            done: tuple[Any, Sequence[Any]] = self.jax.block_until_ready(compiled(leaves, data, upstream))
            return done

        return step

    def numbers(self, array: Any) -> list[float]:
        numbers: list[float] = array.reshape(-1).tolist()
        return numbers


make = Jax
