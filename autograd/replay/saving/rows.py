"""A tape as rows that can be read: one JSON object for each place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.observed import Plain
from autograd.replay.saving.columns import Columns, numbers
from autograd.replay.saving.files import ProgramFileError, shortened
from autograd.replay.saving.parameters import ArrayShelf, ArrayStore, as_json, dtype_named, from_json
from autograd.replay.tape import CONSTANT, LEAF, Tape
from autograd.rule import Primitive

Row = dict[str, Any]


def write_rows(tape: Tape, store: ArrayStore) -> list[Row]:
    """The rows; the arrays of constants and of leaves go into the store."""
    if tape.kind == "value":
        store.add("leaves", np.array([leaf._data for leaf in tape.leaves.values()], dtype=float))
    columns = zip(tape.codes.tolist(), tape.arguments_of_each(), strict=True)
    return [_row(tape, place, code, arguments, store) for place, (code, arguments) in enumerate(columns)]


def _row(tape: Tape, place: int, code: int, arguments: tuple[int, ...], store: ArrayStore) -> Row:
    row: Row = {"place": place}
    if code >= 0:
        rule = tape.rules[code]
        row["function" if isinstance(rule, Plain) else "primitive"] = rule.name
        row["arguments"] = list(arguments)
        if tape.params.get(place):
            row["params"] = {name: as_json(value, store) for name, value in tape.params[place].items()}
    elif code == CONSTANT:
        constant = tape.constants[place]
        row["constant"] = store.add(f"constant.{place}", constant) if tape.shapes else as_json(float(constant), store)
    elif place in tape.leaves:
        row["leaf"] = store.add(f"leaf.{place}", tape.leaves[place]._data) if tape.shapes else "leaves"
    else:
        row["leaf"] = "input"
    if tape.names.get(place):
        row["name"] = tape.names[place]
    if tape.scopes.get(place):
        row["scope"] = tape.scopes[place]
    if tape.shapes:
        row["shape"] = list(tape.shapes[place])
        row["dtype"] = tape.dtypes[place].name
    row["requires"] = bool(tape.requires[place])
    return row


def read_rows(rows: Any, kind: str, rules: tuple[Primitive, ...], inputs: set[int], shelf: ArrayShelf) -> Columns:
    """The columns of the tape that the rows describe.

    Raises:
        ProgramFileError: a row says something else than `write_rows` does.
    """
    reader = _Rows(kind, rules, inputs, shelf)
    place = -1
    try:
        for place, row in enumerate(rows):
            reader.read(place, row)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ProgramFileError):
            raise
        raise ProgramFileError(
            f"{shelf.path}: has a node at place {place} that this version cannot read: {shortened(row)}"
        ) from None
    return reader.columns()


class _Rows:
    def __init__(self, kind: str, rules: tuple[Primitive, ...], inputs: set[int], shelf: ArrayShelf) -> None:
        self.tensors = kind == "tensor"
        self.numbers = {(isinstance(rule, Plain), rule.name): number for number, rule in enumerate(rules)}
        self.inputs = inputs
        self.shelf = shelf
        self.codes: list[int] = []
        self.starts = [0]
        self.arguments: list[int] = []
        self.requires: list[bool] = []
        self.params: dict[int, Mapping[str, Any]] = {}
        self.shapes: list[tuple[int, ...]] = []
        self.dtypes: list[np.dtype[Any]] = []
        self.constants: dict[int, Any] = {}
        self.leaves: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.scopes: dict[int, str] = {}

    def read(self, place: int, row: Row) -> None:
        """Add one row.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is no row.
        """
        if row["place"] != place or row["requires"].__class__ is not bool:
            raise ValueError
        is_plain = "function" in row
        if is_plain or "primitive" in row:
            self.codes.append(self.numbers[is_plain, row["function" if is_plain else "primitive"]])
            self.arguments += numbers(row["arguments"])
            if row.get("params"):
                self.params[place] = {name: from_json(value, self.shelf) for name, value in row["params"].items()}
        elif "constant" in row:
            self.codes.append(CONSTANT)
            self.constants[place] = self._constant(row["constant"])
        else:
            self.codes.append(LEAF)
            if (row["leaf"] == "input") != (place in self.inputs):
                raise ValueError
            if row["leaf"] != "input":
                self.leaves[place] = self.shelf.take(row["leaf"]) if self.tensors else None
        self.starts.append(len(self.arguments))
        self.requires.append(row["requires"])
        if self.tensors:
            self.shapes.append(tuple(numbers(row["shape"])))
            self.dtypes.append(dtype_named(row["dtype"]))
        for key, column in (("name", self.names), ("scope", self.scopes)):
            if key in row:
                column[place] = row[key]
                if row[key].__class__ is not str:
                    raise ValueError

    def _constant(self, said: Any) -> Any:
        if self.tensors:
            array = self.shelf.take(said)
            array.flags.writeable = False
            return array
        number = from_json(said, self.shelf)
        if number.__class__ is not float:
            raise TypeError
        return number

    def columns(self) -> Columns:
        """What was read."""
        if not self.tensors:
            self.leaves = dict(zip(self.leaves, self.shelf.take("leaves").tolist(), strict=True))
        return Columns(
            np.array(self.codes, dtype=np.int16),
            np.array(self.starts, dtype=np.int32),
            np.array(self.arguments, dtype=np.int32),
            np.array(self.requires, dtype=bool),
            self.params, self.shapes, self.dtypes, self.constants, self.leaves, self.names, self.scopes,
        )  # fmt: skip
