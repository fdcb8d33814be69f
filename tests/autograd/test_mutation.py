"""Data that changes between forward and backward is an error, however it was changed; arrays belong to one owner."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import MutationError, Tensor, Value, no_grad
from autograd import functions as F
from tests.autograd.support import Array, leaf


def by_assignment(w: Tensor) -> None:
    w.data = w.numpy() + 1.0


def by_augmented_assignment(w: Tensor) -> None:
    w.data -= 0.5 * np.ones(w.shape)


def by_item(w: Tensor) -> None:
    w.data[0] = 7.0


def by_slice(w: Tensor) -> None:
    w.data[...] = 7.0


def by_ufunc(w: Tensor) -> None:
    np.multiply(w.data, 2.0, out=w.data)


def by_view(w: Tensor) -> None:
    w.data.reshape(-1)[:1] += 1.0


def by_sort(w: Tensor) -> None:
    w.data[::-1].sort()


def in_no_grad(w: Tensor) -> None:
    with no_grad():
        w.data += 1.0


def by_setting_itself_written(w: Tensor) -> None:
    alias = w.data
    w.data = alias
    alias[0] = 9.0


WAYS = [
    by_assignment,
    by_augmented_assignment,
    by_item,
    by_slice,
    by_ufunc,
    by_view,
    by_sort,
    in_no_grad,
    by_setting_itself_written,
]
USES: dict[str, Callable[[Tensor], Any]] = {
    "square": lambda w: (w * w).sum(),
    "exp": lambda w: w.exp().sum(),
    "matmul": lambda w: w @ w,
    "reshape": lambda w: (w.reshape(2, 1) * w).sum(),
    "max": lambda w: F.max(w) * 2.0,
    "deep": lambda w: (((w + 1.0) * 2.0).exp() * w).sum(),
}


@pytest.mark.parametrize("change", WAYS)
@pytest.mark.parametrize("use", USES)
def test_change_between_forward_and_backward_is_an_error(change: Callable[[Tensor], None], use: str) -> None:
    w = leaf([1.0, 2.0], name="w")
    out = USES[use](w)
    change(w)
    with pytest.raises(MutationError, match=r"'w'.*[Rr]un the forward pass again"):
        out.backward()
    assert w.grad is None


@pytest.mark.parametrize("change", WAYS)
def test_change_through_an_alias_from_before_the_forward_pass(change: Callable[[Tensor], None]) -> None:
    w = leaf([1.0, 2.0])
    alias = w.data
    out = (w * w).sum()
    alias[1] = -5.0
    with pytest.raises(MutationError):
        out.backward()
    fresh = (w * w).sum()
    fresh.backward()
    assert w.grad.tolist() == [2.0, -10.0]
    with pytest.raises(MutationError):
        out.backward()


@pytest.mark.parametrize("change", WAYS)
def test_change_before_the_forward_pass_or_after_the_backward_pass_is_fine(change: Callable[[Tensor], None]) -> None:
    """What an optimiser does, three times over."""
    w = leaf([1.0, 2.0])
    for _ in range(3):
        w.zero_grad()
        out = (w * w).sum()
        out.backward()
        assert w.grad.tolist() == (2.0 * w.numpy()).tolist()
        change(w)


def test_change_of_a_constant_is_seen_too() -> None:
    x, w = Tensor([1.0, 2.0], name="x"), leaf([1.0, 1.0])
    out = (x * w).sum()
    x.data[0] = 50.0
    with pytest.raises(MutationError, match="'x'"):
        out.backward()


@pytest.mark.parametrize("view", [lambda x: x.T, lambda x: x.reshape(4), lambda x: x[0], lambda x: ag.flip(x)])
@pytest.mark.parametrize("constant", [True, False])
def test_change_under_a_view_is_seen_or_does_not_reach_it(view: Callable[[Tensor], Tensor], constant: bool) -> None:
    """A view of a constant, or made under no_grad, has no parents: its array must be its own, or be watched."""
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=not constant)
    with no_grad():
        part = view(x)
    before = part.numpy()
    w = leaf(np.ones(part.shape))
    out = (part * w).sum()
    x.data += 100.0
    try:
        out.backward()
    except MutationError:
        return
    np.testing.assert_array_equal(w.grad, before)


def test_view_under_no_grad_cannot_write_into_the_leaf() -> None:
    w = leaf([1.0, 2.0])
    out = (w * w).sum()
    with no_grad():
        part = w.reshape(2, 1)
    if part.data.flags.writeable:  # then it is a copy
        part.data[...] = 100.0
    assert w.data.tolist() == [1.0, 2.0]
    out.backward()
    assert w.grad.tolist() == [2.0, 4.0]


def test_interior_data_cannot_be_written() -> None:
    w = leaf([1.0, 2.0])
    for node in (w * 2.0, w.reshape(2, 1), w[::-1], ag.broadcast_to(w, (3, 2))):
        with pytest.raises(ValueError, match="read-only"):
            node.data[...] = 5.0
        with pytest.raises(MutationError, match="detach"):
            node.data = np.zeros(node.shape)
    inner = Value(1.0).exp()
    with pytest.raises(MutationError, match="detach"):
        inner.data = 5.0


def test_change_of_a_value() -> None:
    x, y = Value(2.0, label="x"), Value(3.0)
    product = x * y
    x.data = 5.0
    with pytest.raises(MutationError, match="'x'"):
        product.backward()
    again = x * y
    again.backward()
    assert (x.grad, y.grad) == (3.0, 5.0)
    with pytest.raises(MutationError):
        (product + 1.0).backward()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node))])
def test_copy_of_a_stale_graph_is_stale(copied: Callable[[Any], Any]) -> None:
    x, w = Value(2.0), leaf([2.0])
    scalar, array = x * x, w * w
    x.data, w.data = 5.0, [5.0]
    for node in (scalar, array):
        with pytest.raises(MutationError):
            copied(node).backward()


def test_transforms_refuse_a_function_that_changes_its_captured_data() -> None:
    w = leaf([1.0, 2.0])

    def function(x: Tensor) -> Tensor:
        out = (x * w).sum()
        w.data += 1.0
        return out

    with pytest.raises(MutationError):
        ag.grad(function)(np.array([1.0, 1.0]))


# ---- aliasing -----------------------------------------------------------------------------------------------------


def gradients_apart(root: Tensor) -> None:
    """No two nodes' gradients share memory, unless neither can be written."""
    nodes = [node for node in ag.topological_order(root) if node.grad is not None]
    for place, node in enumerate(nodes):
        for other in nodes[:place]:
            if np.shares_memory(node.grad, other.grad):
                assert not node.grad.flags.writeable
                assert not other.grad.flags.writeable


def test_gradients_are_nobody_elses_arrays() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    gradient = np.array([1.0, -1.0])
    root = (a + b) + (a + b.reshape(2)) + ag.concatenate([a[:1], b[1:]])
    root.backward(gradient)
    gradients_apart(root)
    for node in ag.topological_order(root):
        assert not np.shares_memory(node.grad, gradient)
    for variable in (a, b):
        assert variable.grad.flags.writeable
    assert not np.shares_memory(a.grad, b.grad)
    a.grad *= 0.0
    assert b.grad.tolist() == [2.0, -3.0]
    c, d = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (c + d).backward(gradient)  # each receives the very gradient of the sum
    c.grad += 5.0
    assert d.grad.tolist() == [1.0, -1.0]
    assert gradient.tolist() == [1.0, -1.0]
    assert gradient.flags.writeable


def test_gradient_of_a_leaf_root_is_a_copy_of_the_upstream() -> None:
    gradient = np.array([1.0, -1.0])
    x = leaf([1.0, 2.0])
    x.backward(gradient)
    gradient[:] = 0.0
    assert x.grad.tolist() == [1.0, -1.0]


def copies(function: Callable[[Array], Any], at: Array) -> None:
    """The gradient is that of the array as it was when it was handed over."""
    w = leaf([1.5, 2.5])
    out = function(at)(w)
    expected = leaf([1.5, 2.5])
    function(at.copy())(expected).sum().backward()
    at[...] = 0
    out.sum().backward()
    assert w.grad.tolist() == expected.grad.tolist()


@pytest.mark.parametrize(
    "function",
    [
        lambda array: lambda w: w * array,
        lambda array: lambda w: array / w,
        lambda array: lambda w: w @ array,
        lambda array: lambda w: ag.einsum("i,i->", w, array),
        lambda array: lambda w: F.prod(ag.concatenate([w, array])),
        lambda array: lambda w: F.prod(ag.stack([w, array])),
        lambda array: lambda w: ag.where(array > 1.5, w, 3.0),
        lambda array: lambda w: ag.where(array, w, 3.0),
        lambda array: lambda w: ag.maximum(w, array),
        lambda array: lambda w: w[array.astype(int) % 2],
    ],
)
def test_users_arrays_are_copied(function: Callable[[Array], Any]) -> None:
    copies(function, np.array([1.0, 2.0]))


def test_masks_and_indices_are_copied() -> None:
    mask, index = np.array([True, False]), np.array([0, 0])
    w = leaf([1.5, 2.5])
    out = ag.where(mask, w, 0.0).sum() + w[index].sum() * 10.0 + w[mask].sum() * 100.0
    mask[:], index[:] = False, 1
    out.backward()
    assert w.grad.tolist() == [121.0, 0.0]


def test_tensor_copies_its_data() -> None:
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    y = Tensor(x)
    array[:] = 0.0
    x.data[:] = 5.0
    assert x.data.tolist() == [5.0, 5.0]
    assert y.data.tolist() == [1.0, 2.0]
    given = np.array([3.0, 4.0])
    y.data = given
    given[:] = 0.0
    assert y.data.tolist() == [3.0, 4.0]
