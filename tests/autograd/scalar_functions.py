"""Scalar functions by two hands: the engine's, and the same in numbers of 50 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath

import autograd as ag

mpmath.mp.dps = 50


class ScalarFunction(NamedTuple):
    """A function of one or two numbers, and the open interval its arguments are taken from."""

    ours: Callable[..., Any]
    exact: Callable[..., Any]
    low: float = -4.0
    high: float = 4.0
    arity: int = 1


def _relu(x: Any) -> Any:
    return x if x > 0 else mpmath.mpf(0)


FUNCTIONS: dict[str, ScalarFunction] = {
    "negative": ScalarFunction(ag.negative, lambda x: -x),
    "square": ScalarFunction(ag.square, lambda x: x * x),
    "exp": ScalarFunction(ag.exp, mpmath.exp),
    "expm1": ScalarFunction(ag.expm1, mpmath.expm1),
    "log": ScalarFunction(ag.log, mpmath.log, 0.01, 9.0),
    "log1p": ScalarFunction(ag.log1p, mpmath.log1p, -0.95, 9.0),
    "sqrt": ScalarFunction(ag.sqrt, mpmath.sqrt, 0.01, 9.0),
    "sin": ScalarFunction(ag.sin, mpmath.sin),
    "cos": ScalarFunction(ag.cos, mpmath.cos),
    "tan": ScalarFunction(ag.tan, mpmath.tan, -1.5, 1.5),
    "arctan": ScalarFunction(ag.arctan, mpmath.atan),
    "sinh": ScalarFunction(ag.sinh, mpmath.sinh),
    "cosh": ScalarFunction(ag.cosh, mpmath.cosh),
    "tanh": ScalarFunction(ag.tanh, mpmath.tanh),
    "sigmoid": ScalarFunction(ag.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x))),
    "softplus": ScalarFunction(ag.softplus, lambda x: mpmath.log1p(mpmath.exp(x))),
    "erf": ScalarFunction(ag.erf, mpmath.erf),
    "relu": ScalarFunction(ag.relu, _relu),
    "absolute": ScalarFunction(ag.absolute, abs),
    "floor": ScalarFunction(ag.floor, mpmath.floor),
    "ceil": ScalarFunction(ag.ceil, mpmath.ceil),
    "trunc": ScalarFunction(ag.trunc, lambda x: mpmath.floor(x) if x > 0 else mpmath.ceil(x)),
    "round": ScalarFunction(ag.functions.round, mpmath.nint),
    "sign": ScalarFunction(ag.sign, mpmath.sign),
    "identity": ScalarFunction(ag.primitive("identity"), lambda x: x),
    "clip": ScalarFunction(lambda x: ag.clip(x, -1.0, 2.0), lambda x: min(max(x, mpmath.mpf(-1)), mpmath.mpf(2))),
    "add": ScalarFunction(ag.add, lambda x, y: x + y, arity=2),
    "subtract": ScalarFunction(ag.subtract, lambda x, y: x - y, arity=2),
    "multiply": ScalarFunction(ag.multiply, lambda x, y: x * y, arity=2),
    "divide": ScalarFunction(ag.divide, lambda x, y: x / y, 0.2, 4.0, arity=2),
    "power": ScalarFunction(ag.power, lambda x, y: x**y, 0.1, 4.0, arity=2),
    "logaddexp": ScalarFunction(ag.logaddexp, lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), arity=2),
    "maximum": ScalarFunction(ag.maximum, max, arity=2),
    "minimum": ScalarFunction(ag.minimum, min, arity=2),
    "where": ScalarFunction(lambda x, y: ag.where(x > y, x, y * y), lambda x, y: x if x > y else y * y, arity=2),
}


def exact_derivative(function: ScalarFunction, point: tuple[float, ...], orders: tuple[int, ...]) -> float:
    """A partial derivative to 30 digits, by differences of numbers of 50 digits."""
    at = tuple(mpmath.mpf(x) for x in point)
    if function.arity == 1:
        return float(mpmath.diff(function.exact, at[0], orders[0]))
    return float(mpmath.diff(function.exact, at, orders))
