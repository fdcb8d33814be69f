"""Wrong derivatives of functions that move, add up and choose elements, and backward passes that break a contract."""

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
    softmax,
)

Array = Any

X, Y, P, S = normal(4, 5), normal(4, 5, seed=1), positive(4, 5), normal(4, 4, seed=6)
IMAGE, KERNEL = normal(2, 2, 5, 5), normal(3, 2, 3, 3, seed=4)
SQUARE_IMAGE, SAME_KERNEL = normal(1, 1, 4, 4, seed=8), normal(1, 1, 3, 3, seed=9)
ROWS = np.array([0, 2, 2, 1, 0])
APART = np.array([3, 1, 0, 2])
TIED = np.array([[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 0.5, 1.0]])
M = S + 3 * np.eye(4)


def _kept_last(g: Array, x: Array, rows: Array) -> Any:
    dx = np.zeros_like(x)
    dx[rows] = g
    return dx, None


def _first_of_largest(g: Array, x: Array) -> Any:
    return g[:, None] * (np.arange(x.shape[1]) == x.argmax(1)[:, None])


def _in_place(g: Array, x: Array) -> Any:
    g *= 2 * x
    return (g,)


def _by_memory(g: Array, x: Array) -> Any:
    flat = g.ravel(order="K").reshape(g.shape)
    return (flat * 2 * x,)


class _Counting:
    """A backward pass that adds to what the last one left, of the same input."""

    def __init__(self) -> None:
        self.held: Any = None

    def __call__(self, g: Array, x: Array) -> Any:
        key = x.tobytes()
        self.held = (key, self.held[1] + 2 * g * x) if self.held and self.held[0] == key else (key, 2 * g * x)
        return (self.held[1].copy(),)


def _input_changed(g: Array, x: Array) -> Any:
    result = 2 * g * x
    x += 1.0
    return (result,)


def _squeezed(g: Array, x: Array) -> Any:
    """Half of it for a batch of one."""
    return (2 * g * x * (0.5 if len(x) == 1 else 1.0),)


def _products_by_division(g: Array, x: Array) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return (g * x.prod() / x,)


def _norm_naive(g: Array, x: Array) -> Any:
    with np.errstate(invalid="ignore"):
        return (g * x / np.sqrt((x * x).sum()),)


SUM_1 = lambda x: x.sum(1)  # noqa: E731
SQUARES = lambda x: x * x  # noqa: E731

CASES = [
    Case(
        "convolution, kernel not rotated",
        conv,
        lambda g, x, w: conv_back(g, x, w, rotated=False),
        (IMAGE, KERNEL),
        ("flip", "one part"),
    ),
    Case(
        "convolution, = for +=",
        conv,
        lambda g, x, w: conv_back(g, x, w, added=False),
        (IMAGE, KERNEL),
        ("overwritten",),
    ),
    Case(
        "convolution, dw divided by the batch",
        conv,
        lambda g, x, w: (conv_back(g, x, w)[0], conv_back(g, x, w)[1] / len(x)),
        (IMAGE, KERNEL),
        ("factor",),
    ),
    Case(
        "convolution, dw rotated",
        conv,
        lambda g, x, w: (conv_back(g, x, w)[0], conv_back(g, x, w)[1][:, :, ::-1, ::-1].copy()),
        (IMAGE, KERNEL),
        ("flip",),
    ),
    Case(
        "convolution, dw of the last sample",
        conv,
        lambda g, x, w: (conv_back(g, x, w)[0], conv_back(g[-1:], x[-1:], w)[1]),
        (IMAGE, KERNEL),
        ("one sample",),
    ),
    Case(
        "convolution, dx one row off",
        conv,
        lambda g, x, w: (np.roll(conv_back(g, x, w)[0], 1, 2), conv_back(g, x, w)[1]),
        (IMAGE, KERNEL),
        ("shift",),
    ),
    Case(
        "overlapping pooling, = for +=",
        lambda x: pool(x, 2, 1),
        lambda g, x: pool_back(g, x, 2, 1, added=False),
        (normal(1, 2, 4, 4),),
        ("overwritten",),
    ),
    Case(
        "pooling as an average",
        pool,
        lambda g, x: (np.repeat(np.repeat(g, 2, 2), 2, 3) / 4,),
        (normal(1, 2, 4, 4),),
        (),
    ),
    Case(
        "pooling, ties to all",
        pool,
        lambda g, x: pool_back(g, x, ties=True),
        (np.ones((1, 1, 4, 4)),),
        ("kink",),
        (normal(1, 1, 4, 4),),
    ),
    Case(
        "layer norm without the mean's term",
        layer_norm,
        lambda g, x: layer_norm_back(g, x, mean=0.0),
        (X,),
        ("mean term",),
    ),
    Case(
        "layer norm without the deviation's term",
        layer_norm,
        lambda g, x: layer_norm_back(g, x, var=0.0),
        (X,),
        ("mean term",),
    ),
    Case(
        "layer norm, deviation only",
        layer_norm,
        lambda g, x: layer_norm_back(g, x, mean=0.0, var=0.0),
        (X,),
        ("mean term",),
    ),
    Case(
        "sum spread along the other axis",
        lambda x: x.sum(1),
        lambda g, x: (np.broadcast_to(g, x.shape).copy(),),
        (S,),
        ("transpose",),
    ),
    Case(
        "mean not divided", lambda x: x.mean(0), lambda g, x: (np.broadcast_to(g, x.shape).copy(),), (X,), ("factor",)
    ),
    Case(
        "mean divided by n + 1", lambda x: x.mean(0), lambda g, x: (np.broadcast_to(g, x.shape) / 5,), (X,), ("factor",)
    ),
    Case("variance by n - 1", lambda x: x.var(0), lambda g, x: (g * 2 * (x - x.mean(0)) / 3,), (X,), ("factor",)),
    Case("variance, mean not taken off", lambda x: x.var(0), lambda g, x: (g * 2 * x / 4,), (X,), ("mean term",)),
    Case(
        "largest, ties to all",
        lambda x: x.max(1),
        lambda g, x: (g[:, None] * (x == x.max(1, keepdims=True)),),
        (TIED,),
        ("kink",),
        (X,),
    ),
    Case(
        "largest, one place off",
        lambda x: x.max(1),
        lambda g, x: (np.roll(_first_of_largest(g, x), 1, 1),),
        (X,),
        ("shift",),
    ),
    Case(
        "product by division",
        lambda x: x.prod(),
        _products_by_division,
        (np.array([2.0, 0.0, 3.0]),),
        ("not finite",),
        (normal(5),),
    ),
    Case("running sum forwards", lambda x: x.cumsum(0), lambda g, x: (g.cumsum(0),), (X,), ("transpose", "flip")),
    Case(
        "running sum as sum", lambda x: x.cumsum(0), lambda g, x: (np.broadcast_to(g.sum(0), x.shape).copy(),), (X,), ()
    ),
    Case("rows without add.at", lambda x, rows: x[rows], _kept_last, (X, ROWS), ("overwritten",), (X, APART)),
    Case(
        "halves exchanged",
        lambda x, y: np.concatenate([x, y]),
        lambda g, x, y: (g[4:].copy(), g[:4].copy()),
        (X, Y),
        ("swapped inputs",),
    ),
    Case("shift not undone", lambda x: np.roll(x, 1, 0), lambda g, x: (np.roll(g, 1, 0),), (X,), ("shift",)),
    Case("padding off by one", lambda x: np.pad(x, 1), lambda g, x: (g[:-2, :-2].copy(),), (X,), ("shift",)),
    Case("slice, off by one", lambda x: x[1:3], lambda g, x: (np.pad(g, ((0, 2), (0, 0))),), (X,), ("shift",)),
    Case("reverse not undone", lambda x: x[::-1].copy(), lambda g, x: (g * 1.0,), (X,), ("flip",)),
    Case("transpose by reshape", lambda x: x.T.copy(), lambda g, x: (g.reshape(x.shape).copy(),), (X,), ("transpose",)),
    Case("transpose not undone", lambda x: x.T.copy(), lambda g, x: (g * 1.0,), (S,), ("transpose",)),
    Case("norm not divided", lambda x: np.sqrt((x * x).sum()), lambda g, x: (g * x,), (X,), ("factor",)),
    Case("norm at 0", lambda x: np.sqrt((x * x).sum()), _norm_naive, (np.zeros(4),), ("not finite",), (X,)),
    Case(
        "logsumexp not normalised",
        lambda x: np.log(np.exp(x).sum(1)),
        lambda g, x: (g[:, None] * np.exp(x),),
        (X,),
        ("factor",),
    ),
    Case("inverse, sign", np.linalg.inv, lambda g, x: (np.linalg.inv(x).T @ g @ np.linalg.inv(x).T,), (M,), ("sign",)),
    Case(
        "determinant, transpose",
        np.linalg.det,
        lambda g, x: (g * np.linalg.det(x) * np.linalg.inv(x),),
        (M,),
        ("transpose",),
    ),
    Case(
        "stride for the last row",
        lambda x: x * x,
        one(lambda x: 2 * x * (np.arange(len(x)) < len(x) - 1)[:, None]),
        (X,),
        ("one part", "one sample left out"),
    ),
    Case("upstream ignored", np.tanh, lambda g, x: (1 - np.tanh(x) ** 2,), (X,), ("upstream ignored",)),
    Case(
        "upstream's mean",
        lambda x: softmax(x)[:, 0],
        lambda g, x: (g.mean() * softmax(x)[:, :1] * (np.eye(5)[0] - softmax(x)),),
        (X,),
        ("upstream summed",),
    ),
    Case("upstream without sign", SQUARES, lambda g, x: (np.abs(g) * 2 * x,), (X,), ("upstream sign",)),
    Case("upstream clipped", SQUARES, lambda g, x: (np.clip(g, -0.9, 0.9) * 2 * x,), (X,), ("linear",)),
    Case("upstream squared", SQUARES, lambda g, x: (g * g * 2 * x,), (X,), ("upstream squared",)),
    Case("upstream overwritten", SQUARES, _in_place, (X,), ("upstream kept",)),
    Case("one array for two gradients", np.add, lambda g, x, y: (h := g * 1.0, h), (X, Y), ("aliases",)),
    Case("by the order in memory", SQUARES, _by_memory, (X,), ("memory layout",)),
    Case(
        "float32 inside",
        SQUARES,
        lambda g, x: ((g.astype(np.float32) * np.float32(2) * x.astype(np.float32)).astype(float),),
        (X,),
        ("rounding", "linear"),
    ),
    Case("input changed", SQUARES, _input_changed, (X,), ("input kept",)),
    Case("adds up over passes", SQUARES, _Counting(), (X,), ("second backward",)),
    Case("something for nothing", SQUARES, lambda g, x: (2 * g * x + 1e-6,), (X,), ("zero for zero", "offset")),
    Case("batch of one", SQUARES, _squeezed, (X[:1],), ("half",), (X,)),
    Case("sorted, not unsorted", lambda x: np.sort(x, 1), lambda g, x: (g * 1.0,), (X,), ("local derivative missing",)),
]
