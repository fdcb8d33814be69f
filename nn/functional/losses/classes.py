"""Losses of scores or log-probabilities of classes, of which one holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, composed, expm1, reshape, where
from autograd.functions import getitem, logsumexp
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.activations import log_softmax, shifted_scores
from nn.functional.arguments import Numbers, check_one_kind, check_reduction, numbers
from nn.functional.losses.labels import (
    checked_labels,
    checked_range,
    chosen,
    class_axis,
    class_scores,
    class_weights,
    integer_labels,
    not_integers,
    without_classes,
)
from nn.functional.losses.shared import constants, held_where, reduced, weigh, weighted_mean


@composed
def nll_loss(
    input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean"
) -> Numbers:
    """The negative log-likelihood of labels: -weight[label] · input[label], where the input is log-probabilities.

    Args:
        input: (N, C, d1, d2, ...) or (C,): log-probabilities of C classes, as `log_softmax` gives them.
        target: integer labels from 0 to C - 1, or `ignore_index`, of the input's shape without C.
        weight: (C,): how much each class counts.
        ignore_index: examples of this label add nothing and count for nothing.
        reduction: "mean": the sum divided by the sum of the examples' weights (NaN where that is 0, as where all are
            ignored); "sum"; or "none" to keep the losses, 0 for the ignored.

    Raises:
        ShapeError: the shapes do not fit, or there is no class.
        DTypeError: labels are not integers, the input is not floating-point, or Tensors and Values are mixed.
        ValueError: a label is out of its range, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0]], requires_grad=True)
        >>> loss = F.nll_loss(x, [0, 1, -100], weight=[1.0, 3.0])
        >>> loss.backward()
        >>> loss.item(), x.grad
        (3.25, array([[-0.25,  0.  ],
               [ 0.  , -0.75],
               [ 0.  ,  0.  ]]))
    """
    check_reduction("nll_loss", reduction)
    x = class_scores("nll_loss", input)
    labels, kept = _labels_and_kept("nll_loss", target, x, ignore_index)
    w = None if weight is None else getitem(class_weights("nll_loss", weight, x), labels)
    losses = -chosen(x, labels)
    return _over_kept(losses if w is None else weigh(w, losses), w, kept, reduction)


@composed
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Numbers:
    """The cross-entropy of class scores with labels, or with class probabilities.

    loss = -weight[label] · log_softmax(input)[label], or -Σ_c weight[c] · target[c] · log_softmax(input)[c]

    then the mean over the batch (and over the places d1, d2, ... of each example). With `label_smoothing` s the
    probabilities, also those 0 and 1 that a label stands for, become (1 - s) · target[c] + s / C.

    Source of the smoothing: C. Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016.

    Args:
        input: (N, C, d1, d2, ...) or (C,), unnormalised scores ("logits") of C classes.
        target: integer labels from 0 to C - 1, or `ignore_index`, of the input's shape without C; or probabilities,
            floats of the input's shape. A probability of 0 adds 0 even to a score of -inf.
        weight: (C,): how much each class counts.
        ignore_index: examples of this label add nothing and count for nothing; not for probabilities.
        reduction: "mean" over all but the classes; for labels with weights, the sum divided by the sum of the labels'
            weights (NaN where there are none, or all are ignored); "sum"; or "none" to keep the losses.
        label_smoothing: from 0 to 1.

    Raises:
        ShapeError: the shapes do not fit, or there is no class.
        DTypeError: labels are not integers, the input is not floating-point, or Tensors and Values are mixed.
        ValueError: a label is out of its range, the smoothing is outside 0 to 1, an `ignore_index` that names a class
            meets probabilities, or the reduction is unknown.

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
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing={label_smoothing!r} must lie from 0 to 1")
    x = class_scores("cross_entropy", input)
    w = None if weight is None else class_weights("cross_entropy", weight, x)
    smoothing = float(label_smoothing)
    if integer_labels(target) is None:
        p = _probabilities(x, target, ignore_index)
        losses = _expected(log_softmax(x, class_axis(x)), p, w, smoothing)
        return reduced(losses, reduction)
    labels, kept = _labels_and_kept("cross_entropy", target, x, ignore_index)
    factors = None if w is None else getitem(w, labels)
    if smoothing:
        log_p = log_softmax(x, class_axis(x))
        losses = -chosen(log_p, labels)
    else:  # log_softmax of the labels alone
        log_p, losses = None, _missing(x, labels)
    if factors is not None:
        losses = weigh(factors, losses)
    if smoothing:
        losses = (1.0 - smoothing) * losses + _uniform(log_p, w, smoothing)
    return _over_kept(losses, factors, kept, reduction)


@composed
def softmax_focal_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    gamma: float = 2.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Numbers:
    """The cross-entropy of class scores with labels, turned down where the prediction is right already.

    loss = -weight[label] · (1 - p)^gamma · log p, where p = softmax(input)[label]

    Source: T.-Y. Lin et al., "Focal loss for dense object detection", 2017, for several classes.

    Args:
        input: (N, C, d1, d2, ...) or (C,), unnormalised scores ("logits") of C classes.
        target: integer labels from 0 to C - 1, or `ignore_index`, of the input's shape without C.
        weight: (C,): how much each class counts, the paper's α.
        gamma: how far well classified examples are turned down; with 0 this is `cross_entropy`.
        ignore_index: examples of this label add nothing and count for nothing.
        reduction: "mean": the sum divided by the sum of the labels' weights, as in `cross_entropy`; "sum"; or "none".

    Raises:
        ShapeError: the shapes do not fit, or there is no class.
        DTypeError: labels are not integers, the input is not floating-point, or Tensors and Values are mixed.
        ValueError: a label is out of its range, gamma is negative, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> scores = Tensor([[0.0, 0.0], [0.5, 0.0]], requires_grad=True)
        >>> F.softmax_focal_loss(scores, [0, 0], reduction="none").data.round(6)
        array([0.173287, 0.067573])
    """
    check_reduction("softmax_focal_loss", reduction)
    if not gamma >= 0:
        raise ValueError(f"softmax_focal_loss: gamma={gamma!r} must be at least 0, which gives the cross-entropy")
    x = class_scores("softmax_focal_loss", input)
    labels, kept = _labels_and_kept("softmax_focal_loss", target, x, ignore_index)
    w = None if weight is None else getitem(class_weights("softmax_focal_loss", weight, x), labels)
    log_p = chosen(log_softmax(x, class_axis(x)), labels)
    wrong = -expm1(log_p)  # 1 - p
    wrong = held_where(np.isinf(raw(log_p)), wrong)  # it changes no more there, which times an infinite loss is NaN
    losses = wrong ** float(gamma) * -log_p
    return _over_kept(losses if w is None else weigh(w, losses), w, kept, reduction)


def _missing(x: Numbers, labels: Any) -> Numbers:
    """-log_softmax(x)[label] = log Σ_c exp(x[c]) - x[label], of scores less their maximum."""
    shifted, axis = shifted_scores("cross_entropy", x, class_axis(x))
    if not shifted.size:
        return -chosen(shifted, labels)
    return logsumexp(shifted, axis=axis) - chosen(shifted, labels)


def _labels_and_kept(function: str, target: Any, x: Numbers, ignore_index: int) -> tuple[Any, Any]:
    """Labels that each name a class, and which of them count; those that do not are 0."""
    labels = checked_labels(function, target, x)
    kept = labels != ignore_index
    labels = labels if kept.all() else np.where(kept, labels, 0)
    checked_range(function, labels, x)
    return labels, kept


def _over_kept(losses: Numbers, weights: Numbers, kept: Any, reduction: str) -> Numbers:
    """The losses that count, reduced; they are multiplied already by their weights, by which the mean divides."""
    all_kept = np.all(kept)
    if not all_kept:
        losses = where(kept, losses, 0.0)
    if reduction != "mean" or (weights is None and all_kept):
        return reduced(losses, reduction)
    if weights is None:
        return weighted_mean(losses, float(np.count_nonzero(kept)))
    return weighted_mean(losses, weights if all_kept else where(kept, weights, 0.0))


def _probabilities(x: Numbers, target: Any, ignore_index: int) -> Numbers:
    p = numbers("cross_entropy", "target", target)
    check_one_kind("cross_entropy", input=x, target=p)
    if p.shape != x.shape:
        if p.shape == without_classes(x):
            raise not_integers("cross_entropy", target)
        raise ShapeError(f"cross_entropy: probabilities must have the input's shape {x.shape}, not {p.shape}")
    if ignore_index >= 0:
        raise ValueError(
            f"cross_entropy: ignore_index={ignore_index} is for integer labels, and target holds probabilities; "
            f"give an ignored example probabilities of 0"
        )
    return constants("cross_entropy", "target", target, x)


def _expected(log_p: Numbers, p: Numbers, weight: Numbers, smoothing: float) -> Numbers:
    """-Σ_c weight[c] · p[c] · log_p[c], with p mixed with the uniform distribution."""
    if smoothing:
        p = p * (1.0 - smoothing) + smoothing / log_p.shape[class_axis(log_p)]
    terms = weigh(p, log_p)
    return -sum_over(terms if weight is None else _along_classes(weight, log_p) * terms, axis=class_axis(log_p))


def _uniform(log_p: Numbers, weight: Numbers, smoothing: float) -> Numbers:
    """What smoothing adds: -smoothing / C · Σ_c weight[c] · log_p[c]."""
    axis = class_axis(log_p)
    terms = log_p if weight is None else weigh(_along_classes(weight, log_p), log_p)
    return sum_over(terms, axis=axis) * (-smoothing / log_p.shape[axis])


def _along_classes(weight: Numbers, x: Numbers) -> Numbers:
    """Weights of the classes, shaped to broadcast with x: (C,) -> (1, C, 1, ...)."""
    return reshape(weight, [-1 if axis == class_axis(x) else 1 for axis in range(x.ndim)])
