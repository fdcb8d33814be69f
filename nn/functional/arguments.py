"""What every function of this package asks of its arguments, and says when it does not get it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache, wraps
from numbers import Real
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from autograd import DTypeError, ShapeError, Tensor, Value
from autograd.rule import as_operand

_TO_FLOAT = "make it floating-point, as with .astype(float)"
_REMEDIES = {"i": _TO_FLOAT, "u": _TO_FLOAT, "b": _TO_FLOAT, "c": "take its real part"}

P = ParamSpec("P")
R = TypeVar("R")

Numbers = Any  # a Tensor, an array of floats, or a nested list or object array of Values


class Shape(NamedTuple):
    """What the checks of shapes look at in an array."""

    shape: tuple[int, ...]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)


_PLAIN = {int, bool, str, type(None), Shape}


def remembered(check: Callable[P, R]) -> Callable[P, R]:
    """A function of shapes and options that looks at each combination once: a convolution's checks take 15 us.

    What Python holds equal to an integer without being one, such as 1.0, is looked at each time.
    """
    known = lru_cache(maxsize=1024, typed=True)(check)

    @wraps(check)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for arg in args:
            kind = arg.__class__
            if kind not in _PLAIN and (kind is not tuple or any(part.__class__ is not int for part in arg)):  # type: ignore[attr-defined]
                return check(*args, **kwargs)
        return known(*args, **kwargs)  # type: ignore[arg-type]

    return wrapper


def numbers(function: str, argument: str, x: Any) -> Numbers:
    """An argument as a Tensor, an array of floats or an object array of Values.

    Raises:
        DTypeError: it holds what cannot be differentiated: integers, booleans, complex numbers, text.
        ShapeError: it is a nested list whose rows have different lengths.
    """
    if isinstance(x, Tensor):
        return x
    array = _array(function, argument, x)
    if array.dtype == object:
        _check_elements(function, argument, array)
    elif array.dtype.kind != "f":
        remedy = _REMEDIES.get(array.dtype.kind, "give real numbers")
        raise DTypeError(f"{function}: {argument} has dtype {array.dtype}, which cannot be differentiated; {remedy}")
    return array


def check_one_kind(function: str, **arguments: Any) -> None:
    """Raise `DTypeError` where Tensors and Values are mixed: a node of one kind cannot have parents of the other."""
    if all(x is None or x.__class__ is Tensor for x in arguments.values()):
        return
    tensors = [name for name, x in arguments.items() if isinstance(x, Tensor)]
    values = [name for name, x in arguments.items() if isinstance(x, np.ndarray) and x.dtype == object]
    if tensors and values:
        raise DTypeError(
            f"{function}: {' and '.join(tensors)} is made of Tensors, {' and '.join(values)} of Values; "
            f"make both one kind of node, or pass one as plain floats"
        )


def per_axis(function: str, argument: str, value: Any, axes: int, least: int) -> tuple[int, ...]:
    """An integer for all spatial axes, or a sequence of one for each, as a tuple.

    Raises:
        ValueError: it is neither, or holds an integer below `least`.
    """
    try:
        single = not isinstance(value, tuple | list)
        lengths = (operator.index(value),) * axes if single else tuple(map(operator.index, value))
    except TypeError:
        lengths = ()
    if len(lengths) != axes or min(lengths) < least:
        several = "" if axes == 1 else f", or a sequence of {axes} of them"
        raise ValueError(f"{function}: {argument}={value!r} must be an integer of at least {least}{several}")
    return lengths


def check_reduction(function: str, reduction: str) -> None:
    """Raise `ValueError` for a reduction that does not exist."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{function}: reduction={reduction!r} is none of 'none', 'mean', 'sum'")


def _array(function: str, argument: str, x: Any) -> Any:
    try:
        return np.asanyarray(as_operand(x))
    except DTypeError as error:  # Tensors in a list
        raise DTypeError(f"{function}: {argument}: {error}") from None
    except ValueError:
        raise ShapeError(_ragged(function, argument)) from None


def _check_elements(function: str, argument: str, array: Any) -> None:
    for element in array.flat:
        if isinstance(element, list | tuple):
            raise ShapeError(_ragged(function, argument))
        if not isinstance(element, Value | Real):
            kind = type(element).__name__
            remedy = "join Tensors with autograd.stack" if kind == "Tensor" else "give Values and floats"
            raise DTypeError(f"{function}: {argument} holds an element of type {kind}; {remedy}")


def _ragged(function: str, argument: str) -> str:
    return f"{function}: {argument} is a nested list whose rows have different lengths; make them equally long"
