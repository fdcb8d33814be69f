"""Norms and linear algebra against PyTorch, and where it has no answer against closed forms."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, linalg
from tests.autograd.draws import Rng, array, numbers
from tests.nn.oracle import Case, hold, torch


def regular(rng: Rng, least: int = 0) -> Any:
    """Stacks of well-conditioned matrices, by their singular values."""
    n = int(rng.integers(least, 5))
    stack = tuple(rng.integers(1, 3, size=rng.integers(0, 3)))
    left, _ = np.linalg.qr(rng.normal(size=(*stack, n, n)))
    right, _ = np.linalg.qr(rng.normal(size=(*stack, n, n)))
    sizes = np.exp(rng.uniform(-1.0, 1.0, size=(*stack, n, 1)))
    return left @ (sizes * right)


def test_inv() -> None:
    hold(lambda rng: Case([regular(rng)], linalg.inv, torch.linalg.inv))


def test_solve() -> None:
    def draw(rng: Rng) -> Case:
        a = regular(rng, least=1)
        n = a.shape[-1]
        stack = a.shape[:-2] if rng.random() < 0.5 else a.shape[1:-2]
        b = numbers(rng, (n,) if rng.random() < 0.3 else (*stack, n, int(rng.integers(1, 4))))

        def theirs(a: Any, b: Any) -> Any:
            columns = b[:, None] if b.ndim == 1 else b
            x = torch.linalg.solve(a, columns.expand(*a.shape[:-2], *columns.shape[-2:]))
            return x[..., 0] if b.ndim == 1 else x

        return Case([a, b], linalg.solve, theirs)

    hold(draw)


def test_det_and_slogdet() -> None:
    hold(lambda rng: Case([regular(rng, 1)], linalg.det, torch.linalg.det))
    hold(lambda rng: Case([regular(rng, 1)], lambda x: linalg.slogdet(x).logabsdet, lambda x: torch.slogdet(x)[1]))
    x = regular(np.random.default_rng(3), 2)
    np.testing.assert_array_equal(linalg.slogdet(Tensor(x)).sign, np.linalg.slogdet(x)[0])


def test_cholesky() -> None:
    def draw(rng: Rng) -> Case:
        x = regular(rng)
        return Case([x @ np.swapaxes(x, -1, -2)], linalg.cholesky, lambda x: torch.linalg.cholesky((x + x.mT) / 2))

    hold(draw)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_two_derivatives_of_det_where_it_is_singular(rank: int) -> None:
    """By the sum over permutations, which is a polynomial: PyTorch's second derivative is NaN there."""
    rng = np.random.default_rng(rank)
    x = rng.normal(size=(4, rank)) @ rng.normal(size=(rank, 4))
    permutations = [
        (np.array(p), round(np.linalg.det(np.eye(4)[list(p)]))) for p in np.ndindex(4, 4, 4, 4) if len(set(p)) == 4
    ]

    def leibniz(x: Any) -> Any:
        return sum(sign * ag.functions.prod(x[np.arange(4), places]) for places, sign in permutations)

    np.testing.assert_allclose(ag.grad(linalg.det)(x), ag.grad(leibniz)(x), atol=1e-12)
    np.testing.assert_allclose(ag.hessian(linalg.det)(x), ag.hessian(leibniz)(x), atol=1e-11)
    assert (np.abs(ag.hessian(leibniz)(x)).max() > 1e-3) == (rank >= 2)


def test_det_of_no_rows_and_of_one() -> None:
    x = Tensor([[3.0]], requires_grad=True)
    out = linalg.det(x)
    out.backward()
    assert (out.item(), x.grad) == (pytest.approx(3.0), np.array([[1.0]]))
    assert linalg.det(Tensor(np.ones((0, 0)))).item() == 1.0


def test_forward_mode_agrees_with_reverse() -> None:
    rng = np.random.default_rng(0)
    x, b = regular(rng, 3), None
    spd = x @ np.swapaxes(x, -1, -2)
    way = rng.normal(size=x.shape)
    b = rng.normal(size=(*x.shape[:-1], 2))
    way_b = rng.normal(size=b.shape)
    for function, args, ways in (
        (linalg.inv, (x,), (way,)),
        (linalg.solve, (x, b), (way, way_b)),
        (lambda a: linalg.solve(a, b), (x,), (way,)),
        (lambda b: linalg.solve(x, b), (b,), (way_b,)),
        (linalg.det, (x,), (way,)),
        (lambda x: linalg.slogdet(x).logabsdet, (x,), (way,)),
        (linalg.cholesky, (spd,), (way,)),
    ):
        out, tangent = ag.jvp(function, args, ways)
        upstream = rng.normal(size=np.shape(out))
        _, pull = ag.vjp(function, *args)
        pulled = pull(upstream)
        pulled = pulled if isinstance(pulled, tuple) else (pulled,)
        assert np.sum(upstream * tangent) == pytest.approx(
            sum(np.sum(p * w) for p, w in zip(pulled, ways, strict=True)), rel=1e-10
        )


# ---- norms --------------------------------------------------------------------------------------------------------

ORDERS = [None, 2, 1, 3, 0.5, 2.5, math.inf, -math.inf, 0, -1.5]


def test_norm_of_vectors() -> None:
    def draw(rng: Rng) -> Case:
        x = array(rng, least=1, shortest=1)
        order = ORDERS[rng.integers(len(ORDERS))]
        if order not in (None, 2, math.inf, 1, 0):
            x = np.where(x == 0, 0.25, x)  # at 0 other powers have infinite derivatives in PyTorch, NaN in products
        if order in (math.inf, -math.inf):
            x = rng.permutation(np.linspace(0.1, 2.0, x.size)).reshape(x.shape)  # without ties, which PyTorch shares
        axis = None if order is None and rng.random() < 0.3 else int(rng.integers(-x.ndim, x.ndim))
        keepdims = bool(rng.integers(2))
        zero = axis is not None and bool((np.abs(x).max(axis=axis) == 0).any())
        return Case(
            [x],
            lambda x: linalg.norm(x, order, axis, keepdims),
            lambda x: torch.linalg.vector_norm(x, 2 if order is None else order, axis, keepdims),
            f"ord {order}, axis {axis}",
            second=not zero and bool(np.any(x)),  # PyTorch's second derivative at 0 is NaN
        )

    hold(draw, 600)


def test_norm_of_matrices() -> None:
    def draw(rng: Rng) -> Case:
        x = rng.normal(size=(2, 3, 4))
        order = [None, "fro", 1, -1, math.inf, -math.inf][rng.integers(6)]
        axes = tuple(map(int, rng.permutation(3)[:2]))
        keepdims = bool(rng.integers(2))
        return Case(
            [x],
            lambda x: linalg.norm(x, order, axes, keepdims),
            lambda x: torch.linalg.matrix_norm(x, "fro" if order is None else order, axes, keepdims),
            f"ord {order}, axes {axes}",
        )

    hold(draw)
    x = np.arange(6.0).reshape(2, 3) - 2.5
    for order in (1, -1, math.inf, -math.inf, "fro", None):
        assert linalg.norm(Tensor(x), order).item() == pytest.approx(np.linalg.norm(x, order))


def test_norm_at_zero_has_two_derivatives_of_zero() -> None:
    for order in (None, 2, 1, 3, 1.5):
        assert ag.grad(lambda x, order=order: linalg.norm(x, order))(np.zeros(3)).tolist() == [0.0] * 3
    assert ag.hessian(linalg.norm)(np.zeros(3)).tolist() == np.zeros((3, 3)).tolist()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", [None, 3, 7.5])
def test_norm_of_huge_and_tiny_numbers(dtype: Any, order: float | None) -> None:
    limits = np.finfo(dtype)
    unit = np.asarray([3.0, -4.0, 12.0], dtype=dtype)
    expected = ag.value_and_grad(lambda x: linalg.norm(x, order))(unit.astype(float))
    for scale in (limits.max / 100, limits.tiny * 100):
        x = Tensor(unit * dtype(scale), requires_grad=True)
        length = linalg.norm(x, order)
        length.backward()
        assert length.dtype == dtype
        assert length.item() / float(scale) == pytest.approx(expected[0], rel=1e-5)
        np.testing.assert_allclose(x.grad, expected[1], rtol=1e-5)


def test_det_of_a_large_singular_matrix_is_quick_and_small() -> None:
    rng = np.random.default_rng(0)
    n = 120
    x = rng.normal(size=(n, n)) / np.sqrt(n)
    x[:, -1] = x[:, 0]
    leaf = Tensor(np.stack([x, np.eye(n)]), requires_grad=True)
    tracemalloc.start()
    linalg.det(leaf).backward([1.0, 2.0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6
    reference = torch.tensor(x, requires_grad=True)
    torch.linalg.det(reference).backward()
    scale = float(reference.grad.abs().max())
    np.testing.assert_allclose(leaf.grad[0], reference.grad.numpy(), atol=1e-9 * scale)
    np.testing.assert_allclose(leaf.grad[1], 2.0 * np.eye(n), atol=1e-12)
    with pytest.raises(np.linalg.LinAlgError, match="second derivative at a nearly singular matrix of 120 x 120"):
        ag.hvp(linalg.det, (x,), (x,))


def test_norm_that_counts_takes_infinities() -> None:
    assert linalg.norm(Tensor([np.inf, 0.0, 2.0]), 0).item() == 2.0


def test_norm_below_a_power_of_2_has_finite_derivatives_at_a_zero_element() -> None:
    hessian = ag.hessian(lambda x: linalg.norm(x, 1.5))(np.array([3.0, 0.0]))
    np.testing.assert_allclose(hessian, np.zeros((2, 2)), atol=1e-15)


def test_det_of_a_stack_with_what_is_no_matrix() -> None:
    x = Tensor(np.stack([np.eye(2), np.full((2, 2), np.nan), np.ones((2, 2))]), requires_grad=True)
    with np.errstate(invalid="ignore"):  # NumPy tells of the NaN
        linalg.det(x).backward([1.0, 1.0, 1.0])
    np.testing.assert_allclose(x.grad[0], np.eye(2), atol=1e-15)
    assert np.isnan(x.grad[1]).all()
    np.testing.assert_allclose(x.grad[2], [[1.0, -1.0], [-1.0, 1.0]], atol=1e-15)
