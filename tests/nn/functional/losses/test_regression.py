"""Losses of numbers and distributions: small examples by hand, corners, extremes, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import ShapeError, Tensor, kinks
from tests.autograd.support import Operand, assert_close, examples, leaf, numbers, operands, seeds
from tests.autograd.torch_oracle import agree, torch

INF = math.inf
theirs = torch.nn.functional


@examples(100)
@given(x=operands(), reduction=st.sampled_from(["none", "mean", "sum"]), seed=seeds)
def test_mse_loss_in_every_memory_layout(x: Operand, reduction: str, seed: int) -> None:
    target = Operand(numbers(np.random.default_rng(seed), x.array.shape, False, x.base.dtype), "plain")
    agree(
        lambda x, t: F.mse_loss(x, t, reduction=reduction),
        lambda x, t: theirs.mse_loss(x, t, reduction=reduction),
        [x, target],
        seed,
    )


@pytest.mark.parametrize(
    "loss, values, slopes",
    [
        (F.l1_loss, [3.0, 1.0, 0.0, 0.5], [-1.0, -1.0, 0.0, 1.0]),
        (F.mse_loss, [9.0, 1.0, 0.0, 0.25], [-6.0, -2.0, 0.0, 1.0]),
        (F.huber_loss, [2.5, 0.5, 0.0, 0.125], [-1.0, -1.0, 0.0, 0.5]),
        (F.smooth_l1_loss, [2.5, 0.5, 0.0, 0.125], [-1.0, -1.0, 0.0, 0.5]),
        (lambda *x, **o: F.huber_loss(*x, delta=2.0, **o), [4.0, 0.5, 0.0, 0.125], [-2.0, -1.0, 0.0, 0.5]),
        (lambda *x, **o: F.smooth_l1_loss(*x, beta=2.0, **o), [2.0, 0.25, 0.0, 0.0625], [-1.0, -0.5, 0.0, 0.25]),
        (lambda *x, **o: F.smooth_l1_loss(*x, beta=0, **o), [3.0, 1.0, 0.0, 0.5], [-1.0, -1.0, 0.0, 1.0]),
    ],
)
def test_errors_by_hand(loss: Any, values: Any, slopes: Any) -> None:
    x = leaf([-1.0, 1.0, 5.0, 0.5])
    out = loss(x, [2.0, 2.0, 5.0, 0.0], reduction="none")
    out.backward(np.ones(4))
    assert out.data.tolist() == values
    assert x.grad.tolist() == slopes


def test_a_weighted_mean_is_over_the_weights_but_in_huber_loss_over_the_elements() -> None:
    arguments: Any = (leaf([1.0, 2.0]), [0.0, 0.0])
    weight = [1.0, 3.0]
    assert F.l1_loss(*arguments, weight=weight).item() == 7.0 / 4.0
    assert F.mse_loss(*arguments, weight=weight).item() == 13.0 / 4.0
    assert F.huber_loss(*arguments, weight=weight).item() == (0.5 + 4.5) / 2.0


def test_a_weight_may_be_learnt() -> None:
    weight = leaf([1.0, 3.0])
    F.mse_loss(leaf([1.0, 2.0]), [0.0, 0.0], weight=weight).backward()
    np.testing.assert_allclose(weight.grad, [1.0 / 4 - 13.0 / 16, 4.0 / 4 - 13.0 / 16])


def test_kinks_have_the_rule_in_force() -> None:
    x = leaf([5.0])
    with kinks(abs=0.25):
        F.l1_loss(x, [5.0]).backward()
    assert x.grad.tolist() == [0.25]


@pytest.mark.parametrize("loss", [F.huber_loss, F.smooth_l1_loss])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_square_beyond_the_parabola_does_not_overflow(loss: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max / 4
    x = leaf(np.array([largest, -largest, INF, -INF], dtype))
    out = loss(x, np.zeros(4), reduction="none")
    out.backward(np.ones(4, dtype))
    assert out.data.tolist() == [largest, largest, INF, INF]
    assert x.grad.tolist() == [1.0, -1.0, 1.0, -1.0]


def test_limits_that_make_no_loss_are_refused() -> None:
    for delta in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=f"huber_loss: delta={delta} must be more than 0; l1_loss"):
            F.huber_loss([1.0], [0.0], delta=delta)
    for beta in (-0.5, math.nan):
        with pytest.raises(ValueError, match=f"smooth_l1_loss: beta={beta} must be at least 0"):
            F.smooth_l1_loss([1.0], [0.0], beta=beta)
    with pytest.raises(ShapeError, match=r"mse_loss: input has shape \(2,\) but weight has shape \(1,\)"):
        F.mse_loss([1.0, 2.0], [0.0, 0.0], weight=[1.0])


# ---- kl_div -------------------------------------------------------------------------------------------------------


def test_divergence_by_hand() -> None:
    x = np.log([[0.5, 0.5], [0.25, 0.75]])
    target = np.array([[1.0, 0.0], [0.25, 0.75]])
    assert F.kl_div(x, target, reduction="batchmean") == pytest.approx(math.log(2.0) / 2)
    assert F.kl_div(x, target, reduction="mean") == pytest.approx(math.log(2.0) / 4)
    with np.errstate(divide="ignore"):
        logarithms = np.log(target)
    assert F.kl_div(x, logarithms, reduction="sum", log_target=True) == pytest.approx(math.log(2.0))
    assert np.isnan(F.kl_div(x[:0], target[:0], reduction="batchmean"))


def test_a_target_probability_of_zero_adds_nothing() -> None:
    """Whatever the input says of it, also by its logarithm; PyTorch gives NaN where both are impossible."""
    x, target = leaf([-1000.0, -INF, -INF, 0.0]), leaf([0.0, 0.0, 0.5, 1.0])
    loss = F.kl_div(x, target, reduction="none")
    loss.backward(np.ones(4))
    assert loss.data.tolist() == [0.0, 0.0, INF, 0.0]
    assert x.grad.tolist() == [0.0, 0.0, -0.5, -1.0]
    assert target.grad.tolist() == [1000.0, 0.0, INF, 1.0]

    x, target = leaf([-1000.0, -INF, -INF, 0.0]), leaf([-INF, -INF, -1000.0, 0.0])
    loss = F.kl_div(x, target, reduction="none", log_target=True)
    loss.backward(np.ones(4))
    assert loss.data.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert x.grad.tolist() == [0.0, 0.0, 0.0, -1.0]
    assert target.grad.tolist() == [0.0, 0.0, 0.0, 1.0]


def test_divergence_refuses() -> None:
    with pytest.raises(ValueError, match=r"kl_div: target holds probabilities, and -0.5 is none; .*log_target=True"):
        F.kl_div([-1.0, -2.0], [0.5, -0.5])
    with pytest.raises(ShapeError, match=r"kl_div: reduction='batchmean' needs a batch axis"):
        F.kl_div(-1.0, 0.5, reduction="batchmean")


# ---- poisson_nll_loss and gaussian_nll_loss -----------------------------------------------------------------------


def test_stirling_is_near_the_logarithm_of_the_factorial() -> None:
    counts = np.array([0.0, 1.0, 2.0, 5.0, 50.0])
    without, with_it = (F.poisson_nll_loss(np.zeros(5), counts, full=full, reduction="none") for full in (False, True))
    exact = [0.0, 0.0] + [math.lgamma(count + 1) for count in counts[2:]]
    np.testing.assert_allclose(with_it - without, exact, rtol=0.06)  # 1/24 of the relative error is Stirling's at 2


def test_counts_of_zero() -> None:
    """The derivative by the count is finite with `full`, where PyTorch gives NaN, and -inf · 0 is 0."""
    x, counts = leaf([0.5, -INF]), leaf([0.0, 0.0])
    loss = F.poisson_nll_loss(x, counts, full=True, reduction="none")
    loss.backward(np.ones(2))
    assert_close(loss.data, np.array([math.exp(0.5), 0.0]))
    assert_close(x.grad, np.array([math.exp(0.5), 0.0]))
    assert counts.grad.tolist() == [-0.5, 0.0]


def test_gaussian_by_the_density() -> None:
    x, t, v = np.array([0.5, -1.0]), np.array([2.0, 1.0]), np.array([0.3, 4.0])
    density = np.exp(-((x - t) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v)
    np.testing.assert_allclose(F.gaussian_nll_loss(x, t, v, True, reduction="none"), -np.log(density), rtol=1e-14)
    np.testing.assert_allclose(F.gaussian_nll_loss(x, t, 4.0), F.gaussian_nll_loss(x, t, np.full(2, 4.0)))


def test_a_variance_below_the_bound_keeps_its_derivative() -> None:
    variance = leaf([0.0, 1e-3])
    loss = F.gaussian_nll_loss(np.array([0.0, 2.0]), np.zeros(2), variance, eps=0.5, reduction="none")
    loss.backward(np.ones(2))
    np.testing.assert_allclose(loss.data, [0.5 * math.log(0.5), 0.5 * (math.log(0.5) + 8.0)])
    np.testing.assert_allclose(variance.grad, [1.0, 1.0 - 8.0])


def test_gaussian_refuses() -> None:
    x = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"gaussian_nll_loss: var=-1.0 is no variance; .*softplus"):
        F.gaussian_nll_loss(x, x, np.full((2, 3), -1.0))
    for shape in ((3,), (1, 1), (2, 1, 1), (2, 2), (1,), (4, 3)):
        with pytest.raises(ShapeError, match=r"gaussian_nll_loss: var of shape \(.*\) does not fit input of shape \(2"):
            F.gaussian_nll_loss(x, x, np.ones(shape))
    with pytest.raises(ShapeError, match=r"gaussian_nll_loss: var of shape \(\)"):
        F.gaussian_nll_loss(x, x, Tensor(1.0))
