"""Activations as layers against PyTorch's, with drawn arguments; and what they refuse and print."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor
from tests.nn.functional.elementwise_draws import array, chosen
from tests.nn.oracle import hold_module, torch

Arguments = Callable[[np.random.Generator], dict[str, Any]]


def none(rng: np.random.Generator) -> dict[str, Any]:
    return {}


LAYERS: dict[str, Arguments] = {
    "ReLU": none,
    "LeakyReLU": lambda rng: {"negative_slope": chosen(0.1, -1.0, 0.0)(rng)},
    "Sigmoid": none,
    "Tanh": none,
    "ELU": lambda rng: {"alpha": chosen(1.0, 0.0, -2.0)(rng)},
    "SELU": none,
    "CELU": lambda rng: {"alpha": float(rng.choice([0.5, 2.0, -1.0]))},  # see the functions' test
    "PReLU": lambda rng: {"init": chosen(0.3, 0.0, -1.0)(rng)},
    "Softplus": lambda rng: {"beta": chosen(1.0, 2.0, -1.0)(rng), "threshold": chosen(20.0, 0.7)(rng)},
    "LogSigmoid": none,
    "Threshold": lambda rng: {"threshold": chosen(0.3, 0.0)(rng), "value": chosen(1.0, -3.0)(rng)},
    "GELU": lambda rng: {"approximate": str(rng.choice(["none", "tanh"]))},
    "SiLU": none,
    "Mish": none,
    "Hardswish": none,
    "Hardtanh": lambda rng: {"min_val": chosen(-1.0, -0.3)(rng), "max_val": chosen(1.0, 0.3)(rng)},
    "ReLU6": none,
    "Softsign": none,
    "Softshrink": lambda rng: {"lambd": chosen(0.5, 0.0)(rng)},
    "Hardshrink": lambda rng: {"lambd": chosen(0.5, -1.0)(rng)},
    "Tanhshrink": none,
}


@pytest.mark.parametrize("name", LAYERS)
def test_elementwise(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        arguments = LAYERS[name](rng) if rng.integers(4) or name == "Threshold" else {}
        return getattr(nn, name)(**arguments), getattr(torch.nn, name)(**arguments), [array(rng, special=False)]

    hold_module(draw)


def test_hardsigmoid() -> None:
    """Whose derivative PyTorch multiplies by a float32 1/6, and which has none of its own."""

    class Reference(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return torch.nn.functional.relu6(x + 3.0) / 6.0

    hold_module(lambda rng: (nn.Hardsigmoid(), Reference(), [array(rng, special=False)]))
    x = np.linspace(-4.0, 4.0, 33)
    np.testing.assert_allclose(
        nn.Hardsigmoid()(x), torch.nn.Hardsigmoid()(torch.from_numpy(x)).numpy(), rtol=1e-14, atol=1e-16
    )


def test_prelu_of_each_channel() -> None:
    def draw(rng: np.random.Generator) -> Any:
        channels = int(rng.integers(1, 4))
        ours = nn.PReLU(channels, init=0.5)
        ours.weight.data = rng.normal(size=channels)
        shape = (int(rng.integers(0, 3)), channels, *rng.integers(1, 4, size=rng.integers(0, 3)))
        return ours, torch.nn.PReLU(channels), [rng.normal(size=shape)]

    hold_module(draw)
    assert nn.PReLU(3).weight.data.tolist() == [0.25] * 3
    assert nn.PReLU(2, dtype=np.float32).weight.dtype == np.float32


def test_rrelu() -> None:
    """In evaluation; in training a copy of the layer, which has a copy of the generator, draws the same slopes."""

    def draw(rng: np.random.Generator) -> Any:
        lower, upper = sorted(rng.normal(size=2))
        return nn.RReLU(lower, upper).eval(), torch.nn.RReLU(lower, upper).eval(), [array(rng, special=False)]

    hold_module(draw)
    layer = nn.RReLU(rng=np.random.default_rng(3))
    x = np.random.default_rng(0).normal(size=20)
    twin = copy.deepcopy(layer)
    out = layer(x)
    np.testing.assert_array_equal(twin(x), out)
    assert (layer(x) != out).any()
    np.testing.assert_array_equal(out[x > 0], x[x > 0])
    assert repr(layer) == repr(torch.nn.RReLU())


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "Softmin", "GLU"])
def test_along_an_axis(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        shape = rng.integers(1, 3, size=rng.integers(1, 4)) * 2
        dim = int(rng.integers(-len(shape), len(shape)))
        return getattr(nn, name)(dim=dim), getattr(torch.nn, name)(dim=dim), [rng.normal(size=shape)]

    hold_module(draw)


def test_softmax2d() -> None:
    def draw(rng: np.random.Generator) -> Any:
        shape = (*rng.integers(0, 3, size=rng.integers(2)), *rng.integers(1, 4, size=3))
        return nn.Softmax2d(), torch.nn.Softmax2d(), [rng.normal(size=shape)]

    hold_module(draw)
    with pytest.raises(ShapeError, match=r"Softmax2d: expected an input of shape \(N, C, H, W\) or .* use nn.Softmax"):
        nn.Softmax2d()(np.ones((2, 3)))


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("ELU", (2.0,)),
        ("CELU", ()),
        ("PReLU", (3,)),
        ("Softplus", (2.0, 10.0)),
        ("Threshold", (0.1, 20.0)),
        ("GELU", ("tanh",)),
        ("Hardtanh", (-2.0, 2.0)),
        ("Softshrink", ()),
        ("Hardshrink", (0.25,)),
        ("GLU", ()),
        ("Softmin", (1,)),
        ("SELU", ()),
        ("ReLU6", ()),
    ],
)
def test_repr_is_pytorchs(name: str, arguments: Any) -> None:
    assert repr(getattr(nn, name)(*arguments)) == repr(getattr(torch.nn, name)(*arguments))


def test_scopes_name_layer_and_function() -> None:
    out = nn.Sequential(nn.GELU(), nn.PReLU())(Tensor([1.0]))
    assert out.scope == "sequential/1/prelu"


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: nn.GELU("erf"), r"GELU: approximate='erf' is neither 'none' nor 'tanh'"),
        (lambda: nn.Hardtanh(1.0, 1.0), r"Hardtanh: min_val=1.0 must be below max_val=1.0"),
        (lambda: nn.RReLU(0.5, 0.25), r"RReLU: lower=0.5 is above upper=0.25; exchange them"),
        (lambda: nn.PReLU(0), r"PReLU: num_parameters=0 must be an integer of at least 1"),
    ],
)
def test_refused_arguments(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
