"""Optimisers: from the gradients of a pass to the next parameters, with PyTorch's names, defaults and formulas.

They work on leaf Tensors and on Values alike. A step assigns a new array to each parameter's `data`, in its own dtype,
so that a graph recorded before the step refuses its backward pass instead of giving a wrong gradient.
"""

from __future__ import annotations

import math
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


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum.

    With g = gradient + weight_decay·w and the velocity v ← momentum·v + (1 - dampening)·g, which starts as g:

        w ← w - lr·v, or with nesterov w ← w - lr·(g + momentum·v)

    Args:
        parameters: leaf Tensors or Values.
        lr: learning rate.
        momentum: at least 0; 0 leaves w ← w - lr·g.
        dampening: the part of each later gradient that does not enter the velocity.
        weight_decay: at least 0; L2 regularisation.
        nesterov: Nesterov's momentum; needs momentum above 0 and no dampening.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.SGD([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data
        array([ 0.5, -1. ])
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = self._at_least_zero("momentum", momentum)
        self.dampening = dampening
        self.weight_decay = self._at_least_zero("weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and (momentum == 0.0 or dampening != 0.0):
            raise ValueError(f"SGD: nesterov needs momentum above 0 and dampening 0, not {momentum} and {dampening}")

    def update(self, data: Any, gradient: Any, state: dict[str, Any]) -> Any:
        """w - lr·(the velocity, or with nesterov one step ahead of it)."""
        if self.weight_decay:
            gradient = gradient + self.weight_decay * data
        if not self.momentum:
            return data - self.lr * gradient
        if "velocity" in state:
            velocity = self.momentum * state["velocity"] + (1.0 - self.dampening) * gradient
        else:
            velocity = gradient + 0.0  # a copy: later passes add to the gradient in place
        state["velocity"] = velocity
        return data - self.lr * (gradient + self.momentum * velocity if self.nesterov else velocity)


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015): each element's step is scaled by the running size of its gradient.

    With g = gradient + weight_decay·w, at a parameter's t-th update:

        m ← β₁·m + (1 - β₁)·g,   v ← β₂·v + (1 - β₂)·g²
        w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + eps)

    Args:
        parameters: leaf Tensors or Values.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0; L2 regularisation, added to the gradient.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.Adam([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(6)
        array([ 0.5, -1.5])
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        if len(betas) != 2 or not all(0.0 <= beta < 1.0 for beta in betas):
            raise ValueError(f"Adam: betas={betas!r} must be two numbers, each from 0 to below 1")
        self.betas = betas
        self.eps = self._at_least_zero("eps", eps)
        self.weight_decay = self._at_least_zero("weight_decay", weight_decay)

    def update(self, data: Any, gradient: Any, state: dict[str, Any]) -> Any:
        """w - lr · m̂/(√v̂ + eps), the moments corrected for their start at 0."""
        beta1, beta2 = self.betas
        if self.weight_decay:
            gradient = gradient + self.weight_decay * data
        state["updates"] = updates = state.get("updates", 0) + 1
        state["mean"] = mean = beta1 * state.get("mean", 0.0) + (1.0 - beta1) * gradient
        state["square"] = square = beta2 * state.get("square", 0.0) + (1.0 - beta2) * gradient * gradient
        size = square**0.5 / math.sqrt(1.0 - beta2**updates) + self.eps
        return data - self.lr / (1.0 - beta1**updates) * (mean / size)


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
