"""Who owns a gradient's array: what is added in place or taken over must be held by nobody else; what is freed is."""

from __future__ import annotations

import weakref
from typing import Any, Literal

import numpy as np
import pytest

import autograd as ag
from autograd import Linear, Tensor, Whole, functions
from autograd.primitives import structural
from tests.autograd.support import leaf

KEEP = pytest.mark.parametrize("keep", ["all", "leaves"])
Keep = Literal["all", "leaves"]


# ---- contributions that somebody else holds -----------------------------------------------------------------------


@KEEP
@pytest.mark.parametrize("form", [lambda a: a, lambda a: a[:], lambda a: a.reshape(2, 2).T.ravel("K")])
def test_an_array_that_a_rule_keeps_is_not_taken_over(form: Any, keep: Keep) -> None:
    """A rule may hand out the same array in every pass, or a view of it: later passes must not add into it."""
    kept = np.array([1.0, -2.0, 3.0, 0.5])
    keeping = Linear("keeping", lambda x: 2.0 * x, [lambda g, x: form(kept)])
    x = leaf([1.0, 2.0, 3.0, 4.0])
    for count in (1, 2, 3):
        keeping(x).backward(np.ones(4), keep=keep)
        np.testing.assert_array_equal(x.grad, count * form(np.array([1.0, -2.0, 3.0, 0.5])))
    assert kept.tolist() == [1.0, -2.0, 3.0, 0.5]
    assert not np.shares_memory(x.grad, kept)
    inner = x * 1.0
    (keeping(inner) + keeping(inner) + inner).backward(np.array([1.0, 2.0, 3.0, 4.0]), keep=keep)
    assert kept.tolist() == [1.0, -2.0, 3.0, 0.5]


@KEEP
def test_one_fresh_array_for_two_parents(keep: Keep) -> None:
    def pull(g: Any, out: Any, x: Any, y: Any, needed: Any) -> list[Any]:
        both = g * 3.0
        return [both, both]

    total = Whole("sum of both", lambda x, y: 3.0 * x + 3.0 * y, pull, lambda tangents, out, x, y: tangents[0])
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (total(x, y) + x * 10.0).backward(np.array([1.0, -1.0]), keep=keep)
    assert x.grad.tolist() == [13.0, -13.0]
    assert y.grad.tolist() == [3.0, -3.0]
    assert not np.shares_memory(x.grad, y.grad)


@KEEP
def test_the_gradient_that_was_given_stays_the_callers(keep: Keep) -> None:
    given = np.array([1.0, 2.0])
    x = leaf([5.0, 6.0])
    y = x + x
    (y + y).backward(given, keep=keep)
    x.grad += 1.0
    x.backward(given, keep=keep)
    assert given.tolist() == [1.0, 2.0]
    assert given.flags.writeable
    assert not np.shares_memory(x.grad, given)


def test_a_partial_sum_that_a_hook_keeps_does_not_change() -> None:
    """The operations made last are walked first: when the middle one's turn comes, the last has handed its part on."""
    x = leaf([1.0, 2.0])
    inner = x * 2.0
    first, middle, last = inner * 1.0, inner * 3.0, inner * 7.0
    kept: list[Any] = []
    middle.register_hook(lambda gradient: kept.append(inner.grad))
    (first + middle + last).backward(np.array([1.0, 10.0]))
    assert kept[0].tolist() == [7.0, 70.0]
    assert inner.grad.tolist() == [11.0, 110.0]


def test_what_stays_readable_is_read_only_inside_and_writable_at_leaves() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    product = x * w
    total = (product + product * x).sum()
    total.backward()
    for node in (product, total):
        assert not node.grad.flags.writeable
    for each in (x, w):
        each.grad += 1.0
    assert product.grad.tolist() == [2.0, 3.0]


@KEEP
def test_0_dimensional_gradients_stay_arrays(keep: Keep) -> None:
    x = leaf(3.0)
    y = x * 2.0
    root = y * y + y + y
    root.backward(keep=keep)
    assert type(x.grad) is np.ndarray
    assert float(x.grad) == 2.0 * (2 * 6.0 + 2.0)
    if keep == "all":
        assert type(y.grad) is np.ndarray


# ---- freeing ------------------------------------------------------------------------------------------------------


def test_keep_leaves_frees_each_gradient_before_the_walk_goes_on() -> None:
    """Seen from the hooks along a chain: of the gradients before, at most the one before the last is still alive."""
    x = leaf(np.linspace(0.1, 1.0, 1000))
    node: Any = x
    alive: list[weakref.ref[Any]] = []
    counts: list[int] = []

    def look(gradient: Any) -> None:
        counts.append(sum(reference() is not None for reference in alive))
        alive.append(weakref.ref(gradient))

    for _ in range(10):
        node = ag.sin(node)
        node.register_hook(look)
    node.backward(np.ones(1000), keep="leaves")
    assert len(counts) == 10
    assert max(counts) <= 1
    assert all(reference() is None for reference in alive)
    assert not node.has_grad


# ---- a gradient that belongs to a part ----------------------------------------------------------------------------


@KEEP
@pytest.mark.parametrize("interior", [False, True])
def test_parts_of_an_array_are_added_in_place(keep: Keep, interior: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices, integers, new axes and Ellipsis, overlapping or not, beside other uses; against arrays of zeros."""
    numbers = np.linspace(-1.0, 2.0, 24).reshape(4, 6)
    parts: list[Any] = [0, -1, (1, 2), slice(1, 3), (slice(None), slice(None, None, -2)), (None, 2), (..., 3), ()]

    def gradient(in_place: bool) -> Any:
        x = leaf(numbers)
        inner = ag.sin(x) if interior else x
        total: Any = inner[0, 0] * 0.0 + (inner * inner).sum()
        for place, part in enumerate(parts):
            taken = inner[part] if in_place else structural.getitem(inner, index=part)
            total = total + (taken * taken * (place - 2.5)).sum()
        (total + inner[0].sum()).backward(keep=keep)
        return x.grad

    found = gradient(True)
    monkeypatch.setattr(structural.getitem, "part", None)
    np.testing.assert_allclose(found, gradient(False), rtol=1e-14, atol=1e-14)


def test_a_loop_over_the_parts_makes_no_array_of_zeros_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    scatter = structural.scatter.forward
    monkeypatch.setattr(
        structural.scatter, "forward", lambda *args, **params: made.append(1) or scatter(*args, **params)
    )
    x = leaf(np.linspace(0.5, 2.0, 40).reshape(10, 4))
    state: Any = 0.0
    for row in x:
        state = ag.sin(row + state)
    state.sum().backward()
    assert not made
    x.zero_grad()
    x[[1, 1]].sum().backward()  # an element twice: no part
    assert made
    assert x.grad[1].tolist() == [2.0, 2.0, 2.0, 2.0]


def test_what_is_not_taken_receives_nothing_even_times_infinity() -> None:
    x = leaf([0.0, 4.0])
    ag.sqrt(x)[1:].sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]
    factor, w = leaf([np.nan, 2.0]), leaf([1.0, 3.0])
    (factor * w)[1:].sum().backward()
    assert w.grad.tolist() == [0.0, 2.0]


def test_a_part_of_what_shares_its_gradient_with_others() -> None:
    """A sum hands one array to both of its operands; what a part adds must reach one of them alone."""
    x, y = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])
    inner, other = x * 1.0, y * 1.0
    part = inner[1:]
    (part.sum() * 10.0 + ((inner + other) * np.array([1.0, -2.0, 0.5])).sum()).backward()
    assert inner.grad.tolist() == [1.0, 8.0, 10.5]
    assert other.grad.tolist() == [1.0, -2.0, 0.5]


# ---- what is no array of its own ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_contributions_of_another_dtype_are_cast(dtype: Any) -> None:
    wide = Linear("wide", lambda x: x, [lambda g, x: g.astype(np.float64) * 2.0])
    x = Tensor(np.array([1.0, 2.0], dtype), requires_grad=True)
    wide(x).backward(np.ones(2))
    assert x.grad.dtype == dtype
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_gradient_that_two_nodes_share_is_not_written_to() -> None:
    x, y = leaf([1.0, 2.0, 3.0, 4.0]), leaf([4.0, 3.0, 2.0, 1.0])
    p, q = x * 1.0, y * 1.0
    r = p * 5.0
    root = (q.reshape(2, 2) + p.reshape(2, 2)) * 3.0
    (r.sum() + root.sum()).backward(keep="leaves")
    assert x.grad.tolist() == [8.0] * 4
    assert y.grad.tolist() == [3.0] * 4


def test_what_a_hook_of_a_leaf_kept_stays_what_it_was() -> None:
    x = leaf([1.0])
    seen: list[np.ndarray] = []
    x.register_hook(seen.append)
    for factor in (2.0, 3.0, 5.0):
        (x * factor).sum().backward()
    assert [each.tolist() for each in seen] == [[2.0], [3.0], [5.0]]
    assert x.grad.tolist() == [10.0]


def test_true_as_an_index_takes_a_copy() -> None:
    x = leaf([1.0, 2.0])
    (x[True].sum() + (x[True] * 3.0).sum()).backward()
    assert x.grad.tolist() == [4.0, 4.0]


@pytest.mark.parametrize("dtype, each", [(bool, 1), (np.uint8, 200), (np.int16, 20000)])
def test_sums_of_few_integers_are_wide(dtype: type, each: int) -> None:
    array = np.full((4, 1024), each, dtype)
    assert functions.sum(array, axis=0)[0] == 4 * each
    assert functions.mean(array, axis=0)[0] == each
