"""Bounded and shrinking activations as layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.module import Module


class Hardtanh(Module):
    """x between two bounds, else the nearer bound; the derivative on the bounds is 0. See `F.hardtanh`.

    Args:
        min_val: the lower bound.
        max_val: the upper bound.

    Raises:
        ValueError: min_val is not below max_val.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Hardtanh()(Tensor([-2.0, 0.5])).data
        array([-1. ,  0.5])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        if not min_val < max_val:
            raise ValueError(f"{type(self).__name__}: min_val={min_val} must be below max_val={max_val}")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The bounds."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class ReLU6(Module):
    """min(max(x, 0), 6); the derivative at 0 and 6 is 0. See `F.relu6`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.ReLU6()(Tensor([-1.0, 3.0, 7.0]))
        Tensor([0., 3., 6.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.relu6(x)


class Hardsigmoid(Module):
    """x/6 + 1/2 from -3 to 3, 0 below, 1 above. See `F.hardsigmoid`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Hardsigmoid()(Tensor([-5.0, 0.0])).data
        array([0. , 0.5])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.hardsigmoid(x)


class Softsign(Module):
    """x/(1 + |x|). See `F.softsign`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Softsign()(Tensor([-3.0, 1.0])).data
        array([-0.75,  0.5 ])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.softsign(x)


class Softshrink(Module):
    """x, moved towards 0 by lambd; 0 within ±lambd. See `F.softshrink`.

    Raises:
        ValueError: called with a negative lambd.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Softshrink()(Tensor([-2.0, 0.25])).data
        array([-1.5,  0. ])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.softshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """How far."""
        return str(self.lambd)


class Hardshrink(Module):
    """x outside ±lambd, else 0. See `F.hardshrink`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Hardshrink()(Tensor([-2.0, 0.25]))
        Tensor([-2.,  0.])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.hardshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """What is cut."""
        return str(self.lambd)


class Tanhshrink(Module):
    """x - tanh x. See `F.tanhshrink`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Tanhshrink()(Tensor([0.0, 1000.0])).data
        array([  0., 999.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.tanhshrink(x)
