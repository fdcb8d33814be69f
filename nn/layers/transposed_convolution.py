"""Transposed convolution layers. Names, defaults and initial values are PyTorch's."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd import ShapeError
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.functional.spatial import dilated_spans
from nn.layers.convolution import ConvolutionLayer
from nn.layers.shared import draw_weight_and_bias


class _ConvTranspose(ConvolutionLayer):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups, padding_mode)
        kind = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(
                f"{kind}: padding_mode={padding_mode!r}: there is nothing to pad with; leave it at 'zeros'"
            )
        self.padding = per_axis(kind, "padding", padding, self._axes, least=0)
        self.output_padding = per_axis(kind, "output_padding", output_padding, self._axes, least=0)
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        draw_weight_and_bias(self, shape, bias, rng, dtype, outputs=out_channels)

    def forward(self, x: Any, output_size: Any = None) -> Any:
        """(N, in_channels, *spatial) -> (N, out_channels, *output_size); without N, both without.

        Args:
            output_size: the spatial size of the output, or its whole shape: it chooses the `output_padding`, where the
                layer's own leaves several sizes possible.

        Raises:
            ShapeError: no `output_padding` smaller than the stride leads to that size.
        """
        shape = self.check_input(x)
        extra = self.output_padding if output_size is None else self._output_padding(shape, output_size)
        convolve = type(self)._function
        return convolve(x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _output_padding(self, shape: tuple[int, ...], output_size: Any) -> tuple[int, ...]:
        axes = self._axes
        try:
            size = tuple(map(operator.index, output_size))
        except TypeError:
            size = ()
        if len(size) not in (axes, len(shape)):
            raise ShapeError(
                f"{self.describe()}: output_size={output_size!r} must be a sequence of {axes} integers, or of "
                f"{len(shape)} with the channels as in the input of shape {shape}"
            )
        size = size[-axes:]
        spans = dilated_spans(self.kernel_size, self.dilation)
        least = tuple(
            (length - 1) * step - 2 * pad + span
            for length, step, pad, span in zip(shape[-axes:], self.stride, self.padding, spans, strict=True)
        )
        most = tuple(length + step - 1 for length, step in zip(least, self.stride, strict=True))
        if any(not low <= each <= high for low, each, high in zip(least, size, most, strict=True)):
            raise ShapeError(
                f"{self.describe()}: an input of shape {shape} can have an output of {least} to {most}, not of {size}"
            )
        return tuple(each - low for each, low in zip(size, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """A transposed convolution of sequences: see `ConvTranspose2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ConvTranspose1d(2, 4, kernel_size=3, stride=2)(np.ones((5, 2, 7))).shape
        (5, 4, 15)
    """

    _axes, _layout, _function = 1, "L", F.conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """A transposed convolution of images, which makes them larger as a strided convolution makes them smaller.

    See `F.conv_transpose2d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise.
        padding: likewise: how many pixels to take away at both ends.
        output_padding: likewise: how many further pixels the output has at its end.
        groups: the number of groups that channels are divided into.
        bias: whether each output channel has a bias.
        dilation: an integer, or one for each spatial axis.
        padding_mode: "zeros", the only one that there is.
        rng: the generator of the initial values, both uniform within ±1/√(out_channels / groups · ΠK).
        dtype: of the parameters.

    Attributes:
        weight: (in_channels, out_channels / groups, *kernel_size).
        bias: (out_channels,), or None.

    Raises:
        ValueError: an argument outside its range.
        ShapeError: called with an input of another number of axes or channels, or with an impossible `output_size`.

    Example:
        A convolution with stride 2 takes 7 and 8 pixels to 4; `output_size` tells to which of them to go back.

        >>> import nn
        >>> import numpy as np
        >>> up = nn.ConvTranspose2d(8, 1, kernel_size=3, stride=2, padding=1)
        >>> up
        ConvTranspose2d(8, 1, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
        >>> small = np.ones((5, 8, 4, 4))
        >>> up(small).shape, up(small, output_size=(8, 8)).shape
        ((5, 1, 7, 7), (5, 1, 8, 8))
    """

    _axes, _layout, _function = 2, "H, W", F.conv_transpose2d


class ConvTranspose3d(_ConvTranspose):
    """A transposed convolution of volumes: see `ConvTranspose2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ConvTranspose3d(1, 2, kernel_size=(1, 2, 2))(np.ones((5, 1, 3, 4, 4))).shape
        (5, 2, 3, 5, 5)
    """

    _axes, _layout, _function = 3, "D, H, W", F.conv_transpose3d
