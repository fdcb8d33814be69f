"""Max unpooling layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as F
from nn.functional.arguments import per_axis
from nn.module import Module


class _MaxUnpool(Module):
    _axes: ClassVar[int]
    _unpool: ClassVar[Any]

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        kind, axes = type(self).__name__, self._axes
        self.kernel_size = per_axis(kind, "kernel_size", kernel_size, axes, least=1)
        self.stride = self.kernel_size if stride is None else per_axis(kind, "stride", stride, axes, least=1)
        self.padding = per_axis(kind, "padding", padding, axes, least=0)

    def forward(self, x: Any, indices: Any, output_size: Any = None) -> Any:
        """(N, C, *spatial) and integers of that shape -> (N, C, *more), or all without N."""
        return type(self)._unpool(x, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The maxima of sequences put back to their places: see `MaxUnpool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> out, indices = nn.MaxPool1d(2, return_indices=True)(np.array([[1.0, 3.0, 2.0, 0.0]]))
        >>> nn.MaxUnpool1d(2)(out, indices)
        array([[0., 3., 2., 0.]])
    """

    _axes = 1
    _unpool = F.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """The maxima of images put back to their places, with zeros between. See `F.max_unpool2d`.

    A call takes the pooled images, the indices that the pooling returned, and `output_size`: what it pooled from, where
    that is not the size that follows from the arguments.

    Args:
        kernel_size: the pooling's: an integer, or one for each spatial axis.
        stride: likewise; `kernel_size` by default.
        padding: likewise.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> out, indices = nn.MaxPool2d(2, return_indices=True)(np.array([[[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]]]))
        >>> nn.MaxUnpool2d(2)(out, indices, output_size=(2, 3))
        array([[[0., 5., 0.],
                [0., 0., 0.]]])
    """

    _axes = 2
    _unpool = F.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """The maxima of volumes put back to their places: see `MaxUnpool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.MaxUnpool3d((1, 1, 2))(np.array([[[[7.0]]]]), np.array([[[[1]]]]))
        array([[[[0., 7.]]]])
    """

    _axes = 3
    _unpool = F.max_unpool3d
