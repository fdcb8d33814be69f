"""Activations that know their axes, and the bilinear form, against PyTorch: `prelu`, `glu`, `softmin`, `bilinear`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.autograd.support import leaf
from tests.nn.functional.elementwise_draws import array
from tests.nn.functional.test_values import check_equal
from tests.nn.oracle import Case, hold, torch

T = torch.nn.functional


def lengths(rng: np.random.Generator, most: int, least: int = 0) -> tuple[int, ...]:
    return tuple(int(each) for each in rng.integers(least, 4, size=rng.integers(0, most + 1)))


def test_prelu() -> None:
    def draw(rng: np.random.Generator) -> Case:
        if rng.integers(2):
            channels = int(rng.integers(1, 4))
            shape, weight = (int(rng.integers(0, 3)), channels, *lengths(rng, 2)), channels
        else:
            shape, weight = lengths(rng, 3), 1
        kinks = bool(rng.integers(3) == 0)  # at 0 PyTorch leaves out the second derivative by input and weight
        return Case([array(rng, kinks, shape), rng.normal(size=weight)], F.prelu, T.prelu, second=not kinks)

    hold(draw)


def test_prelu_by_hand() -> None:
    x, w = leaf([[-1.0, -4.0], [0.0, -2.0], [3.0, 5.0]]), leaf([0.5, 0.25])
    out = F.prelu(x, w)
    assert out.data.tolist() == [[-0.5, -1.0], [0.0, -0.5], [3.0, 5.0]]
    out.backward(np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]))
    assert x.grad.tolist() == [[0.5, 0.5], [1.5, 1.25], [7.0, 11.0]]  # at 0 the weight
    assert w.grad.tolist() == [-1.0, -18.0]


def test_one_weight_without_an_axis() -> None:
    assert F.prelu(np.array([[-2.0, 4.0]]), np.array(0.5)).tolist() == [[-1.0, 4.0]]


@pytest.mark.parametrize("shape, weight", [((2, 3), 2), ((3,), 3), ((), 2), ((2, 3), (3, 1)), ((2, 3), 0)])
def test_prelu_of_other_channels(shape: Any, weight: Any) -> None:
    with pytest.raises(ShapeError, match=r"prelu: weight of shape .* does not fit input of shape .*; give one weight"):
        F.prelu(np.ones(shape), np.ones(weight))


def test_rrelu() -> None:
    def draw(rng: np.random.Generator) -> Case:
        lower, upper = sorted(rng.normal(size=2)) if rng.integers(2) else (0.125, 1 / 3)
        kinks, training, seed = bool(rng.integers(3) == 0), bool(rng.integers(2)), int(rng.integers(100))
        x = array(rng, kinks)
        slopes = np.random.default_rng(seed).uniform(lower, upper, size=x.shape)

        def theirs(x: Any) -> Any:
            if not training:
                return T.rrelu(x, lower, upper)
            return torch.where(x > 0, x, x * torch.from_numpy(np.array(slopes)).to(x.dtype))

        return Case(
            [x], lambda x: F.rrelu(x, lower, upper, training, rng=np.random.default_rng(seed)), theirs, note=f"{lower}"
        )

    hold(draw)


def test_rrelu_draws_a_slope_for_each_number() -> None:
    x = -np.ones(10_000)
    slopes = -F.rrelu(x, training=True, rng=np.random.default_rng(0))
    assert 1 / 8 <= slopes.min() < 0.126 < 0.333 < slopes.max() <= 1 / 3
    spread = (1 / 3 - 1 / 8) / math.sqrt(12.0)
    assert abs(slopes.mean() - 11 / 48) < 5.0 * spread / 100.0
    nn.manual_seed(4)
    first = F.rrelu(x, training=True)
    nn.manual_seed(4)
    np.testing.assert_array_equal(F.rrelu(x, training=True), first)
    assert F.rrelu(Tensor(x.astype(np.float32)), training=True).dtype == np.float32
    with pytest.raises(ValueError, match=r"rrelu: lower=0.5 is above upper=0.25; exchange them"):
        F.rrelu(x, 0.5, 0.25)


def test_glu() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = list(lengths(rng, 2)) + [int(rng.integers(0, 3)) * 2]
        place = int(rng.integers(len(shape)))
        shape[place], shape[-1] = shape[-1], shape[place]
        dim = place - len(shape) * int(rng.integers(2))
        return Case([rng.normal(size=shape) * 2.0], lambda x: F.glu(x, dim), lambda x: T.glu(x, dim), note=f"{dim=}")

    hold(draw)


def test_glu_takes_the_last_axis_and_survives_a_thousand() -> None:
    x = leaf([[3.0, 4.0, 1000.0, -1000.0]])
    out = F.glu(x)
    assert out.data.tolist() == [[3.0, 0.0]]
    out.backward(np.array([[2.0, 5.0]]))
    assert x.grad.tolist() == [[2.0, 0.0, 0.0, 0.0]]


def test_glu_refuses_an_odd_axis() -> None:
    with pytest.raises(ShapeError, match=r"glu: axis 0 of shape \(3, 2\) has odd length 3; it is split into halves"):
        F.glu(np.ones((3, 2)), 0)
    with pytest.raises(ShapeError, match=r"glu: axis 2 does not exist in an array of 2 axes"):
        F.glu(np.ones((3, 2)), 2)


def test_softmin() -> None:
    def draw(rng: np.random.Generator) -> Case:
        shape = (*lengths(rng, 2), int(rng.integers(1, 4)))
        dim = int(rng.integers(-len(shape), len(shape)))
        case = [array(rng, rng.integers(3) == 0, shape)]
        return Case(case, lambda x: F.softmin(x, dim), lambda x: T.softmin(x, dim=dim), note=f"{dim=}")

    hold(draw)


def test_softmin_at_a_thousand() -> None:
    out = F.softmin(np.array([1000.0, -1000.0, -1000.0 + math.log(3.0)]), 0)
    np.testing.assert_allclose(out, [0.0, 0.75, 0.25], rtol=1e-12)


def test_bilinear() -> None:
    def draw(rng: np.random.Generator) -> Case:
        before = lengths(rng, 2)
        first, second, outs = map(int, rng.integers(1, 4, size=3))
        arrays = [rng.normal(size=(*before, first)), rng.normal(size=(*before, second))]
        arrays += [rng.normal(size=(outs, first, second))] + [rng.normal(size=outs)] * int(rng.integers(2))
        return Case(arrays, F.bilinear, T.bilinear)

    hold(draw)


def test_bilinear_refuses_what_does_not_fit() -> None:
    x, y, w = np.ones((5, 2)), np.ones((5, 3)), np.ones((4, 2, 3))
    assert F.bilinear(x, y, w).tolist() == [[6.0] * 4] * 5
    for wrong in [(x[:4], y, w), (x, y, w[:, :1]), (x, y, w[0]), (1.0, y, w), (y, x, w)]:
        with pytest.raises(ShapeError, match=r"bilinear: input1 of shape .* do not fit weight of shape"):
            F.bilinear(*wrong)
    with pytest.raises(ShapeError, match=r"bilinear: bias must have shape \(4,\), one .* for each output, not \(3,\)"):
        F.bilinear(x, y, w, np.ones(3))
    with pytest.raises(DTypeError, match=r"bilinear: .* is made of Tensors, .* of Values"):
        F.bilinear(Tensor(x), [[Value(1.0)] * 3] * 5, w)


def test_values() -> None:
    rng = np.random.default_rng(8)
    check_equal(F.prelu, [rng.normal(size=(2, 3, 2)), rng.normal(size=3)])
    check_equal(F.prelu, [rng.normal(size=(2, 3)), rng.normal(size=1)])
    check_equal(F.prelu, [np.array(-1.5), rng.normal(size=1)])
    check_equal(lambda x: F.rrelu(x, training=True, rng=np.random.default_rng(1)), [rng.normal(size=(2, 3))])
    check_equal(F.rrelu, [rng.normal(size=())])
    check_equal(lambda x: F.glu(x, 0), [rng.normal(size=(4, 2))])
    check_equal(lambda x: F.softmin(x, 1), [rng.normal(size=(2, 3))])
    check_equal(F.bilinear, [rng.normal(size=each) for each in [(2, 3), (2, 2), (3, 3, 2), 3]])
    check_equal(F.bilinear, [rng.normal(size=each) for each in [3, 2, (3, 3, 2)]])
