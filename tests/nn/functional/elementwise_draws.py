"""Random configurations of the elementwise activations: each as a pair of functions, ours and PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import nn.functional as F
from tests.autograd.support import Array
from tests.nn.oracle import torch

T = torch.nn.functional

# Every kink of every activation at its default arguments, beside numbers of both signs.
KINKS = np.array([-3.0, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 6.0])


class Activation(NamedTuple):
    """An activation with drawn arguments.

    Attributes:
        draw: the generator -> (ours, theirs, note).
        smooth: whether it has second derivatives at its kinks that PyTorch and we agree on.
    """

    draw: Callable[[np.random.Generator], tuple[Callable[[Any], Any], Callable[[Any], Any], str]]
    smooth: bool = True


def plain(name: str) -> Any:
    """An activation without arguments."""
    return lambda rng: (getattr(F, name), getattr(T, name), "")


def with_arguments(name: str, arguments: Callable[[np.random.Generator], dict[str, Any]]) -> Any:
    """An activation with random arguments, or in a third of the cases its defaults."""

    def draw(rng: np.random.Generator) -> Any:
        given = arguments(rng) if rng.integers(3) or name == "threshold" else {}
        return lambda x: getattr(F, name)(x, **given), lambda x: getattr(T, name)(x, **given), str(given)

    return draw


def chosen(*numbers: float) -> Callable[[np.random.Generator], float]:
    """One of these numbers, or a random one near the first."""
    return lambda rng: float(rng.choice(numbers)) if rng.integers(2) else float(numbers[0] * rng.uniform(0.5, 2.0))


def bounds(rng: np.random.Generator) -> dict[str, Any]:
    """Lower and upper bound, sometimes equal."""
    low = chosen(-1.0, -0.5, 0.0, 0.5)(rng)
    return {"min_val": low, "max_val": low + chosen(2.0, 0.0, 0.5, 1.0)(rng)}


def bends(rng: np.random.Generator) -> dict[str, Any]:
    """How sharply softplus bends, and where it is taken to be straight."""
    return {"beta": chosen(1.0, 0.3, -1.0, 2.5)(rng), "threshold": chosen(20.0, 0.7, -1.3)(rng)}


ACTIVATIONS = {
    "elu": Activation(with_arguments("elu", lambda rng: {"alpha": chosen(1.0, 0.0, -1.0, 2.5)(rng)}), smooth=False),
    "selu": Activation(plain("selu"), smooth=False),
    # PyTorch rounds 1/alpha to float32 for the derivative: 1e-8 off, but for powers of 2
    "celu": Activation(with_arguments("celu", lambda rng: {"alpha": rng.choice([0.25, 4.0, -1.0])}), smooth=False),
    "softplus": Activation(with_arguments("softplus", bends)),
    "logsigmoid": Activation(plain("logsigmoid")),
    "threshold": Activation(
        with_arguments("threshold", lambda rng: {"threshold": chosen(0.5, 0.0, -1.0)(rng), "value": chosen(-2.0)(rng)})
    ),
    "gelu": Activation(with_arguments("gelu", lambda rng: {"approximate": str(rng.choice(["none", "tanh"]))})),
    "silu": Activation(plain("silu")),
    "mish": Activation(plain("mish")),
    "hardswish": Activation(plain("hardswish")),
    "hardtanh": Activation(with_arguments("hardtanh", bounds)),
    "relu6": Activation(plain("relu6")),
    # PyTorch's own derivative takes 1/6 in float32, and has no derivative itself
    "hardsigmoid": Activation(lambda rng: (F.hardsigmoid, lambda x: T.relu6(x + 3.0) / 6.0, "")),
    "softsign": Activation(plain("softsign")),
    "softshrink": Activation(with_arguments("softshrink", lambda rng: {"lambd": chosen(0.5, 0.0, 1.0)(rng)})),
    "hardshrink": Activation(with_arguments("hardshrink", lambda rng: {"lambd": chosen(0.5, 0.0, -1.0)(rng)})),
    "tanhshrink": Activation(plain("tanhshrink")),
}


def array(rng: np.random.Generator, special: bool, shape: tuple[int, ...] | None = None) -> Array:
    """Numbers of any shape, of no axis and of no element too; or a choice of kinks, so that ties abound."""
    if shape is None:
        shape = tuple(int(length) for length in rng.integers(0, 4, size=rng.integers(0, 4)))
    return np.asarray(rng.choice(KINKS, size=shape) if special else rng.normal(size=shape).clip(-2.0, 2.0) * 2.0)
