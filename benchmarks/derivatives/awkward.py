"""Right derivatives where checkers stumble: kinks, ties, scales, noise, few digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.derivatives.case import (
    Case,
    layer_norm,
    layer_norm_back,
    normal,
    one,
    pool,
    pool_back,
    positive,
    softmax,
)

Array = Any

X, P = normal(3, 4), positive(3, 4)
ZERO = np.zeros((3, 4))
TIED = np.array([[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [0.0, -1.0, 0.0, 0.0]])
WIDE = np.array([1e-8, -3e-5, 2e-2, 1.0, -40.0, 5e4, 1e8])


def _first_of_largest(g: Array, x: Array) -> Any:
    return (g[:, None] * (np.arange(x.shape[1]) == x.argmax(1)[:, None]),)


def _sorted_back(g: Array, x: Array) -> Any:
    dx = np.zeros_like(x)
    np.put_along_axis(dx, np.argsort(x, axis=-1, kind="stable"), g, -1)
    return (dx,)


def _products_of_others(x: Array) -> Any:
    return np.array([np.prod(np.delete(x, k)) for k in range(x.size)])


def _norm_back(g: Array, x: Array) -> Any:
    size = np.sqrt((x * x).sum())
    return (g * x / size if size else np.zeros_like(x),)


def _halves(g: Array, x: Array, y: Array) -> Any:
    return g * ((x > y) + 0.5 * (x == y)), g * ((y > x) + 0.5 * (x == y))


def _huber(x: Array) -> Any:
    return np.where(np.abs(x) <= 1, 0.5 * x * x, np.abs(x) - 0.5)


RELU = (lambda x: np.maximum(x, 0), one(lambda x: 1.0 * (x > 0)))
SQUARE = (lambda x: x * x, one(lambda x: 2 * x))
TANH = (np.tanh, one(lambda x: 1 - np.tanh(x) ** 2))
LARGEST = (lambda x: x.max(1), _first_of_largest)
SORTED = (lambda x: np.sort(x, axis=-1), _sorted_back)
NORM = (lambda x: np.sqrt((x * x).sum()), _norm_back)
SOFT = (softmax, lambda g, x: (softmax(x) * (g - (g * softmax(x)).sum(-1, keepdims=True)),))


def _wave(n: float) -> tuple[Any, Any]:
    return lambda x: np.sin(n * x), one(lambda x: n * np.cos(n * x))


WAVE = {n: _wave(n) for n in (50.0, 1000.0, 1e4)}

CASES = [
    Case("relu at 0", *RELU, (ZERO,)),
    Case("relu at 1e-7", *RELU, (ZERO + 1e-7,)),
    Case("relu on both sides of 0 and on it", *RELU, (np.array([-1.0, 0.0, 1e-9, 2.0, -1e-5]),)),
    Case("abs at 0", np.abs, one(np.sign), (ZERO,)),
    Case("leaky relu at 0", lambda x: np.where(x > 0, x, 0.1 * x), one(lambda x: np.where(x > 0, 1.0, 0.1)), (ZERO,)),
    Case(
        "clip on its bounds",
        lambda x: np.clip(x, -1, 1),
        one(lambda x: 1.0 * (np.abs(x) <= 1)),
        (np.array([-1.0, 1.0, 0.5]),),
    ),
    Case("largest with ties", *LARGEST, (TIED,)),
    Case("max pooling of zeros", pool, pool_back, (np.zeros((1, 2, 4, 4)),)),
    Case("maximum of equal arrays", np.maximum, _halves, (X, X.copy())),
    Case("sorted, some tied", *SORTED, (TIED,)),
    Case("sorted, all tied", *SORTED, (ZERO + 2.0,)),
    Case("norm at 0", *NORM, (ZERO,)),
    Case("huber on its joint", _huber, one(lambda x: np.clip(x, -1, 1)), (np.array([-1.0, 1.0, 0.0, 2.0]),)),
    Case("x|x| at 0", lambda x: x * np.abs(x), one(lambda x: 2 * np.abs(x)), (ZERO,)),
    Case("relu squared at 0", lambda x: np.maximum(x, 0) ** 2, one(lambda x: 2 * np.maximum(x, 0)), (ZERO,)),
    Case(
        "product with a zero",
        lambda x: x.prod(),
        lambda g, x: (g * _products_of_others(x),),
        (np.array([2.0, 0.0, -3.0]),),
    ),
    Case(
        "product with two zeros",
        lambda x: x.prod(),
        lambda g, x: (g * _products_of_others(x),),
        (np.array([2.0, 0.0, 0.0]),),
    ),
    Case("step beside it", lambda x: np.floor(x), one(lambda x: 0 * x), (X,)),
    Case("square of 1e-8", *SQUARE, (X * 1e-8,)),
    Case("square of 1e8", *SQUARE, (X * 1e8,)),
    Case("square of mixed sizes", *SQUARE, (WIDE,)),
    Case("sum of squares of mixed sizes", lambda x: (x * x).sum(), lambda g, x: (g * 2 * x,), (WIDE,)),
    Case("1/x at 1e-8", lambda x: 1 / x, one(lambda x: -1 / x**2), (P * 1e-8,)),
    Case("1/x at 1e10", lambda x: 1 / x, one(lambda x: -1 / x**2), (P * 1e10,)),
    Case("log at 1e-8", np.log, one(lambda x: 1 / x), (P * 1e-8,)),
    Case("tanh at 20", *TANH, (np.sign(X) * 20.0,)),
    Case("softmax, saturated", *SOFT, (X * 300.0,)),
    Case(
        "logsumexp at 1000",
        lambda x: np.logaddexp.reduce(x, axis=1),
        lambda g, x: (g[:, None] * softmax(x),),
        (X * 1000.0,),
    ),
    Case("sin 50x", *WAVE[50.0], (X,)),
    Case("sin 1000x", *WAVE[1000.0], (X,)),
    Case("sin 10000x", *WAVE[1e4], (X,)),
    Case("cosine beside a million", lambda x: 1e6 + np.cos(x), one(lambda x: -np.sin(x)), (X,)),
    Case("cancellation", lambda x: (x + 1e6) ** 2 - 1e12 - 2e6 * x, one(lambda x: 2 * x), (X,)),
    Case("computed in float32 inside", lambda x: np.exp(x.astype(np.float32)).astype(np.float64), one(np.exp), (X,)),
    Case("results rounded to 6 digits", lambda x: np.round(np.sin(x), 6), one(np.cos), (X,)),
    Case("tanh in float32", *TANH, (X.astype(np.float32),)),
    Case("softmax in float32", *SOFT, (X.astype(np.float32),)),
    Case("layer norm in float32", layer_norm, layer_norm_back, (X.astype(np.float32),)),
    Case("layer norm of nearly equal rows", layer_norm, layer_norm_back, (1.0 + 1e-3 * X,)),
    Case(
        "variance of equal values",
        lambda x: x.var(1),
        lambda g, x: (g[:, None] * 2 * (x - x.mean(1, keepdims=True)) / x.shape[1],),
        (ZERO + 3.0,),
    ),
]
