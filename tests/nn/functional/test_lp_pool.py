"""Power-average pooling where its rules show: windows of zeros, infinite p, cut windows, Values, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.autograd.support import leaf
from tests.autograd.torch_oracle import torch


def test_the_two_norm_by_hand() -> None:
    x = leaf([[3.0, 4.0, 5.0, 12.0]])
    out = F.lp_pool1d(x, 2, 2)
    assert out.data.tolist() == [[5.0, 13.0]]
    out.backward(np.array([[2.0, -1.0]]))
    np.testing.assert_allclose(x.grad, [[1.2, 1.6, -5 / 13, -12 / 13]], rtol=1e-14)


@pytest.mark.parametrize("p", [0.5, 1.5, 2, 3, math.inf])
def test_a_window_of_zeros_has_derivative_zero(p: float) -> None:
    x = leaf([[0.0, 0.0, 3.0, 4.0]])
    out = F.lp_pool1d(x, p, 2)
    assert out.data[0, 0] == 0.0
    out.backward(np.array([[5.0, 2.0]]))
    assert x.grad[0, :2].tolist() == [0.0, 0.0]
    assert (x.grad[0, 2:] >= 0).all()
    assert x.grad[0, 3] > 0
    if p > 1:  # for p = 0.5 PyTorch has 0·inf there
        reference = torch.tensor(x.data, requires_grad=True)
        torch.nn.functional.lp_pool1d(reference, p, 2).backward(torch.tensor([[5.0, 2.0]], dtype=torch.float64))
        np.testing.assert_allclose(x.grad, reference.grad.numpy(), rtol=1e-12)


def test_odd_powers_that_cancel_have_derivative_zero() -> None:
    x = leaf([[2.0, -2.0]])
    F.lp_pool1d(x, 3, 2).backward(np.array([[1.0]]))
    assert x.grad.tolist() == [[0.0, 0.0]]


def test_the_sum_keeps_its_derivative_at_zero() -> None:
    # PyTorch sets it to 0, though the sum has derivative 1 everywhere.
    x = leaf([[0.0, 0.0, 1.0, -1.0]])
    out = F.lp_pool1d(x, 1, 2)
    assert out.data.tolist() == [[0.0, 0.0]]
    out.backward(np.array([[5.0, 2.0]]))
    assert x.grad.tolist() == [[5.0, 5.0, 2.0, 2.0]]


def test_negative_powers() -> None:
    np.testing.assert_allclose(F.lp_pool1d(np.array([[2.0, 2.0, 1.0, 0.5]]), -1, 2), [[1.0, 1 / 3]], rtol=1e-14)
    assert F.lp_pool1d(np.array([[1.0, -1.0]]), -1, 2).tolist() == [[math.inf]]


def test_infinite_p_takes_magnitudes() -> None:
    x = leaf([[3.0, -4.0, -1.0, 2.0]])
    F.lp_pool1d(x, math.inf, 2).backward(np.array([[5.0, 7.0]]))
    assert x.grad.tolist() == [[0.0, -5.0, 0.0, 7.0]]
    assert F.lp_pool1d(x, -math.inf, 2).data.tolist() == [[3.0, 1.0]]


def test_a_cut_window_counts_as_a_whole_one() -> None:
    out = F.lp_pool1d(np.array([[3.0, 4.0, 5.0]]), 2, 2, ceil_mode=True)
    np.testing.assert_allclose(out, [[5.0, math.sqrt(50.0)]], rtol=1e-14)


def test_values_have_the_same_numbers() -> None:
    array = np.array([[[0.0, 0.0, 3.0], [0.0, 0.0, -4.0]]])
    values = [[[Value(x) for x in row] for row in channel] for channel in array.tolist()]
    x = leaf(array)
    out, scalars = F.lp_pool2d(x, 2, 2, ceil_mode=True), F.lp_pool2d(values, 2, 2, ceil_mode=True)
    assert [each.data for each in scalars.flat] == out.data.ravel().tolist()
    (out * np.array([3.0, 2.0])).sum().backward()
    (scalars * np.array([3.0, 2.0])).sum().backward()
    np.testing.assert_allclose([value.grad for row in values[0] for value in row], x.grad.ravel(), rtol=1e-14)


def test_keeps_float32() -> None:
    x = Tensor(np.array([[0.0, 0.0, 1.0]], dtype=np.float32), requires_grad=True)
    out = F.lp_pool1d(x, 2, 2, ceil_mode=True)
    out.sum().backward()
    assert out.data.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("p", [0, 0.0, math.nan, "2", None])
def test_an_impossible_power(p: Any) -> None:
    with pytest.raises(ValueError, match=r"lp_pool2d: norm_type=.* must be a number other than 0, such as 2"):
        F.lp_pool2d(np.ones((1, 2, 2)), p, 2)


def test_other_errors() -> None:
    with pytest.raises(ShapeError, match=r"lp_pool1d: the kernel \(4,\) spans \(4,\)"):
        F.lp_pool1d(np.ones((1, 3)), 2, 4)
    with pytest.raises(ShapeError, match=r"lp_pool3d: input must have shape \(N, C, D, H, W\) or"):
        F.lp_pool3d(np.ones((1, 3)), 2, 2)
    with pytest.raises(DTypeError, match=r"lp_pool1d: input has dtype int64"):
        F.lp_pool1d(np.ones((1, 3), dtype=int), 2, 2)
    with pytest.raises(ValueError, match=r"lp_pool1d: kernel_size=0 must be an integer of at least 1"):
        F.lp_pool1d(np.ones((1, 3)), 2, 0)


def test_an_empty_batch() -> None:
    x = leaf(np.ones((0, 2, 4, 4)))
    out = F.lp_pool2d(x, 2, 2)
    assert out.shape == (0, 2, 2, 2)
    out.sum().backward()
    assert x.grad.shape == x.shape
