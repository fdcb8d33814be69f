"""The steps of a backward pass: they tell what `backward` does, and do it, to the bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd as ag
from autograd import Value, backward_steps, graph_nodes
from autograd.rule import flags
from autograd.steps import EdgeStep, SeedStep
from tests.autograd.stepping import bits, forget, gradient_bits, gradient_forms, random_root, random_value
from tests.autograd.support import examples, leaf, seeds

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


def add_up(root: Any, steps: list[Any]) -> dict[int, Any]:
    """Each node's gradient as the steps' contributions add up to it, nothing else looked at."""
    sums: dict[int, Any] = {}
    for step in steps:
        node, amount = (step.node, step.gradient) if isinstance(step, SeedStep) else (step.parent, step.contribution)
        sums[node.id] = amount if node.id not in sums else sums[node.id] + amount
    return sums


def same(x: Any, y: Any) -> bool:
    return np.array_equal(x, y, equal_nan=True)


# ---- the numbers of a page of a textbook --------------------------------------------------------------------------


@KINDS
def test_the_circuit_of_three_numbers_step_by_step(kind: Any) -> None:
    """f = (x + y)·z at -2, 5, -4: q = 3, df/dq = -4, df/dz = 3, df/dx = df/dy = -4."""
    x, y, z = kind(-2.0), kind(5.0), kind(-4.0)
    q = x + y
    f = q * z
    told = [
        (step.node, step.parent, step.argument, float(step.upstream), float(step.local), float(step.contribution))
        for step in backward_steps(f)
        if isinstance(step, EdgeStep)
    ]
    assert told == [
        (f, q, 0, 1.0, -4.0, -4.0),
        (f, z, 1, 1.0, 3.0, 3.0),
        (q, x, 0, -4.0, 1.0, -4.0),
        (q, y, 1, -4.0, 1.0, -4.0),
    ]
    assert [float(node.grad) for node in (x, y, z, q, f)] == [-4.0, -4.0, 3.0, -4.0, 1.0]


@KINDS
def test_a_node_used_twice_adds_both_and_is_complete_after_the_second(kind: Any) -> None:
    x = kind(3.0)
    steps = [step for step in backward_steps(x * x) if isinstance(step, EdgeStep)]
    assert [step.parent is x for step in steps] == [True, True]
    assert [(step.argument, step.complete) for step in steps] == [(0, False), (1, True)]
    assert [step.before for step in steps] == [None, 3.0]
    assert [float(step.after) for step in steps] == [3.0, 6.0]


def test_a_leaf_adds_to_what_earlier_passes_brought() -> None:
    x = Value(2.0)
    root = x * 5.0
    root.backward()
    *_, last = backward_steps(root)
    assert isinstance(last, EdgeStep)
    assert (last.before, last.contribution, last.after, x.grad) == (5.0, 5.0, 10.0, 10.0)


# ---- the same as backward -----------------------------------------------------------------------------------------


@examples(200)
@given(seed=seeds)
def test_steps_leave_the_bits_that_backward_leaves_on_tensors(seed: int) -> None:
    root = random_root(seed, np.float32 if seed % 3 == 0 else np.float64)
    root.backward()
    root.backward()
    expected, forms = gradient_bits(root), gradient_forms(root)
    forget(root)
    root.backward()
    list(backward_steps(root))
    assert gradient_bits(root) == expected
    assert gradient_forms(root) == forms
    forget(root)
    steps = list(backward_steps(root))
    sums = add_up(root, steps)
    for node in graph_nodes(root):
        if node.has_grad:
            assert same(sums[node.id], node.grad)
    for step in steps[1:]:
        before = np.zeros_like(step.parent.data) if step.before is None else step.before
        assert same(before + step.contribution, step.after)


@examples(400)
@given(seed=seeds)
def test_steps_leave_the_bits_that_backward_leaves_on_values(seed: int) -> None:
    root = random_value(seed)
    for _ in range(2):
        root.backward()
    expected = gradient_bits(root)
    forget(root)
    for _ in range(2):
        list(backward_steps(root))
    assert gradient_bits(root) == expected
    forget(root)
    steps = list(backward_steps(root))
    sums = add_up(root, steps)
    for node in graph_nodes(root):
        if node.has_grad:
            assert same(sums[node.id], node.grad)
    for step in steps[1:]:
        assert same((step.before or 0.0) + step.contribution, step.after)


@examples(150)
@given(seed=seeds)
def test_every_edge_is_told_once_in_the_order_of_the_pass_and_completes_its_parent_once(seed: int) -> None:
    root = random_root(seed)
    steps = list(backward_steps(root))
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    edges = [(step.node.id, step.argument) for step in steps[1:]]
    expected = [
        (node.id, argument)
        for node in reversed(graph_nodes(root))
        if node.requires_grad
        for argument, parent in enumerate(node.parents)
        if parent.requires_grad
    ]
    assert edges == expected
    completed = [step.parent.id for step in steps[1:] if step.complete]
    assert sorted(completed) == sorted(node.id for node in graph_nodes(root) if node.requires_grad and node is not root)


@examples(100)
@given(seed=seeds)
def test_what_a_step_says_is_what_the_nodes_hold_when_it_is_given_out(seed: int) -> None:
    for root in (random_root(seed), random_value(seed)):
        for step in backward_steps(root):
            receiver = step.node if isinstance(step, SeedStep) else step.parent
            assert bits(receiver.grad) == bits(step.after)
            if isinstance(step, EdgeStep):
                assert bits(step.upstream) == bits(step.node.grad)


@examples(100)
@given(seed=seeds)
def test_upstream_times_local_is_the_contribution_of_an_elementwise_operation(seed: int) -> None:
    for root in (random_root(seed), random_value(seed)):
        for step in backward_steps(root):
            if isinstance(step, EdgeStep) and isinstance(step.node.rule, ag.Elementwise):
                upstream, local = np.broadcast_arrays(step.upstream, step.local)
                told = (upstream != 0) & (local != 0)  # where nothing came in or the gate is closed, 0 goes out
                with np.errstate(all="ignore"):
                    assert same((upstream * local)[told], np.asarray(step.contribution)[told])


def test_steps_do_not_change_afterwards_and_cannot_be_written() -> None:
    x = leaf([1.0, 2.0])
    root = (x * x + x * 3.0).sum()
    steps = list(backward_steps(root))
    told = [bits(step.after) for step in steps]
    list(backward_steps(root))
    x.zero_grad()
    assert [bits(step.after) for step in steps] == told
    with pytest.raises(ValueError, match="read-only"):
        steps[-1].after[0] = 7.0
    with pytest.raises(AttributeError):
        steps[-1].after = 1.0  # type: ignore[misc]


def test_a_gradient_lies_in_memory_as_the_pass_lays_it() -> None:
    """Whether a sum is made in place decides how it lies, and that decides the rounding of later sums over it."""
    rng = np.random.default_rng(0)
    for shape in ((3, 5), (30, 40)):
        x, y = leaf(rng.normal(size=shape)), leaf(rng.normal(size=shape))
        h, k = x * 1.0, y.T.tanh()
        root = ((h.tanh() * k.T) * (h.T.exp().T + h) + (k @ h)[: shape[0], :1] * h.T.sin().T).sum()
        root = root + (h * k.T.tanh()).sum(axis=0).tanh().sum() + (h.T * k).tanh().sum()
        root.backward()
        expected, forms = gradient_bits(root), gradient_forms(root)
        forget(root)
        list(backward_steps(root))
        assert gradient_bits(root) == expected
        assert gradient_forms(root) == forms


@pytest.mark.parametrize(
    "choose", [lambda y: y[1:], lambda y: y[[1]], lambda y: ag.where(np.array([False, True]), y, 0.0)]
)
def test_what_was_not_chosen_hands_on_0_even_beside_nan(choose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice is made at one step, and its consequence seen at a later one; no other pass takes notice."""
    monkeypatch.setattr(flags, "masking", False)  # a choice that was made outside of passes may have left it True
    x = leaf([np.nan, 3.0])
    other = backward_steps((leaf([np.nan]) * leaf([0.0])).sum())
    for _ in backward_steps(choose(x * x).sum()):
        assert not flags.masking
        next(other, None)
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 6.0]


# ---- what a step carries ------------------------------------------------------------------------------------------


def test_a_step_carries_operation_formula_scopes_and_source() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    with ag.scope("outer"), ag.record_source(), ag.scope("inner"):
        root = x**y
    to_x = list(backward_steps(root))[1]
    assert isinstance(to_x, EdgeStep)
    assert (to_x.operation, to_x.formula, to_x.local) == ("^", "y·x^(y − 1)", 12.0)
    assert to_x.formula_latex == r"y \cdot x^{y - 1}"
    assert (to_x.scope, [scope.name for scope in to_x.scopes]) == ("outer/inner", ["outer", "inner"])
    assert to_x.source is not None
    assert to_x.source.text == "root = x**y"


def test_a_matrix_product_has_no_local_derivative_element_by_element() -> None:
    x, w = leaf(np.eye(2)), leaf(np.ones((2, 3)))
    steps = [step for step in backward_steps((x @ w).sum()) if isinstance(step, EdgeStep) and step.operation == "@"]
    assert [step.local for step in steps] == [None, None]
    assert [step.formula for step in steps] == ["", ""]
    assert steps[0].contribution.tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_stepping_leaves_no_trace_on_the_leaves_of_a_graph() -> None:
    """To look up a local derivative hands out no leaf's array, which would have it checked in each later pass."""
    x = leaf([1.0, 2.0])
    list(backward_steps((x * x).sum()))
    assert x._notes is None or x._notes.fingerprint is None


def test_the_context_of_numpys_errors_is_left_alone_between_steps() -> None:
    x = leaf([0.0, 1.0])
    steps = backward_steps(ag.sqrt(x).sum())
    with np.errstate(all="raise"):
        next(steps)
        with pytest.raises(FloatingPointError):
            np.divide(1.0, np.array([0.0]))
        list(steps)
    assert x.grad is not None
    assert x.grad.tolist() == [math.inf, 0.5]
