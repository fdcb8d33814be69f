"""Second derivatives against PyTorch: the functions are composed of primitives, whose rules are differentiable too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import hessian
from tests.autograd.torch_oracle import to_torch, torch

RNG = np.random.default_rng(11)
IMAGE = RNG.normal(size=(2, 2, 4, 3))
WEIGHT = RNG.normal(size=(2, 1, 2, 2))
WEIGHTS = RNG.normal(size=200)  # uneven, so that no symmetry hides an error


def uneven(out: Any, weights: Any) -> Any:
    """Σ weight · out³: a scalar whose second derivative depends on both derivatives of `out`."""
    return (weights * out * out * out).sum()


def check(ours: Callable[..., Any], theirs: Callable[..., Any], x: Any) -> None:
    expected = torch.autograd.functional.hessian(theirs, to_torch(x)).numpy()
    np.testing.assert_allclose(hessian(ours)(x), expected, rtol=1e-10, atol=1e-11)
    assert np.abs(expected).max() > 1e-3


CASES: list[tuple[str, Callable[[Any], Any], Any]] = [
    ("conv2d by the image", lambda f: lambda x, w: f.conv2d(x, w, stride=2, padding=1, groups=2), IMAGE),
    ("avg_pool2d", lambda f: lambda x, w: f.avg_pool2d(x, 2, 1, 1, False, False), IMAGE),
    ("max_pool2d", lambda f: lambda x, w: f.max_pool2d(x, 2, 1, 1), IMAGE),
    ("softmax", lambda f: lambda x, w: f.softmax(x, 1), RNG.normal(size=(2, 4))),
    ("log_softmax", lambda f: lambda x, w: f.log_softmax(x, 0), RNG.normal(size=(3, 2))),
    ("leaky_relu", lambda f: lambda x, w: f.leaky_relu(x, 0.3), RNG.normal(size=(3, 2))),
]


@pytest.mark.parametrize("make, x", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_of_an_image(make: Any, x: Any) -> None:
    ours, theirs = make(F), make(torch.nn.functional)
    weights = RNG.normal(size=ours(x, WEIGHT).shape)
    check(
        lambda x: uneven(ours(x, WEIGHT), weights),
        lambda x: uneven(theirs(x, to_torch(WEIGHT)), to_torch(weights)),
        x,
    )


def test_conv2d_by_the_kernel() -> None:
    weights = RNG.normal(size=F.conv2d(IMAGE, WEIGHT, groups=2, dilation=2).shape)
    check(
        lambda w: uneven(F.conv2d(IMAGE, w, groups=2, dilation=2), weights),
        lambda w: uneven(torch.nn.functional.conv2d(to_torch(IMAGE), w, groups=2, dilation=2), to_torch(weights)),
        WEIGHT,
    )


SCORES, LABELS = RNG.normal(size=(3, 4)), np.array([2, 0, 3])
PROBABILITIES, TARGETS = RNG.uniform(0.1, 0.9, size=(3, 4)), RNG.uniform(size=(3, 4))


def test_losses() -> None:
    f, t = torch.nn.functional, to_torch(TARGETS)
    check(lambda x: F.cross_entropy(x, LABELS), lambda x: f.cross_entropy(x, torch.from_numpy(LABELS)), SCORES)
    check(lambda x: F.cross_entropy(x, TARGETS), lambda x: f.cross_entropy(x, t), SCORES)
    check(
        lambda x: F.binary_cross_entropy_with_logits(x, TARGETS),
        lambda x: f.binary_cross_entropy_with_logits(x, t),
        SCORES,
    )
    check(lambda x: F.binary_cross_entropy(x, TARGETS), lambda x: f.binary_cross_entropy(x, t), PROBABILITIES)
    check(lambda x: F.mse_loss(x, TARGETS), lambda x: f.mse_loss(x, t), SCORES)
