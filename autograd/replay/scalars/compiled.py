"""The compiled executor of tapes of Values."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from autograd.primitives import elementwise as table
from autograd.replay.extras import import_compiled
from autograd.replay.scalars.buffers import Action, Buffers
from autograd.replay.scalars.executor import Scalars
from autograd.replay.scalars.plan import Group, Plan
from autograd.replay.tape import Tape
from autograd.rule import Primitive

calculus: Any = import_compiled("autograd.replay.scalars.calculus")

_OPCODES: dict[Primitive, int] = {
    table.add: calculus.ADD,
    table.subtract: calculus.SUBTRACT,
    table.multiply: calculus.MULTIPLY,
    table.divide: calculus.DIVIDE,
    table.negative: calculus.NEGATIVE,
    table.square: calculus.SQUARE,
    table.relu: calculus.RELU,
    table.absolute: calculus.ABSOLUTE,
    table.exp: calculus.EXP,
    table.log: calculus.LOG,
    table.sqrt: calculus.SQRT,
    table.tanh: calculus.TANH,
    table.sigmoid: calculus.SIGMOID,
    table.sin: calculus.SIN,
    table.cos: calculus.COS,
    table.maximum: calculus.MAXIMUM,
    table.minimum: calculus.MINIMUM,
}


class CompiledScalars(Scalars):
    """Runs a tape of Values by compiled loops; a group whose primitive they do not know runs in NumPy."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(tape)
        self._program = _Lines(self.plan)
        self.plan = self._program.plan

    def _new_buffers(self, batch: int | None) -> Buffers:
        return _CompiledBuffers(self.plan, batch, self._program)


class _Lines:
    """A plan as the tables that the kernels read: one for each run of groups that they know.

    Attributes:
        index: the rows that groups read and gather, one after another.
        plan: the plan, in which these rows are parts of the index.
    """

    def __init__(self, plan: Plan) -> None:
        self._rows = plan.rows
        self._index: list[Any] = []
        self._length = 0
        self._at: dict[int, int] = {}
        self.tables: dict[int, Any] = {}  # by the number of a run's first group
        self.runs = [
            (known, [number for number, _ in members])
            for known, members in groupby(enumerate(plan.groups), key=lambda pair: _opcode(pair[1]) is not None)
        ]
        for known, numbers in self.runs:
            if known:
                lines = [self._line(plan.groups[number]) for number in numbers]
                self.tables[numbers[0]] = np.array(lines, dtype=np.int64).reshape(-1, calculus.COLUMNS)
        self.index = np.concatenate(self._index) if self._index else np.empty(0, dtype=np.intp)
        self.plan = replace(plan, groups=tuple(map(self._sharing, plan.groups)))
        del self._index, self._at

    def _line(self, group: Group) -> list[int]:
        operands = [self._put(rows) for rows in group.operands]
        gathered = -1 if group.gathered is None else self._put(group.gathered)
        written = [-1 if start < 0 else self._rows + start for start in group.written]
        opcode = _opcode(group)
        assert opcode is not None
        return [
            opcode, group.start, group.count, len(group.operands[0]) if group.is_chain else 1, *_pair(operands),
            0 if group.gathered is None else len(group.gathered), gathered, *_pair(written),
        ]  # fmt: skip

    def _put(self, rows: Any) -> int:
        start = self._at[id(rows)] = self._length
        self._index.append(rows.reshape(-1))
        self._length += rows.size
        return start

    def _sharing(self, group: Group) -> Group:
        """The group with its rows as parts of the index, so that they are held once."""
        gathered = None if group.gathered is None else self._part(group.gathered)
        return replace(group, operands=tuple(map(self._part, group.operands)), gathered=gathered)

    def _part(self, rows: Any) -> Any:
        start = self._at.get(id(rows))
        return rows if start is None else self.index[start : start + rows.size].reshape(rows.shape)


def _opcode(group: Group) -> int | None:
    if group.is_chain:
        return int(calculus.CHAIN)
    return None if group.params else _OPCODES.get(group.rule)


def _pair(numbers: list[int] | tuple[int, ...]) -> tuple[int, int]:
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (numbers[0], -1)


class _CompiledBuffers(Buffers):
    """Buffers whose work is done by the kernels, run by run."""

    def __init__(self, plan: Plan, batch: int | None, lines: _Lines) -> None:
        self._lines = lines
        super().__init__(plan, batch)

    def _bind(self) -> None:
        super()._bind()
        lines, plan = self._lines, self.plan
        self._kernels = import_compiled(f"autograd.replay.scalars.{'batch' if self.tail else 'flat'}_kernels")
        forward: list[Action] = []
        backward: list[Action] = []
        for known, numbers in lines.runs:
            if known:
                own = lines.tables[numbers[0]]
                forward.append(_call(self._kernels.forward, self.data, own, lines.index))
                pulled = own[own[:, calculus.USES] > 0][::-1].copy()
                backward.insert(0, _call(self._kernels.backward, self.data, self.sources, pulled, lines.index))
            else:
                groups = [plan.groups[number] for number in numbers]
                forward += map(self._computation, groups)
                backward[:0] = [action for group in reversed(groups) for action in self._pulls(group)]
        self._forward, self._backward = forward, backward

    def _received(self) -> Any:
        for rows, gathered in self.plan.received:
            self._kernels.receive(self.sources, rows, gathered)
        return self.sources[: self.plan.constants[0]]


def _call(kernel: Any, *arguments: Any) -> Action:
    calculus.compile_for(kernel, arguments)
    return lambda: kernel(*arguments)
