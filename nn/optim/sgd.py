"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nn.optim.optimizer import Optimizer


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
