"""Functions of PyTorch and JAX."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.testing import check_grad, from_jax, from_torch

X, W = np.random.default_rng(0).normal(size=(3, 4)), np.random.default_rng(1).normal(size=(4, 2))


def test_functions_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    assert check_grad(from_torch(lambda x, w: torch.relu(x @ w)), X, W)
    assert check_grad(from_torch(lambda x, places: x[places]), X, np.array([0, 2, 2]))
    report = check_grad(from_torch(lambda x: x * x.detach()), X, raises=False)
    assert report.causes[0] == "half"
    assert report.call.startswith("check_grad(from_torch(")


def test_functions_of_jax() -> None:
    jax = pytest.importorskip("jax")
    assert check_grad(from_jax(lambda x, w: jax.numpy.tanh(x @ w)), X, W, explore=False)
    report = check_grad(from_jax(lambda x: x * jax.lax.stop_gradient(x)), X, raises=False, explore=False)
    assert report.causes[0] == "half"
    with pytest.raises(NotImplementedError, match="first derivatives only"):
        check_grad(from_jax(jax.numpy.tanh), X, order=2)
