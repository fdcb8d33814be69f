"""A recorded function beside the same function run eagerly, on the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.replay import record
from autograd.replay.program import Program

TOLERANCE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 2e-5}


def tensors(
    shapes: Sequence[tuple[int, ...]], dtype: Any, rng: np.random.Generator, rounded: bool = False
) -> list[Any]:
    """Leaves of random numbers; rounded to a few different ones where ties are wanted."""
    numbers = [rng.standard_normal(shape) for shape in shapes]
    return [
        Tensor(np.asarray(np.round(each) if rounded else each, dtype=dtype), requires_grad=True) for each in numbers
    ]


class Comparison:
    """A function of Tensors, recorded on random numbers.

    Args:
        function: returns a Tensor or a tuple of them.
        shapes: of its arguments.
        dtype: of its arguments.
        rounded: whether numbers are rounded to a few different ones.
    """

    def __init__(
        self, function: Callable[..., Any], shapes: Sequence[tuple[int, ...]], dtype: Any, *, rounded: bool = False
    ) -> None:
        self.function, self.shapes, self.dtype, self.rounded = function, tuple(shapes), np.dtype(dtype), rounded
        self.rng = np.random.default_rng(len(self.shapes) + sum(map(sum, self.shapes)))
        self.program: Program = record(function, *self._tensors(), check=False)

    def _tensors(self) -> list[Any]:
        return tensors(self.shapes, self.dtype, self.rng, self.rounded)

    def holds_on_other_numbers(self, times: int = 3) -> Program:
        """Compare on several sets of numbers, one after another in the same buffers, and on the last of them twice."""
        for _ in range(times):
            numbers = self._tensors()
            self.holds(numbers)
        self.holds(numbers)
        return self.program

    def holds(self, numbers: Sequence[Any]) -> None:
        """Compare results and gradients on the given numbers, with upstream gradients that differ by element."""
        results = self.function(*numbers)
        several = isinstance(results, tuple)
        results = results if several else (results,)
        upstream = [np.asarray(self.rng.standard_normal(each.shape), self.dtype) for each in results]
        arrays = [each.data for each in numbers]
        found, gradients = self.program.value_and_grad(*arrays, gradient=tuple(upstream) if several else upstream[0])
        found = found if several else (found,)
        expected = eager_gradients(results, numbers, upstream)
        for own, eager in zip((*found, *gradients), (*(each.data for each in results), *expected), strict=True):
            assert_close(own, eager, TOLERANCE[self.dtype])


def eager_gradients(results: Sequence[Any], numbers: Sequence[Any], upstream: Sequence[Any]) -> list[Any]:
    """The gradients of the numbers, by backward passes that add up."""
    for number in numbers:
        number.zero_grad()
    for result, gradient in zip(results, upstream, strict=True):
        result.backward(gradient)
    return [np.zeros(each.shape, each.dtype) if each.grad is None else each.grad for each in numbers]


def assert_close(own: Any, eager: Any, tolerance: float) -> None:
    """Equal to rounding, relative to the largest element; the same infinities and NaN."""
    own, eager = np.asarray(own), np.asarray(eager)
    assert own.shape == eager.shape
    assert own.dtype == eager.dtype
    finite = np.abs(eager[np.isfinite(eager)])
    scale = float(finite.max()) if finite.size else 1.0
    np.testing.assert_allclose(own, eager, rtol=tolerance, atol=tolerance * max(scale, 1.0))
