"""Elementwise primitives: a ufunc into a buffer, and the upstream gradient times the local derivative into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.kernels.anything import StepKernel
from autograd.replay.arrays.plan import Plan, Work
from autograd.replay.arrays.pull import Compute, Pull
from autograd.replay.tape import Step

READS_NOTHING = frozenset(["add", "subtract", "negative", "identity"])
READS_RESULT = frozenset(["exp", "tanh", "sigmoid", "sqrt", "expm1", "tan"])


class ByElement(StepKernel):
    """An elementwise step."""

    def __init__(self, plan: Plan, step: Step) -> None:
        super().__init__(plan, step)
        name = self.rule.name if self.rule.builtin else ""
        constant = not any(map(callable, self.rule.locals))
        self.is_relu = name == "relu" and step.params.get("relu", 0.0) == 0.0
        self.uses_arguments = not (constant or self.is_relu or name in READS_RESULT)
        self.uses_result = self.is_relu or not (constant or name == "multiply")

    def bind(self) -> Work:
        values, place, arguments, forward = self.plan.values, self.place, self.arguments, self.rule.forward
        ufunc = forward if isinstance(forward, np.ufunc) and forward.nout == 1 and not self.fixed else None
        if ufunc is None and not self.is_relu:

            def plain() -> None:
                values[place] = np.asarray(forward(*self.arrays(), **self.params()))

            return plain
        out = self.plan.allot_like(place, arguments, self)
        first = arguments[0]
        if self.is_relu:
            zero = np.zeros((), out.dtype)
            return lambda: np.maximum(values[first], zero, out=out)
        assert ufunc is not None
        if len(arguments) == 1:
            return lambda: ufunc(values[first], out=out)
        second = arguments[1]
        return lambda: ufunc(values[first], values[second], out=out)

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        gradients, place = pull.gradients, self.place
        for number, (argument, need) in enumerate(zip(self.arguments, needed, strict=True)):
            if not need:
                continue
            local = self.rule.locals[number]
            if local.__class__ is float and local == 1.0:
                pull.alias(argument, lambda: gradients[place], of=place)
            else:
                pull.contribute(argument, self._product(gradients, local, number))

    def _product(self, gradients: list[Any], local: Any, number: int) -> Compute:
        """out -> upstream x local derivative."""
        values, place, name, multiply = self.plan.values, self.place, self.rule.name, np.multiply
        if not callable(local):
            return lambda out: multiply(gradients[place], local, out)
        if self.rule.builtin and name == "multiply":
            other = self.arguments[1 - number]
            return lambda out: multiply(gradients[place], values[other], out)
        if self.rule.builtin and name == "exp":
            return lambda out: multiply(gradients[place], values[place], out)
        if self.is_relu:
            return gated(gradients, values, place, self.plan)

        dtype = self.plan.tape.dtypes[self.arguments[number]]

        def product(out: Any) -> Any:
            derivative = local(values[place], *self.arrays(), **self.params())
            return np.asarray(multiply(gradients[place], derivative, out), dtype)

        return product


def gated(gradients: list[Any], values: list[Any], place: int, plan: Plan) -> Compute:
    """out -> the upstream gradient where the result of a relu is above 0."""
    result = values[place]
    multiply, greater = np.multiply, np.greater
    if result is None:
        return lambda out: multiply(gradients[place], values[place] > 0, out)
    gate = np.empty_like(result, dtype=bool)
    zero = np.zeros((), result.dtype)

    def product(out: Any) -> Any:
        greater(result, zero, gate)
        return multiply(gradients[place], gate, out)

    return product


def takes(step: Step) -> bool:
    """Whether an elementwise step's rule keeps to its declared local derivatives."""
    from autograd.rules import Elementwise

    kind: Any = type(step.rule)
    own: tuple[Callable[..., Any], ...] = (kind.vjp, kind.contributions)
    return isinstance(step.rule, Elementwise) and own == (Elementwise.vjp, Elementwise.contributions)
