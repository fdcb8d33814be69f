"""tinygrad: the step captured once by its JIT, on the processor; clang compiles the kernels."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from ..work import UnavailableError
from . import Step


class Tinygrad:
    def __init__(self) -> None:
        if shutil.which("clang") is None:
            raise UnavailableError("tinygrad compiles with clang, which is not installed")
        self.tinygrad = importlib.import_module("tinygrad")

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        return self.tinygrad.Tensor(numbers, dtype=getattr(self.tinygrad.dtypes, dtype)).reshape(shape).realize()

    def labels(self, numbers: list[int]) -> Any:
        return self.tinygrad.Tensor(numbers).realize()

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any:
        return x.conv2d(weight, bias, padding=padding)

    def max_pool2d(self, x: Any) -> Any:
        return x.max_pool2d((2, 2))

    def relu(self, x: Any) -> Any:
        return x.relu()

    def exp(self, x: Any) -> Any:
        return x.exp()

    def linear(self, x: Any, weight: Any, bias: Any) -> Any:
        return x.linear(weight.transpose(), bias)

    def cross_entropy(self, scores: Any, labels: Any) -> Any:
        return scores.sparse_categorical_crossentropy(labels)

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        device = self.tinygrad.Device[self.tinygrad.Device.DEFAULT]

        @self.tinygrad.TinyJit  # type: ignore[untyped-decorator]
        def both(*inputs: Any) -> Any:
            own = inputs[: len(leaves)]
            result = function(*inputs)
            gradients = result.gradient(*own, gradient=upstream)
            return result.realize(*gradients), gradients

        def step() -> tuple[Any, Sequence[Any]]:
            done: tuple[Any, Sequence[Any]] = both(*leaves, *data)
            device.synchronize()
            return done

        return step

    def numbers(self, array: Any) -> list[float]:
        numbers: list[float] = array.reshape(-1).tolist()
        return numbers


make = Tinygrad
