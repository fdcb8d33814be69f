"""Pooling layers that leave one number of each channel. Keras's, for channels first; PyTorch has no such layers."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as F
from nn.functional.arguments import numbers
from nn.functional.spatial import check_images
from nn.module import Module


class _GlobalPool(Module):
    _axes: ClassVar[int]
    _pool: ClassVar[Any]

    def __init__(self, keepdims: bool = False) -> None:
        super().__init__()
        self.keepdims = keepdims

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C), or both without N; with `keepdims` (N, C, 1, ...)."""
        kind = type(self).__name__
        x = numbers(kind, "input", x)
        check_images(kind, x, self._axes)
        return type(self)._pool(x, self.keepdims, self._axes)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"keepdims={self.keepdims}"


class GlobalAvgPool1d(_GlobalPool):
    """The mean of each channel of a sequence: see `GlobalAvgPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalAvgPool1d()(np.array([[[1.0, 3.0, 2.0]]]))
        array([[2.]])
    """

    _axes = 1
    _pool = F.global_avg_pool


class GlobalAvgPool2d(_GlobalPool):
    """The mean of each channel of an image, of whatever size, as a `Linear` layer takes it. See `F.global_avg_pool`.

    Keras's GlobalAveragePooling2D for channels first; ``AdaptiveAvgPool2d(1)`` and ``Flatten()`` in PyTorch.

    Args:
        keepdims: whether to keep the spatial axes, of length 1.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalAvgPool2d()(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[1.5, 5.5]])
    """

    _axes = 2
    _pool = F.global_avg_pool


class GlobalAvgPool3d(_GlobalPool):
    """The mean of each channel of a volume: see `GlobalAvgPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalAvgPool3d(keepdims=True)(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[[[3.5]]]])
    """

    _axes = 3
    _pool = F.global_avg_pool


class GlobalMaxPool1d(_GlobalPool):
    """The largest element of each channel of a sequence: see `GlobalMaxPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalMaxPool1d()(np.array([[[1.0, 3.0, 2.0]]]))
        array([[3.]])
    """

    _axes = 1
    _pool = F.global_max_pool


class GlobalMaxPool2d(_GlobalPool):
    """The largest element of each channel of an image; the first of equal ones takes the gradient.

    Keras's GlobalMaxPooling2D for channels first; ``AdaptiveMaxPool2d(1)`` and ``Flatten()`` in PyTorch. See
    `F.global_max_pool`.

    Args:
        keepdims: whether to keep the spatial axes, of length 1.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalMaxPool2d()(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[3., 7.]])
    """

    _axes = 2
    _pool = F.global_max_pool


class GlobalMaxPool3d(_GlobalPool):
    """The largest element of each channel of a volume: see `GlobalMaxPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.GlobalMaxPool3d(keepdims=True)(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[[[7.]]]])
    """

    _axes = 3
    _pool = F.global_max_pool
