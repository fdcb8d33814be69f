"""One case for each primitive: a function of arrays that goes through it, and points away from its kinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import functions as F
from autograd.primitives import contractions, matrices, structural
from tests.autograd.support import Array


class Case(NamedTuple):
    """A function of float arrays to one array, and the arrays to try it at."""

    function: Callable[..., Any]
    arguments: tuple[Array, ...]


_rng = np.random.default_rng(2)
_MATRIX = _rng.normal(size=(2, 3))
_POSITIVE = np.exp(0.5 * _rng.normal(size=(2, 3)))
_OTHER = _MATRIX[::-1] + 0.3
_REGULAR = _rng.normal(size=(2, 3, 3)) + 2.0 * np.eye(3)
_INDEX = (slice(None), np.array([0, 0, 2]))


def _one(function: Callable[..., Any], at: Array = _MATRIX) -> Case:
    return Case(function, (at,))


def _two(function: Callable[..., Any], x: Array = _MATRIX, y: Array = _OTHER) -> Case:
    return Case(function, (x, y))


CASES: dict[str, Case] = {
    "identity": _one(ag.primitive("identity")),
    "negative": _one(ag.negative),
    "square": _one(ag.square),
    "exp": _one(ag.exp),
    "expm1": _one(ag.expm1),
    "log": _one(ag.log, _POSITIVE),
    "log1p": _one(ag.log1p, _POSITIVE),
    "sqrt": _one(ag.sqrt, _POSITIVE),
    "sin": _one(ag.sin),
    "cos": _one(ag.cos),
    "tan": _one(ag.tan, 0.5 * _MATRIX),
    "arctan": _one(ag.arctan),
    "sinh": _one(ag.sinh),
    "cosh": _one(ag.cosh),
    "tanh": _one(ag.tanh),
    "sigmoid": _one(ag.sigmoid),
    "softplus": _one(ag.softplus),
    "erf": _one(ag.erf),
    "relu": _one(ag.relu),
    "absolute": _one(ag.absolute),
    "clip": _one(lambda x: ag.clip(x, -0.5, 0.5)),
    "add": _two(ag.add),
    "subtract": _two(ag.subtract),
    "multiply": _two(ag.multiply),
    "divide": _two(ag.divide, _MATRIX, _POSITIVE),
    "power": _two(ag.power, _POSITIVE, _MATRIX),
    "logaddexp": _two(ag.logaddexp),
    "maximum": _two(ag.maximum),
    "minimum": _two(ag.minimum),
    "where": _two(lambda x, y: ag.where(_POSITIVE > 1.0, x * y, y)),
    "sum": _one(lambda x: F.sum(x, axis=1)),
    "max": _one(lambda x: F.max(x, axis=0)),
    "min": _one(lambda x: F.min(x, axis=(0, 1), keepdims=True)),
    "logsumexp": _one(lambda x: F.logsumexp(x, axis=1, keepdims=True)),
    "reshape": _one(lambda x: ag.reshape(x, (3, 2))),
    "transpose": _one(lambda x: ag.transpose(x)),
    "cast": _one(lambda x: structural.cast(x, dtype=np.dtype(np.float64))),
    "broadcast_to": _one(lambda x: ag.broadcast_to(x[:1], (2, 2, 3))),
    "getitem": _one(lambda x: x[_INDEX]),
    "scatter": _one(lambda x: structural.scatter(x, index=_INDEX, shape=(2, 4))),
    "pad": _one(lambda x: ag.pad(x, ((1, 0), (0, 2)), 1.5)),
    "concatenate": _two(lambda x, y: ag.concatenate([x, y, x], axis=1)),
    "windows": _one(lambda x: ag.windows(x, (2,), (1,), (2,))),
    "overlap_add": _one(lambda x: structural.overlap_add(x, shape=(4,), kernel=(3,), stride=(1,), dilation=(1,))),
    "matmul": _two(lambda x, y: x @ ag.transpose(y)),
    "contract": _two(lambda x, y: contractions.contract(x, y, subscripts="ij,kj->ki")),
    "floor": _one(lambda x: x * ag.floor(x)),
    "ceil": _one(lambda x: x * ag.ceil(x)),
    "trunc": _one(lambda x: x * ag.trunc(3.0 * x)),
    "round": _one(lambda x: x * F.round(x, 1)),
    "sign": _one(lambda x: x * x * ag.sign(x)),
    "cumsum": _one(lambda x: ag.cumsum(x, axis=1)),
    "inv": _one(ag.linalg.inv, _REGULAR),
    "solve": _two(ag.linalg.solve, _REGULAR, _rng.normal(size=(2, 3, 2))),
    "det": _one(ag.linalg.det, _REGULAR),
    "logabsdet": _one(lambda x: ag.linalg.slogdet(x).logabsdet, _REGULAR),
    "cholesky": _one(matrices.cholesky, _REGULAR @ np.swapaxes(_REGULAR, -1, -2)),
    # composed of primitives, for good measure
    "einsum": _two(lambda x, y: ag.einsum("ij,ij,kj->k", x, y, x)),
    "prod": _one(lambda x: F.prod(x, axis=1)),
    "std": _one(lambda x: F.std(x, axis=1, ddof=1)),
    "mean": _one(lambda x: F.mean(x, axis=0)),
    "batched matmul": _two(lambda x, y: ag.matmul(ag.reshape(x, (3, 1, 2)), ag.reshape(y, (3, 2, 1)))),
}
