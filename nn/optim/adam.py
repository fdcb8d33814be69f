"""Adam and its relatives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from nn.optim.optimizer import Optimizer


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
