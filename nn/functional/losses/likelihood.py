"""Losses that are the negative logarithm of a probability density, and the divergence of two distributions."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from autograd import ShapeError, composed, exp, log, square, where
from autograd.functions import expand_dims
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, check_one_kind
from nn.functional.losses.shared import constants, operands, reduced, total, weigh


@composed
def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Numbers:
    """The Kullback-Leibler divergence of a distribution, given by its logarithms, from a target distribution.

    loss = target · (log target - input), or e^target · (target - input) where the target too is given by logarithms

    Source: S. Kullback & R. A. Leibler, "On information and sufficiency", Annals of Mathematical Statistics 22, 1951.

    Args:
        input: any shape: log-probabilities, as `log_softmax` gives them.
        target: the same shape: probabilities, or log-probabilities with `log_target`. A probability of 0 adds 0, even
            to an input of -inf, and its entropy's derivative counts as 0, where PyTorch gives NaN.
        reduction: "batchmean", the sum divided by the length of the first axis, which is the divergence itself; "mean"
            over all elements, classes included (PyTorch's default); "sum"; or "none" to keep the elements.
        log_target: whether the target holds log-probabilities.

    Raises:
        ShapeError: the shapes differ, or there is no first axis for "batchmean".
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is negative without `log_target`, or the reduction is unknown.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor(np.log([[0.5, 0.5]]), requires_grad=True)
        >>> loss = F.kl_div(x, [[1.0, 0.0]], reduction="batchmean")
        >>> loss.backward()
        >>> round(loss.item(), 6), x.grad
        (0.693147, array([[-1., -0.]]))
    """
    batchmean = reduction == "batchmean"
    x, t = operands("kl_div", "sum" if batchmean else reduction, input=input, target=target)
    if batchmean and not x.ndim:
        raise ShapeError("kl_div: reduction='batchmean' needs a batch axis, and the input has shape (); use 'sum'")
    losses = _divergence_of_logarithms(x, t) if log_target else _divergence(x, t)
    if batchmean:
        return total(losses) * (1.0 / x.shape[0] if x.shape[0] else math.nan)
    return reduced(losses, reduction)


def _divergence(x: Numbers, t: Numbers) -> Numbers:
    negative = np.asanyarray(raw(t))[np.asanyarray(raw(t)) < 0]
    if negative.size:
        raise ValueError(
            f"kl_div: target holds probabilities, and {float(negative[0])!r} is none; "
            f"if it holds their logarithms, say log_target=True"
        )
    zero = raw(t) == 0
    entropy = t * log(t) if not np.any(zero) else where(zero, 0.0, t * log(where(zero, 1.0, t)))
    return entropy - weigh(t, x)


def _divergence_of_logarithms(x: Numbers, t: Numbers) -> Numbers:
    impossible = raw(t) == -math.inf
    with np.errstate(invalid="ignore"):  # -inf less -inf, which is not taken
        gap = t - x
    return weigh(exp(t), where(impossible, 0.0, gap) if np.any(impossible) else gap)


@composed
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Numbers:
    """The negative log-likelihood of counts that a Poisson distribution of the predicted mean produces.

    loss = e^input - target · input, or input - target · log(input + eps) without `log_input`,

    and with `full` also Stirling's log target! ≈ target · log target - target + log(2π · target) / 2, where target > 1.

    Args:
        input: any shape: the logarithm of the predicted mean, or the mean without `log_input`.
        target: the same shape: what was counted; integers are welcome here.
        log_input: whether the input is a logarithm.
        full: whether to add the term that does not depend on the input.
        eps: keeps log 0 away where the input is no logarithm.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.0, 0.0], requires_grad=True)
        >>> loss = F.poisson_nll_loss(x, [3, 0], reduction="sum")
        >>> loss.backward()
        >>> loss.item(), x.grad
        (2.0, array([-2.,  1.]))
    """
    x, t = operands("poisson_nll_loss", reduction, input=input, target=target)
    losses = exp(x) - weigh(t, x) if log_input else x - t * log(x + float(eps))
    if full:
        losses = losses + _log_factorial(t)
    return reduced(losses, reduction)


def _log_factorial(t: Numbers) -> Numbers:
    """Stirling's approximation above 1, and 0 up to there."""
    small = raw(t) <= 1
    large = where(small, 1.0, t)
    return where(small, 0.0, large * log(large) - large + 0.5 * log(2.0 * math.pi * large))


@composed
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Numbers:
    """The negative log-likelihood of numbers under normal distributions of the predicted means and variances.

    loss = (log v + (input - target)² / v) / 2 with v = max(var, eps), and + log(2π) / 2 with `full`

    The bound `eps` changes the value, not the derivative: a variance below it has the derivative at `eps`, as in
    PyTorch, so that it can grow again.

    Source: D. A. Nix & A. S. Weigend, "Estimating the mean and variance of the target probability distribution", 1994.

    Args:
        input: any shape: the means.
        target: the same shape; integers are welcome here.
        var: variances: one number for all; or the input's shape; or that with one axis of length 1, or without its
            last axis, for elements that share a variance.
        full: whether to add the constant.
        eps: the least variance that is divided by.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes do not fit.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a variance is negative, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> variance = Tensor([4.0, 1.0], requires_grad=True)
        >>> loss = F.gaussian_nll_loss(Tensor([2.0, 3.0]), [0.0, 0.0], variance, reduction="sum")
        >>> loss.backward()
        >>> round(loss.item(), 6), variance.grad
        (5.693147, array([ 0., -4.]))
    """
    x, t = operands("gaussian_nll_loss", reduction, input=input, target=target)
    v = _bounded(_variance(x, t, var), float(eps))
    losses = 0.5 * (log(v) + square(x - t) / v)
    return reduced(losses + 0.5 * math.log(2.0 * math.pi) if full else losses, reduction)


def _variance(x: Numbers, t: Numbers, var: Any) -> Numbers:
    v = constants("gaussian_nll_loss", "var", var, x)
    check_one_kind("gaussian_nll_loss", input=x, target=t, var=v)
    negative = np.asanyarray(raw(v))[np.asanyarray(raw(v)) < 0]
    if negative.size:
        raise ValueError(
            f"gaussian_nll_loss: var={float(negative[0])!r} is no variance; let the network give its logarithm, and "
            f"take exp of that, or take softplus"
        )
    if v.shape == x.shape or isinstance(var, Real):
        return v
    if v.shape == x.shape[:-1] and x.ndim:
        return expand_dims(v, -1)
    shared = [mine for mine, its in zip(x.shape, v.shape, strict=False) if mine != its]
    if v.ndim == x.ndim and len(shared) == 1 and 1 in v.shape and np.broadcast_shapes(v.shape, x.shape) == x.shape:
        return v
    raise ShapeError(
        f"gaussian_nll_loss: var of shape {v.shape} does not fit input of shape {x.shape}; give that shape, or with "
        f"one axis of length 1, or without the last axis"
    )


def _bounded(v: Numbers, eps: float) -> Numbers:
    """max(v, eps) with the derivative 1 everywhere: what is added below eps is a constant."""
    held = raw(v)
    below = held < eps
    return v + np.where(below, eps - held, 0.0) if np.any(below) else v
