"""The NumPy executor of tapes of Values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.scalars.buffers import Buffers
from autograd.replay.scalars.plan import Plan, make_plan
from autograd.replay.tape import Tape

_MOST_NUMBERS = 4_000_000  # of one kind of buffer: a larger batch runs in pieces


class Scalars:
    """Runs a tape of Values, group by group; a batch runs as one more axis of every row."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.plan: Plan = make_plan(tape)
        self._outputs = np.array(self.plan.outputs)
        self._buffers: dict[int | None, Any] = {}
        self._pieces: list[tuple[list[Any], int | None]] = []
        self._leaves: Sequence[float] = ()

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any], batch: int | None) -> list[Any]:
        """The outputs; see `Executor`."""
        self._leaves = leaves
        self._pieces = self._split(inputs, batch)
        outputs = [self._run(*piece) for piece in self._pieces]
        if len(outputs) == 1:
            return outputs[0]
        return [np.concatenate([piece[number] for piece in outputs]) for number in range(len(self.tape.outputs))]

    def pull(self, seeds: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The gradients; see `Executor`."""
        if len(self._pieces) == 1:
            return self._pull(seeds, self._pieces[0][1])
        found = []
        begin = 0
        for piece in self._pieces:
            self._run(*piece)
            end = begin + (piece[1] or 0)
            found.append(self._pull([None if seed is None else seed[begin:end] for seed in seeds], piece[1]))
            begin = end
        return self._joined(found)

    # ---- pieces of a batch ----------------------------------------------------------------------------------------

    def _split(self, inputs: Sequence[Any], batch: int | None) -> list[tuple[list[Any], int | None]]:
        self._batched = [array.ndim > len(each.shape) for array, each in zip(inputs, self.tape.inputs, strict=True)]
        length = max(1, _MOST_NUMBERS // max(self.plan.rows, self.plan.contributions, 1))
        if batch is None or batch <= length:
            return [(list(inputs), batch)]
        pieces: list[tuple[list[Any], int | None]] = []
        for begin in range(0, batch, length):
            end = min(begin + length, batch)
            own = [array[begin:end] if split else array for array, split in zip(inputs, self._batched, strict=True)]
            pieces.append((own, end - begin))
        return pieces

    def _joined(self, found: list[tuple[list[Any], list[Any]]]) -> tuple[list[Any], list[Any]]:
        to_inputs = [
            None if own[0] is None else np.concatenate(own) if split else sum(own[1:], start=own[0])
            for own, split in zip(zip(*(inputs for inputs, _ in found), strict=True), self._batched, strict=True)
        ]
        to_leaves = [
            sum(own) for own in zip(*(leaves for _, leaves in found), strict=True)
        ]
        return to_inputs, to_leaves

    # ---- one piece ------------------------------------------------------------------------------------------------

    def _run(self, inputs: Sequence[Any], batch: int | None) -> list[Any]:
        buffers = self._buffers.get(batch)
        if buffers is None:
            if len(self._buffers) > 1:  # sizes come and go; two of them, a batch and its last piece, stay
                self._buffers.pop(next(iter(self._buffers)))
            buffers = self._buffers[batch] = self._new_buffers(batch)
        data = buffers.data
        for (first, count), array, split in zip(self.plan.inputs, inputs, self._batched, strict=True):
            if count:
                rows = array.reshape(batch, count).T if split else array.reshape(count)
                data[first : first + count] = rows if split or batch is None else rows[:, np.newaxis]
        first, count = self.plan.leaves
        if count:
            values = np.fromiter(self._leaves, dtype=float, count=count)
            data[first : first + count] = values if batch is None else values[:, np.newaxis]
        buffers.forward()
        return list(data[self._outputs])

    def _new_buffers(self, batch: int | None) -> Any:
        return Buffers(self.plan, batch)

    def _pull(self, seeds: Sequence[Any], batch: int | None) -> tuple[list[Any], list[Any]]:
        buffers = self._buffers[batch]
        gradients = buffers.backward(seeds)
        to_inputs: list[Any] = []
        for (first, count), each, split in zip(self.plan.inputs, self.tape.inputs, self._batched, strict=True):
            own = gradients[first : first + count]
            if not each.differentiable:
                to_inputs.append(None)
            elif split:
                to_inputs.append(own.T.reshape(batch, *each.shape).copy())
            else:
                to_inputs.append((own if batch is None else own.sum(axis=1)).reshape(each.shape).copy())
        first, count = self.plan.leaves
        own = gradients[first : first + count]
        to_leaves = (own if batch is None else own.sum(axis=1)).tolist()
        return to_inputs, to_leaves
