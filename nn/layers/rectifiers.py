"""Rectifiers as layers. Names and defaults are PyTorch's; the formulas are in the functions of the same names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.init import generator
from nn.module import Module, Parameter


class ELU(Module):
    """x where x > 0, else alpha·(exp(x) - 1). See `F.elu`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.ELU(alpha=2.0)(Tensor([-1000.0, 3.0])).data
        array([-2.,  3.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.elu(x, self.alpha)

    def extra_repr(self) -> str:
        """The limit at -infinity, negated."""
        return f"alpha={self.alpha}"


class SELU(Module):
    """scale·x where x > 0, else scale·alpha·(exp(x) - 1): mean 0 and variance 1 stay. See `F.selu`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.SELU()(Tensor([1.0])).data.round(4)
        array([1.0507])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.selu(x)


class CELU(Module):
    """x where x > 0, else alpha·(exp(x/alpha) - 1). See `F.celu`.

    Raises:
        ValueError: called with alpha 0.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.CELU(alpha=2.0)(Tensor([-1000.0, 3.0])).data
        array([-2.,  3.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.celu(x, self.alpha)

    def extra_repr(self) -> str:
        """The limit at -infinity, negated."""
        return f"alpha={self.alpha}"


class PReLU(Module):
    """x where x > 0, else weight·x, with a weight that is learnt. See `F.prelu`.

    Args:
        num_parameters: 1, or one for each channel of the input (N, C, ...).
        init: the weight's initial value.
        dtype: of the weight.

    Attributes:
        weight: (num_parameters,).

    Raises:
        ValueError: num_parameters is below 1.
        ShapeError: called with another number of channels.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> layer = nn.PReLU()
        >>> layer(Tensor([-1.0, 2.0])).data
        array([-0.25,  2.  ])
    """

    weight: Tensor

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float64) -> None:
        super().__init__()
        (self.num_parameters,) = per_axis("PReLU", "num_parameters", num_parameters, 1, least=1)
        self.weight = Parameter(np.full(self.num_parameters, float(init)), dtype)

    def forward(self, x: Any) -> Any:
        """(N, num_parameters, ...), or any shape for one parameter."""
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where x > 0, else slope·x: in training with a random slope for each number. See `F.rrelu`.

    Args:
        lower: the least slope.
        upper: the largest slope.
        rng: the generator of the slopes; the default one of `nn.manual_seed` otherwise.

    Raises:
        ValueError: lower is above upper.
        TypeError: `rng` is no generator.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.RReLU(0.25, 0.75).eval()(Tensor([-1.0, 2.0])).data
        array([-0.5,  2. ])
    """

    rng: np.random.Generator | None

    def __init__(
        self, lower: float = 1.0 / 8.0, upper: float = 1.0 / 3.0, *, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        if not lower <= upper:
            raise ValueError(f"RReLU: lower={lower} is above upper={upper}; exchange them")
        self.lower = lower
        self.upper = upper
        generator(rng)  # what is no generator is refused now, not in the first forward pass
        self.rng = rng

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.rrelu(x, self.lower, self.upper, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """The least and the largest slope."""
        return f"lower={self.lower}, upper={self.upper}"


class Softplus(Module):
    """log(1 + exp(beta·x))/beta, a smooth relu. See `F.softplus`.

    Args:
        beta: how sharp the bend at 0 is.
        threshold: where beta·x is above it, the function is taken to be x.

    Raises:
        ValueError: called with beta 0.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Softplus()(Tensor([0.0, 25.0])).data.round(4)
        array([ 0.6931, 25.    ])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The sharpness, and where the function ends."""
        return f"beta={self.beta}, threshold={self.threshold}"


class LogSigmoid(Module):
    """log(1/(1 + exp(-x))), elementwise. See `F.logsigmoid`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.LogSigmoid()(Tensor([-1000.0]))
        Tensor([-1000.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.logsigmoid(x)


class Threshold(Module):
    """x where x > threshold, else value. See `F.threshold`.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.Threshold(0.5, 20.0)(Tensor([0.5, 2.0])).data
        array([20.,  2.])
    """

    def __init__(self, threshold: float, value: float) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value

    def forward(self, x: Any) -> Any:
        """Any shape."""
        return F.threshold(x, self.threshold, self.value)

    def extra_repr(self) -> str:
        """The threshold, and what takes the place of smaller numbers."""
        return f"threshold={self.threshold}, value={self.value}"
