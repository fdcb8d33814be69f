"""Every kind of index against PyTorch, which is told the places that NumPy's own indexing finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.autograd.support import Operand, examples, leaf, operands, seeds
from tests.autograd.torch_oracle import agree, torch


def gather(index: Any) -> Callable[[Any], Any]:
    """x[index] as a choice among x's elements in row-major order."""

    def theirs(x: Any) -> Any:
        places = np.asarray(np.arange(x.numel()).reshape(x.shape)[index])
        return x.reshape(-1)[torch.from_numpy(places.copy())].reshape(places.shape)

    return theirs


@st.composite
def advanced_indices(draw: Callable[..., Any], shape: tuple[int, ...]) -> Any:
    """Integer arrays and lists with repeated and negative entries, or one mask, beside slices, integers and None."""
    rng = np.random.default_rng(draw(seeds))
    common = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))  # the shape of every integer array
    masked = draw(st.integers(0, len(shape))) if draw(st.booleans()) else None
    parts: list[Any] = []
    for axis, length in enumerate(shape):
        if draw(st.integers(0, 4)) == 0:
            parts.append(None)
        kind = draw(st.sampled_from(["array", "list", "slice", "integer"]))
        if axis == masked:
            parts.append(rng.integers(2, size=length) == 1)
        elif kind == "slice" or not length or masked is not None:
            parts.append(draw(st.slices(length)))
        elif kind == "integer":
            parts.append(draw(st.integers(-length, length - 1)))
        else:
            entries = rng.integers(-length, length, size=common)
            parts.append(entries.tolist() if kind == "list" and entries.size else entries)
    return tuple(parts)


@examples(600)
@given(data=st.data(), seed=seeds)
def test_basic_index(data: st.DataObject, seed: int) -> None:
    """Integers, slices with steps of both signs, None and Ellipsis."""
    operand = data.draw(operands())
    index = data.draw(hnp.basic_indices(operand.array.shape, allow_newaxis=True))
    agree(lambda x: x[index], gather(index), [operand], seed)


@examples(600)
@given(data=st.data(), seed=seeds)
def test_advanced_index(data: st.DataObject, seed: int) -> None:
    operand = data.draw(operands())
    index = data.draw(advanced_indices(operand.array.shape))
    agree(lambda x: x[index], gather(index), [operand], seed)


@examples()
@given(operand=operands(least_dims=2), seed=seeds)
def test_boolean_mask_of_two_axes(operand: Operand, seed: int) -> None:
    mask = np.random.default_rng(seed).integers(2, size=operand.array.shape[-2:]) == 1
    agree(lambda x: x[..., mask], gather((..., mask)), [operand], seed)


@examples()
@given(operand=operands(), seed=seeds)
def test_boolean_mask_of_the_whole(operand: Operand, seed: int) -> None:
    mask = np.random.default_rng(seed).integers(2, size=operand.array.shape) == 1
    agree(lambda x: x[mask], gather(mask), [operand], seed)


@pytest.mark.parametrize(
    "index, expected",
    [
        ([0, 0, 1], [2.0, 1.0, 0.0]),
        ([-1, 2, 2], [0.0, 0.0, 3.0]),
        (np.array([[0, 1], [1, 1]]), [1.0, 3.0, 0.0]),
        ([], [0.0, 0.0, 0.0]),
        (slice(None, None, -2), [1.0, 0.0, 1.0]),
        (np.array(2), [0.0, 0.0, 1.0]),
        (np.int64(1), [0.0, 1.0, 0.0]),
        ((None, 0), [1.0, 0.0, 0.0]),
        (..., [1.0, 1.0, 1.0]),
        (True, [1.0, 1.0, 1.0]),
        ([True, False, True], [1.0, 0.0, 1.0]),
    ],
)
def test_gradient_counts_how_often_an_element_is_taken(index: Any, expected: list[float]) -> None:
    x = leaf([5.0, 6.0, 7.0])
    out = x[index]
    np.testing.assert_array_equal(out.data, np.array([5.0, 6.0, 7.0])[index])
    out.sum().backward()
    assert x.grad.tolist() == expected


def test_index_array_is_the_users_own() -> None:
    """Writing to an index after its use changes nothing."""
    places, mask = np.array([0, 0]), np.array([True, False])
    x = leaf([1.0, 2.0])
    taken, masked = x[places], x[mask]
    places[:], mask[:] = 1, False
    (taken.sum() + 10.0 * masked.sum()).backward()
    assert x.grad.tolist() == [12.0, 0.0]


def test_iteration_takes_rows() -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    (first * 2.0 + second * np.array([3.0, 5.0])).sum().backward()
    assert len(x) == 2
    assert x.grad.tolist() == [[2.0, 2.0], [3.0, 5.0]]
