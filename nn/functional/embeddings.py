"""What integers stand for: rows of a table, and vectors with a single 1."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Node, ShapeError, composed, where
from autograd.functions import getitem
from autograd.functions.arguments import raw
from nn.functional.arguments import Numbers, numbers


@composed
def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Numbers:
    """Rows of a table, by their numbers: out[...] = weight[input[...]].

    A row that is taken several times receives the sum of the gradients.

    Args:
        input: any shape, integers from 0 to V - 1.
        weight: (V, D): Tensor, array of floats, or nested list of Values.
        padding_idx: a row that receives no gradient, as for the padding of sentences; counted from the end where it is
            negative.

    Returns:
        (..., D).

    Raises:
        ValueError: an integer names no row.
        ShapeError: the weight has not two axes.
        DTypeError: the input holds what are no integers, or the weight what cannot be differentiated.

    Example:
        >>> import nn.functional as F
        >>> from autograd import Tensor
        >>> table = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        >>> F.embedding([1, 0, 1], table).sum().backward()
        >>> table.grad
        array([[1., 1.],
               [2., 2.]])
    """
    table = numbers("embedding", "weight", weight)
    if table.ndim != 2:
        raise ShapeError(f"embedding: weight must have shape (V, D), a row for each integer, not {table.shape}")
    rows = table.shape[0]
    places = integers("embedding", input)
    check_rows("embedding", places, table)
    out = getitem(table, (places,))
    if padding_idx is None:
        return out
    padding = row_number("embedding", padding_idx, rows)
    return where((places == padding)[..., None], raw(table)[padding], out)


def one_hot(input: Any, num_classes: int = -1) -> npt.NDArray[np.int64]:
    """A vector for each integer, with a single 1 at its place and 0 elsewhere: integers, which have no gradient.

    Args:
        input: any shape, integers of at least 0.
        num_classes: the vectors' length; by default one more than the largest integer.

    Returns:
        (..., num_classes).

    Raises:
        ValueError: an integer is negative or does not fit `num_classes`, or there is none to take the length from.
        DTypeError: the input holds what are no integers.

    Example:
        >>> import nn.functional as F
        >>> F.one_hot([2, 0])
        array([[0, 0, 1],
               [1, 0, 0]])
    """
    classes = integers("one_hot", input)
    if num_classes == -1:
        if not classes.size:
            raise ValueError("one_hot: an empty input does not tell the number of classes; give num_classes")
        num_classes = int(classes.max()) + 1
    outside = classes[(classes < 0) | (classes >= num_classes)]
    if outside.size or num_classes < 1:
        wrong = f"{outside.flat[0]} is outside" if outside.size else "there is no class in"
        raise ValueError(f"one_hot: {wrong} 0 to {num_classes - 1}; drop or renumber it, or give more num_classes")
    return np.asarray(classes[..., None] == np.arange(num_classes), dtype=np.int64)


def check_rows(function: str, places: npt.NDArray[Any], table: Numbers) -> None:
    """`ValueError` where an integer names no row of the table."""
    rows = table.shape[0]
    outside = places[(places < 0) | (places >= rows)]
    if outside.size:
        raise ValueError(
            f"{function}: {outside.flat[0]} is outside 0 to {rows - 1}, the rows of the weight of shape {table.shape}; "
            f"drop or renumber it, or give more rows"
        )


def integers(function: str, x: Any, argument: str = "input") -> npt.NDArray[Any]:
    """An argument as an array of integers.

    Raises:
        DTypeError: it holds something else.
    """
    array: npt.NDArray[Any] = np.asanyarray(x.data if isinstance(x, Node) else x)
    if not array.size and not hasattr(x, "dtype"):
        return array.astype(np.intp)  # NumPy takes an empty list for floats
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"{function}: {argument} holds {array.dtype} data, but the numbers of rows and classes are integers; "
            f"convert it with np.asarray({argument}).astype(int)"
        )
    return array


def row_number(function: str, padding_idx: int, rows: int) -> int:
    """The row that `padding_idx` names, from 0; `ValueError` where there is none."""
    place = operator.index(padding_idx)
    if not -rows <= place < rows:
        raise ValueError(f"{function}: padding_idx={padding_idx} names none of {rows} rows, {-rows} to {rows - 1}")
    return place % rows
