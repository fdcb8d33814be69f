"""Rectifiers: activations that keep what is positive, and bend or cut what is not."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, composed, expm1, reshape, where
from autograd.functions.arguments import raw
from nn import init
from nn.functional.arguments import Numbers, check_one_kind, numbers

# The fixed point of mean 0 and variance 1, to double precision.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@composed
def elu(input: Any, alpha: float = 1.0) -> Numbers:
    """The exponential linear unit: input where it is positive, else alpha · (e^input - 1).

    The derivative at 0 is `alpha`.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        alpha: -alpha is the limit at -infinity.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by exponential
    linear units" (2015).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.elu(Tensor([-1000.0, -1.0, 2.0])).data.round(6)
        array([-1.      , -0.632121,  2.      ])
    """
    return _exponential_below(numbers("elu", "input", input), float(alpha), 1.0)


@composed
def selu(input: Any) -> Numbers:
    """The scaled exponential linear unit: scale · input where it is positive, else scale · alpha · (e^input - 1).

    With scale = 1.0507... and alpha = 1.6733..., a deep network keeps mean 0 and variance 1. The derivative at 0 is
    scale · alpha = 1.7581...

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: G. Klambauer et al., "Self-normalizing neural networks" (2017).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.selu(Tensor([-1000.0, 0.0, 2.0])).data.round(6)
        array([-1.758099,  0.      ,  2.101402])
    """
    return _exponential_below(numbers("selu", "input", input), SELU_ALPHA, 1.0) * SELU_SCALE


@composed
def celu(input: Any, alpha: float = 1.0) -> Numbers:
    """The continuously differentiable `elu`: input where it is positive, else alpha · (e^(input / alpha) - 1).

    The derivative at 0 is 1 for every alpha.

    Args:
        input: any shape.
        alpha: -alpha is the limit at -infinity, for a positive alpha; not 0.

    Raises:
        ValueError: alpha is 0.
        DTypeError: the input holds integers or complex numbers.

    Source: J. T. Barron, "Continuously differentiable exponential linear units" (2017).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.celu(Tensor([-1000.0, -1.0, 2.0]), alpha=2.0).data.round(6)
        array([-2.      , -0.786939,  2.      ])
    """
    if not alpha:
        raise ValueError("celu: alpha=0 would be divided by; give another number, or use relu, which is the limit")
    return _exponential_below(numbers("celu", "input", input), float(alpha), float(alpha))


def _exponential_below(x: Numbers, alpha: float, width: float) -> Numbers:
    """x where it is positive, else alpha · (e^(x / width) - 1)."""
    positive = raw(x) > 0
    below = where(positive, 0.0, x)  # no exponential of large numbers, not even in the branch that is not taken
    return where(positive, x, scaled(expm1(below if width == 1.0 else below / width), alpha))


@composed
def prelu(input: Any, weight: Any) -> Numbers:
    """input where it is positive, else weight · input, with a weight that is learnt. The derivative at 0 is the weight.

    Args:
        input: (N, C, ...) for one weight for each channel; any shape for one in all.
        weight: (C,), (1,) or ().

    Raises:
        ShapeError: the weight does not fit the input's channels.
        DTypeError: an argument holds integers or complex numbers, or Tensors and Values are mixed.

    Source: K. He et al., "Delving deep into rectifiers" (2015).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.prelu(Tensor([[-1.0, -1.0], [2.0, -3.0]]), Tensor([0.5, 0.25])).data
        array([[-0.5 , -0.25],
               [ 2.  , -0.75]])
    """
    x, w = numbers("prelu", "input", input), numbers("prelu", "weight", weight)
    check_one_kind("prelu", input=x, weight=w)
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.shape not in ((), (1,), (channels,)):
        raise ShapeError(
            f"prelu: weight of shape {w.shape} does not fit input of shape {x.shape}; give one weight, of shape (1,), "
            f"or one for each of its channels, of shape ({channels},)"
        )
    slopes = reshape(w, (channels, *[1] * (x.ndim - 2)) if w.shape not in ((), (1,)) else ())
    return where(raw(x) > 0, x, x * slopes)


@composed
def rrelu(
    input: Any,
    lower: float = 1.0 / 8.0,
    upper: float = 1.0 / 3.0,
    training: bool = False,
    *,
    rng: np.random.Generator | None = None,
) -> Numbers:
    """input where it is positive, else slope · input, with a slope that is random in training.

    In training each element has a slope of its own, drawn uniformly from lower to upper, a constant of the graph.
    Otherwise every slope is (lower + upper) / 2. The derivative at 0 is the slope.

    Args:
        input: any shape.
        lower: the least slope.
        upper: the largest slope.
        training: whether slopes are drawn.
        rng: the generator of the slopes; the default one of `nn.manual_seed` otherwise.

    Raises:
        ValueError: lower is above upper.
        TypeError: `rng` is no generator.
        DTypeError: the input holds integers or complex numbers.

    Source: B. Xu et al., "Empirical evaluation of rectified activations in convolutional network" (2015).

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> F.rrelu(np.array([-1.0, 2.0]), 0.25, 0.75)
        array([-0.5,  2. ])
        >>> F.rrelu(np.array([-1.0, 2.0]), 0.25, 0.75, training=True, rng=np.random.default_rng(0)).round(4)
        array([-0.5685,  2.    ])
    """
    if not lower <= upper:
        raise ValueError(f"rrelu: lower={lower} is above upper={upper}; exchange them")
    x = numbers("rrelu", "input", input)
    slope: Any = (float(lower) + float(upper)) / 2.0
    if training:
        slope = np.asarray(init.generator(rng).uniform(lower, upper, size=x.shape)).astype(raw(x).dtype)
    return where(raw(x) > 0, x, x * slope)


@composed
def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Numbers:
    """A smooth relu: log(1 + e^(beta · input)) / beta; and input itself where beta · input > threshold.

    Args:
        input: any shape.
        beta: how sharp the bend at 0 is; not 0.
        threshold: from where the function is taken to be the identity, with derivative 1.

    Raises:
        ValueError: beta is 0.
        DTypeError: the input holds integers or complex numbers.

    Source: C. Dugas et al., "Incorporating second-order functional knowledge for better option pricing" (2000).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.softplus(Tensor([-1000.0, 0.0, 25.0])).data.round(6)
        array([ 0.      ,  0.693147, 25.      ])
    """
    if not beta:
        raise ValueError("softplus: beta=0 would be divided by; give a positive number")
    x = numbers("softplus", "input", input)
    bent = autograd.softplus(scaled(x, float(beta)))
    return where(raw(x) * beta > threshold, x, bent if beta == 1 else bent / float(beta))


@composed
def logsigmoid(input: Any) -> Numbers:
    """log(1 / (1 + e^-input)) = -softplus(-input), without overflow and without loss of digits.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.logsigmoid(Tensor([-5.0, 0.0])).data.round(4)
        array([-5.0067, -0.6931])
    """
    return -autograd.softplus(-numbers("logsigmoid", "input", input))


@composed
def threshold(input: Any, threshold: float, value: float) -> Numbers:
    """input where it is above the threshold, else `value`, with derivative 0. The derivative at the threshold is 0.

    Args:
        input: any shape.
        threshold: what the input is compared with.
        value: what takes the place of inputs at and below the threshold.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.threshold(Tensor([0.0, 1.0, 2.0]), 1.0, -5.0).data
        array([-5., -5.,  2.])
    """
    x = numbers("threshold", "input", input)
    return where(raw(x) <= threshold, float(value), x)


def scaled(x: Numbers, factor: float) -> Numbers:
    """x · factor; x itself for the factor 1, whose node would say nothing."""
    return x if factor == 1.0 else x * factor
