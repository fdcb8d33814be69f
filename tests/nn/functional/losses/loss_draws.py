"""Random configurations of every loss, which its function and its module are both held to."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

import nn
import nn.functional as F
from tests.nn.oracle import Case, module_case, torch

Array = Any
Rng = np.random.Generator

GRID = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])  # among few distinct numbers ties and kinks are certain


class Setup(NamedTuple):
    """One configuration of a loss.

    Attributes:
        operands: what to differentiate by; the first arguments.
        constants: the arguments after them.
        options: keyword arguments, of the function and of the module alike.
        extra: keyword arguments of the function alone.
        second: whether PyTorch has second derivatives there.
        single: whether float32 has digits enough to compare.
    """

    operands: list[Array]
    constants: list[Array]
    options: dict[str, Any]
    extra: Mapping[str, Any] = MappingProxyType({})
    second: bool = True
    single: bool = True


class LossTest(NamedTuple):
    """A loss under test: its function, its module, how to draw a configuration, and PyTorch's function."""

    function: str
    module: str
    draw: Callable[[Rng], Setup]
    reference: Callable[..., Any] | None = None  # where PyTorch has no such loss

    @property
    def theirs(self) -> Callable[..., Any]:
        function: Callable[..., Any] = self.reference or getattr(torch.nn.functional, self.function)
        return function

    def case(self, rng: Rng) -> Case:
        """The function as a case of the oracle."""
        drawn = self.draw(rng)
        options = {**drawn.options, **drawn.extra}
        return Case(
            drawn.operands,
            lambda *x: getattr(F, self.function)(*x, *drawn.constants, **options),
            lambda *x: quietly(self.theirs)(*x, *fitted(drawn.constants, x[0]), **fitted(options, x[0])),
            note=f"{options}, {drawn.constants}",
            second=drawn.second,
            single=drawn.single,
        )

    def module_case(self, rng: Rng) -> Case:
        """The module as a case of the oracle, with the constants built into it as into PyTorch's."""
        drawn = self.draw(rng)
        like = torch.zeros((), dtype=torch.float64)
        ours = getattr(nn, self.module)(**drawn.options)
        if self.reference:
            theirs = Reference(self.reference, fitted(drawn.options, like))
        else:
            theirs = getattr(torch.nn, self.module)(**fitted(drawn.options, like))
        pair = Against(ours, drawn.constants), TorchAgainst(theirs, drawn.constants)
        return module_case(*pair, drawn.operands, second=drawn.second, single=drawn.single)


class Against(nn.Module):
    """A loss whose last arguments are given."""

    def __init__(self, loss: Any, constants: list[Array]) -> None:
        super().__init__()
        self.loss, self.constants = loss, constants

    def forward(self, *operands: Any) -> Any:
        return self.loss(*operands, *self.constants)


class TorchAgainst(torch.nn.Module):  # type: ignore[misc, name-defined]
    """The same in PyTorch."""

    def __init__(self, loss: Any, constants: list[Array]) -> None:
        super().__init__()
        self.loss, self.constants = loss, constants

    def forward(self, *operands: Any) -> Any:
        return quietly(self.loss)(*operands, *fitted(self.constants, operands[0]))


class Reference(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A PyTorch function and its options as a module, with the tensors among them as buffers."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        super().__init__()
        self.function, self.options = function, options
        self.tensors = [name for name, option in options.items() if isinstance(option, torch.Tensor)]
        for name in self.tensors:
            self.register_buffer(name, options[name])

    def forward(self, *operands: Any) -> Any:
        return self.function(*operands, **self.options | {name: getattr(self, name) for name in self.tensors})


def fitted(given: Any, like: Any) -> Any:
    """Arrays as PyTorch tensors, floating-point ones in the operand's dtype; in a list or dict, or alone."""
    if isinstance(given, dict):
        return {name: fitted(each, like) for name, each in given.items()}
    if isinstance(given, list):
        return [fitted(each, like) for each in given]
    if not isinstance(given, np.ndarray):
        return given
    tensor = torch.from_numpy(np.array(given))
    return tensor.to(like.dtype) if tensor.is_floating_point() else tensor


def quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function without PyTorch's advice on kl_div's mean."""

    def call(*arguments: Any, **options: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **options)

    return call


# ---- what the draws share -----------------------------------------------------------------------------------------


def a_shape(rng: Rng) -> tuple[int, ...]:
    shapes: list[tuple[int, ...]] = [(), (1,), (4,), (2, 3), (3, 1, 2), (0,), (2, 0)]
    return shapes[rng.integers(len(shapes))]


def some(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Numbers of both signs; in half of the draws of few distinct ones."""
    return np.asarray(rng.choice(GRID, size=shape) if rng.random() < 0.5 else 1.5 * rng.normal(size=shape))


def positive(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.uniform(0.05, 3.0, size=shape))


def probabilities(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.uniform(0.02, 0.98, size=shape))


def signs(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.choice([-1.0, 1.0], size=shape))


def reduction(rng: Rng) -> dict[str, Any]:
    return {"reduction": str(rng.choice(["none", "mean", "sum"]))}


def maybe(rng: Rng, **options: Any) -> dict[str, Any]:
    """Each of the options in half of the draws; a callable is asked for its value."""
    return {name: each() if callable(each) else each for name, each in options.items() if rng.random() < 0.5}


def broadcasting(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Weights, some of them 0, of a shape that broadcasts to the given one."""
    own = shape[rng.integers(len(shape) + 1) :]
    return rng.choice([0.0, 0.5, 1.0, 3.0], size=[1 if rng.random() < 0.3 else length for length in own])


def split(rng: Rng, first: Array, *others: Array) -> tuple[list[Array], list[Array]]:
    """The arguments as operands all, or the first as the only operand and the others as constants."""
    return ([first, *others], []) if rng.random() < 0.7 else ([first], list(others))
