"""Dropout layers: they drop in training, and hand on what they get in evaluation. Names and defaults are PyTorch's.

Masks are drawn from the layer's `rng`, or from the default generator that `nn.manual_seed` restarts. Its state is part
of what a run is to be resumed from: ``layer.rng.bit_generator.state``, or
``nn.init.default_generator().bit_generator.state`` where `rng` is None.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn import functional as F
from nn import init
from nn.functional.regularization import check_probability
from nn.module import Module


class _Dropout(Module):
    rng: np.random.Generator | None
    _drop: ClassVar[Any]

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        self.p = check_probability(type(self).__name__, p)
        init.generator(rng)  # what is no generator is refused now, not in the first forward pass
        self.rng = rng

    def forward(self, x: Any) -> Any:
        """The same shape."""
        return type(self)._drop(x, self.p, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}"


class Dropout(_Dropout):
    """In training each number is dropped with probability p, and the others are divided by 1 - p. See `F.dropout`.

    Args:
        p: the probability of 0.
        rng: the generator of the masks; the default one of `nn.manual_seed` otherwise.

    Raises:
        ValueError: p is no probability.
        TypeError: `rng` is no generator.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.Dropout(0.5, rng=np.random.default_rng(0))
        >>> layer(np.ones(4))
        array([2., 0., 0., 0.])
        >>> layer.eval()(np.ones(4))
        array([1., 1., 1., 1.])
    """

    _drop = F.dropout


class Dropout1d(_Dropout):
    """In training whole channels of (N, C, L) or (C, L) are dropped. See `F.dropout1d`, and `Dropout` for arguments.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Dropout1d(rng=np.random.default_rng(0))(np.ones((2, 3)))
        array([[2., 2., 2.],
               [0., 0., 0.]])
    """

    _drop = F.dropout1d


class Dropout2d(_Dropout):
    """In training whole channels of (N, C, H, W) are dropped. See `F.dropout2d`, and `Dropout` for arguments.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Dropout2d(rng=np.random.default_rng(0))(np.ones((1, 2, 1, 3)))
        array([[[[2., 2., 2.]],
                [[0., 0., 0.]]]])
    """

    _drop = F.dropout2d


class Dropout3d(_Dropout):
    """In training whole channels of (N, C, D, H, W) or (C, D, H, W) are dropped. See `F.dropout3d`, and `Dropout`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Dropout3d(rng=np.random.default_rng(0))(np.ones((2, 1, 1, 3)))
        array([[[[2., 2., 2.]]],
               [[[0., 0., 0.]]]])
    """

    _drop = F.dropout3d


class AlphaDropout(_Dropout):
    """In training each number is dropped to the lower limit of `SELU`, so that mean 0 and variance 1 stay. See
    `F.alpha_dropout`, and `Dropout` for arguments.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.AlphaDropout(rng=np.random.default_rng(0))(np.zeros(2)).round(4)
        array([ 0.7792, -0.7792])
    """

    _drop = F.alpha_dropout


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels of (N, C, ...). See `F.feature_alpha_dropout`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.FeatureAlphaDropout(rng=np.random.default_rng(0))(np.zeros((1, 2, 2))).round(4)
        array([[[ 0.7792,  0.7792],
                [-0.7792, -0.7792]]])
    """

    _drop = F.feature_alpha_dropout
