"""Functions to record: one for each primitive, with parameters of every kind, and small networks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
import nn.functional as F
from autograd import Tensor, Value, kinks
from autograd import functions as af
from tests.autograd.second_order_cases import CASES as OF_PRIMITIVES
from tests.autograd.support import upstream


class Recorded(NamedTuple):
    """A function to record, and what it is called with."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]


def _tensors(*arrays: Any) -> tuple[Any, ...]:
    return tuple(Tensor(each, requires_grad=True) for each in arrays)


_rng = np.random.default_rng(5)
X = np.array([[-1.0, 0.0, 2.0], [0.5, 2.0, 2.0]])
Y = np.array([[-1.0, 1.0, 2.0], [1.5, -2.0, 2.0]])
SMOOTH = _rng.normal(size=(2, 3))


def _under(function: Callable[..., Any], **rules: Any) -> Callable[..., Any]:
    def called(*args: Any) -> Any:
        with kinks(**rules):
            return function(*args)

    return called


ARRAYS: dict[str, Recorded] = {
    name: Recorded(case.function, _tensors(*case.arguments)) for name, case in OF_PRIMITIVES.items()
}
ARRAYS |= {
    "relu at 0": Recorded(ag.relu, _tensors(X)),
    "relu at 0, half": Recorded(_under(ag.relu, relu=0.5), _tensors(X)),
    "absolute at 0": Recorded(ag.absolute, _tensors(X)),
    "absolute at 0, -1": Recorded(_under(ag.absolute, abs=-1.0), _tensors(X)),
    "clip on its bounds": Recorded(lambda x: ag.clip(x, -1.0, 2.0), _tensors(X)),
    "clip on its bounds, quarter": Recorded(_under(lambda x: ag.clip(x, -1.0, 2.0), clip=0.25), _tensors(X)),
    "clip from below": Recorded(lambda x: ag.clip(x, lower=0.1), _tensors(X)),
    "clip from above": Recorded(lambda x: ag.clip(x, upper=0.1), _tensors(X)),
    "clip by nothing": Recorded(lambda x: 2.0 * ag.clip(x), _tensors(X)),
    "getitem of one place": Recorded(lambda x: x[1, 2] * x[0], _tensors(SMOOTH)),
    "getitem with a new axis": Recorded(lambda x: x[..., None, ::2], _tensors(SMOOTH)),
    "getitem backwards": Recorded(lambda x: x[::-1, 2:0:-1], _tensors(SMOOTH)),
    "getitem by a mask": Recorded(lambda x: x[np.array([[True, False, True], [False, True, True]])], _tensors(SMOOTH)),
    "getitem by NumPy's integer": Recorded(lambda x: x[np.int64(1), np.array([2, 0])], _tensors(SMOOTH)),
    "where of constants": Recorded(lambda x: ag.where(Y > 0, x, 7.0), _tensors(SMOOTH)),
    "pad with infinity": Recorded(lambda x: af.max(ag.pad(x, 1, -np.inf), axis=(1,)), _tensors(SMOOTH)),
    "sum of all": Recorded(lambda x: af.sum(x) * x, _tensors(SMOOTH)),
    "sum kept": Recorded(lambda x: x / af.sum(x, axis=1, keepdims=True), _tensors(SMOOTH)),
    "max of all": Recorded(lambda x: af.max(x) * x, _tensors(X)),
    "max kept": Recorded(lambda x: x * af.max(x, axis=(0, 1), keepdims=True), _tensors(X)),
    "min of all": Recorded(lambda x: af.min(x) * x, _tensors(X)),
    "logsumexp of all": Recorded(lambda x: af.logsumexp(x) * x, _tensors(SMOOTH)),
    "broadcast": Recorded(lambda x, y: x * y + y, _tensors(SMOOTH, SMOOTH[:1])),
    "broadcast of a number": Recorded(lambda x, y: x * y, _tensors(SMOOTH, np.array(1.5))),
    "float32": Recorded(lambda x: (x.tanh() * 2.0 + 0.5).sum(axis=0), _tensors(SMOOTH.astype(np.float32))),
    "float32 meets float64": Recorded(lambda x, y: (x * y).sum(), _tensors(SMOOTH.astype(np.float32), np.array(Y))),
    "float32 times integers": Recorded(lambda x: x @ np.arange(6).reshape(3, 2), _tensors(SMOOTH.astype(np.float32))),
    "cast": Recorded(lambda x: x.astype("float32").exp().sum().astype(np.float64), _tensors(SMOOTH)),
    "round": Recorded(lambda x: x * af.round(10.0 * x, 1) + af.round(x), _tensors(SMOOTH)),
    "negative constants": Recorded(lambda x: (-2.0 - x) * -1.5 + (-x) ** 2 - x**3, _tensors(SMOOTH)),
    "power of a constant": Recorded(lambda x: 2.0**x + x**-1.0, _tensors(SMOOTH)),
    "a large constant": Recorded(lambda x: x * np.arange(60.0).reshape(10, 2, 3), _tensors(SMOOTH)),
    "an unused part": Recorded(lambda x, y: (x.exp(), x * 2.0)[1].sum() + 0.0 * y.sum(), _tensors(SMOOTH, SMOOTH)),
    "several outputs": Recorded(lambda x, y: (x * y, (x + y).sum(), x), _tensors(SMOOTH, Y)),
    "through a step function": Recorded(lambda x, y: x * ag.floor(y * 3.0), _tensors(SMOOTH, SMOOTH + 0.1)),
    "windows with strides": Recorded(
        lambda x: (ag.windows(x, (3, 2), (2, 1), (1, 2)) * SMOOTH.T).sum(), _tensors(_rng.normal(size=(2, 7, 5)))
    ),
    "solve with a stack": Recorded(
        lambda a, b: ag.linalg.solve(a, b), _tensors(_rng.normal(size=(2, 2, 2)) + 3 * np.eye(2), SMOOTH[:, :2])
    ),
    "det of one": Recorded(ag.linalg.det, _tensors(_rng.normal(size=(3, 3)))),
    "labels": Recorded(lambda x, at: x[np.arange(2), at] * x[at, 1], (*_tensors(SMOOTH), np.array([1, 0]))),
}
for _ties in ("split", "first", "all"):
    ARRAYS[f"maximum, {_ties}"] = Recorded(_under(ag.maximum, ties=_ties), _tensors(X, Y))
    ARRAYS[f"minimum, {_ties}"] = Recorded(_under(ag.minimum, ties=_ties), _tensors(X, Y))
    ARRAYS[f"max, {_ties}"] = Recorded(_under(lambda x: af.max(x, axis=1), ties=_ties), _tensors(X))
    ARRAYS[f"min, {_ties}"] = Recorded(_under(lambda x: af.min(x, axis=1, keepdims=True), ties=_ties), _tensors(-X))


def _values(*numbers: float) -> tuple[Any, ...]:
    return tuple(map(Value, numbers))


def _added_twice(x: Any, y: Any) -> Any:
    product = x * y
    return (product + x) * (product + y + product)


_UNARY = ("negative", "square", "exp", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "sigmoid",
          "softplus", "erf", "relu", "absolute", "floor", "ceil", "trunc", "round", "sign", "identity")  # fmt: skip
_BINARY = ("add", "subtract", "multiply", "divide", "logaddexp", "maximum", "minimum")

VALUES: dict[str, Recorded] = {
    **{name: Recorded(lambda x, name=name: ag.primitive(name)(x) * x, _values(-0.7)) for name in _UNARY},
    **{name: Recorded(lambda x, y, name=name: ag.primitive(name)(x, y) * y, _values(-0.7, 1.3)) for name in _BINARY},
    **{f"{name} of a positive": Recorded(ag.primitive(name), _values(0.6)) for name in ("log", "log1p", "sqrt")},
    "power": Recorded(lambda x, y: x**y + x**2 - x**-1.5, _values(1.7, 0.4)),
    "where": Recorded(lambda x, y: ag.where(True, x, y) + ag.where(False, x * 3.0, y), _values(1.7, 0.4)),
    "clip": Recorded(
        lambda x, y: ag.clip(x, -1.0, 1.5) + ag.clip(y, lower=0.4) + ag.clip(y, upper=1.0), _values(1.5, 0.4)
    ),
    "sum": Recorded(lambda *xs: af.sum(list(xs)) * xs[0], _values(1.0, -2.0, 3.0)),
    "max": Recorded(lambda *xs: af.max(list(xs)) * xs[0], _values(1.0, 3.0, 3.0)),
    "min": Recorded(lambda *xs: af.min(list(xs)) * xs[1], _values(1.0, 3.0, 1.0)),
    "logsumexp": Recorded(lambda *xs: af.logsumexp(list(xs)) * xs[0], _values(1.0, 3.0, -2.0)),
    "named": Recorded(lambda x, y: _named(x * y + 3.0, "total").tanh(), _values(0.3, 0.4)),
    "a grid": Recorded(lambda grid: (grid @ grid).sum(), (np.array([_values(1.0, 2.0), _values(3.0, 4.0)]),)),
    "several": Recorded(lambda x, y: (x * y, x), _values(0.3, 0.4)),
    "a product that is added twice": Recorded(_added_twice, _values(0.3, 0.4)),
    "relu at 0, half": Recorded(_under(lambda x: x.relu(), relu=0.5), _values(0.0)),
    "absolute at 0, -1": Recorded(_under(ag.absolute, abs=-1.0), _values(0.0)),
    "clip on its bound, quarter": Recorded(_under(lambda x: ag.clip(x, 0.0, 1.0), clip=0.25), _values(1.0)),
}
for _ties in ("split", "first", "all"):
    VALUES[f"maximum, {_ties}"] = Recorded(_under(ag.maximum, ties=_ties), _values(1.0, 1.0))
    VALUES[f"minimum, {_ties}"] = Recorded(_under(ag.minimum, ties=_ties), _values(1.0, 1.0))
    VALUES[f"max, {_ties}"] = Recorded(_under(lambda x, y, z: af.max([x, y, z]), ties=_ties), _values(1.0, 2.0, 2.0))
    VALUES[f"min, {_ties}"] = Recorded(_under(lambda x, y, z: af.min([x, y, z]), ties=_ties), _values(2.0, 1.0, 1.0))


def _named(node: Any, name: str) -> Any:
    node.name = name
    return node


def perceptron() -> Recorded:
    """micrograd's network on one point."""
    random.seed(1337)
    network = nn.MLP(2, [16, 16, 1])
    return Recorded(lambda x: network(x), ([Value(1.0), Value(-0.5)],))


def convolutional() -> Recorded:
    """A small CNN with max pooling and cross-entropy, on images and labels that each run is given."""
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(),
        nn.Linear(4 * 2 * 2, 5),
    )  # fmt: skip
    rng = np.random.default_rng(7)
    for parameter in network.parameters():
        parameter.data = rng.normal(scale=0.5, size=parameter.shape)
    images = Tensor(rng.normal(size=(8, 1, 8, 8)))
    return Recorded(lambda x, labels: F.cross_entropy(network(x), labels), (images, np.array([0, 4, 2, 2, 1, 3, 0, 4])))


def gradient_of(outputs: Any) -> Any:
    """A random upstream gradient for the outputs of a program; a tuple of them for several."""
    if isinstance(outputs, tuple):
        return tuple(upstream(number, np.shape(each), np.asarray(each).dtype) for number, each in enumerate(outputs))
    return upstream(9, np.shape(outputs), np.asarray(outputs).dtype)
