"""Losses of a prediction of numbers: how far it is from its target, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import absolute, composed, square, where
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers
from nn.functional.losses.shared import operands, reduced, weighted_mean


@composed
def mse_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Numbers:
    """The squared error: weight · (input - target)² for each element, then their mean.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        target: the same shape; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.
        weight: the same shape; the mean is then Σ weight · (input - target)² / Σ weight.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 4.0], requires_grad=True)
        >>> loss = F.mse_loss(x, [0.0, 2.0])
        >>> loss.backward()
        >>> loss.item(), x.grad
        (2.5, array([1., 2.]))
    """
    if weight is None:
        x, t = operands("mse_loss", reduction, input=input, target=target)
        return reduced(square(x - t), reduction)
    x, t, w = operands("mse_loss", reduction, input=input, target=target, weight=weight)
    return _weighted(w * square(x - t), w, reduction)


@composed
def l1_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Numbers:
    """The absolute error: weight · |input - target| for each element, then their mean. Its derivative at 0 is 0.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        target: the same shape; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.
        weight: the same shape; the mean is then Σ weight · |input - target| / Σ weight.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, -3.0, 5.0], requires_grad=True)
        >>> loss = F.l1_loss(x, [0.0, 0.0, 5.0], reduction="sum")
        >>> loss.backward()
        >>> loss.item(), x.grad
        (4.0, array([ 1., -1.,  0.]))
    """
    if weight is None:
        x, t = operands("l1_loss", reduction, input=input, target=target)
        return reduced(absolute(x - t), reduction)
    x, t, w = operands("l1_loss", reduction, input=input, target=target, weight=weight)
    return _weighted(w * absolute(x - t), w, reduction)


@composed
def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Numbers:
    """The absolute error, rounded to a parabola near 0: Huber's loss divided by its `delta`.

    With d = |input - target|: d² / (2 · beta) where d < beta, else d - beta / 2.

    Source: R. Girshick, "Fast R-CNN", 2015, with beta = 1.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        target: the same shape; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.
        beta: where the parabola ends, at least 0. With 0 this is `l1_loss`.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: beta is negative, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 6.0], requires_grad=True)
        >>> loss = F.smooth_l1_loss(x, [0.0, 0.0], reduction="sum", beta=2.0)
        >>> loss.backward()
        >>> loss.item(), x.grad
        (5.25, array([0.5, 1. ]))
    """
    x, t = operands("smooth_l1_loss", reduction, input=input, target=target)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta={beta!r} must be at least 0, which gives the absolute error itself")
    difference = x - t
    if not beta:
        return reduced(absolute(difference), reduction)
    line = absolute(difference) - 0.5 * float(beta)
    return reduced(_near(beta, difference, 0.5 / float(beta), line), reduction)


@composed
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Numbers:
    """The squared error near 0 and the absolute error beyond, joined without a corner: outliers pull no harder.

    With d = |input - target|: d² / 2 where d < delta, else delta · (d - delta / 2).

    Source: P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        target: the same shape; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.
        delta: where the parabola ends, more than 0.
        weight: the same shape, for the elements' losses. The mean remains one over their number, as in PyTorch.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: delta is not positive, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 6.0], requires_grad=True)
        >>> loss = F.huber_loss(x, [0.0, 0.0], reduction="sum", delta=2.0)
        >>> loss.backward()
        >>> loss.item(), x.grad
        (10.5, array([1., 2.]))
    """
    weights = {} if weight is None else {"weight": weight}
    x, t, *w = operands("huber_loss", reduction, input=input, target=target, **weights)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta={delta!r} must be more than 0; l1_loss has no parabola at all")
    difference = x - t
    losses = _near(delta, difference, 0.5, float(delta) * (absolute(difference) - 0.5 * float(delta)))
    return reduced(w[0] * losses if w else losses, reduction)


def _near(limit: float, difference: Numbers, curvature: float, line: Numbers) -> Numbers:
    """curvature · difference² where |difference| < limit, else the line."""
    with np.errstate(over="ignore"):  # a square that is not taken may overflow
        parabola = curvature * square(difference)
    return where(np.abs(raw(difference)) < limit, parabola, line)


def _weighted(losses: Numbers, weights: Numbers, reduction: str) -> Numbers:
    return weighted_mean(losses, weights) if reduction == "mean" else reduced(losses, reduction)
