"""The functions as operators and methods of a Tensor."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd import functions
from autograd.array_pass import ArrayPass
from autograd.elsewhere import _TORCH, hint
from autograd.errors import DTypeError, MutationError, ShapeError
from autograd.functions.arguments import raw
from autograd.node import NO_PARAMS, Node
from autograd.primitives import elementwise as table
from autograd.primitives.structural import cast
from autograd.rules import Elementwise

Method = TypeVar("Method", bound=Callable[..., Any])


def primitive_operator(rule: Elementwise) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return self._record(rule, (self, other), NO_PARAMS)  # what calling the primitive comes to

    return named(method, rule)


def operator_method(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return function(self, other)

    return named(method, function)


def reflected_method(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return function(other, self)

    return named(method, function)


def function_method(rule: Elementwise) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return self._record(rule, (self,), NO_PARAMS)

    return named(method, rule)


def named(method: Method, function: Any) -> Method:
    """A method with the name of the function it calls, and a word on where that is described."""
    name = getattr(function, "name", None) or function.__name__
    method.__name__ = name
    method.__doc__ = f"See `autograd.{name}`."
    return method


def comparison_method(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return compare(raw(self), raw(other) if isinstance(other, Node) else other)

    return method


class NamedElsewhere:
    """A method of PyTorch's that has another name here: looking it up raises the AttributeError that tells it.

    A `__getattr__` would tell it too, and would slow every other attribute down: with one a small operation takes 1.2
    of the time.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: Any, kind: Any = None) -> Any:
        raise AttributeError(f"a Tensor has no attribute {self.name!r}{hint(self.name)}", name=self.name, obj=tensor)


_THE_SAME = ((0, 1), (-2, -1), (0, -1), (-2, 1))


class ArrayMethods(ArrayPass):
    """The operators and methods of a `Tensor`: NumPy's names for the primitives and functions."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        return [name for name in object.__dir__(self) if name not in _TORCH]

    # ---- arithmetic -----------------------------------------------------------------------------------------------

    __add__, __radd__ = primitive_operator(table.add), reflected_method(table.add)
    __sub__, __rsub__ = primitive_operator(table.subtract), reflected_method(table.subtract)
    __mul__, __rmul__ = primitive_operator(table.multiply), reflected_method(table.multiply)
    __truediv__, __rtruediv__ = primitive_operator(table.divide), reflected_method(table.divide)
    __pow__, __rpow__ = primitive_operator(table.power), reflected_method(table.power)
    __matmul__, __rmatmul__ = operator_method(functions.matmul), reflected_method(functions.matmul)
    __neg__ = function_method(table.negative)
    __abs__ = function_method(table.absolute)

    def __iadd__(self, other: Any) -> Any:
        return self._rebound(self + other, "+=")

    def __isub__(self, other: Any) -> Any:
        return self._rebound(self - other, "-=")

    def __imul__(self, other: Any) -> Any:
        return self._rebound(self * other, "*=")

    def __itruediv__(self, other: Any) -> Any:
        return self._rebound(self / other, "/=")

    def _rebound(self, result: Any, operation: str) -> Any:
        """What ``x += 1`` binds the name to: a new node. A leaf that learns would silently stay as it is."""
        if self.rule is None and self.requires_grad and not result.requires_grad:
            raise MutationError(
                f"`{operation}` on {self.describe()} would give its name to a new constant, and change no parameter; "
                f"write `.data {operation} ...`"
            )
        return result

    def __round__(self, decimals: int = 0) -> Any:
        return functions.round(self, decimals)

    def __pos__(self) -> Any:
        return self

    # ---- comparisons, by data: arrays of booleans -----------------------------------------------------------------

    __lt__, __le__ = comparison_method(operator.lt), comparison_method(operator.le)
    __gt__, __ge__ = comparison_method(operator.gt), comparison_method(operator.ge)
    __eq__ = comparison_method(operator.eq)
    __ne__ = comparison_method(operator.ne)
    __hash__ = object.__hash__  # by identity

    # ---- elementwise functions ------------------------------------------------------------------------------------

    exp, expm1, log, log1p = map(function_method, (table.exp, table.expm1, table.log, table.log1p))
    sqrt, square, erf = map(function_method, (table.sqrt, table.square, table.erf))
    sin, cos, tan, arctan = map(function_method, (table.sin, table.cos, table.tan, table.arctan))
    sinh, cosh, tanh = map(function_method, (table.sinh, table.cosh, table.tanh))
    sigmoid, softplus, relu, abs = map(function_method, (table.sigmoid, table.softplus, table.relu, table.absolute))
    maximum, minimum, logaddexp = map(primitive_operator, (table.maximum, table.minimum, table.logaddexp))

    # ---- functions of the whole array -----------------------------------------------------------------------------

    sum, mean, var, std = functions.sum, functions.mean, functions.var, functions.std
    prod, max, min, logsumexp = functions.prod, functions.max, functions.min, functions.logsumexp
    argmax, argmin = functions.argmax, functions.argmin
    swapaxes, squeeze, flip, ravel = functions.swapaxes, functions.squeeze, functions.flip, functions.ravel
    cumsum, cumprod, norm = functions.cumsum, functions.cumprod, functions.norm
    repeat, diagonal, trace, argsort = functions.repeat, functions.diagonal, functions.trace, functions.argsort
    dot, clip, round = functions.dot, functions.clip, functions.round
    __getitem__ = functions.getitem

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape, given as one sequence or as separate lengths."""
        return functions.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order, given as one sequence or separately; reversed by default.

        As in NumPy it takes every axis. Two axes are exchanged by `swapaxes`, as PyTorch's ``transpose`` does it.
        """
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        if axes in _THE_SAME and self._data.ndim == 2:  # what PyTorch's users write for an exchange
            raise ShapeError(
                f"transpose: {axes} names both axes in the order that they have; exchange them by .T or swapaxes{axes}"
            )
        return functions.transpose(self, order or None)

    def flatten(self) -> Any:
        """The elements along one axis, in row-major order."""
        return functions.ravel(self)

    def astype(self, dtype: Any) -> Any:
        """The same numbers in another floating-point dtype; the gradient is cast back."""
        target = np.dtype(dtype)
        if target.kind != "f":
            raise DTypeError(
                f"astype: {target} data cannot be differentiated; take `.data.astype({target})` for a plain array"
            )
        return self if target == self._data.dtype else cast(self, dtype=target)

    T = property(functions.transpose, doc="The axes in reverse order.")


for _name in _TORCH:
    setattr(ArrayMethods, _name, NamedElsewhere(_name))
