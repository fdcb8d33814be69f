"""A table of wrong derivatives, beside the table of right ones: what learners write in a local derivative's place.

In the texts `{x}`, `{y}` and `{out}` stand for the arguments and the result as factors, `{argument}` and `{result}` for
the argument in question and the result by themselves, and `{formula}` for the derivative applied to symbols.
"""

# fmt: off
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["ARGUMENTS", "WRONG_LOCALS", "WrongLocal"]

ARGUMENTS = ("x", "y", "z")

LEFT_OUT = "derivative left out"
WRONG_DERIVATIVE = "wrong local derivative"
WRONG_POINT = "derivative at the wrong point"
QUOTIENT = "quotient rule"
PRODUCT = "product rule"
SIGN = "sign"
OPEN = "closed gate left open"
SHUT = "open gate closed"


class WrongLocal(NamedTuple):
    """One wrong derivative.

    Attributes:
        slip: the name of the mistake.
        text: the derivative as it was taken.
        bits: how unusual the mistake is.
        local: of (out, *arguments).
        argument: which argument's derivative it stands for.
    """

    slip: str
    text: str
    bits: float
    local: Callable[..., Any]
    argument: int = 0


def _one(out: Any, *_: Any) -> Any:
    return np.ones_like(out)


WRONG_LOCALS: dict[str, tuple[WrongLocal, ...]] = {
    "exp": (
        WrongLocal(WRONG_DERIVATIVE, "{argument}", 1, lambda out, x: x),
        WrongLocal(WRONG_DERIVATIVE, "{x}·e^({x} − 1)", 2, lambda out, x: x * np.exp(x - 1)),
    ),
    "tanh": (
        WrongLocal(WRONG_DERIVATIVE, "1 − {out}, without the square", 2, lambda out, x: 1 - out),
        WrongLocal(WRONG_POINT, "1 − {x}²", 2, lambda out, x: 1 - x * x),
        WrongLocal(WRONG_POINT, "1 − {x}", 3, lambda out, x: 1 - x),
        WrongLocal(WRONG_DERIVATIVE, "{out}·(1 − {out}), the sigmoid's", 3, lambda out, x: out * (1 - out)),
        WrongLocal(WRONG_DERIVATIVE, "1 + {out}²", 3, lambda out, x: 1 + out * out),
        WrongLocal(WRONG_DERIVATIVE, "{out}²", 4, lambda out, x: out * out),
    ),
    "sigmoid": (
        WrongLocal(WRONG_POINT, "{x}·(1 − {x})", 2, lambda out, x: x * (1 - x)),
        WrongLocal(WRONG_DERIVATIVE, "1 − {out}, without the factor {out}", 2, lambda out, x: 1 - out),
        WrongLocal(WRONG_DERIVATIVE, "1 − {out}², the tanh's", 3, lambda out, x: 1 - out * out),
        WrongLocal(WRONG_DERIVATIVE, "{out}·(1 + {out})", 4, lambda out, x: out * (1 + out)),
    ),
    "softplus": (
        WrongLocal(WRONG_DERIVATIVE, "σ·(1 − σ), one derivative too many", 3,
                   lambda out, x: (1 - np.exp(-out)) * np.exp(-out)),
        WrongLocal(WRONG_DERIVATIVE, "1/(1 + e^{x})", 3, lambda out, x: np.exp(-out)),
    ),
    "log": (
        WrongLocal(WRONG_DERIVATIVE, "1/{x}²", 3, lambda out, x: 1 / (x * x)),
        WrongLocal(WRONG_DERIVATIVE, "1/(1 − {x})", 4, lambda out, x: 1 / (1 - x)),
    ),
    "sqrt": (
        WrongLocal(WRONG_DERIVATIVE, "1/√{x}, without the ½", 2, lambda out, x: 1 / out),
        WrongLocal(WRONG_DERIVATIVE, "½·√{x}", 2, lambda out, x: 0.5 * out),
        WrongLocal(WRONG_DERIVATIVE, "1/(2·{x})", 3, lambda out, x: 0.5 / x),
    ),
    "square": (
        WrongLocal(WRONG_DERIVATIVE, "{x}, without the 2", 2, lambda out, x: x),
        WrongLocal(WRONG_DERIVATIVE, "2, without {x}", 3, lambda out, x: 2 * _one(out)),
        WrongLocal(WRONG_DERIVATIVE, "2·{x}²", 3, lambda out, x: 2 * out),
        WrongLocal(WRONG_DERIVATIVE, "{x}³/3, the integral", 4, lambda out, x: out * x / 3),
    ),
    "power": (
        WrongLocal(WRONG_DERIVATIVE, "{formula}, without the factor {y}", 2, lambda out, x, y: x ** (y - 1)),
        WrongLocal(WRONG_DERIVATIVE, "{formula}, the exponent not lowered", 2, lambda out, x, y: y * x**y),
        WrongLocal(WRONG_DERIVATIVE, "{formula}", 3, lambda out, x, y: y * x),
        WrongLocal(WRONG_DERIVATIVE, "{formula}, the exponent raised", 3, lambda out, x, y: y * x ** (y + 1)),
        WrongLocal(WRONG_DERIVATIVE, "{formula}", 4, lambda out, x, y: (y - 1) * x ** (y - 1)),
        WrongLocal(WRONG_DERIVATIVE, "{formula}", 3, lambda out, x, y: -y * x ** (y - 1)),
        WrongLocal(WRONG_DERIVATIVE, "{formula}", 3, lambda out, x, y: x**y),
        WrongLocal(LEFT_OUT, "1", 3, _one),
        WrongLocal(WRONG_DERIVATIVE, "{y}·{x}^({y} − 1)", 3, lambda out, x, y: y * x ** (y - 1), 1),
        WrongLocal(WRONG_DERIVATIVE, "{x}^{y}, without log {x}", 2, lambda out, x, y: out, 1),
    ),
    "sin": (WrongLocal(SIGN, "−cos({argument}), with a minus too many", 1, lambda out, x: -np.cos(x)),),
    "cos": (WrongLocal(SIGN, "sin({argument}), without the minus", 1, lambda out, x: np.sin(x)),),
    "tan": (WrongLocal(WRONG_DERIVATIVE, "1 − {out}²", 3, lambda out, x: 1 - out * out),),
    "arctan": (WrongLocal(WRONG_DERIVATIVE, "1/(1 − {x}²)", 3, lambda out, x: 1 / (1 - x * x)),),
    "relu": (
        WrongLocal(OPEN, "1", 1, _one),
        WrongLocal(SHUT, "0", 1, lambda out, x: 0 * _one(out)),
        WrongLocal(WRONG_DERIVATIVE, "1 where {x} < 0: the gate turned round", 3, lambda out, x: 1.0 * (x < 0)),
    ),
    "clip": (WrongLocal(OPEN, "1", 1, _one), WrongLocal(SHUT, "0", 1, lambda out, x: 0 * _one(out))),
    "absolute": (WrongLocal(SIGN, "1, whatever the sign of {x}", 1, _one),),
    "negative": (WrongLocal(SIGN, "1, without the minus", 1, _one),),
    "subtract": (
        WrongLocal(SIGN, "1, without the minus", 1, _one, 1),
        WrongLocal(SIGN, "−1, with a minus too many", 3, lambda out, x, y: -_one(out)),
    ),
    "add": (
        WrongLocal(PRODUCT, "{y}, as in a product", 5, lambda out, x, y: y, 0),
        WrongLocal(PRODUCT, "{x}, as in a product", 5, lambda out, x, y: x, 1),
    ),
    "multiply": (
        WrongLocal(PRODUCT, "1: the factor {y} was left out", 2, _one, 0),
        WrongLocal(PRODUCT, "1: the factor {x} was left out", 2, _one, 1),
        WrongLocal(PRODUCT, "{argument} itself, not the other factor", 2, lambda out, x, y: x, 0),
        WrongLocal(PRODUCT, "{argument} itself, not the other factor", 2, lambda out, x, y: y, 1),
        WrongLocal(PRODUCT, "the product itself", 4, lambda out, x, y: out, 0),
        WrongLocal(PRODUCT, "the product itself", 4, lambda out, x, y: out, 1),
        WrongLocal(SIGN, "−{y}", 3, lambda out, x, y: -y, 0),
        WrongLocal(SIGN, "−{x}", 3, lambda out, x, y: -x, 1),
    ),
    "divide": (
        WrongLocal(QUOTIENT, "1: the denominator was left out", 2, _one),
        WrongLocal(QUOTIENT, "{y}: multiplied by the denominator", 2, lambda out, x, y: y),
        WrongLocal(QUOTIENT, "1/{y}²", 3, lambda out, x, y: 1 / (y * y)),
        WrongLocal(QUOTIENT, "{x}/{y}²: the minus was left out", 2, lambda out, x, y: out / y, 1),
        WrongLocal(QUOTIENT, "−{x}/{y}: the denominator was not squared", 2, lambda out, x, y: -out, 1),
        WrongLocal(QUOTIENT, "−1/{y}²: the numerator was left out", 2, lambda out, x, y: -1 / (y * y), 1),
        WrongLocal(QUOTIENT, "1/{y}", 3, lambda out, x, y: 1 / y, 1),
        WrongLocal(QUOTIENT, "{x}", 3, lambda out, x, y: x, 1),
        WrongLocal(QUOTIENT, "{x}/{y}: neither minus nor square", 3, lambda out, x, y: out, 1),
    ),
    "maximum": (
        WrongLocal("wrong winner", "1, whichever is larger", 2, _one, 0),
        WrongLocal("wrong winner", "1, whichever is larger", 2, _one, 1),
    ),
    "where": (
        WrongLocal("wrong branch", "1, whichever branch was taken", 2, _one, 0),
        WrongLocal("wrong branch", "1, whichever branch was taken", 2, _one, 1),
    ),
}
WRONG_LOCALS["minimum"] = WRONG_LOCALS["maximum"]
# fmt: on


def of_any_function(rule: Any) -> tuple[WrongLocal, ...]:
    """What can be done wrong with the derivative of any function of one argument that is no straight line."""
    right = rule.locals[0]

    def derivative(out: Any, x: Any) -> Any:
        return 1.0 * right(out, x)

    def at_output(out: Any, x: Any) -> Any:
        return 1.0 * right(rule.forward(out), out)

    return (
        WrongLocal(LEFT_OUT, "1", 2, _one),
        WrongLocal(WRONG_DERIVATIVE, "the result {result} itself", 3, lambda out, x: out),
        WrongLocal(WRONG_DERIVATIVE, "the argument {argument} itself", 4, lambda out, x: x),
        WrongLocal(WRONG_POINT, "the right one, but at the result {out} instead of {x}", 3, at_output),
        WrongLocal("derivative applied twice", "the right one, twice", 4, lambda out, x: derivative(out, x) ** 2),
        WrongLocal(WRONG_DERIVATIVE, "one divided by the right one", 5, lambda out, x: 1 / derivative(out, x)),
    )
