"""Steps scaled by the size of earlier gradients, without Adam's two means: RMSprop, Adagrad, Adadelta, Adamax."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nn.optim.optimizer import Optimizer, signed_and_decayed
from nn.optim.options import at_least_zero, decay_rates, flag, fraction


class RMSprop(Optimizer):
    """RMSprop (Tieleman and Hinton, 2012): each element's step is divided by the running size of its gradient.

    With g = gradient + weight_decay·w:

        s ← alpha·s + (1 - alpha)·g²,   d = g/(√s + eps)
        w ← w - lr·d, or with momentum b ← momentum·b + d, w ← w - lr·b

    Centred (Graves, 2013), √s becomes √(s - m²), with m the same mean of g: the gradient's standard deviation. Where
    rounding makes s - m² negative it counts as 0; PyTorch has NaN there.

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        alpha: from 0 to 1; how much of the mean of squares is kept.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0; L2 regularisation.
        momentum: at least 0.
        centered: divide by the standard deviation.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.RMSprop([w], lr=0.05)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(6)
        array([ 0.5, -1.5])
    """

    needed_state = frozenset({"square_avg"})
    optional_state = frozenset({"grad_avg", "momentum_buffer"})

    alpha = fraction()
    eps = at_least_zero()
    weight_decay = at_least_zero()
    momentum = at_least_zero()
    centered = flag()
    maximize = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · g/(√s + eps), or with momentum its running sum."""
        alpha = options["alpha"]
        gradient = signed_and_decayed(data, gradient, options)
        state["square_avg"] = square = alpha * state.get("square_avg", 0.0) + (1.0 - alpha) * gradient * gradient
        if options["centered"]:
            state["grad_avg"] = mean = alpha * state.get("grad_avg", 0.0) + (1.0 - alpha) * gradient
            square = np.maximum(square - mean * mean, 0.0)
        direction = gradient / (square**0.5 + options["eps"])
        if options["momentum"]:
            state["momentum_buffer"] = options["momentum"] * state.get("momentum_buffer", 0.0) + direction
            direction = state["momentum_buffer"]
        return data - options["lr"] * direction


class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): each element's step is divided by the size of all its gradients so far.

    With g = gradient + weight_decay·w, at a parameter's t-th update:

        s ← s + g²,   w ← w - lr/(1 + (t - 1)·lr_decay) · g/(√s + eps)

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        lr_decay: at least 0; how fast the learning rate falls.
        weight_decay: at least 0; L2 regularisation.
        initial_accumulator_value: at least 0; what s starts from.
        eps: at least 0; keeps the division finite.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.Adagrad([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(6)
        array([ 0.5, -1.5])
    """

    needed_state = frozenset({"step", "sum"})

    lr_decay = at_least_zero()
    weight_decay = at_least_zero()
    initial_accumulator_value = at_least_zero()
    eps = at_least_zero()
    maximize = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · g/(√s + eps), the learning rate falling with lr_decay."""
        gradient = signed_and_decayed(data, gradient, options)
        state["step"] = step = state.get("step", 0) + 1
        state["sum"] = total = state.get("sum", options["initial_accumulator_value"]) + gradient * gradient
        lr = options["lr"] / (1.0 + (step - 1) * options["lr_decay"])
        return data - lr * (gradient / (total**0.5 + options["eps"]))


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012): the step has the size of earlier steps, so that its unit is the parameter's.

    With g = gradient + weight_decay·w:

        s ← rho·s + (1 - rho)·g²,   d = √(u + eps)/√(s + eps) · g,   u ← rho·u + (1 - rho)·d²,   w ← w - lr·d

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        rho: from 0 to 1; how much of the two means of squares is kept.
        eps: at least 0; keeps the division finite, and gives the first step its size.
        weight_decay: at least 0; L2 regularisation.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.Adadelta([w], eps=1e-2)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(3)
        array([ 0.688, -1.685])
    """

    needed_state = frozenset({"square_avg", "acc_delta"})

    rho = fraction()
    eps = at_least_zero()
    weight_decay = at_least_zero()
    maximize = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · √(u + eps)/√(s + eps) · g."""
        rho, eps = options["rho"], options["eps"]
        gradient = signed_and_decayed(data, gradient, options)
        state["square_avg"] = square = rho * state.get("square_avg", 0.0) + (1.0 - rho) * gradient * gradient
        earlier = state.get("acc_delta", 0.0)
        direction = (earlier + eps) ** 0.5 / (square + eps) ** 0.5 * gradient
        state["acc_delta"] = rho * earlier + (1.0 - rho) * direction * direction
        return data - options["lr"] * direction


class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2015): Adam with the largest recent |g| in the place of √v.

    With g = gradient + weight_decay·w, at a parameter's t-th update:

        m ← β₁·m + (1 - β₁)·g,   u ← max(β₂·u, |g| + eps),   w ← w - lr/(1 - β₁ᵗ) · m/u

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0; L2 regularisation.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.Adamax([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(6)
        array([ 0.5, -1.5])
    """

    needed_state = frozenset({"step", "exp_avg", "exp_inf"})

    betas = decay_rates()
    eps = at_least_zero()
    weight_decay = at_least_zero()
    maximize = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · m̂/u, the mean corrected for its start at 0."""
        beta1, beta2 = options["betas"]
        gradient = signed_and_decayed(data, gradient, options)
        state["step"] = step = state.get("step", 0) + 1
        state["exp_avg"] = mean = beta1 * state.get("exp_avg", 0.0) + (1.0 - beta1) * gradient
        state["exp_inf"] = size = np.maximum(beta2 * state.get("exp_inf", 0.0), abs(gradient) + options["eps"])
        return data - options["lr"] / (1.0 - beta1**step) * (mean / size)
