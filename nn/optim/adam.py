"""Adam and its relatives: steps scaled by running means of the gradient and of its square."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nn.optim.optimizer import Optimizer, signed_and_decayed
from nn.optim.options import Option, at_least_zero, decay_rates, flag


class _Moments(Optimizer):
    """What this family has in common: two decay rates, and the running means that they are of."""

    needed_state = frozenset({"step", "exp_avg", "exp_avg_sq"})

    betas = decay_rates()
    eps = at_least_zero()
    weight_decay = at_least_zero()
    maximize = flag()


class Adam(_Moments):
    """Adam (Kingma and Ba, 2015): each element's step is scaled by the running size of its gradient.

    With g = gradient + weight_decay·w, at a parameter's t-th update:

        m ← β₁·m + (1 - β₁)·g,   v ← β₂·v + (1 - β₂)·g²
        w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + eps)

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0; L2 regularisation, added to the gradient.
        amsgrad: divide by the largest √v so far (Reddi et al., 2018).
        maximize: climb: the gradient's sign is turned first.
        decoupled_weight_decay: shrink w instead of adding to the gradient, as `AdamW` does.

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

    optional_state = frozenset({"max_exp_avg_sq"})

    amsgrad = flag()
    decoupled_weight_decay = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · m̂/(√v̂ + eps), the moments corrected for their start at 0."""
        data, gradient = _prepared(data, gradient, options)
        mean, square, correction1, correction2 = _moments(gradient, state, options["betas"])
        if options["amsgrad"]:
            state["max_exp_avg_sq"] = square = np.maximum(state.get("max_exp_avg_sq", 0.0), square)
        size = square**0.5 / math.sqrt(correction2) + options["eps"]
        return data - options["lr"] / correction1 * (mean / size)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019): w ← (1 - lr·weight_decay)·w before Adam's step.

    The decay does not enter the moments, so that weights of large gradients decay as others do.

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0.
        amsgrad: divide by the largest √v so far.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.AdamW([w], lr=0.5, weight_decay=0.1)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(6)  # 0.95 of itself, then 0.5 towards 0
        array([ 0.45, -1.4 ])
    """

    decoupled_weight_decay = Option("True: AdamW's weight decay is decoupled", lambda value: value is True or None)

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True
        )


class NAdam(_Moments):
    """Adam with Nesterov's momentum (Dozat, 2016): the step is taken from where the momentum leads.

    With m and v as in `Adam`, and β₁ that grows with the steps, μₜ = β₁·(1 - 0.96^(t·momentum_decay)/2):

        w ← w - lr · [(1 - μₜ)·g/(1 - ∏ᵢ₌₁ᵗ μᵢ) + μₜ₊₁·m/(1 - ∏ᵢ₌₁ᵗ⁺¹ μᵢ)] / (√(v/(1 - β₂ᵗ)) + eps)

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0.
        momentum_decay: at least 0; how fast μ grows from β₁/2 to β₁.
        decoupled_weight_decay: shrink w, as `AdamW` does, instead of adding to the gradient.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.NAdam([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(3)
        array([ 0.472, -1.472])
    """

    plain_state = frozenset({"step", "mu_product"})
    needed_state = _Moments.needed_state | {"mu_product"}

    momentum_decay = at_least_zero()
    decoupled_weight_decay = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """One step from the gradient and, as Nesterov's momentum has it, from the mean one step ahead."""
        data, gradient = _prepared(data, gradient, options)
        mean, square, _, correction2 = _moments(gradient, state, options["betas"])
        beta1, decay, step = options["betas"][0], options["momentum_decay"], state["step"]
        now, ahead = (beta1 * (1.0 - 0.5 * 0.96 ** (t * decay)) for t in (step, step + 1))
        state["mu_product"] = product = state.get("mu_product", 1.0) * now
        size = (square / correction2) ** 0.5 + options["eps"]
        direction = (1.0 - now) / (1.0 - product) * gradient + ahead / (1.0 - product * ahead) * mean
        return data - options["lr"] * (direction / size)


class RAdam(_Moments):
    """Rectified Adam (Liu et al., 2020): no scaling by √v before enough squares are known to trust it.

    With m and v as in `Adam`, ρ∞ = 2/(1 - β₂) - 1 and ρ = ρ∞ - 2t·β₂ᵗ/(1 - β₂ᵗ), how many squares v stands for:

        w ← w - lr · m/(1 - β₁ᵗ) · r·√(1 - β₂ᵗ)/(√v + eps)   where ρ > 5, and else w ← w - lr · m/(1 - β₁ᵗ)
        r = √[(ρ - 4)(ρ - 2)ρ∞ / ((ρ∞ - 4)(ρ∞ - 2)ρ)]

    Args:
        parameters: leaf Tensors or Values, or groups of them.
        lr: learning rate.
        betas: (β₁, β₂), each from 0 to below 1.
        eps: at least 0; keeps the division finite.
        weight_decay: at least 0.
        decoupled_weight_decay: shrink w, as `AdamW` does, instead of adding to the gradient.
        maximize: climb: the gradient's sign is turned first.

    Raises:
        ValueError: a number outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = nn.RAdam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> optimizer.step()  # the first are plain steps along the mean
        >>> w.data.round(6)
        array([ 0.5, -1. ])
    """

    decoupled_weight_decay = flag()

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """w - lr · m̂, scaled and rectified once v stands for more than five squares."""
        data, gradient = _prepared(data, gradient, options)
        mean, square, correction1, correction2 = _moments(gradient, state, options["betas"])
        step = options["lr"] / correction1 * mean
        longest = 2.0 / (1.0 - options["betas"][1]) - 1.0
        length = longest - 2.0 * state["step"] * (1.0 - correction2) / correction2
        if length > 5.0:
            known = (length - 4.0) * (length - 2.0) * longest
            step = step * math.sqrt(known / ((longest - 4.0) * (longest - 2.0) * length) * correction2)
            step = step / (square**0.5 + options["eps"])
        return data - step


def _prepared(data: Any, gradient: Any, options: Mapping[str, Any]) -> tuple[Any, Any]:
    """The parameter, shrunk where the decay is decoupled, and the gradient with its sign and else with the decay."""
    if not options["decoupled_weight_decay"]:
        return data, signed_and_decayed(data, gradient, options)
    decay = options["lr"] * options["weight_decay"]
    return data * (1.0 - decay), -gradient if options["maximize"] else gradient


def _moments(gradient: Any, state: dict[str, Any], betas: tuple[float, float]) -> tuple[Any, Any, float, float]:
    """The running means of the gradient and of its square, and 1 - β₁ᵗ and 1 - β₂ᵗ, which correct for their start."""
    beta1, beta2 = betas
    state["step"] = step = state.get("step", 0) + 1
    state["exp_avg"] = mean = beta1 * state.get("exp_avg", 0.0) + (1.0 - beta1) * gradient
    state["exp_avg_sq"] = square = beta2 * state.get("exp_avg_sq", 0.0) + (1.0 - beta2) * gradient * gradient
    return mean, square, 1.0 - beta1**step, 1.0 - beta2**step
