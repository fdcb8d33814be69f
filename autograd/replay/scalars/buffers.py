"""The numbers of one run of a plan, and the vector operations that compute them, bound to their places once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.primitives import elementwise as table
from autograd.replay.scalars.plan import Group, Plan, Rows
from autograd.rule import array_arithmetic, flags
from autograd.rules import Elementwise, Reduction

Action = Callable[[], None]


class Buffers:
    """The rows of a plan and their gradients.

    Args:
        plan: the plan.
        batch: the length of the rows' second axis; None for rows of one number.

    Attributes:
        data: (rows,) or (rows, batch); inputs and leaves are written by the caller.
        sources: (rows + contributions + outputs,), likewise with a batch: what gradients are summed of.
    """

    def __init__(self, plan: Plan, batch: int | None) -> None:
        self.plan = plan
        self.tail = () if batch is None else (batch,)
        self.data = np.zeros((plan.rows, *self.tail))
        self.sources = np.zeros((plan.rows + plan.contributions + len(plan.outputs), *self.tail))
        first, constants = plan.constants
        rows = constants if batch is None else constants[:, np.newaxis]
        self.data[first : first + len(constants)] = rows
        largest = max((group.operands[-1].size for group in plan.groups), default=0)
        gathers = [group.gathered for group in plan.groups] + [gathered for _, gathered in plan.received]
        largest = max([largest, *(each.size for each in gathers if each is not None)])
        self._scratch = np.empty((largest, *self.tail))
        self._checks = [group for group in plan.groups if "raise" in group.params.values()]
        self._forward: list[Action] = []
        self._backward: list[Action] = []
        self._bind()

    def _bind(self) -> None:
        """Make the work of a run: the actions of both directions, in order."""
        self._forward = [self._computation(group) for group in self.plan.groups]
        self._backward = [action for group in reversed(self.plan.groups) for action in self._pulls(group)]

    def forward(self) -> None:
        """Compute every row."""
        with np.errstate(all="ignore"):
            for action in self._forward:
                action()
        for group in self._checks:
            group.rule.check_kink([self.data[rows] for rows in group.operands], group.params)

    def backward(self, seeds: Sequence[Any]) -> Any:
        """The gradients of the inputs' and leaves' rows, from the outputs'; 0 where none arrives."""
        for place, seed in zip(range(-len(seeds), 0), seeds, strict=True):
            self.sources[place] = 0.0 if seed is None else seed
        with np.errstate(all="ignore"):
            for action in self._backward:
                action()
            received = self._received()
        # A NaN in any contribution reaches some leaf. Only then can the rule matter that what received nothing hands
        # on nothing, even times infinity: the products are made again with it.
        if np.isnan(received).any():
            self._backward_masked()
            received = self._received()
        return received

    # ---- forward --------------------------------------------------------------------------------------------------

    def _computation(self, group: Group) -> Action:
        out = self.data[group.start : group.start + group.count]
        rule, params = group.rule, group.params
        if group.is_chain:
            return self._sum(group.operands[0], out, self.data)
        operands = self._operands(group, out)
        forward = rule.forward
        if isinstance(rule, Reduction):

            def reduce() -> None:
                out[...] = forward(operands[0](), axis=(0,), keepdims=False, **params)

            return reduce
        if isinstance(forward, np.ufunc) and not params:
            if len(operands) == 1:
                (x,) = operands
                return lambda: forward(x(), out=out)
            x, y = operands
            return lambda: forward(x(), y(), out=out)
        if rule is table.relu:
            (x,) = operands
            return lambda: np.maximum(x(), 0.0, out=out)

        def compute() -> None:
            out[...] = forward(*(operand() for operand in operands), **params)

        return compute

    def _operands(self, group: Group, result: Any) -> list[Callable[[], Any]]:
        """What gives each operand's numbers. The first may be copied into the result's own place, which is free until
        then."""
        if isinstance(group.rule, Reduction):
            return [self._operand(group.operands[0], self._scratch)]
        spaces = [result, self._scratch]
        return [self._operand(rows, spaces.pop(0) if spaces else None) for rows in group.operands]

    def _operand(self, rows: Rows, space: Any) -> Callable[[], Any]:
        """What gives the numbers of some rows: a view where they lie side by side, else a copy in the given space."""
        view = _side_by_side(rows, self.data)
        if view is not None:
            return lambda: view
        data = self.data
        if space is None:
            return lambda: data.take(rows, 0)
        out = space[: rows.size].reshape(*rows.shape, *self.tail)
        return lambda: data.take(rows, 0, out, "clip")

    # ---- backward -------------------------------------------------------------------------------------------------

    def _gradients(self, group: Group) -> Any:
        return self.sources[group.start : group.start + group.count]

    def _contributions(self, group: Group, number: int) -> Any:
        start = self.plan.rows + group.written[number]
        rows = group.operands[number]
        return self.sources[start : start + rows.size].reshape(*rows.shape, *self.tail)

    def _sum(self, rows: Rows, out: Any, source: Any = None) -> Action:
        """Add up the rows of a matrix (terms, count) from the first to the last, as Python would one after another."""
        source = self.sources if source is None else source
        if len(rows) == 1:
            (only,) = rows
            view = _side_by_side(only, source)
            if view is not None:
                return lambda: np.copyto(out, view)
            return lambda: source.take(only, 0, out, "clip")
        scratch = self._scratch[: rows.size].reshape(*rows.shape, *self.tail)
        if out.size == 1:  # along its last axis `add.reduce` adds in pairs, and so rounds otherwise

            def accumulate() -> None:
                source.take(rows, 0, scratch, "clip")
                out[...] = np.add.accumulate(scratch)[-1]

            return accumulate

        def reduce() -> None:
            source.take(rows, 0, scratch, "clip")
            np.add.reduce(scratch, axis=0, out=out)

        return reduce

    def _pulls(self, group: Group) -> list[Action]:
        """The backward work of a group: its rows' gradients, and what it writes down for its operands."""
        if group.gathered is None:
            return []
        return [self._sum(group.gathered, self._gradients(group)), *self._products(group)]

    def _products(self, group: Group) -> list[Action]:
        """Upstream times local derivative, for each argument whose local derivative is not 1."""
        rule = group.rule
        if all(start < 0 for start in group.written):
            return []
        gradient = self._gradients(group)
        if rule is table.multiply:
            return [
                self._times_other(group, number, gradient) for number, start in enumerate(group.written) if start >= 0
            ]
        if rule is table.relu and not group.params:
            out = self.data[group.start : group.start + group.count]
            to_x = self._contributions(group, 0)
            return [lambda: np.multiply(gradient, out > 0.0, out=to_x)]
        if isinstance(rule, Elementwise):
            return [
                self._times_local(group, number, gradient) for number, start in enumerate(group.written) if start >= 0
            ]
        return [lambda: self._masked_products(group)]

    def _times_other(self, group: Group, number: int, gradient: Any) -> Action:
        to_this = self._contributions(group, number)
        other = self._operand(group.operands[1 - number], to_this)
        return lambda: np.multiply(gradient, other(), out=to_this)

    def _times_local(self, group: Group, number: int, gradient: Any) -> Action:
        assert isinstance(group.rule, Elementwise)
        to_this, local, params = self._contributions(group, number), group.rule.locals[number], group.params
        if not callable(local):
            return lambda: np.multiply(gradient, local, out=to_this)
        out = self.data[group.start : group.start + group.count]
        operands = self._operands(group, to_this)
        return lambda: np.multiply(
            gradient, local(out, *(operand() for operand in operands), **params), out=to_this
        )

    def _received(self) -> Any:
        """(rows of inputs and leaves,): the sum of what came to each."""
        total = np.zeros((self.plan.constants[0], *self.tail))
        for rows, gathered in self.plan.received:
            found = np.empty((len(rows), *self.tail))
            self._sum(gathered, found)()
            total[rows] += found  # 0 and -0 are 0, as in eager's sums, which begin with 0
        return total

    # ---- with the rule that what received nothing hands on nothing ------------------------------------------------

    @array_arithmetic
    def _backward_masked(self) -> None:
        flags.masking = True
        for group in reversed(self.plan.groups):
            if group.gathered is not None:
                self._sum(group.gathered, self._gradients(group))()
                if any(start >= 0 for start in group.written):
                    self._masked_products(group)

    def _masked_products(self, group: Group) -> None:
        out = self.data[group.start : group.start + group.count]
        inputs = [self.data[rows] for rows in group.operands]
        params = group.params
        if isinstance(group.rule, Reduction):
            params = {**params, "axis": (0,), "keepdims": False}
        found = group.rule.contributions(self._gradients(group), out, inputs, group.needed, params)
        for number, (start, contribution) in enumerate(zip(group.written, found, strict=True)):
            if start >= 0:
                self._contributions(group, number)[...] = contribution


def _side_by_side(rows: Rows, source: Any) -> Any:
    """A view of rows that follow each other, or are all the same one; None for others."""
    if not rows.size:
        return None
    flat = rows.reshape(-1)
    first = int(flat[0])
    if (flat == np.arange(first, first + flat.size)).all():
        return source[first : first + flat.size].reshape(*rows.shape, *source.shape[1:])
    if (flat == first).all():
        return source[first, ...]
    return None
