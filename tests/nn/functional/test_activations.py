"""Activations and the linear map against PyTorch, at the extremes too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import Tensor, kinks
from tests.autograd.support import Operand, assert_close, examples, leaf, operands, seeds, several
from tests.autograd.torch_oracle import agree, to_torch, torch

INF = math.inf
EXTREMES = np.array([[1000.0, -1000.0, 0.0, 999.0], [-1000.0, -1000.0, -1001.0, -INF], [1e308, -1e308, 0.0, -INF]])


@examples(100)
@given(x=operands(), name=st.sampled_from(["relu", "leaky_relu", "sigmoid", "tanh"]), seed=seeds)
def test_elementwise(x: Operand, name: str, seed: int) -> None:
    agree(getattr(F, name), getattr(torch.nn.functional, name), [x], seed)


@examples(50)
@given(x=operands(), slope=st.sampled_from([0.0, 0.2, -1.0, 3.0]), seed=seeds)
def test_leaky_relu_slope(x: Operand, slope: float, seed: int) -> None:
    agree(lambda x: F.leaky_relu(x, slope), lambda x: torch.nn.functional.leaky_relu(x, slope), [x], seed)


@examples(200)
@given(x=operands(least_dims=1), name=st.sampled_from(["softmax", "log_softmax"]), axis=st.integers(0, 5), seed=seeds)
def test_softmax(x: Operand, name: str, axis: int, seed: int) -> None:
    dim = axis % (2 * x.array.ndim) - x.array.ndim
    agree(lambda x: getattr(F, name)(x, dim), lambda x: getattr(torch.nn.functional, name)(x, dim=dim), [x], seed)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_at_the_extremes(name: str, dtype: Any) -> None:
    rows = EXTREMES[:2] if dtype == np.float32 else EXTREMES
    agree(
        lambda x: getattr(F, name)(x, -1),
        lambda x: getattr(torch.nn.functional, name)(x, dim=-1),
        [Operand(rows.astype(dtype), "plain")],
        seed=3,
    )


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("row", [[-INF, -INF], [INF, 0.0]])
def test_softmax_of_nothing_but_infinities_is_nan(name: str, row: list[float]) -> None:
    expected = getattr(torch.nn.functional, name)(torch.tensor(row, dtype=torch.float64), dim=0).numpy()
    with np.errstate(invalid="ignore"):
        out = getattr(F, name)(leaf(row), 0)
    np.testing.assert_array_equal(np.isnan(out.data), np.isnan(expected))


def test_softmax_is_a_distribution_however_far_a_row_lies_below_the_others() -> None:
    x = np.array([[0.0, 1.0, 2.0], [-5000.0, -5001.0, -5002.0]])
    out = F.softmax(leaf(x), 1).data
    np.testing.assert_allclose(out.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(out[1], out[0, ::-1], rtol=1e-15)


def test_activations_at_a_thousand() -> None:
    for name in ("sigmoid", "tanh", "relu", "leaky_relu"):
        ends = Operand(np.array([-1000.0, 1000.0]), "plain")
        agree(getattr(F, name), getattr(torch.nn.functional, name), [ends], seed=1)


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "log_softmax"])
def test_no_intermediate_result_overflows(name: str) -> None:
    """NumPy's warnings are errors in these tests: an overflow on the way to a finite result would raise."""
    axis = [-1] if "softmax" in name else []
    x = leaf(EXTREMES[:2])
    out = getattr(F, name)(x, *axis)
    out.backward(np.arange(8.0).reshape(2, 4))
    assert np.isfinite(x.grad).all()


def test_relu_follows_the_rule_in_force_at_its_kink() -> None:
    for at_zero in (0.0, 0.5, 1.0):
        x = leaf([0.0])
        with kinks(relu=at_zero):
            F.relu(x).backward(np.array([3.0]))
        assert x.grad.tolist() == [3.0 * at_zero]


@st.composite
def linear_shapes(draw: Callable[..., Any]) -> list[tuple[int, ...]]:
    """Shapes of input, weight and bias; the weight of one output may have no axis for it."""
    lead = draw(st.lists(st.integers(0, 3), max_size=3))
    inputs, outputs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    weight: tuple[int, ...] = draw(st.sampled_from([(outputs, inputs), (outputs, inputs), (inputs,)]))
    bias = [weight[:-1]] if draw(st.booleans()) and len(weight) == 2 else []
    return [(*lead, inputs), weight, *bias]


@examples(200)
@given(case=several(linear_shapes()), seed=seeds)
def test_linear(case: list[Operand], seed: int) -> None:
    agree(F.linear, torch.nn.functional.linear, case, seed)


def test_linear_of_one_output_takes_a_bias_without_axes() -> None:
    x, w, b = leaf([[1.0, 2.0], [3.0, 5.0]]), leaf([2.0, -1.0]), leaf(0.5)
    out = F.linear(x, w, b)
    assert out.data.tolist() == [0.5, 1.5]
    out.backward(np.array([2.0, 7.0]))
    assert x.grad.tolist() == [[4.0, -2.0], [14.0, -7.0]]
    assert w.grad.tolist() == [23.0, 39.0]
    assert b.grad == 9.0


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_plain_arrays_stay_plain(name: str, dim: int) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    out = getattr(F, name)(x, dim)
    assert type(out) is np.ndarray
    assert_close(out, getattr(torch.nn.functional, name)(to_torch(x), dim=dim).numpy())
    assert isinstance(getattr(F, name)(Tensor(x), dim), Tensor)
