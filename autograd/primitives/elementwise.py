"""The derivative table of the elementwise functions. One declaration is a function's whole calculus.

A local derivative is a function of ``(out, *arguments)``; a number stands for a constant one. The order is: name,
forward, local derivatives, and what they are called.
"""

# fmt: off
from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.primitives import error_function
from autograd.primitives.layout import zeros_beside
from autograd.primitives.selection import selected
from autograd.rule import Kink, flags
from autograd.rules import Elementwise
from autograd.symbol import ATOM, POWER, Symbol, function

# ---- helpers that take floats, arrays and nodes alike -------------------------------------------------------------


def _raw(x: Any) -> Any:
    """The number or array of a node; a number or array as it is."""
    return getattr(x, "_data", x)


def _exponent_below(x: Any, y: Any) -> Any:
    """y - 1, and 0 where y is 0 and x is 0 or not finite: y·x**(y-1) is 0 there, which 0·0**-1 would not be."""
    if y.__class__ is float and y:
        return y - 1.0
    base = np.asarray(_raw(x))
    special = (np.asarray(_raw(y)) == 0) & ((base == 0) | ~np.isfinite(base))
    return where(0.0, y - 1.0, condition=special) if special.any() else y - 1.0


def _log_of_base(x: Any, y: Any) -> Any:
    """log x, and 0 at x = 0 for y >= 0, where 0**y·log 0 has the limit 0."""
    at_zero = (_raw(x) == 0) & (_raw(y) >= 0)
    return log(where(1.0, x, condition=at_zero) if np.any(at_zero) else x)


def _gap(x: Any, y: Any) -> Any:
    """x - y, and 0 where both are the same infinity."""
    a, b = np.asarray(_raw(x)), np.asarray(_raw(y))
    same = np.isinf(a) & (a == b)
    return where(0.0, x - y, condition=same) if same.any() else x - y


def _share(x: Any, y: Any, ties: str) -> Any:
    """The share of the first operand of a maximum in the gradient: 1 where x > y, 0 where x < y, and `ties` between."""
    x, y = _raw(x), _raw(y)
    return (x > y) + _TIE_SHARE[ties] * (x == y)


_TIE_SHARE = {"split": 0.5, "first": 1.0, "all": 1.0, "raise": 0.5}
_TIE_SHARE_OF_SECOND = {**_TIE_SHARE, "first": 0.0}


def _share_of_second(x: Any, y: Any, ties: str) -> Any:
    x, y = _raw(x), _raw(y)
    return (y > x) + _TIE_SHARE_OF_SECOND[ties] * (x == y)


def _step(x: Any, at_zero: float | str) -> Any:
    """1 where x > 0, 0 where x < 0, and `at_zero` between."""
    x = _raw(x)
    return (x > 0) + at_zero * (x == 0) if isinstance(at_zero, float | int) and at_zero else x > 0


def _sign(x: Any, at_zero: float | str) -> Any:
    x = _raw(x)
    sign = 1.0 * (x > 0) - 1.0 * (x < 0)
    return sign + at_zero * (x == 0) if isinstance(at_zero, float | int) and at_zero else sign


def _inside(x: Any, lower: Any, upper: Any, clip: float | str) -> Any:
    """1 where lower <= x <= upper, else 0; on the bounds themselves `clip`."""
    x = _raw(x)
    inside = (x >= (-math.inf if lower is None else lower)) & (x <= (math.inf if upper is None else upper))
    if not isinstance(clip, float | int) or clip == 1:
        return inside
    return inside * (1.0 - (1.0 - clip) * _on_bound(x, lower, upper))


def _on_bound(x: Any, lower: Any = None, upper: Any = None, **_: Any) -> Any:
    return (x == (math.nan if lower is None else lower)) | (x == (math.nan if upper is None else upper))


# ---- forward functions that NumPy does not have, stable over the whole line ---------------------------------------


def _floating(x: Any) -> Any:
    """x as floating-point numbers: integers become float64, as in NumPy's own functions."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{x.dtype} data are no real numbers")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _sigmoid(x: Any) -> Any:
    x = _floating(x)
    small = np.exp(-np.abs(x))
    return selected(1.0, small, x >= 0) / (1 + small)


def _sigmoid_of_float(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    small = math.exp(x)
    return small / (1.0 + small)


def _softplus(x: Any) -> Any:
    x = _floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))  # a quarter of the time of NumPy's logaddexp(x, 0)


def _softplus_of_float(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _logaddexp(x: Any, y: Any) -> Any:
    with np.errstate(invalid="ignore"):  # NumPy calls a NaN that comes in an invalid operation
        return np.logaddexp(x, y)


def _logaddexp_of_floats(x: float, y: float) -> float:
    if x == y:
        return x + math.log(2.0)
    return max(x, y) + math.log1p(math.exp(-abs(x - y)))


def _erf(x: Any) -> Any:
    return error_function.erf(_floating(x))


def _relu(x: Any, relu: Any = 0.0) -> Any:
    if isinstance(x, np.ndarray) and x.size >= 4096 and x.dtype.kind == "f":
        return np.maximum(x, zeros_beside(x.shape, x.strides, x.dtype))  # 100,000 numbers: 9 us instead of 32
    return np.maximum(x, 0)


def _clip(x: Any, lower: Any = None, upper: Any = None, clip: Any = 1.0) -> Any:
    return np.clip(x, lower, upper)


def _power_of_floats(x: float, y: float) -> float:
    if x == -math.inf:
        raise ValueError("there C's pow and NumPy's differ, and NumPy's answers")
    return math.pow(x, y)


def _clip_float(x: float, lower: float | None = None, upper: float | None = None, clip: Any = 1.0) -> float:
    raised = x if lower is None or not x < lower else lower
    return raised if upper is None or not raised > upper else upper  # where the bounds cross, the upper one holds


# ---- arithmetic ---------------------------------------------------------------------------------------------------

identity: Elementwise = Elementwise("identity", lambda x: x, [1.0], scalar=lambda x: x, symbol="=", latex=lambda x: x)
add: Elementwise = Elementwise(
    "add", np.add, [1.0, 1.0],
    scalar=operator.add, symbol="+", latex=lambda x, y: x + y,
)
subtract: Elementwise = Elementwise(
    "subtract", np.subtract, [1.0, -1.0],
    scalar=operator.sub, symbol="−", latex=lambda x, y: x - y,
)
multiply: Elementwise = Elementwise(
    "multiply", np.multiply, [lambda out, x, y: y, lambda out, x, y: x],
    scalar=operator.mul, symbol="×", latex=lambda x, y: x * y,
)
divide: Elementwise = Elementwise(
    "divide", np.divide, [lambda out, x, y: 1.0 / y, lambda out, x, y: -out / y],
    scalar=operator.truediv, symbol="/", latex=lambda x, y: x / y,
    formula=[lambda out, x, y: 1 / y, lambda out, x, y: -x / y**2],
)
negative: Elementwise = Elementwise(
    "negative", np.negative, [-1.0],
    scalar=operator.neg, symbol="neg", latex=lambda x: -x,
)
power: Elementwise = Elementwise(
    "power", np.power,
    [lambda out, x, y: y * power(x, _exponent_below(x, y)), lambda out, x, y: out * _log_of_base(x, y)],
    scalar=_power_of_floats, symbol="^", latex=lambda x, y: x**y,
    formula=[lambda out, x, y: y * x ** (y - 1), lambda out, x, y: out * log(x)],
)
square: Elementwise = Elementwise(
    "square", np.square, [lambda out, x: 2.0 * x],
    scalar=lambda x: x * x, latex=lambda x: x**2,
)

# ---- exponentials and logarithms ----------------------------------------------------------------------------------

exp: Elementwise = Elementwise(
    "exp", np.exp, [lambda out, x: out],
    scalar=math.exp, latex=lambda x: Symbol(f"e^{x.at_level(ATOM)[0]}", f"e^{{{x.latex}}}", POWER),
)
expm1: Elementwise = Elementwise(
    "expm1", np.expm1, [lambda out, x: out + 1.0],
    scalar=math.expm1, latex=lambda x: exp(x) - 1, formula=[lambda out, x: exp(x)],
)
log: Elementwise = Elementwise("log", np.log, [lambda out, x: 1.0 / x], scalar=math.log, latex=function("log", r"\log"))
log1p: Elementwise = Elementwise(
    "log1p", np.log1p, [lambda out, x: 1.0 / (1.0 + x)],
    scalar=math.log1p, latex=lambda x: log(1 + x), formula=[lambda out, x: 1 / (1 + x)],
)
sqrt: Elementwise = Elementwise(
    "sqrt", np.sqrt, [lambda out, x: 0.5 / out],
    scalar=math.sqrt, symbol="√",
    latex=lambda x: Symbol(f"√{x.at_level(ATOM)[0]}", rf"\sqrt{{{x.latex}}}", POWER),
    formula=[lambda out, x: 1 / (2 * out)],
)
logaddexp: Elementwise = Elementwise(
    "logaddexp", _logaddexp,
    [lambda out, x, y: sigmoid(_gap(x, y)), lambda out, x, y: sigmoid(_gap(y, x))],
    scalar=_logaddexp_of_floats, latex=lambda x, y: log(exp(x) + exp(y)),
    formula=[lambda out, x, y: sigmoid(x - y), lambda out, x, y: sigmoid(y - x)],
)

# ---- trigonometric and hyperbolic ---------------------------------------------------------------------------------

sin: Elementwise = Elementwise("sin", np.sin, [lambda out, x: cos(x)], scalar=math.sin, latex=r"\sin")
cos: Elementwise = Elementwise("cos", np.cos, [lambda out, x: -sin(x)], scalar=math.cos, latex=r"\cos")
tan: Elementwise = Elementwise(
    "tan", np.tan, [lambda out, x: 1.0 + out * out],
    scalar=math.tan, latex=r"\tan", formula=[lambda out, x: 1 + out**2],
)
arctan: Elementwise = Elementwise(
    "arctan", np.arctan, [lambda out, x: 1.0 / (1.0 + x * x)],
    scalar=math.atan, latex=r"\arctan", formula=[lambda out, x: 1 / (1 + x**2)],
)
sinh: Elementwise = Elementwise("sinh", np.sinh, [lambda out, x: cosh(x)], scalar=math.sinh, latex=r"\sinh")
cosh: Elementwise = Elementwise("cosh", np.cosh, [lambda out, x: sinh(x)], scalar=math.cosh, latex=r"\cosh")
tanh: Elementwise = Elementwise(
    "tanh", np.tanh, [lambda out, x: 1.0 - out * out],
    scalar=math.tanh, latex=r"\tanh", formula=[lambda out, x: 1 - out**2],
)

# ---- activations --------------------------------------------------------------------------------------------------

sigmoid: Elementwise = Elementwise(
    "sigmoid", _sigmoid, [lambda out, x: out * (1.0 - out)],
    scalar=_sigmoid_of_float, symbol="σ", latex=function("σ", r"\sigma"), formula=[lambda out, x: out * (1 - out)],
)
softplus: Elementwise = Elementwise(
    "softplus", _softplus, [lambda out, x: sigmoid(x)],
    scalar=_softplus_of_float, latex=lambda x: log(1 + exp(x)),
)
erf: Elementwise = Elementwise(
    "erf", _erf, [lambda out, x: (2.0 / math.sqrt(math.pi)) * exp(-(x * x))],
    scalar=math.erf, formula=[lambda out, x: Symbol("2/√π", r"\frac{2}{\sqrt{\pi}}") * exp(-(x**2))],
)
relu: Elementwise = Elementwise(
    "relu", _relu, [lambda out, x, relu=0.0: _step(x, relu)],
    scalar=lambda x, relu=0.0: 0.0 if x <= 0.0 else x,
    formula=[lambda out, x: x > 0], kink=Kink("relu", at=lambda x, **_: x == 0),
)

# ---- functions with kinks -----------------------------------------------------------------------------------------

absolute: Elementwise = Elementwise(
    "absolute", lambda x, abs=0.0: np.fabs(x), [lambda out, x, abs=0.0: _sign(x, abs)],
    scalar=lambda x, abs=0.0: math.fabs(x), symbol="|·|",
    latex=lambda x: Symbol(f"|{x.text}|", rf"\left|{x.latex}\right|"),
    formula=[lambda out, x: function("sign", r"\operatorname{sign}")(x)],
    kink=Kink("abs", at=lambda x, **_: x == 0),
)
maximum: Elementwise = Elementwise(
    "maximum", lambda x, y, ties="split": np.maximum(x, y),
    [lambda out, x, y, ties="split": _share(x, y, ties), lambda out, x, y, ties="split": _share_of_second(x, y, ties)],
    symbol="max", latex=function("max", r"\max"),
    formula=[lambda out, x, y: x > y, lambda out, x, y: y > x], kink=Kink("ties", at=lambda x, y, **_: x == y),
)
minimum: Elementwise = Elementwise(
    "minimum", lambda x, y, ties="split": np.minimum(x, y),
    [lambda out, x, y, ties="split": _share(-_raw(x), -_raw(y), ties),
     lambda out, x, y, ties="split": _share_of_second(-_raw(x), -_raw(y), ties)],
    symbol="min", latex=function("min", r"\min"),
    formula=[lambda out, x, y: x < y, lambda out, x, y: y < x], kink=Kink("ties", at=lambda x, y, **_: x == y),
)
clip: Elementwise = Elementwise(
    "clip", _clip, [lambda out, x, lower=None, upper=None, clip=1.0: _inside(x, lower, upper, clip)],
    scalar=_clip_float, formula=[lambda out, x: Symbol(f"[lower ≤ {x.text} ≤ upper]", rf"[\ell \le {x.latex} \le u]")],
    kink=Kink("clip", at=_on_bound),
)


class _Where(Elementwise):
    """A choice. It selects, where multiplying by 0 and 1 would let infinities and NaN of the other branch through."""

    def on_numbers(self, *args: Any, **params: Any) -> Any:
        one = isinstance(params["condition"], bool)
        return super().on_numbers(*args, **params) if one else self.forward(*args, **params)

    def on_objects(self, *args: Any, **params: Any) -> Any:
        choose = np.frompyfunc(lambda x, y, condition: self(x, y, condition=bool(condition)), 3, 1)
        return choose(*args, params["condition"])

    def vjp(self, gradient: Any, out: Any, inputs: Any, needed: Any, params: dict[str, Any]) -> list[Any]:
        condition = params["condition"]
        flags.masking = True
        return [
            self(*branches, condition=condition) if need else None
            for branches, need in zip(((gradient, 0.0), (0.0, gradient)), needed, strict=True)
        ]

    def jvp(self, tangents: Any, out: Any, inputs: Any, params: dict[str, Any]) -> Any:
        x, y = (0.0 if tangent is None else tangent for tangent in tangents)
        return self(x, y, **params)


where: Elementwise = _Where(
    "where", selected,
    [lambda out, x, y, condition: condition, lambda out, x, y, condition: _negated(condition)],
    latex=lambda x, y: Symbol(f"{x.text} if c else {y.text}", rf"{x.latex} \text{{ if }} c \text{{ else }} {y.latex}"),
    formula=[lambda out, x, y: Symbol("[c]"), lambda out, x, y: Symbol("[not c]", r"[\neg c]")],
)


def _negated(condition: Any) -> Any:
    return np.logical_not(condition) if isinstance(condition, np.ndarray) else not condition
