"""Gates: activations that let a number through by a factor from 0 to 1 that depends on it, or on another one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, composed, erf, sigmoid, softplus, tanh
from autograd.functions import getitem
from autograd.functions.arguments import normalize_axis
from nn.functional.arguments import Numbers, numbers
from nn.functional.bounded import hard_gate


@composed
def gelu(input: Any, *, approximate: str = "none") -> Numbers:
    """The Gaussian error linear unit: input · Φ(input), where Φ is the normal distribution's cumulative function.

    Φ(x) = (1 + erf(x / √2)) / 2, or with approximate="tanh" (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values. -inf gives NaN.
        approximate: "none" or "tanh".

    Raises:
        ValueError: another approximation.
        DTypeError: the input holds integers or complex numbers.

    Source: D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.gelu(Tensor([-1.0, 0.0, 1.0])).data.round(6)
        array([-0.158655,  0.      ,  0.841345])
        >>> F.gelu(Tensor([-1.0]), approximate="tanh").data.round(6)
        array([-0.158808])
    """
    x = numbers("gelu", "input", input)
    if approximate == "none":
        spread = erf(x * math.sqrt(0.5))
    elif approximate == "tanh":
        spread = tanh((x + x * x * x * 0.044715) * math.sqrt(2.0 / math.pi))
    else:
        raise ValueError(f"gelu: approximate={approximate!r} is neither 'none' nor 'tanh'")
    return _through(x, (spread + 1.0) * 0.5)


@composed
def silu(input: Any) -> Numbers:
    """The sigmoid linear unit, or swish: input · σ(input).

    Args:
        input: any shape. -inf gives NaN.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural network function approximation
    in reinforcement learning" (2017).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.silu(Tensor([-1.0, 0.0, 1.0])).data.round(6)
        array([-0.268941,  0.      ,  0.731059])
    """
    x = numbers("silu", "input", input)
    return _through(x, sigmoid(x))


@composed
def mish(input: Any) -> Numbers:
    """input · tanh(softplus(input)).

    Args:
        input: any shape. -inf gives NaN.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: D. Misra, "Mish: a self regularized non-monotonic activation function" (2019).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.mish(Tensor([-1.0, 0.0, 1.0])).data.round(6)
        array([-0.303401,  0.      ,  0.865098])
    """
    x = numbers("mish", "input", input)
    return _through(x, tanh(softplus(x)))


@composed
def hardswish(input: Any) -> Numbers:
    """input · hardsigmoid(input): 0 up to -3, input from 3 on, input · (input + 3) / 6 between.

    The derivative at -3 is 0 and at 3 it is 1.

    Args:
        input: any shape. -inf gives NaN.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: A. Howard et al., "Searching for MobileNetV3" (2019).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.hardswish(Tensor([-1.0, 1.0, 3.0])).data.round(6)
        array([-0.333333,  0.666667,  3.      ])
    """
    x = numbers("hardswish", "input", input)
    return _through(x, hard_gate(x))


def _through(x: Numbers, gate: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):  # NaN at -inf, where the gate is 0, is documented
        return x * gate


@composed
def glu(input: Any, dim: int = -1) -> Numbers:
    """The gated linear unit: a · σ(b), where a and b are the input's halves along an axis.

    Args:
        input: any shape with an axis of even length.
        dim: the axis, which the result has at half its length.

    Raises:
        ShapeError: there is no such axis, or its length is odd.
        DTypeError: the input holds integers or complex numbers.

    Source: Y. N. Dauphin et al., "Language modeling with gated convolutional networks" (2016).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.glu(Tensor([4.0, 6.0, 0.0, 1000.0])).data
        array([2., 6.])
    """
    x = numbers("glu", "input", input)
    (axis,) = normalize_axis(dim, x.ndim, "glu") or ()
    half, odd = divmod(x.shape[axis], 2)
    if odd:
        raise ShapeError(f"glu: axis {dim} of shape {x.shape} has odd length {x.shape[axis]}; it is split into halves")
    before = (slice(None),) * axis
    return getitem(x, (*before, slice(half))) * sigmoid(getitem(x, (*before, slice(half, None))))
