"""Activations as layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError
from nn import functional as F
from nn.layers.shared import shape_of
from nn.module import Module


class ReLU(Module):
    """max(x, 0), elementwise; the derivative at 0 is 0.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.ReLU()(Tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.relu(x)


class LeakyReLU(Module):
    """x where x > 0, else negative_slope·x.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.LeakyReLU(0.5)(Tensor([-1.0, 2.0])).data
        array([-0.5,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class Sigmoid(Module):
    """1/(1 + exp(-x)), elementwise.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Sigmoid()(Tensor([0.0]))
        Tensor([0.5])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.sigmoid(x)


class Tanh(Module):
    """tanh x, elementwise.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Tanh()(Tensor([0.0]))
        Tensor([0.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.tanh(x)


class Softmax(Module):
    """exp(x)/Σ exp(x) along one axis: numbers from 0 to 1 whose sum is 1.

    Args:
        dim: the axis of the sum.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Softmax(dim=1)(Tensor([[1.0, 1.0]])).data
        array([[0.5, 0.5]])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Any shape that has the axis."""
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """x - log Σ exp(x) along one axis: the logarithm of `Softmax`, without overflow.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.LogSoftmax(dim=1)(Tensor([[1000.0, 1000.0]])).data.round(6)
        array([[-0.693147, -0.693147]])
    """

    def forward(self, x: Any) -> Any:
        """Any shape that has the axis."""
        return F.log_softmax(x, self.dim)


class Softmin(Softmax):
    """exp(-x)/Σ exp(-x) along one axis: `Softmax` of -x. See `F.softmin`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Softmin(dim=1)(Tensor([[1000.0, -1000.0]]))
        Tensor([[0., 1.]])
    """

    def forward(self, x: Any) -> Any:
        """Any shape that has the axis."""
        return F.softmin(x, self.dim)


class Softmax2d(Module):
    """`Softmax` over the channels of images: at each place, numbers from 0 to 1 whose sum is 1.

    Raises:
        ShapeError: called with another number of axes.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Softmax2d()(np.zeros((1, 2, 3, 4)))[0, :, 0, 0]
        array([0.5, 0.5])
    """

    def forward(self, x: Any) -> Any:
        """(N, C, H, W) or (C, H, W)"""
        shape = shape_of(x)
        if len(shape) not in (3, 4):
            raise ShapeError(
                f"{self.describe()}: expected an input of shape (N, C, H, W) or (C, H, W), got {shape}; use nn.Softmax"
            )
        return F.softmax(x, -3)
