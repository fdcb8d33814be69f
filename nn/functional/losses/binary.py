"""Losses of yes-or-no predictions: one probability or score for each label."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, composed, log, log1p, sigmoid, softplus, where
from autograd.functions import mean
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers
from nn.functional.losses.shared import check_signs, element_weights, held_where, operands, reduced, weigh

_STEEPEST = 1e12  # the largest |derivative| of binary_cross_entropy, which is PyTorch's
_LOWEST_LOG = -100.0  # and the smallest logarithm in it


@composed
def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Numbers:
    """The cross-entropy of probabilities with binary labels.

    loss = -weight · (target · log input + (1 - target) · log(1 - input))

    with logarithms of at least -100, so that it is finite. Its derivative with respect to the input is
    weight · (input - target) / max(input · (1 - input), 1e-12): finite, and correct wherever that maximum is not
    reached. For a network's output prefer `binary_cross_entropy_with_logits`, which needs neither bound.

    Args:
        input: any shape, from 0 to 1.
        target: the same shape, from 0 to 1; integers and booleans are welcome here.
        weight: of the elements' losses, any shape that broadcasts to the input's. The mean remains one over their
            number.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: an element is outside 0 to 1, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> p = Tensor([0.5, 0.0], requires_grad=True)
        >>> loss = F.binary_cross_entropy(p, [1, 1], reduction="sum")
        >>> loss.backward()
        >>> round(loss.item(), 4), p.grad
        (100.6931, array([-2.e+00, -1.e+12]))
    """
    p, t = operands("binary_cross_entropy", reduction, input=input, target=target)
    for argument, array in (("input", raw(p)), ("target", raw(t))):
        if not np.all((array >= 0) & (array <= 1)):
            raise ValueError(
                f"binary_cross_entropy: {argument} must lie from 0 to 1, but {_first_outside(array)!r} does not; "
                f"apply a sigmoid, or use binary_cross_entropy_with_logits"
            )
    losses = _of_probabilities(p, t)
    if weight is not None:
        losses = element_weights("binary_cross_entropy", "weight", weight, p) * losses
    return reduced(losses, reduction)


@composed
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
) -> Numbers:
    """The binary cross-entropy of sigmoid(input) with labels, without overflow and without loss of digits.

    loss = -weight · (pos_weight · target · log σ(input) + (1 - target) · log(1 - σ(input)))
         = weight · (pos_weight · target · softplus(-input) + (1 - target) · softplus(input))

    Args:
        input: any shape, unnormalised scores ("logits"); also infinite ones, where the label agrees with them.
        target: the same shape, from 0 to 1 as a rule; integers and booleans are welcome here.
        weight: of the elements' losses, any shape that broadcasts to the input's. The mean remains one over their
            number.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.
        pos_weight: how much a positive label counts, likewise; more than 1 raises recall, less raises precision.

    Raises:
        ShapeError: the shapes differ, or a weight's does not broadcast to them.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.0, 1000.0], requires_grad=True)
        >>> loss = F.binary_cross_entropy_with_logits(x, [1, 0], reduction="sum")
        >>> loss.backward()
        >>> round(loss.item(), 4), x.grad
        (1000.6931, array([-0.5,  1. ]))
    """
    name = "binary_cross_entropy_with_logits"
    x, t = operands(name, reduction, input=input, target=target)
    positive = weigh(t, softplus(-x))
    if pos_weight is not None:
        positive = weigh(element_weights(name, "pos_weight", pos_weight, x), positive)
    losses = positive + weigh(1.0 - t, softplus(x))
    if weight is not None:
        losses = weigh(element_weights(name, "weight", weight, x), losses)
    return reduced(losses, reduction)


@composed
def focal_loss(
    input: Any, target: Any, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean"
) -> Numbers:
    """The binary cross-entropy of scores, turned down where the prediction is right already.

    loss = -α_t · (1 - p_t)^gamma · log p_t, where p = σ(input), and for a label 1 p_t = p and α_t = alpha,
    for a label 0 p_t = 1 - p and α_t = 1 - alpha; between the labels, linearly between.

    Source: T.-Y. Lin et al., "Focal loss for dense object detection", 2017; torchvision's `sigmoid_focal_loss`, whose
    default reduction is "none". For several classes see `softmax_focal_loss`.

    Args:
        input: any shape, unnormalised scores ("logits").
        target: the same shape, from 0 to 1; integers and booleans are welcome here.
        alpha: the share of positive labels, from 0 to 1; None or a negative number to leave α_t out.
        gamma: how far well classified examples are turned down; with 0 this is the binary cross-entropy, times α_t.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: gamma is negative, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.0, 1000.0], requires_grad=True)
        >>> F.focal_loss(x, [1, 1], reduction="none").data.round(6)
        array([0.043322, 0.      ])
    """
    x, t = operands("focal_loss", reduction, input=input, target=target)
    if not gamma >= 0:
        raise ValueError(f"focal_loss: gamma={gamma!r} must be at least 0, which gives the binary cross-entropy")
    wrong = t * sigmoid(-x) + (1.0 - t) * sigmoid(x)  # 1 - p_t, to the last digits
    wrong = held_where(np.isinf(raw(x)), wrong)  # it changes no more there, which times an infinite loss would be NaN
    losses = wrong ** float(gamma) * binary_cross_entropy_with_logits(x, t, reduction="none")
    if alpha is not None and alpha >= 0:
        losses = (float(alpha) * t + (1.0 - float(alpha)) * (1.0 - t)) * losses
    return reduced(losses, reduction)


@composed
def soft_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The logistic loss log(1 + e^(-target · input)) of scores with signs as labels, without overflow.

    It is `binary_cross_entropy_with_logits` for labels 1 and -1. (PyTorch's overflows for scores beyond 709.)

    Args:
        input: any shape: scores.
        target: the same shape: 1 or -1; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.0, 1000.0], requires_grad=True)
        >>> loss = F.soft_margin_loss(x, [1, -1], reduction="sum")
        >>> loss.backward()
        >>> round(loss.item(), 4), x.grad
        (1000.6931, array([-0.5,  1. ]))
    """
    x, t = operands("soft_margin_loss", reduction, input=input, target=target)
    check_signs("soft_margin_loss", t)
    return reduced(softplus(-t * x), reduction)


@composed
def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Numbers:
    """The binary cross-entropy of each class's score, averaged over the classes: several classes may hold at once.

    loss = -1/C Σ_c weight[c] · (target[c] · log σ(input[c]) + (1 - target[c]) · log(1 - σ(input[c])))

    Args:
        input: (..., C), unnormalised scores ("logits").
        target: the same shape: 1 for each class that holds, else 0; integers and booleans are welcome here.
        weight: (C,) or any shape that broadcasts to the input's.
        reduction: "mean" over all but the classes (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ, or there is no axis of classes.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> round(F.multilabel_soft_margin_loss(Tensor([[0.0, 1000.0]]), [[1, 1]]).item(), 6)
        0.346574
    """
    x, t = operands("multilabel_soft_margin_loss", reduction, input=input, target=target)
    if not x.ndim:
        raise ShapeError("multilabel_soft_margin_loss: input must have shape (..., C) with an axis of classes, not ()")
    losses = binary_cross_entropy_with_logits(x, t, weight, reduction="none")
    return reduced(mean(losses, axis=-1), reduction)


def _of_probabilities(p: Numbers, t: Numbers) -> Numbers:
    steep = raw(p) * (1 - raw(p)) < 1 / _STEEPEST
    if not np.any(steep):
        return -(t * log(p) + (1.0 - t) * log1p(-p))
    inner = where(steep, 0.5, p)
    return where(steep, _at_the_edge(p, t), -(t * log(inner) + (1.0 - t) * log1p(-inner)))


def _at_the_edge(p: Numbers, t: Numbers) -> Numbers:
    """The loss near p = 0 and p = 1: the clamped value, and a constant slope in p that is bounded."""
    held = raw(p)
    with np.errstate(divide="ignore"):
        log_p, log_q = np.maximum(np.log(held), _LOWEST_LOG), np.maximum(np.log1p(-held), _LOWEST_LOG)
    slope = (held - raw(t)) * _STEEPEST
    return -(t * log_p + (1.0 - t) * log_q) + slope * (p - held)


def _first_outside(array: Any) -> float:
    array = np.asanyarray(array)
    return float(array[~((array >= 0) & (array <= 1))].flat[0])
