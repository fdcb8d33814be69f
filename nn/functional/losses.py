"""Losses: how far a prediction is from its target, in one number. None has a backward of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import DTypeError, Node, ShapeError, Tensor, Value, composed, log, log1p, softplus, square, where
from autograd.functions import getitem, mean
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.activations import log_softmax
from nn.functional.arguments import (
    Numbers,
    check_one_kind,
    check_reduction,
    check_same_shape,
    numbers,
    targets,
)

_STEEPEST = 1e12  # the largest |derivative| of binary_cross_entropy, which is PyTorch's
_LOWEST_LOG = -100.0  # and the smallest logarithm in it


@composed
def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The squared error: (input - target)² for each element, then their mean.

    Args:
        input: any shape: Tensor, array of floats, Value, or nested list of Values.
        target: the same shape; integers are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

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
    x, t = _input_and_target("mse_loss", input, target, reduction)
    return _reduce(square(x - t), reduction)


@composed
def cross_entropy(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The cross-entropy of class scores with labels, or with class probabilities.

    loss = -log_softmax(input)[label], or -Σ_c target[c] · log_softmax(input)[c]

    then the mean over the batch (and over the places d1, d2, ... of each example).

    Args:
        input: (N, C, d1, d2, ...) or (C,), unnormalised scores ("logits") of C classes.
        target: integer labels from 0 to C - 1, of the input's shape without C; or probabilities, floats of the input's
            shape. A probability of 0 adds 0 even to a score of -inf.
        reduction: "mean" over all but the classes (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes do not fit, or there is no class.
        DTypeError: labels are not integers, the input is not floating-point, or Tensors and Values are mixed.
        ValueError: a label is out of its range, or the reduction is unknown.

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> scores = Tensor([[0.0, 0.0], [0.0, 0.0]], requires_grad=True)
        >>> loss = F.cross_entropy(scores, np.array([0, 1]))
        >>> loss.backward()
        >>> loss.item() == np.log(2.0), scores.grad
        (np.True_, array([[-0.25,  0.25],
               [ 0.25, -0.25]]))
    """
    check_reduction("cross_entropy", reduction)
    x = numbers("cross_entropy", "input", input)
    if not x.ndim or not x.shape[_class_axis(x)]:
        raise ShapeError(
            f"cross_entropy: input must have shape (N, C, ...) or (C,) with at least one class, not {x.shape}"
        )
    labels = _labels(target)
    if labels is None:
        losses = _against_probabilities(x, target)
    else:
        _check_labels(x, labels)
        losses = -_chosen(log_softmax(x, _class_axis(x)), labels)
    return _reduce(losses, reduction)


@composed
def binary_cross_entropy(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The cross-entropy of probabilities with binary labels.

    loss = -(target · log input + (1 - target) · log(1 - input))

    with logarithms of at least -100, so that it is finite. Its derivative with respect to the input is
    (input - target) / max(input · (1 - input), 1e-12): finite, and correct wherever that maximum is not reached. For a
    network's output prefer `binary_cross_entropy_with_logits`, which needs neither bound.

    Args:
        input: any shape, from 0 to 1.
        target: the same shape, from 0 to 1; integers and booleans are welcome here.
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
    p, t = _input_and_target("binary_cross_entropy", input, target, reduction)
    for argument, array in (("input", raw(p)), ("target", raw(t))):
        if not np.all((array >= 0) & (array <= 1)):
            raise ValueError(
                f"binary_cross_entropy: {argument} must lie from 0 to 1, but {_first_outside(array)!r} does not; "
                f"apply a sigmoid, or use binary_cross_entropy_with_logits"
            )
    steep = raw(p) * (1 - raw(p)) < 1 / _STEEPEST
    if not np.any(steep):
        return _reduce(-(t * log(p) + (1.0 - t) * log1p(-p)), reduction)
    inner = where(steep, 0.5, p)
    losses = where(steep, _at_the_edge(p, t), -(t * log(inner) + (1.0 - t) * log1p(-inner)))
    return _reduce(losses, reduction)


@composed
def binary_cross_entropy_with_logits(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The binary cross-entropy of sigmoid(input) with labels, without overflow and without loss of digits.

    loss = -(target · log σ(input) + (1 - target) · log(1 - σ(input)))
         = target · softplus(-input) + (1 - target) · softplus(input)

    Args:
        input: any shape, unnormalised scores ("logits").
        target: the same shape, from 0 to 1 as a rule; integers and booleans are welcome here.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
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
    x, t = _input_and_target("binary_cross_entropy_with_logits", input, target, reduction)
    return _reduce(t * softplus(-x) + (1.0 - t) * softplus(x), reduction)


def _input_and_target(function: str, input: Any, target: Any, reduction: str) -> tuple[Numbers, Numbers]:
    check_reduction(function, reduction)
    x = numbers(function, "input", input)
    t = targets(function, target, x)
    check_one_kind(function, input=x, target=t)
    check_same_shape(function, x, t)
    return x, t


def _reduce(losses: Numbers, reduction: str) -> Numbers:
    if reduction == "none" or isinstance(losses, Value | float):
        return losses
    return mean(losses) if reduction == "mean" else sum_over(losses)


def _first_outside(array: Any) -> float:
    array = np.asarray(array)
    return float(array[~((array >= 0) & (array <= 1))].flat[0])


def _at_the_edge(p: Numbers, t: Numbers) -> Numbers:
    """The loss near p = 0 and p = 1: the clamped value, and a constant slope in p that is bounded."""
    held = raw(p)
    with np.errstate(divide="ignore"):
        log_p, log_q = np.maximum(np.log(held), _LOWEST_LOG), np.maximum(np.log1p(-held), _LOWEST_LOG)
    slope = (held - raw(t)) * _STEEPEST
    return -(t * log_p + (1.0 - t) * log_q) + slope * (p - held)


def _class_axis(x: Numbers) -> int:
    return 0 if x.ndim == 1 else 1


def _labels(target: Any) -> Any:
    """The labels as an integer array; None where the target is of another kind, which is that of probabilities."""
    if isinstance(target, Node):
        return None
    try:
        array = np.asarray(target)
    except (ValueError, DTypeError):
        return None
    return array if array.dtype.kind in "iu" else None


def _check_labels(x: Numbers, labels: Any) -> None:
    axis = _class_axis(x)
    classes = x.shape[axis]
    expected = x.shape[:axis] + x.shape[axis + 1 :]
    if labels.shape != expected:
        remedy = "; make class probabilities floating-point" if labels.shape == x.shape else ""
        raise ShapeError(
            f"cross_entropy: integer labels for input of shape {x.shape} must have shape {expected}, not {labels.shape}"
            + remedy
        )
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise ValueError(
            f"cross_entropy: label {outside.flat[0]} is outside 0 to {classes - 1}, the {classes} classes of the input "
            f"of shape {x.shape}; drop or renumber it"
        )


def _chosen(log_probabilities: Numbers, labels: Any) -> Numbers:
    """Each example's log-probability of its label: (N, C, d1, ...) -> (N, d1, ...)."""
    places = np.indices(labels.shape, sparse=True)
    axis = _class_axis(log_probabilities)
    return getitem(log_probabilities, (*places[:axis], labels, *places[axis:]))


def _against_probabilities(x: Numbers, target: Any) -> Numbers:
    probabilities = numbers("cross_entropy", "target", target)
    check_one_kind("cross_entropy", input=x, target=probabilities)
    axis = _class_axis(x)
    if probabilities.shape != x.shape:
        if probabilities.shape == x.shape[:axis] + x.shape[axis + 1 :]:
            remedy = ".data.astype(int)" if isinstance(target, Tensor) else "np.asarray(target).astype(int)"
            raise DTypeError(
                f"cross_entropy: labels must be integers, not {probabilities.dtype}; convert them with {remedy}"
            )
        raise ShapeError(
            f"cross_entropy: probabilities must have the input's shape {x.shape}, not {probabilities.shape}"
        )
    log_probabilities = log_softmax(x, axis)
    impossible = (raw(probabilities) == 0) & (raw(log_probabilities) == -math.inf)
    if np.any(impossible):  # 0 · log 0 is 0 in a cross-entropy; as a product it would be NaN
        log_probabilities = where(impossible, 0.0, log_probabilities)
    return -sum_over(probabilities * log_probabilities, axis=axis)
