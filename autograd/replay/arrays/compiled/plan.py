"""`CompiledPlan`: a tape as machine code and NumPy steps in turn, with the memory that both work on."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.replay.arrays.compiled import native
from autograd.replay.arrays.compiled.memory import Memory
from autograd.replay.arrays.compiled.module import Module
from autograd.replay.arrays.compiled.nests import Cell, Operand, nest, zero
from autograd.replay.arrays.compiled.recognition import Recognition
from autograd.replay.arrays.compiled.steps import NumpyStep
from autograd.replay.arrays.compiled.views import View
from autograd.replay.arrays.compiled.writer import Stage, Writer
from autograd.replay.tape import Tape

Work = Callable[[], None]


class CompiledPlan:
    """Runs a tape forward and backward.

    Attributes:
        is_worthwhile: whether there is anything to compile.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        recognition = Recognition(tape, native.machine())
        self.views: list[View] = recognition.views
        self.is_worthwhile = any(isinstance(part, Stage) for part in recognition.parts)
        if not self.is_worthwhile:
            return
        self.module = Module(native.machine())
        self.writer = Writer(tape, self.views, self.module)
        self.memory = Memory(tape, recognition, self.writer)
        steps = {
            part.place: NumpyStep(tape, part, self.memory) for part in recognition.parts if not isinstance(part, Stage)
        }
        segments = _segments(recognition.parts)
        forward = [self._forward(k, segment, steps) for k, segment in enumerate(segments)]
        self.writer.backward = True
        self.writer.received = set(self.memory.seeded)
        backward = [self._backward(k, segment, steps) for k, segment in reversed(list(enumerate(segments)))]
        self._write_check()
        text = self.module.text()
        key = hashlib.sha256(f"{native.identity()}\n{text}".encode()).hexdigest()[:40]
        self.library = native.library(key, lambda: text)
        self.memory.allot()
        table = self.memory.address
        self.forward_work = [self._bound(work, table) for work in forward]
        self.backward_work = [self._bound(work, table) for work in backward if work is not None]
        self.check = self._bound("check", table)

    def _bound(self, work: Any, table: int) -> Work:
        if not isinstance(work, str):
            return work  # type: ignore[no-any-return]
        function = self.library.function(work)
        return lambda: function(table)

    def _forward(self, number: int, segment: Any, steps: dict[int, NumpyStep]) -> Any:
        if not isinstance(segment, list):
            return steps[segment.place].run
        self.writer.f = self.module.function(f"forward{number}")
        for stage in segment:
            stage.forward(self.writer)
        return f"forward{number}"

    def _backward(self, number: int, segment: Any, steps: dict[int, NumpyStep]) -> Any:
        tape = self.tape
        if not isinstance(segment, list):
            if not tape.requires[segment.place]:
                return None
            return steps[segment.place].plan_pull(self.writer.received)
        wanted = [stage for stage in reversed(segment) if tape.requires[stage.makes[0]]]
        if not wanted:
            return None
        self.writer.f = self.module.function(f"backward{number}")
        for stage in wanted:
            if self.views[stage.makes[0]].root not in self.writer.received:
                self.writer.clear(self.views[stage.makes[0]].root)
            stage.backward_of(self.writer)
        return f"backward{number}"

    def _write_check(self) -> None:
        """Write what tells whether a gradient that is returned holds a NaN or an infinity: the sum of 0 · it is NaN."""
        w = self.writer
        w.f = self.module.function("check")
        for root in self.memory.wanted:
            if root not in w.received:
                w.clear(root)
        for kind in dict.fromkeys(map(w.kind, self.memory.wanted)):
            flag = w.f.pointer(self.module.slot(("flag", kind)))
            w.fill(flag, 1, kind)
            for root in self.memory.wanted:
                if w.kind(root) == kind:
                    operands = [Operand(w.gradient(root).pointer, (1,)), Operand(flag, (0,))]
                    nest(w.f, kind, (math.prod(self.views[root].shape),), operands, _zero_times, added=[1])

    # ---- a run ----------------------------------------------------------------------------------------------------

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> list[Any] | None:
        """The outputs; None where an index is out of range, of which NumPy shall tell."""
        memory = self.memory
        memory.take(inputs, leaves)
        for work in self.forward_work:
            work()
        return memory.outputs()

    def pull(self, seeds: Sequence[Any]) -> dict[int, Any] | None:
        """The gradients of inputs and leaves by place; None where a NaN may show in one of them."""
        memory = self.memory
        memory.seed(seeds)
        for work in self.backward_work:
            work()
        self.check()
        return memory.gradients()


def _zero_times(cell: Cell) -> None:
    cell.add(1, cell.f.binary("fmul", cell.read(0), zero(cell), cell.kind, cell.lanes))


def _segments(parts: Sequence[Any]) -> list[Any]:
    """Stages that follow each other as one list, steps as they are."""
    found: list[Any] = []
    for part in parts:
        if not isinstance(part, Stage):
            found.append(part)
        elif found and isinstance(found[-1], list):
            found[-1].append(part)
        else:
            found.append([part])
    return found
