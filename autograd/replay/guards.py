"""The numbers that Python decided by, compared with what a run finds.

Guards that hang on integer inputs alone, as those of a loss's labels do, are looked at before a run: a few calls of
NumPy, where the executors would carry them along as steps (of a small network's 66 us on one image they took 40).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.observed import Operand, Plain, filled
from autograd.replay.tape import CONSTANT, Computed, Guard, Tape

Check = Callable[[Sequence[Any]], None]


class Guards:
    """A tape's guards.

    Attributes:
        late: those that a run's own results decide; executors have them as further outputs.
        rest: the tape without what only the others read.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        works = _integer_works(tape)
        self._early = [guard for guard in tape.guards if guard.place in works]
        self.late = [guard for guard in tape.guards if guard.place not in works]
        self._works = _needed(works, [guard.place for guard in self._early])
        self._constants = {place: data for place, data in tape.constants.items() if self._works}
        self.rest = _without(tape, _read_by_none(tape, works))
        self._inputs = [
            (number, each) for number, each in enumerate(tape.inputs) if each.kind == "integers" and each.places
        ]

    def check_inputs(self, inputs: Sequence[Any]) -> None:
        """Raise `GraphError` where integers that a run is given decide otherwise than the recorded ones."""
        if not self._early:
            return
        length = max((len(inputs[number]) for number, each in self._inputs if self._carries(inputs, number)), default=0)
        for sample in range(max(length, 1)):
            values = dict(self._constants)
            for number, each in self._inputs:
                values[each.places[0]] = inputs[number][sample] if self._carries(inputs, number) else inputs[number]
            for place, (function, arguments) in self._works.items():
                if function is not None:
                    values[place] = function(*[values[argument] for argument in arguments])
            for guard in self._early:
                found = np.asarray(values[guard.place])
                if not _all_equal(found, guard.expected):
                    raise self._error(guard, found)

    def check(self, found: Sequence[Any]) -> None:
        """Raise `GraphError` where a number that a run has found decides otherwise than the recorded one."""
        if self.tape.kind == "value" and found:  # thousands of comparisons are looked at together
            expected = np.array([guard.expected for guard in self.late]).reshape(-1, *(1,) * found[0].ndim)
            wrong = np.flatnonzero(~_equal(np.array(found), expected).reshape(len(found), -1).all(axis=1))
        else:
            pairs = zip(self.late, found, strict=True)
            wrong = np.flatnonzero([not _all_equal(data, guard.expected) for guard, data in pairs])
        for number in wrong[:1]:
            raise self._error(self.late[number], found[number])

    def _carries(self, inputs: Sequence[Any], number: int) -> bool:
        return bool(inputs[number].ndim > len(self.tape.inputs[number].shape))

    def _error(self, guard: Guard, found: Any) -> GraphError:
        return GraphError(
            f"the program decides by {self.tape.label(guard.place)}, which was {guard.expected} when it was recorded "
            f"and is {found} for these inputs, so that another path would be taken: record it again for them, or "
            f"choose by where, maximum or relu, which choose anew in each run"
            + (f". Decided at {guard.where}" if guard.where else "")
        )


def _integer_works(tape: Tape) -> dict[int, tuple[Callable[..., Any] | None, tuple[int, ...]]]:
    """What is computed of integer inputs and constants alone, by place; the inputs themselves have no function."""
    works: dict[int, tuple[Callable[..., Any] | None, tuple[int, ...]]] = {
        place: (None, ()) for each in tape.inputs if each.kind == "integers" for place in each.places
    }
    if works:
        for step in tape.steps():
            if isinstance(step.rule, Plain) and all(
                place in works or place in tape.constants for place in step.arguments
            ):
                works[step.place] = _bound(step.rule, step.params), step.arguments
    return works


def _bound(rule: Plain, params: Any) -> Callable[..., Any]:
    """The function with the recorded arguments put in."""
    call, options = params["call"], params.get("options", ())
    if call == tuple(map(Operand, range(len(call)))) and not options:
        return rule.function
    return lambda *arrays: rule.function(*filled(call, arrays), **dict(filled(options, arrays)))


def _needed(works: dict[int, Any], places: Sequence[int]) -> dict[int, Any]:
    """Of the works those that lead to the places, in order."""
    wanted = set(places)
    for place in sorted(works, reverse=True):
        if place in wanted:
            wanted.update(works[place][1])
    return {place: work for place, work in works.items() if place in wanted}


def _read_by_none(tape: Tape, works: dict[int, Any]) -> set[int]:
    """Of the works those that no other step reads, and no output is."""
    idle = {place for place, (function, _) in works.items() if function is not None} - set(tape.outputs)
    for step in reversed(list(tape.steps())):  # a step that stays keeps what it reads
        if step.place not in idle:
            idle -= {*step.arguments, *(each.place for each in _computed_in(tuple(step.params.values())))}
    return idle


def _computed_in(value: Any) -> list[Computed]:
    if isinstance(value, Computed):
        return [value]
    return [each for part in value for each in _computed_in(part)] if value.__class__ is tuple else []


def _without(tape: Tape, places: set[int]) -> Tape:
    """The tape with some steps turned to constants that nobody reads, so that all places keep their numbers."""
    if not places:
        return tape
    codes, arity = tape.codes.copy(), tape.arity.copy()
    codes[list(places)], arity[list(places)] = CONSTANT, 0
    each = tape.arguments_of_each()
    arguments = [argument for place, own in enumerate(each) if place not in places for argument in own]
    nothing = {place: np.zeros(tape.shapes[place], tape.dtypes[place]) for place in places}
    return replace(
        tape,
        codes=codes,
        arity=arity,
        arguments=np.array(arguments, dtype=np.int32),
        constants={**tape.constants, **nothing},
        params={place: own for place, own in tape.params.items() if place not in places},
    )


def _all_equal(data: Any, expected: Any) -> bool:
    """Whether an array, or each one of a batch, is the expected one; its shape too may hang on the data."""
    if data.shape == expected.shape and data.tobytes() == expected.tobytes():
        return True
    own_shape = data.shape[max(data.ndim - expected.ndim, 0) :]
    return own_shape == expected.shape and bool(np.all(_equal(data, expected)))


def _equal(data: Any, expected: Any) -> Any:
    return (data == expected) | ((data != data) & (expected != expected))
