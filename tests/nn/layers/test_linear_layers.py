"""`Bilinear`, `Identity` and `Unflatten` against PyTorch's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor
from tests.nn.oracle import hold_module, torch


def test_bilinear() -> None:
    def draw(rng: np.random.Generator) -> Any:
        first, second, outs = (int(each) for each in rng.integers(1, 4, size=3))
        bias = bool(rng.integers(2))
        before = tuple(int(each) for each in rng.integers(0, 3, size=rng.integers(3)))
        arrays = [rng.normal(size=(*before, first)), rng.normal(size=(*before, second))]
        return nn.Bilinear(first, second, outs, bias), torch.nn.Bilinear(first, second, outs, bias), arrays

    hold_module(draw)


def test_bilinears_initial_values() -> None:
    layer = nn.Bilinear(25, 7, 200, rng=np.random.default_rng(0))
    for parameter in layer.parameters():
        assert np.abs(parameter.data).max() <= 0.2
        spread = 0.2 / math.sqrt(3.0)  # of a uniform distribution within ±1/√25
        assert abs(parameter.data.std() - spread) < 5.0 * spread / math.sqrt(parameter.size)
        assert np.abs(parameter.data).max() > 0.19
    assert repr(layer) == repr(torch.nn.Bilinear(25, 7, 200))
    assert nn.Bilinear(2, 2, 1, dtype=np.float32).weight.dtype == np.float32
    with pytest.raises(ValueError, match=r"Bilinear: in2_features=0 must be an integer of at least 1"):
        nn.Bilinear(2, 0, 1)
    with pytest.raises(ShapeError, match=r"bilinear: input1 of shape \(2,\) and input2 of shape \(3,\) do not fit"):
        nn.Bilinear(2, 2, 1)(np.ones(2), np.ones(3))


def test_unflatten() -> None:
    def draw(rng: np.random.Generator) -> Any:
        shape = [int(each) for each in rng.integers(1, 4, size=rng.integers(1, 4))]
        place = int(rng.integers(len(shape)))
        parts = [int(each) for each in rng.integers(1, 4, size=rng.integers(1, 4))]
        shape[place] = math.prod(parts)
        if rng.integers(2):
            parts[int(rng.integers(len(parts)))] = -1
        dim = place - len(shape) * int(rng.integers(2))
        return nn.Unflatten(dim, tuple(parts)), torch.nn.Unflatten(dim, tuple(parts)), [rng.normal(size=shape)]

    hold_module(draw)
    assert repr(nn.Unflatten(1, [2, 3])) == repr(torch.nn.Unflatten(1, (2, 3)))


@pytest.mark.parametrize("dim, parts", [(1, (2, 2)), (1, (-1, 4)), (2, (1, 1)), (-3, (2, 1)), (1, (0, -1))])
def test_unflatten_refuses_what_does_not_divide(dim: int, parts: Any) -> None:
    with pytest.raises(ShapeError, match=rf"Unflatten: axis {dim} of an input of shape \(2, 6\) does not divide into"):
        nn.Unflatten(dim, parts)(np.ones((2, 6)))


def test_unflatten_refuses_two_open_lengths() -> None:
    with pytest.raises(ValueError, match=r"Unflatten: unflattened_size=\(-1, -1\) leaves more than one length open"):
        nn.Unflatten(1, (-1, -1))
    with pytest.raises(ValueError, match=r"Unflatten: unflattened_size=\[2, 1.5\] must be an integer"):
        nn.Unflatten(1, [2, 1.5])


def test_unflatten_undoes_flatten() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(nn.Sequential(nn.Flatten(), nn.Unflatten(1, (3, 4)))(x), x)


def test_identity() -> None:
    hold_module(
        lambda rng: (nn.Identity(3, any=1), torch.nn.Identity(3), [rng.normal(size=rng.integers(0, 4, size=2))])
    )
    x = Tensor([1.0])
    assert nn.Identity()(x) is x
    assert repr(nn.Identity(54)) == "Identity()"
