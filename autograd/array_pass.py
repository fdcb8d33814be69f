"""The backward pass of arrays: who owns a gradient's array decides what may be added in place and what needs no copy.

An interior gradient that can be written belongs to its node alone. One that several nodes hold, as a sum hands the same
array to all of its operands, is read-only, and is never added to in place; so is every gradient that the pass leaves
readable.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np

from autograd import mutation
from autograd.array_changes import note_change_in_place
from autograd.arrays import Array
from autograd.backward_pass import creation
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.node import Node
from autograd.rule import flags, quiet_arithmetic

_ONE = (True,)


class ArrayPass(Node):
    """How a `Tensor` receives its gradient and hands it on."""

    __slots__ = ()

    def _begin_pass(self) -> tuple[list[Any], list[Any]]:
        if self.rule is None:
            return [], [self] if self._notes is not None and self._notes.hooks else []
        order, noted = _order_of_results(self)
        for node in noted:
            note_change_in_place(node)
        if mutation.last_change > order[-1]._id:
            mutation.check_unchanged(order)
        for node in order:
            node.grad = None
        return order, [node for node in noted if node.rule is None and node.requires_grad and node._notes.hooks]

    @classmethod
    def _walk(cls, order: list[Any], keep: str) -> None:
        _walk(order, keep == "leaves")

    @staticmethod
    def _may_take_long(order: list[Any]) -> bool:
        return len(order) >= 64 or (len(order) > 0 and order[-1]._data.size >= 100_000)

    def _contributions(self, gradient: Any) -> list[Any]:
        rule, parents = self.rule, self.parents
        assert rule is not None
        inputs = [parent._data for parent in parents]
        needed = [parent.requires_grad for parent in parents]
        return rule.contributions(gradient, self._data, inputs, needed, self.params)

    def _tangent(self, tangents: list[Any]) -> Any:
        assert self.rule is not None
        return self.rule.jvp(tangents, self._data, [parent._data for parent in self.parents], self.params)

    def _accumulate(self, contribution: Any) -> None:
        _receive(self, [contribution], 0)

    def _seed(self, gradient: Any) -> Array:
        if gradient is not None:
            return self._as_gradient(gradient)
        if self._data.size != 1:
            raise GraphError(
                f"backward: the root {self.describe()} has shape {self._data.shape}; only one number has a gradient of "
                f"its own. Reduce it (`.sum()`, `.mean()`), or give the upstream gradient: backward(gradient)"
            )
        return np.ones(self._data.shape, self._data.dtype)

    def _as_gradient(self, gradient: Any) -> Array:
        data = self._data
        if gradient.__class__ is np.ndarray and gradient.dtype is data.dtype and gradient.shape == data.shape:
            return np.array(gradient)
        try:
            given = np.array(getattr(gradient, "_data", gradient))
        except ValueError as error:
            raise ShapeError(f"backward: the gradient is not an array: {error}") from error
        if given.dtype.kind not in "fiub":
            raise DTypeError(f"backward: a gradient is an array of real numbers, not of dtype {given.dtype}")
        array: Array = given.astype(data.dtype, copy=False)
        if array.shape != data.shape:
            raise ShapeError(
                f"backward: the gradient has shape {array.shape} but {self.describe()} has shape {data.shape}; "
                f"an upstream gradient has the shape of its node"
            )
        return array

    @classmethod
    def _note_changes(cls, order: list[Any]) -> None:
        for node in order:
            first, second = node._first, node._second
            if first.__class__ is tuple:
                for parent in first:
                    if parent._notes is not None:
                        note_change_in_place(parent)
                continue
            if first is not None and first._notes is not None:
                note_change_in_place(first)
            if second is not None and second._notes is not None:
                note_change_in_place(second)


def _order_of_results(root: Any) -> tuple[list[Any], list[Any]]:
    """As `topological_order`, without the leaves; and what has notes among the arguments, each once, latest first."""
    seen: set[Any] = {root}
    waiting: list[Any] = [root]
    order: list[Any] = []
    noted: list[Any] = []
    while waiting:
        node = waiting.pop()
        order.append(node)
        first, second = node._first, node._second
        for parent in (first, second) if second is not None else first if first.__class__ is tuple else (first,):
            if parent._notes is not None and (parent.rule is None or parent._notes.viewed is not None):
                noted.append(parent)
            if parent.rule is not None and parent.requires_grad and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    if len(order) > 1:
        order.sort(key=creation, reverse=True)
    if len(noted) > 1:
        noted = sorted(dict.fromkeys(noted), key=creation, reverse=True)
    return order, noted


@quiet_arithmetic
def _walk(order: list[Any], forget: bool) -> None:
    """The pass, written out: by way of `_contributions` and `_accumulate` a small operation takes 1.2 of the time."""
    masking, flags.masking = flags.masking, False
    try:
        for node in order:
            notes = node._notes
            if notes is not None and notes.hooks:
                if node.grad is not None:
                    node.grad.setflags(write=False)
                node._run_hooks()
            gradient = node.grad
            if gradient is None:  # a hook or a rule withheld it
                continue
            if forget:
                node.grad = None
            else:
                gradient.setflags(write=False)
            rule, first, second = node.rule, node._first, node._second
            if second is not None:
                needed = [first.requires_grad, second.requires_grad]
                inputs = [first._data, second._data]
                contributions = rule.contributions(gradient, node._data, inputs, needed, node.params)
                if needed[0]:
                    _receive(first, contributions, 0)
                if needed[1]:
                    _receive(second, contributions, 1)
            elif first.__class__ is tuple:
                contributions = node._contributions(gradient)
                for place, parent in enumerate(first):
                    if parent.requires_grad:
                        _receive(parent, contributions, place)
            elif rule.part is not None and (part := rule.part(**node.params)) is not None:
                _receive_part(first, gradient, part)
            else:
                _receive(first, rule.contributions(gradient, node._data, [first._data], _ONE, node.params), 0)
    finally:
        flags.masking = masking


def _holders_of_one() -> int:
    """What `getrefcount` says of an array in a list, as it says it in `_receive`: the list, the variable, the call."""
    contributions = [np.empty(0)]
    contribution = contributions[0]
    return getrefcount(contribution)


_ALONE = _holders_of_one()


def _receive(parent: Any, contributions: Any, place: int) -> None:
    """Add one of a rule's contributions to a parent's gradient.

    A fresh array that nobody else holds, which the count of its references proves, becomes the gradient as it is; any
    other is copied for a leaf, and made read-only for an interior node.
    """
    contribution = contributions[place]
    if contribution is None:
        return
    data = parent._data
    if contribution.__class__ is not np.ndarray:
        contribution = np.array(contribution)
    if contribution.dtype is not data.dtype:
        contribution = contribution.astype(data.dtype)
    if contribution.shape != data.shape:
        raise ShapeError(
            f"backward: a contribution of shape {contribution.shape} reached {parent.describe()} of shape "
            f"{data.shape}; the derivative rule of the operation that uses it is wrong"
        )
    held = parent.grad
    if held is None:
        if getrefcount(contribution) <= _ALONE and contribution.flags.writeable and _is_whole(contribution):
            parent.grad = contribution
        elif parent.rule is None:
            parent.grad = np.array(contribution)
        else:
            contribution.setflags(write=False)
            parent.grad = contribution
    elif parent.rule is None or (held.flags.writeable and getrefcount(held) <= _ALONE and _is_whole(held)):
        np.add(held, contribution, out=held)
    else:
        parent.grad = np.asarray(held + contribution)


def _is_whole(array: Any) -> bool:
    """Whether an array has memory of its own, or is another form of all of an array that only it holds."""
    base = array.base
    if base is None:
        return True
    alone = base.__class__ is np.ndarray and base.base is None and getrefcount(base) <= _ALONE
    return alone and base.size == array.size


def _receive_part(parent: Any, gradient: Array, part: Any) -> None:
    """Add a gradient to a part of a parent's gradient, the rest of which receives 0.

    In place, so that a loop over the parts of an array costs what the parts cost: each by itself as a whole array of
    zeros, 1,000 parts of 1,000 numbers take 220 ms instead of 6.
    """
    flags.masking = True  # what was not taken receives 0, and hands on 0 even if it is NaN
    held = parent.grad
    if held is None:
        parent.grad = np.zeros_like(parent._data)
        parent.grad[part] = gradient
        return
    if not (parent.rule is None or (held.flags.writeable and getrefcount(held) <= _ALONE and _is_whole(held))):
        held = parent.grad = np.array(held)
    target = held[part]
    if target.__class__ is np.ndarray:
        np.add(target, gradient, out=target)
    else:  # one number
        held[part] = target + gradient
