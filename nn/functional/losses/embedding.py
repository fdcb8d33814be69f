"""Losses of vectors that stand for things: similar ones should lie near to each other, others further apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ShapeError, clip, composed, minimum, sqrt, square, where
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, check_one_kind, check_reduction
from nn.functional.distances import pairwise_distance
from nn.functional.losses.shared import check_signs, constants, operands, reduced

_LEAST_SQUARE = 1e-12  # added to each squared length in cosine_embedding_loss, as in PyTorch


@composed
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Numbers:
    """For triples of vectors: how far the anchor is from being closer to the positive than to the negative by a margin.

    loss = max(0, d(anchor, positive) - d(anchor, negative) + margin), where d is `pairwise_distance` with p and eps

    Source: V. Balntas et al., "Learning local feature descriptors with triplets and shallow convolutional neural
    networks", 2016, and for `swap`, which takes d(positive, negative) where that is the smaller.

    Args:
        anchor, positive, negative: (..., D), the same shape.
        margin: the lead, more than 0.
        p: of the norm.
        eps: what is added to each difference.
        swap: whether the negative's distance is the smaller of that from the anchor and that from the positive.
        reduction: "mean" over all triples (NaN where there are none), "sum", or "none" to keep the losses.

    Raises:
        ShapeError: the shapes differ, or have no axis.
        DTypeError: the anchor holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the margin is not positive, p is negative, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> anchor = Tensor([[0.0, 0.0]], requires_grad=True)
        >>> loss = F.triplet_margin_loss(anchor, [[3.0, 4.0]], [[0.0, 2.0]], eps=0.0)
        >>> loss.backward()
        >>> loss.item(), anchor.grad
        (4.0, array([[-0.6,  0.2]]))
    """

    def distance(x1: Numbers, x2: Numbers) -> Numbers:
        return pairwise_distance(x1, x2, p, eps)

    return _triplet("triplet_margin_loss", anchor, positive, negative, distance, margin, swap, reduction)


@composed
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Numbers:
    """`triplet_margin_loss` with a distance of your own.

    loss = max(0, d(anchor, positive) - d(anchor, negative) + margin)

    Args:
        anchor, positive, negative: the same shape, one that the distance takes.
        distance_function: gives the distances of two arguments; `pairwise_distance` by default.
        margin: the lead, more than 0.
        swap: whether the negative's distance is the smaller of that from the anchor and that from the positive.
        reduction: "mean" over all triples (NaN where there are none), "sum", or "none" to keep the losses.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: the anchor holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: the margin is not positive, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> def squared(x1, x2):
        ...     return ((x1 - x2) ** 2).sum(axis=-1)
        >>> a, p, n = Tensor([[0.0, 0.0]]), Tensor([[3.0, 0.0]]), Tensor([[0.0, 2.0]])
        >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=squared).item()
        6.0
    """
    distance = pairwise_distance if distance_function is None else distance_function
    name = "triplet_margin_with_distance_loss"
    return _triplet(name, anchor, positive, negative, distance, margin, swap, reduction)


@composed
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Numbers:
    """For pairs of vectors: similar ones should point the same way, others at least not too nearly so.

    loss = 1 - cos where target is 1, max(0, cos - margin) where target is -1,
    with cos = input1 · input2 / √((‖input1‖² + 1e-12) · (‖input2‖² + 1e-12))

    Args:
        input1, input2: (N, D) or (D,), the same shape.
        target: (N,) or (): 1 or -1; integers are welcome here.
        margin: the cosine that dissimilar vectors may have, from -1 to 1.
        reduction: "mean" over the batch (NaN where it is empty), "sum", or "none" to keep the losses.

    Raises:
        ShapeError: the shapes do not fit.
        DTypeError: the first input holds integers, an argument complex numbers, or Tensors and Values are mixed.
        ValueError: a target is neither 1 nor -1, or the reduction is unknown.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> x1, x2 = Tensor([[3.0, 4.0], [3.0, 4.0]]), Tensor([[4.0, 3.0], [4.0, 3.0]])
        >>> F.cosine_embedding_loss(x1, x2, [1, -1], reduction="none").data.round(6)
        array([0.04, 0.96])
    """
    check_reduction("cosine_embedding_loss", reduction)
    a, b = operands("cosine_embedding_loss", reduction, input1=input1, input2=input2)
    t = constants("cosine_embedding_loss", "target", target, a)
    check_one_kind("cosine_embedding_loss", input1=a, target=t)
    if a.ndim not in (1, 2) or t.shape != a.shape[:-1]:
        raise ShapeError(
            f"cosine_embedding_loss: inputs of shape {a.shape} and target of shape {t.shape} do not fit; give inputs "
            f"(N, D) and target (N,), or (D,) and one number"
        )
    check_signs("cosine_embedding_loss", t)
    lengths = [sqrt(sum_over(square(each), axis=-1) + _LEAST_SQUARE) for each in (a, b)]
    cosine = sum_over(a * b, axis=-1) / (lengths[0] * lengths[1])
    return reduced(where(raw(t) == 1, 1.0 - cosine, clip(cosine - float(margin), 0.0)), reduction)


def _triplet(
    function: str,
    anchor: Any,
    positive: Any,
    negative: Any,
    distance: Callable[[Any, Any], Any],
    margin: float,
    swap: bool,
    reduction: str,
) -> Numbers:
    a, p, n = operands(function, reduction, anchor=anchor, positive=positive, negative=negative)
    if not margin > 0:
        raise ValueError(f"{function}: margin={margin!r} must be more than 0, or equal vectors would be a solution")
    near, far = distance(a, p), distance(a, n)
    if swap:
        far = minimum(far, distance(p, n))
    return reduced(clip(float(margin) + near - far, 0.0), reduction)
