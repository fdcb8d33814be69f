"""Losses as modules: each calls the function of `nn.functional` that its docstring names."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as F
from nn.functional.arguments import check_reduction
from nn.module import Module


class _Loss(Module):
    _loss: ClassVar[Any]

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(type(self).__name__, reduction)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """One number, or with the reduction "none" an array of them."""
        return type(self)._loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
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


class CrossEntropyLoss(_Loss):
    """The cross-entropy of class scores with integer labels or class probabilities. See `F.cross_entropy`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.CrossEntropyLoss()(Tensor([[0.0, 0.0]]), [1]).item(), 6)
        0.693147
    """

    _loss = F.cross_entropy


class BCELoss(_Loss):
    """The cross-entropy of probabilities with binary labels. See `F.binary_cross_entropy`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.BCELoss()(Tensor([0.5]), Tensor([1.0])).item(), 6)
        0.693147
    """

    _loss = F.binary_cross_entropy


class BCEWithLogitsLoss(_Loss):
    """The cross-entropy of sigmoid(scores) with binary labels, without overflow. See
    `F.binary_cross_entropy_with_logits`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.BCEWithLogitsLoss()(Tensor([1000.0]), Tensor([0.0])).item()
        1000.0
    """

    _loss = F.binary_cross_entropy_with_logits
