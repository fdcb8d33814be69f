"""Activations that are bounded, and those that shrink towards 0: each made of straight pieces, or of a quotient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import absolute, composed, tanh, where
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, numbers


@composed
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Numbers:
    """input between two bounds, else the nearer bound. The derivative is 1 between the bounds, 0 on and outside them.

    `autograd.clip` is the same function, with the other choice on the bounds.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        min_val: the lower bound.
        max_val: the upper bound.

    Raises:
        ValueError: min_val is above max_val.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.hardtanh(Tensor([-2.0, 0.5, 1000.0])).data
        array([-1. ,  0.5,  1. ])
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val={min_val} is above max_val={max_val}; exchange them")
    return held_between(numbers("hardtanh", "input", input), float(min_val), float(max_val))


@composed
def relu6(input: Any) -> Numbers:
    """min(max(input, 0), 6). The derivative is 1 between 0 and 6, 0 at both and outside.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: A. Krizhevsky, "Convolutional deep belief networks on CIFAR-10" (2010).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.relu6(Tensor([-1.0, 3.0, 7.0])).data
        array([0., 3., 6.])
    """
    return held_between(numbers("relu6", "input", input), 0.0, 6.0)


@composed
def hardsigmoid(input: Any) -> Numbers:
    """A sigmoid of straight pieces: input / 6 + 1/2 from -3 to 3, 0 below, 1 above.

    The derivative is 1/6 between -3 and 3, 0 at both and outside.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Source: M. Courbariaux, Y. Bengio and J.-P. David, "BinaryConnect" (2015), with these slopes in A. Howard et al.,
    "Searching for MobileNetV3" (2019).

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.hardsigmoid(Tensor([-1000.0, 0.0, 1.5, 1000.0])).data
        array([0.  , 0.5 , 0.75, 1.  ])
    """
    return hard_gate(numbers("hardsigmoid", "input", input))


def hard_gate(x: Numbers) -> Numbers:
    """From 0 to 1 in a straight line, as x goes from -3 to 3."""
    return (held_between(x, -3.0, 3.0) + 3.0) / 6.0


def held_between(x: Numbers, lower: float, upper: float) -> Numbers:
    """x between the bounds, and a constant on and outside them. NaN stays NaN."""
    data = raw(x)
    return where((data <= lower) | (data >= upper), np.clip(data, lower, upper), x)


@composed
def softsign(input: Any) -> Numbers:
    """input / (1 + |input|), between -1 and 1. NaN at infinity.

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.softsign(Tensor([-3.0, 0.0, 1.0])).data
        array([-0.75,  0.  ,  0.5 ])
    """
    x = numbers("softsign", "input", input)
    with np.errstate(invalid="ignore"):  # NaN at infinity is documented
        return x / (absolute(x) + 1.0)


@composed
def softshrink(input: Any, lambd: float = 0.5) -> Numbers:
    """input, moved towards 0 by `lambd`: input - lambd above lambd, input + lambd below -lambd, 0 between.

    The derivative is 1 outside ±lambd, 0 on them and between.

    Args:
        input: any shape.
        lambd: how far, at least 0.

    Raises:
        ValueError: lambd is negative.
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.softshrink(Tensor([-2.0, 0.5, 0.75])).data
        array([-1.5 ,  0.  ,  0.25])
    """
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambd={lambd} must be at least 0")
    x = numbers("softshrink", "input", input)
    return where(np.abs(raw(x)) <= lambd, 0.0, x - np.copysign(float(lambd), raw(x)))


@composed
def hardshrink(input: Any, lambd: float = 0.5) -> Numbers:
    """input outside ±lambd, else 0. The derivative is 1 outside ±lambd, 0 on them and between.

    Args:
        input: any shape.
        lambd: what is cut; nothing where it is negative.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.hardshrink(Tensor([-2.0, 0.5, 0.75])).data
        array([-2.  ,  0.  ,  0.75])
    """
    x = numbers("hardshrink", "input", input)
    return where(np.abs(raw(x)) <= lambd, 0.0, x)


@composed
def tanhshrink(input: Any) -> Numbers:
    """input - tanh(input).

    Args:
        input: any shape.

    Raises:
        DTypeError: the input holds integers or complex numbers.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> F.tanhshrink(Tensor([0.0, 1000.0])).data
        array([  0., 999.])
    """
    x = numbers("tanhshrink", "input", input)
    return x - tanh(x)
