"""`Tape`: a recorded graph as columns, one row for each node in execution order, free of nodes.

A row's number is its *place*. Leaves and constants come among the results, each before its first use: the order is that
in which the nodes were made. Everything that runs, saves or writes down a program reads this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd.rule import Primitive

Places = npt.NDArray[np.int32]

LEAF = -1  # in place of a rule's number: a leaf, whose data is given or read again in each run
CONSTANT = -2  # ... and a number or array that never changes


class Given(NamedTuple):
    """Stands among a primitive's parameters for an integer array that each run is given, such as labels.

    Attributes:
        input: which of the program's inputs.
    """

    input: int


class Computed(NamedTuple):
    """Stands among a primitive's parameters for an array that each run computes, such as the condition of a `where`.

    Attributes:
        place: of the array.
    """

    place: int


class Step(NamedTuple):
    """One operation of a tape.

    Attributes:
        place: of the result.
        rule: the primitive.
        arguments: the places of its arguments, in order.
        params: its keyword parameters; a `Given` or `Computed` among them is filled in by each run.
    """

    place: int
    rule: Primitive
    arguments: tuple[int, ...]
    params: Mapping[str, Any]


class Guard(NamedTuple):
    """A number that Python decided by while the function was recorded: each run must find the same.

    Attributes:
        place: of the number or array.
        expected: what it was.
        where: the user's line that took it; empty if unknown.
    """

    place: int
    expected: Any
    where: str


@dataclass(frozen=True)
class Input:
    """One argument of the recorded function.

    Attributes:
        name: the function's own name for it.
        kind: "value" for one Value, "values" for a list or array of them, "tensor", or "integers".
        shape: the recorded shape; () for one Value.
        dtype: the recorded dtype.
        places: of its leaves in row-major order: one for each Value, one for a tensor, none for integers.
        differentiable: whether a run computes its gradient.
        least: of integers, the smallest that was recorded.
    """

    name: str
    kind: Literal["value", "values", "tensor", "integers"]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    places: tuple[int, ...] = ()
    differentiable: bool = False
    least: int = 0


@dataclass(frozen=True)
class Tape:
    """A graph in execution order.

    Attributes:
        kind: what the nodes were: "value", each place one number, or "tensor", each place an array.
        rules: the primitives that occur.
        codes: for each place the number of its rule, or LEAF, or CONSTANT.
        arity: how many arguments each place has.
        arguments: the places of all arguments, place after place.
        params: the parameters of the places that have any.
        requires: whether a gradient comes to the place.
        shapes: of each place of a tensor tape; empty for Values.
        dtypes: likewise.
        constants: the number or array of each constant place; read-only.
        inputs: the recorded function's arguments.
        leaves: the places that are leaves and no input, with the node whose data each run reads.
        outputs: the places of the results.
        guards: the numbers that Python decided by.
        several: whether the function returned a tuple.
        names: of the places that have one.
        scopes: the path of the scope of the places that were made in one.
    """

    kind: Literal["value", "tensor"]
    rules: tuple[Primitive, ...]
    codes: npt.NDArray[np.int16]
    arity: npt.NDArray[np.unsignedinteger[Any]]
    arguments: Places
    params: Mapping[int, Mapping[str, Any]]
    requires: npt.NDArray[np.bool_]
    shapes: Sequence[tuple[int, ...]]
    dtypes: Sequence[np.dtype[Any]]
    constants: Mapping[int, Any]
    inputs: tuple[Input, ...]
    leaves: Mapping[int, Any]
    outputs: tuple[int, ...]
    guards: tuple[Guard, ...] = ()
    several: bool = False
    names: Mapping[int, str] = field(default_factory=dict)
    scopes: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where in `arguments` those of each place begin; one more at the end. Computed at each call."""
        starts = np.zeros(len(self.arity) + 1, dtype=np.int64)
        np.cumsum(self.arity, out=starts[1:])
        return starts

    def arguments_of_each(self) -> list[tuple[int, ...]]:
        """For each place those of its arguments; none for a leaf or constant."""
        arguments, ends = self.arguments.tolist(), self.starts.tolist()
        return [tuple(arguments[start:end]) for start, end in pairwise(ends)]

    def steps(self) -> Iterator[Step]:
        """Every operation, in execution order."""
        nothing: Mapping[str, Any] = {}
        for place, (code, own) in enumerate(zip(self.codes.tolist(), self.arguments_of_each(), strict=True)):
            if code >= 0:
                yield Step(place, self.rules[code], own, self.params.get(place, nothing))

    def label(self, place: int) -> str:
        """What messages and sources call a place: its name, or its operation and number."""
        name = self.names.get(place)
        if name:
            return name
        code = int(self.codes[place])
        return f"{self.rules[code].name} ({place})" if code >= 0 else f"leaf ({place})"


def narrow(counts: Sequence[int]) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Counts in the shortest integers that hold them: a byte each, as a rule, since a long tape has many.

    >>> narrow([2, 1, 0]).dtype, narrow([2, 1, 300]).dtype
    (dtype('uint8'), dtype('uint16'))
    """
    return np.array(counts, dtype=np.min_scalar_type(max(counts, default=0)))


def filled(params: Mapping[str, Any], inputs: Sequence[Any], values: Sequence[Any]) -> dict[str, Any]:
    """Parameters in which each `Given` is replaced by the run's input, each `Computed` by what the place holds.

    >>> filled({"index": (slice(None), Given(0))}, [np.array([2, 0])], [])
    {'index': (slice(None, None, None), array([2, 0]))}
    """
    return {name: _filled(value, inputs, values) for name, value in params.items()}


def _filled(value: Any, inputs: Sequence[Any], values: Sequence[Any]) -> Any:
    if isinstance(value, Given):
        return inputs[value.input]
    if isinstance(value, Computed):
        return values[value.place]
    return tuple(_filled(each, inputs, values) for each in value) if value.__class__ is tuple else value


def varies(params: Mapping[str, Any]) -> bool:
    """Whether a parameter is filled in by each run."""
    return any(map(_varies, params.values()))


def _varies(value: Any) -> bool:
    return isinstance(value, Given | Computed) or (value.__class__ is tuple and any(map(_varies, value)))
