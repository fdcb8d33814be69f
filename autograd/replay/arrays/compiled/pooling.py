"""Bias, relu and the maximum of 2-D windows that lie side by side, of results that a convolution has just left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd.replay.arrays.compiled.assembly import Register, vector
from autograd.replay.arrays.compiled.geometry import Geometry
from autograd.replay.arrays.compiled.nests import Operand
from autograd.replay.arrays.compiled.writer import Writer

_CLOSED = 127  # in place of the chosen element's number: relu's gate is closed, nothing goes back


@dataclass(frozen=True)
class Pooling:
    """Attributes:
    kernel: of the windows, which is their stride; the second number is 1 or 2.
    counts: of windows along both axes.
    relu: whether relu comes ahead of the maximum.
    """

    kernel: tuple[int, int]
    counts: tuple[int, int]
    relu: bool

    @property
    def windows(self) -> int:
        """How many lie in an image."""
        return math.prod(self.counts)

    def write(
        self,
        w: Writer,
        g: Geometry,
        results: Register,
        height: int,
        bias: Register | None,
        bias_step: int,
        out: Operand,
        chosen: Register,
        first: Register,
        kernel: Register,
    ) -> None:
        """Write the maxima of some kernels' results, and which elements they are: the first of equals, or of NaNs."""
        f, kind, lanes = w.f, g.kind, g.lanes

        def row(m: Register, b: Register, y: Register, start: int, count: int) -> None:
            parts = self._elements(w, g, f.at(results, self._place(w, g, m, g.y_pitch, b, y), kind), start)
            if bias is not None:
                added = f.splat(f.load(f.at(bias, f.times(m, bias_step), kind), kind, 1), kind, lanes)
                parts = [f.binary("fadd", part, added, kind, lanes) for part in parts]
            largest, place = self._largest(w, parts, kind, lanes)
            at = self._window(w, g, f.plus(first, b), f.plus(kernel, m), y, start)
            f.store(largest, f.at(out.pointer, at, kind), kind, lanes, count)
            f.store(place, f.at(chosen, at, "i8"), "i8", lanes, count)

        with f.loop(height) as m, f.loop(g.block) as b, f.loop(self.counts[0]) as y:
            for start in range(0, self.counts[1], lanes):
                row(m.counter, b.counter, y.counter, start, min(lanes, self.counts[1] - start))

    def write_back(
        self, w: Writer, g: Geometry, gradient: Operand, chosen: Register, first: Register, rows: Register
    ) -> None:
        """Lay the gradients where the chosen elements were, and zeros around them.

        Whole vectors are written, also where a row is shorter: what they reach of the next row is written after.
        """
        f, kind, lanes = w.f, g.kind, g.lanes
        own = vector(kind, lanes)

        def part(m: Register, b: Register, y: Register, dy: int, start: int, count: int) -> None:
            at = self._window(w, g, f.plus(first, b), m, y, start)
            received = f.load(f.at(gradient.pointer, at, kind), kind, lanes, count)
            place = f.load(f.at(chosen, at, "i8"), "i8", lanes, count)
            parts = []
            for dx in range(self.kernel[1]):
                number = dy * self.kernel[1] + dx
                same = f.op(f"icmp eq <{lanes} x i8> {place}, {_bytes(number, lanes)}")
                parts.append(f.op(f"select <{lanes} x i1> {same}, {own} {received}, {own} zeroinitializer"))
            target = f.at(rows, self._place(w, g, m, g.g_pitch, b, y), kind)
            self._lay(w, g, f.at(target, dy * g.steps[0] + start * self.kernel[1], kind), parts)

        with f.loop(g.groups * g.kernels) as m, f.loop(g.block) as b, f.loop(self.counts[0]) as y:
            for dy in range(self.kernel[0]):  # row by row, from left to right
                for start in range(0, self.counts[1], lanes):
                    part(m.counter, b.counter, y.counter, dy, start, min(lanes, self.counts[1] - start))

    def _place(self, w: Writer, g: Geometry, m: Register, pitch: int, b: Register, y: Register) -> Register:
        f = w.f
        at = f.plus(f.times(m, pitch), f.times(b, g.example))
        return f.plus(at, f.times(y, self.kernel[0] * g.steps[0]))

    def _window(self, w: Writer, g: Geometry, example: Register, kernel: Register, y: Register, start: int) -> Register:
        f = w.f
        at = f.plus(f.times(example, g.groups * g.kernels), kernel)
        return f.plus(f.plus(f.times(at, self.windows), f.times(y, self.counts[1])), start)

    def _elements(self, w: Writer, g: Geometry, pointer: Register, start: int) -> list[Register]:
        """For each element of the windows in row-major order, a vector of those of neighbouring windows."""
        f, kind, lanes = w.f, g.kind, g.lanes
        parts = []
        for dy in range(self.kernel[0]):
            at = f.at(pointer, dy * g.steps[0] + start * self.kernel[1], kind)
            low = f.load(at, kind, lanes)
            if self.kernel[1] == 1:
                parts.append(low)
                continue
            high = f.load(f.at(at, lanes, kind), kind, lanes)
            parts += [f.shuffle(low, high, range(dx, 2 * lanes, 2), kind, lanes) for dx in (0, 1)]
        return parts

    def _lay(self, w: Writer, g: Geometry, pointer: Register, parts: list[Register]) -> None:
        f, kind, lanes = w.f, g.kind, g.lanes
        if len(parts) == 1:
            f.store(parts[0], pointer, kind, lanes)
            return
        for half in (0, 1):
            places = [lane // 2 + lane % 2 * lanes + half * lanes // 2 for lane in range(lanes)]
            f.store(f.shuffle(parts[0], parts[1], places, kind, lanes), f.at(pointer, half * lanes, kind), kind, lanes)

    def _largest(self, w: Writer, parts: list[Register], kind: str, lanes: int) -> tuple[Register, Register]:
        f, own, gates = w.f, vector(kind, lanes), f"<{lanes} x i1>"

        def compare(how: str, a: Register, b: Register) -> Register:
            return f.op(f"fcmp {how} {own} {a}, {b}")

        largest, place = parts[0], "zeroinitializer"
        for number, part in enumerate(parts[1:], start=1):
            higher = compare("ugt", part, largest)  # also where one of them is NaN, of which the first stays
            number_yet = compare("ord", largest, largest)
            taken = f.op(f"and {gates} {higher}, {number_yet}")
            largest = f.op(f"select {gates} {taken}, {own} {part}, {own} {largest}")
            place = f.op(f"select {gates} {taken}, <{lanes} x i8> {_bytes(number, lanes)}, <{lanes} x i8> {place}")
        if self.relu:
            kept = compare("ugt", largest, "zeroinitializer")
            open_ = compare("ogt", largest, "zeroinitializer")
            largest = f.op(f"select {gates} {kept}, {own} {largest}, {own} zeroinitializer")
            place = f.op(f"select {gates} {open_}, <{lanes} x i8> {place}, <{lanes} x i8> {_bytes(_CLOSED, lanes)}")
        return largest, place


def _bytes(number: int, lanes: int) -> str:
    return "<" + ", ".join([f"i8 {number}"] * lanes) + ">"
