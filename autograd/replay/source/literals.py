"""Numbers, parameters and indices as a reader writes them in Python."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SMALL = 12  # elements of an array that is written out


def number(value: Any, library: str = "np") -> str:
    """A number, in parentheses where it is negative, so that an operator can stand beside it.

    >>> number(2.0), number(-0.5), number(float("inf"))
    ('2.0', '(-0.5)', 'np.inf')
    """
    if isinstance(value, float) and not math.isfinite(value):
        text = f"{library}.nan" if math.isnan(value) else f"{library}.inf"
        return text if not value < 0 else f"(-{text})"
    text = repr(value)
    return f"({text})" if text.startswith("-") else text


def literal(value: Any, name_of_array: Any) -> str:
    """A parameter of a primitive; `name_of_array` gives the text of what is no literal: an array, a `Given`.

    >>> literal((1, None, np.dtype("float32")), str)
    '(1, None, np.float32)'
    """
    if value is None or value is Ellipsis or isinstance(value, bool | str):
        return "..." if value is Ellipsis else repr(value)
    if value.__class__ is tuple:
        inside = ", ".join(literal(each, name_of_array) for each in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, slice):
        return f"np.s_[{_slice(value)}]"
    if isinstance(value, np.bool_):
        return repr(bool(value))
    if isinstance(value, np.generic):
        return number(value.item()) if isinstance(value, np.integer) else f"np.{value.dtype.name}({value.item()!r})"
    if isinstance(value, np.dtype | type):
        return dtype(np.dtype(value))
    if isinstance(value, int | float):
        return number(value).strip("()")
    return str(name_of_array(value))


def dtype(of: np.dtype[Any]) -> str:
    """A dtype by its name in NumPy."""
    return "bool" if of == np.bool_ else f"np.{of.name}"


def index(value: Any, name_of_array: Any) -> str:
    """What stands between brackets.

    >>> index((slice(None), slice(1, None, 2), None, 3), str)
    ':, 1::2, None, 3'
    """
    if value.__class__ is not tuple:
        return _part(value, name_of_array)
    if not value:
        return "()"
    text = ", ".join(_part(each, name_of_array) for each in value)
    return text + "," if len(value) == 1 and value[0].__class__ is tuple else text


def _part(value: Any, name_of_array: Any) -> str:
    return _slice(value) if isinstance(value, slice) else literal(value, name_of_array)


def _slice(value: slice) -> str:
    start, stop = ("" if each is None else str(int(each)) for each in (value.start, value.stop))
    return f"{start}:{stop}" + ("" if value.step in (None, 1) else f":{int(value.step)}")


def array(value: Any) -> str:
    """A small array, written out.

    >>> array(np.array([[1.0, 2.0]], np.float32))
    'np.array([[1.0, 2.0]], dtype=np.float32)'
    """
    if not value.size:
        return f"np.zeros({value.shape}, dtype={dtype(value.dtype)})"
    own = "" if value.dtype.name in ("float64", "int64", "bool") else f", dtype={dtype(value.dtype)}"
    return f"np.array({_nested(value.tolist())}{own})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_nested, value)) + "]"
    return number(value).strip("()")
