"""The functions as operators and methods of a Value: what a scalar forward pass spends its time in."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from autograd import recording
from autograd.node import NO_PARAMS
from autograd.observed_values import compared
from autograd.primitives import elementwise as table
from autograd.recording import is_observing, next_serial
from autograd.rules import Elementwise
from autograd.scalar_pass import UNCOMPUTED, ScalarPass

_new = object.__new__


def _function(rule: Elementwise) -> Callable[[Any], Any]:
    scalar = rule.scalar

    def method(self: Any) -> Any:
        if recording.special:
            return self._record(rule, (self,), NO_PARAMS)
        x = self._data
        try:
            data = scalar(x)
        except (ArithmeticError, ValueError):
            data = rule.on_floats(x)
        out: Any = _new(self.__class__)
        out._data = data
        out.grad = UNCOMPUTED
        out._id = next_serial()
        out._notes = None
        if self.requires_grad:
            out.rule, out.requires_grad = rule, True
            out._first, out._second = self, None
        else:
            out.rule, out.requires_grad = None, False
            out._first = out._second = None
        return out

    method.__name__ = rule.name
    method.__doc__ = f"The elementwise function {rule.name}; see `autograd.{rule.name}`."
    return method


# An operator's method, with its arithmetic written in: `x + y` on two floats is quicker than a call of `operator.add`,
# and a step of 65,000 operations takes 0.96 of the time.
_OPERATOR = """
def method(self, other):
    kind = self.__class__
    if recording.special:
        return apply_mixed(rule, {left}, {right})
    if other.__class__ is not kind:
        number, other = other, constant(kind, other)
        if other is None:
            other = number
            return apply_mixed(rule, {left}, {right})
    try:
        data = {arithmetic}
    except (ArithmeticError, ValueError):
        data = rule.on_floats({left}._data, {right}._data)
    out = new(kind)
    out._data = data
    out.grad = UNCOMPUTED
    out._id = next_serial()
    out._notes = None
    if self.requires_grad or other.requires_grad:
        out.rule = rule
        out.requires_grad = True
        out._first = {left}
        out._second = {right}
    else:
        out.rule = out._first = out._second = None
        out.requires_grad = False
    return out
"""
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def _operator(rule: Elementwise, left: str = "self", right: str = "other") -> Callable[[Any, Any], Any]:
    x, y = f"{left}._data", f"{right}._data"
    arithmetic = f"{x} {_SIGNS[rule.name]} {y}" if rule.name in _SIGNS else f"scalar({x}, {y})"
    names: dict[str, Any] = {
        "rule": rule,
        "scalar": rule.scalar,
        "apply_mixed": _apply_mixed,
        "constant": _constant,
        "new": object.__new__,
        "recording": recording,
        "next_serial": next_serial,
        "UNCOMPUTED": UNCOMPUTED,
    }
    source = _OPERATOR.format(left=left, right=right, arithmetic=arithmetic)
    exec(compile(source, f"{__file__}: {rule.name}", "exec"), names)  # a name in this folder: no line of the user's
    method: Callable[[Any, Any], Any] = names["method"]
    method.__name__ = rule.name
    method.__module__ = __name__
    method.__doc__ = f"The elementwise function {rule.name} of this and another value; see `autograd.{rule.name}`."
    return method


def _reflected(rule: Elementwise) -> Callable[[Any, Any], Any]:
    return _operator(rule, "other", "self")


def _constant(kind: type[Any], number: Any) -> Any:
    """A number met in an expression as a node without gradient; None for what is no plain number."""
    if number.__class__ is int:
        try:
            number = float(number)
        except OverflowError:
            return None
    elif number.__class__ is not float:
        return None
    constant = _new(kind)
    constant._data = number
    constant.grad = UNCOMPUTED
    constant._id = next_serial()
    constant._notes = constant.rule = constant._first = constant._second = None
    constant.requires_grad = False
    return constant


def _apply_mixed(rule: Elementwise, x: Any, y: Any) -> Any:
    """An operator whose operands are not both Values, or with a recording context open."""
    for operand in (x, y):
        if not isinstance(operand, ScalarMethods | Real | np.ndarray):
            return NotImplemented
    value = x if isinstance(x, ScalarMethods) else y
    return value._record(rule, (x, y), NO_PARAMS)


def _comparison(compare: Callable[[Any, Any], Any], name: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if recording.special and is_observing():
            return compared(name, self, other)
        if isinstance(other, ScalarMethods):
            _note_decision(name)
            return compare(self._data, other._data)
        if isinstance(other, Real):
            _note_decision(name)
            return bool(compare(self._data, other))
        return NotImplemented

    return method


def _note_decision(name: str) -> None:
    """Python may go another way by the order of two numbers; that two are equal is asked too by `in` and `index`."""
    if name not in ("equal", "not_equal"):
        recording.decisions.append(next_serial())


class ScalarMethods(ScalarPass):
    """The operators and methods of a `Value`, by the names of the primitives."""

    __slots__ = ()

    # ---- arithmetic and functions ---------------------------------------------------------------------------------

    __add__ = _operator(table.add)
    __radd__ = _reflected(table.add)
    __sub__ = _operator(table.subtract)
    __rsub__ = _reflected(table.subtract)
    __mul__ = _operator(table.multiply)
    __rmul__ = _reflected(table.multiply)
    __truediv__ = _operator(table.divide)
    __rtruediv__ = _reflected(table.divide)
    __pow__ = _operator(table.power)
    __rpow__ = _reflected(table.power)
    __neg__ = _function(table.negative)
    __abs__ = _function(table.absolute)

    def __pos__(self) -> Any:
        return self

    exp = _function(table.exp)
    expm1 = _function(table.expm1)
    log = _function(table.log)
    log1p = _function(table.log1p)
    sqrt = _function(table.sqrt)
    square = _function(table.square)
    sin = _function(table.sin)
    cos = _function(table.cos)
    tan = _function(table.tan)
    arctan = _function(table.arctan)
    sinh = _function(table.sinh)
    cosh = _function(table.cosh)
    tanh = _function(table.tanh)
    sigmoid = _function(table.sigmoid)
    softplus = _function(table.softplus)
    erf = _function(table.erf)
    relu = _function(table.relu)
    abs = _function(table.absolute)
    maximum = _operator(table.maximum)
    minimum = _operator(table.minimum)
    logaddexp = _operator(table.logaddexp)

    def clip(self, lower: float | None = None, upper: float | None = None) -> Any:
        """The value held between two bounds; the derivative is 1 between and on them, 0 outside."""
        return table.clip(self, lower=lower, upper=upper)

    # ---- comparisons, by data -------------------------------------------------------------------------------------

    __lt__ = _comparison(operator.lt, "less")
    __le__ = _comparison(operator.le, "less_equal")
    __gt__ = _comparison(operator.gt, "greater")
    __ge__ = _comparison(operator.ge, "greater_equal")
    __eq__ = _comparison(operator.eq, "equal")
    __ne__ = _comparison(operator.ne, "not_equal")
    __hash__ = object.__hash__  # by identity: a graph holds many nodes of equal data
