"""Max unpooling against PyTorch, the places that max pooling returns, and equal indices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value, grad
from tests.autograd.support import leaf
from tests.nn.functional.pool_draws import draw_unpooling
from tests.nn.oracle import Case, hold, torch

AXES = [1, 2, 3]


@pytest.mark.parametrize("axes", AXES)
def test_max_unpool(axes: int) -> None:
    ours, theirs = getattr(F, f"max_unpool{axes}d"), getattr(torch.nn.functional, f"max_unpool{axes}d")

    def draw(rng: np.random.Generator) -> Case:
        x, indices, options = draw_unpooling(rng, axes)
        theirs_indices = torch.from_numpy(indices)
        return Case(
            [x], lambda x: ours(x, indices, **options), lambda x: theirs(x, theirs_indices, **options), str(options)
        )

    hold(draw)


def test_pooling_of_what_was_unpooled_gives_it_back() -> None:
    x = np.random.default_rng(3).uniform(1.0, 2.0, size=(2, 3, 7, 6))
    out, indices = F.max_pool2d(x, 3, 2, 1, return_indices=True)
    back = F.max_unpool2d(out, indices, 3, 2, 1, output_size=x.shape)
    assert back.shape == x.shape
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    np.testing.assert_array_equal(F.max_pool2d(back, 3, 2, 1), out)


def test_of_equal_indices_the_last_is_written_and_takes_the_gradient() -> None:
    x = leaf([[[1.0, 2.0], [3.0, 4.0]]])
    out = F.max_unpool2d(x, np.array([[[5, 0], [5, 7]]]), 2)
    assert out.data.ravel()[[0, 5, 7]].tolist() == [2.0, 3.0, 4.0]
    out.backward(np.arange(1.0, 17.0).reshape(1, 4, 4))
    assert x.grad.tolist() == [[[0.0, 1.0], [6.0, 8.0]]]


def test_overlapping_windows_pooled_and_unpooled_have_the_derivative_of_finite_differences() -> None:
    # The maximum 5 lies in both windows, so that it is written twice; PyTorch gives its gradient twice.
    weights = np.array([[1.0, 2.0, 3.0, 4.0]])

    def scalar(x: Any) -> Any:
        out, indices = F.max_pool1d(x, 3, 1, return_indices=True)
        return (F.max_unpool1d(out, indices, 3, 1) * weights).sum()

    x = np.array([[0.0, 5.0, 1.0, 2.0]])
    slopes = [(scalar(x + step) - scalar(x - step)) / 2e-4 for step in 1e-4 * np.eye(4)[:, np.newaxis]]
    np.testing.assert_allclose(grad(scalar)(Tensor(x)).data[0], slopes, atol=1e-9)
    np.testing.assert_allclose(slopes, [0.0, 2.0, 0.0, 0.0], atol=1e-9)


def test_any_integers_are_indices() -> None:
    for dtype in (np.int8, np.int32, np.uint64):
        assert F.max_unpool1d(np.array([[1.0, 2.0]]), np.array([[1, 3]], dtype=dtype), 2).tolist() == [[0, 1, 0, 2]]
    channels = F.max_unpool1d(np.ones((200, 1)), np.ones((200, 1), dtype=np.int8), 2)
    assert (channels == [0.0, 1.0]).all()


def test_the_output_size_may_be_the_shape_of_what_was_pooled() -> None:
    x, indices = np.array([[1.0, 2.0]]), [[0, 3]]
    for size in (5, (5,), [5], (1, 5), (4, 1, 5)):
        assert F.max_unpool1d(x, indices, 2, output_size=size).tolist() == [[1.0, 0.0, 0.0, 2.0, 0.0]]
    for size in (2, 6, (5, 5, 2), (7,)):
        with pytest.raises(ValueError, match=r"max_unpool1d: the output's size \(.,\) must be from \(3,\) to \(5,\)"):
            F.max_unpool1d(x, indices, 2, output_size=size)
    for size in ("5", 5.0, (), (1, 2, 3, 5)):
        with pytest.raises(ValueError, match=r"max_unpool1d: output_size=.* must be None, an integer for each of 1"):
            F.max_unpool1d(x, indices, 2, output_size=size)


def test_indices_that_do_not_fit() -> None:
    x = np.array([[1.0, 2.0]])
    for index in (-1, 4):
        with pytest.raises(ValueError, match=rf"max_unpool1d: index {index} lies outside the output's 4 elements of"):
            F.max_unpool1d(x, [[0, index]], 2)
    with pytest.raises(DTypeError, match=r"max_unpool1d: indices must be integers, .* not float64 data"):
        F.max_unpool1d(x, [[0.0, 1.0]], 2)
    with pytest.raises(ShapeError, match=r"max_unpool1d: indices have shape \(1, 3\) but input has shape \(1, 2\)"):
        F.max_unpool1d(x, [[0, 1, 2]], 2)


def test_other_errors() -> None:
    with pytest.raises(ShapeError, match=r"max_unpool2d: input must have shape \(N, C, H, W\) or \(C, H, W\)"):
        F.max_unpool2d(np.ones((1, 2)), [[0, 1]], 2)
    with pytest.raises(DTypeError, match=r"max_unpool1d: input has dtype int64"):
        F.max_unpool1d(np.ones((1, 2), dtype=int), [[0, 1]], 2)
    with pytest.raises(ValueError, match=r"max_unpool1d: stride=0 must be an integer of at least 1"):
        F.max_unpool1d(np.ones((1, 2)), [[0, 1]], 2, 0)
    with pytest.raises(ValueError, match=r"max_unpool1d: the output's size \(0,\) must be from \(1,\)"):
        F.max_unpool1d(np.ones((1, 1)), [[0]], 2, padding=1)


def test_values_stay_the_values_they_are() -> None:
    values = [[Value(1.0), Value(2.0)]]
    out = F.max_unpool1d(values, [[2, 1]], 2)
    assert out[0, 1] is values[0][1]
    assert out[0, 2] is values[0][0]
    assert [type(out[0, place]) for place in (0, 3)] == [float, float]
    pooled, indices = F.max_pool1d(out, 2, return_indices=True)
    assert indices.tolist() == [[1, 2]]
    pooled.sum().backward()
    assert [value.grad for value in values[0]] == [1.0, 1.0]


def test_an_empty_batch() -> None:
    x = leaf(np.ones((0, 2, 2, 2)))
    out = F.max_unpool2d(x, np.ones(x.shape, dtype=int), 2)
    assert out.shape == (0, 2, 4, 4)
    out.sum().backward()
    assert x.grad.shape == x.shape


# ---- the places of maxima ------------------------------------------------------------------------------------------


def test_places_count_each_channel_without_its_padding() -> None:
    x = np.array([[[1.0, 2.0], [8.0, 4.0]], [[9.0, 6.0], [7.0, 5.0]]])
    out, indices = F.max_pool2d(x, 2, 1, 1, return_indices=True)
    assert indices[0].tolist() == [[0, 1, 1], [2, 2, 3], [2, 2, 3]]
    np.testing.assert_array_equal(np.take_along_axis(x.reshape(2, 4), indices.reshape(2, 9), 1), out.reshape(2, 9))


def test_a_window_of_minus_infinity_chooses_its_first_element_and_not_the_padding() -> None:
    for axes, shape in ((1, (1, 4)), (2, (1, 1, 4)), (3, (1, 1, 1, 4))):
        x = leaf(np.full(shape, -math.inf))
        kernel, stride, padding = ((1,) * (axes - 1) + (n,) for n in (3, 2, 1))
        padding = (0,) * (axes - 1) + (1,)
        out, indices = getattr(F, f"max_pool{axes}d")(x, kernel, stride, padding, return_indices=True)
        assert indices.ravel().tolist() == [0, 1]
        out.backward(np.reshape([3.0, 5.0], out.shape))
        assert x.grad.ravel().tolist() == [3.0, 5.0, 0.0, 0.0]


def test_the_first_nan_is_the_maximum() -> None:
    # PyTorch takes the last of several.
    x = leaf([[1.0, math.nan, math.nan, 3.0]])
    out, indices = F.max_pool1d(x, 4, return_indices=True)
    assert indices.tolist() == [[1]]
    out.backward(np.array([[2.0]]))
    assert x.grad.tolist() == [[0.0, 2.0, 0.0, 0.0]]


def test_places_of_tensors_arrays_and_values_are_arrays_of_integers() -> None:
    for x in (leaf([[1.0, 3.0]]), np.array([[1.0, 3.0]]), [[Value(1.0), Value(3.0)]]):
        for pool in (lambda x: F.max_pool1d(x, 2, return_indices=True), lambda x: F.adaptive_max_pool1d(x, 1, True)):
            indices = pool(x)[1]
            assert type(indices) is np.ndarray
            assert (indices.dtype, indices.tolist()) == (np.int64, [[1]])
