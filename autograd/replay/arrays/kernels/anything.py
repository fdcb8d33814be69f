"""Any primitive at all, by its rule's own `forward` and `contributions`; a user's own among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.plan import Kernel, Plan, Work
from autograd.replay.arrays.pull import Pull
from autograd.replay.tape import Step, filled, varies


def has_raising_kink(step: Step) -> bool:
    """Whether each run has to look for a kink."""
    kink = step.rule.kink
    return kink is not None and step.params.get(kink.option) == "raise"


class StepKernel(Kernel):
    """A kernel of one step.

    Args:
        plan: that it belongs to.
        step: what it computes.
    """

    def __init__(self, plan: Plan, step: Step) -> None:
        super().__init__(plan, step.place, step.arguments)
        self.step = step
        self.rule: Any = step.rule
        self.varying = varies(step.params)
        self.fixed = dict(step.params)

    def params(self) -> dict[str, Any]:
        """The parameters of this run."""
        return filled(self.step.params, self.plan.inputs, self.plan.values) if self.varying else self.fixed

    def arrays(self) -> list[Any]:
        """The arguments of this run."""
        values = self.plan.values
        return [values[place] for place in self.arguments]


class Anything(StepKernel):
    """A step in fresh arrays."""

    uses_rule = True

    def bind(self) -> Work:
        values, place, arguments, rule = self.plan.values, self.place, self.arguments, self.rule
        forward = rule.forward
        if has_raising_kink(self.step):
            return self._checked
        if not self.varying and len(arguments) == 1:
            (only,) = arguments
            params = self.fixed

            def of_one() -> None:
                values[place] = np.asarray(forward(values[only], **params))

            return of_one

        def work() -> None:
            values[place] = np.asarray(forward(*self.arrays(), **self.params()))

        return work

    def _checked(self) -> None:
        arrays, params = self.arrays(), self.params()
        self.rule.check_kink(arrays, params)
        self.plan.values[self.place] = np.asarray(self.rule.forward(*arrays, **params))

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        gradients, values, place = pull.gradients, self.plan.values, self.place
        needed = list(needed)
        pairs = zip(self.arguments, needed, strict=True)
        accept = [pull.accept(argument, place) if need else None for argument, need in pairs]

        def work() -> None:
            arrays, params = self.arrays(), self.params()
            received = self.rule.contributions(gradients[place], values[place], arrays, needed, params)
            for take, contribution in zip(accept, received, strict=True):
                if take is not None:
                    take(contribution)

        pull.work(work)
