"""Products that sum, put in the standard form of their primitives: `matmul`, `einsum`."""

from __future__ import annotations

import math
import string
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import operand, unboxed
from autograd.functions.parts import getitem
from autograd.functions.shape import broadcast_to, expand_dims, reshape, transpose
from autograd.primitives import contractions
from autograd.primitives.structural import sum_
from autograd.recording import composed, scope


def matmul(x: Any, y: Any) -> Any:
    """The matrix product, as in NumPy: stacks broadcast; a vector is a row on the left, a column on the right.

    Args:
        x: (..., n, k) or (k,).
        y: (..., k, m) or (k,).

    Returns:
        (..., n, m), without the axis of an operand that was a vector.

    Raises:
        ShapeError: an operand is a single number, or the inner lengths differ.

    Example:
        >>> from autograd import Tensor, matmul
        >>> matmul(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    x, y = operand(x, "matmul"), operand(y, "matmul")
    if not x.ndim or not y.ndim:
        raise ShapeError(f"matmul: shapes {x.shape} and {y.shape}: a single number has no matrix product; use `*`")
    inner = y.shape[-2] if y.ndim > 1 else y.shape[0]
    if x.shape[-1] != inner:
        raise ShapeError(
            f"matmul: shapes {x.shape} and {y.shape} do not fit: the first's last axis has {x.shape[-1]} elements, "
            f"the second's {'last but one' if y.ndim > 1 else 'only one'} has {inner}"
        )
    if x.ndim == 2 and y.ndim == 2:
        return _multiply(x, y)
    with scope("matmul"):
        return unboxed(_stacked_matmul(x, y))


def _stacked_matmul(x: Any, y: Any) -> Any:
    rows, columns = x.ndim > 1, y.ndim > 1
    if not rows:
        x = expand_dims(x, 0)
    if not columns:
        y = expand_dims(y, 1)
    if y.ndim == 2:  # one matrix for the whole stack: a single product, without copies of the matrix
        product = reshape(
            _multiply(reshape(x, (math.prod(x.shape[:-1]), x.shape[-1])), y), (*x.shape[:-1], y.shape[-1])
        )
    else:
        try:
            stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        except ValueError:
            raise ShapeError(
                f"matmul: the stacks of shapes {x.shape} and {y.shape} do not broadcast together"
            ) from None
        product = _multiply(broadcast_to(x, (*stack, *x.shape[-2:])), broadcast_to(y, (*stack, *y.shape[-2:])))
    if not columns:
        product = product[..., 0]
    return product if rows else product[..., 0] if not columns else product[..., 0, :]


def _multiply(x: Any, y: Any) -> Any:
    if any(isinstance(each, np.ndarray) and each.dtype == object for each in (x, y)):
        batch = string.ascii_lowercase[: x.ndim - 2]
        return contractions.contract(x, y, subscripts=f"{batch}IK,{batch}KJ->{batch}IJ")
    return contractions.matmul(x, y)


@composed
def einsum(subscripts: str, *operands: Any) -> Any:
    """The sum of products that the subscripts name, as NumPy has it, two operands at a time from the left.

    Args:
        subscripts: one label for each axis of each operand, and the result's labels after ``->``; labels that it leaves
            out are summed over. Without ``->`` the result has the labels that appear once, in alphabetic order. An
            ellipsis stands for the axes without labels. A label twice in one operand takes the diagonal.

    Raises:
        ShapeError: the labels do not fit the operands, or a label stands for different lengths.

    Example:
        >>> from autograd import Tensor, einsum
        >>> einsum("ij,j->i", Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0]))
        Tensor([21., 43.])
    """
    arrays = [operand(each, "einsum") for each in operands]
    inputs, out = _labels(subscripts.replace(" ", ""), tuple(each.ndim for each in arrays))
    lengths = _label_lengths(subscripts, inputs, arrays)
    terms = [
        _without_stretched(*_without_repeats(labels, each), lengths)
        for labels, each in zip(inputs, arrays, strict=True)
    ]
    labels, result = terms[0]
    for place, (other_labels, other) in enumerate(terms[1:], start=1):
        wanted = set(out).union(*(later for later, _ in terms[place + 1 :]))
        labels, result = _contract_pair(labels, result, other_labels, other, wanted)
    labels, result = _sum_over(labels, result, set(labels) - set(out))
    return transpose(result, [labels.index(label) for label in out])


@lru_cache(maxsize=512)
def _labels(subscripts: str, ndims: tuple[int, ...]) -> tuple[list[str], str]:
    """The labels of each operand and of the result, with an ellipsis spelled out in capital letters not used."""
    left, arrow, out = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ShapeError(f"einsum: {subscripts!r} names {len(inputs)} operands, but {len(ndims)} were given")
    spare = [letter for letter in reversed(string.ascii_letters) if letter not in subscripts]
    hidden = max(
        (n - len(labels.replace("...", "")) for labels, n in zip(inputs, ndims, strict=True) if "..." in labels),
        default=0,
    )
    ellipsis = "".join(spare[: max(hidden, 0)])
    spelled = []
    for labels, ndim in zip(inputs, ndims, strict=True):
        own = ndim - len(labels.replace("...", ""))
        if "..." in labels and own >= 0:
            labels = labels.replace("...", ellipsis[len(ellipsis) - own :])
        if len(labels) != ndim or (not labels.isalpha() and labels):
            raise ShapeError(f"einsum: the labels {labels!r} in {subscripts!r} do not fit an operand of {ndim} axes")
        spelled.append(labels)
    if not arrow:
        joined = "".join(spelled)
        out = "..." + "".join(
            sorted(label for label in set(joined) if joined.count(label) == 1 and label not in ellipsis)
        )
    out = out.replace("...", ellipsis)
    if len(set(out)) != len(out) or not set(out) <= set("".join(spelled)):
        raise ShapeError(
            f"einsum: the result's labels {out!r} in {subscripts!r} must be distinct and name operands' axes"
        )
    return spelled, out


def _label_lengths(subscripts: str, inputs: list[str], arrays: list[Any]) -> dict[str, int]:
    """The length that each label stands for; an axis of length 1 stretches to it."""
    lengths: dict[str, int] = {}
    for labels, array in zip(inputs, arrays, strict=True):
        for label, length in zip(labels, array.shape, strict=True):
            known = lengths.setdefault(label, length)
            if known == 1:
                lengths[label] = length
            elif length not in (1, known):
                raise ShapeError(
                    f"einsum: label {label!r} in {subscripts!r} stands for {known} elements and for {length}, "
                    f"in operands of shapes {', '.join(str(each.shape) for each in arrays)}"
                )
    return lengths


def _without_stretched(labels: str, x: Any, lengths: dict[str, int]) -> tuple[str, Any]:
    """Without the axes of length 1 that another operand has at full length: leaving one out repeats it."""
    stretched = {label for label, length in zip(labels, x.shape, strict=True) if length == 1 != lengths[label]}
    return _sum_over(labels, x, stretched)


def _without_repeats(labels: str, x: Any) -> tuple[str, Any]:
    """The diagonal over each label that stands twice."""
    for label in dict.fromkeys(labels):
        if labels.count(label) > 1:
            places = [place for place, each in enumerate(labels) if each == label]
            rest = [place for place in range(len(labels)) if place not in places]
            index = np.arange(x.shape[places[0]])
            x = getitem(transpose(x, (*places, *rest)), (index,) * len(places))
            labels = label + "".join(labels[place] for place in rest)
    return labels, x


def _sum_over(labels: str, x: Any, unwanted: set[str]) -> tuple[str, Any]:
    axes = tuple(place for place, label in enumerate(labels) if label in unwanted)
    kept = "".join(label for label in labels if label not in unwanted)
    return kept, sum_(x, axis=axes) if axes else x


def _contract_pair(x_labels: str, x: Any, y_labels: str, y: Any, wanted: set[str]) -> tuple[str, Any]:
    """The product of two terms, summed over the labels that nothing later wants."""
    x_labels, x = _sum_over(x_labels, x, set(x_labels) - set(y_labels) - wanted)
    y_labels, y = _sum_over(y_labels, y, set(y_labels) - set(x_labels) - wanted)
    out = "".join(label for label in dict.fromkeys(x_labels + y_labels) if label in wanted)
    return out, contractions.contract(x, y, subscripts=f"{x_labels},{y_labels}->{out}")
