"""Optimisers held against PyTorch: a hundred steps of random configurations of every argument, in random groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.amounts import configurations

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")

CONFIGURATIONS = configurations(100)
STEPS = 100

Rng = np.random.Generator


def log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def rarely_zero(number: Callable[[Rng], float]) -> Callable[[Rng], float]:
    return lambda rng: 0.0 if rng.random() < 0.4 else number(rng)


def coin(rng: Rng) -> bool:
    return bool(rng.random() < 0.5)


def rate(rng: Rng) -> float:
    return log_uniform(rng, 1e-4, 0.1)


def eps(rng: Rng) -> float:
    return log_uniform(rng, 1e-8, 1e-1)


def betas(rng: Rng) -> tuple[float, float]:
    return float(rng.choice([0.0, 0.5, 0.9, 0.99])), float(rng.choice([0.3, 0.9, 0.999, rng.uniform(0.5, 1.0)]))


weight_decay = rarely_zero(lambda rng: log_uniform(rng, 1e-3, 0.5))
momentum = rarely_zero(lambda rng: rng.uniform(0.1, 0.95))
MOMENTS = {"lr": rate, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": coin}

ARGUMENTS: dict[str, dict[str, Callable[[Rng], Any]]] = {
    "SGD": {
        "lr": rate,
        "momentum": momentum,
        "dampening": rarely_zero(lambda rng: rng.uniform(0.0, 0.9)),
        "weight_decay": weight_decay,
        "nesterov": coin,
        "maximize": coin,
    },
    "Adam": {**MOMENTS, "amsgrad": coin, "decoupled_weight_decay": coin},
    "AdamW": {**MOMENTS, "amsgrad": coin},
    "NAdam": {
        **MOMENTS,
        "momentum_decay": rarely_zero(lambda rng: log_uniform(rng, 1e-3, 0.1)),
        "decoupled_weight_decay": coin,
    },
    "RAdam": {**MOMENTS, "decoupled_weight_decay": coin},
    "Adamax": MOMENTS,
    "RMSprop": {
        "lr": rate,
        "alpha": lambda rng: rng.uniform(0.3, 0.999),
        "eps": eps,
        "weight_decay": weight_decay,
        "momentum": momentum,
        "centered": coin,
        "maximize": coin,
    },
    "Adagrad": {
        "lr": rate,
        "lr_decay": rarely_zero(lambda rng: log_uniform(rng, 1e-3, 1.0)),
        "weight_decay": weight_decay,
        "initial_accumulator_value": rarely_zero(lambda rng: rng.uniform(0.0, 2.0)),
        "eps": eps,
        "maximize": coin,
    },
    "Adadelta": {
        "lr": lambda rng: log_uniform(rng, 0.01, 1.0),
        "rho": lambda rng: rng.uniform(0.0, 0.99),
        "eps": eps,
        "weight_decay": weight_decay,
        "maximize": coin,
    },
}


def draw_options(name: str, rng: Rng) -> dict[str, Any]:
    """Some of the arguments; those that are left out keep their defaults, which are compared too."""
    options = {key: draw(rng) for key, draw in ARGUMENTS[name].items() if rng.random() < 0.7}
    if options.get("nesterov"):
        options |= {"momentum": rng.uniform(0.1, 0.9), "dampening": 0.0}
    return options


class Pair:
    """The same parameters in the same groups, moved here and in PyTorch."""

    def __init__(self, name: str, rng: Rng, dtype: Any) -> None:
        shapes = [tuple(rng.integers(1, 4, size=rng.integers(0, 3))) for _ in range(rng.integers(1, 6))]
        starts = [rng.normal(size=shape).astype(dtype) for shape in shapes]
        self.ours = [Tensor(start, requires_grad=True) for start in starts]
        self.theirs = [torch.tensor(start, requires_grad=True) for start in starts]
        for i in np.flatnonzero(rng.random(len(starts)) < 0.2):
            self.ours[i].requires_grad_(False)
            self.theirs[i].requires_grad_(False)
        self.options = draw_options(name, rng)
        self.note = f"{name}({self.options}), shapes {shapes}, {np.dtype(dtype)}"
        parts: list[Any] = [list(range(len(starts)))]
        overrides: list[dict[str, Any]] = [{}]
        if grouped := coin(rng):
            cut = int(rng.integers(0, len(starts)))
            parts = [part for part in (parts[0][:cut], parts[0][cut:]) if part]
            overrides = [self._override(name, rng) for _ in parts]
            self.note += f", groups {overrides}"

        def arguments(parameters: list[Any]) -> list[Any]:
            groups = [
                {"params": [parameters[i] for i in part], **override}
                for part, override in zip(parts, overrides, strict=True)
            ]
            return groups if grouped else parameters

        self.optimizer = getattr(nn, name)(arguments(self.ours), **self.options)
        self.torch_optimizer = getattr(torch.optim, name)(arguments(self.theirs), **self.options)

    def _override(self, name: str, rng: Rng) -> dict[str, Any]:
        override = {key: value for key, value in draw_options(name, rng).items() if rng.random() < 0.5}
        override.pop("initial_accumulator_value", None)  # PyTorch starts all groups from the constructor's
        if {**self.options, **override}.get("nesterov"):
            override |= {"momentum": 0.5, "dampening": 0.0}
        return override

    def step(self, rng: Rng) -> None:
        """From gradients that pull the parameters together, with noise of many sizes; some are missing."""
        self.optimizer.zero_grad()
        self.torch_optimizer.zero_grad()
        for mine, other in zip(self.ours, self.theirs, strict=True):
            noise = rng.normal(size=mine.shape) * 10.0 ** rng.integers(-3, 2) * (rng.random(mine.shape) < 0.9)
            if mine.requires_grad and rng.random() < 0.8:
                mine.grad = (0.3 * mine.data + noise).astype(mine.dtype)
                other.grad = (0.3 * other.detach() + torch.tensor(noise)).to(other.dtype)
        self.optimizer.step()
        self.torch_optimizer.step()

    def compare(self, rtol: float) -> None:
        for mine, other in zip(self.ours, self.theirs, strict=True):
            np.testing.assert_allclose(mine.data, other.detach().numpy(), rtol=rtol, atol=rtol)


@pytest.fixture
def exact_pytorch():
    """PyTorch keeps some single numbers, as NAdam's product of μ, in its default dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.uncounted
@pytest.mark.usefixtures("exact_pytorch")
@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_hundred_steps_are_pytorchs(name):
    for seed in range(CONFIGURATIONS):
        rng = np.random.default_rng(seed)
        dtype, rtol = (np.float32, 1e-4) if seed % 3 == 2 else (np.float64, 1e-10)
        pair = Pair(name, rng, dtype)
        for number in range(STEPS):
            pair.step(rng)
            try:
                pair.compare(rtol)
            except AssertionError as error:
                error.add_note(f"configuration {seed}, step {number}: {pair.note}")
                raise
        assert {parameter.dtype for parameter in pair.ours} == {np.dtype(dtype)}


def test_every_argument_is_drawn():
    import inspect

    for name, drawn in ARGUMENTS.items():
        own = set(inspect.signature(getattr(nn, name)).parameters) - {"parameters"}
        assert own == set(drawn), name
        defaults = {key: value.default for key, value in inspect.signature(getattr(nn, name)).parameters.items()}
        theirs = {key: value.default for key, value in inspect.signature(getattr(torch.optim, name)).parameters.items()}
        assert {key: defaults[key] for key in own} == {key: theirs[key] for key in own}, name
