"""Histories of graph building, changes of data and backward passes, against a model of what must happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd as ag
from autograd import MutationError, Tensor, no_grad
from tests.autograd.support import Array, examples, seeds

CONSTANT = 2  # the place of the leaf that requires no gradient
BUILD: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x * y,
    lambda x, y: x + y * y,
    lambda x, y: x - x.reshape(3) * y[::-1],
    lambda x, y: ag.maximum(x, y).tanh(),
    lambda x, y: ag.where(x > y, x, y) * 0.5,
    lambda x, y: x @ y * x,
]


def assign(x: Tensor, numbers: Array) -> None:
    x.data = numbers


def write(x: Tensor, numbers: Array) -> None:
    x.data[:] = numbers


def add(x: Tensor, numbers: Array) -> None:
    x.data += numbers


class History:
    """Leaves, one of them constant, and nodes; with each node the versions of the leaves that it was built of."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.leaves = [Tensor(self.rng.normal(size=3), requires_grad=place != CONSTANT) for place in range(4)]
        self.alias = self.leaves[0].data  # handed out before anything happens
        self.past = [[x.numpy()] for x in self.leaves]  # the data of each version
        self.expected: list[Any] = [None] * 4
        self.nodes: list[tuple[Tensor, int, list[tuple[int, int]]]] = []  # node, builder, (operand, version) twice

    def operand(self, place: int) -> Tensor:
        return self.leaves[place] if place < 4 else self.nodes[place - 4][0]

    def version(self, place: int) -> int:
        return len(self.past[place]) - 1 if place < 4 else 0

    def build(self) -> None:
        rule, i, j = int(self.rng.integers(len(BUILD))), *map(int, self.rng.integers(4 + len(self.nodes), size=2))
        if i == CONSTANT:
            i = 0
        node = BUILD[rule](self.operand(i), self.operand(j))
        self.nodes.append((node, rule, [(place, self.version(place)) for place in (i, j)]))

    def change(self) -> None:
        place, numbers = int(self.rng.integers(4)), self.rng.normal(size=3)
        ways: list[Callable[[Tensor, Array], None]] = [assign, write, add]
        with no_grad():
            if place == 0 and self.rng.integers(2):
                np.copyto(self.alias, numbers)
            else:
                ways[self.rng.integers(3)](self.leaves[place], numbers)
        self.alias = self.leaves[0].data
        self.past[place].append(self.leaves[place].numpy())

    def changed(self, place: int) -> set[int]:
        """The leaves that were changed after the node, or one that it was built of, had used them."""
        if place < 4:
            return set()
        operands = self.nodes[place - 4][2]
        own = {operand for operand, version in operands if version != self.version(operand)}
        return own.union(*(self.changed(operand) for operand, _ in operands))

    def again(self, place: int, version: int, fresh: list[Tensor]) -> Tensor:
        """The operand built anew, of fresh leaves, and of the data that changed leaves had."""
        if place < 4:
            return fresh[place] if version == self.version(place) else Tensor(self.past[place][version])
        _, rule, operands = self.nodes[place - 4]
        return BUILD[rule](*(self.again(operand, seen, fresh) for operand, seen in operands))  # type: ignore[no-any-return]

    def backward(self) -> None:
        if not self.nodes:
            return
        place = 4 + int(self.rng.integers(len(self.nodes)))
        node, gradient, changed = self.operand(place), self.rng.normal(size=3), self.changed(place)
        keep: Any = "leaves" if self.rng.integers(2) else "all"
        if changed - {CONSTANT}:
            with pytest.raises(MutationError):
                node.backward(gradient, keep=keep)
            return
        try:
            node.backward(gradient, keep=keep)
        except MutationError:
            assert changed == {CONSTANT}  # without an error the derivatives must be those of the constant as it was
            return
        fresh = [Tensor(x.numpy(), requires_grad=x.requires_grad) for x in self.leaves]
        self.again(place, 0, fresh).backward(gradient)
        for leaf, other in enumerate(fresh):
            if other.grad is not None:
                before = self.expected[leaf]
                self.expected[leaf] = other.grad if before is None else before + other.grad

    def zero(self) -> None:
        place = int(self.rng.integers(4))
        self.leaves[place].zero_grad()
        self.expected[place] = None

    def check(self) -> None:
        for x, expected in zip(self.leaves, self.expected, strict=True):
            assert (x.grad is None) == (expected is None)
            if expected is not None:
                np.testing.assert_allclose(x.grad, expected, rtol=1e-9, atol=1e-12 * max(1.0, np.abs(expected).max()))


@examples(300)
@given(seed=seeds)
def test_every_stale_graph_is_refused_and_every_other_is_right(seed: int) -> None:
    history = History(seed)
    with np.errstate(all="ignore"):
        for step in history.rng.choice(["build", "build", "build", "change", "backward", "backward", "zero"], size=40):
            if len(history.nodes) < 12 or step != "build":
                getattr(history, step)()
            history.check()
