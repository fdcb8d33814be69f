"""Which steps of a tape are compiled together: by what primitives they are, never by the name of a function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.observed import Operand, Plain
from autograd.primitives import elementwise as table
from autograd.primitives.contractions import matmul
from autograd.primitives.reductions import logsumexp
from autograd.primitives.structural import getitem, reshape, sum_
from autograd.replay.arrays.compiled.assembly import Machine
from autograd.replay.arrays.compiled.chains import Convolutions
from autograd.replay.arrays.compiled.elementwise import RULES, Elementwise
from autograd.replay.arrays.compiled.module import Buffer
from autograd.replay.arrays.compiled.products import Product, can_multiply
from autograd.replay.arrays.compiled.reading import Reading
from autograd.replay.arrays.compiled.reductions import Copy, Largest, LogSumExp, Sum, Taken
from autograd.replay.arrays.compiled.views import as_matrix
from autograd.replay.arrays.compiled.writer import Stage
from autograd.replay.tape import Given, Step, Tape

_HEAVY = 4096  # numbers: of more, NumPy's vectors of exp, log and tanh are faster than one call for each
_SUMMED = 1 << 14  # numbers: of more, NumPy's sum by pairs is more exact
_PRODUCT = 1 << 27  # multiplications: of larger matrices BLAS makes better use of the caches


class Recognition(Reading):
    """The parts of a tape in order: stages to compile, and steps left to NumPy.

    Attributes:
        parts: stages and steps.
        indices: the constant integers that stages read, by buffer.
    """

    def __init__(self, tape: Tape, machine: Machine) -> None:
        super().__init__(tape, machine)
        self.indices: dict[Buffer, Any] = {}
        convolutions = Convolutions(self)
        made = convolutions.all()
        self.parts: list[Stage | Step] = []
        for place, step in self.steps.items():
            if place in made:
                self.parts.append(made[place])
            elif place not in convolutions.inside and self.views[place].root == place:
                self.parts.append(self._stage(step) or step)
        for number, part in enumerate(self.parts):
            if isinstance(part, Stage):
                part.number = number

    def _stage(self, step: Step) -> Stage | None:
        if self.kind(step.place, *step.arguments) is None or _raises(step.params):
            return None
        rule, views = step.rule, self.views
        if isinstance(rule, Plain):
            return self._plain(step, rule)
        if rule in RULES:
            return self._elementwise(step)
        if rule is matmul:
            return self._product(step)
        if rule is sum_ or rule is logsumexp:
            x = views[step.arguments[0]]
            axis = step.params.get("axis")
            axes = tuple(range(len(x.shape))) if axis is None else tuple(each % len(x.shape) for each in axis)
            if math.prod(x.shape[axis] for axis in axes) > _SUMMED:
                return None
            if rule is logsumexp and math.prod(x.shape) > _HEAVY:
                return None
            return (Sum if rule is sum_ else LogSumExp)(step.place, step.arguments[0], axes)
        if rule is getitem:
            return self._taken(step)
        return Copy(step.place, step.arguments[0]) if rule is reshape else None

    def _product(self, step: Step) -> Stage | None:
        """A product of matrices, of as many in both stacks, or of all in a stack with the same one."""
        a, b, out = (self.views[place] for place in (*step.arguments, step.place))
        if len(b.shape) == 2 < len(a.shape) and a.dense:
            a, out = (as_matrix(view) for view in (a, out))
        if len(a.shape) < 2 or len(b.shape) < 2 or a.shape[:-2] != b.shape[:-2]:
            return None
        flipped = (a.strides[-2:][::-1], b.strides[-2:][::-1])
        fits = (
            can_multiply(a.strides[-2:], b.strides[-2:], out.strides[-2:])
            and can_multiply(out.strides[-2:], flipped[1], a.strides[-2:])
            and can_multiply(flipped[0], out.strides[-2:], b.strides[-2:])
        )
        large = math.prod((*a.shape[-2:], b.shape[-1])) > _PRODUCT
        return Product(step.place, step.arguments, (a, b, out)) if fits and not large else None

    def _plain(self, step: Step, rule: Plain) -> Stage | None:
        """A maximum over axes that is a constant, as softmax subtracts it."""
        options = dict(step.params.get("options", ()))
        over = rule.name in ("max", "amax", "maximum.reduce") and step.params["call"] == (Operand(0),)
        if not over or not options.keys() <= {"axis", "keepdims"}:
            return None
        axes, shape = options.get("axis"), self.views[step.arguments[0]].shape
        if rule.name == "maximum.reduce" and "axis" not in options:
            axes = 0
        axes = range(len(shape)) if axes is None else (axes,) if isinstance(axes, int) else axes
        return Largest(step.place, step.arguments[0], tuple(axis % len(shape) for axis in axes))

    def _elementwise(self, step: Step) -> Stage | None:
        rule = RULES[step.rule]
        shape = self.views[step.place].shape
        if rule.heavy and math.prod(shape) > _HEAVY:
            return None
        if step.rule is table.relu and step.params.get("relu", 0.0) != 0.0:
            return None
        if step.rule is not table.relu and step.params:
            return None
        return Elementwise(step.place, rule, step.arguments)

    def _taken(self, step: Step) -> Stage | None:
        index, x = step.params["index"], self.views[step.arguments[0]]
        index = index if isinstance(index, tuple) else (index,)
        length = self.views[step.place].shape
        if len(index) != len(x.shape) or len(length) != 1:
            return None
        buffers: list[Buffer] = []
        buffer: Buffer
        for axis, each in enumerate(index):
            if isinstance(each, Given):
                spec = self.tape.inputs[each.input]
                fits, buffer = spec.shape == length and spec.dtype.kind in "iu", ("given", each.input)
            else:
                fits = isinstance(each, np.ndarray) and each.shape == length and each.dtype.kind in "iu"
                buffer = ("index", step.place, axis)
                self.indices[buffer] = each
            if not fits:
                return None
            buffers.append(buffer)
        return Taken(step.place, step.arguments[0], tuple(buffers), length[0])


def _raises(params: Any) -> bool:
    """Whether a kink is to be looked for in each run."""
    return any(value.__class__ is str and value == "raise" for value in params.values())
