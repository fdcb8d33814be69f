"""How one node hands on its gradient, edge by edge: the arithmetic of `scalar_pass` and `array_pass`, told as it goes.

Each addition is the one that the pass makes, to the bit, in the same order and, for arrays, in the same memory.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import mutation
from autograd.array_pass import _receive, _receive_part
from autograd.rule import flags, quiet_arithmetic
from autograd.scalar_pull import product

__all__ = ["Arrays", "Handed", "Scalars"]


class Handed(NamedTuple):
    """What went over one edge; see `EdgeStep`."""

    argument: int
    upstream: Any
    local: Any
    contribution: Any
    before: Any
    after: Any


class Scalars:
    """Of Values."""

    @staticmethod
    def copied(gradient: Any, node: Any) -> float | None:
        """A gradient of a node; None where it is not computed."""
        return None if gradient is node.UNCOMPUTED else gradient

    @staticmethod
    def held(node: Any) -> float | None:
        """The gradient that a node holds now."""
        return node.grad if node.has_grad else None

    @staticmethod
    def run_hooks(node: Any) -> None:
        node._run_hooks()

    @staticmethod
    def hand_on(node: Any) -> Iterator[Handed]:
        """Let a node hand on its gradient, one edge for each item."""
        upstream, parents = node.grad, node.parents
        for argument, (parent, weight) in enumerate(zip(parents, _weights(node, parents), strict=True)):
            if parent.requires_grad:
                before = parent.grad if parent.has_grad else None
                contribution = product(upstream, weight)
                parent.grad += contribution
                yield Handed(argument, upstream, float(weight), contribution, before, parent.grad)

    @staticmethod
    def mark(node: Any) -> Any:
        """Something to know the gradient by that a node holds now."""
        return node.grad

    @staticmethod
    def has_mark(node: Any, mark: Any) -> bool:
        """Whether a node holds the gradient that it held when it was marked."""
        return node.grad is mark

    @staticmethod
    def require_unchanged(node: Any) -> None:
        """Raise `MutationError` where an argument of a node was changed after the node had used it."""
        if mutation.last_change > node._id:
            mutation.check_unchanged([node])


def _weights(node: Any, parents: Sequence[Any]) -> list[float]:
    """The local derivatives of a Value with respect to all of its arguments."""
    inputs = [parent._data for parent in parents]
    return node.rule.scalar_weights(node._data, inputs, node.params)  # type: ignore[no-any-return]


class Arrays:
    """Of Tensors. What is told of a gradient that may still be added to in place is a copy."""

    def __init__(self) -> None:
        self._masking = False  # `flags.masking` of this pass, while others may run between two steps
        # The last contributions to several arguments. The pass holds them until the next, and whether an array is held
        # decides whether it is added to in place, and so how the sum lies in memory and how later sums are rounded.
        self._contributions: list[Any] = []

    @staticmethod
    def copied(gradient: Any, node: Any) -> Any:
        """A gradient of a node; None where it is not computed."""
        return _copied(gradient)

    @staticmethod
    def held(node: Any) -> Any:
        """The gradient that a node holds now."""
        return _copied(node.grad)

    @staticmethod
    @quiet_arithmetic
    def run_hooks(node: Any) -> None:
        if node.grad is not None:
            node.grad.setflags(write=False)
        node._run_hooks()

    def hand_on(self, node: Any) -> Iterator[Handed]:
        """Let a node hand on its gradient, one edge for each item."""
        upstream, parents = node.grad, node.parents
        places = [place for place, parent in enumerate(parents) if parent.requires_grad]
        if upstream is None:  # a hook or a rule withheld it
            for place in places:
                held = _copied(parents[place].grad)
                yield Handed(place, None, None, None, held, held)
            return
        upstream.setflags(write=False)
        part = node.rule.part(**node.params) if len(parents) == 1 and node.rule.part is not None else None
        contributions = [None] if part is not None else self._contributions_of(node, upstream)
        if len(parents) > 1:
            self._contributions = contributions
        for place in places:
            parent = parents[place]
            before = _copied(parent.grad)
            if part is not None:
                told = _in_part(upstream, part, parent._data)
                self._receive_part(parent, upstream, part)
            else:
                told = _copied(contributions[place], parent._data.dtype)
                _quietly_receive(parent, contributions, place)
            yield Handed(place, upstream, local_of(node, place), told, before, _copied(parent.grad))

    @staticmethod
    def mark(node: Any) -> Any:
        """Something to know the gradient by that a node holds now, which does not hold it."""
        return None if node.grad is None else weakref.ref(node.grad)

    @staticmethod
    def has_mark(node: Any, mark: Any) -> bool:
        """Whether a node holds the gradient that it held when it was marked."""
        return node.grad is (None if mark is None else mark())

    @staticmethod
    def require_unchanged(node: Any) -> None:
        """Raise `MutationError` where an argument of a node was changed after the node had used it."""
        mutation.check_unchanged([node])

    def _contributions_of(self, node: Any, gradient: Any) -> list[Any]:
        outer, flags.masking = flags.masking, self._masking
        try:
            return _quiet_contributions(node, gradient)
        finally:
            self._masking, flags.masking = flags.masking, outer

    def _receive_part(self, parent: Any, gradient: Any, part: Any) -> None:
        outer = flags.masking
        try:
            _quietly_receive_part(parent, gradient, part)
        finally:
            self._masking, flags.masking = True, outer


@quiet_arithmetic
def _quiet_contributions(node: Any, gradient: Any) -> list[Any]:
    return node._contributions(gradient)  # type: ignore[no-any-return]


_quietly_receive = quiet_arithmetic(_receive)
_quietly_receive_part = quiet_arithmetic(_receive_part)


def _copied(array: Any, dtype: Any = None) -> Any:
    """A copy that nobody can write in; None of None."""
    if array is None:
        return None
    copied = np.array(array, dtype=dtype)
    copied.setflags(write=False)
    return copied


def _in_part(gradient: Any, part: Any, data: Any) -> Any:
    whole = np.zeros_like(data)
    whole[part] = gradient
    whole.setflags(write=False)
    return whole


class _Numbers(NamedTuple):
    """Stands for a node in `Primitive.local`: a leaf that hands out its array is watched for changes ever after."""

    data: Any
    parents: Sequence[Any]
    params: dict[str, Any]


def local_of(node: Any, argument: int) -> Any:
    """The local derivative of a node with respect to one argument, as a number or array; None if it is none."""
    if not isinstance(node._data, np.ndarray):
        return float(_weights(node, node.parents)[argument])
    parents = [_Numbers(parent._data, (), {}) for parent in node.parents]
    with np.errstate(all="ignore"):
        local = node.rule.local(_Numbers(node._data, parents, node.params), argument)
    return local if local is None or isinstance(local, float | int) else _copied(local)
