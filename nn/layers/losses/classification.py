"""Losses of classes and of yes or no as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.layers.losses.shared import Loss


class NLLLoss(Loss):
    """The negative log-likelihood of integer labels under log-probabilities. See `F.nll_loss`.

    Args:
        weight: (C,): how much each class counts; a buffer.
        ignore_index: examples of this label do not count.
        reduction: "mean", over the weights of the examples; "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.NLLLoss()(Tensor([[-1.0, -2.0], [-3.0, -4.0]]), [0, 1]).item()
        2.5
    """

    _loss = F.nll_loss
    _options = ("weight", "ignore_index")

    def __init__(self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)
        self.ignore_index = ignore_index


class CrossEntropyLoss(Loss):
    """The cross-entropy of class scores with integer labels or class probabilities. See `F.cross_entropy`.

    Args:
        weight: (C,): how much each class counts; a buffer.
        ignore_index: examples of this label do not count.
        reduction: "mean", "sum" or "none".
        label_smoothing: from 0 to 1: how far the labels are mixed with equal probabilities.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.CrossEntropyLoss()(Tensor([[0.0, 0.0]]), [1]).item(), 6)
        0.693147
    """

    _loss = F.cross_entropy
    _options = ("weight", "ignore_index", "label_smoothing")

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing


class BCELoss(Loss):
    """The cross-entropy of probabilities with binary labels. See `F.binary_cross_entropy`.

    Args:
        weight: of the elements, any shape that broadcasts to the input's; a buffer.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.BCELoss()(Tensor([0.5]), Tensor([1.0])).item(), 6)
        0.693147
    """

    _loss = F.binary_cross_entropy
    _options = ("weight",)

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)


class BCEWithLogitsLoss(Loss):
    """The cross-entropy of sigmoid(scores) with binary labels, without overflow. See
    `F.binary_cross_entropy_with_logits`.

    Args:
        weight: of the elements, any shape that broadcasts to the input's; a buffer.
        reduction: "mean", "sum" or "none".
        pos_weight: how much a positive label counts, likewise.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.BCEWithLogitsLoss()(Tensor([1000.0]), Tensor([0.0])).item()
        1000.0
    """

    _loss = F.binary_cross_entropy_with_logits
    _options = ("weight", "pos_weight")

    def __init__(self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)
        self._register_weight("pos_weight", pos_weight)


class FocalLoss(Loss):
    """The binary cross-entropy of scores, turned down where the prediction is right already. See `F.focal_loss`.

    Args:
        alpha: the share of positive labels, from 0 to 1; None to weigh both labels alike.
        gamma: how far well classified examples are turned down, at least 0.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.FocalLoss()(Tensor([0.0]), [1]).item(), 6)
        0.043322
    """

    _loss = F.focal_loss
    _options = ("alpha", "gamma")

    def __init__(self, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.alpha = alpha
        self.gamma = gamma


class SoftmaxFocalLoss(Loss):
    """The cross-entropy of class scores with labels, turned down where the prediction is right already. See
    `F.softmax_focal_loss`.

    Args:
        weight: (C,): how much each class counts; a buffer.
        gamma: how far well classified examples are turned down, at least 0.
        ignore_index: examples of this label do not count.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.SoftmaxFocalLoss()(Tensor([[0.0, 0.0]]), [1]).item(), 6)
        0.173287
    """

    _loss = F.softmax_focal_loss
    _options = ("weight", "gamma", "ignore_index")

    def __init__(
        self, weight: Any = None, *, gamma: float = 2.0, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)
        self.gamma = gamma
        self.ignore_index = ignore_index


class SoftMarginLoss(Loss):
    """The logistic loss of scores with signs as labels. See `F.soft_margin_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.SoftMarginLoss()(Tensor([0.0]), [-1]).item(), 6)
        0.693147
    """

    _loss = F.soft_margin_loss


class MultiLabelSoftMarginLoss(Loss):
    """The binary cross-entropy of each class's score, averaged over classes. See `F.multilabel_soft_margin_loss`.

    Args:
        weight: (C,): how much each class counts; a buffer.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.MultiLabelSoftMarginLoss()(Tensor([[0.0, 1000.0]]), [[1, 1]]).item(), 6)
        0.346574
    """

    _loss = F.multilabel_soft_margin_loss
    _options = ("weight",)

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._register_weight("weight", weight)
