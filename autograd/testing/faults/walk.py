"""Mistakes of the backward pass itself: what is added up, in which order, and in whose memory."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.array_pass import ArrayPass
from autograd.node import topological_order
from autograd.primitives import elementwise as table
from autograd.rule import array_arithmetic
from autograd.scalar_pass import ScalarPass
from autograd.testing.faults.fault import Change, Fault
from autograd.testing.faults.making import Changes, attribute, module_part, normal, of
from autograd.value import Value

_plausible = partial(Fault, family="walk", historical=False)
_historical = partial(Fault, family="walk", historical=True)

X, Y = normal(3, 4), normal(3, 4, seed=1)
ARRAYS = "autograd.array_pass"
PASS = "the backward pass"


# ---- one node receives ----------------------------------------------------------------------------------------------


def _overwriting(_: Any) -> Callable[..., None]:
    def receive(parent: Any, contributions: Any, place: int) -> None:
        if contributions[place] is not None:
            parent.grad = np.array(contributions[place], dtype=parent._data.dtype)

    return receive


def _sharing(_: Any) -> Callable[..., None]:
    """The first contribution becomes the gradient as it is, and the next ones are added to it in place."""

    def receive(parent: Any, contributions: Any, place: int) -> None:
        if contributions[place] is None:
            return
        contribution = np.asarray(contributions[place])
        if parent.grad is None:
            parent.grad = contribution if contribution.base is None else np.array(contribution)
        else:
            parent.grad.flags.writeable = True
            np.add(parent.grad, contribution, out=parent.grad)

    return receive


# ---- one walk -------------------------------------------------------------------------------------------------------


def _walking(hand_on: Callable[[Any, list[Any]], None]) -> Callable[[Any], Any]:
    """The walk of arrays, with another way to hand the contributions to the parents."""

    def wrong(_: Any) -> Any:
        @array_arithmetic
        def walk(order: list[Any], forget: bool) -> None:
            for node in order:
                if node.grad is not None:
                    hand_on(node, node._contributions(node.grad))

        return walk

    return wrong


def _each_parent_once(node: Any, contributions: list[Any]) -> None:
    for parent, contribution in dict(zip(node.parents, contributions, strict=True)).items():
        if parent.requires_grad:
            parent._accumulate(contribution)


def _by_distance(right: Any) -> Any:
    """Breadth first from the root: a node is walked before all of its uses have handed to it."""

    def order_of_results(root: Any) -> Any:
        order, noted = right(root)
        unseen, walked = {*order} - {root}, [root]
        for node in walked:
            new = [each for each in dict.fromkeys(node.parents) if each in unseen]
            unseen.difference_update(new)
            walked += new
        return walked, noted

    return order_of_results


# ---- one pass -------------------------------------------------------------------------------------------------------


def _of_arrays(name: str, wrong: Callable[[Any], Any]) -> Changes:
    return lambda: [Change(ArrayPass, name, wrong)]


def _keeping_interior(right: Any) -> Any:
    def begin_pass(self: Any) -> Any:
        held = [(node, node.grad) for node in topological_order(self) if node.rule is not None]
        begun = right(self)
        for node, gradient in held:
            if gradient is not None:
                node.grad = np.array(gradient)
        return begun

    return begin_pass


def _one_is_enough(right: Any) -> Any:
    return lambda self, gradient: np.ones(self._data.shape, self._data.dtype)


def _positive_seed(right: Any) -> Any:
    return lambda self, gradient: np.abs(right(self, gradient))


def _scaled_seed(right: Any) -> Any:
    """Scaled to a norm of at most 1."""

    def seed(self: Any, gradient: Any) -> Any:
        given = right(self, gradient)
        return given / max(1.0, float(np.sqrt(np.sum(given * given))))

    return seed


def _rootless(right: Any) -> Any:
    def place_seed(root: Any, seed: Any) -> None:
        if root.rule is not None:
            right(root, seed)

    return place_seed


def _in_place(right: Any) -> Any:
    """exp multiplies its upstream gradient in place, which another node may hold, too."""

    def vjp(gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        if not isinstance(gradient, np.ndarray):
            return right(gradient, out, inputs, needed, params)
        held = gradient.flags.writeable
        gradient.flags.writeable = True
        gradient *= out
        gradient.flags.writeable = held
        return [gradient]

    return vjp


# ---- scalars --------------------------------------------------------------------------------------------------------


def _overwriting_scalars(_: Any) -> Any:
    @classmethod  # type: ignore[misc]
    def walk(cls: Any, order: list[Any], keep: str) -> None:
        for node in order:
            if node is None:
                continue
            for parent, contribution in zip(node.parents, node._contributions(node.grad), strict=True):
                if parent.requires_grad:
                    parent.grad = contribution

    return walk


def _diamond(x: Any) -> Any:
    a = table.sin(x)
    return a * table.exp(a)


def _shared(x: Any, y: Any) -> Any:
    first, last = table.sin(x), table.exp(y)
    return first + last


FAULTS = [
    _historical(
        "overwritten_gradient", title="A node that is used twice keeps its last contribution: `=` for `+=`.",
        story="Karpathy's micrograd lecture made it on the way (\"in the video I incorrectly used = instead of +=\"), "
              "and tinygrad had it until November 2020 (5ea3d76dfb).",
        where=PASS, causes=("overwritten", "half", "missing factor", "extra term"),
        changes=module_part(ARRAYS, "_receive", _overwriting), trigger=of(lambda x: x * table.sin(x) + x, X),
    ),
    _plausible(
        "duplicated_parent_dropped", title="In x·x the two parents are one key of a dict: x, not 2x.",
        story="Parents kept as a set or as keys. HIPS autograd's checker dropped duplicates in such a way (5cc08c4).",
        where=PASS, causes=("half",),
        changes=module_part(ARRAYS, "_walk", _walking(_each_parent_once)), trigger=of(lambda x: x * x, X),
    ),
    _historical(
        "walked_by_distance", title="Nodes are walked in the order of their distance from the root.",
        story="tinygrad until 5ea3d76dfb (November 2020) had no topological order: a node handed on what it had before "
              "its other uses were done.",
        where=PASS, causes=("overwritten", "half", "missing factor", "local derivative"),
        changes=module_part(ARRAYS, "_order_of_results", _by_distance), trigger=of(_diamond, X),
    ),
    _historical(
        "interior_not_cleared", title="A second backward pass adds to the interior gradients of the first.",
        story="micrograd (#53): calling backward twice on one graph doubles the inner gradients.",
        where="", causes=("second backward",),
        changes=_of_arrays("_begin_pass", _keeping_interior), trigger=of(lambda x: table.exp(table.sin(x)), X),
    ),
    _historical(
        "gradients_in_one_array", title="Two parents hold one gradient array, and adding to one changes the other.",
        story="HIPS autograd (d916ad6) added in place to arrays that lie in shared memory; MyGrad copies for this "
              "reason. Both operands of a sum are handed one array.",
        where=PASS, causes=("aliases", "other's added", "double", "missing factor", "extra term"),
        changes=module_part(ARRAYS, "_receive", _sharing), trigger=of(lambda x, y: table.sin(x) + (x + y), X, Y),
    ),
    _historical(
        "upstream_overwritten", title="exp computes its gradient in place, in the memory of its upstream gradient.",
        story="SmallPebble's setat zeroes the upstream gradient in place; HIPS autograd tests for it "
              "(test_mutating_outgrad).",
        where="exp", causes=("upstream kept", "local derivative", "missing factor", "linear"),
        changes=attribute("exp", "vjp", _in_place), trigger=of(_shared, X, Y),
    ),
    _plausible(
        "upstream_taken_for_ones", title="A pass starts from ones, whatever gradient it is given.",
        story="A loss is one number and its gradient is 1: nobody passes another until a test does. Checkers whose "
              "upstream gradient is all ones cannot see it.",
        where=PASS, causes=("upstream ignored",),
        changes=_of_arrays("_seed", _one_is_enough), trigger=of(lambda x: table.exp(x), X),
    ),
    _plausible(
        "upstream_without_sign", title="A pass starts from the absolute values of the gradient it is given.",
        story="PyTorch's fast gradcheck draws its vectors without negative numbers, and would let this pass.",
        where=PASS, causes=("upstream sign", "linear"),
        changes=_of_arrays("_seed", _positive_seed), trigger=of(lambda x: table.tanh(x), X),
    ),
    _plausible(
        "upstream_normalised", title="A pass scales the gradient that it is given down to length 1.",
        story="Gradient clipping, which belongs into the optimiser, at the wrong end.",
        where=PASS, causes=("linear", "factor"),
        changes=_of_arrays("_seed", _scaled_seed), trigger=of(lambda x: table.tanh(x), X),
    ),
    _plausible(
        "root_that_is_a_leaf", title="A leaf that is the root of a pass receives nothing.",
        story="The walk starts behind the root, and there is nothing behind.",
        where=PASS, causes=("zero",),
        changes=module_part("autograd.backward_pass", "place_seed", _rootless), trigger=of(lambda x: x, X),
    ),
    _historical(
        "overwritten_scalar", title="A Value that is used twice keeps its last contribution.",
        story="The mistake of Karpathy's lecture, in its own setting: `self.grad = out.grad` in a graph of numbers.",
        where=PASS, causes=("overwritten", "missing factor", "extra term", "factor", "half"),
        changes=lambda: [Change(ScalarPass, "_walk", _overwriting_scalars)],
        trigger=of(lambda a, b: a * b + a, Value(2.0), Value(-3.0)),
    ),
]
