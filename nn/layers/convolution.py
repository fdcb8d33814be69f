"""Convolution layers. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError, Tensor
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.functional.spatial import Pairs, dilated_spans, padding_pairs
from nn.layers.shared import draw_weight_and_bias, shape_of
from nn.module import Module

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class ConvolutionLayer(Module):
    """What convolutions and transposed ones share: their arguments, parameters and form."""

    weight: Tensor
    bias: Tensor | None
    padding: Any
    _axes: ClassVar[int]
    _layout: ClassVar[str]
    _function: ClassVar[Any]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        dilation: Any,
        groups: int,
        padding_mode: str,
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
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"{kind}: padding_mode={padding_mode!r} is none of {', '.join(map(repr, PADDING_MODES))}")
        self.padding_mode = padding_mode

    def check_input(self, x: Any) -> tuple[int, ...]:
        """The input's shape; raise `ShapeError` where it is not one that the layer was built for."""
        shape = shape_of(x)
        if len(shape) not in (self._axes + 1, self._axes + 2) or shape[-self._axes - 1] != self.in_channels:
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (N, {self.in_channels}, {self._layout}) or "
                f"({self.in_channels}, {self._layout}), got {shape}; reshape it, or build the layer with the channels "
                f"of the input as in_channels"
            )
        return shape

    def extra_repr(self) -> str:
        """The layer's arguments, those at their default left out as in PyTorch."""
        zeros, ones = (0,) * self._axes, (1,) * self._axes
        output_padding = getattr(self, "output_padding", zeros)
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        if self.padding != zeros:
            parts.append(f"padding={self.padding}")
        if self.dilation != ones:
            parts.append(f"dilation={self.dilation}")
        if output_padding != zeros:
            parts.append(f"output_padding={output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class _Conv(ConvolutionLayer):
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
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups, padding_mode)
        self.padding = (padding,) * self._axes if isinstance(padding, int) else padding
        self._padding_pairs()
        draw_weight_and_bias(self, (out_channels, in_channels // groups, *self.kernel_size), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """(N, in_channels, *spatial) -> (N, out_channels, *spatial); without N, both without."""
        self.check_input(x)
        padding = self.padding
        if self.padding_mode != "zeros":
            amounts = [amount for pair in reversed(self._padding_pairs()) for amount in pair]
            x, padding = F.pad(x, amounts, self.padding_mode), 0
        convolve = type(self)._function
        return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _padding_pairs(self) -> Pairs:
        spans = dilated_spans(self.kernel_size, self.dilation)
        return padding_pairs(type(self).__name__, self.padding, spans, self.stride)


class Conv1d(_Conv):
    """A convolution of sequences: see `Conv2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Conv1d(2, 4, kernel_size=3, padding="same")(np.ones((5, 2, 7))).shape
        (5, 4, 7)
    """

    _axes, _layout, _function = 1, "L", F.conv1d


class Conv2d(_Conv):
    """A convolution of images, which is cross-correlation, as in every deep-learning library; see `F.conv2d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output: kernels.
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise.
        padding: likewise; or "same" or "valid".
        dilation: likewise.
        groups: the number of groups that channels are divided into; as many as channels for a depthwise convolution.
        bias: whether each output channel has a bias.
        padding_mode: what to pad with: "zeros", or "reflect", "replicate" or "circular" as in `F.pad`.
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

    _axes, _layout, _function = 2, "H, W", F.conv2d


class Conv3d(_Conv):
    """A convolution of volumes: see `Conv2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Conv3d(1, 2, kernel_size=(1, 2, 2))(np.ones((5, 1, 3, 4, 4))).shape
        (5, 2, 3, 3, 3)
    """

    _axes, _layout, _function = 3, "D, H, W", F.conv3d
