"""The backward pass: which nodes it reaches, how often, in which order, and what stays readable after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import GraphError, Tensor, Value, errors, graph_nodes, topological_order
from tests.autograd.support import examples, leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


def number(x: Any) -> float:
    return float(x)


# ---- accumulation -------------------------------------------------------------------------------------------------


@KINDS
def test_node_used_several_times(kind: Any) -> None:
    x = kind(3.0)
    (x * x * x + x - x / x).backward()
    assert number(x.grad) == 28.0


@KINDS
def test_diamond(kind: Any) -> None:
    """f = a·b with a = 2x and b = x + a: df/dx = 2·b + a·(1 + 2)."""
    x = kind(5.0)
    a = x * 2.0
    b = x + a
    (a * b).backward()
    assert number(x.grad) == 2.0 * 15.0 + 10.0 * 3.0
    assert number(a.grad) == 15.0 + 10.0


@KINDS
def test_doubling_chain_is_not_walked_path_by_path(kind: Any) -> None:
    """60 nodes, 2**60 paths: exact, and at once."""
    x = node = kind(1.0)
    for _ in range(60):
        node = node + node
    node.backward()
    assert number(x.grad) == 2.0**60


def test_same_parent_three_times() -> None:
    x, condition = leaf([1.0, 2.0]), np.array([True, False])
    out = ag.where(condition, x, x) + ag.concatenate([x, x, x])[2:4]
    out.backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 20.0]
    assert len((x * x).parents) == 2
    assert topological_order(x * x)[1:] == [x]


@KINDS
def test_second_pass_is_fresh_inside_and_accumulates_at_leaves(kind: Any) -> None:
    x = kind(2.0)
    inner = x * x
    root = inner * inner
    for count in (1, 2, 3):
        root.backward()
        assert number(x.grad) == count * 32.0
        assert number(inner.grad) == 8.0
        assert number(root.grad) == 1.0
    x.zero_grad()
    assert not x.has_grad
    root.backward()
    assert number(x.grad) == 32.0


@KINDS
def test_two_graphs_share_a_leaf(kind: Any) -> None:
    x = kind(2.0)
    first, second = x * 3.0, x * x
    first.backward()
    second.backward()
    assert number(x.grad) == 7.0
    assert number(first.grad) == number(second.grad) == 1.0


@KINDS
def test_backward_from_an_interior_node_and_then_the_root(kind: Any) -> None:
    x = kind(2.0)
    inner = x * x
    root = inner * 5.0
    inner.backward()
    root.backward()
    assert number(x.grad) == 4.0 + 20.0
    assert number(inner.grad) == 5.0


@KINDS
def test_root_that_is_a_leaf(kind: Any) -> None:
    x = kind(2.0)
    x.backward()
    assert number(x.grad) == 1.0
    x.backward(3.0)
    assert number(x.grad) == 4.0


@KINDS
def test_what_no_path_reaches_stays_uncomputed(kind: Any) -> None:
    x, other = kind(2.0), kind(3.0)
    unused = x * other
    (x * 2.0).backward()
    assert not other.has_grad
    assert not unused.has_grad
    assert other.grad == (0.0 if kind is Value else None)


@KINDS
def test_computed_zero_is_not_uncomputed(kind: Any) -> None:
    x = kind(2.0)
    (x * 0.0).backward()
    assert x.has_grad
    assert number(x.grad) == 0.0


# ---- order --------------------------------------------------------------------------------------------------------


@st.composite
def expressions(draw: Any) -> list[tuple[str, int, int]]:
    """A random graph: each step applies an operation to two earlier nodes."""
    steps = draw(st.integers(1, 25))
    return [
        (draw(st.sampled_from("+-*m")), draw(st.integers(0, place + 1)), draw(st.integers(0, place + 1)))
        for place in range(steps)
    ]


def run(steps: list[tuple[str, int, int]], variables: list[Any]) -> list[Any]:
    nodes = list(variables)
    for symbol, i, j in steps:
        x, y = nodes[i], nodes[j]
        nodes.append(
            {
                "+": lambda a, b: a + b,
                "-": lambda a, b: a - b,
                "*": lambda a, b: a * b * 0.5,
                "m": lambda a, b: ag.sin(a) * b,
            }[symbol](x, y)
        )
    return nodes


@examples(200)
@given(steps=expressions())
def test_random_graphs_agree_between_values_tensors_and_forward_mode(steps: list[tuple[str, int, int]]) -> None:
    values, tensors = [Value(0.7), Value(-1.3)], [leaf(0.7), leaf(-1.3)]
    run(steps, values)[-1].backward()
    run(steps, tensors)[-1].backward()
    for place in (0, 1):
        tangents = tuple(float(place == other) for other in (0, 1))
        _, slope = ag.jvp(lambda x, y: run(steps, [x, y])[-1], (0.7, -1.3), tangents)
        scale = max(1.0, abs(slope))
        assert abs(values[place].grad - slope) <= 1e-12 * scale
        assert abs((0.0 if tensors[place].grad is None else number(tensors[place].grad)) - slope) <= 1e-12 * scale


@examples(100)
@given(steps=expressions())
def test_topological_order_puts_each_node_before_its_parents_once(steps: list[tuple[str, int, int]]) -> None:
    root = run(steps, [Value(0.7), Value(-1.3)])[-1]
    order = topological_order(root)
    place = {id(node): index for index, node in enumerate(order)}
    assert order[0] is root
    assert len(place) == len(order)
    for node in order:
        for parent in node.parents:
            if parent.requires_grad:
                assert place[id(parent)] > place[id(node)]
    whole = graph_nodes(root)
    assert whole[-1] is root
    assert set(map(id, order)) <= set(map(id, whole))
    assert [node.id for node in whole] == sorted(node.id for node in whole)


def test_constants_are_in_the_graph_but_not_in_the_pass() -> None:
    x = Value(3.0)
    out = x * 2.0
    constant = out.parents[1]
    assert (constant.data, constant.requires_grad, constant.name, constant.is_leaf) == (2.0, False, "", True)
    assert constant in graph_nodes(out)
    assert constant not in topological_order(out)


# ---- the upstream gradient, and errors ----------------------------------------------------------------------------


def test_upstream_gradient_is_multiplied_in() -> None:
    x = leaf([1.0, 2.0, 3.0])
    (x * x).backward(np.array([1.0, -10.0, 0.5]))
    assert x.grad.tolist() == [2.0, -40.0, 3.0]
    y = leaf([[2.0]])
    (y * y).backward()
    assert y.grad.tolist() == [[4.0]]
    z = leaf([1.0, 2.0])
    (z * 3.0).backward(Tensor([1.0, 2.0]))
    assert z.grad.tolist() == [3.0, 6.0]


@pytest.mark.parametrize("keep", ["all", "leaves"])
@KINDS
def test_keep(kind: Any, keep: Any) -> None:
    x = kind(2.0)
    inner = x * x
    root = inner * 3.0
    for count in (1, 2):
        root.backward(keep=keep)
        assert number(x.grad) == count * 12.0
        assert inner.has_grad == root.has_grad == (keep == "all")


@KINDS
def test_pass_that_cannot_start(kind: Any) -> None:
    constant = kind(2.0).detach()
    with pytest.raises(GraphError, match=r"requires no gradient.*requires_grad=True"):
        (constant * 2.0).backward()
    with pytest.raises(ValueError, match="keep='some'"):
        kind(2.0).backward(keep="some")


def test_root_that_is_no_single_number() -> None:
    x = leaf([1.0, 2.0], name="x")
    with pytest.raises(GraphError, match=r"shape \(2,\).*sum"):
        (x * 2.0).backward()
    with pytest.raises(errors.ShapeError, match=r"shape \(3,\) but .* shape \(2,\)"):
        (x * 2.0).backward(np.ones(3))
    with pytest.raises(errors.ShapeError, match=r"shape \(\) but 'x' has shape \(2,\)"):
        x.backward(1.0)
    with pytest.raises(GraphError, match=r"shape \(0,\)"):
        leaf(np.zeros(0)).backward()
    assert x.grad is None


@pytest.mark.parametrize("wrong", ["a", np.array([1j, 2.0]), object(), [[1.0], [2.0, 3.0]]])
def test_upstream_gradient_of_a_wrong_kind(wrong: Any) -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises((errors.DTypeError, errors.ShapeError), match="backward"):
        (x * 2.0).backward(wrong)
    assert x.grad is None


@pytest.mark.parametrize("wrong", ["a", 1j, [1.0, 2.0], np.array([2.0])])
def test_upstream_gradient_of_a_value_is_one_number(wrong: Any) -> None:
    x = Value(1.0)
    with pytest.raises((errors.DTypeError, errors.ShapeError), match="backward"):
        (x * 2.0).backward(wrong)
    assert not x.has_grad


def test_failed_pass_can_be_repeated() -> None:
    """A hook that raises does not spoil the gradients of a later pass."""
    x = Value(2.0)
    y = x * x

    def refuse(gradient: float) -> None:
        raise RuntimeError("refused")

    remove = y.register_hook(refuse)
    with pytest.raises(RuntimeError, match="refused"):
        y.backward()
    remove()
    y.backward()
    assert x.grad == 4.0
