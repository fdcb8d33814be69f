"""A tape of many Values as columns: arrays beside the other numbers, and in the JSON what is not a number.

A row of JSON for each of 100,000 scalars would take ten megabytes, and a second to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.replay.saving.files import ProgramFileError
from autograd.replay.saving.parameters import ArrayShelf, ArrayStore, as_json, from_json
from autograd.replay.tape import Tape


class Columns(NamedTuple):
    """What both forms of the file hold of a tape; `leaves` has each captured leaf's data."""

    codes: npt.NDArray[np.int16]
    starts: npt.NDArray[np.int32]
    arguments: npt.NDArray[np.int32]
    requires: npt.NDArray[np.bool_]
    params: Mapping[int, Mapping[str, Any]]
    shapes: Sequence[tuple[int, ...]]
    dtypes: Sequence[np.dtype[Any]]
    constants: Mapping[int, Any]
    leaves: Mapping[int, Any]
    names: Mapping[int, str]
    scopes: Mapping[int, str]


def write_columns(tape: Tape, store: ArrayStore) -> dict[str, Any]:
    """The JSON's part of a tape of Values; its columns go into the store."""
    for name in ("codes", "arguments", "requires"):
        store.add(name, getattr(tape, name))
    store.add("starts", tape.starts.astype(np.int32))
    for name, numbers_at in (
        ("constants", tape.constants),
        ("leaves", {place: leaf._data for place, leaf in tape.leaves.items()}),
    ):
        store.add(f"{name}.places", np.array(list(numbers_at), dtype=np.int32))
        store.add(name, np.array(list(numbers_at.values()), dtype=float))
    return {
        "params": _write_kinds("params", tape.params, store),
        "scopes": _write_kinds("scopes", tape.scopes, store),
        "names": {str(place): name for place, name in tape.names.items()},
    }


def _write_kinds(name: str, column: Mapping[int, Any], store: ArrayStore) -> list[Any]:
    """The different entries of a column; which place has which goes into the store."""
    kinds: dict[str, int] = {}
    entries: list[Any] = []
    which: list[int] = []
    for entry in column.values():
        said = {key: as_json(value, store) for key, value in entry.items()} if isinstance(entry, Mapping) else entry
        kind = kinds.setdefault(json.dumps(said), len(kinds))
        if kind == len(entries):
            entries.append(said)
        which.append(kind)
    store.add(f"{name}.places", np.array(list(column), dtype=np.int32))
    store.add(name, np.array(which, dtype=np.int32))
    return entries


def read_columns(said: Any, shelf: ArrayShelf) -> Columns:
    """The columns of a tape of Values.

    Raises:
        ProgramFileError: an array is missing or of another kind.
    """
    try:
        names = {int(place): name for place, name in said["names"].items()}
        params = [{key: from_json(value, shelf) for key, value in each.items()} for each in said["params"]]
        scopes = list(said["scopes"])
        if not all(each.__class__ is str for each in [*names.values(), *scopes]):
            raise TypeError
        return Columns(
            _column("codes", np.int16, shelf),
            _column("starts", np.int32, shelf),
            _column("arguments", np.int32, shelf),
            _column("requires", np.bool_, shelf),
            _at_places("params", np.int32, shelf, params), (), (),
            _at_places("constants", np.float64, shelf), _at_places("leaves", np.float64, shelf),
            names, _at_places("scopes", np.int32, shelf, scopes),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, ProgramFileError):
            raise
        raise ProgramFileError(f"{shelf.path}: has columns that this version cannot read; fetch it again") from None


def _column(name: str, dtype: Any, shelf: ArrayShelf) -> Any:
    array = shelf.take(name)
    if array.dtype != dtype or array.ndim != 1:
        raise TypeError
    return array


def _at_places(name: str, dtype: Any, shelf: ArrayShelf, kinds: Sequence[Any] | None = None) -> dict[int, Any]:
    places, entries = _column(f"{name}.places", np.int32, shelf).tolist(), _column(name, dtype, shelf).tolist()
    if kinds is not None:
        if min(entries, default=0) < 0:
            raise IndexError
        entries = [kinds[kind] for kind in entries]
    return dict(zip(places, entries, strict=True))


def numbers(said: Any) -> list[int]:
    """A list of numbers of places or elements.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(said, list) or not all(each.__class__ is int and each >= 0 for each in said):
        raise TypeError
    return said
