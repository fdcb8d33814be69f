"""Each library's own way to the same work: the functions of a small network, and a step forward and backward.

A workload is written once, against `Library`; what a user of the library would write stands in the library's module.
Labels are integers, images (N, C, H, W), kernels (O, C, H, W), weights of a linear layer (O, I).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

Step = Callable[[], tuple[Any, Sequence[Any]]]


class Library(Protocol):
    """What a workload on arrays needs of a library."""

    def array(self, numbers: list[float], shape: tuple[int, ...], dtype: str, differentiable: bool) -> Any:
        """An array of floats."""

    def labels(self, numbers: list[int]) -> Any:
        """An array of integers."""

    def conv2d(self, x: Any, weight: Any, bias: Any, padding: int) -> Any: ...

    def max_pool2d(self, x: Any) -> Any:
        """The largest of each 2 x 2 block."""

    def relu(self, x: Any) -> Any: ...

    def exp(self, x: Any) -> Any: ...

    def linear(self, x: Any, weight: Any, bias: Any) -> Any: ...

    def cross_entropy(self, scores: Any, labels: Any) -> Any:
        """The mean over the batch."""

    def step(self, function: Callable[..., Any], leaves: Sequence[Any], data: Sequence[Any], upstream: Any) -> Step:
        """One step, as a user would run it in a loop.

        Args:
            function: of the leaves and the data; its result is one number, unless an `upstream` gradient is given.
            leaves: arrays to differentiate with respect to.
            data: further arrays.
            upstream: an array, or None.

        Returns:
            What runs the step once, to the end, and returns the result and the leaves' gradients.
        """

    def numbers(self, array: Any) -> list[float]:
        """The elements in row-major order."""


def load(library: str, mode: str = "eager") -> Library:
    """The library of that name, on one thread; a mode is gradwalk's alone."""
    module = importlib.import_module(f"{__name__}.on_{library}")
    made: Library = module.make(mode) if library == "gradwalk" else module.make()
    return made
