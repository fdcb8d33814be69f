"""The check that what was read from a file is a tape: columns that fit each other, arguments before results."""

from __future__ import annotations

import numpy as np

from autograd.replay.saving.columns import Columns
from autograd.replay.saving.files import ProgramFileError
from autograd.replay.tape import CONSTANT, LEAF, Computed, Given, Input


def check(columns: Columns, rules: int, inputs: tuple[Input, ...], outputs: tuple[int, ...], path: str) -> None:
    """Raise `ProgramFileError` with the first thing that does not fit."""
    fault = _fault(columns, rules, inputs, outputs)
    if fault:
        raise ProgramFileError(f"{path}: {fault}; it is damaged, or no program of `Program.save`")


def _fault(columns: Columns, rules: int, inputs: tuple[Input, ...], outputs: tuple[int, ...]) -> str:
    codes, starts, arguments = columns.codes, columns.starts, columns.arguments
    count = len(codes)
    if len(starts) != count + 1 or len(columns.requires) != count or starts[0] != 0 or starts[-1] != len(arguments):
        return "has columns of different lengths"
    lengths = np.diff(starts)
    if lengths.min(initial=0) < 0:
        return "counts arguments backwards"
    if codes.min(initial=0) < CONSTANT or codes.max(initial=-1) >= rules:
        return "refers to a primitive that it does not list"
    if (arguments < 0).any() or (arguments >= np.repeat(np.arange(count), lengths)).any():
        return "has an operation whose argument comes after it, or is none"
    if (lengths[codes < 0] != 0).any() or (lengths[codes >= 0] == 0).any():
        return "has an operation without arguments, or a leaf with some"
    given = [place for each in inputs for place in each.places]
    if not _are([*given, *columns.leaves], np.flatnonzero(codes == LEAF)):
        return "has leaves that are neither inputs nor weights, or are both"
    if not _are([*columns.constants], np.flatnonzero(codes == CONSTANT)):
        return "has constants without a number"
    if not outputs or min(outputs) < 0 or max(outputs) >= count:
        return "has an output that no node computes"
    for column in (columns.params, columns.names, columns.scopes):
        if any(not 0 <= place < count for place in column):
            return "describes a node that does not exist"
    return _fault_of_arrays(columns, inputs) or _fault_of_params(columns, inputs)


def _are(places: list[int], expected: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> bool:
    return bool(sorted(places) == expected.tolist())


def _fault_of_arrays(columns: Columns, inputs: tuple[Input, ...]) -> str:
    if not columns.shapes:
        return ""
    for place, array in [*columns.constants.items(), *columns.leaves.items()]:
        if array.shape != columns.shapes[place] or array.dtype != columns.dtypes[place]:
            return f"has an array of shape {array.shape} for place {place}, whose shape is {columns.shapes[place]}"
    for each in inputs:
        for place in each.places:
            if each.shape != columns.shapes[place] or each.dtype != columns.dtypes[place]:
                return f"has another shape for the input {each.name} than for its place"
    return ""


def _fault_of_params(columns: Columns, inputs: tuple[Input, ...]) -> str:
    for place, params in columns.params.items():
        waiting = list(params.values())
        while waiting:
            value = waiting.pop()
            if isinstance(value, Given):
                if not 0 <= value.input < len(inputs) or inputs[value.input].kind != "integers":
                    return f"takes a parameter of place {place} from an input that is none of integers"
            elif isinstance(value, Computed):
                if not 0 <= value.place < place:
                    return f"takes a parameter of place {place} from a later one"
            elif isinstance(value, tuple):
                waiting += value
    return ""
