"""Right derivatives of ordinary functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.derivatives.case import (
    Case,
    conv,
    conv_back,
    layer_norm,
    layer_norm_back,
    normal,
    one,
    pool,
    pool_back,
    positive,
    sigmoid,
    softmax,
)

Array = Any

X, Y, P, M = normal(4, 5), normal(4, 5, seed=1), positive(4, 5), normal(4, 4)
A, B = normal(5, 4, seed=2), normal(4, 3, seed=3)
IMAGE, KERNEL = normal(2, 2, 5, 5), normal(3, 2, 3, 3, seed=4)
ROWS = np.array([0, 2, 2, 1, 0])


def _put(g: Array, x: Array) -> Any:
    dx = np.zeros_like(x)
    np.add.at(dx, ROWS, g)
    return (dx,)


def _spread(g: Array, x: Array, axis: int) -> Any:
    return np.broadcast_to(np.expand_dims(g, axis), x.shape).copy()


def _products_of_others(x: Array) -> Any:
    return np.array([np.prod(np.delete(x, k)) for k in range(x.size)])


def _norm_back(g: Array, x: Array) -> Any:
    size = np.sqrt((x * x).sum())
    return (g * x / size if size else 0 * x,)


def _deviation_back(g: Array, x: Array) -> Any:
    deviation = x.std(0)
    return (g * (x - x.mean(0)) / len(x) / np.where(deviation > 0, deviation, 1.0),)


CASES = [
    Case("affine", lambda x, w, b: x @ w + b, lambda g, x, w, b: (g @ w.T, x.T @ g, g.sum(0)), (A, B, normal(3))),
    Case("relu", lambda x: np.maximum(x, 0), one(lambda x: 1.0 * (x > 0)), (X,)),
    Case("leaky relu", lambda x: np.where(x > 0, x, 0.1 * x), one(lambda x: np.where(x > 0, 1.0, 0.1)), (X,)),
    Case("sigmoid", sigmoid, one(lambda x: sigmoid(x) * (1 - sigmoid(x))), (X,)),
    Case("tanh", np.tanh, one(lambda x: 1 - np.tanh(x) ** 2), (X,)),
    Case("softmax", softmax, lambda g, x: (softmax(x) * (g - (g * softmax(x)).sum(-1, keepdims=True)),), (X,)),
    Case(
        "log softmax",
        lambda x: np.log(softmax(x)),
        lambda g, x: (g - softmax(x) * g.sum(-1, keepdims=True),),
        (X,),
    ),
    Case(
        "mean squared error",
        lambda x, y: ((x - y) ** 2).mean(),
        lambda g, x, y: (g * 2 * (x - y) / x.size, -g * 2 * (x - y) / x.size),
        (X, Y),
    ),
    Case("layer norm", layer_norm, layer_norm_back, (X,)),
    Case("convolution", conv, conv_back, (IMAGE, KERNEL)),
    Case("max pooling", pool, pool_back, (normal(2, 2, 4, 4),)),
    Case("matmul", np.matmul, lambda g, x, y: (g @ y.T, x.T @ g), (A, B)),
    Case("sum", lambda x: x.sum(1), lambda g, x: (_spread(g, x, 1),), (X,)),
    Case("mean", lambda x: x.mean(0), lambda g, x: (_spread(g, x, 0) / len(x),), (X,)),
    Case("variance", lambda x: x.var(0), lambda g, x: (g * 2 * (x - x.mean(0)) / len(x),), (X,)),
    Case("deviation", lambda x: x.std(0), _deviation_back, (X,)),
    Case(
        "maximum",
        lambda x: x.max(1),
        lambda g, x: (g[:, None] * (np.arange(x.shape[1]) == x.argmax(1)[:, None]),),
        (X,),
    ),
    Case("product", lambda x: x.prod(), lambda g, x: (g * _products_of_others(x),), (normal(6),)),
    Case("running sum", lambda x: x.cumsum(0), lambda g, x: (g[::-1].cumsum(0)[::-1],), (X,)),
    Case("rows", lambda x: x[ROWS], _put, (X,)),
    Case(
        "stack", lambda x, y: np.concatenate([x, y]), lambda g, x, y: (g[: len(x)].copy(), g[len(x) :].copy()), (X, Y)
    ),
    Case("shift", lambda x: np.roll(x, 1, 0), lambda g, x: (np.roll(g, -1, 0),), (X,)),
    Case("reverse", lambda x: x[::-1].copy(), lambda g, x: (g[::-1].copy(),), (X,)),
    Case("outer product", np.outer, lambda g, x, y: (g @ y, g.T @ x), (normal(4), normal(3))),
    Case("norm", lambda x: np.sqrt((x * x).sum()), _norm_back, (X,)),
    Case("logsumexp", lambda x: np.log(np.exp(x).sum(1)), lambda g, x: (g[:, None] * softmax(x),), (X,)),
    Case("softplus", lambda x: np.logaddexp(x, 0), one(sigmoid), (X,)),
    Case("division", np.divide, lambda g, x, y: (g / y, -g * x / y**2), (X, P)),
    Case("cube", lambda x: x**3, one(lambda x: 3 * x * x), (X,)),
    Case("root", np.sqrt, one(lambda x: 0.5 / np.sqrt(x)), (P,)),
    Case("exp", np.exp, one(np.exp), (X,)),
    Case("log", np.log, one(lambda x: 1 / x), (P,)),
    Case("clip", lambda x: np.clip(x, -1, 1), one(lambda x: 1.0 * (np.abs(x) <= 1)), (X,)),
    Case("inverse", np.linalg.inv, lambda g, x: (-np.linalg.inv(x).T @ g @ np.linalg.inv(x).T,), (M + 3 * np.eye(4),)),
    Case("determinant", np.linalg.det, lambda g, x: (g * np.linalg.det(x) * np.linalg.inv(x).T,), (M + 3 * np.eye(4),)),
    Case("transpose", lambda x: x.T.copy(), lambda g, x: (g.T.copy(),), (X,)),
]
