"""Which uses of a rule take which of its branches, and which branches a rule has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Reduction, Tensor, Value, primitive
from autograd.testing.plugin.branches import BRANCHES, Use, branches_of

X = Tensor(np.array([[0.5, -1.0, 2.0], [0.25, 3.0, 0.75]]), True)
Y = Tensor(np.array([[1.5, 1.0, 2.5], [1.25, 4.0, 1.75]]), True)
ROW = Tensor(np.array([1.0, 2.0, 3.0]), True)
V, W = Value(0.5), Value(2.0)

total = Reduction(
    "total of a branch test",
    lambda x, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims),
    1.0,
    weight_symbol=1.0,
)


def node_of(name: str, root: Any) -> Any:
    """The newest node of an expression that a primitive made."""
    return next(node for node in reversed(autograd.graph_nodes(root)) if node.rule and node.rule.name == name)


def taken(name: str, root: Any) -> set[str]:
    use = Use.by(node_of(name, root))
    return {branch.name for branch in branches_of(use.rule) if branch.taken(use)}


def single(x: Any) -> Tensor:
    return Tensor(np.array(x), True)


# One line for each branch: the primitive, a use that takes the branch, and a use that does not.
Made = Callable[[], Any]
USES: dict[str, list[tuple[str, Made, Made]]] = {
    "array": [("exp", lambda: X.exp(), lambda: V.exp())],
    "scalar": [("exp", lambda: V.exp(), lambda: X.exp()), ("sum", lambda: primitive("sum")([V, W]), lambda: X.sum())],
    "float32": [("exp", lambda: single(np.float32([1.0])).exp(), lambda: X.exp())],
    "empty": [("exp", lambda: single(np.ones((0, 2))).exp(), lambda: X.exp())],
    "non-contiguous": [("exp", lambda: X.T.exp(), lambda: X.exp())],
    "constant argument": [
        ("multiply", lambda: X * 2.0, lambda: X * Y),
        ("multiply", lambda: V * 2.0, lambda: V * W),
        ("matmul", lambda: X @ np.ones((3, 2)), lambda: X @ Y.T),
        ("concatenate", lambda: autograd.concatenate([X, np.ones((1, 3))]), lambda: autograd.concatenate([X, Y])),
    ],
    "repeated argument": [
        ("multiply", lambda: X * X, lambda: X * Y),
        ("multiply", lambda: V * V, lambda: V * W),
        ("concatenate", lambda: autograd.concatenate([X, Y, X]), lambda: autograd.concatenate([X, Y])),
    ],
    "broadcast": [("add", lambda: X + ROW, lambda: X + Y)],
    "zero": [
        ("relu", lambda: single([0.0, 1.0]).relu(), lambda: X.relu()),
        ("relu", lambda: Value(0.0).relu(), lambda: V.relu()),
        ("multiply", lambda: X * single([[0.0, 1.0, 1.0]] * 2), lambda: X * np.zeros((2, 3))),
    ],
    "negative": [("tanh", lambda: X.tanh(), lambda: Y.tanh()), ("tanh", lambda: Value(-1.0).tanh(), lambda: V.tanh())],
    "tie": [
        ("maximum", lambda: autograd.maximum(X, single([[0.5, 9.0, 9.0]] * 2)), lambda: autograd.maximum(X, Y)),
        ("maximum", lambda: autograd.maximum(V, V), lambda: autograd.maximum(V, W)),
        ("max", lambda: single([1.0, 2.0, 2.0]).max(), lambda: single([1.0, 1.0, 2.0]).max()),
        ("max", lambda: single([[1.0, 1.0], [0.0, 2.0]]).max(axis=1, keepdims=True), lambda: X.max(axis=1)),
        ("min", lambda: single([1.0, 1.0, 2.0]).min(), lambda: single([1.0, 2.0, 2.0]).min()),
        ("max", lambda: primitive("max")([V, V * 1.0]), lambda: primitive("max")([V, W])),
    ],
    "bound": [("clip", lambda: autograd.clip(X, -1.0, 9.0), lambda: autograd.clip(X, -0.9, 0.9))],
    "both sides": [
        ("where", lambda: autograd.where(X.data > 0, X, Y), lambda: autograd.where(X.data > -9, X, Y)),
    ],
    "all axes": [("sum", lambda: X.sum(), lambda: X.sum(axis=0))],
    "one axis": [("sum", lambda: X.sum(axis=-1), lambda: X.sum(axis=(0, 1)))],
    "several axes": [("sum", lambda: X.sum(axis=(0, 1)), lambda: X.sum(axis=0))],
    "keepdims": [("logsumexp", lambda: autograd.logsumexp(X, 1, keepdims=True), lambda: autograd.logsumexp(X, 1))],
    "negative axis": [(total.name, lambda: total(X, axis=(-1,)), lambda: total(X, axis=(1,)))],
    "added axis": [("broadcast_to", lambda: X + ROW, lambda: X + ROW.reshape(1, 3))],
    "stretched axis": [("broadcast_to", lambda: X + ROW.reshape(1, 3), lambda: X + ROW)],
    "slice": [("getitem", lambda: X[0, ::2], lambda: X[np.array([0, 1])])],
    "index array": [("getitem", lambda: X[np.array([1, 0])], lambda: X[1])],
    "repeated index": [("getitem", lambda: X[np.array([1, 1])], lambda: X[np.array([1, 0])])],
    "overlapping": [("windows", lambda: sliding(2, 1), lambda: sliding(1, 2))],
    "apart": [("windows", lambda: sliding(1, 2), lambda: sliding(2, 1))],
    "dilated": [("windows", lambda: sliding(2, 1, 2), lambda: sliding(2, 1))],
    "stack": [
        ("matmul", lambda: single(np.ones((2, 2, 2))) @ single(np.ones((2, 2, 2))), lambda: X @ Y.T),
        ("inv", lambda: autograd.linalg.inv(single(np.eye(2)[None])), lambda: autograd.linalg.inv(single(np.eye(2)))),
    ],
}


def sliding(kernel: int, stride: int, dilation: int = 1) -> Any:
    return autograd.windows(X, (kernel,), (stride,), (dilation,))


@pytest.mark.parametrize(
    "branch, name, made, other",
    [(branch, *use) for branch, uses in USES.items() for use in uses],
    ids=[f"{branch}-{use[0]}-{k}" for branch, uses in USES.items() for k, use in enumerate(uses)],
)
def test_a_use_takes_its_branch_and_another_does_not(branch: str, name: str, made: Made, other: Made) -> None:
    assert branch in taken(name, made())
    assert branch not in taken(name, other())


def test_every_branch_is_tried_above() -> None:
    assert set(USES) == {branch.name for branch in BRANCHES}


@pytest.mark.parametrize(
    "name, has, has_not",
    [
        ("log", {"array", "scalar", "float32"}, {"zero", "negative", "tie", "broadcast"}),
        ("sqrt", {"zero"}, {"negative"}),
        ("divide", {"zero", "negative", "broadcast", "repeated argument"}, {"tie"}),
        ("relu", {"zero", "negative"}, {"tie", "broadcast", "constant argument"}),
        ("maximum", {"tie", "broadcast"}, {"bound"}),
        ("sum", {"all axes", "several axes", "scalar"}, {"tie", "negative axis", "constant argument"}),
        ("max", {"tie"}, {"negative axis"}),
        (total.name, {"negative axis"}, {"tie"}),
        ("where", {"both sides", "constant argument"}, {"zero", "negative"}),
        ("reshape", {"array"}, {"scalar", "slice"}),
        ("solve", {"constant argument", "stack"}, {"scalar"}),
        ("inv", {"stack"}, {"constant argument"}),
        ("concatenate", {"repeated argument"}, {"stack"}),
    ],
)
def test_a_rule_has_the_branches_of_its_kind(name: str, has: set[str], has_not: set[str]) -> None:
    found = {branch.name for branch in branches_of(primitive(name))}
    assert has <= found
    assert not has_not & found


def test_no_rule_has_a_branch_twice() -> None:
    for rule in autograd.primitives():
        names = [branch.name for branch in branches_of(rule)]
        assert len(names) == len(set(names)), rule
