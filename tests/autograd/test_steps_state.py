"""The state of a pass that is stepped: its errors, what an interrupted one leaves, hooks, and graphs of any size."""

from __future__ import annotations

import gc
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import GraphError, MutationError, ShapeError, Tensor, Value, backward_steps
from autograd.steps import EdgeStep, HandmadeStep, HookStep, SeedStep
from tests.autograd.support import leaf
from tests.tracing import untraced

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


# ---- seeds and errors ---------------------------------------------------------------------------------------------


def test_a_gradient_for_a_root_that_is_no_scalar() -> None:
    x = leaf([1.0, 2.0])
    steps = list(backward_steps(x * x, np.array([10.0, -1.0])))
    assert isinstance(steps[0], SeedStep)
    assert steps[0].gradient.tolist() == [10.0, -1.0]
    assert x.grad is not None
    assert x.grad.tolist() == [20.0, -4.0]


@KINDS
def test_a_root_that_is_a_leaf(kind: Any) -> None:
    x = kind(2.0)
    (first,) = backward_steps(x, 3.0)
    (second,) = backward_steps(x, 4.0)
    assert (first.before, float(first.after)) == (None, 3.0)  # type: ignore[union-attr]
    assert (float(second.before), float(second.after), float(x.grad)) == (3.0, 7.0, 7.0)  # type: ignore[union-attr]


@KINDS
def test_errors_are_those_of_backward_and_come_at_once(kind: Any) -> None:
    constant = kind(1.0).detach()
    for call in (ag.backward, backward_steps):
        with pytest.raises(GraphError, match="requires no gradient"):
            call(constant)  # type: ignore[operator]
        with pytest.raises(TypeError, match="takes a Value or a Tensor"):
            call(3.0)  # type: ignore[operator]
    x = leaf([1.0, 2.0])
    for call in (ag.backward, backward_steps):
        with pytest.raises(GraphError, match="only one number has a gradient"):
            call(x * x)  # type: ignore[operator]
        with pytest.raises(ShapeError, match="shape"):
            call(x * x, np.ones(3))  # type: ignore[operator]


@KINDS
def test_data_changed_before_the_pass_or_between_two_steps(kind: Any) -> None:
    x = kind(2.0)
    root = (x * x) * x
    steps = backward_steps(root)
    x.data = 5.0 if kind is Value else np.array(5.0)
    with pytest.raises(MutationError, match="was changed"):
        next(steps)
    root = (x * x) * x
    steps = backward_steps(root)
    next(steps)
    next(steps)
    x.data = 7.0 if kind is Value else np.array(7.0)
    with pytest.raises(MutationError, match="was changed"):
        list(steps)


def test_an_array_written_in_place_between_two_steps() -> None:
    x = leaf([1.0, 2.0])
    data = x.data
    steps = backward_steps(((x * x) * 3.0).sum())
    next(steps)
    data[0] = 9.0
    with pytest.raises(MutationError, match="was changed"):
        list(steps)


@KINDS
def test_a_pass_left_midway_leaves_what_its_steps_told(kind: Any) -> None:
    x, y = kind(2.0), kind(3.0)
    inner = x * y
    root = inner * x
    steps = backward_steps(root)
    told = [next(steps) for _ in range(3)]
    steps.close()  # type: ignore[attr-defined]
    assert told[-1].parent is x  # type: ignore[union-attr]
    assert (float(root.grad), float(inner.grad), float(x.grad)) == (1.0, 2.0, 6.0)
    assert not y.has_grad
    for leaf_ in (x, y):
        leaf_.zero_grad()
    root.backward()
    assert (float(x.grad), float(y.grad)) == (12.0, 4.0)


@KINDS
def test_another_pass_over_the_same_nodes_is_noticed(kind: Any) -> None:
    x = kind(2.0)
    inner = x * 3.0
    root = inner * inner
    steps = backward_steps(root)
    for _ in range(3):
        next(steps)
    root.backward(10.0)
    with pytest.raises(GraphError, match="another backward pass"):
        list(steps)


@KINDS
def test_two_passes_over_two_graphs_may_go_side_by_side(kind: Any) -> None:
    x = kind(2.0)
    first, second = (x * 3.0) * x, x * x
    for _ in zip(backward_steps(first), backward_steps(second), strict=False):
        pass
    rest = backward_steps(second)
    list(rest)
    assert float(first.grad) == 1.0
    assert float(second.grad) == 1.0


# ---- hooks and hand-made closures ---------------------------------------------------------------------------------


@KINDS
def test_hooks_run_and_are_told(kind: Any) -> None:
    x = kind(3.0)
    inner = x * 2.0
    inner.register_hook(lambda gradient: gradient * 10.0)
    x.register_hook(lambda gradient: gradient + 1.0)
    root = inner * 5.0
    root.backward()
    assert float(x.grad) == 101.0
    steps = list(backward_steps(root))
    assert float(x.grad) == 202.0
    of_inner, of_x = (step for step in steps if isinstance(step, HookStep))
    assert (of_inner.node, float(of_inner.gradient), float(of_inner.replaced)) == (inner, 5.0, 50.0)
    assert (of_x.node, float(of_x.gradient), float(of_x.replaced)) == (x, 100.0, 101.0)
    assert (float(of_x.before), float(of_x.after)) == (101.0, 202.0)
    assert steps.index(of_inner) < len(steps) - 1 == steps.index(of_x)


def test_a_hook_cannot_write_in_what_it_is_handed() -> None:
    inner = leaf([1.0, 1.0]) * 2.0
    root = (inner * 3.0).sum()

    def write(gradient: Any) -> None:
        gradient *= 10.0

    inner.register_hook(write)
    for run in (root.backward, lambda: list(backward_steps(root))):
        with pytest.raises(ValueError, match="read-only"):
            run()


@KINDS
def test_a_pass_left_midway_gives_leaves_with_hooks_back_what_they_had(kind: Any) -> None:
    x = kind(3.0)
    x.register_hook(lambda gradient: None)
    root = x * x * x
    root.backward()
    steps = backward_steps(root)
    for _ in range(4):
        next(steps)
    assert float(x.grad) != 27.0
    steps.close()  # type: ignore[attr-defined]
    assert float(x.grad) == 27.0


def test_an_iterator_that_is_dropped_late_does_not_touch_a_later_pass() -> None:
    x = Value(3.0)
    x.register_hook(lambda gradient: None)
    root = x * x
    steps = backward_steps(root)
    next(steps)
    root.backward()
    del steps
    gc.collect()
    assert x.grad == 6.0


def test_a_closure_written_by_hand_is_one_step() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    out = Value(a.data * b.data, (a, b), "*")

    def by_hand() -> None:
        a.grad += b.data * out.grad
        b.grad += a.data * out.grad

    out._backward = by_hand
    root = out * 4.0 + a
    steps = list(backward_steps(root))
    (step,) = (each for each in steps if isinstance(each, HandmadeStep))
    assert (step.node, step.upstream, step.before, step.after) == (out, 4.0, (1.0, 0.0), (-11.0, 8.0))
    assert (a.grad, b.grad) == (-11.0, 8.0)
    assert [each.complete for each in steps if isinstance(each, EdgeStep)] == [True, False, True]


def test_a_node_made_by_hand_without_a_closure_is_refused_as_by_backward() -> None:
    a = Value(2.0)
    out = Value(4.0, (a,), "double")
    for run in (out.backward, lambda: list(backward_steps(out))):
        with pytest.raises(GraphError, match="made by hand"):
            run()


def test_a_rule_that_hands_on_nothing() -> None:
    drop = ag.Linear("drop_for_steps", lambda x, y: x + y, lambda g, x, y: [g, None])
    x, y = leaf([1.0]), leaf([2.0])
    inner = y * 3.0
    steps = list(backward_steps(drop(x, inner).sum()))
    nothing = [step for step in steps if isinstance(step, EdgeStep) and step.contribution is None]
    assert [(step.parent, step.complete, step.after) for step in nothing] == [(inner, True, None), (y, True, None)]
    assert "receives nothing" in str(nothing[0])
    assert y.grad is None


def test_infinite_slopes_and_closed_gates() -> None:
    x = Value(0.0)
    steps = list(backward_steps(ag.where(x > 0.0, x.sqrt(), x * 2.0) + x.sqrt() * 0.0))
    edges = [step for step in steps if isinstance(step, EdgeStep)]
    slopes = [(step.upstream, step.local, step.contribution) for step in edges if step.node.op == "√"]
    assert slopes == [(0.0, math.inf, 0.0), (0.0, math.inf, 0.0)]
    assert x.grad == 2.0


# ---- size ---------------------------------------------------------------------------------------------------------


@pytest.mark.uncounted
def test_a_million_nodes_without_recursion() -> None:
    """A chain of 250,000 sums, each with a constant of its own, and half a million constants more in one sum."""
    x = Value(1.0)
    with untraced(), ag.collector_paused():
        node = x
        for _ in range(250_000):
            node = node + 1.0
        root = ag.functions.sum([node, *[1.0] * 500_000])
        number = 0
        for step in backward_steps(root):
            number += 1
            assert step.number == number
        assert number == 250_002
        assert x.grad == 1.0
        del node, root, step


def test_the_iterator_keeps_no_step() -> None:
    """Walking a chain takes the memory of its order and no more, however many arrays have been told."""
    x = node = leaf(np.ones(1000))
    for _ in range(300):
        node = node * 1.001
    root = node.sum()
    root.backward()  # the interior gradients exist before and after
    tracemalloc.start()
    try:
        for _ in backward_steps(root):
            pass
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert x.grad is not None
    assert most < 1.2 * 300 * 8000, "the pass's own gradients alone"


def test_a_sum_of_ten_thousand_values_is_stepped_in_proportion() -> None:
    terms = [Value(float(k)) for k in range(10_000)]
    root = ag.functions.sum(terms)
    assert sum(1 for _ in backward_steps(root)) == 10_001
    assert terms[-1].grad == 1.0


def test_tensors_of_every_size_of_nothing() -> None:
    x = leaf(np.zeros((0, 3)))
    steps = list(backward_steps((x * 2.0).sum()))
    assert [np.shape(step.after) for step in steps] == [(), (0, 3), (0, 3)]
    assert isinstance(x, Tensor)
    assert x.grad is not None
    assert x.grad.shape == (0, 3)
