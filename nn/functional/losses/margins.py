"""Losses that vanish where the right answer leads by a margin: for signs, classes, several classes, and rankings."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, clip, composed, expand_dims, relu, square, where
from autograd.functions import getitem
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, check_reduction
from nn.functional.losses.labels import (
    checked_labels,
    checked_range,
    chosen,
    class_scores,
    class_weights,
    integer_labels,
    not_integers,
)
from nn.functional.losses.shared import check_same_shape, check_signs, operands, reduced


@composed
def hinge_loss(input: Any, target: Any, p: int = 1, *, reduction: str = "mean") -> Numbers:
    """The loss of the support vector machine: max(0, 1 - target · input)^p. At the margin, where it bends, it still
    has the slope of the inside, as PyTorch's losses with a margin.

    Source: C. Cortes & V. Vapnik, "Support-vector networks", Machine Learning 20, 1995. Keras has it as `Hinge` and,
    with p = 2, `SquaredHinge`; PyTorch has `hinge_embedding_loss` and, for classes, `multi_margin_loss`.

    Args:
        input: any shape: scores.
        target: the same shape: 1 or -1; integers are welcome here.
        p: 1, or 2 for the squared hinge.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is neither 1 nor -1, p neither 1 nor 2, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.5, 0.5, -3.0], requires_grad=True)
        >>> loss = F.hinge_loss(x, [1, -1, -1], reduction="sum")
        >>> loss.backward()
        >>> loss.item(), x.grad
        (2.0, array([-1.,  1.,  0.]))
    """
    x, t = operands("hinge_loss", reduction, input=input, target=target)
    check_signs("hinge_loss", t)
    _check_power("hinge_loss", p)
    losses = _at_least_zero(1.0 - t * x)
    return reduced(losses if p == 1 else square(losses), reduction)


@composed
def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean") -> Numbers:
    """For distances of pairs: the distance itself where the pair is similar, else what it lacks to the margin.

    loss = input where target is 1, max(0, margin - input) where target is -1

    Args:
        input: any shape: distances.
        target: the same shape: 1 for similar, -1 for dissimilar; integers are welcome here.
        margin: the distance that dissimilar pairs should have.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([0.25, 0.25, 3.0], requires_grad=True)
        >>> loss = F.hinge_embedding_loss(x, [1, -1, -1], reduction="sum")
        >>> loss.backward()
        >>> loss.item(), x.grad
        (1.0, array([ 1., -1.,  0.]))
    """
    x, t = operands("hinge_embedding_loss", reduction, input=input, target=target)
    check_signs("hinge_embedding_loss", t)
    return reduced(where(raw(t) == 1, x, _at_least_zero(float(margin) - x)), reduction)


@composed
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Numbers:
    """For pairs of scores: how far the one that should be larger is from leading by the margin.

    loss = max(0, margin - target · (input1 - input2))

    Args:
        input1, input2: any shape, the same: scores.
        target: the same shape: 1 where the first should be larger, -1 where the second; integers are welcome here.
        margin: the lead.
        reduction: "mean" over all elements (NaN where there are none), "sum", or "none" to keep them.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the first input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 1.0], requires_grad=True)
        >>> loss = F.margin_ranking_loss(x, [0.0, 3.0], [-1, 1], reduction="sum")
        >>> loss.backward()
        >>> loss.item(), x.grad
        (3.0, array([ 1., -1.]))
    """
    x1, x2, t = operands("margin_ranking_loss", reduction, input1=input1, input2=input2, target=target)
    check_signs("margin_ranking_loss", t)
    return reduced(_at_least_zero(float(margin) - t * (x1 - x2)), reduction)


@composed
def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean"
) -> Numbers:
    """The hinge loss of class scores: how far the label's score is from leading every other by the margin.

    loss = 1/C Σ_{c ≠ label} weight[label] · max(0, margin - input[label] + input[c])^p

    Where it bends, its slope is that of the outside, 0, as in PyTorch.

    Source: J. Weston & C. Watkins, "Support vector machines for multi-class pattern recognition", 1999.

    Args:
        input: (N, C) or (C,): scores.
        target: integer labels from 0 to C - 1: (N,) or ().
        p: 1, or 2 for squares.
        margin: the lead.
        weight: (C,): how much each class counts. The mean remains one over the number of examples.
        reduction: "mean" over the batch (NaN where it is empty), "sum", or "none" to keep the losses.

    Raises:
        ShapeError: the shapes do not fit, or there is no class.
        DTypeError: labels are not integers, the input is not floating-point, or Tensors and Values are mixed.
        ValueError: a label is out of its range, p is neither 1 nor 2, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[2.0, 1.5, 0.0, -1.0]], requires_grad=True)
        >>> loss = F.multi_margin_loss(x, [0])
        >>> loss.backward()
        >>> loss.item(), x.grad
        (0.125, array([[-0.25,  0.25,  0.  ,  0.  ]]))
    """
    check_reduction("multi_margin_loss", reduction)
    _check_power("multi_margin_loss", p)
    x = _rows_of_scores("multi_margin_loss", input)
    labels = checked_labels("multi_margin_loss", target, x)
    checked_range("multi_margin_loss", labels, x)
    w = None if weight is None else getitem(class_weights("multi_margin_loss", weight, x), labels)
    with np.errstate(invalid="ignore"):  # -inf less -inf: no margin at all, or the label itself, which is not taken
        behind = relu(float(margin) - expand_dims(chosen(x, labels), -1) + x)  # (N, C)
    others = np.arange(x.shape[-1]) != labels[..., None]
    losses = _mean_of_classes(where(others, behind if p == 1 else square(behind), 0.0), x)
    return reduced(losses if w is None else w * losses, reduction)


@composed
def multilabel_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Numbers:
    """The hinge loss of scores of classes of which several hold: how far each of these is from leading every other.

    loss = 1/C Σ_{t ∈ labels} Σ_{c ∉ labels} max(0, 1 - input[t] + input[c])

    Args:
        input: (N, C) or (C,): scores.
        target: integers of the same shape: the labels of each example, from 0 to C - 1, and -1 after the last.
        reduction: "mean" over the batch (NaN where it is empty), "sum", or "none" to keep the losses.

    Raises:
        ShapeError: the shapes differ, or there is no class.
        DTypeError: labels are not integers, or the input is not floating-point.
        ValueError: a label is out of its range, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x = Tensor([[0.1, 0.2, 0.4, 0.8]], requires_grad=True)
        >>> loss = F.multilabel_margin_loss(x, [[3, 0, -1, 1]])  # 3 and 0: what follows -1 does not count
        >>> loss.backward()
        >>> round(loss.item(), 6), x.grad
        (0.85, array([[-0.5,  0.5,  0.5, -0.5]]))
    """
    check_reduction("multilabel_margin_loss", reduction)
    x = _rows_of_scores("multilabel_margin_loss", input)
    given = integer_labels(target)
    if given is None:
        raise not_integers("multilabel_margin_loss", target)
    check_same_shape("multilabel_margin_loss", input=x, target=given)
    listed = np.logical_and.accumulate(given != -1, axis=-1)
    labels = np.where(listed, given, 0)
    checked_range("multilabel_margin_loss", labels, x)
    holds = ((labels[..., None] == np.arange(x.shape[-1])) & listed[..., None]).any(axis=-2)
    rows = np.indices(labels.shape, sparse=True)[:-1]
    scores = getitem(x, (*rows, labels))  # of the labels, in their order
    with np.errstate(invalid="ignore"):  # -inf less -inf, as in multi_margin_loss
        behind = relu(1.0 - expand_dims(scores, -1) + expand_dims(x, -2))  # (N, label, C)
    pairs = listed[..., None] & ~holds[..., None, :]
    return reduced(_mean_of_classes(sum_over(where(pairs, behind, 0.0), axis=-2), x), reduction)


def _at_least_zero(x: Numbers) -> Numbers:
    """max(0, x), with the derivative 1 at 0, which PyTorch's clamp has there."""
    return clip(x, 0.0)


def _check_power(function: str, p: int) -> None:
    if p not in (1, 2):
        raise ValueError(f"{function}: p={p!r} must be 1 or 2")


def _rows_of_scores(function: str, input: Any) -> Numbers:
    x = class_scores(function, input)
    if x.ndim > 2:
        raise ShapeError(f"{function}: input must have shape (N, C) or (C,), not {x.shape}; reshape it to (-1, C)")
    return x


def _mean_of_classes(x: Numbers, scores: Numbers) -> Numbers:
    return sum_over(x, axis=-1) * (1.0 / scores.shape[-1])
