"""Initial values of parameters, by PyTorch's names, and the generator that they are drawn from.

Every function fills a leaf Tensor and returns it. Numbers are drawn in float64 and cast, so that a float32 and a
float64 model of one seed begin alike.

Sources: X. Glorot and Y. Bengio (2010) for `xavier_*`, K. He et al. (2015) for `kaiming_*`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from autograd import Tensor
from autograd.errors import ShapeError

FanMode = Literal["fan_in", "fan_out"]

_default_rng = np.random.default_rng(0)


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the generator that layers draw from where they are given none, and return it.

    Until the first call it is the generator of seed 0: two runs of one program begin with the same numbers.

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(7); first = nn.Linear(2, 3)
        >>> _ = nn.manual_seed(7); second = nn.Linear(2, 3)
        >>> bool((first.weight.data == second.weight.data).all())
        True
    """
    global _default_rng
    _default_rng = np.random.default_rng(seed)
    return _default_rng


def default_generator() -> np.random.Generator:
    """The generator that layers draw from where they are given none.

    Its state, ``default_generator().bit_generator.state``, is a dict that can be kept and assigned again later, so that
    what was interrupted goes on with the same numbers.

    Example:
        >>> from nn import init
        >>> state = init.default_generator().bit_generator.state
        >>> first = init.default_generator().random(3)
        >>> init.default_generator().bit_generator.state = state
        >>> bool((init.default_generator().random(3) == first).all())
        True
    """
    return _default_rng


def generator(rng: np.random.Generator | None) -> np.random.Generator:
    """The given generator, or the default one.

    Raises:
        TypeError: `rng` is something else, such as a seed.
    """
    if rng is None:
        return _default_rng
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng: expected a numpy.random.Generator, not {rng!r}; write numpy.random.default_rng(seed)")
    return rng


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: np.random.Generator | None = None) -> Tensor:
    """Fill with numbers drawn uniformly from a to b.

    Example:
        >>> from autograd import Tensor
        >>> from nn import init
        >>> w = init.uniform_(Tensor([0.0] * 1000), -1.0, 1.0)
        >>> bool((abs(w.data) <= 1.0).all() and abs(w.data.mean()) < 0.1)
        True
    """
    tensor.data = generator(rng).uniform(a, b, size=tensor.shape)
    return tensor


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator | None = None) -> Tensor:
    """Fill with normally distributed numbers.

    Example:
        >>> from autograd import Tensor
        >>> from nn import init
        >>> w = init.normal_(Tensor([0.0] * 1000), mean=3.0, std=0.1)
        >>> bool(abs(w.data.mean() - 3.0) < 0.02)
        True
    """
    tensor.data = generator(rng).normal(mean, std, size=tensor.shape)
    return tensor


def constant_(tensor: Tensor, value: float) -> Tensor:
    """Fill with one number."""
    tensor.data = np.full(tensor.shape, float(value))
    return tensor


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many numbers one output is made from, and how many outputs one number goes to: (fan_in, fan_out).

    Args:
        tensor: a weight of shape (out, in, *kernel).

    Raises:
        ShapeError: the tensor has fewer than two axes.

    Example:
        >>> import numpy as np
        >>> from autograd import Tensor
        >>> from nn import init
        >>> init.fans(Tensor(np.zeros((8, 3, 5, 5))))
        (75, 200)
    """
    if tensor.ndim < 2:
        raise ShapeError(
            f"fans: a tensor of shape {tensor.shape} has neither fan_in nor fan_out, which take a weight of shape "
            f"(out, in, *kernel); use uniform_, normal_ or zeros_"
        )
    receptive_field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive_field, tensor.shape[0] * receptive_field


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the spread of numbers through a nonlinearity, as PyTorch has it.

    Args:
        nonlinearity: linear, conv1d, conv2d, conv3d, sigmoid, tanh, relu or leaky_relu.
        param: the slope of leaky_relu, 0.01 by default.

    Raises:
        ValueError: another nonlinearity.

    Example:
        >>> from nn import init
        >>> init.calculate_gain("tanh"), init.calculate_gain("leaky_relu", 1.0)
        (1.6666666666666667, 1.0)
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1.0 + slope**2))
    gains = {"tanh": 5.0 / 3.0, "relu": math.sqrt(2.0)}
    gains.update(dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0))
    if nonlinearity not in gains:
        known = ", ".join([*gains, "leaky_relu"])
        raise ValueError(f"calculate_gain: {nonlinearity!r} is not one of {known}")
    return gains[nonlinearity]


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> Tensor:
    """Fill uniformly from -bound to bound, bound = gain·√(3/fan).

    Args:
        tensor: a weight of shape (out, in, *kernel).
        a: the negative slope of a leaky_relu that follows.
        mode: "fan_in" keeps the variance forward, "fan_out" backward.
        nonlinearity: what follows; see `calculate_gain`.
        rng: the generator; the default one of `nn.manual_seed` otherwise.

    Raises:
        ShapeError: the tensor has fewer than two axes.
        ValueError: another mode or nonlinearity.
    """
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> Tensor:
    """Fill normally with mean 0 and standard deviation gain/√fan; arguments as for `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng=rng)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"kaiming: mode={mode!r} is neither 'fan_in' nor 'fan_out'")
    fan_in, fan_out = fans(tensor)
    fan = fan_in if mode == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / math.sqrt(fan) if fan else 0.0


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator | None = None) -> Tensor:
    """Fill uniformly from -bound to bound, bound = gain·√(6/(fan_in + fan_out)).

    Raises:
        ShapeError: the tensor has fewer than two axes.
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator | None = None) -> Tensor:
    """Fill normally with mean 0 and standard deviation gain·√(2/(fan_in + fan_out)).

    Raises:
        ShapeError: the tensor has fewer than two axes.
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), rng=rng)


def _xavier_std(tensor: Tensor, gain: float) -> float:
    total = sum(fans(tensor))
    return gain * math.sqrt(2.0 / total) if total else 0.0
