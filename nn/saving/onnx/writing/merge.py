"""Several passes over a model, with other numbers and other batches, as one program for any batch.

What is recorded of a pass are its own numbers: a batch of 3 reshaped to (3, 10) is a reshape to (3, 10). Passes with
other batches tell which of these numbers follow the batch, and passes with other inputs tell whether anything that
looks like a constant was computed from the input in a way that was not recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.parts import Array
from nn.saving.onnx.writing.program import ExportError, Operation, Program


def merged(programs: Sequence[Program], batches: Sequence[int], batch_value: tuple[str, int] | None) -> Program:
    """One program that gives each of the given ones for its batch.

    Args:
        programs: of passes with different numbers.
        batches: the length of each pass's batch; the first two differ, unless there is no batch axis.
        batch_value: the input and the axis that the batch's length is read from; None where it is fixed.

    Raises:
        ExportError: the passes differ in more than what follows the batch.
    """
    first = programs[0]
    for other in programs[1:]:
        _check_operations(first, other)
    merge = _Merge(first, batches, batch_value)
    for name in list(first.constants):
        merge.settle(name, [program.constants[name] for program in programs])
    return merge.finished()


def _check_operations(first: Program, other: Program) -> None:
    for one, two in zip(first.operations, other.operations, strict=False):
        if (one.kind, one.inputs, one.outputs) != (two.kind, two.inputs, two.outputs):
            raise _differs(one.scope, f"a {one.kind} in one and a {two.kind} in the other")
        if one.attributes != two.attributes:
            raise _differs(one.scope, f"{one.kind} with {one.attributes} in one and {two.attributes} in the other")
    if len(first.operations) != len(other.operations) or first.constants.keys() != other.constants.keys():
        raise _differs("", f"{len(first.operations)} operations in one and {len(other.operations)} in the other")


def _differs(scope: str, how: str) -> ExportError:
    return ExportError(
        f"to_onnx: two passes with other inputs were recorded, and they differ{f' in {scope}' if scope else ''}: "
        f"{how}. A file holds one computation for all inputs: let forward not depend on the numbers through if, "
        f"loops, .data, NumPy or dropout; or give batch_axis=None where it depends on the batch's length"
    )


class _Merge:
    def __init__(self, program: Program, batches: Sequence[int], batch_value: tuple[str, int] | None) -> None:
        self.program = program
        self.batches = batches
        self.batch_value = batch_value
        self.added: list[Operation] = []  # in front of all others
        self.constants: dict[str, Array] = {}

    def finished(self) -> Program:
        program = self.program
        operations = [*self.added, *program.operations]
        whole = Program(program.inputs, program.outputs, operations, program.weights, self.constants, program.scopes)
        return whole.without_dead_parts()

    def settle(self, name: str, arrays: list[Array]) -> None:
        """Keep a constant, or put in its place what computes it from the batch's length."""
        if all(_equal(arrays[0], other) for other in arrays[1:]):
            self.constants[name] = arrays[0]
        elif self.batch_value is None or self.batches[0] == self.batches[1]:
            raise self._not_constant(name, arrays)
        elif arrays[0].dtype == np.int64 and all(array.shape == arrays[0].shape for array in arrays):
            self._settle_integers(name, arrays)
        elif all(array.dtype.kind == "f" and not array.ndim for array in arrays):
            self._settle_number(name, arrays)
        else:
            self._settle_repeated(name, arrays)

    def _not_constant(self, name: str, arrays: list[Array]) -> ExportError:
        scope = self.program.scopes.get(name, "")
        shapes = " and ".join(str(array.shape) for array in arrays[:2])
        return _differs(scope, f"an array of shape {shapes} that is no constant")

    # ---- integers that follow the batch ---------------------------------------------------------------------------

    def _settle_integers(self, name: str, arrays: list[Array]) -> None:
        """Numbers a·batch + b. A shape with one of them alone says -1 in its place."""
        slope, rest = np.divmod(arrays[1] - arrays[0], self.batches[1] - self.batches[0])
        offset = arrays[0] - slope * self.batches[0]
        for array, batch in zip(arrays, self.batches, strict=True):
            if rest.any() or not np.array_equal(slope * batch + offset, array):
                raise self._not_constant(name, arrays)
        if self._is_shape(name) and np.count_nonzero(slope) == 1 and (arrays[0] != 0).all():
            self.constants[name] = np.where(slope != 0, -1, arrays[0])
            return
        value = self._batch() if slope.ndim else self._add("Squeeze", [self._batch()], f"{name}/batch")
        product = self._add("Mul", [value, self._constant(f"{name}/slope", slope)], f"{name}/product")
        self._add("Add", [product, self._constant(f"{name}/offset", offset)], name)

    def _settle_number(self, name: str, arrays: list[Array]) -> None:
        """Such as the batch's length that a sum is divided by, or one over it."""
        for turn in (np.positive, np.reciprocal):
            whole = [np.rint(turn(array)) for array in arrays]
            if all(turn(each) == array for each, array in zip(whole, arrays, strict=True)):
                length = f"{name}/length"
                self._settle_integers(length, [each.astype(np.int64) for each in whole])
                number = self._add("Cast", [length], name if turn is np.positive else f"{name}/number")
                self.added[-1].attributes["to"] = arrays[0].dtype
                if turn is np.reciprocal:
                    self._add("Reciprocal", [number], name)
                return
        raise self._not_constant(name, arrays)

    def _is_shape(self, name: str) -> bool:
        uses = [operation for operation in self.program.operations if name in operation.inputs]
        return bool(uses) and all(each.kind == "Reshape" and each.inputs[1] == name for each in uses)

    def _batch(self) -> str:
        """The name of the batch's length, as an array of one integer."""
        assert self.batch_value is not None
        source, axis = self.batch_value
        if not any(operation.outputs == ["batch_length"] for operation in self.added):
            self.added.append(Operation("Shape", [source], ["batch_length"], {"start": axis, "end": axis + 1}, ""))
        return "batch_length"

    # ---- arrays that are one row, repeated ------------------------------------------------------------------------

    def _settle_repeated(self, name: str, arrays: list[Array]) -> None:
        """Such as an initial state of zeros, (layers, batch, H)."""
        if any(array.ndim != arrays[0].ndim for array in arrays):
            raise self._not_constant(name, arrays)
        shapes = np.array([array.shape for array in arrays], dtype=np.int64)
        varied = tuple(np.flatnonzero((shapes != shapes[0]).any(axis=0)))
        rows = [
            array[tuple(slice(0, 1) if axis in varied else slice(None) for axis in range(array.ndim))]
            for array in arrays
        ]
        repeated = all(
            _equal(np.broadcast_to(row, array.shape), array) for row, array in zip(rows, arrays, strict=True)
        )
        if not varied or not repeated or not all(_equal(rows[0], row) for row in rows):
            raise self._not_constant(name, arrays)
        self._settle_integers(f"{name}/shape", list(shapes))
        self._add("Expand", [self._constant(f"{name}/row", rows[0]), f"{name}/shape"], name)

    def _constant(self, name: str, array: Array) -> str:
        self.constants[name] = array
        return name

    def _add(self, kind: str, inputs: list[str], output: str) -> str:
        self.added.append(Operation(kind, inputs, [output], {}, ""))
        return output


def _equal(one: Any, two: Any) -> bool:
    return one.dtype == two.dtype and np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
