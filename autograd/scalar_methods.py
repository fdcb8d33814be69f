"""The functions as operators and methods of a Value: what a scalar forward pass spends its time in."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from autograd import recording
from autograd.node import NO_PARAMS, Node
from autograd.primitives import elementwise as table
from autograd.recording import next_serial
from autograd.rules import Elementwise

UNCOMPUTED = float("0.0")  # an object of its own: it reads 0.0, and `is` tells it from a computed zero
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
        out.params = NO_PARAMS
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


def _operator(rule: Elementwise) -> Callable[[Any, Any], Any]:
    scalar = rule.scalar

    def method(self: Any, other: Any) -> Any:
        kind = self.__class__
        if recording.special or other.__class__ is not kind:
            return _apply_mixed(rule, self, other)
        try:
            data = scalar(self._data, other._data)
        except (ArithmeticError, ValueError):
            data = rule.on_floats(self._data, other._data)
        out: Any = _new(kind)
        out._data = data
        out.grad = UNCOMPUTED
        out.params = NO_PARAMS
        out._id = next_serial()
        out._notes = None
        if self.requires_grad or other.requires_grad:
            out.rule, out.requires_grad = rule, True
            out._first, out._second = self, other
        else:
            out.rule, out.requires_grad = None, False
            out._first = out._second = None
        return out

    method.__name__ = rule.name
    method.__doc__ = f"The elementwise function {rule.name} of this and another value; see `autograd.{rule.name}`."
    return method


def _reflected(rule: Elementwise) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return _apply_mixed(rule, other, self)

    return method


def _apply_mixed(rule: Elementwise, x: Any, y: Any) -> Any:
    """An operator whose operands are not both Values, or with a recording context open."""
    for operand in (x, y):
        if not isinstance(operand, ScalarMethods | Real | np.ndarray):
            return NotImplemented
    value = x if isinstance(x, ScalarMethods) else y
    return value._record(rule, (x, y), NO_PARAMS)


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if isinstance(other, ScalarMethods):
            return compare(self._data, other._data)
        if isinstance(other, Real):
            return bool(compare(self._data, other))
        return NotImplemented

    return method


class ScalarMethods(Node):
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

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __hash__ = object.__hash__  # by identity: a graph holds many nodes of equal data
