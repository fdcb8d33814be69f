"""Mistakes in the derivatives of products that sum, and of linear algebra."""

# fmt: off
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd import functions as f
from autograd.primitives import matrices
from autograd.testing.faults.fault import Fault
from autograd.testing.faults.making import attribute, normal, of, returned, transposed

_plausible = partial(Fault, family="contractions", historical=False)
_historical = partial(Fault, family="contractions", historical=True)

A, B = normal(3, 3), normal(3, 3, seed=1)
STACK, OTHER = normal(2, 3, 4), normal(2, 4, 3)
WELL = normal(3, 3) + 3.0 * np.eye(3)
DEFINITE = A @ A.T + 2.0 * np.eye(3)


def _swap(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _averaged(contribution: Any, *_: Any) -> Any:
    """Of a stack the mean over its matrices, for each of them."""
    return np.broadcast_to(contribution.mean(axis=0), contribution.shape)


def _einsum(argument: int, change: Any) -> Any:
    return returned("contract", argument, change)


FAULTS = [
    _plausible(
        "matmul_right_factor_as_it_is", title="x in x @ y receives g @ y instead of g @ yᵀ.",
        story="With square matrices every shape fits; the shapes of the textbook exercise are square.",
        where="matmul", causes=("transpose",),
        changes=transposed("matmul", 0, lambda g, x, y: g @ y), trigger=of(lambda x, y: x @ y, A, B),
    ),
    _plausible(
        "matmul_left_factor_as_it_is", title="y in x @ y receives x @ g instead of xᵀ @ g.",
        story="The twin of the former: the data matrix is not transposed in the gradient of the weights.",
        where="matmul", causes=("transpose",),
        changes=transposed("matmul", 1, lambda g, x, y: x @ g), trigger=of(lambda x, y: x @ y, A, B),
    ),
    _plausible(
        "matmul_factors_exchanged", title="y in x @ y receives g @ xᵀ instead of xᵀ @ g.",
        story="Matrices written in the order of the scalar chain rule, as if they commuted.",
        where="matmul", causes=("transpose", "swapped inputs"),
        changes=transposed("matmul", 1, lambda g, x, y: g @ _swap(x)), trigger=of(lambda x, y: x @ y, A, B),
    ),
    _plausible(
        "matmul_batch_mixed", title="Each matrix of a stack receives the mean gradient of the stack.",
        story="What is right for a weight that the whole batch shares, done to a stack that has a matrix for each.",
        where="matmul", causes=("summed too much",),
        changes=returned("matmul", 0, _averaged), trigger=of(lambda x, y: f.matmul(x, y), STACK, OTHER),
    ),
    _historical(
        "einsum_letters_exchanged", title="The gradient of a contraction comes with two of its axes exchanged.",
        story="HIPS autograd had to mend its einsum (51dff80). With subscripts exchanged on the way back nothing fits, "
              "unless the axes are of equal length.",
        where="contract", causes=("transpose",),
        changes=_einsum(0, lambda g, x, y: _swap(g) if g.shape[-1] == g.shape[-2] else g),
        trigger=of(lambda x, y: f.einsum("ij,jk->ik", x, y), A, B),
    ),
    _plausible(
        "inverse_without_minus", title="The gradient of A⁻¹ has the opposite sign.",
        story="d(A⁻¹) = −A⁻¹ dA A⁻¹ without its minus.",
        where="inv", causes=("sign",),
        changes=attribute("inv", "pull", lambda _: lambda g, out, x, needed: [_swap(out) @ g @ _swap(out)]),
        trigger=of(lambda x: matrices.inv(x), WELL),
    ),
    _plausible(
        "inverse_not_transposed", title="The gradient of A⁻¹ is −A⁻¹ g A⁻¹ instead of −A⁻ᵀ g A⁻ᵀ.",
        story="The formula for the differential, read as the gradient; right for symmetric matrices.",
        where="inv", causes=("transpose",),
        changes=attribute("inv", "pull", lambda _: lambda g, out, x, needed: [-(out @ g @ out)]),
        trigger=of(lambda x: matrices.inv(x), WELL),
    ),
    _plausible(
        "solution_not_transposed", title="b in A⁻¹b receives A⁻¹g instead of A⁻ᵀg.",
        story="The solver at hand is called again, with the matrix as it is; right for symmetric matrices.",
        where="solve", causes=("transpose",),
        changes=attribute("solve", "pull", lambda right: lambda g, out, a, b, needed: [
            right(g, out, a, b, needed=needed)[0], np.linalg.solve(a, g)]),
        trigger=of(lambda a, b: matrices.solve(a, b), WELL, B),
    ),
    _plausible(
        "determinant_left_out", title="The gradient of det A is A⁻ᵀ, without the factor det A.",
        story="The gradient of log |det A|, which is met more often.",
        where="det", causes=("factor", "missing factor"),
        changes=attribute("det", "pull", lambda _: lambda g, out, x, needed: [
            np.reshape(g, (*np.shape(g), 1, 1)) * _swap(np.linalg.inv(x))]),
        trigger=of(lambda x: matrices.det(x), WELL),
    ),
    _plausible(
        "cholesky_diagonal_twice", title="The diagonal of the gradient of a Cholesky factor counts twice.",
        story="Both triangles are added up, and the diagonal lies in both.",
        where="cholesky", causes=("region", "some elements", "double", "one part"),
        changes=attribute("cholesky", "pull", lambda right: lambda g, out, x, needed: [
            each * (1.0 + np.eye(x.shape[-1])) for each in right(g, out, x, needed=needed)]),
        trigger=of(lambda x: matrices.cholesky(x), DEFINITE),
    ),
]
