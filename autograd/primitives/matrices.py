"""The derivative table of linear algebra: inverse, solution, determinant, Cholesky factor, of stacks of matrices.

Source: M. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation (2008),
and for the Cholesky factor I. Murray, Differentiation of the Cholesky decomposition (2016).
"""

# fmt: off
from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.contractions import matmul
from autograd.primitives.elementwise import add, multiply
from autograd.primitives.structural import getitem, reshape, sum_, transpose
from autograd.rules import Whole
from autograd.symbol import PRODUCT, Symbol, function, suffixed

_MOST_MINORS = 40
_WELL_CONDITIONED = 1e6  # where |A|·|A⁻¹| is below, det(A)·A⁻ᵀ keeps ten digits


def _swap(x: Any) -> Any:
    return transpose(x, axes=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _raw(x: Any) -> Any:
    return getattr(x, "_data", x)


def _sum_matrix(x: Any) -> Any:
    return sum_(x, axis=(x.ndim - 2, x.ndim - 1))


def _as_stack(x: Any) -> Any:
    """One number for each matrix, as matrices of one element, which broadcast."""
    return reshape(x, shape=(*x.shape, 1, 1))


# ---- inverse and solution -----------------------------------------------------------------------------------------


def _pull_inverse(gradient: Any, out: Any, x: Any, needed: Any) -> list[Any]:
    transposed = _swap(out)
    return [-matmul(matmul(transposed, gradient), transposed)]


inv: Whole = Whole(
    "inv", np.linalg.inv, _pull_inverse, lambda tangents, out, x: -matmul(matmul(out, tangents[0]), out),
    symbol="⁻¹", latex=lambda x: suffixed(x, "⁻¹", "^{-1}"),
)


def _pull_solution(gradient: Any, out: Any, a: Any, b: Any, needed: Any) -> list[Any]:
    by_b = solve(_swap(a), gradient)
    return [-matmul(by_b, _swap(out)) if needed[0] else None, by_b]


def _push_solution(tangents: Any, out: Any, a: Any, b: Any) -> Any:
    by_a, by_b = tangents
    if by_a is None:
        return solve(a, by_b)
    change = -matmul(by_a, out)
    return solve(a, change if by_b is None else add(by_b, change))


def _solution_notation(a: Symbol, b: Symbol) -> Symbol:
    inverse = suffixed(a, "⁻¹", "^{-1}")
    return Symbol((inverse * b).text, f"{inverse.latex} {b.at_level(PRODUCT)[1]}", PRODUCT)


solve: Whole = Whole(
    "solve", np.linalg.solve, _pull_solution, _push_solution,
    latex=_solution_notation,
)

# ---- determinant --------------------------------------------------------------------------------------------------


def _cofactors(out: Any, x: Any) -> Any:
    """The derivative of a determinant by each element: the determinant of what is left without its row and column.

    It equals det(A)·A⁻ᵀ, which has no digits left where a matrix is nearly singular. There the numbers come from its
    singular values; the graph of a further derivative, which must not divide by their differences, from its minors.
    """
    if _is_well_conditioned(_raw(x)):
        return multiply(_as_stack(out), _swap(inv(x)))
    if isinstance(x, np.ndarray):
        return _cofactors_by_values(x)
    n = x.shape[-1]
    if n > _MOST_MINORS:
        raise np.linalg.LinAlgError(
            f"det: a second derivative at a nearly singular matrix of {n} x {n} takes {n}² determinants of its minors; "
            f"beyond {_MOST_MINORS} x {_MOST_MINORS} it is not computed. Add a small multiple of the identity"
        )
    others = np.array([[each for each in range(n) if each != left] for left in range(n)], dtype=np.intp).reshape(n, -1)
    rows, columns = others[:, np.newaxis, :, np.newaxis], others[np.newaxis, :, np.newaxis, :]
    minors = det(getitem(x, index=(..., rows, columns)))  # (..., n, n) -> (..., n, n, n - 1, n - 1) -> (..., n, n)
    signs = np.where(np.add.outer(np.arange(n), np.arange(n)) % 2, -1.0, 1.0)
    return multiply(minors, signs.astype(_raw(x).dtype))


def _cofactors_by_values(x: Any) -> Any:
    """The cofactors from the singular values: those of a diagonal matrix are the products of the other elements."""
    finite = np.isfinite(x).all(axis=(-1, -2), keepdims=True)
    left, sizes, right = np.linalg.svd(np.where(finite, x, 0))
    ahead, behind = np.ones_like(sizes), np.ones_like(sizes)
    np.cumprod(sizes[..., :-1], axis=-1, out=ahead[..., 1:])
    np.cumprod(sizes[..., :0:-1], axis=-1, out=behind[..., -2::-1])
    signs = np.linalg.det(left) * np.linalg.det(right)
    cofactors = signs[..., np.newaxis, np.newaxis] * (left * (ahead * behind)[..., np.newaxis, :]) @ right
    return np.where(finite, cofactors, np.asarray(np.nan, dtype=x.dtype))


def _is_well_conditioned(x: Any) -> bool:
    try:
        inverse = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return False
    size = np.abs(x).sum(axis=-1).max(axis=-1, initial=0.0) * np.abs(inverse).sum(axis=-1).max(axis=-1, initial=0.0)
    return bool(np.all(size < _WELL_CONDITIONED))


det: Whole = Whole(
    "det", np.linalg.det,
    lambda gradient, out, x, needed: [multiply(_as_stack(gradient), _cofactors(out, x))],
    lambda tangents, out, x: _sum_matrix(multiply(_cofactors(out, x), tangents[0])),
    latex=function("det", r"\det"),
)
logabsdet: Whole = Whole(
    "logabsdet", lambda x: np.linalg.slogdet(x)[1],
    lambda gradient, out, x, needed: [multiply(_as_stack(gradient), _swap(inv(x)))],
    lambda tangents, out, x: _sum_matrix(multiply(_swap(inv(x)), tangents[0])),
    latex=lambda x: Symbol(f"log |det {x.text}|", rf"\log \left|\det {x.latex}\right|"),
)

# ---- Cholesky factor ----------------------------------------------------------------------------------------------


def _lower(x: Any, diagonal: float) -> Any:
    """The lower triangle, with the diagonal times a factor."""
    n = x.shape[-1]
    mask = np.tril(np.ones((n, n)), -1) + diagonal * np.eye(n)
    return multiply(x, mask.astype(_raw(x).dtype))


def _pull_cholesky(gradient: Any, out: Any, x: Any, needed: Any) -> list[Any]:
    middle = _lower(matmul(_swap(out), gradient), 0.5)
    inverse = inv(out)
    full = matmul(matmul(_swap(inverse), middle), inverse)
    return [_lower(add(full, _swap(full)), 0.5)]  # the factor reads the lower triangle only


def _push_cholesky(tangents: Any, out: Any, x: Any) -> Any:
    below = _lower(tangents[0], 0.5)
    inverse = inv(out)
    middle = matmul(matmul(inverse, add(below, _swap(below))), _swap(inverse))
    return matmul(out, _lower(middle, 0.5))


cholesky: Whole = Whole(
    "cholesky", np.linalg.cholesky, _pull_cholesky, _push_cholesky,
    symbol="chol", latex=function("chol", r"\operatorname{chol}"),
)
