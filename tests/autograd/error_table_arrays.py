"""What the functions that arrange arrays, and those of matrices, refuse; in the form of `error_table`."""

from __future__ import annotations

import numpy as np

import autograd as ag
from autograd import DTypeError, ShapeError
from autograd import functions as F
from tests.autograd.error_table import Row, V, X, takes_no
from tests.autograd.support import leaf

SQUARE = leaf(np.array([[2.0, 1.0], [1.0, 3.0]]))
SINGULAR = leaf(np.ones((2, 2)))
LINALG = np.linalg.LinAlgError

TABLE: dict[str, list[Row]] = {
    "cumsum": [
        (lambda: X.cumsum(2), ShapeError, "cumsum: axis 2"),
        (lambda: ag.cumsum(leaf(1.0), 0), ShapeError, "cumsum.*axis 0"),
        takes_no("cumsum", "a"),
    ],
    "cumprod": [
        (lambda: X.cumprod(-3), ShapeError, "cumprod: axis -3"),
        (lambda: ag.cumprod(2.0, 0), ShapeError, "cumprod.*axis 0"),
        takes_no("cumprod", np.array([1j])),
    ],
    "tile": [
        (lambda: ag.tile(X, -1), ShapeError, "tile: -1.*negative"),
        (lambda: ag.tile(X, 1.5), DTypeError, "tile: a count"),
        (lambda: ag.tile("a", 2), DTypeError, "tile"),
    ],
    "repeat": [
        (lambda: X.repeat([1, 2, 3], axis=0), ShapeError, r"repeat: 3 counts for the 2 elements.*\(2, 3\)"),
        (lambda: X.repeat(-2), ShapeError, "repeat: -2.*negative"),
        (lambda: X.repeat(2, axis=5), ShapeError, "repeat: axis 5"),
        (lambda: X.repeat(1.5), DTypeError, "repeat: a count"),
    ],
    "roll": [
        (lambda: ag.roll(X, 1, axis=2), ShapeError, "roll: axis 2"),
        (lambda: ag.roll(X, (1, 2, 3), axis=(0, 1)), ShapeError, "roll: 3 shifts for 2 axes"),
        (lambda: ag.roll(X, 0.5), DTypeError, "roll: a shift"),
    ],
    "split": [
        (lambda: ag.split(X, 2, axis=1), ShapeError, r"split: the 3 elements.*\(2, 3\).*no 2 equal parts"),
        (lambda: ag.split(X, 0), ShapeError, "split.*no 0 equal parts"),
        (lambda: ag.split(X, 1, axis=2), ShapeError, "split: axis 2"),
        (lambda: ag.split(X, 1.5), DTypeError, "split"),
    ],
    "sort": [(lambda: ag.sort(X, axis=2), ShapeError, "sort: axis 2"), takes_no("sort", "a")],
    "argsort": [(lambda: X.argsort(2), ShapeError, "argsort: axis 2"), takes_no("argsort", "a")],
    "take_along_axis": [
        (lambda: ag.take_along_axis(X, [0, 1], 1), ShapeError, r"take_along_axis.*\(2,\).*\(2, 3\).*axis 1"),
        (lambda: ag.take_along_axis(X, [[0], [3]], 1), ShapeError, "take_along_axis.*3.*outside.*-3 to 2"),
        (lambda: ag.take_along_axis(X, [[0], [1], [2]], 1), ShapeError, r"take_along_axis.*\(3, 1\)"),
        (lambda: ag.take_along_axis(X, [[0.0], [1.0]], 1), DTypeError, "take_along_axis.*integers, not float64"),
    ],
    "gather": [
        (lambda: ag.gather(X, 1, [0, 1]), ShapeError, r"gather.*\(2,\).*\(2, 3\).*axis 1"),
        (lambda: ag.gather(X, 1, [[0], [-4]]), ShapeError, "gather.*-4.*outside"),
        (lambda: ag.gather(X, 0, [[0, 0, 0, 0]]), ShapeError, r"gather.*\(1, 4\)"),
        (lambda: ag.gather(X, 1, [[0.5]]), DTypeError, "gather.*integers"),
    ],
    "scatter": [
        (lambda: ag.scatter(X, 1, [[0, 1]], [[1.0]]), ShapeError, r"scatter: src.*\(1, 1\).*\(1, 2\)"),
        (lambda: ag.scatter(X, 1, [[3]], 1.0), ShapeError, "scatter.*3.*outside"),
        (lambda: ag.scatter(X, 1, [[0.0]], 1.0), DTypeError, "scatter.*integers"),
        (lambda: ag.scatter(X, 2, [[0]], 1.0), ShapeError, "scatter: axis 2"),
    ],
    "scatter_add": [
        (lambda: ag.scatter_add(X, 1, [[0, 1]], np.ones(2)), ShapeError, r"scatter_add: src.*\(2,\).*\(1, 2\)"),
        (lambda: ag.scatter_add(X, 0, [[2]], 1.0), ShapeError, "scatter_add.*2.*outside"),
    ],
    "diag": [
        (lambda: ag.diag(leaf(np.ones((2, 2, 2)))), ShapeError, r"diag.*\(2, 2, 2\).*diagonal"),
        (lambda: ag.diag(leaf(1.0)), ShapeError, r"diag.*\(\)"),
    ],
    "diagonal": [
        (lambda: X.diagonal(axis2=2), ShapeError, "diagonal: axis 2"),
        (lambda: X.diagonal(axis1=1), ShapeError, "diagonal.*twice"),
    ],
    "trace": [(lambda: ag.trace(leaf(np.ones(3))), ShapeError, "axis 1"), takes_no("trace", "a")],
    "tril": [(lambda: ag.tril(leaf(np.ones(3))), ShapeError, r"tril.*\(3,\)"), takes_no("tril", "a")],
    "triu": [(lambda: ag.triu(leaf(1.0)), ShapeError, r"triu.*\(\)"), takes_no("triu", "a")],
    "dot": [
        (lambda: X.dot(X), ShapeError, r"matmul: shapes \(2, 3\) and \(2, 3\)"),
        (lambda: X.dot(np.ones((2, 2, 2))), ShapeError, r"tensordot.*\(2, 3\).*\(2, 2, 2\)"),
        (lambda: ag.dot(X, "a"), DTypeError, "dot"),
    ],
    "outer": [(lambda: ag.outer(X, "a"), DTypeError, "outer")],
    "tensordot": [
        (lambda: ag.tensordot(X, X, axes=3), ShapeError, r"tensordot: shapes \(2, 3\) and \(2, 3\).*3 axes"),
        (lambda: ag.tensordot(X, X, axes=([1], [0])), ShapeError, r"tensordot: axes \(1,\).*\(0,\).*lengths"),
        (lambda: ag.tensordot(X, X, axes=([2], [0])), ShapeError, "tensordot: axis 2"),
    ],
    "norm": [
        (lambda: X.norm(axis=2), ShapeError, "norm: axis 2"),
        (lambda: ag.norm(leaf(np.ones((2, 2, 2))), 2), ShapeError, r"norm: ord=2.*\(2, 2, 2\)"),
        (lambda: ag.norm(leaf(np.ones((2, 2, 2))), axis=(0, 1, 2)), ShapeError, "norm.*one axis or two"),
        (lambda: X.norm(2), ValueError, "norm: ord=2 is no norm of matrices here"),
        (lambda: X.norm("nuc"), ValueError, "norm: ord='nuc'"),
        (lambda: X.norm("fro", axis=1), ValueError, "norm: ord='fro'"),
        takes_no("norm", "a"),
    ],
    "round": [(lambda: F.round(X, 0.5), DTypeError, "round: the number of decimals"), takes_no("round", "a")],
    "nan_to_num": [takes_no("nan_to_num", "a"), takes_no("nan_to_num", np.array([1j]))],
    "inv": [
        (lambda: ag.linalg.inv(X), ShapeError, r"inv: takes square matrices.*\(2, 3\)"),
        (lambda: ag.linalg.inv(SINGULAR), LINALG, r"inv: operands of shape \(2, 2\): Singular"),
        (lambda: ag.linalg.inv([[V, V], [V, V]]), DTypeError, "inv: takes Tensors.*not Values"),
    ],
    "solve": [
        (lambda: ag.linalg.solve(X, np.ones(2)), ShapeError, r"solve: takes square matrices.*\(2, 3\)"),
        (lambda: ag.linalg.solve(SQUARE, np.ones(3)), ShapeError, r"solve: b of shape \(3,\).*\(2, 2\)"),
        (lambda: ag.linalg.solve(SINGULAR, np.ones(2)), LINALG, "solve.*Singular"),
        (lambda: ag.linalg.solve(leaf(np.ones((3, 2, 2))), np.ones((2, 2, 1))), ShapeError, "solve: the stacks"),
    ],
    "det": [
        (lambda: ag.linalg.det(X), ShapeError, r"det: takes square matrices.*\(2, 3\)"),
        (lambda: ag.linalg.det(V), (ShapeError, DTypeError), "det"),
    ],
    "slogdet": [
        (lambda: ag.linalg.slogdet(X), ShapeError, "slogdet: takes square matrices"),
        (lambda: ag.linalg.slogdet(SQUARE * 0.0 + 1.0).logabsdet.backward(), LINALG, "Singular"),
    ],
    "cholesky": [
        (lambda: ag.linalg.cholesky(X), ShapeError, "cholesky: takes square matrices"),
        (lambda: ag.linalg.cholesky(-SQUARE), LINALG, r"cholesky.*\(2, 2\).*positive definite"),
    ],
    "Whole": [(lambda: ag.Whole("inv", np.linalg.inv, None, None), ValueError, "'inv'.*another name")],
}
