"""Losses with a margin as modules: of signs, classes, rankings and vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import functional as F
from nn.layers.losses.shared import Loss


class HingeLoss(Loss):
    """The support vector machine's loss of scores with signs as labels. See `F.hinge_loss`.

    Args:
        p: 1, or 2 for the squared hinge.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.HingeLoss()(Tensor([0.5, 0.5]), [1, -1]).item()
        1.0
    """

    _loss = F.hinge_loss
    _options = ("p",)

    def __init__(self, p: int = 1, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.p = p


class HingeEmbeddingLoss(Loss):
    """The distance of similar pairs, and what dissimilar ones lack to the margin. See `F.hinge_embedding_loss`.

    Args:
        margin: the distance that dissimilar pairs should have.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.HingeEmbeddingLoss()(Tensor([0.25, 0.25]), [1, -1]).item()
        0.5
    """

    _loss = F.hinge_embedding_loss
    _options = ("margin",)

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin


class MarginRankingLoss(Loss):
    """How far one score of two is from leading the other by the margin. See `F.margin_ranking_loss`.

    Args:
        margin: the lead.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.MarginRankingLoss()(Tensor([1.0]), Tensor([3.0]), [1]).item()
        2.0
    """

    _loss = F.margin_ranking_loss
    _options = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
        """One number, or with the reduction "none" an array of them."""
        return self._of(input1, input2, target)


class MultiMarginLoss(Loss):
    """The hinge loss of class scores with integer labels. See `F.multi_margin_loss`.

    Args:
        p: 1, or 2 for squares.
        margin: the lead that the label's score should have.
        weight: (C,): how much each class counts; a buffer.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.MultiMarginLoss()(Tensor([[2.0, 1.5, 0.0, -1.0]]), [0]).item()
        0.125
    """

    _loss = F.multi_margin_loss
    _options = ("p", "margin", "weight")

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.p = p
        self.margin = margin
        self._register_weight("weight", weight)


class MultiLabelMarginLoss(Loss):
    """The hinge loss of scores of classes of which several hold. See `F.multilabel_margin_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.MultiLabelMarginLoss()(Tensor([[0.1, 0.2, 0.4, 0.8]]), [[3, 0, -1, -1]]).item(), 6)
        0.85
    """

    _loss = F.multilabel_margin_loss


class TripletMarginLoss(Loss):
    """How far vectors are from lying closer to their like than to others by a margin. See `F.triplet_margin_loss`.

    Args:
        margin: the lead, more than 0.
        p: the order of the norm.
        eps: what is added to each difference.
        swap: whether the negative's distance may be taken from the positive.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> loss = nn.TripletMarginLoss(eps=0.0)
        >>> loss(Tensor([[0.0, 0.0]]), Tensor([[3.0, 4.0]]), Tensor([[0.0, 2.0]])).item()
        4.0
    """

    _loss = F.triplet_margin_loss
    _options = ("margin", "p", "eps", "swap")

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, *, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:  # type: ignore[override]
        """One number, or with the reduction "none" an array of them."""
        return self._of(anchor, positive, negative)


class TripletMarginWithDistanceLoss(Loss):
    """`TripletMarginLoss` with a distance of your own. See `F.triplet_margin_with_distance_loss`.

    Args:
        distance_function: gives the distances of two arguments; `F.pairwise_distance` by default.
        margin: the lead, more than 0.
        swap: whether the negative's distance may be taken from the positive.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> def squared(x1, x2):
        ...     return ((x1 - x2) ** 2).sum(axis=-1)
        >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=squared)
        >>> loss(Tensor([[0.0, 0.0]]), Tensor([[3.0, 0.0]]), Tensor([[0.0, 2.0]])).item()
        6.0
    """

    _loss = F.triplet_margin_with_distance_loss
    _options = ("distance_function", "margin", "swap")

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.distance_function = distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:  # type: ignore[override]
        """One number, or with the reduction "none" an array of them."""
        return self._of(anchor, positive, negative)


class CosineEmbeddingLoss(Loss):
    """Draws similar vectors to one direction, and keeps others from it. See `F.cosine_embedding_loss`.

    Args:
        margin: the cosine that dissimilar vectors may have, from -1 to 1.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> round(nn.CosineEmbeddingLoss()(Tensor([[3.0, 4.0]]), Tensor([[4.0, 3.0]]), [1]).item(), 6)
        0.04
    """

    _loss = F.cosine_embedding_loss
    _options = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
        """One number, or with the reduction "none" an array of them."""
        return self._of(input1, input2, target)
