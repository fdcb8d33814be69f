"""Functions of vectors and matrices: diagonals, triangles, and products by other names."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import normalize_axis, operand, unboxed
from autograd.functions.parts import getitem, where
from autograd.functions.products import einsum, matmul
from autograd.functions.reduce import sum
from autograd.functions.shape import ravel, reshape
from autograd.primitives import structural
from autograd.recording import composed


@composed
def diag(x: Any, k: int = 0) -> Any:
    """A matrix's diagonal, or the matrix that has a vector on its diagonal.

    Args:
        x: (N, M) or (N,).
        k: which diagonal: above the main one where positive, below it where negative.

    Raises:
        ShapeError: x is neither a vector nor a matrix.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.diag(Tensor([[1.0, 2.0], [3.0, 4.0]])).data, functions.diag(Tensor([5.0]), k=1).data
        (array([1., 4.]), array([[0., 5.],
               [0., 0.]]))
    """
    x = operand(x, "diag")
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"diag: takes a vector or a matrix, not shape {x.shape}; `diagonal` takes stacks of matrices")
    side = x.shape[0] + abs(k)
    places = np.arange(x.shape[0])
    return structural.scatter(x, index=(places + max(-k, 0), places + max(k, 0)), shape=(side, side))


@composed
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements whose places along two axes differ by an offset, along a last axis of the result.

    Raises:
        ShapeError: there are not two such axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.diagonal(Tensor([[1.0, 2.0], [3.0, 4.0]]), offset=1).data
        array([2.])
    """
    x = operand(x, "diagonal")
    axes = normalize_axis((axis1, axis2), x.ndim, "diagonal") or ()
    rows, columns = (x.shape[axis] for axis in axes)
    length = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    order = [axis for axis in range(x.ndim) if axis not in axes]
    turned = structural.transpose(x, axes=(*order, *axes))
    places = np.arange(length)
    return getitem(turned, (..., places + max(-offset, 0), places + max(offset, 0)))


@composed
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal: Σ_i x[i, i + offset].

    Raises:
        ShapeError: there are not two such axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.trace(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor(5.)
    """
    return unboxed(sum(diagonal(operand(x, "trace"), offset, axis1, axis2), axis=-1))


@composed
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle of a matrix, or of a stack of them: elements above the k-th diagonal are 0.

    What is cut off hands on nothing, not even NaN.

    Raises:
        ShapeError: x has no two axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.tril(Tensor([[1.0, 2.0], [3.0, 4.0]])).data
        array([[1., 0.],
               [3., 4.]])
    """
    return _triangle(x, "tril", lambda row, column: column - row <= k)


@composed
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle of a matrix, or of a stack of them: elements below the k-th diagonal are 0.

    Raises:
        ShapeError: x has no two axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.triu(Tensor([[1.0, 2.0], [3.0, 4.0]])).data
        array([[1., 2.],
               [0., 4.]])
    """
    return _triangle(x, "triu", lambda row, column: column - row >= k)


def _triangle(x: Any, name: str, keeps: Any) -> Any:
    x = operand(x, name)
    if x.ndim < 2:
        raise ShapeError(f"{name}: takes a matrix or a stack of them, not shape {x.shape}")
    rows, columns = np.indices(x.shape[-2:])
    return where(np.broadcast_to(keeps(rows, columns), x.shape), x, 0.0)


@composed
def dot(x: Any, y: Any) -> Any:
    """NumPy's dot: the inner product of vectors, the product of matrices, and of numbers.

    Over x's last axis and y's last but one, for more axes: out[i, j, k, m] = Σ_l x[i, j, l] · y[k, l, m].

    Raises:
        ShapeError: the lengths to sum over differ.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.dot(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
        Tensor(11.)
    """
    x, y = operand(x, "dot"), operand(y, "dot")
    if not x.ndim or not y.ndim:
        return unboxed(x * y)
    if y.ndim <= 2:
        return matmul(x, y)
    return tensordot(x, y, ([-1], [-2]))


@composed
def outer(x: Any, y: Any) -> Any:
    """Every product of an element of x and one of y: out[i, j] = x_i · y_j, of the flattened arrays.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.outer(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])).data
        array([[3., 4.],
               [6., 8.]])
    """
    x, y = ravel(operand(x, "outer")), ravel(operand(y, "outer"))
    return reshape(x, (-1, 1) if x.shape[0] else (0, 1)) * y


@composed
def tensordot(x: Any, y: Any, axes: int | Sequence[Any] = 2) -> Any:
    """The sum of products over pairs of axes, as in NumPy.

    Args:
        x, y: any shapes.
        axes: how many of x's last axes to sum over with y's first; or two sequences, x's axes and y's.

    Raises:
        ShapeError: an axis does not exist, or two that are paired differ in length.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.tensordot(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0]), axes=1).data
        array([21., 43.])
    """
    x, y = operand(x, "tensordot"), operand(y, "tensordot")
    if isinstance(axes, int):
        if axes > min(x.ndim, y.ndim) or axes < 0:
            raise ShapeError(f"tensordot: shapes {x.shape} and {y.shape} have no {axes} axes to sum over")
        first, second = tuple(range(x.ndim - axes, x.ndim)), tuple(range(axes))
    else:
        given = tuple(axes)
        first = normalize_axis(given[0], x.ndim, "tensordot") or ()
        second = normalize_axis(given[1], y.ndim, "tensordot") or ()
    if [x.shape[axis] for axis in first] != [y.shape[axis] for axis in second]:
        raise ShapeError(
            f"tensordot: axes {first} of shape {x.shape} and {second} of shape {y.shape} do not have the same lengths"
        )
    letters = iter(string.ascii_letters)
    labels = [next(letters) for _ in range(x.ndim)]
    others = [labels[first[second.index(axis)]] if axis in second else next(letters) for axis in range(y.ndim)]
    summed = {labels[axis] for axis in first}
    out = [label for label in (*labels, *others) if label not in summed]
    return unboxed(einsum(f"{''.join(labels)},{''.join(others)}->{''.join(out)}", x, y))
