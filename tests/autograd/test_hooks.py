"""Hooks: called once in each pass, with the complete gradient, and able to take its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Value, backward_steps, errors
from tests.autograd.support import leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


@KINDS
def test_hook_sees_the_complete_gradient_once(kind: Any) -> None:
    x = kind(3.0)
    inner = x * x
    seen: list[float] = []
    inner.register_hook(lambda gradient: seen.append(float(gradient)))
    root = inner * 2.0 + inner * inner
    root.backward()
    root.backward()
    assert seen == [20.0, 20.0]
    assert float(x.grad) == 2 * 20.0 * 6.0


@KINDS
def test_hook_replaces_the_gradient_of_an_interior_node(kind: Any) -> None:
    x = kind(3.0)
    inner = x * 2.0
    inner.register_hook(lambda gradient: gradient * 10.0)
    inner.register_hook(lambda gradient: gradient + 1.0)
    (inner * 5.0).backward()
    assert float(inner.grad) == 51.0
    assert float(x.grad) == 102.0


@KINDS
def test_hook_on_a_leaf_sees_this_pass_alone(kind: Any) -> None:
    """The replacement is of the pass's gradient; what earlier passes brought stays."""
    x = kind(3.0)
    seen: list[float] = []

    def clip(gradient: Any) -> Any:
        seen.append(float(gradient))
        return gradient * 0.0 + 1.0

    root = x * x
    root.backward()
    remove = x.register_hook(clip)
    root.backward()
    root.backward()
    assert seen == [6.0, 6.0]
    assert float(x.grad) == 8.0
    remove()
    root.backward()
    assert float(x.grad) == 14.0


@KINDS
def test_hook_on_a_leaf_that_is_the_root(kind: Any) -> None:
    x = kind(3.0)
    x.register_hook(lambda gradient: gradient * 4.0)
    x.backward(0.5)
    assert float(x.grad) == 2.0


@KINDS
def test_removing_takes_away_one_registration(kind: Any) -> None:
    x = kind(3.0)
    seen: list[float] = []

    def note(gradient: Any) -> None:
        seen.append(float(gradient))

    first, second = x.register_hook(note), x.register_hook(note)
    first()
    first()
    (x * 2.0).backward()
    assert seen == [2.0]
    second()
    (x * 2.0).backward()
    assert seen == [2.0]


@KINDS
def test_hooks_run_in_order_of_registration_and_nodes_in_order_of_the_pass(kind: Any) -> None:
    x = kind(3.0)
    y = x * 2.0
    z = y * 2.0
    order: list[str] = []
    for name, node in (("x1", x), ("y1", y), ("z1", z), ("x2", x)):
        node.register_hook(lambda gradient, name=name: order.append(name))
    z.backward(keep="leaves")
    assert order == ["z1", "y1", "x1", "x2"]


def test_hook_is_handed_an_array_that_others_do_not_see_change() -> None:
    """Sums hand one gradient to many: what a hook writes in it must not reach the others."""
    a = leaf([1.0, 1.0])
    first, second = a * 2.0, a * 3.0
    total = first + second

    def write(gradient: np.ndarray) -> None:
        gradient *= 10.0

    first.register_hook(write)
    with pytest.raises(ValueError, match="read-only"):
        total.backward(np.array([1.0, -2.0]))
    assert not second.has_grad or second.grad.tolist() == [1.0, -2.0]
    assert total.grad.tolist() == [1.0, -2.0]


def test_hooks_own_array_is_copied() -> None:
    kept = np.array([5.0, 7.0])
    x = leaf([1.0, 1.0])
    y = x * 2.0
    x.register_hook(lambda gradient: kept)
    y.register_hook(lambda gradient: kept)
    for _ in range(2):
        y.backward(np.ones(2))
    assert kept.tolist() == [5.0, 7.0]
    assert not np.shares_memory(kept, x.grad)
    assert not np.shares_memory(kept, y.grad)
    kept[:] = 0.0
    assert x.grad.tolist() == [10.0, 14.0]


@pytest.mark.parametrize("wrong", [np.ones(3), np.ones((2, 1)), "a"])
def test_hook_that_returns_no_gradient_of_this_node(wrong: Any) -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda gradient: wrong)
    with pytest.raises((errors.ShapeError, errors.DTypeError), match="gradient"):
        (x * 2.0).backward(np.ones(2))


def test_hook_keeps_the_dtype() -> None:
    x = leaf(np.float32([1.0, 2.0]))
    x.register_hook(lambda gradient: gradient.astype(np.float64) * 0.1)
    (x * 2.0).backward(np.ones(2))
    assert x.grad.dtype == np.float32


def test_a_pass_that_is_broken_off_leaves_what_leaves_had() -> None:
    w = leaf([1.0])
    w.register_hook(lambda gradient: None)
    (w * 5.0).backward()
    h = w * 2.0
    h.register_hook(lambda gradient: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (h * 3.0).backward()
    assert w.grad is not None
    assert w.grad.tolist() == [5.0]


@KINDS
@pytest.mark.parametrize("run", [lambda root: root.backward(), lambda root: list(backward_steps(root))])
def test_a_leafs_hook_that_raises_costs_no_other_leaf_what_it_had(kind: Any, run: Any) -> None:
    first, failing, last = kind(2.0), kind(3.0), kind(5.0)
    may_fail = False

    def fail(gradient: Any) -> None:
        if may_fail:
            raise KeyError("hook")

    for each, hook in ((first, lambda gradient: None), (failing, fail), (last, lambda gradient: None)):
        each.register_hook(hook)
    product = first * failing * last
    product.backward()
    may_fail = True
    with pytest.raises(KeyError, match="hook"):
        run(product * 10.0)
    earlier = [15.0, 10.0, 6.0]
    after = [float(each.grad) for each in (first, failing, last)]
    assert after[1] == earlier[1]
    assert all(now in (had, had + 10 * had) for now, had in zip(after, earlier, strict=True))
