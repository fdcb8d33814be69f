"""What moves numbers: views where NumPy has one, copies into buffers where it has none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.primitives.structural import is_basic_index
from autograd.replay.arrays.buffers import order_of
from autograd.replay.arrays.kernels.anything import StepKernel
from autograd.replay.arrays.plan import Plan, Work
from autograd.replay.arrays.pull import Pull
from autograd.replay.tape import Computed, Given, Step


class View(StepKernel):
    """A step whose result is a view of its argument: reshape, transpose, broadcast_to, getitem by slices."""

    uses_arguments = False
    uses_result = False

    def __init__(self, plan: Plan, step: Step) -> None:
        super().__init__(plan, step)
        self.only_reorders = self.rule.name in ("reshape", "transpose")

    def bind(self) -> Work | None:
        values, place, (argument,), rule, params = self.plan.values, self.place, self.arguments, self.rule, self.fixed
        source = values[argument]
        if source is not None:
            view = np.asarray(rule.forward(source, **params))
            if np.may_share_memory(view, source) or argument in self.plan.tape.constants:
                values[place] = view
                return None
            out = self.plan.allot(place)  # a reshape that has to copy
            shape = source.shape
            target = out.reshape(shape)
            return lambda: np.copyto(target, source)
        forward = rule.forward
        if self.only_reorders:
            self.order = order_of(forward(np.empty(self.plan.tape.shapes[argument], np.int8), **params))

        def work() -> None:
            values[place] = forward(values[argument], **params)

        return work

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        (argument,) = self.arguments
        gradients, place, params, rule = pull.gradients, self.place, self.fixed, self.rule
        shape = self.plan.tape.shapes[argument]
        if rule.name == "reshape":
            pull.alias(argument, lambda: gradients[place].reshape(shape), of=place)
        elif rule.name == "transpose":
            axes = params["axes"]
            inverse = tuple(axes.index(axis) for axis in range(len(axes)))
            pull.alias(argument, lambda: gradients[place].transpose(inverse), of=place)
        elif rule.name == "broadcast_to":
            pull.contribute(argument, self._sum(gradients, shape))
        else:
            index = params["index"]

            def put(out: Any) -> Any:
                if out is None:
                    out = np.zeros(shape, self.plan.tape.dtypes[argument])
                else:
                    out.fill(0.0)
                out[index] = gradients[place]
                return out

            pull.contribute(argument, put)

    def _sum(self, gradients: list[Any], shape: tuple[int, ...]) -> Any:
        place = self.place
        wide = self.plan.tape.shapes[place]
        added = len(wide) - len(shape)
        stretched = tuple(added + axis for axis, length in enumerate(shape) if length == 1 and wide[added + axis] != 1)
        axes = (*range(added), *stretched)
        if not axes:
            return lambda out: np.positive(gradients[place].reshape(shape), out)
        whole = [*range(added), *(added + axis for axis, length in enumerate(shape) if length == 1)]
        kept = tuple(1 if axis in whole else length for axis, length in enumerate(wide))
        add = np.add.reduce

        def total(out: Any) -> Any:
            if out is None:
                return add(gradients[place], axis=axes, keepdims=True).reshape(shape)
            target = out.reshape(kept)
            add(gradients[place], axis=axes, out=target, keepdims=True)
            if not np.may_share_memory(target, out):
                out[...] = target.reshape(shape)
            return out

        return total


class Cast(StepKernel):
    """To another dtype."""

    uses_arguments = False
    uses_result = False

    def bind(self) -> Work:
        values, (argument,) = self.plan.values, self.arguments
        out = self.plan.allot_like(self.place, (), self)
        source = values[argument]
        if source is not None:
            out = self.plan.allot(self.place, order_of(source))
        return lambda: np.copyto(out, values[argument], casting="unsafe")

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        (argument,) = self.arguments
        gradients, place, dtype = pull.gradients, self.place, self.plan.tape.dtypes[self.arguments[0]]

        def back(out: Any) -> Any:
            if out is None:
                return gradients[place].astype(dtype)
            np.copyto(out, gradients[place], casting="unsafe")
            return out

        pull.contribute(argument, back)


class Pad(StepKernel):
    """Into a buffer whose border holds the constant for good."""

    uses_arguments = False
    uses_result = False

    def bind(self) -> Work:
        values, (argument,) = self.plan.values, self.arguments
        source = values[argument]
        out = self.plan.allot(self.place, None if source is None or 0 in source.strides else order_of(source))
        self.plan.owned.discard(self.place)  # a later step in place would overwrite the border
        out[...] = self.fixed.get("constant_value", 0.0)
        interior = out[self._interior()]
        return lambda: np.copyto(interior, values[argument])

    def _interior(self) -> tuple[slice, ...]:
        lengths = self.plan.tape.shapes[self.arguments[0]]
        pairs = self.fixed["pad_width"]
        return tuple(slice(before, before + length) for (before, _), length in zip(pairs, lengths, strict=True))

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        gradients, place, interior = pull.gradients, self.place, self._interior()
        pull.alias(self.arguments[0], lambda: gradients[place][interior], of=place)


class Pick(StepKernel):
    """getitem by arrays of integers that take no element twice, as a loss picks each example's label."""

    uses_arguments = False
    uses_result = False

    def bind(self) -> Work:
        values, place, (argument,) = self.plan.values, self.place, self.arguments

        def work() -> None:
            values[place] = values[argument][self.params()["index"]]

        return work

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        (argument,) = self.arguments
        gradients, place = pull.gradients, self.place
        shape, dtype = self.plan.tape.shapes[argument], self.plan.tape.dtypes[argument]

        def put(out: Any) -> Any:
            if out is None:
                out = np.zeros(shape, dtype)
            else:
                out.fill(0.0)
            out[self.params()["index"]] = gradients[place]
            return out

        pull.contribute(argument, put)

    @staticmethod
    def takes(index: Any, shape: tuple[int, ...]) -> bool:
        """Whether an index is of integer arrays, of which one counts up through the result and does not vary."""
        if not isinstance(index, tuple) or not index:
            return False
        arrays = [each for each in index if isinstance(each, np.ndarray)]
        if len(arrays) + sum(isinstance(each, Given | Computed) for each in index) != len(index):
            return False
        return any(
            each.ndim == 1
            and each.shape == shape
            and each.dtype.kind in "iu"
            and each.size
            and each[0] >= 0
            and (np.diff(each) > 0).all()
            for each in arrays
        )


def is_view(index: Any) -> bool:
    """Whether getitem by an index gives a view, and an array."""
    return is_basic_index(index)


def padded_only(pad_width: Any) -> bool:
    """Whether no width is negative."""
    return all(min(pair) >= 0 for pair in pad_width) and math.prod(map(len, pad_width)) > 0
