"""Layers: `Linear` and `Flatten`. Names, defaults and initial values are PyTorch's.

A layer's parameters are float64 unless `dtype` says otherwise, because derivatives are tested in float64. They are
drawn from `rng`, or from the default generator that `nn.manual_seed` restarts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, reshape
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.layers.shared import draw_weight_and_bias, shape_of
from nn.module import Module


class Linear(Module):
    """y = x·weightᵀ + bias, over the last axis.

    Args:
        in_features: the length of the input's last axis.
        out_features: the length of the output's last axis.
        bias: whether a bias is added.
        rng: the generator of the initial values, both uniform within ±1/√in_features.
        dtype: of the parameters.

    Attributes:
        weight: (out_features, in_features).
        bias: (out_features,), or None.

    Raises:
        ValueError: a length below 1.
        ShapeError: called with another last axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
        >>> layer
        Linear(in_features=3, out_features=2, bias=True)
        >>> layer(np.ones((5, 3))).shape
        (5, 2)
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        (self.in_features,) = per_axis("Linear", "in_features", in_features, 1, least=1)
        (self.out_features,) = per_axis("Linear", "out_features", out_features, 1, least=1)
        draw_weight_and_bias(self, (out_features, in_features), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """(..., in_features) -> (..., out_features)"""
        shape = shape_of(x)
        if shape[-1:] != (self.in_features,):
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (..., {self.in_features}), got {shape}; reshape it, as "
                f"nn.Flatten does, or build the layer with in_features={shape[-1] if shape else 1}"
            )
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` joined into one; all but the batch by default.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Flatten()(np.ones((5, 3, 2, 2))).shape
        (5, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Any) -> Any:
        """(N, ...) -> (N, product of the others)"""
        shape = shape_of(x)
        dims = len(shape)
        start, end = (each + dims if each < 0 else each for each in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < dims:
            raise ShapeError(
                f"{self.describe()}: an input of shape {shape} has no axes from start_dim={self.start_dim} to "
                f"end_dim={self.end_dim}; give a batch (N, ...), or build the layer with other axes"
            )
        return reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
