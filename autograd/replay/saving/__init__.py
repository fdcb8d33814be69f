"""A program in two files: its graph as JSON, which can be read, and its arrays as safetensors."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Literal

import numpy as np

from autograd.replay.program import Program
from autograd.replay.saving.checked import check
from autograd.replay.saving.columns import Columns, numbers, read_columns, write_columns
from autograd.replay.saving.files import Path, ProgramFileError, paths_of, read_bytes, shortened, write_whole
from autograd.replay.saving.layout import pretty
from autograd.replay.saving.parameters import ArrayShelf, ArrayStore, as_json, dtype_named, from_json
from autograd.replay.saving.rows import read_rows, write_rows
from autograd.replay.saving.rules import read_rule, write_rule
from autograd.replay.saving.tensors import tensors_as_bytes, tensors_from_bytes
from autograd.replay.tape import Guard, Input, Tape, narrow
from autograd.tensor import Tensor
from autograd.value import Value

__all__ = ["ProgramFileError", "load", "save"]

FORMAT = "gradwalk program"
VERSION = 1
MOST_ROWS = 2000  # Values that are written as rows; more become columns


def save(program: Program, path: Path) -> None:
    """Write a program to two files beside each other: ``name.json`` and ``name.safetensors``.

    The JSON has the graph, a line for each node, to be read by people; a graph of more than 2,000 Values stands as
    columns in the other file. There are the arrays: constants, arrays among parameters, and the data that the captured
    leaves hold now. The two know each other by a checksum, so that neither goes with an older twin.

    Args:
        program: what `record` or `replay` made.
        path: the common name, with or without one of the suffixes; older files are replaced. Both files are on the disk
            before the first takes its name.

    Raises:
        GraphError: a parameter has no form in a file, or an operation belongs to no primitive of the table.
        DTypeError: an array's dtype has no place in the format, as that of a longdouble.
        OSError: the folder cannot be written. Older files are as they were.

    Example:
        >>> import os, tempfile
        >>> from autograd import Tensor
        >>> from autograd.replay import load, record
        >>> w = Tensor([2.0, 3.0], requires_grad=True, name="w")
        >>> program = record(lambda x: (w * x).sum(), Tensor([1.0, 1.0]))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     program.save(os.path.join(folder, "dot"))
        ...     again = load(os.path.join(folder, "dot"))
        ...     sorted(os.listdir(folder))
        ['dot.json', 'dot.safetensors']
        >>> again([10.0, 1.0])
        array(23.)
        >>> again.tape.leaves
        {0: Tensor([2., 3.], requires_grad=True, name='w')}
    """
    tape = program.tape
    graph_path, arrays_path = paths_of(path)
    store = ArrayStore()
    graph: dict[str, Any] = {
        "kind": tape.kind,
        "primitives": list(map(write_rule, tape.rules)),
        "inputs": [_write_input(each) for each in tape.inputs],
        "outputs": list(tape.outputs),
        "several": tape.several,
        "guards": [_write_guard(each, store) for each in tape.guards],
    }
    if tape.kind == "value" and len(tape) > MOST_ROWS:
        graph["columns"] = write_columns(tape, store)
    else:
        graph["nodes"] = write_rows(tape, store)
    graph["orders of axes"] = store.orders
    arrays = tensors_as_bytes(store.arrays, {"format": FORMAT, "version": str(VERSION)})
    arrays_checksum = hashlib.sha256(arrays).hexdigest()
    document = {
        "format": FORMAT,
        "version": VERSION,
        "checksum": _checksum(graph, arrays_checksum),
        "checksum of arrays": arrays_checksum,
        "graph": graph,
    }
    write_whole([(arrays_path, arrays), (graph_path, pretty(document).encode())])


def load(path: Path, *, backend: Literal["numpy", "numba"] = "numpy") -> Program:
    """The program that `Program.save` wrote: the same results and gradients, to the bit.

    The leaves it captured are fresh nodes of the same names with the data that they had; they are found as
    ``program.tape.leaves``, by place. Nothing in a file can run code: a primitive is looked up by its name among those
    that are declared.

    Args:
        path: the common name of the two files, with or without one of their suffixes.
        backend: as in `autograd.replay.record`.

    Raises:
        ProgramFileError: a file is damaged, of another format or of a newer version, or the two do not belong together.
            It is a ValueError.
        LookupError: a primitive is not declared; import the module that declares it, then load again.
        FileNotFoundError: one of the files is missing.
    """
    graph_path, arrays_path = paths_of(path)
    document = _read_document(graph_path)
    arrays = read_bytes(arrays_path)
    if hashlib.sha256(arrays).hexdigest() != document["checksum of arrays"]:
        raise ProgramFileError(
            f"{arrays_path}: does not belong to {graph_path}, or was damaged; take both files of one `save`"
        )
    graph = document["graph"]
    shelf = ArrayShelf(tensors_from_bytes(arrays, arrays_path), graph.get("orders of axes", {}), graph_path)
    try:
        tape = _read_tape(graph, shelf)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ProgramFileError):
            raise
        raise ProgramFileError(f"{graph_path}: has a graph that this version cannot read: {error!r}") from None
    return Program(tape, backend=backend)


# ---- the document -------------------------------------------------------------------------------------------------


def _checksum(graph: Any, arrays: Any) -> str:
    text = json.dumps([graph, arrays], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read_document(path: str) -> dict[str, Any]:
    try:
        document = json.loads(read_bytes(path).decode())
    except (ValueError, RecursionError) as error:
        if isinstance(error, ProgramFileError):
            raise
        raise ProgramFileError(f"{path}: is no whole JSON file; it was cut off or changed, fetch it again") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ProgramFileError(f"{path}: is JSON, and no program that `Program.save` has written")
    version = document.get("version")
    if version.__class__ is int and version > VERSION:
        raise ProgramFileError(
            f"{path}: is of version {version}, and this gradwalk reads versions up to {VERSION}; update gradwalk"
        )
    sound = version == VERSION and isinstance(document.get("graph"), dict)
    if not sound or document.get("checksum") != _checksum(document["graph"], document.get("checksum of arrays")):
        raise ProgramFileError(
            f"{path}: was changed since it was written, or damaged; a program is changed by recording it again"
        )
    return document


# ---- the graph ----------------------------------------------------------------------------------------------------


def _write_input(each: Input) -> dict[str, Any]:
    return {
        "name": each.name, "kind": each.kind, "shape": list(each.shape), "dtype": each.dtype.name,
        "places": list(each.places), "differentiable": each.differentiable, "least": each.least,
    }  # fmt: skip


def _read_input(said: dict[str, Any]) -> Input:
    if said["kind"] not in ("value", "values", "tensor", "integers"):
        raise ValueError(f"an input of kind {shortened(said['kind'])}")
    if said["differentiable"].__class__ is not bool or said["least"].__class__ is not int:
        raise TypeError("an input that is described otherwise")
    return Input(
        str(said["name"]), said["kind"], tuple(numbers(said["shape"])), dtype_named(said["dtype"]),
        tuple(numbers(said["places"])), said["differentiable"], said["least"],
    )  # fmt: skip


def _write_guard(guard: Guard, store: ArrayStore) -> dict[str, Any]:
    number = np.asarray(guard.expected)
    expected = as_json(number if number.ndim else number[()], store)
    where = re.sub(r"^.*[\\/](?=[^\\/]*:\d+: )", "", guard.where)  # not the folders of whoever saves
    return {"place": guard.place, "expected": expected, "where": where}


def _read_guard(said: dict[str, Any], shelf: ArrayShelf) -> Guard:
    (place,) = numbers([said["place"]])
    return Guard(place, np.asarray(from_json(said["expected"], shelf)), str(said["where"]))


def _read_tape(graph: dict[str, Any], shelf: ArrayShelf) -> Tape:
    kind = graph["kind"]
    if kind not in ("value", "tensor") or graph["several"].__class__ is not bool:
        raise ValueError(f"a graph of kind {shortened(kind)}")
    rules = tuple(read_rule(each, shelf.path) for each in graph["primitives"])
    inputs = tuple(map(_read_input, graph["inputs"]))
    outputs = tuple(numbers(graph["outputs"]))
    if not outputs:
        raise ValueError("a graph without outputs")
    columns = (
        read_columns(graph["columns"], shelf)
        if "columns" in graph
        else read_rows(graph["nodes"], kind, rules, {place for each in inputs for place in each.places}, shelf)
    )
    guards = tuple(_read_guard(each, shelf) for each in graph["guards"])
    read = (*outputs, *(guard.place for guard in guards))
    check(columns, len(rules), inputs, read, shelf.path)
    return Tape(
        kind=kind, rules=rules, codes=columns.codes, arity=narrow(np.diff(columns.starts).tolist()),
        arguments=columns.arguments, params=columns.params, requires=columns.requires, shapes=columns.shapes,
        dtypes=columns.dtypes,
        constants=columns.constants, inputs=inputs, leaves=_fresh_leaves(columns), outputs=outputs,
        guards=guards, several=graph["several"], names=columns.names, scopes=columns.scopes,
    )  # fmt: skip


def _fresh_leaves(columns: Columns) -> dict[int, Any]:
    leaves: dict[int, Any] = {}
    for place, data in columns.leaves.items():
        name = columns.names.get(place, "")
        if isinstance(data, np.ndarray):
            leaves[place] = Tensor(data, requires_grad=True, name=name)
            leaves[place]._data = data  # in the memory order that it was saved from
        else:
            leaves[place] = Value(data, label=name)
    return leaves
