"""A primitive's parameters as JSON and back. What JSON has no word for stands as an object with one tag:

tuple          [1, null]                       dtype     {"dtype": "float32"}
list           {"list": [1, 2]}                float     1.5; {"float": "inf"}
slice          {"slice": [0, 3, null]}         array     {"array": "param.0"}, a name in the file of arrays
Ellipsis       {"ellipsis": true}              Given     {"input": 1}
NumPy's number {"int64": 3}, {"bool": true}    Computed  {"place": 7}
                                               Operand   {"operand": 0}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import GraphError
from autograd.observed import Operand
from autograd.replay.saving.files import ProgramFileError, shortened
from autograd.replay.tape import Computed, Given

Array = npt.NDArray[Any]

_NUMBERS = {
    name: getattr(np, name if name != "bool" else "bool_")
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}


class ArrayStore:
    """The arrays that go into the file of numbers, and how their axes lie in memory where that is not row by row.

    NumPy adds up in the order of memory, so that results come out to the bit only where that order is kept.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self.orders: dict[str, list[int]] = {}

    def add(self, name: str, array: Array) -> str:
        """Keep an array under a name."""
        order = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
        if not array.flags.c_contiguous and order != list(range(array.ndim)):
            self.orders[name] = order
            array = array.transpose(order)
        self.arrays[name] = array
        return name


class ArrayShelf:
    """The arrays of a file that was read, each as it lay in memory."""

    def __init__(self, arrays: Mapping[str, Array], orders: Mapping[str, Any], path: str) -> None:
        self.arrays = arrays
        self.orders = orders
        self.path = path

    def take(self, name: Any) -> Array:
        """The array of a name.

        Raises:
            ProgramFileError: there is none.
        """
        if not isinstance(name, str) or name not in self.arrays:
            raise ProgramFileError(f"{self.path}: lacks the array {shortened(name)} that the graph refers to")
        array = self.arrays[name]
        order = self.orders.get(name)
        if order is None:
            return array
        if not isinstance(order, list) or sorted(order) != list(range(array.ndim)):
            raise ProgramFileError(f"{self.path}: gives the array {name!r} an impossible order of axes")
        return array.transpose(np.argsort(order))


def as_json(value: Any, store: ArrayStore) -> Any:
    """A parameter's value as JSON; its arrays go into the store.

    Raises:
        GraphError: a value of another kind.
    """
    if value is None or value.__class__ in (bool, int, str):
        return value
    if value.__class__ is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, Given):
        return {"input": value.input}
    if isinstance(value, Computed):
        return {"place": value.place}
    if isinstance(value, Operand):
        return {"operand": value.number}
    if value.__class__ is tuple:
        return [as_json(each, store) for each in value]
    if value.__class__ is list:
        return {"list": [as_json(each, store) for each in value]}
    if isinstance(value, slice):
        return {"slice": [as_json(each, store) for each in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, np.ndarray):
        return {"array": store.add(f"param.{len(store.arrays)}", value)}
    if isinstance(value, np.generic) and value.dtype.name in _NUMBERS:
        return {value.dtype.name: as_json(value.item(), store)}
    if isinstance(value, np.dtype | type) and _is_plain(value):
        return {"dtype": np.dtype(value).name}
    raise GraphError(
        f"save: a parameter of type {type(value).__name__} has no form in a file; a primitive's parameters are "
        f"numbers, texts, slices, dtypes, arrays and tuples of them"
    )


def _is_plain(dtype: Any) -> bool:
    try:
        return np.dtype(dtype).name in _NUMBERS
    except TypeError:
        return False


def from_json(said: Any, shelf: ArrayShelf) -> Any:
    """The parameter's value.

    Raises:
        ProgramFileError: the JSON says none.
    """
    if isinstance(said, list):
        return tuple(from_json(each, shelf) for each in said)
    if not isinstance(said, dict):
        return said
    if len(said) == 1:
        ((tag, held),) = said.items()
        try:
            if tag in _NUMBERS:
                return _NUMBERS[tag](from_json(held, shelf))
            if tag in _READERS:
                return _READERS[tag](held, shelf)
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(error, ProgramFileError):
                raise
    raise ProgramFileError(f"{shelf.path}: holds a parameter that this version does not know: {shortened(said)}")


def _slice(held: Any, shelf: ArrayShelf) -> slice:
    start, stop, step = held
    return slice(from_json(start, shelf), from_json(stop, shelf), from_json(step, shelf))


def _float(held: Any, shelf: ArrayShelf) -> float:
    if held not in ("inf", "-inf", "nan"):
        raise ValueError
    return float(held)


def _dtype(held: Any, shelf: ArrayShelf) -> np.dtype[Any]:
    return dtype_named(held)


def _number(held: Any, shelf: ArrayShelf) -> int:
    if held.__class__ is not int:
        raise TypeError
    return int(held)


def _frozen(held: Any, shelf: ArrayShelf) -> Array:
    array = shelf.take(held)
    array.flags.writeable = False
    return array


_READERS: dict[str, Callable[[Any, ArrayShelf], Any]] = {
    "float": _float,
    "slice": _slice,
    "ellipsis": lambda held, shelf: Ellipsis,
    "dtype": _dtype,
    "array": _frozen,
    "input": lambda held, shelf: Given(_number(held, shelf)),
    "place": lambda held, shelf: Computed(_number(held, shelf)),
    "operand": lambda held, shelf: Operand(_number(held, shelf)),
    "list": lambda held, shelf: list(from_json(list(held), shelf)),
}


def dtype_named(name: Any) -> np.dtype[Any]:
    """The dtype of real numbers that has a name.

    Raises:
        ValueError: there is no such dtype.
    """
    if name not in _NUMBERS:
        raise ValueError(f"{shortened(name)} is no dtype of real numbers")
    found: np.dtype[Any] = np.dtype(_NUMBERS[name])
    return found
