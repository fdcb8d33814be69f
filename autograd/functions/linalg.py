"""Linear algebra: norms, inverse, solution, determinants and Cholesky factors, as `numpy.linalg` has them.

Of Tensors and arrays of floats, not of Values. All but the norms take stacks of matrices.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.functions.arguments import operand
from autograd.functions.norms import norm
from autograd.functions.shape import broadcast_to, expand_dims, swapaxes
from autograd.primitives import matrices
from autograd.recording import composed

__all__ = ["SlogdetResult", "cholesky", "det", "inv", "norm", "slogdet", "solve"]


class SlogdetResult(NamedTuple):
    """A determinant as its sign, a constant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


def inv(x: Any) -> Any:
    """The inverse of a square matrix. d(A⁻¹) = -A⁻¹·dA·A⁻¹.

    Args:
        x: (..., N, N).

    Raises:
        ShapeError: the matrices are not square.
        numpy.linalg.LinAlgError: one is singular.

    Example:
        >>> from autograd import Tensor, linalg
        >>> linalg.inv(Tensor([[2.0, 0.0], [0.0, 4.0]])).data
        array([[0.5 , 0.  ],
               [0.  , 0.25]])
    """
    return matrices.inv(_square(x, "inv"))


@composed
def solve(a: Any, b: Any) -> Any:
    """The x that solves a·x = b. With x̄ upstream, b's gradient is a⁻ᵀ·x̄, and a's is that times -xᵀ.

    Args:
        a: (..., N, N).
        b: (N,), or (..., N, K); stacks broadcast.

    Returns:
        Of b's shape, with the stacks of both.

    Raises:
        ShapeError: a is not square, or b's rows are not as many as a's.
        numpy.linalg.LinAlgError: a matrix is singular.

    Example:
        >>> from autograd import Tensor, linalg
        >>> linalg.solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([2.0, 2.0])).data
        array([1. , 0.5])
    """
    a, b = _square(a, "solve"), _numbers(b, "solve")
    vector = b.ndim == 1
    columns = expand_dims(b, 1) if vector else b
    if b.ndim < 1 or columns.shape[-2] != a.shape[-1]:
        raise ShapeError(
            f"solve: b of shape {b.shape} does not fit a of shape {a.shape}; give ({a.shape[-1]},) or "
            f"(..., {a.shape[-1]}, K)"
        )
    try:
        stack = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    except ValueError:
        raise ShapeError(f"solve: the stacks of shapes {a.shape} and {b.shape} do not broadcast together") from None
    x = matrices.solve(broadcast_to(a, (*stack, *a.shape[-2:])), broadcast_to(columns, (*stack, *columns.shape[-2:])))
    return x[..., 0] if vector else x


def det(x: Any) -> Any:
    """The determinant. Its derivative by an element is the element's cofactor, also where the matrix is singular.

    Args:
        x: (..., N, N).

    Raises:
        ShapeError: the matrices are not square.
        numpy.linalg.LinAlgError: a second derivative is asked for where a matrix of more than 40 rows is nearly
            singular; each cofactor is a determinant of its own there.

    Example:
        >>> from autograd import Tensor, linalg
        >>> x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
        >>> linalg.det(x).backward()
        >>> x.grad.round(12)
        array([[ 4., -2.],
               [-2.,  1.]])
    """
    return matrices.det(_square(x, "det"))


def slogdet(x: Any) -> SlogdetResult:
    """The sign of a determinant, and the logarithm of its size, whose derivative is A⁻ᵀ.

    Args:
        x: (..., N, N).

    Returns:
        (sign, logabsdet): -1, 0 or 1, which has no gradient, and a number that is -inf where the matrix is singular.

    Raises:
        ShapeError: the matrices are not square.
        numpy.linalg.LinAlgError: in the backward pass, where one is singular.

    Example:
        >>> from autograd import Tensor, linalg
        >>> sign, size = linalg.slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]]))
        >>> sign, size
        (np.float64(-1.0), Tensor(0.))
    """
    x = _square(x, "slogdet")
    return SlogdetResult(np.linalg.slogdet(getattr(x, "_data", x))[0], matrices.logabsdet(x))


@composed
def cholesky(x: Any) -> Any:
    """The lower triangular L with L·Lᵀ = x, for x symmetric and positive definite.

    The symmetric part (x + xᵀ)/2 is factored, so that each of two elements that mirror each other gets half of the
    derivative.

    Args:
        x: (..., N, N).

    Raises:
        ShapeError: the matrices are not square.
        numpy.linalg.LinAlgError: one is not positive definite.

    Example:
        >>> from autograd import Tensor, linalg
        >>> linalg.cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]])).data
        array([[2., 0.],
               [1., 2.]])
    """
    x = _square(x, "cholesky")
    return matrices.cholesky((x + swapaxes(x, -1, -2)) * 0.5)


def _square(x: Any, name: str) -> Any:
    x = _numbers(x, name)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name}: takes square matrices (..., N, N), not shape {x.shape}")
    return x


def _numbers(x: Any, name: str) -> Any:
    x = operand(x, name)
    if x.dtype.kind == "O":
        raise DTypeError(f"{name}: takes Tensors and arrays of floats, not Values; make the matrix one Tensor")
    return x if x.dtype.kind == "f" else x.astype(float)
