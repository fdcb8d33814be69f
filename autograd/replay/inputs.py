"""What a program is given: arrays of the recorded shapes and dtypes, of which some may carry a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.replay.tape import Input


def checked(specs: Sequence[Input], inputs: Sequence[Any]) -> tuple[list[Any], int | None]:
    """The inputs as arrays of their recorded dtypes, and the length of the batch that some carry."""
    if len(inputs) != len(specs):
        raise TypeError(f"the program takes {len(specs)} inputs, not {len(inputs)}: {[each.name for each in specs]}")
    arrays = []
    batch: int | None = None
    for spec, given in zip(specs, inputs, strict=True):
        array = given if given.__class__ is np.ndarray and given.dtype is spec.dtype else _as_array(spec, given)
        if spec.kind == "integers" and spec.least >= 0 and array.size and array.min() < 0:
            raise ValueError(
                f"the program's input {spec.name} holds {array.min()}; it was recorded without negative numbers, which "
                f"as an index would count from the end"
            )
        arrays.append(array)
        if array.shape != spec.shape:
            batch = _batch(spec, array, batch)
    return arrays, batch


def _batch(spec: Input, array: Any, batch: int | None) -> int:
    """The length of the batch that an input carries, which is that of the inputs before it."""
    if array.ndim != len(spec.shape) + 1 or array.shape[1:] != spec.shape:
        raise ShapeError(
            f"the program's input {spec.name} was recorded with shape {spec.shape} and is given {array.shape}; give "
            f"that shape, or a batch of it of shape {('B', *spec.shape)}, or record again"
        )
    if batch is not None and batch != len(array):
        raise ShapeError(f"the program's input {spec.name} carries a batch of {len(array)}, another one of {batch}")
    return len(array)


def _as_array(spec: Input, given: Any) -> Any:
    """An input in its recorded dtype: of a node its data, of Values their numbers."""
    array = np.asarray(getattr(given, "_data", given))
    if array.dtype == object:
        array = np.array([getattr(each, "_data", each) for each in array.flat], dtype=float).reshape(array.shape)
    kinds, what = ("iub", "integers") if spec.kind == "integers" else ("fiu", "real numbers")
    if array.dtype.kind not in kinds:
        raise DTypeError(f"the program's input {spec.name} takes {what}, not {array.dtype}")
    converted = array.astype(spec.dtype, copy=False)
    if spec.kind == "integers" and not np.array_equal(converted, array):
        raise ValueError(
            f"the program's input {spec.name} holds numbers that do not fit {spec.dtype}, with which it was recorded"
        )
    return converted
