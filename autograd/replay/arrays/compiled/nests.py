"""Loops over arrays that lie in memory by strides, the innermost of them in vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.replay.arrays.compiled.assembly import Function, Register, vector


class Operand(NamedTuple):
    """An array in a nest of loops: the address of its first element, and the step along each axis."""

    pointer: Register
    strides: tuple[int, ...]


class Cell:
    """What the body of a nest sees: the elements of every operand at one place, or at as many as a vector holds."""

    def __init__(self, f: Function, kind: str, lanes: int, count: int | None) -> None:
        self.f, self.kind, self.lanes, self.count = f, kind, lanes, count
        self.places: list[Register] = []
        self.steps: list[int] = []
        self.sums: dict[int, Register] = {}

    def read(self, operand: int) -> Register:
        """The operand's elements."""
        if self.steps[operand] == 0:
            return self.f.splat(self.f.load(self.places[operand], self.kind, 1), self.kind, self.lanes)
        return self.f.load(self.places[operand], self.kind, self.lanes, self.count)

    def write(self, operand: int, value: Register) -> None:
        """Set the operand's elements."""
        self.f.store(value, self.places[operand], self.kind, self.lanes, self.count)

    def add(self, operand: int, value: Register) -> None:
        """Add to the operand's elements; of one along which it is broadcast, the sum."""
        if operand in self.sums:
            value = self.f.only(value, self.kind, self.lanes, self.count)
            self.sums[operand] = self.f.binary("fadd", self.sums[operand], value, self.kind, self.lanes)
        else:
            self.write(operand, self.f.binary("fadd", self.read(operand), value, self.kind, self.lanes))


def zero(cell: Cell) -> Register:
    """0 in all lanes."""
    return "zeroinitializer" if cell.lanes > 1 else "0.0"


def nest(
    f: Function,
    kind: str,
    shape: Sequence[int],
    operands: Sequence[Operand],
    body: Callable[[Cell], None],
    added: Sequence[int] = (),
) -> None:
    """Run the body at every place of a shape.

    Args:
        operands: of that many axes each.
        body: reads, writes and adds by the numbers of the operands.
        added: which operands it adds to.
    """
    lengths, strides = _merged(shape, [operand.strides for operand in operands])
    inner = _innermost(lengths, strides)
    lengths = [*lengths[:inner], *lengths[inner + 1 :], lengths[inner]]
    strides = [[*own[:inner], *own[inner + 1 :], own[inner]] for own in strides]
    lanes = f.machine.lanes(kind) if all(own[-1] in (0, 1) for own in strides) and lengths[-1] > 1 else 1

    def outer(axis: int, places: list[Register]) -> None:
        if axis == len(lengths) - 1:
            _inner(f, kind, lanes, lengths[-1], places, [own[-1] for own in strides], body, added)
            return
        with f.loop(lengths[axis]) as loop:
            moved = [
                f.at(place, f.times(loop.counter, own[axis]), kind) if own[axis] else place
                for place, own in zip(places, strides, strict=True)
            ]
            outer(axis + 1, moved)

    outer(0, [operand.pointer for operand in operands])


def _inner(
    f: Function,
    kind: str,
    lanes: int,
    length: int,
    places: list[Register],
    steps: list[int],
    body: Callable[[Cell], None],
    added: Sequence[int],
) -> None:
    own = vector(kind, lanes)
    summed = [k for k in added if steps[k] == 0]
    zero = "zeroinitializer" if lanes > 1 else "0.0"
    sums: dict[int, Register] = dict.fromkeys(summed, zero)

    def at(start: Register | int, count: int | None) -> None:
        cell = Cell(f, kind, lanes, count)
        cell.places = [
            f.at(place, start if step == 1 else f.times(str(start), step), kind) if step else place
            for place, step in zip(places, steps, strict=True)
        ]
        cell.steps, cell.sums = steps, sums
        body(cell)

    whole, tail = divmod(length, lanes)
    if whole == 1:
        at(0, None)
    elif whole:
        with f.loop(whole, [(own, zero) for _ in summed]) as loop:
            sums.update(zip(summed, loop.values, strict=True))
            at(f.times(loop.counter, lanes), None)
            loop.next = [sums[k] for k in summed]
    if tail:
        at(whole * lanes, tail)
    for k in summed:
        total = f.lane_sum(sums[k], kind, lanes)
        f.store(f.binary("fadd", f.load(places[k], kind, 1), total, kind, 1), places[k], kind, 1)


def _merged(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """The same places with as few axes as possible."""
    axes = [axis for axis, length in enumerate(shape) if length != 1]
    lengths: list[int] = []
    merged: list[list[int]] = [[] for _ in strides]
    for axis in axes:
        steps = [own[axis] for own in strides]
        if lengths and all(own[-1] == step * shape[axis] for own, step in zip(merged, steps, strict=True)):
            lengths[-1] *= shape[axis]
            for own, step in zip(merged, steps, strict=True):
                own[-1] = step
        else:
            lengths.append(shape[axis])
            for own, step in zip(merged, steps, strict=True):
                own.append(step)
    if not lengths:
        return [1], [[0] for _ in strides]
    return lengths, merged


def _innermost(lengths: Sequence[int], strides: Sequence[Sequence[int]]) -> int:
    """The axis along which all operands are contiguous or constant, the longest; else the last."""
    fit = [axis for axis in range(len(lengths)) if all(own[axis] in (0, 1) for own in strides)]
    return max(fit, key=lambda axis: (lengths[axis], axis)) if fit else len(lengths) - 1
