"""Sums, and the logarithm of a sum of exponentials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.primitives.few import reduce_few
from autograd.replay.arrays.kernels.anything import StepKernel
from autograd.replay.arrays.plan import Work
from autograd.replay.arrays.pull import Pull


class Reduced(StepKernel):
    """A step over axes of one argument."""

    def axes(self) -> tuple[int, ...]:
        """The reduced axes, none of them negative."""
        axis, count = self.fixed.get("axis"), len(self.plan.tape.shapes[self.arguments[0]])
        if axis is None:
            return tuple(range(count))
        return tuple(each % count for each in (axis if isinstance(axis, tuple) else (axis,)))

    def kept(self) -> tuple[int, ...]:
        """The result's shape, with the reduced axes of length 1."""
        axes = self.axes()
        return tuple(1 if i in axes else n for i, n in enumerate(self.plan.tape.shapes[self.arguments[0]]))


class Sum(Reduced):
    """A sum; what it hands back is one number to each of its terms, which is a view."""

    uses_arguments = False
    uses_result = False

    def bind(self) -> Work:
        values, (argument,) = self.plan.values, self.arguments
        out = self.plan.allot(self.place)
        axis, keepdims = self.fixed.get("axis"), self.fixed.get("keepdims", False)
        source = values[argument]
        if source is not None and source.size < 1024:  # where `reduce_few` does as NumPy does
            add: Any = np.add.reduce
            return lambda: add(values[argument], axis, None, out, keepdims)
        return lambda: np.copyto(out, reduce_few(np.add, values[argument], axis, keepdims))

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        gradients, place, kept = pull.gradients, self.place, self.kept()
        (argument,) = self.arguments
        shape = self.plan.tape.shapes[argument]
        pull.alias(argument, lambda: np.broadcast_to(gradients[place].reshape(kept), shape), of=place)


class LogSumExp(Reduced):
    """log Σ exp x, for finite numbers; of infinite ones the rule's own forward knows the limit.

    Their pull meets ∞ - ∞, so that the executor repeats it by the rule's own `contributions`.
    """

    def bind(self) -> Work:
        values, (argument,) = self.plan.values, self.arguments
        shape, dtype = self.plan.tape.shapes[argument], self.plan.tape.dtypes[argument]
        axes, kept = self.axes(), self.kept()
        out = self.plan.allot(self.place)
        self.plan.owned.discard(self.place)  # the pull reads it in another shape too
        wide = self.wide = out.reshape(kept)
        largest, flat = np.empty(kept, dtype), out.reshape(-1)
        shifted = self.shifted = np.empty(shape, dtype)
        forward, params = self.rule.forward, self.fixed
        maximum: Any = np.maximum.reduce
        add: Any = np.add.reduce
        isfinite = math.isfinite
        highest = largest.reshape(-1)

        def work() -> None:
            x = values[argument]
            maximum(x, axes, None, largest, True)
            if not isfinite(highest.dot(highest)):
                np.copyto(out, forward(x, **params))
                return
            np.subtract(x, largest, shifted)
            np.exp(shifted, shifted)
            add(shifted, axes, None, wide, True)
            np.log(flat, flat)
            np.add(wide, largest, wide)

        return work

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        (argument,) = self.arguments
        gradients, values, place, kept = pull.gradients, self.plan.values, self.place, self.kept()
        wide, shifted = self.wide, self.shifted

        def weigh(out: Any) -> Any:
            upstream = gradients[place]
            np.subtract(values[argument], wide, shifted)
            np.exp(shifted, shifted)
            return np.multiply(upstream.reshape(kept), shifted, out)

        pull.contribute(argument, weigh)
