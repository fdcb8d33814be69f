"""Losses of vectors: small examples by hand, equal vectors, own distances, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import ShapeError, Tensor
from tests.autograd.support import leaf

TRIPLETS = [F.triplet_margin_loss, F.triplet_margin_with_distance_loss]


def test_triplets_by_hand() -> None:
    """d(a, p) = 5, d(a, n) = 2 and d(p, n) = √(9 + 4), which is not the smaller; with p = (0, 3) it is."""
    a, p, n = leaf([[0.0, 0.0]]), leaf([[3.0, 4.0]]), leaf([[0.0, 2.0]])
    out = F.triplet_margin_loss(a, p, n, margin=0.5, eps=0.0, swap=True)
    out.backward()
    assert out.item() == 3.5
    np.testing.assert_allclose([a.grad, p.grad, n.grad], [[[-0.6, 0.2]], [[0.6, 0.8]], [[0.0, -1.0]]])
    swapped = [F.triplet_margin_loss(a, [[0.0, 3.0]], n, margin=0.5, eps=0.0, swap=swap) for swap in (False, True)]
    assert [each.item() for each in swapped] == [1.5, 2.5]


def test_norms_by_hand() -> None:
    """Of (3, 4) less (1, 0): 1 gives 7 and 1, 3 gives ∛91 and 1, inf gives 4 and 1."""
    for p, length in ((1.0, 7.0), (3.0, 91.0 ** (1.0 / 3.0)), (math.inf, 4.0)):
        loss = F.triplet_margin_loss([[0.0, 0.0]], [[3.0, 4.0]], [[1.0, 0.0]], p=p, eps=0.0)
        assert loss == pytest.approx(length)


def test_equal_vectors_have_a_gradient_of_zero() -> None:
    for swap in (False, True):
        a, p, n = (leaf([[1.0, 2.0]]) for _ in range(3))
        loss = F.triplet_margin_loss(a, p, n, eps=0.0, swap=swap)
        loss.backward()
        assert loss.item() == 1.0
        assert not any(each.grad.any() for each in (a, p, n))


def test_a_distance_of_ones_own() -> None:
    def squared(x1: Any, x2: Any) -> Any:
        return ((x1 - x2) ** 2).sum(axis=-1)

    a, p, n = leaf([[0.0, 0.0], [1.0, 1.0]]), Tensor([[3.0, 0.0], [1.0, 1.0]]), Tensor([[0.0, 2.0], [5.0, 5.0]])
    loss = F.triplet_margin_with_distance_loss(a, p, n, distance_function=squared, reduction="none")
    loss.backward([1.0, 1.0])
    assert loss.data.tolist() == [6.0, 0.0]
    assert a.grad.tolist() == [[-6.0, 4.0], [0.0, 0.0]]
    assert F.triplet_margin_with_distance_loss(a, p, n).item() == F.triplet_margin_loss(a, p, n).item()


def test_angles_by_hand() -> None:
    x1, x2 = leaf([[3.0, 4.0], [3.0, 4.0], [3.0, 4.0]]), [[4.0, 3.0], [4.0, 3.0], [-4.0, -3.0]]
    loss = F.cosine_embedding_loss(x1, x2, [1, -1, -1], 0.5, reduction="none")
    np.testing.assert_allclose(loss.data, [0.04, 0.46, 0.0], atol=1e-12)


def test_a_vector_of_zeros_has_no_angle() -> None:
    """Its cosine is 0, and its gradient is finite: 1e-12 is added to the squared lengths, as in PyTorch."""
    x1, x2 = leaf([[0.0, 0.0], [0.0, 0.0]]), leaf([[0.0, 0.0], [1.0, 1.0]])
    loss = F.cosine_embedding_loss(x1, x2, [1, 1], reduction="none")
    loss.backward([1.0, 1.0])
    assert loss.data.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(x1.grad, [[0.0, 0.0], [-1e6 / math.sqrt(2), -1e6 / math.sqrt(2)]])
    assert not x2.grad.any()


def test_long_vectors_do_not_overflow() -> None:
    """The product of the squared lengths would, in single precision."""
    x = leaf(np.full((1, 2), 1e15, np.float32))
    loss = F.cosine_embedding_loss(x, x.data, [1])
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("loss", TRIPLETS)
def test_triplets_refuse(loss: Any) -> None:
    name, x = loss.__name__, np.zeros((2, 3))
    for margin in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=f"{name}: margin={margin} must be more than 0"):
            loss(x, x, x, margin=margin)
    with pytest.raises(ShapeError, match=rf"{name}: anchor has shape \(2, 3\) but negative has shape \(3,\)"):
        loss(x, x, x[0])
    with pytest.raises(ShapeError, match=rf"{name}: anchor has shape \(2, 3\) but positive has shape \(1, 3\)"):
        loss(x, x[:1], x)


def test_angles_refuse() -> None:
    x = np.ones((2, 3))
    for target in ([1], 1, [[1, 1]], [1, 1, 1]):
        with pytest.raises(ShapeError, match=r"cosine_embedding_loss: inputs of shape \(2, 3\) and target of shape"):
            F.cosine_embedding_loss(x, x, target)
    with pytest.raises(ShapeError, match=r"cosine_embedding_loss: inputs of shape \(1, 2, 3\)"):
        F.cosine_embedding_loss(x[None], x[None], [[1, 1]])
    with pytest.raises(ShapeError, match=r"cosine_embedding_loss: input1 has shape \(2, 3\) but input2 .* \(3,\)"):
        F.cosine_embedding_loss(x, x[0], [1, 1])
    with pytest.raises(ValueError, match=r"cosine_embedding_loss: target must be 1 or -1, but 0.0 is neither"):
        F.cosine_embedding_loss(x, x, [1, 0])
