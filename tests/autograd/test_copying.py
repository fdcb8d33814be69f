"""Pickling and copying: the same numbers, names, gradients and structure, and nothing shared by accident."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, graph_nodes
from autograd import functions as F
from tests.autograd.support import leaf

COPIES = pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])


def graph(kind: Any) -> tuple[Any, Any, Any]:
    """Two leaves and a root, with names, scopes, repeated parents, constants and parameters."""
    x, y = kind(0.5), kind(-1.5)
    x.name, y.name = "x", "y"
    with ag.scope("layer"):
        inner = ag.clip(x * x + y * 2.0, -5.0, 5.0)
        inner.name = "inner"
    return x, y, ag.where(inner > 0, inner, inner * x) + inner.sin()


@COPIES
@pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])
def test_copy_is_the_same_graph_of_other_nodes(copied: Callable[[Any], Any], kind: Any) -> None:
    x, y, root = graph(kind)
    root.backward()
    other = copied(root)
    pairs = {id(root): (root, other)}
    pending = [(root, other)]
    while pending:
        mine, theirs = pending.pop()
        assert mine is not theirs
        for one, another in zip(mine.parents, theirs.parents, strict=True):
            assert pairs.setdefault(id(one), (one, another))[1] is another
            pending.append((one, another))
    for mine, theirs in pairs.values():
        assert (theirs.op, theirs.name, theirs.scope) == (mine.op, mine.name, mine.scope)
        assert (theirs.requires_grad, theirs.has_grad) == (mine.requires_grad, mine.has_grad)
        assert float(theirs.data) == float(mine.data)
        assert not mine.has_grad or float(theirs.grad) == float(mine.grad)
    assert len(graph_nodes(other)) == len(graph_nodes(root)) == len(pairs)
    before = float(x.grad), float(y.grad)
    other.backward()
    assert (float(x.grad), float(y.grad)) == before
    twice = {node.name: float(node.grad) for node in graph_nodes(other) if node.name in ("x", "y")}
    assert twice == {"x": 2 * before[0], "y": 2 * before[1]}


@COPIES
def test_arrays_are_not_shared(copied: Callable[[Any], Any]) -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    other = copied(x)
    assert not np.shares_memory(other.data, x.data)
    assert not np.shares_memory(other.grad, x.grad)
    other.data[0] = 9.0
    assert x.data.tolist() == [1.0, 2.0]
    assert (other.requires_grad, other.is_leaf, other.grad.tolist()) == (True, True, [2.0, 4.0])


@COPIES
def test_identity_within_one_container(copied: Callable[[Any], Any]) -> None:
    """A model and a graph of it, copied together, still share their parameters."""
    w = leaf([1.0, 2.0], name="w")
    loss = (w * w).sum()
    box = copied({"w": w, "loss": loss, "again": w})
    assert box["w"] is box["again"]
    box["loss"].backward()
    assert box["w"].grad.tolist() == [2.0, 4.0]
    assert w.grad is None


def test_every_rule_can_be_pickled() -> None:
    x = leaf(np.arange(12.0).reshape(3, 4) + 1.0)
    parts = [
        F.max(x, axis=1),
        F.std(x),
        F.logsumexp(x),
        x[::-1, [0, 0, 1]],
        x[x.data > 3],
        x[None, ..., 1],
        x.T,
        x.reshape(4, 3),
        ag.pad(x, 1),
        ag.windows(x, (2, 2)),
        ag.concatenate([x, x]),
        ag.einsum("ij,kj->ik", x, x),
        x @ x.T,
        x.astype(np.float32),
        ag.clip(x, 2.0, 3.0),
        ag.where(x > 2, x, 0.0),
        ag.maximum(x, 2.0),
        F.prod(x, axis=0),
    ]
    for part in parts:
        x.zero_grad()
        other = pickle.loads(pickle.dumps(part))
        other.backward(np.ones(other.shape))
        part.backward(np.ones(part.shape))
        (variable,) = (node for node in graph_nodes(other) if node.is_leaf and node.requires_grad)
        np.testing.assert_array_equal(variable.grad, x.grad)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol: int) -> None:
    stream = io.BytesIO()
    pickle.dump(leaf(np.float32([1.0])) * 2.0, stream, protocol)
    stream.seek(0)
    out = pickle.load(stream)
    assert (out.data.tolist(), out.dtype) == ([2.0], np.float32)


def test_shallow_copy_shares_the_parents() -> None:
    x = Value(2.0, label="x")
    y = x * 3.0
    other = copy.copy(y)
    assert other is not y
    assert other.parents == y.parents
    other.backward()
    assert x.grad == 3.0
    assert copy.copy(x).name == "x"


@COPIES
def test_primitives_are_themselves(copied: Callable[[Any], Any]) -> None:
    for rule in ag.primitives():
        assert copied(rule) is rule


@COPIES
def test_read_only_and_stale_state_do_not_travel(copied: Callable[[Any], Any]) -> None:
    """A copied leaf can be updated and used like a new one."""
    w = leaf([1.0, 2.0])
    _ = w.data
    w.data -= 1.0
    other: Tensor = copied(w)
    other.data += 1.0
    (other * other).sum().backward()
    assert other.grad.tolist() == [2.0, 4.0]
