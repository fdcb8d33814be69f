"""What stages write with: addresses of values and gradients, and which contribution to a gradient comes first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.replay.arrays.compiled.assembly import SIZES, Function, Register
from autograd.replay.arrays.compiled.module import Module
from autograd.replay.arrays.compiled.nests import Cell, Operand, nest, zero
from autograd.replay.arrays.compiled.views import View, broadcast, is_injective
from autograd.replay.tape import Tape

KINDS = {np.dtype(np.float32): "float", np.dtype(np.float64): "double"}


class Writer:
    """Writes functions of one program, forward ones first, then backward ones from the last stage to the first.

    Attributes:
        f: the function that is being written.
        read_backward: the roots whose values the backward functions read.
        received: the roots whose gradients hold a contribution already.
    """

    f: Function

    def __init__(self, tape: Tape, views: list[View], module: Module) -> None:
        self.tape, self.views, self.module = tape, views, module
        self.backward = False
        self.read_backward: set[int] = set()
        self.received: set[int] = set()

    def kind(self, place: int) -> str:
        """The type of a place's numbers."""
        return KINDS[np.dtype(self.tape.dtypes[place])]

    def value(self, place: int, shape: tuple[int, ...] | None = None) -> Operand:
        """The numbers of a place, broadcast to a shape if one is given."""
        if self.backward:
            self.read_backward.add(self.views[place].root)
        operand = self._operand("value", place)
        return operand if shape is None else Operand(operand.pointer, broadcast(self.views[place], shape).strides)

    def gradient(self, place: int) -> Operand:
        """The gradient of a place, to be read."""
        return self._operand("gradient", place)

    def contribution(self, place: int, shape: tuple[int, ...] | None = None) -> tuple[Operand, bool]:
        """Where to leave a contribution to a place's gradient, and whether to set it, or to add to what is there."""
        view, operand = self.views[place], self._operand("gradient", place)
        if shape is not None and shape != view.shape:
            view = broadcast(view, shape)
            operand = Operand(operand.pointer, view.strides)
        first = view.root not in self.received
        if first and self.covers(view):
            self.received.add(view.root)
            return operand, True
        if first:
            self.clear(view.root)
        return operand, False

    def sum(self, place: int) -> Operand:
        """Where to add contributions to a place's gradient."""
        if self.views[place].root not in self.received:
            self.clear(self.views[place].root)
        return self._operand("gradient", place)

    def clear(self, root: int) -> None:
        """Set the gradient of a root to 0."""
        self.received.add(root)
        self.fill(self._operand("gradient", root).pointer, math.prod(self.views[root].shape), self.kind(root))

    def fill(self, pointer: Register, count: int, kind: str) -> None:
        """Set numbers that lie side by side to 0."""
        nest(self.f, kind, (count,), [Operand(pointer, (1,))], lambda cell: cell.write(0, zero(cell)))

    def work(self, stage: int, name: str, count: int, kind: str) -> Register:
        """The address of a buffer of a stage's own; it holds zeros at first."""
        return self.f.pointer(self.module.slot(("work", stage, name), count * SIZES[kind]))

    def _operand(self, what: str, place: int) -> Operand:
        view = self.views[place]
        pointer = self.f.pointer(self.module.slot((what, view.root)))
        return Operand(self.f.at(pointer, view.offset, self.kind(view.root)), view.strides)

    def covers(self, view: View) -> bool:
        """Whether a view shows each number of its root once."""
        return math.prod(view.shape) == math.prod(self.views[view.root].shape) and is_injective(view)


def copied(cell: Cell) -> None:
    """The body of a nest that copies its first operand to the second."""
    cell.write(1, cell.read(0))


def increased(cell: Cell) -> None:
    """The body of a nest that adds its first operand to the second."""
    cell.add(1, cell.read(0))


def tiles(f: Function, total: int, size: int) -> Iterator[tuple[Register, int]]:
    """The start and length of each part of a range: all of one size, then what is left. Write a loop's body in it."""
    whole, rest = divmod(total, size)
    if whole:
        with f.loop(whole) as loop:
            yield f.times(loop.counter, size), size
    if rest:
        yield str(whole * size), rest


def up(number: int, multiple: int) -> int:
    """The number, rounded up to a multiple."""
    return -(-number // multiple) * multiple


class Stage:
    """One or more steps of a tape that are compiled together.

    Attributes:
        number: of the stage.
        makes: the places whose values it leaves in memory.
    """

    number = 0
    makes: tuple[int, ...] = ()

    def forward(self, w: Writer) -> None:
        """Write the computation of the values."""
        raise NotImplementedError

    def backward_of(self, w: Writer) -> None:
        """Write the contributions to the gradients of what the stage reads."""
        raise NotImplementedError


Params = dict[str, Any]
