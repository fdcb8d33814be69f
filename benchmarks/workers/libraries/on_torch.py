"""PyTorch, eager."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from . import Step


class Torch:
    def __init__(self) -> None:
        self.torch = importlib.import_module("torch")
        self.torch.set_num_threads(1)
        functional = self.torch.nn.functional
        self.linear, self.cross_entropy, self.relu = functional.linear, functional.cross_entropy, self.torch.relu
        self.labels, self.exp = self.torch.tensor, self.torch.exp

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        array = self.torch.tensor(numbers, dtype=getattr(self.torch, dtype)).reshape(shape)
        return array.requires_grad_(differentiable)

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any:
        return self.torch.nn.functional.conv2d(x, weight, bias, padding=padding)

    def max_pool2d(self, x: Any) -> Any:
        return self.torch.nn.functional.max_pool2d(x, 2)

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        def step() -> tuple[Any, Sequence[Any]]:
            for leaf in leaves:
                leaf.grad = None
            result = function(*leaves, *data)
            result.backward(upstream)
            return result, [leaf.grad for leaf in leaves]

        return step

    def numbers(self, array: Any) -> list[float]:
        numbers: list[float] = array.detach().reshape(-1).tolist()
        return numbers


make = Torch
