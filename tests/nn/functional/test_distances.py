"""Lengths, distances and similarities against PyTorch: functions and layers, at zero vectors and ties too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.autograd.support import leaf
from tests.nn.functional.test_values import check_equal
from tests.nn.oracle import Case, hold, hold_module, torch

T = torch.nn.functional
ORDERS = [2.0, 2.0, 1.0, 3.0, 1.5, 0.5, math.inf, 0.0]


def vectors(rng: np.random.Generator, least: int = 1) -> tuple[int, ...]:
    """A shape whose axes are at least so long. A single number over its own size has no derivative but rounding."""
    return tuple(int(each) for each in rng.integers(least, 4, size=rng.integers(1, 4)))


def test_normalize() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape, p = vectors(rng, 2), float(rng.choice(ORDERS))
        options = {"p": p, "dim": int(rng.integers(-len(shape), len(shape)))}
        options |= {"eps": float(rng.choice([1e-12, 0.5, 2.0]))} if rng.integers(2) else {}
        return Case(
            [rng.normal(size=shape)],
            lambda x: F.normalize(x, **options),
            lambda x: T.normalize(x, **options),
            note=str(options),
            second=p > 0,  # of which PyTorch has none for p = 0
        )

    hold(draw)


def test_pairwise_distance() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = vectors(rng)
        other = shape[int(rng.integers(len(shape))) :] if rng.integers(2) else shape
        p = float(rng.choice(ORDERS))
        options = {"p": p, "eps": float(rng.choice([1e-6, 0.3])), "keepdim": bool(rng.integers(2))}
        return Case(
            [rng.normal(size=shape), rng.normal(size=other)],
            lambda x, y: F.pairwise_distance(x, y, **options),
            lambda x, y: T.pairwise_distance(x, y, **options),
            note=str(options),
            second=p > 0,
        )

    hold(draw)


def broadcasting(rng: np.random.Generator) -> tuple[list[Any], int]:
    """Two arrays that broadcast, and an axis of their common shape."""
    shape = vectors(rng, 2)
    other = shape[int(rng.integers(len(shape))) :] if rng.integers(2) else shape
    other = tuple(1 if rng.integers(5) == 0 else length for length in other)
    arrays = [rng.normal(size=shape), rng.normal(size=other)]
    return arrays[:: int(rng.choice([1, -1]))], int(rng.integers(-len(shape), len(shape)))


def test_cosine_similarity() -> None:
    def draw(rng: np.random.Generator) -> Case:
        (x, y), dim = broadcasting(rng)
        return Case(
            [x, y],
            lambda x, y: F.cosine_similarity(x, y, dim),
            lambda x, y: T.cosine_similarity(x, y, dim=dim),
            note=f"{dim=}",
        )

    hold(draw)


def test_layers() -> None:
    def similarity(rng: np.random.Generator) -> Any:
        shape = (int(rng.integers(1, 4)), int(rng.integers(2, 4)), *rng.integers(1, 3, size=rng.integers(2)))
        given: tuple[Any, ...] = (1, 1e-6) if rng.integers(2) else ()
        arrays = [rng.normal(size=shape), rng.normal(size=shape)]
        return nn.CosineSimilarity(*given), torch.nn.CosineSimilarity(*given), arrays

    def distance(rng: np.random.Generator) -> Any:
        shape = vectors(rng)
        given = (float(rng.choice([2.0, 1.0, 3.0])), 1e-3, bool(rng.integers(2))) if rng.integers(2) else ()
        arrays = [rng.normal(size=shape), rng.normal(size=shape)]
        return nn.PairwiseDistance(*given), torch.nn.PairwiseDistance(*given), arrays

    hold_module(similarity)
    hold_module(distance)
    assert nn.CosineSimilarity(eps=10.0)(np.array([[3.0, 4.0]]), np.array([[3.0, 4.0]])).tolist() == [0.25]


@pytest.mark.parametrize("p", [2.0, 1.0, 3.0, math.inf, 0.0])
def test_a_vector_of_zeros_is_divided_by_eps(p: float) -> None:
    x, reference = leaf(np.zeros((2, 3))), torch.zeros((2, 3), dtype=torch.float64, requires_grad=True)
    weights = np.arange(1.0, 7.0).reshape(2, 3)
    F.normalize(x, p, eps=0.25).backward(weights)
    T.normalize(reference, p, eps=0.25).backward(torch.from_numpy(weights))
    np.testing.assert_array_equal(x.grad, 4.0 * weights)
    np.testing.assert_array_equal(reference.grad.numpy(), 4.0 * weights)


@pytest.mark.parametrize("p", [0.5, 1.5, 3.0])
def test_a_zero_beside_other_numbers_has_no_infinite_derivative(p: float) -> None:
    array, weights = np.array([[0.0, 3.0, -1.0]]), np.array([[2.0, 3.0, 5.0]])
    x, reference = leaf(array), torch.tensor(array, requires_grad=True)
    F.normalize(x, p).backward(weights)
    T.normalize(reference, p).backward(torch.from_numpy(weights))
    np.testing.assert_allclose(x.grad, reference.grad.numpy(), rtol=1e-13, atol=1e-15)


def test_equal_vectors_have_a_distance_with_derivative_0() -> None:
    x, y = leaf([[1.0, 2.0]]), leaf([[1.0, 2.0]])
    F.pairwise_distance(x, y, eps=0.0).backward(np.array([3.0]))
    assert x.grad.tolist() == y.grad.tolist() == [[0.0, 0.0]]


def test_cosine_of_zeros_and_of_short_vectors() -> None:
    """A length below eps counts as eps, a constant. PyTorch lets the derivative of the length through there."""
    x, y = leaf([[0.0, 0.0], [0.03, 0.04]]), leaf([[3.0, 4.0], [3.0, 4.0]])
    out = F.cosine_similarity(x, y, eps=0.1)
    np.testing.assert_allclose(out.data, [0.0, 0.5], rtol=1e-15)
    out.backward(np.array([1.0, 2.0]))
    np.testing.assert_allclose(x.grad, [[6.0, 8.0], [12.0, 16.0]], rtol=1e-14)
    reference = T.cosine_similarity(torch.from_numpy(np.array(x.data)), torch.from_numpy(np.array(y.data)), eps=0.1)
    np.testing.assert_allclose(out.data, reference.numpy(), rtol=1e-15)


def test_the_first_of_equally_large_differences_takes_all() -> None:
    """As in `max`. PyTorch shares here, though not in its own max along an axis."""
    x = leaf([[2.0, -2.0, 1.0]])
    F.pairwise_distance(x, np.zeros((1, 3)), p=math.inf, eps=0.0).backward(np.array([5.0]))
    assert x.grad.tolist() == [[5.0, 0.0, 0.0]]


def test_by_hand() -> None:
    x, y = np.array([[3.0, -4.0]]), np.array([[0.0, 1.0]])
    assert F.normalize(x).tolist() == [[0.6, -0.8]]
    np.testing.assert_allclose(F.normalize(x, 1.0), [[3 / 7, -4 / 7]])
    assert F.normalize(x, math.inf).tolist() == [[0.75, -1.0]]
    assert F.cosine_similarity(x, y).tolist() == [-0.8]
    assert F.pairwise_distance(x, y, eps=0.0, p=1.0, keepdim=True).tolist() == [[8.0]]
    assert F.pairwise_distance(x, y, eps=0.0, p=0.0).tolist() == [2.0]


def test_thousands_and_float32() -> None:
    x = Tensor(np.array([[1000.0, -1000.0], [1e15, 1e15]], np.float32), requires_grad=True)
    for function in (F.normalize, lambda x: F.cosine_similarity(x, 2.0 * x), lambda x: F.pairwise_distance(x, -x)):
        out = function(x)
        assert out.dtype == np.float32
        assert np.isfinite(out.data).all()
        out.backward(np.ones(out.shape, np.float32))
        assert np.isfinite(x.grad).all()


def test_empty() -> None:
    assert F.normalize(np.zeros((0, 3))).shape == (0, 3)
    assert F.cosine_similarity(np.zeros((2, 0)), np.zeros((2, 0))).tolist() == [0.0, 0.0]
    assert F.pairwise_distance(np.zeros((2, 0)), np.zeros((2, 0))).tolist() == [0.0, 0.0]


def test_refused_arguments() -> None:
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"normalize: p=-1 must be at least 0, the order of a norm"):
        F.normalize(x, -1)
    with pytest.raises(ValueError, match=r"pairwise_distance: p=nan must be at least 0"):
        F.pairwise_distance(x, x, math.nan)
    with pytest.raises(ShapeError, match=r"normalize: axis 1 does not exist in an array of 1 axes"):
        F.normalize(x[0])
    for function in (F.cosine_similarity, F.pairwise_distance):
        name = function.__name__
        with pytest.raises(
            ShapeError, match=rf"{name}: x1 of shape \(2, 3\) and x2 of shape \(2, 2\) do not broadcast"
        ):
            function(x, x[:, :2])
        with pytest.raises(DTypeError, match=rf"{name}: x1 is made of Tensors, x2 of Values"):
            function(Tensor(x), [[Value(1.0)] * 3] * 2)
    with pytest.raises(ShapeError, match=r"pairwise_distance: axis -1 does not exist in an array of 0 axes"):
        F.pairwise_distance(1.0, 2.0)


def test_values() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    for p in (2.0, 1.0, 3.0, math.inf):
        check_equal(lambda x, p=p: F.normalize(x, p), [x])
        check_equal(lambda x, y, p=p: F.pairwise_distance(x, y, p), [x, y])
    check_equal(F.cosine_similarity, [x, y])
    check_equal(lambda x: F.normalize(x), [np.array([[0.0, 0.0], [3.0, 4.0]])])


def test_reprs() -> None:
    assert repr(nn.CosineSimilarity()) == "CosineSimilarity(dim=1, eps=1e-08)"
    assert repr(nn.PairwiseDistance(1.0)) == "PairwiseDistance(p=1.0, eps=1e-06, keepdim=False)"
