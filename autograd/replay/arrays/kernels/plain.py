"""NumPy functions without derivative, called without a template to fill in each run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.observed import Operand, Plain
from autograd.replay.arrays.kernels.anything import StepKernel
from autograd.replay.arrays.plan import Work
from autograd.replay.tape import Step

#: What the function calls after inspecting its arguments: 1 instead of 4 µs for the maximum of a row.
DIRECT: dict[Callable[..., Any], Callable[..., Any]] = {
    np.max: np.maximum.reduce,
    np.min: np.minimum.reduce,
}


class PlainCall(StepKernel):
    """A NumPy function of one or two operands, with fixed options."""

    @staticmethod
    def takes(step: Step) -> bool:
        """Whether a step is such a call."""
        if not isinstance(step.rule, Plain):
            return False
        call, options = step.params.get("call", (Operand(0),)), step.params.get("options", ())
        fixed = all(not isinstance(value, Operand | tuple | list) or _numbers(value) for _, value in options)
        return call in ((Operand(0),), (Operand(0), Operand(1))) and fixed

    def bind(self) -> Work:
        values, place, arguments = self.plan.values, self.place, self.arguments
        options = dict(self.fixed.get("options", ()))
        function = self.rule.function
        floats = self.plan.tape.dtypes[place].kind == "f" and self.plan.tape.shapes[place] != ()
        if set(options) <= {"axis", "keepdims"} and floats:
            function = DIRECT.get(function, function)
        first, *others = arguments
        if not others:

            def of_one() -> None:
                values[place] = np.asarray(function(values[first], **options))

            return of_one
        (second,) = others

        def of_two() -> None:
            values[place] = np.asarray(function(values[first], values[second], **options))

        return of_two


def _numbers(value: Any) -> bool:
    return value.__class__ is tuple and all(isinstance(each, int) for each in value)
