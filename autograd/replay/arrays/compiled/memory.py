"""The arrays of a compiled program: those it owns, allotted once, and those it is given in each run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.compiled.module import Buffer
from autograd.replay.arrays.compiled.recognition import Recognition
from autograd.replay.arrays.compiled.views import View
from autograd.replay.arrays.compiled.writer import Stage, Writer
from autograd.replay.tape import CONSTANT, Tape

_SMALL = 1 << 15  # bytes that are sooner copied than allotted anew and told to the machine code
_LINE = 64  # bytes of a cache line


class Memory:
    """Attributes:
    values, gradients_of: the array of each root that has one.
    table, address: the addresses that the machine code reads, and where they are.
    seeded: the roots whose gradients hold the outputs' own at the start of a pull.
    wanted: the roots whose gradients are returned.
    pulled: the roots whose gradients NumPy steps read or add to.
    """

    def __init__(self, tape: Tape, recognition: Recognition, writer: Writer) -> None:
        self.tape, self.views, self.writer = tape, recognition.views, writer
        self.indices = recognition.indices
        self.inputs: Sequence[Any] = ()
        self.values: list[Any] = [None] * len(tape)
        self.gradients_of: list[Any] = [None] * len(tape)
        self.pulled: set[int] = set()
        self.given = [(number, spec.places[0]) for number, spec in enumerate(tape.inputs) if spec.places]
        self.leaf_places = list(tape.leaves)
        self.wanted = [
            *(spec.places[0] for spec in tape.inputs if spec.differentiable),
            *(place for place in tape.leaves if tape.requires[place]),
        ]
        self.made_by_code = {place for part in recognition.parts if isinstance(part, Stage) for place in part.makes}
        seeded = [place for place in tape.outputs if tape.requires[place]]
        self.seeded = {self.views[place].root for place in seeded}
        alone = self._outputs_alone(recognition)
        self.fresh_outputs = {place for place in alone if self._is_large(place)}
        self.lent_seeds = self.fresh_outputs.intersection(seeded)
        self.copied_seeds = alone.intersection(seeded) - self.lent_seeds
        self.cleared = self.seeded - alone

    def _outputs_alone(self, recognition: Recognition) -> set[int]:
        """The outputs that machine code makes and nothing else reads."""
        used = {self.views[place].root for step in recognition.steps.values() for place in step.arguments}
        times = Counter(self.views[place].root for place in self.tape.outputs)
        return {
            place
            for place in self.tape.outputs
            if place in self.made_by_code and times[place] == 1 and place not in used | recognition.named
        }

    def _is_large(self, root: int) -> bool:
        size: int = np.dtype(self.tape.dtypes[root]).itemsize
        return math.prod(self.views[root].shape) * size > _SMALL

    def _new(self, root: int) -> Any:
        return aligned(tuple(self.tape.shapes[root]), np.dtype(self.tape.dtypes[root]))

    # ---- allotment ------------------------------------------------------------------------------------------------

    def allot(self) -> None:
        """Allot what is owned, once it is known what the machine code uses."""
        tape, slots = self.tape, self.writer.module.slots
        self.fresh_outputs -= self.writer.read_backward
        self.table = aligned((len(slots) + 1,), np.dtype(np.int64))
        self.address: int = self.table.ctypes.data
        self._bound: dict[int, Any] = {}  # the array whose address is in each slot
        self.value_slots = {buffer[1]: slot for buffer, slot in slots.items() if buffer[0] == "value"}
        self.gradient_slots = {buffer[1]: slot for buffer, slot in slots.items() if buffer[0] == "gradient"}
        for buffer, slot in slots.items():
            if buffer[0] not in ("value", "gradient"):
                self._bind(slot, self._work(buffer))
        self.integers = [(self._bound[slot], buffer[1]) for buffer, slot in slots.items() if buffer[0] == "given"]
        self.status = self._bound[slots["status",]] if ("status",) in slots else None
        self.flags = [self._bound[slot] for buffer, slot in slots.items() if buffer[0] == "flag"]
        for place, array in tape.constants.items():
            self.hold(place, np.ascontiguousarray(array))
        for root in self.value_slots.keys() - self._outside() - self.fresh_outputs:
            self.hold(root, self._new(root))
        self.fresh_gradients = [root for root in self.wanted if self._is_large(root)]
        self.copied_gradients = [root for root in self.wanted if not self._is_large(root)]
        kept = self.gradient_slots.keys() | self.pulled | self.seeded | set(self.wanted)
        for root in kept - self.lent_seeds - set(self.fresh_gradients):
            self.hold_gradient(root, self._new(root))
        self.found_outputs = [  # the array to copy, where it is always the same
            (self.values[place] if place in self.made_by_code else None, place) for place in tape.outputs
        ]

    def _outside(self) -> set[int]:
        """The roots whose values are given."""
        codes = enumerate(self.tape.codes.tolist())
        constants = {place for place, code in codes if code == CONSTANT}
        return constants | {place for _, place in self.given} | set(self.leaf_places)

    def _work(self, buffer: Buffer) -> Any:
        """A buffer that holds no place's numbers."""
        integers = np.dtype(np.int64)
        match buffer[0]:
            case "index":
                array = aligned(self.indices[buffer].shape, integers)
                array[...] = self.indices[buffer]
                return array
            case "given":
                return aligned(self.tape.inputs[buffer[1]].shape, integers)
            case "status":
                return aligned((1,), integers)
            case "flag":
                return aligned((1,), np.dtype(np.float32 if buffer[1] == "float" else np.float64))
        return aligned((self.writer.module.sizes[buffer],), np.dtype(np.int8))

    def _bind(self, slot: int, array: Any) -> None:
        self.table[slot] = array.ctypes.data
        self._bound[slot] = array

    def hold(self, root: int, array: Any) -> None:
        """Take an array as a root's values."""
        self.values[root] = array
        slot = self.value_slots.get(root)
        if slot is not None:
            self._bind(slot, array)

    def hold_gradient(self, root: int, array: Any) -> None:
        """Take an array as a root's gradient."""
        self.gradients_of[root] = array
        slot = self.gradient_slots.get(root)
        if slot is not None:
            self._bind(slot, array)

    # ---- a run ----------------------------------------------------------------------------------------------------

    def take(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> None:
        """Take the arrays of a run; those that are the same as before are where they were."""
        self.inputs = inputs
        values = self.values
        for number, place in self.given:
            array = inputs[number]
            if values[place] is not array:
                self.hold(place, array if array.flags.c_contiguous else array.copy())
        for place, array in zip(self.leaf_places, leaves, strict=True):
            if values[place] is not array:
                self.hold(place, array if array.flags.c_contiguous else array.copy())
        for own, number in self.integers:
            own[...] = inputs[number]
        if self.status is not None:
            self.status[0] = 0
        for place in self.fresh_outputs:
            self.hold(place, np.empty(self.tape.shapes[place], self.tape.dtypes[place]))

    def value(self, place: int) -> Any:
        """A place's array."""
        view = self.views[place]
        return view.of(self.values[view.root])

    def outputs(self) -> list[Any] | None:
        """The results, as the caller's own arrays; None where an index was out of range."""
        if self.status is not None and self.status.item():
            return None
        return [
            own.copy() if own is not None else self.values[place] if place in self.fresh_outputs else self._copy(place)
            for own, place in self.found_outputs
        ]

    def _copy(self, place: int) -> Any:
        return np.array(self.value(place))

    # ---- a pull ---------------------------------------------------------------------------------------------------

    def seed(self, seeds: Sequence[Any]) -> None:
        """Take the outputs' gradients, None for 0."""
        for root in self.fresh_gradients:
            self.hold_gradient(root, np.empty(self.tape.shapes[root], self.tape.dtypes[root]))
        for root in self.cleared:
            self.gradients_of[root][...] = 0
        for place, seed in zip(self.tape.outputs, seeds, strict=True):
            if place in self.copied_seeds:
                self.gradients_of[place][...] = 0 if seed is None else seed
            elif place in self.lent_seeds:
                own = np.zeros(self.tape.shapes[place], self.tape.dtypes[place]) if seed is None else seed
                self.hold_gradient(place, np.ascontiguousarray(own))
            elif seed is not None and self.tape.requires[place]:
                self.add(place, seed)

    def gradient(self, place: int) -> Any:
        """The array of a place's gradient."""
        view = self.views[place]
        return view.of(self.gradients_of[view.root])

    def clear(self, place: int) -> None:
        """Set the gradient of what a place lies in to 0."""
        self.gradients_of[self.views[place].root][...] = 0

    def add(self, place: int, contribution: Any, first: bool = False) -> None:
        """Add to a place's gradient; of one that is broadcast, the sum. The first contribution need not be added."""
        view = self.views[place]
        if first:
            if self.writer.covers(view):
                view.of(self.gradients_of[view.root])[...] = contribution
                return
            self.clear(place)
        axes = enumerate(zip(view.strides, view.shape, strict=True))
        spread = tuple(axis for axis, (step, length) in axes if step == 0 and length > 1)
        if spread:
            contribution = np.sum(contribution, axis=spread, keepdims=True)
            kept = tuple(1 if axis in spread else length for axis, length in enumerate(view.shape))
            view = View(view.root, view.offset, kept, view.strides)
        target = view.of(self.gradients_of[view.root])
        target += contribution

    def gradients(self) -> dict[int, Any] | None:
        """The gradients that are returned, by place; None where one of them is not finite."""
        for flag in self.flags:
            if flag.item() != 0.0:
                return None
        found = {place: self.gradients_of[place].copy() for place in self.copied_gradients}
        for place in self.fresh_gradients:
            found[place] = self.gradients_of[place]
            self.gradients_of[place] = None
        return found


def aligned(shape: Sequence[int], dtype: np.dtype[Any]) -> Any:
    """Zeros that begin on a cache line, with two more lines behind them."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + 3 * _LINE, np.int8)
    start = -memory.ctypes.data % _LINE
    return memory[start : start + size].view(dtype).reshape(shape)
