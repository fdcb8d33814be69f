"""Switching faults on and off: the engine itself knows nothing of them, and is as before when the last one is off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from autograd.testing.faults.fault import Fault

_MISSING = object()


class _Undo(NamedTuple):
    """What stood in an attribute; `_MISSING` where the owner had none of its own."""

    owner: Any
    attribute: str
    held: Any

    def restore(self) -> None:
        if self.held is _MISSING:
            delattr(self.owner, self.attribute)
        else:
            setattr(self.owner, self.attribute, self.held)


class _On:
    """A fault that is on."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.undo: list[_Undo] = []

    def apply(self) -> None:
        try:
            for owner, attribute, wrong in self.fault.changes():  # of what stands there now
                replacement = wrong(getattr(owner, attribute))
                self.undo.append(_Undo(owner, attribute, vars(owner).get(attribute, _MISSING)))
                setattr(owner, attribute, replacement)
        except BaseException:
            self.restore()
            raise

    def restore(self) -> None:
        while self.undo:
            self.undo.pop().restore()


_lock = threading.Lock()
_on: list[_On] = []  # in the order in which they were switched on
_threads: list[int] = []  # of each the thread that did


@contextmanager
def switched_on(fault: Fault) -> Iterator[Fault]:
    """Let the engine make a mistake inside a `with` block; afterwards it is as before, whatever happened in it.

    Raises:
        RuntimeError: the fault is on, or another thread has one on.
    """
    entry = _enter(fault)
    try:
        yield fault
    finally:
        _leave(entry)


def active() -> tuple[Fault, ...]:
    """The faults that are on, in the order in which they were switched on."""
    return tuple(entry.fault for entry in _on)


def _enter(fault: Fault) -> _On:
    me = threading.get_ident()
    with _lock:
        if any(thread != me for thread in _threads):
            raise RuntimeError(
                f"fault({fault.name!r}): another thread has {_on[-1].fault.name!r} on. A fault is on for the whole "
                f"process; let one thread switch them"
            )
        if fault in active():
            raise RuntimeError(f"fault({fault.name!r}) is on; the same mistake twice may be none")
        entry = _On(fault)
        entry.apply()
        _on.append(entry)
        _threads.append(me)
        return entry


def _leave(entry: _On) -> None:
    """Restore what a fault replaced; those that were switched on after it are taken off and put on again."""
    with _lock:
        above = _on[_on.index(entry) + 1 :]
        for each in reversed([entry, *above]):
            each.restore()
        del _threads[_on.index(entry)]
        _on.remove(entry)
        for each in above:
            each.apply()
