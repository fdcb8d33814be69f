"""Pooling layers by windows: the largest element, the mean, the p-norm. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as F
from nn.functional.arguments import per_axis
from nn.module import Module


class _MaxPool(Module):
    _pool: ClassVar[Any]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *fewer), or both without N; with `return_indices` that and integers of its shape.

        The integers are the maxima's places, as `MaxUnpool2d` takes them.
        """
        return type(self)._pool(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of each window of a sequence: see `MaxPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.MaxPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]]))
        array([[3., 2.]])
    """

    _pool = F.max_pool1d


class MaxPool2d(_MaxPool):
    """The largest element of each window of an image; the first of equal ones takes the gradient. See `F.max_pool2d`.

    Args:
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise; `kernel_size` by default, so that windows do not overlap.
        padding: likewise; at most half the kernel. What is padded is never the maximum.
        dilation: likewise.
        return_indices: whether a call also returns the places of the maxima, for `MaxUnpool2d`.
        ceil_mode: whether a last window may reach beyond the end.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.MaxPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
        array([[[ 5.,  7.],
                [13., 15.]]])
    """

    _pool = F.max_pool2d


class MaxPool3d(_MaxPool):
    """The largest element of each window of a volume: see `MaxPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.MaxPool3d(2)(np.arange(16.0).reshape(1, 2, 2, 4))
        array([[[[13., 15.]]]])
    """

    _pool = F.max_pool3d


class _AvgPool(Module):
    _pool: ClassVar[Any]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *fewer), or both without N."""
        return type(self)._pool(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window of a sequence: see `AvgPool2d`, with one spatial axis and without `divisor_override`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AvgPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]]))
        array([[2., 1.]])
    """

    _pool = F.avg_pool1d

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        kernel = per_axis("AvgPool1d", "kernel_size", kernel_size, 1, least=1)
        steps = kernel if stride is None else per_axis("AvgPool1d", "stride", stride, 1, least=1)
        pads = per_axis("AvgPool1d", "padding", padding, 1, least=0)
        super().__init__(kernel, steps, pads, ceil_mode, count_include_pad)

    def forward(self, x: Any) -> Any:
        """(N, C, L) -> (N, C, fewer), or both without N."""
        return F.avg_pool1d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of each window of an image. See `F.avg_pool2d`.

    Args:
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise; `kernel_size` by default, so that windows do not overlap.
        padding: likewise; at most half the kernel.
        ceil_mode: whether a last window may reach beyond the end.
        count_include_pad: whether padding counts in the mean.
        divisor_override: divide by this number instead of the window's size.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AvgPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
        array([[[ 2.5,  4.5],
                [10.5, 12.5]]])
    """

    _pool = F.avg_pool2d


class AvgPool3d(_AvgPool):
    """The mean of each window of a volume: see `AvgPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AvgPool3d(2)(np.arange(16.0).reshape(1, 2, 2, 4))
        array([[[[6.5, 8.5]]]])
    """

    _pool = F.avg_pool3d


class _LPPool(Module):
    _pool: ClassVar[Any]

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *fewer), or both without N."""
        return type(self)._pool(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The p-norm of each window of a sequence: see `LPPool2d`, with one spatial axis.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.LPPool1d(2, 2)(np.array([[3.0, 4.0, 0.0, 2.0]]))
        array([[5., 2.]])
    """

    _pool = F.lp_pool1d


class LPPool2d(_LPPool):
    """The p-norm of each window of an image: the p-th root of the sum of p-th powers. See `F.lp_pool2d`.

    Args:
        norm_type: p, any number but 0: 1 for the sum, infinity for the largest magnitude.
        kernel_size: an integer, or one for each spatial axis.
        stride: likewise; `kernel_size` by default, so that windows do not overlap.
        ceil_mode: whether a last window may reach beyond the end.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.LPPool2d(2, (1, 2))(np.array([[[3.0, 4.0], [5.0, 12.0]]]))
        array([[[ 5.],
                [13.]]])
    """

    _pool = F.lp_pool2d


class LPPool3d(_LPPool):
    """The p-norm of each window of a volume: see `LPPool2d`, with three spatial axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.LPPool3d(3, 2)(np.ones((1, 2, 2, 4)))
        array([[[[2., 2.]]]])
    """

    _pool = F.lp_pool3d
