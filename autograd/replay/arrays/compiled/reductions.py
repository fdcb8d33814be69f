"""The stages of sums, constant maxima and logsumexp, of elements taken by integers, and of row-major copies."""

from __future__ import annotations

import math
from typing import Any

from autograd.replay.arrays.compiled.assembly import shape_suffix, vector
from autograd.replay.arrays.compiled.elementwise import call, chosen, number
from autograd.replay.arrays.compiled.nests import Cell, Operand, nest, zero
from autograd.replay.arrays.compiled.views import dense_strides
from autograd.replay.arrays.compiled.writer import Stage, Writer, copied, increased


def kept_strides(shape: tuple[int, ...], axes: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a reduced array, with its reduced axes or without, along the axes of the whole: 0 along those."""
    if len(strides) == len(shape):
        return tuple(0 if axis in axes else step for axis, step in enumerate(strides))
    rest = iter(strides)
    return tuple(0 if axis in axes else next(rest) for axis in range(len(shape)))


class Sum(Stage):
    """A sum over axes."""

    def __init__(self, place: int, x: int, axes: tuple[int, ...]) -> None:
        self.out, self.x, self.axes = place, x, axes
        self.makes = (place,)

    def _out(self, w: Writer, operand: Operand) -> Operand:
        return Operand(operand.pointer, kept_strides(w.views[self.x].shape, self.axes, operand.strides))

    def forward(self, w: Writer) -> None:
        view, kind = w.views[self.out], w.kind(self.out)
        out = w.value(self.out)
        w.fill(out.pointer, math.prod(view.shape), kind)
        nest(w.f, kind, w.views[self.x].shape, [w.value(self.x), self._out(w, out)], increased, added=[1])

    def backward_of(self, w: Writer) -> None:
        operands = [self._out(w, w.gradient(self.out))]
        target, first = w.contribution(self.x)
        body, added = (copied, []) if first else (increased, [1])
        nest(w.f, w.kind(self.out), w.views[self.x].shape, [*operands, target], body, added=added)


class Largest(Sum):
    """The largest element along axes, or NaN where there is one; no gradient passes it."""

    def forward(self, w: Writer) -> None:
        out = w.value(self.out)
        write_largest(w, self.out, w.value(self.x), self._out(w, out), out.pointer, w.views[self.x].shape)

    def backward_of(self, w: Writer) -> None:
        raise AssertionError("a maximum that is a constant has no gradient")


def write_largest(w: Writer, place: int, x: Operand, spread: Operand, out: str, shape: tuple[int, ...]) -> None:
    """Write the largest elements of x to `out`, which as `spread` has the axes of x."""
    f, kind = w.f, w.kind(place)
    count = math.prod(length for length, step in zip(shape, spread.strides, strict=True) if step)
    nest(f, kind, (count,), [Operand(out, (1,))], lambda cell: cell.write(0, number(cell, -math.inf)))

    def body(cell: Cell) -> None:
        if cell.steps[1] or cell.lanes == 1:
            cell.write(1, call(cell, "maximum", cell.read(1), cell.read(0)))
            return
        own = vector(kind, cell.lanes)
        valid = f.op(
            f"select <{cell.lanes} x i1> {_gates(cell)}, {own} {cell.read(0)}, {own} {number(cell, -math.inf)}"
        )
        name = f"@llvm.vector.reduce.fmaximum.{shape_suffix(kind, cell.lanes)}"
        f.declared.add(f"declare {kind} {name}({own})")
        best = f.op(f"call {kind} {name}({own} {valid})")
        best = f.intrinsic("maximum", kind, 1, f.load(cell.places[1], kind, 1), best)
        f.store(best, cell.places[1], kind, 1)

    nest(f, kind, shape, [x, spread], body)


class LogSumExp(Sum):
    """log Σ exp x, from the largest x on."""

    def forward(self, w: Writer) -> None:
        f, kind, shape = w.f, w.kind(self.out), w.views[self.x].shape
        x, out = w.value(self.x), w.value(self.out)
        count = math.prod(w.views[self.out].shape)
        shift = w.work(self.number, "shift", count, kind)
        moved = self._out(w, Operand(shift, dense_strides(w.views[self.out].shape)))
        write_largest(w, self.out, x, moved, shift, shape)
        w.fill(out.pointer, count, kind)

        def finite(cell: Cell) -> None:
            size = call(cell, "fabs", cell.read(0))
            cell.write(0, chosen(cell, "olt", size, number(cell, math.inf), cell.read(0), zero(cell)))

        nest(f, kind, (count,), [Operand(shift, (1,))], finite)

        def summed(cell: Cell) -> None:
            away = f.binary("fsub", cell.read(0), cell.read(1), kind, cell.lanes)
            cell.add(2, call(cell, "exp", away))

        nest(f, kind, shape, [x, moved, self._out(w, out)], summed, added=[2])

        def logarithm(cell: Cell) -> None:
            cell.write(0, f.binary("fadd", call(cell, "log", cell.read(0)), cell.read(1), kind, cell.lanes))

        nest(f, kind, (count,), [Operand(out.pointer, (1,)), Operand(shift, (1,))], logarithm)

    def backward_of(self, w: Writer) -> None:
        f, kind = w.f, w.kind(self.out)
        operands = [self._out(w, w.gradient(self.out)), w.value(self.x), self._out(w, w.value(self.out))]
        target, first = w.contribution(self.x)

        def body(cell: Cell) -> None:
            share = call(cell, "exp", f.binary("fsub", cell.read(1), cell.read(2), kind, cell.lanes))
            weighted = f.binary("fmul", cell.read(0), share, kind, cell.lanes)
            if first:
                cell.write(3, weighted)
            else:
                cell.add(3, weighted)

        nest(f, kind, w.views[self.x].shape, [*operands, target], body, added=[] if first else [3])


def _gates(cell: Cell) -> str:
    count = cell.lanes if cell.count is None else cell.count
    return "<" + ", ".join(f"i1 {int(lane < count)}" for lane in range(cell.lanes)) + ">"


class Copy(Stage):
    """A copy into row-major order, for a reshape of what lies otherwise."""

    def __init__(self, place: int, x: int) -> None:
        self.out, self.x = place, x
        self.makes = (place,)

    def _out(self, w: Writer, operand: Operand) -> Operand:
        return Operand(operand.pointer, dense_strides(w.views[self.x].shape))

    def forward(self, w: Writer) -> None:
        operands = [w.value(self.x), self._out(w, w.value(self.out))]
        nest(w.f, w.kind(self.out), w.views[self.x].shape, operands, copied)

    def backward_of(self, w: Writer) -> None:
        operands = [self._out(w, w.gradient(self.out))]
        target, first = w.contribution(self.x)
        body, added = (copied, []) if first else (increased, [1])
        nest(w.f, w.kind(self.out), w.views[self.x].shape, [*operands, target], body, added=added)


class Taken(Stage):
    """Elements taken by integer arrays of one axis: out[i] = x[a[i], b[i], ...].

    An index that is out of range is told in the program's status, and NumPy's own error is left to NumPy.

    Attributes:
        indices: for each axis a buffer of integers, filled in before each run.
    """

    def __init__(self, place: int, x: int, indices: tuple[tuple[Any, ...], ...], length: int) -> None:
        self.out, self.x, self.indices, self.length = place, x, indices, length
        self.makes = (place,)

    def _places(self, w: Writer, i: str, strides: tuple[int, ...]) -> tuple[str, str]:
        """Where element i is taken from, and whether an index was out of range."""
        f = w.f
        at, wrong = "0", "false"
        for buffer, length, step in zip(self.indices, w.views[self.x].shape, strides, strict=True):
            given = f.op(f"load i64, ptr {f.at(f.pointer(w.module.slot(buffer)), i, 'i64')}")
            below = f.op(f"icmp slt i64 {given}, 0")
            index = f.op(f"select i1 {below}, i64 {f.plus(given, length)}, i64 {given}")
            outside = f.op(f"icmp uge i64 {index}, {length}")
            index = f.op(f"select i1 {outside}, i64 0, i64 {index}")
            wrong = f.op(f"or i1 {wrong}, {outside}")
            at = f.plus(at, f.times(index, step))
        return at, wrong

    def forward(self, w: Writer) -> None:
        f, kind = w.f, w.kind(self.out)
        x, out = w.value(self.x), w.value(self.out)
        status = f.pointer(w.module.slot(("status",)))
        for buffer in self.indices:
            f.pointer(w.module.slot(buffer))
        with f.loop(self.length) as loop:
            at, wrong = self._places(w, loop.counter, x.strides)
            f.store(f.load(f.at(x.pointer, at, kind), kind, 1), f.at(out.pointer, loop.counter, kind), kind, 1)
            seen = f.op(f"load i64, ptr {status}")
            f.emit(f"store i64 {f.op(f'or i64 {seen}, ' + f.op(f'zext i1 {wrong} to i64'))}, ptr {status}")

    def backward_of(self, w: Writer) -> None:
        f, kind = w.f, w.kind(self.out)
        gradient, target = w.gradient(self.out), w.sum(self.x)
        with f.loop(self.length) as loop:
            at, _ = self._places(w, loop.counter, target.strides)
            place = f.at(target.pointer, at, kind)
            received = f.load(f.at(gradient.pointer, loop.counter, kind), kind, 1)
            f.store(f.binary("fadd", f.load(place, kind, 1), received, kind, 1), place, kind, 1)
