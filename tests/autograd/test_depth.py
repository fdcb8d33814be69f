"""Nothing recurses, and nothing is left behind: graphs a million nodes deep, and steps that free what they made."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Node, Tensor, Value, collector_paused, graph_nodes, topological_order
from autograd import functions as F
from tests.autograd.support import leaf
from tests.tracing import untraced


@pytest.mark.uncounted
def test_chain_of_a_million_values() -> None:
    """Built, differentiated, pickled, copied and freed, well within the recursion limit."""
    count = 1_000_000
    x, one = Value(1.0), Value(1.0)
    node = x
    with untraced(), collector_paused():
        for _ in range(count):
            node = node + one
        assert node.data == 1.0 + count
        node.backward(keep="leaves")
        assert (x.grad, one.grad) == (1.0, count)
        restored: Any = pickle.loads(pickle.dumps(node))
        assert restored.data == node.data
        del restored
        copied = copy.deepcopy(node)
        assert copied.data == node.data
        del copied, node
    assert sys.getrecursionlimit() <= 10_000


@pytest.mark.uncounted
def test_chain_of_a_hundred_thousand_tensors() -> None:
    x = node = leaf([1.0, 2.0])
    for _ in range(100_000):
        node = node + x
    node.backward(np.array([1.0, -2.0]))
    assert x.grad.tolist() == [100_001.0, -200_002.0]
    assert len(topological_order(node)) == 100_001
    assert len(graph_nodes(node)) == 100_001
    assert "Tensor" in repr(node)


def test_forward_mode_and_nesting_on_a_deep_chain() -> None:
    def deep(x: Any) -> Any:
        node = x
        for _ in range(10_000):
            node = node + x
        return node * x

    value, slope = ag.jvp(deep, (2.0,), (1.0,))
    assert (value, slope) == (10_001 * 4.0, 10_001 * 4.0)
    assert ag.grad(ag.grad(deep))(2.0) == 20_002.0


def test_view_of_a_view_of_a_view() -> None:
    """Constants made under no_grad, each a view of the one before."""
    w, u = leaf([1.0, 2.0]), leaf([1.0, 1.0])
    view = w
    with ag.no_grad():
        for _ in range(5_000):
            view = view.reshape(2, 1).reshape(2)
    (u * view).sum().backward()
    assert u.grad.tolist() == [1.0, 2.0]
    assert pickle.loads(pickle.dumps(view)).data.tolist() == copy.deepcopy(view).data.tolist() == [1.0, 2.0]


@pytest.mark.uncounted
@pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])
def test_pickle_and_copy_of_a_deep_graph_give_the_same_bits(kind: Any) -> None:
    x = kind(0.3)
    node = x
    for _ in range(5_000):
        node = (node * 0.999).sin() + x
    for other in (pickle.loads(pickle.dumps(node)), copy.deepcopy(node)):
        (again,) = (each for each in graph_nodes(other) if each.is_leaf and each.requires_grad)
        other.backward()
        x.zero_grad()
        node.backward()
        assert float(again.grad) == float(x.grad)
        assert len(graph_nodes(other)) == len(graph_nodes(node))


def alive() -> int:
    return sum(issubclass(type(each), Node) for each in gc.get_objects())  # isinstance would wake lazy modules


def step(kind: Any, parameters: list[Any]) -> None:
    """A training step that uses every kind of rule, hooks, scopes, transforms and an update in place."""
    with ag.scope("step"), ag.record_source():
        if kind is Value:
            w, b = parameters
            out = sum((w * x + b).tanh() * w.clip(-1.0, 1.0) for x in (0.5, -1.0)) + ag.where(w > 0, w, b)
            out = out + F.max([w, b]) + F.logsumexp([w, b])
        else:
            w, b = parameters
            h = F.std(w @ b, axis=0, keepdims=True) + w[[0, 0, 1]][:, None, :1].sum(axis=0)
            h = ag.where(h > 0, ag.concatenate([h, h * 2.0], axis=0)[:1], ag.pad(h, 1)[1:-1, 1:-1])
            out = ag.einsum("ij,jk->", h, b.T).tanh() + ag.windows(w, (2,)).sum().sin() + F.prod(b).tanh() + F.max(w)
    out.register_hook(lambda gradient: gradient * 1.0)
    out.backward()
    out.backward(keep="leaves")
    ag.grad(lambda x: (x * x).sum() if kind is leaf else x * x)(parameters[0].detach())
    for parameter in parameters:
        parameter.data = parameter.data - 0.01 * parameter.grad
        parameter.zero_grad()


@pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])
def test_no_node_outlives_its_step_without_the_garbage_collector(kind: Any) -> None:
    """No reference cycles: 100 steps with gc disabled leave exactly the parameters."""
    rng = np.random.default_rng(0)
    parameters = [Value(0.5), Value(-0.25)] if kind is Value else [leaf(rng.normal(size=s)) for s in ((3, 4), (4, 2))]
    step(kind, parameters)
    gc.collect()
    gc.disable()
    try:
        before = alive()
        for _ in range(100):
            step(kind, parameters)
        after = alive()
    finally:
        gc.enable()
    assert after == before


def test_keep_leaves_frees_gradients_as_the_walk_goes() -> None:
    """No more than a few gradients of a long chain exist at any moment."""
    x = node = leaf(np.ones(10))
    nodes: list[Tensor] = []
    for _ in range(50):
        node = node * 1.01
        nodes.append(node)
    most = 0

    def look(gradient: Any) -> None:
        nonlocal most
        most = max(most, sum(each.grad is not None for each in nodes))

    for each in nodes:
        each.register_hook(look)
    node.backward(np.ones(10), keep="leaves")
    assert most <= 2
    assert x.grad is not None
