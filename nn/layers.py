"""Layers: `Linear`, convolutions and `Flatten`. Names, defaults and initial values are PyTorch's.

A layer's parameters are float64 unless `dtype` says otherwise, because derivatives are tested in float64. They are
drawn from `rng`, or from the default generator that `nn.manual_seed` restarts.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError, Tensor, reshape
from nn import functional as F
from nn import init
from nn.functional.arguments import per_axis
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
        _draw_weight_and_bias(self, (out_features, in_features), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """(..., in_features) -> (..., out_features)"""
        shape = _shape(x)
        if shape[-1:] != (self.in_features,):
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (..., {self.in_features}), got {shape}; reshape it, as "
                f"nn.Flatten does, or build the layer with in_features={shape[-1] if shape else 1}"
            )
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class _Conv(Module):
    weight: Tensor
    bias: Tensor | None
    _axes: ClassVar[int]
    _layout: ClassVar[str]
    _convolve: ClassVar[Any]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__()
        kind, axes = type(self).__name__, self._axes
        (self.in_channels,) = per_axis(kind, "in_channels", in_channels, 1, least=1)
        (self.out_channels,) = per_axis(kind, "out_channels", out_channels, 1, least=1)
        (self.groups,) = per_axis(kind, "groups", groups, 1, least=1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{kind}: groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}"
            )
        self.kernel_size = per_axis(kind, "kernel_size", kernel_size, axes, least=1)
        self.stride = per_axis(kind, "stride", stride, axes, least=1)
        self.dilation = per_axis(kind, "dilation", dilation, axes, least=1)
        self.padding = (padding,) * axes if isinstance(padding, int) else padding
        _draw_weight_and_bias(self, (out_channels, in_channels // groups, *self.kernel_size), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """(N, in_channels, *spatial) -> (N, out_channels, *spatial); without N, both without."""
        shape = _shape(x)
        if len(shape) not in (self._axes + 1, self._axes + 2) or shape[-self._axes - 1] != self.in_channels:
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (N, {self.in_channels}, {self._layout}) or "
                f"({self.in_channels}, {self._layout}), got {shape}; reshape it, or build the layer with the channels "
                f"of the input as in_channels"
            )
        convolve = type(self)._convolve
        return convolve(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The layer's arguments, those at their default left out as in PyTorch."""
        ones = (1,) * self._axes
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        if self.padding != (0,) * self._axes:
            parts.append(f"padding={self.padding}")
        if self.dilation != ones:
            parts.append(f"dilation={self.dilation}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        return ", ".join(parts)


class Conv1d(_Conv):
    """A convolution of sequences: see `Conv2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Conv1d(2, 4, kernel_size=3, padding="same")(np.ones((5, 2, 7))).shape
        (5, 4, 7)
    """

    _axes, _layout, _convolve = 1, "L", F.conv1d


class Conv2d(_Conv):
    """A convolution of images, which is cross-correlation, as in every deep-learning library; see `F.conv2d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output: kernels.
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise.
        padding: likewise; or "same" or "valid".
        dilation: likewise.
        groups: the number of groups that channels are divided into.
        bias: whether each output channel has a bias.
        rng: the generator of the initial values, both uniform within ±1/√fan_in, where fan_in is the number of
            elements of one kernel.
        dtype: of the parameters.

    Attributes:
        weight: (out_channels, in_channels / groups, *kernel_size).
        bias: (out_channels,), or None.

    Raises:
        ValueError: an argument outside its range.
        ShapeError: called with an input of another number of axes or channels, or smaller than the kernel.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> conv = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        >>> conv
        Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
        >>> conv(np.ones((5, 1, 28, 28))).shape
        (5, 8, 28, 28)
    """

    _axes, _layout, _convolve = 2, "H, W", F.conv2d


class Conv3d(_Conv):
    """A convolution of volumes: see `Conv2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Conv3d(1, 2, kernel_size=(1, 2, 2))(np.ones((5, 1, 3, 4, 4))).shape
        (5, 2, 3, 3, 3)
    """

    _axes, _layout, _convolve = 3, "D, H, W", F.conv3d


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
        shape = _shape(x)
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


def _draw_weight_and_bias(
    layer: Any, shape: tuple[int, ...], bias: bool, rng: np.random.Generator | None, dtype: Any
) -> None:
    layer.weight = init.kaiming_uniform_(Parameter(np.zeros(shape), dtype), a=math.sqrt(5.0), rng=rng)
    layer.bias = None
    if bias:
        bound = 1.0 / math.sqrt(math.prod(shape[1:]))
        layer.bias = init.uniform_(Parameter(np.zeros(shape[0]), dtype), -bound, bound, rng=rng)


def _shape(x: Any) -> tuple[int, ...]:
    return x.shape if hasattr(x, "shape") else np.shape(x)
