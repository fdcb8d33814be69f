"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nn.optim.optimizer import Optimizer, signed_and_decayed
from nn.optim.options import at_least_zero, flag, number


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum.

    With g = gradient + weight_decay·w and the velocity v ← momentum·v + (1 - dampening)·g, which starts as g:

        w ← w - lr·v, or with nesterov w ← w - lr·(g + momentum·v)

    Momentum: Polyak (1964). Nesterov's, in this form: Sutskever et al. (2013).

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        momentum: at least 0; 0 leaves w ← w - lr·g.
        dampening: the part of each later gradient that does not enter the velocity.
        weight_decay: at least 0; L2 regularisation.
        nesterov: Nesterov's momentum; needs momentum above 0 and no dampening.
        maximize: climb: the gradient's sign is turned first.

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

    needed_state = frozenset({"momentum_buffer"})

    momentum = at_least_zero()
    dampening = number()
    weight_decay = at_least_zero()
    nesterov = flag()
    maximize = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr·(the velocity, or with nesterov one step ahead of it)."""
        lr, momentum = options["lr"], options["momentum"]
        gradient = signed_and_decayed(data, gradient, options)
        if not momentum:
            return data - lr * gradient
        if "momentum_buffer" in state:
            velocity = momentum * state["momentum_buffer"] + (1.0 - options["dampening"]) * gradient
        else:
            velocity = gradient + 0.0  # a copy: later passes add to the gradient in place
        state["momentum_buffer"] = velocity
        return data - lr * (gradient + momentum * velocity if options["nesterov"] else velocity)

    def _check_together(self, options: Mapping[str, Any]) -> None:
        momentum, dampening = options["momentum"], options["dampening"]
        if options["nesterov"] and (momentum == 0.0 or dampening != 0.0):
            raise ValueError(f"SGD: nesterov needs momentum above 0 and dampening 0, not {momentum} and {dampening}")
