"""Pooling layers that are told the size of their output. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as F
from nn.module import Module


class _AdaptiveAvgPool(Module):
    _pool: ClassVar[Any]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *output_size), or both without N."""
        return type(self)._pool(x, self.output_size)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of `output_size` windows of a sequence: see `AdaptiveAvgPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveAvgPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]]))
        array([[2., 1.]])
    """

    _pool = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of as many windows of an image as `output_size` asks for. See `F.adaptive_avg_pool2d`.

    Args:
        output_size: (H_out, W_out), each an integer of at least 1, or None to keep the input's; one number for both.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveAvgPool2d((None, 1))(np.arange(6.0).reshape(1, 2, 3))
        array([[[1.],
                [4.]]])
    """

    _pool = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of as many windows of a volume: see `AdaptiveAvgPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveAvgPool3d((1, 1, 2))(np.arange(16.0).reshape(1, 2, 2, 4))
        array([[[[6.5, 8.5]]]])
    """

    _pool = F.adaptive_avg_pool3d


class _AdaptiveMaxPool(Module):
    _pool: ClassVar[Any]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *output_size), or both without N; with `return_indices` that and the places."""
        return type(self)._pool(x, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest elements of `output_size` windows of a sequence: see `AdaptiveMaxPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveMaxPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]]))
        array([[3., 2.]])
    """

    _pool = F.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest elements of as many windows of an image as `output_size` asks for. See `F.adaptive_max_pool2d`.

    Args:
        output_size: (H_out, W_out), each an integer of at least 1, or None to keep the input's; one number for both.
        return_indices: whether a call also returns the places of the maxima, for `MaxUnpool2d`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveMaxPool2d((None, 1))(np.arange(6.0).reshape(1, 2, 3))
        array([[[2.],
                [5.]]])
    """

    _pool = F.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest elements of as many windows of a volume: see `AdaptiveMaxPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AdaptiveMaxPool3d((1, 1, 2))(np.arange(16.0).reshape(1, 2, 2, 4))
        array([[[[13., 15.]]]])
    """

    _pool = F.adaptive_max_pool3d
