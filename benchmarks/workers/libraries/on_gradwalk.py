"""gradwalk: eager; or recorded once and replayed, in NumPy or compiled."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from .. import modes
from . import Step


class Gradwalk:
    def __init__(self, mode: str) -> None:
        modes.require(mode)
        self.mode = mode
        self.numpy = importlib.import_module("numpy")
        self.autograd = importlib.import_module("autograd")
        self.functional = importlib.import_module("nn.functional")
        self.relu, self.linear = self.functional.relu, self.functional.linear
        self.cross_entropy, self.exp = self.functional.cross_entropy, self.autograd.exp
        self.labels = self.numpy.array

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        array = self.numpy.array(numbers, dtype=dtype).reshape(shape)
        return self.autograd.Tensor(array, requires_grad=True) if differentiable else array

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any:
        return self.functional.conv2d(x, weight, bias, padding=padding)

    def max_pool2d(self, x: Any) -> Any:
        return self.functional.max_pool2d(x, 2)

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        if self.mode != "eager":
            return self.replayed(function, leaves, data, upstream)

        def step() -> tuple[Any, Sequence[Any]]:
            for leaf in leaves:
                leaf.grad = None
            result = function(*leaves, *data)
            result.backward(upstream, keep="leaves")
            return result, [leaf.grad for leaf in leaves]

        return step

    def replayed(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        program = modes.record(self.mode, function, *leaves, *data)
        inputs = [*(leaf.data for leaf in leaves), *data]

        def step() -> tuple[Any, Sequence[Any]]:
            result, gradients = program.value_and_grad(*inputs, gradient=upstream)
            return result, gradients[: len(leaves)]

        return step

    def numbers(self, array: Any) -> list[float]:
        numbers: list[float] = self.numpy.asarray(getattr(array, "data", array)).reshape(-1).tolist()
        return numbers


make = Gradwalk
