"""Operators of one element each: arithmetic, comparisons, choices."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, functions
from nn.parts import Array
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, broadcast_shape, is_float, of_kind, plain


def _divide_integers(x: Array, y: Array) -> Array:
    """Towards zero, as C does."""
    quotient = np.abs(x) // np.abs(np.where(y == 0, 1, y))
    return np.where((x < 0) != (y < 0), -quotient, quotient).astype(x.dtype)


_BINARY: dict[str, tuple[Any, Any]] = {
    "Add": (autograd.add, np.add),
    "Sub": (autograd.subtract, np.subtract),
    "Mul": (autograd.multiply, np.multiply),
    "Div": (autograd.divide, _divide_integers),
    "Pow": (autograd.power, lambda x, y: np.power(x.astype(float), y).astype(x.dtype)),
}


@reads(*_BINARY)
def binary(step: Step, x: Value, y: Value) -> Value:
    """Two operands, which broadcast. An exponent may be of another type than its base."""
    broadcast_shape(step, x.shape, y.shape)
    if step.kind == "Pow" and is_float(x) and not is_float(y):
        y = y.astype(x.dtype)
    if step.kind == "Pow" and is_float(y) and not is_float(x):
        return np.power(x.astype(y.dtype), plain(y)).astype(x.dtype)
    return of_kind(x, *_BINARY[step.kind])(x, y)


@reads("Mod")
def modulo(step: Step, x: Value, y: Value) -> Value:
    """The remainder: with the divisor's sign, or with `fmod` the dividend's."""
    broadcast_shape(step, x.shape, y.shape)
    if isinstance(x, Tensor) or isinstance(y, Tensor):
        return x - y * autograd.primitive("trunc" if step.fmod else "floor")(x / y)
    divisor = y if is_float(y) else np.where(y == 0, 1, y)
    return (np.fmod if step.fmod else np.mod)(x, divisor).astype(x.dtype)


_VARIADIC: dict[str, tuple[Any, Any]] = {
    "Max": (autograd.maximum, np.maximum),
    "Min": (autograd.minimum, np.minimum),
    "Sum": (autograd.add, np.add),
    "Mean": (autograd.add, np.add),
}


@reads(*_VARIADIC)
def variadic(step: Step, *operands: Value) -> Value:
    """One or more operands, which broadcast."""
    broadcast_shape(step, *(x.shape for x in operands))
    total = reduce(of_kind(operands[0], *_VARIADIC[step.kind]), operands)
    return total / float(len(operands)) if step.kind == "Mean" else total


_UNARY: dict[str, Any] = {
    "Neg": (autograd.negative, np.negative), "Abs": (autograd.absolute, np.abs), "Sign": ("sign", np.sign),
    "Exp": autograd.exp, "Log": autograd.log, "Sqrt": autograd.sqrt, "Sin": autograd.sin, "Cos": autograd.cos,
    "Tan": autograd.tan, "Atan": autograd.arctan, "Sinh": autograd.sinh, "Cosh": autograd.cosh,
    "Tanh": autograd.tanh, "Sigmoid": autograd.sigmoid, "Softplus": autograd.softplus, "Erf": autograd.erf,
    "Floor": "floor", "Ceil": "ceil", "Round": "round", "Reciprocal": lambda x: 1.0 / x,
}  # fmt: skip


@reads(*_UNARY)
def unary(step: Step, x: Value) -> Value:
    """One operand."""
    function = _UNARY[step.kind]
    if isinstance(function, tuple):
        function = of_kind(x, *function)
    if isinstance(function, str):
        function = autograd.primitive(function)
    return function(x)


@reads("Identity")
def identity(step: Step, x: Value) -> Value:
    """The operand itself."""
    return x


@reads("Clip")
def clip(step: Step, x: Value, lower: Value = None, upper: Value = None) -> Value:
    """Between bounds, which were attributes before opset 11."""
    if step.version < 11:
        lower, upper = step.min, step.max
    bounds = [None if bound is None else plain(bound).reshape(()).item() for bound in (lower, upper)]
    if bounds == [None, None]:
        return x
    return functions.clip(x, *bounds) if is_float(x) else np.clip(x, *bounds).astype(x.dtype)


# ---- comparisons and choices, which have no derivative by what they compare -----------------------------------------

_COMPARISONS = {
    "Equal": np.equal,
    "Greater": np.greater,
    "Less": np.less,
    "GreaterOrEqual": np.greater_equal,
    "LessOrEqual": np.less_equal,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Xor": np.logical_xor,
}


@reads(*_COMPARISONS)
def compare(step: Step, x: Value, y: Value) -> Array:
    """Booleans from two operands, which broadcast."""
    broadcast_shape(step, x.shape, y.shape)
    result: Array = np.asarray(_COMPARISONS[step.kind](plain(x), plain(y)))
    return result


@reads("Not")
def negate(step: Step, x: Value) -> Array:
    """Booleans turned round."""
    return np.logical_not(plain(x))


@reads("IsNaN", "IsInf")
def is_special(step: Step, x: Value) -> Array:
    """Which numbers are none, or are infinite, of one sign or both."""
    array = plain(x)
    if step.kind == "IsNaN":
        return np.isnan(array)
    return (np.isposinf(array) & bool(step.detect_positive)) | (np.isneginf(array) & bool(step.detect_negative))


@reads("Where")
def choose(step: Step, condition: Value, x: Value, y: Value) -> Value:
    """Elements of x where the condition holds, of y elsewhere."""
    broadcast_shape(step, condition.shape, x.shape, y.shape)
    truths = plain(condition).astype(bool)
    return of_kind(x, functions.where, np.where)(truths, x, y)
