"""What every optimiser has in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Tensor
from autograd.node import Node


class Optimizer:
    """What optimisers have in common: the parameters, the learning rate, and one update for each parameter.

    A subclass defines `update`. A parameter without a gradient is left as it is, and its state too.

    Args:
        parameters: leaf Tensors or Values, such as ``model.parameters()``.
        lr: the learning rate, at least 0. The attribute can be set between steps.

    Raises:
        TypeError: `parameters` holds something else than nodes.
        ValueError: there is none, one is no leaf or is named twice, or `lr` is negative.
    """

    def __init__(self, parameters: Iterable[Any], lr: float) -> None:
        self.parameters: list[Any] = _checked(parameters, type(self).__name__)
        self.lr = self._at_least_zero("lr", lr)
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters]

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        for parameter, state in zip(self.parameters, self.state, strict=True):
            if parameter.has_grad:
                numbers = parameter.numpy() if isinstance(parameter, Tensor) else parameter.data
                parameter.data = self.update(numbers, parameter.grad, state)

    def zero_grad(self) -> None:
        """Forget every parameter's gradient, so that the next pass starts to add from nothing."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def update(self, data: Any, gradient: Any, state: dict[str, Any]) -> Any:
        """The parameter's next numbers.

        Args:
            data: its numbers now: an array of its own, or a float.
            gradient: of the same shape; not to be written to.
            state: what the optimiser remembers of this parameter; empty before its first update.
        """
        raise NotImplementedError(f"{type(self).__name__}: define update(self, data, gradient, state)")

    def _at_least_zero(self, name: str, value: float) -> float:
        if not value >= 0.0:
            raise ValueError(f"{type(self).__name__}: {name}={value!r} must be a number of at least 0")
        return value


def _checked(parameters: Iterable[Any], optimizer: str) -> list[Any]:
    if isinstance(parameters, Node) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{optimizer}: expected a list of parameters, not a {type(parameters).__name__}; write model.parameters()"
        )
    found = list(parameters)
    for parameter in found:
        if not isinstance(parameter, Node):
            raise TypeError(
                f"{optimizer}: {parameter!r} is no parameter; give Tensors or Values, as model.parameters()"
            )
        if not parameter.is_leaf:
            raise ValueError(f"{optimizer}: {parameter.describe()} is the result of an operation; only a leaf can move")
    if not found:
        raise ValueError(f"{optimizer}: there is no parameter to move; does the module hold its layers as attributes?")
    if len({id(parameter) for parameter in found}) < len(found):
        raise ValueError(f"{optimizer}: a parameter is named twice and would be moved twice in each step")
    return found
