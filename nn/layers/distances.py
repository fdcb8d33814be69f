"""Distances and similarities as layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.module import Module


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along an axis. See `F.cosine_similarity`.

    Args:
        dim: the axis.
        eps: the least length that is divided by.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.CosineSimilarity()(Tensor([[3.0, 4.0]]), Tensor([[4.0, 3.0]])).data
        array([0.96])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """Two of any shapes that broadcast -> their shape without the axis."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)

    def extra_repr(self) -> str:
        """The axis and the least length."""
        return f"dim={self.dim}, eps={self.eps}"


class PairwiseDistance(Module):
    """The distance between vectors along the last axis. See `F.pairwise_distance`.

    Args:
        p: the order of the norm.
        eps: what is added to each difference.
        keepdim: keep the last axis, of length 1.

    Raises:
        ValueError: called with a negative p.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.PairwiseDistance()(Tensor([[3.0, 5.0]]), Tensor([[0.0, 1.0]])).data.round(4)
        array([5.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.p = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """(..., D) and (..., D) -> (...)"""
        return F.pairwise_distance(x1, x2, self.p, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        """The order and the rest."""
        return f"p={self.p}, eps={self.eps}, keepdim={self.keepdim}"
