"""Channels as pixels and in another order, against PyTorch to second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.nn.functional.spatial_draws import integer
from tests.nn.oracle import Case, hold, torch


def leading(rng: np.random.Generator) -> tuple[int, ...]:
    return [(), (1,), (2,), (1, 2), (2, 1, 2)][rng.integers(5)]


def pixel_shuffle(rng: np.random.Generator) -> Case:
    r = integer(rng, 1, 3)
    shape = (*leading(rng), integer(rng, 1, 2) * r * r, integer(rng, 1, 3), integer(rng, 1, 3))
    theirs = torch.nn.functional.pixel_shuffle
    return Case([rng.normal(size=shape)], lambda x: F.pixel_shuffle(x, r), lambda x: theirs(x, r), note=f"{r}")


def pixel_unshuffle(rng: np.random.Generator) -> Case:
    r = integer(rng, 1, 3)
    shape = (*leading(rng), integer(rng, 1, 3), r * integer(rng, 1, 3), r * integer(rng, 1, 3))
    theirs = torch.nn.functional.pixel_unshuffle
    return Case([rng.normal(size=shape)], lambda x: F.pixel_unshuffle(x, r), lambda x: theirs(x, r), note=f"{r}")


def channel_shuffle(rng: np.random.Generator) -> Case:
    groups = integer(rng, 1, 3)
    shape = (integer(rng, 1, 2), groups * integer(rng, 1, 3), *(integer(rng, 1, 3) for _ in range(rng.integers(1, 4))))
    theirs = torch.nn.functional.channel_shuffle
    return Case([rng.normal(size=shape)], lambda x: F.channel_shuffle(x, groups), lambda x: theirs(x, groups))


@pytest.mark.parametrize("draw", [pixel_shuffle, pixel_unshuffle, channel_shuffle])
def test_against_pytorch(draw: Any) -> None:
    hold(draw)


def test_unshuffle_is_the_inverse() -> None:
    x = np.random.default_rng(0).normal(size=(2, 12, 3, 5))
    np.testing.assert_array_equal(F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2), x)
    np.testing.assert_array_equal(F.channel_shuffle(F.channel_shuffle(x, 3), 4), x)


def test_empty_batches() -> None:
    """PyTorch gives the gradient, and what it unshuffles, the wrong shape."""
    x = Tensor(np.ones((0, 8, 1, 3)), requires_grad=True)
    out = F.pixel_shuffle(x, 2)
    assert out.shape == (0, 2, 2, 6)
    out.backward(np.ones(out.shape))
    assert x.grad is not None
    assert x.grad.shape == x.shape
    assert F.pixel_unshuffle(out, 2).shape == x.shape
    assert F.channel_shuffle(x, 2).shape == x.shape


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: F.pixel_shuffle(np.ones((3, 2, 2)), 2), ShapeError, r"\(..., C·4, H, W\) for upscale_factor=2"),
        (lambda: F.pixel_shuffle(np.ones((4, 2)), 2), ShapeError, r"not \(4, 2\)"),
        (lambda: F.pixel_shuffle(np.ones((4, 2, 2)), 0), ValueError, "upscale_factor=0"),
        (lambda: F.pixel_shuffle(np.ones((4, 2, 2), int), 2), DTypeError, "pixel_shuffle: input"),
        (lambda: F.pixel_unshuffle(np.ones((1, 3, 2)), 2), ShapeError, r"\(..., C, H·2, W·2\)"),
        (lambda: F.pixel_unshuffle(np.ones((1, 2, 3)), 2), ShapeError, r"not \(1, 2, 3\)"),
        (lambda: F.pixel_unshuffle(np.ones((2, 2)), 2), ShapeError, r"not \(2, 2\)"),
        (lambda: F.pixel_unshuffle(np.ones((1, 2, 2)), 1.5), ValueError, "downscale_factor=1.5"),
        (lambda: F.channel_shuffle(np.ones((1, 3, 2)), 2), ShapeError, "C a multiple of groups=2"),
        (lambda: F.channel_shuffle(np.ones((1, 4)), 2), ShapeError, r"not \(1, 4\)"),
        (lambda: F.channel_shuffle(np.ones((1, 4, 1)), 0), ValueError, "groups=0"),
    ],
)
def test_refusals(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
