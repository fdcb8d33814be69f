"""Bags of rows of a table, each as one vector: their sum, mean or maximum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError, composed, ravel, where
from autograd.functions import getitem
from autograd.functions import max as max_over
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, check_one_kind, numbers
from nn.functional.embeddings import check_rows, integers, row_number

Integers = npt.NDArray[Any]


@composed
def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    *,
    mode: str = "mean",
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Numbers:
    """The sum, mean or maximum of the rows of a table that are in a bag: `embedding`, reduced.

    A bag without rows gives zeros. Of equal numbers the first takes the derivative of a maximum.

    Args:
        input: (B, L), B bags of L integers; or (K,), the integers of all bags, one bag after another.
        weight: (V, D): Tensor, array of floats, or nested list of Values.
        offsets: (B,), where each bag begins in an input (K,): integers that begin with 0 and never decrease.
        mode: "sum", "mean" or "max".
        per_sample_weights: the input's shape, what each row is multiplied by, in the mode "sum".
        include_last_offset: whether `offsets` has one element more, where the last bag ends.
        padding_idx: a row that is left out of every bag; counted from the end where it is negative.

    Returns:
        (B, D).

    Raises:
        ValueError: an integer names no row, offsets do not ascend from 0 to K, or the mode is unknown or takes no
            weights.
        ShapeError: the axes do not fit.
        DTypeError: what should be integers is not, or another argument cannot be differentiated.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> table = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> F.embedding_bag([0, 1, 2], table, offsets=[0, 2], mode="sum").data
        array([[4., 6.],
               [5., 6.]])
    """
    check_mode("embedding_bag", mode)
    table = numbers("embedding_bag", "weight", weight)
    if table.ndim != 2 or not table.shape[0]:
        raise ShapeError(f"embedding_bag: weight must have shape (V, D) with at least one row, not {table.shape}")
    given = integers("embedding_bag", input)
    check_rows("embedding_bag", given, table)
    places, held = _bags(given, offsets, include_last_offset)
    taken = given.ravel()[places] if given.size else places
    if padding_idx is not None:
        held = held & (taken != row_number("embedding_bag", padding_idx, table.shape[0]))
    rows = where(held[..., None], getitem(table, (taken,)), 0.0)  # (B, L, D), zeros where a bag has no row
    if per_sample_weights is not None:
        rows = rows * _weights(table, given, per_sample_weights, mode, places)
    if mode == "max":
        largest = max_over(where(held[..., None], rows, -math.inf), axis=1)
        return where(held.any(axis=1, keepdims=True), largest, 0.0)
    total = sum_over(rows, axis=1)
    if mode == "sum":
        return total
    return total * (1.0 / np.maximum(held.sum(axis=1, keepdims=True), 1)).astype(raw(table).dtype)


def check_mode(function: str, mode: str) -> None:
    """`ValueError` for a reduction that does not exist."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"{function}: mode={mode!r} is none of 'sum', 'mean', 'max'")


def _bags(given: Integers, offsets: Any, include_last_offset: bool) -> tuple[Integers, Integers]:
    """The places of each bag's elements among all, (B, L), and which of them there are; L is at least 1."""
    if given.ndim == 2 and offsets is None:
        starts = np.arange(given.shape[0]) * given.shape[1]
        ends = starts + given.shape[1]
    elif given.ndim == 1 and offsets is not None:
        starts = integers("embedding_bag", offsets, "offsets")
        ends = np.append(starts, given.size)[1:]
        if include_last_offset:
            starts, ends = starts[:-1], starts[1:]
        ascending = starts.ndim == 1 and (ends >= starts).all() and (not ends.size or ends[-1] <= given.size)
        if not ascending or starts[:1].any():
            raise ValueError(
                f"embedding_bag: offsets must ascend from 0 to at most {given.size}, the length of the input, in one "
                f"axis; got {np.asarray(offsets).tolist()}"
            )
    else:
        raise ShapeError(
            f"embedding_bag: input of shape {given.shape} {'with' if offsets is not None else 'without'} offsets; give "
            f"(B, L) without, or (K,) with them"
        )
    steps = np.arange(max(1, int((ends - starts).max(initial=1))))
    held = steps < (ends - starts)[:, None]
    return np.where(held, starts[:, None] + steps, 0), held


def _weights(table: Numbers, given: Integers, per_sample_weights: Any, mode: str, places: Integers) -> Numbers:
    """The weight of each row of each bag, (B, L, 1)."""
    weights = numbers("embedding_bag", "per_sample_weights", per_sample_weights)
    check_one_kind("embedding_bag", weight=table, per_sample_weights=weights)
    if mode != "sum":
        raise ValueError(f"embedding_bag: per_sample_weights are for mode='sum', not mode={mode!r}")
    if weights.shape != given.shape:
        raise ShapeError(
            f"embedding_bag: per_sample_weights must have the input's shape {given.shape}, not {weights.shape}"
        )
    return getitem(ravel(weights), (places[..., None],)) if given.size else 0.0
