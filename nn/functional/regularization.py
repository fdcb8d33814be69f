"""Dropout: in training, a part of the numbers is dropped at random. The random mask is a constant of the graph.

Masks are drawn in float64 from `rng`, or from the default generator that `nn.manual_seed` restarts: the same state of
the generator gives the same mask, in every dtype.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from autograd import ShapeError, composed
from autograd.functions.arguments import raw, unboxed
from nn import init
from nn.functional.arguments import Numbers, numbers
from nn.functional.rectifiers import SELU_ALPHA, SELU_SCALE

_Rng = np.random.Generator | None

_LAYOUTS = {1: ("NCL", "CL"), 2: ("NCHW",), 3: ("NCDHW", "CDHW")}


@composed
def dropout(input: Any, p: float = 0.5, training: bool = True, *, rng: _Rng = None) -> Numbers:
    """Each number dropped with probability p, and the others divided by 1 - p, so that means stay as they are.

    out = input · mask, where the mask is 0 with probability p, else 1 / (1 - p)

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        p: the probability of 0, from 0 to 1.
        training: whether anything is dropped; otherwise the input is returned as it is.
        rng: the generator of the mask; the default one of `nn.manual_seed` otherwise.

    Raises:
        ValueError: p is no probability.
        TypeError: `rng` is no generator.
        DTypeError: the input holds integers or complex numbers.

    Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
        >>> out = F.dropout(x, p=0.5, rng=np.random.default_rng(0))
        >>> out.sum().backward()
        >>> out.data, x.grad
        (array([2., 0., 0., 0.]), array([2., 0., 0., 0.]))
        >>> F.dropout(x, training=False) is x
        True
    """
    x = numbers("dropout", "input", input)
    return _dropped("dropout", x, x.shape, p, training, rng)


@composed
def dropout1d(input: Any, p: float = 0.5, training: bool = True, *, rng: _Rng = None) -> Numbers:
    """Whole channels of sequences dropped with probability p, and the others divided by 1 - p.

    Neighbours in a channel are alike, so that dropping single ones would hide little.

    Args:
        input: (N, C, L) or (C, L).
        p: the probability of 0, from 0 to 1.
        training: whether anything is dropped; otherwise the input is returned as it is.
        rng: the generator of the mask; the default one of `nn.manual_seed` otherwise.

    Raises:
        ShapeError: the input has another number of axes.
        ValueError: p is no probability.
        TypeError: `rng` is no generator.
        DTypeError: the input holds integers or complex numbers.

    Source: J. Tompson et al., "Efficient object localization using convolutional networks" (2015).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.dropout1d(np.ones((3, 2)), p=0.5, rng=np.random.default_rng(0))
        array([[2., 2.],
               [0., 0.],
               [0., 0.]])
    """
    return _dropped_channels("dropout1d", input, 1, p, training, rng)


@composed
def dropout2d(input: Any, p: float = 0.5, training: bool = True, *, rng: _Rng = None) -> Numbers:
    """Whole channels of images dropped with probability p, and the others divided by 1 - p; see `dropout1d`.

    Args:
        input: (N, C, H, W). Three axes are refused: PyTorch takes them for (N, C, L), against the rule of its other
            layers that they are one image without a batch.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.dropout2d(np.ones((1, 3, 2, 2)), p=0.5, rng=np.random.default_rng(0))[0, :, 0, 0]
        array([2., 0., 0.])
    """
    return _dropped_channels("dropout2d", input, 2, p, training, rng)


@composed
def dropout3d(input: Any, p: float = 0.5, training: bool = True, *, rng: _Rng = None) -> Numbers:
    """Whole channels of volumes dropped with probability p, and the others divided by 1 - p; see `dropout1d`.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.dropout3d(np.ones((3, 1, 2, 2)), p=0.5, rng=np.random.default_rng(0))[:, 0, 0, 0]
        array([2., 0., 0.])
    """
    return _dropped_channels("dropout3d", input, 3, p, training, rng)


@composed
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, *, rng: _Rng = None) -> Numbers:
    """Each number dropped to the lower limit of `selu` with probability p, then all scaled: mean 0 and variance 1 stay.

    out = a · (input · mask + low · (1 - mask)) + b, where low = -scale · alpha of `selu` = -1.7581..., the mask is 0
    with probability p, else 1, a = 1 / √((1 - p) · (1 + p · low²)) and b = -a · p · low. For p = 1 the result is 0.

    Args:
        input: any shape, of mean 0 and variance 1 as after `selu`.
        p: the probability, from 0 to 1.
        training: whether anything is dropped; otherwise, and by default, the input is returned as it is.
        rng: the generator of the mask; the default one of `nn.manual_seed` otherwise.

    Raises:
        ValueError: p is no probability.
        TypeError: `rng` is no generator.
        DTypeError: the input holds integers or complex numbers.

    Source: G. Klambauer et al., "Self-normalizing neural networks" (2017).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.alpha_dropout(np.zeros(4), p=0.5, training=True, rng=np.random.default_rng(0)).round(4)
        array([ 0.7792, -0.7792, -0.7792, -0.7792])
    """
    x = numbers("alpha_dropout", "input", input)
    return _dropped_low("alpha_dropout", x, x.shape, p, training, rng)


@composed
def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, *, rng: _Rng = None) -> Numbers:
    """`alpha_dropout` of whole channels.

    Args:
        input: (N, C, ...).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.feature_alpha_dropout(np.zeros((1, 2, 2)), training=True, rng=np.random.default_rng(0)).round(4)
        array([[[ 0.7792,  0.7792],
                [-0.7792, -0.7792]]])
    """
    x = numbers("feature_alpha_dropout", "input", input)
    if x.ndim < 2:
        raise ShapeError(f"feature_alpha_dropout: input must have shape (N, C, ...), not {x.shape}; use alpha_dropout")
    return _dropped_low("feature_alpha_dropout", x, (*x.shape[:2], *[1] * (x.ndim - 2)), p, training, rng)


def check_probability(function: str, p: float) -> float:
    """p as a float; `ValueError` where it is not from 0 to 1."""
    if isinstance(p, bool) or not isinstance(p, Real) or not 0.0 <= p <= 1.0:
        raise ValueError(f"{function}: p={p!r} must be a probability, from 0 to 1")
    return float(p)


def _dropped(function: str, x: Numbers, shape: tuple[int, ...], p: float, training: bool, rng: _Rng) -> Numbers:
    p = check_probability(function, p)
    if not training or not p:
        return unboxed(x)
    kept = _kept(x, shape, p, rng)
    return x * (kept if p == 1.0 else kept / (1.0 - p))


def _dropped_channels(function: str, input: Any, axes: int, p: float, training: bool, rng: _Rng) -> Numbers:
    x = numbers(function, "input", input)
    allowed = _LAYOUTS[axes]
    if x.ndim not in map(len, allowed):
        expected = " or ".join(f"({', '.join(layout)})" for layout in allowed)
        raise ShapeError(f"{function}: input must have shape {expected}, not {x.shape}; add or merge axes")
    return _dropped(function, x, (*x.shape[:-axes], *[1] * axes), p, training, rng)


def _dropped_low(function: str, x: Numbers, shape: tuple[int, ...], p: float, training: bool, rng: _Rng) -> Numbers:
    p = check_probability(function, p)
    if not training or not p:
        return unboxed(x)
    kept = _kept(x, shape, p, rng)
    if p == 1.0:
        return x * kept
    low = -SELU_SCALE * SELU_ALPHA
    a = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * low * low))
    return x * (kept * a) + ((1 - kept) * (a * low) - a * p * low)


def _kept(x: Numbers, shape: tuple[int, ...], p: float, rng: _Rng) -> Any:
    """1 with probability 1 - p, else 0, in the dtype of x."""
    return np.asarray(init.generator(rng).random(shape) >= p).astype(raw(x).dtype)
