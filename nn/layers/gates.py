"""Gates as layers. Names and defaults are PyTorch's; the formulas are in the functions of the same names."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.module import Module


class GELU(Module):
    """x·Φ(x), with the normal distribution's cumulative function. See `F.gelu`.

    Args:
        approximate: "none", or "tanh" for the approximation by tanh.

    Raises:
        ValueError: another approximation.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.GELU()(Tensor([1.0])).data.round(4)
        array([0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate={approximate!r} is neither 'none' nor 'tanh'")
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self) -> str:
        """The approximation."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x·σ(x), also called swish. See `F.silu`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.SiLU()(Tensor([1.0])).data.round(4)
        array([0.7311])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.silu(x)


class Mish(Module):
    """x·tanh(softplus(x)). See `F.mish`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Mish()(Tensor([1.0])).data.round(4)
        array([0.8651])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.mish(x)


class Hardswish(Module):
    """x·hardsigmoid(x). See `F.hardswish`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Hardswish()(Tensor([0.0, 3.0]))
        Tensor([0., 3.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.hardswish(x)


class GLU(Module):
    """a·σ(b) of the input's halves a and b along an axis. See `F.glu`.

    Args:
        dim: the axis, which the output has at half its length.

    Raises:
        ShapeError: called with an axis of odd length.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.GLU()(Tensor([[4.0, 0.0]]))
        Tensor([[2.]])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """(..., 2·n, ...) -> (..., n, ...)"""
        return F.glu(x, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"
