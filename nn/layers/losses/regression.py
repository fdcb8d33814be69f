"""Losses of numbers and of distributions as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.layers.losses.shared import Loss


class MSELoss(Loss):
    """The mean squared error. See `F.mse_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.MSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        2.0
    """

    _loss = F.mse_loss


class L1Loss(Loss):
    """The mean absolute error. See `F.l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.L1Loss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        1.0
    """

    _loss = F.l1_loss


class SmoothL1Loss(Loss):
    """The mean absolute error, rounded to a parabola near 0. See `F.smooth_l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        beta: where the parabola ends, at least 0.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.SmoothL1Loss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        0.75
    """

    _loss = F.smooth_l1_loss
    _options = ("beta",)

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = beta


class HuberLoss(Loss):
    """The squared error near 0, the absolute error beyond. See `F.huber_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        delta: where the parabola ends, more than 0.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.HuberLoss(delta=2.0)(Tensor([1.0, 2.0]), Tensor([1.0, 5.0])).item()
        2.0
    """

    _loss = F.huber_loss
    _options = ("delta",)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence of log-probabilities from target probabilities. See `F.kl_div`.

    Args:
        reduction: "batchmean" for the divergence itself; "mean", which divides by the classes too; "sum" or "none".
        log_target: whether the target holds log-probabilities.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> from autograd import Tensor
        >>> divergence = nn.KLDivLoss(reduction="batchmean")
        >>> round(divergence(Tensor(np.log([[0.5, 0.5]])), [[1.0, 0.0]]).item(), 6)
        0.693147
    """

    _loss = F.kl_div
    _options = ("log_target",)
    _reductions = ("batchmean",)

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of counts under Poisson distributions. See `F.poisson_nll_loss`.

    Args:
        log_input: whether the input is the logarithm of the predicted mean.
        full: whether to add the term that does not depend on the input.
        eps: keeps log 0 away where the input is no logarithm.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.PoissonNLLLoss(reduction="sum")(Tensor([0.0, 0.0]), [3, 0]).item()
        2.0
    """

    _loss = F.poisson_nll_loss
    _options = ("log_input", "full", "eps")

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps


class GaussianNLLLoss(Loss):
    """The negative log-likelihood of numbers under normal distributions. See `F.gaussian_nll_loss`.

    Args:
        full: whether to add the constant log(2π) / 2.
        eps: the least variance that is divided by.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.GaussianNLLLoss()(Tensor([2.0]), Tensor([0.0]), Tensor([1.0])).item()
        2.0
    """

    _loss = F.gaussian_nll_loss
    _options = ("full", "eps")

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:  # type: ignore[override]
        """One number, or with the reduction "none" an array of them."""
        return self._of(input, target, var)
