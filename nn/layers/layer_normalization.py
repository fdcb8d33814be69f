"""Normalisation of each example by itself: the same in training and evaluation. Names and defaults are PyTorch's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.functional.standardize import trailing_shape
from nn.layers.shared import shape_of
from nn.module import Module, Parameter


class LayerNorm(Module):
    """Each example less its mean over the last axes, over its standard deviation; then weight·x + bias.

    See `F.layer_norm`.

    Args:
        normalized_shape: the lengths of the last axes, or the last one's.
        eps: what is added to the variance.
        elementwise_affine: whether weight and bias are learnt.
        bias: whether there is a bias, where affine.
        dtype: of the parameters.

    Attributes:
        weight, bias: of the normalized shape, 1 and 0 at first; or None.

    Raises:
        ValueError: the normalized shape is none.
        ShapeError: called with other last axes.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> layer = nn.LayerNorm(2)
        >>> layer
        LayerNorm((2,), eps=1e-05, elementwise_affine=True, bias=True)
        >>> layer(Tensor([[1.0, 3.0], [20.0, 10.0]])).data.round(4)
        array([[-1.,  1.],
               [ 1., -1.]])
    """

    weight: Tensor | None
    bias: Tensor | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.normalized_shape = trailing_shape("LayerNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape), dtype) if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        """(..., *normalized_shape), and the same."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Each example over the root of its mean square over the last axes, times a weight. See `F.rms_norm`.

    Args:
        normalized_shape: the lengths of the last axes, or the last one's.
        eps: what is added to the mean square; the input dtype's distance from 1 to the next number by default.
        elementwise_affine: whether the weight is learnt.
        dtype: of the weight.

    Attributes:
        weight: of the normalized shape, 1 at first; or None.

    Raises:
        ValueError: the normalized shape is none.
        ShapeError: called with other last axes.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.RMSNorm(2)(Tensor([1.0, 7.0])).data.round(4)
        array([0.2, 1.4])
    """

    weight: Tensor | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        self.normalized_shape = trailing_shape("RMSNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """(..., *normalized_shape), and the same."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Each group of channels of each example less its mean, over its standard deviation; then weight·x + bias.

    See `F.group_norm`.

    Args:
        num_groups: how many groups of successive channels; it divides num_channels.
        num_channels: the channels C.
        eps: what is added to the variance.
        affine: whether weight and bias are learnt.
        bias: whether there is a bias, where affine.
        dtype: of the parameters.

    Attributes:
        weight, bias: (C,), 1 and 0 at first; or None.

    Raises:
        ValueError: a number below 1, or groups that do not divide the channels.
        ShapeError: called with another number of channels.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> layer = nn.GroupNorm(2, 4)
        >>> layer
        GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)
        >>> layer(Tensor([[1.0, 3.0, 10.0, 30.0]])).data.round(4)
        array([[-1.,  1., -1.,  1.]])
    """

    weight: Tensor | None
    bias: Tensor | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        (self.num_groups,) = per_axis("GroupNorm", "num_groups", num_groups, 1, least=1)
        (self.num_channels,) = per_axis("GroupNorm", "num_channels", num_channels, 1, least=1)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: num_groups={num_groups} must divide num_channels={num_channels}")
        self.eps = eps
        self.affine = affine
        self.weight = Parameter(np.ones(num_channels), dtype) if affine else None
        self.bias = Parameter(np.zeros(num_channels), dtype) if affine and bias else None

    def forward(self, x: Any) -> Any:
        """(N, num_channels, ...), and the same."""
        shape = shape_of(x)
        if shape[1:2] != (self.num_channels,):
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (N, {self.num_channels}, ...), got {shape}; reshape "
                f"it, or build the layer with the channels of the input as num_channels"
            )
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Each channel over a power of the mean square of the channels around it. See `F.local_response_norm`.

    Args:
        size: how many channels are taken together.
        alpha: the weight of the mean square.
        beta: the exponent.
        k: what is added.

    Raises:
        ValueError: the size is below 1.
        ShapeError: called with fewer than three axes.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.LocalResponseNorm(2, alpha=2.0, beta=1.0)(Tensor([[[1.0], [2.0]]])).data.round(4)
        array([[[0.5   ],
                [0.3333]]])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        (self.size,) = per_axis("LocalResponseNorm", "size", size, 1, least=1)
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x: Any) -> Any:
        """(N, C, ...), and the same."""
        return F.local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
