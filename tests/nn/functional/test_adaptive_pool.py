"""Adaptive and global pooling against PyTorch, and where their rules show: sizes that do not divide, ties, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, KinkError, ShapeError, Value, kinks
from tests.autograd.support import leaf
from tests.nn.functional.pool_draws import draw_numbers, draw_output_size, draw_shape
from tests.nn.oracle import Case, hold, torch

AXES = [1, 2, 3]
BATCHES = ((), (0,), (1,), (2,))
POOLS = [f"adaptive_{kind}_pool{axes}d" for kind in ("avg", "max") for axes in AXES]


@pytest.mark.parametrize("name", POOLS)
def test_adaptive_pool(name: str) -> None:
    ours, theirs, axes = getattr(F, name), getattr(torch.nn.functional, name), int(name[-2])

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes, BATCHES)
        size = draw_output_size(rng, shape, axes)
        return Case([draw_numbers(rng, shape)], lambda x: ours(x, size), lambda x: theirs(x, size), str(size))

    hold(draw)


@pytest.mark.parametrize("axes", AXES)
def test_adaptive_max_pool_with_indices(axes: int) -> None:
    name = f"adaptive_max_pool{axes}d"
    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes, BATCHES)
        size = draw_output_size(rng, shape, axes)
        x = draw_numbers(rng, shape)
        expected = theirs(torch.from_numpy(x), size, return_indices=True)[1].numpy()

        def values(x: Any) -> Any:
            out, indices = ours(x, size, return_indices=True)
            assert indices.dtype == np.int64
            np.testing.assert_array_equal(indices, expected)
            return out

        return Case([x], values, lambda x: theirs(x, size), str(size), second=False)

    hold(draw)


@pytest.mark.parametrize("kind", ["avg", "max"])
def test_global_pool(kind: str) -> None:
    ours = getattr(F, f"global_{kind}_pool")

    def draw(rng: np.random.Generator) -> Case:
        axes = int(rng.integers(1, 4))
        shape = draw_shape(rng, axes, BATCHES)
        unbatched = len(shape) == axes + 1
        keepdims = bool(rng.integers(2))
        given = axes if unbatched or rng.integers(2) else None
        reference = getattr(torch.nn.functional, f"adaptive_{kind}_pool{axes}d")
        end = shape[:-axes] + (1,) * axes * keepdims
        return Case(
            [draw_numbers(rng, shape)],
            lambda x: ours(x, keepdims, given),
            lambda x: reference(x, 1).reshape(end),
            f"keepdims={keepdims}",
        )

    hold(draw)


def test_windows_that_do_not_divide_the_image_share_elements() -> None:
    # 5 elements in 3 windows: [0, 2), [1, 4), [3, 5)
    x = leaf([[1.0, 2.0, 3.0, 4.0, 5.0]])
    out = F.adaptive_avg_pool1d(x, 3)
    assert out.data.tolist() == [[1.5, 3.0, 4.5]]
    out.backward(np.array([[2.0, 3.0, 8.0]]))
    assert x.grad.tolist() == [[1.0, 2.0, 1.0, 5.0, 4.0]]
    out, places = F.adaptive_max_pool1d(x, 3, return_indices=True)
    assert (out.data.tolist(), places.tolist()) == ([[2.0, 4.0, 5.0]], [[1, 3, 4]])


def test_an_output_larger_than_the_input_repeats_elements() -> None:
    x = leaf([[1.0, 2.0]])
    out = F.adaptive_avg_pool1d(x, 3)
    assert out.data.tolist() == [[1.0, 1.5, 2.0]]
    out.backward(np.array([[1.0, 2.0, 4.0]]))
    assert x.grad.tolist() == [[2.0, 5.0]]


@pytest.mark.parametrize("size, starts", [(2, [0, 2]), (3, [0, 1, 3])])  # windows, and lists of places
def test_the_first_of_tied_maxima_takes_all(size: int, starts: list[int]) -> None:
    x = leaf(np.zeros((1, 5, 5)))
    out, places = F.adaptive_max_pool2d(x, size, return_indices=True)
    assert places.tolist() == [[[5 * row + column for column in starts] for row in starts]]
    upstream = np.arange(1.0, size * size + 1).reshape(1, size, size)
    out.backward(upstream)
    assert x.grad.ravel()[places.ravel()].tolist() == upstream.ravel().tolist()
    assert x.grad.sum() == upstream.sum()


def test_shorter_windows_add_no_ties_of_their_own() -> None:
    x = leaf([[5.0, 1.0, 2.0, 3.0, 4.0]])
    with kinks(ties="raise"):
        out = F.adaptive_max_pool1d(x, 3)
    out.backward(np.array([[1.0, 2.0, 4.0]]))
    assert x.grad.tolist() == [[1.0, 0.0, 0.0, 2.0, 4.0]]
    with kinks(ties="raise"), pytest.raises(KinkError):
        F.adaptive_max_pool1d(leaf([[1.0, 1.0, 2.0, 3.0, 4.0]]), 3)


@pytest.mark.parametrize("size", [2, 3])
def test_infinities_and_nan_stay_in_their_windows(size: int) -> None:
    x = np.array([[1.0, -math.inf, 2.0, math.nan]])
    expected = torch.nn.functional.adaptive_avg_pool1d(torch.from_numpy(x), size).numpy()
    np.testing.assert_array_equal(F.adaptive_avg_pool1d(x, size), expected)
    expected = torch.nn.functional.adaptive_max_pool1d(torch.from_numpy(x), size).numpy()
    np.testing.assert_array_equal(F.adaptive_max_pool1d(x, size), expected)


@pytest.mark.parametrize("name", ["adaptive_avg_pool2d", "adaptive_max_pool2d"])
@pytest.mark.parametrize("size", [(1, 3), (2, 2), (None, 4)])
def test_values_have_the_same_numbers(name: str, size: Any) -> None:
    array = np.array([[[0.0, 2.0, 2.0], [-1.0, 5.0, -4.0]]])
    values = [[[Value(x) for x in row] for row in channel] for channel in array.tolist()]
    x = leaf(array)
    pool = getattr(F, name)
    out, scalars = pool(x, size), pool(values, size)
    assert [each.data for each in scalars.flat] == out.data.ravel().tolist()
    weights = np.arange(1.0, out.data.size + 1).reshape(out.shape)
    (out * weights).sum().backward()
    (scalars * weights).sum().backward()
    np.testing.assert_allclose([value.grad for row in values[0] for value in row], x.grad.ravel(), rtol=1e-14)


@pytest.mark.parametrize("pool", [F.global_avg_pool, F.global_max_pool])
def test_global_pooling_of_values(pool: Any) -> None:
    values = [[[Value(1.0), Value(4.0)]]]
    out = pool(values)
    assert out.shape == (1, 1)
    out[0, 0].backward()
    expected = [0.5, 0.5] if pool is F.global_avg_pool else [0.0, 1.0]
    assert [value.grad for value in values[0][0]] == expected


@pytest.mark.parametrize(
    "length, size, rules",
    [
        (6, 3, ["sum", "windows"]),
        (5, 1, ["sum", "reshape"]),  # the whole axis is its one window
        (7, 3, ["sum", "windows"]),  # of 3 elements, 2 apart
        (5, 3, ["sum", "getitem", "pad", "reshape"]),
        (1, 3, ["sum", "getitem", "reshape"]),
    ],
)
def test_is_one_scope_of_primitives(length: int, size: int, rules: list[str]) -> None:
    out = F.adaptive_avg_pool1d(leaf(np.ones((1, length))), size)
    names = []
    while out.rule is not None:
        assert out.scope == "adaptive_avg_pool1d"
        names.append(out.rule.name)
        out = out.parents[0]
    assert names == ["divide", *rules]


@pytest.mark.parametrize("size", [0, -1, 2.5, (2,), (2, 2, 2), "2", (2, 0), ()])
@pytest.mark.parametrize("pool", [F.adaptive_avg_pool2d, F.adaptive_max_pool2d])
def test_an_impossible_output_size(pool: Any, size: Any) -> None:
    with pytest.raises(ValueError, match=rf"{pool.__name__}: output_size=.* must be an integer of at least 1, or None"):
        pool(np.ones((1, 3, 3)), size)


def test_other_errors() -> None:
    with pytest.raises(ShapeError, match=r"adaptive_avg_pool3d: input must have shape \(N, C, D, H, W\)"):
        F.adaptive_avg_pool3d(np.ones((1, 3)), 2)
    with pytest.raises(ShapeError, match=r"adaptive_max_pool1d: input of shape \(1, 0\) has an axis of length 0"):
        F.adaptive_max_pool1d(np.ones((1, 0)), 2)
    with pytest.raises(DTypeError, match=r"adaptive_max_pool1d: input has dtype int64"):
        F.adaptive_max_pool1d(np.ones((1, 3), dtype=int), 2)


@pytest.mark.parametrize("pool", [F.global_avg_pool, F.global_max_pool])
def test_errors_of_global_pooling(pool: Any) -> None:
    with pytest.raises(ShapeError, match=r"must have \(N, C, \*spatial\), not shape \(2, 3\); give spatial_axes"):
        pool(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"must have a channel axis and 2 spatial axes after it, not shape \(2, 3\)"):
        pool(np.ones((2, 3)), spatial_axes=2)
    for axes in (0, -1, 1.0):
        with pytest.raises(ValueError, match=rf"{pool.__name__}: spatial_axes={axes} must be an integer of at least 1"):
            pool(np.ones((2, 3, 4)), spatial_axes=axes)
    for shape in [(1, 2, 0), (1, 0, 2)]:
        with pytest.raises(ShapeError, match=r"has an axis of length 0; only the batch may be empty"):
            pool(np.ones(shape))
    with pytest.raises(DTypeError, match=rf"{pool.__name__}: input has dtype int64"):
        pool(np.ones((1, 2, 3), dtype=int))
