"""The maximum of sliding windows, and a relu before it, without the relu's result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.replay.arrays.buffers import order_of
from autograd.replay.arrays.plan import Kernel, Plan, UnusualNumbersError, Work
from autograd.replay.arrays.pull import Pull
from autograd.replay.tape import Step


class MaxPool(Kernel):
    """The largest element of each window; the first of equal ones takes the gradient.

    The elements that meet one place of the kernel are copied to lie side by side, so that comparing works on long rows
    (small CNN: pooling 0.6 of the time of slices in place).

    max(relu(window)) is relu(max(window)), with the same winner where it is above 0 and no gradient elsewhere: relu and
    its gate work on what is left, a quarter for 2 x 2 windows.

    Args:
        plan: that it belongs to.
        step: the maximum.
        windows: the step before it.
        source: the place of the images.
        relu: whether a relu comes between.
    """

    def __init__(self, plan: Plan, step: Step, windows: Step, source: int, relu: bool) -> None:
        super().__init__(plan, step.place, [source])
        self.relu = relu
        self.kernel, self.stride, self.dilation = (windows.params[name] for name in ("kernel", "stride", "dilation"))
        self.spatial = len(self.kernel)
        lengths = plan.tape.shapes[source][-self.spatial :]
        counts = plan.tape.shapes[step.place][-self.spatial :]
        steps = list(zip(self.kernel, self.stride, self.dilation, strict=True))
        self.apart = all(s >= d * (k - 1) + 1 for k, s, d in steps)
        self.covering = all(
            k == s and n * k == length for (k, s, _), n, length in zip(steps, counts, lengths, strict=True)
        )

    def _slices(self, images: Any) -> Any:
        """(..., *spatial) -> (*kernel, ..., *positions), a view."""
        steps = images.strides[images.ndim - self.spatial :]
        return as_strided(
            images,
            (*self.kernel, *self.plan.tape.shapes[self.place]),
            (
                *(step * d for step, d in zip(steps, self.dilation, strict=True)),
                *images.strides[: images.ndim - self.spatial],
                *(step * s for step, s in zip(steps, self.stride, strict=True)),
            ),
        )

    def bind(self) -> Work:
        plan, values, (argument,) = self.plan, self.plan.values, self.arguments
        source = values[argument]
        order = self.order = tuple(range(len(plan.tape.shapes[self.place])))
        if source is not None and 0 not in source.strides:
            order = self.order = order_of(source)
        out = plan.allot(self.place, order)
        plan.owned.discard(self.place)  # the pull compares with it
        stack = np.empty((math.prod(self.kernel), out.size), out.dtype)
        self.rows = stack
        self.flat = out.transpose(order).reshape(-1)
        self.top = np.empty_like(self.flat) if self.relu else self.flat
        copies = self._logical(stack)
        slices = None if source is None else self._slices(source)
        reduce, top, flat, copyto, maximum = np.maximum.reduce, self.top, self.flat, np.copyto, np.maximum
        zero = np.zeros((), out.dtype)

        def work() -> None:
            copyto(copies, self._slices(values[argument]) if slices is None else slices)
            reduce(stack, 0, None, top)

        def work_and_relu() -> None:
            copyto(copies, self._slices(values[argument]) if slices is None else slices)
            reduce(stack, 0, None, top)
            maximum(top, zero, out=flat)

        return work_and_relu if self.relu else work

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        (argument,) = self.arguments
        gradients, place, stack, top, flat = pull.gradients, self.place, self.rows, self.top, self.flat
        shape, dtype = self.plan.tape.shapes[argument], self.plan.tape.dtypes[argument]
        rest, gate = self._laid(dtype), self._laid(bool)
        chosen = np.empty(stack.shape, bool)
        winners = self._logical(chosen)
        shares = None if self.apart else self._logical(np.empty_like(stack))
        covering, relu, count, size = self.covering, self.relu, np.count_nonzero, top.size
        multiply, equal, greater = np.multiply, np.equal, np.greater
        zero, open_ = np.zeros((), dtype), gate.transpose(self.order).reshape(-1)

        def spread(target: Any, slices: Any) -> Any:
            square = top.dot(top)
            if square != square:
                raise UnusualNumbersError  # the first NaN of a window takes its gradient
            upstream = gradients[place]
            if relu:
                greater(flat, zero, open_)
                upstream = multiply(upstream, gate, rest)
            equal(stack, top, chosen)
            if count(chosen) != size:
                first_of_each(chosen)
            if not covering:
                target.fill(0.0)
            if shares is None:
                multiply(upstream, winners, slices)
            else:
                multiply(upstream, winners, shares)
                for offset in np.ndindex(*self.kernel):
                    np.add(slices[offset], shares[offset], slices[offset])
            return target

        def compute(target: Any) -> Any:
            target = np.empty(shape, dtype) if target is None else target
            return spread(target, self._slices(target))

        def prebound(target: Any) -> Work:
            slices = self._slices(target)
            return lambda: spread(target, slices)

        pull.contribute(argument, compute, prebound)

    def _laid(self, dtype: Any) -> Any:
        """An array of the result's shape, laid like it."""
        return np.empty_like(self.plan.values[self.place], dtype=dtype)

    def _logical(self, stack: Any) -> Any:
        """(kernel elements, positions) -> (*kernel, ..., *positions)"""
        shape, axes = self.plan.tape.shapes[self.place], len(self.kernel)
        order = order_of(self.plan.values[self.place])
        ordered = stack.reshape(*self.kernel, *(shape[axis] for axis in order))
        return ordered.transpose(*range(axes), *(axes + order.index(axis) for axis in range(len(shape))))


def first_of_each(chosen: Any) -> None:
    """Of each column of a mask keep the first that is True."""
    taken = chosen[0].copy()
    for row in chosen[1:]:
        np.greater(row, taken, row)
        np.logical_or(taken, row, taken)
