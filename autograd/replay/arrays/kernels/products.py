"""The product of two matrices, each laid as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.kernels.anything import StepKernel
from autograd.replay.arrays.plan import Work
from autograd.replay.arrays.pull import Pull


def product(x: Any, y: Any, out: Any) -> Any:
    """x @ y into out, which may be laid column by column: then BLAS computes the transposes' product."""
    if x.shape[1] == 1:  # (784, 1) by (1, 10): 2 µs instead of 9
        return np.multiply(x, y, out)
    if out is None:
        return np.matmul(x, y)
    if out.flags.c_contiguous:
        return np.matmul(x, y, out)
    np.matmul(y.T, x.T, out.T)
    return out


class Product(StepKernel):
    """A matmul of two matrices."""

    uses_result = False

    def bind(self) -> Work:
        values, (left, right) = self.plan.values, self.arguments
        out = self.plan.allot(self.place)
        matmul = np.matmul
        return lambda: matmul(values[left], values[right], out)

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        gradients, values, place, (left, right) = pull.gradients, self.plan.values, self.place, self.arguments
        computes: list[Callable[[Any], Any]] = [
            lambda out: product(gradients[place], values[right].T, out),
            lambda out: product(values[left].T, gradients[place], out),
        ]
        for argument, need, compute in zip(self.arguments, needed, computes, strict=True):
            if need:
                pull.contribute(argument, compute)
