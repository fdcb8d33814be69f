"""Wrong derivatives of functions of each element, of products and of losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.derivatives.case import Case, normal, one, positive, sigmoid, softmax

Array = Any

X, Y, P, Q = normal(4, 5), normal(4, 5, seed=1), positive(4, 5), positive(4, 5, seed=5)
S, T = normal(4, 4, seed=6), normal(4, 4, seed=7)
A, B = normal(5, 4, seed=2), normal(4, 3, seed=3)
LABELS = np.array([1, 0, 4, 2])
HOT = np.eye(5)[LABELS]


def _erf(x: Array) -> Any:
    return np.vectorize(math.erf)(x)


def _gelu_slope(x: Array) -> Any:
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


def affine(x: Array, w: Array, b: Array) -> Any:
    return x @ w + b


def _cross_entropy(x: Array) -> Any:
    return -(np.log(softmax(x)) * HOT).sum() / len(x)


def _softplus_naive(g: Array, x: Array) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return (g * np.exp(x) / (1 + np.exp(x)),)


def _only_last(g: Array, x: Array, w: Array, b: Array) -> Any:
    dw = np.zeros_like(w)
    for row in range(len(x)):
        dw = np.outer(x[row], g[row])
    return g @ w.T, dw, g.sum(0)


CASES = [
    Case(
        "relu lets all through",
        lambda x: np.maximum(x, 0),
        lambda g, x: (g * 1.0,),
        (X,),
        ("region", "local derivative missing"),
    ),
    Case("relu closes everywhere", lambda x: np.maximum(x, 0), lambda g, x: (g * 0,), (X,), ("zero",)),
    Case(
        "leaky relu's slope",
        lambda x: np.where(x > 0, x, 0.1 * x),
        one(lambda x: np.where(x > 0, 1.0, 0.01)),
        (X,),
        ("region", "factor"),
    ),
    Case("sigmoid without 1 - y", sigmoid, one(sigmoid), (X,), ("local derivative",)),
    Case("tanh without the square", np.tanh, one(lambda x: 1 - np.tanh(x)), (X,), ("local derivative",)),
    Case("tanh, sign", np.tanh, one(lambda x: np.tanh(x) ** 2 - 1), (X,), ("sign",)),
    Case(
        "softmax without cross terms", softmax, lambda g, x: (g * softmax(x) * (1 - softmax(x)),), (X,), ("diagonal",)
    ),
    Case(
        "softmax as an elementwise p", softmax, lambda g, x: (g * softmax(x),), (X,), ("local derivative", "diagonal")
    ),
    Case(
        "log softmax hands g on",
        lambda x: np.log(softmax(x)),
        lambda g, x: (g * 1.0,),
        (X,),
        ("local derivative missing",),
    ),
    Case(
        "log softmax, mean for sum",
        lambda x: np.log(softmax(x)),
        lambda g, x: (g - softmax(x) * g.mean(-1, keepdims=True),),
        (X,),
        (),
    ),
    Case("cross-entropy not divided", _cross_entropy, lambda g, x: (g * (softmax(x) - HOT),), (X,), ("factor",)),
    Case("cross-entropy, sign", _cross_entropy, lambda g, x: (g * (HOT - softmax(x)) / len(x),), (X,), ("sign",)),
    Case(
        "cross-entropy without the label",
        _cross_entropy,
        lambda g, x: (g * softmax(x) / len(x),),
        (X,),
        ("some elements", "region", "offset"),
    ),
    Case(
        "squared error, 2 forgotten",
        lambda x, y: ((x - y) ** 2).mean(),
        lambda g, x, y: (g * (x - y) / x.size, -g * (x - y) / x.size),
        (X, Y),
        ("half",),
    ),
    Case(
        "squared error, sum for mean",
        lambda x, y: ((x - y) ** 2).mean(),
        lambda g, x, y: (g * 2 * (x - y), -g * 2 * (x - y)),
        (X, Y),
        ("factor",),
    ),
    Case(
        "squared error, same sign for both",
        lambda x, y: ((x - y) ** 2).sum(),
        lambda g, x, y: (g * 2 * (x - y), g * 2 * (x - y)),
        (X, Y),
        ("sign", "swapped inputs"),
    ),
    Case(
        "affine, dw transposed",
        affine,
        lambda g, x, w, b: (g @ w.T, (x.T @ g).T, g.sum(0)),
        (S, T, normal(4)),
        ("transpose",),
    ),
    Case(
        "affine, w not transposed",
        affine,
        lambda g, x, w, b: (g @ w, x.T @ g, g.sum(0)),
        (S, T, normal(4)),
        ("transpose",),
    ),
    Case(
        "affine, db of the last sample",
        affine,
        lambda g, x, w, b: (g @ w.T, x.T @ g, g[-1].copy()),
        (A, B, normal(3)),
        ("one sample",),
    ),
    Case(
        "affine, db averaged", affine, lambda g, x, w, b: (g @ w.T, x.T @ g, g.mean(0)), (A, B, normal(3)), ("factor",)
    ),
    Case("affine, db forgotten", affine, lambda g, x, w, b: (g @ w.T, x.T @ g, 0 * b), (A, B, normal(3)), ("zero",)),
    Case(
        "affine, db not summed", affine, lambda g, x, w, b: (g @ w.T, x.T @ g, g * 1.0), (A, B, normal(3)), ("shape",)
    ),
    Case("affine, dw of the last sample", affine, _only_last, (A, B, normal(3)), ("one sample", "overwritten")),
    Case(
        "affine, dw divided by the batch",
        affine,
        lambda g, x, w, b: (g @ w.T, x.T @ g / len(x), g.sum(0)),
        (A, B, normal(3)),
        ("factor",),
    ),
    Case("matmul, gradients swapped", np.matmul, lambda g, x, y: (x.T @ g, g @ y.T), (S, T), ("swapped inputs",)),
    Case("matmul, operand not transposed", np.matmul, lambda g, x, y: (g @ y.T, x @ g), (S, T), ("transpose",)),
    Case(
        "outer product swapped",
        np.outer,
        lambda g, x, y: (g.T @ x, g @ y),
        (normal(4), normal(4, seed=9)),
        ("swapped inputs",),
    ),
    Case("product by itself, one term", lambda x: x * x, one(lambda x: x), (X,), ("half",)),
    Case("division, y for y²", np.divide, lambda g, x, y: (g / y, -g * x / y), (X, P), ("missing factor",)),
    Case("division, sign", np.divide, lambda g, x, y: (g / y, g * x / y**2), (X, P), ("sign",)),
    Case("cube, exponent not lowered", lambda x: x**3, one(lambda x: 3 * x**3), (X,), ("missing factor",)),
    Case("cube, factor forgotten", lambda x: x**3, one(lambda x: x**2), (X,), ("factor",)),
    Case("root, half forgotten", np.sqrt, one(lambda x: 1 / np.sqrt(x)), (P,), ("double",)),
    Case("exp off by 1e-6", np.exp, one(lambda x: np.exp(x) * (1 + 1e-6)), (X,), ("factor",)),
    Case(
        "exp, one element off by 1e-7",
        np.exp,
        one(lambda x: np.exp(x) * (1 + 1e-7 * (np.arange(x.size).reshape(x.shape) == 7))),
        (X,),
        ("one element",),
    ),
    Case("log guarded by 1e-6", np.log, one(lambda x: 1 / (x + 1e-6)), (P,), ("approximation",)),
    Case("abs without sign", np.abs, one(lambda x: 1.0 + 0 * x), (X,), ("region", "local derivative missing")),
    Case(
        "clip lets all through",
        lambda x: np.clip(x, -1, 1),
        one(lambda x: 1.0 + 0 * x),
        (X,),
        ("region", "local derivative missing"),
    ),
    Case(
        "clip closed inside",
        lambda x: np.clip(x, -1, 1),
        one(lambda x: 1.0 * (np.abs(x) > 1)),
        (X,),
        ("mask inverted",),
    ),
    Case(
        "where, branches swapped",
        lambda x, y: np.where(Q > 1.2, x, y),
        lambda g, x, y: (g * (Q <= 1.2), g * (Q > 1.2)),
        (X, Y),
        ("swapped inputs",),
    ),
    Case(
        "gelu by the tanh approximation",
        lambda x: x * 0.5 * (1 + _erf(x / np.sqrt(2))),
        one(lambda x: _gelu_slope(x)),
        (X,),
        ("approximation",),
    ),
    Case("cosine as sine's negative", np.sin, one(lambda x: -np.cos(x)), (X,), ("sign",)),
    Case("degrees for radians", np.sin, one(lambda x: np.cos(x) * np.pi / 180), (X,), ("factor",)),
    Case("softplus overflows", lambda x: np.logaddexp(x, 0), _softplus_naive, (X * 500,), ("not finite",), (X,)),
    Case(
        "wrong only below zero",
        np.tanh,
        one(lambda x: (1 - np.tanh(x) ** 2) * np.where(x < 0, 1.001, 1.0)),
        (X,),
        ("region",),
        (P,),
    ),
    Case(
        "wrong only above 3",
        np.tanh,
        one(lambda x: (1 - np.tanh(x) ** 2) * np.where(x > 3, 2.0, 1.0)),
        (2 * X,),
        ("region", "some elements", "one element"),
        (X,),
    ),
    Case(
        "power's derivative at 0",
        lambda x: x**2,
        one(lambda x: np.where(x == 0, np.nan, 2 * x)),
        (np.array([0.0, 1.0, 2.0]),),
        ("not finite",),
        (X,),
    ),
]
