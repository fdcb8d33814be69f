"""The patches of images as columns, and back, as layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.module import Module


class Unfold(Module):
    """Every patch of an image as a column (im2col). See `F.unfold`.

    Args:
        kernel_size: the patch's size: an integer, or one for each of the two axes.
        dilation: likewise.
        padding: likewise.
        stride: likewise.

    Example:
        A convolution is a matrix product with the patches.

        >>> import nn
        >>> import numpy as np
        >>> conv = nn.Conv2d(2, 4, kernel_size=3, bias=False)
        >>> images = np.arange(100.0).reshape(2, 2, 5, 5)
        >>> columns = nn.Unfold(kernel_size=3)(images)
        >>> columns.shape
        (2, 18, 9)
        >>> product = conv.weight.reshape(4, 18) @ columns
        >>> bool(abs(product.reshape(2, 4, 3, 3) - conv(images)).max() < 1e-12)
        True
    """

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Any) -> Any:
        """(N, C, H, W) -> (N, C·KH·KW, L), or both without N."""
        return F.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """The image in which every column is added where `Unfold` took it from (col2im). See `F.fold`.

    Args:
        output_size: the image's size: an integer, or one for each of the two axes.
        kernel_size: the patch's size; likewise.
        dilation: likewise.
        padding: likewise.
        stride: likewise.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Fold(output_size=(2, 3), kernel_size=2)(np.ones((4, 2)))
        array([[[1., 2., 1.],
                [1., 2., 1.]]])
    """

    def __init__(
        self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Any) -> Any:
        """(N, C·KH·KW, L) -> (N, C, H, W), or both without N."""
        return F.fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
