"""Layers: `Linear`, `Bilinear`, and those that only arrange. Names, defaults and initial values are PyTorch's.

A layer's parameters are float64 unless `dtype` says otherwise, because derivatives are tested in float64. They are
drawn from `rng`, or from the default generator that `nn.manual_seed` restarts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, reshape
from nn import functional as F
from nn import init
from nn.functional.arguments import per_axis
from nn.layers.shared import draw_weight_and_bias, shape_of
from nn.module import Module, Parameter


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


class Bilinear(Module):
    """y_o = x1ᵀ·weight_o·x2 + bias_o: linear in each of two inputs. See `F.bilinear`.

    Args:
        in1_features: the length of the first input's last axis.
        in2_features: that of the second's.
        out_features: that of the output's.
        bias: whether a bias is added.
        rng: the generator of the initial values, both uniform within ±1/√in1_features.
        dtype: of the parameters.

    Attributes:
        weight: (out_features, in1_features, in2_features).
        bias: (out_features,), or None.

    Raises:
        ValueError: a length below 1.
        ShapeError: called with inputs that do not fit.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.Bilinear(2, 3, 4)
        >>> layer(np.ones((5, 2)), np.ones((5, 3))).shape
        (5, 4)
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        (self.in1_features,) = per_axis("Bilinear", "in1_features", in1_features, 1, least=1)
        (self.in2_features,) = per_axis("Bilinear", "in2_features", in2_features, 1, least=1)
        (self.out_features,) = per_axis("Bilinear", "out_features", out_features, 1, least=1)
        shape, bound = (out_features, in1_features, in2_features), 1.0 / math.sqrt(in1_features)
        self.weight = init.uniform_(Parameter(np.zeros(shape), dtype), -bound, bound, rng=rng)
        self.bias = init.uniform_(Parameter(np.zeros(out_features), dtype), -bound, bound, rng=rng) if bias else None

    def forward(self, x1: Any, x2: Any) -> Any:
        """(..., in1_features) and (..., in2_features) -> (..., out_features)"""
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Identity(Module):
    """What it is called with, unchanged: a place that another layer may take. Arguments are ignored, as in PyTorch.

    Example:
        >>> import nn
        >>> nn.Identity(54, unused=True)(2.0)
        2.0
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        """Anything."""
        return x


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


class Unflatten(Module):
    """One axis divided into several, of a given shape: the reverse of `Flatten`.

    Args:
        dim: the axis.
        unflattened_size: the lengths that it is divided into, whose product is its length; one may be -1.

    Raises:
        ValueError: a length is none.
        ShapeError: called with an input whose axis has another length.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Unflatten(1, (3, -1, 2))(np.ones((5, 12))).shape
        (5, 3, 2, 2)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim = dim
        self.unflattened_size = per_axis(
            "Unflatten", "unflattened_size", list(unflattened_size), len(unflattened_size), least=-1
        )
        if self.unflattened_size.count(-1) > 1:
            raise ValueError(f"Unflatten: unflattened_size={unflattened_size} leaves more than one length open")

    def forward(self, x: Any) -> Any:
        """(..., length, ...) -> (..., *unflattened_size, ...)"""
        shape, parts = shape_of(x), list(self.unflattened_size)
        place = self.dim + len(shape) if self.dim < 0 else self.dim
        length = shape[place] if 0 <= place < len(shape) else -1
        known = math.prod(part for part in parts if part != -1)
        if -1 in parts and known:
            parts[parts.index(-1)] = length // known
        if length < 0 or -1 in parts or math.prod(parts) != length:
            raise ShapeError(
                f"{self.describe()}: axis {self.dim} of an input of shape {shape} does not divide into "
                f"{self.unflattened_size}; build the layer with lengths whose product is the axis's"
            )
        return reshape(x, (*shape[:place], *parts, *shape[place + 1 :]))

    def extra_repr(self) -> str:
        """The axis and what it is divided into."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
