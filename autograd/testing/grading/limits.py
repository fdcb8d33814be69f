"""Running what somebody else wrote: for a limited time, without its output, and whatever it raises."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_TRIES = 20  # a loop may catch everything: it is interrupted again
_PAUSE = 0.02  # seconds


class OutOfTimeError(Exception):
    """A function took longer than it may."""


class FailedError(Exception):
    """What a function raised, as `error`: set apart from what interrupts the grading itself."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(type(error)))
        self.error = error


class _Interrupt(BaseException):
    """What ends a thread: no `except Exception` catches it."""


def limited(function: Callable[[], T], seconds: float) -> T:
    """A function's result, if it comes in time.

    The function runs in a thread of its own, which is interrupted when its time is over. One that waits inside of
    compiled code is left behind.

    Raises:
        OutOfTimeError: it did not come in time.
        FailedError: the function raised something, be it SystemExit.

    Example:
        >>> limited(lambda: 1 + 1, seconds=5.0)
        2
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with np.errstate(all="ignore"):
                results.append(function())
        except BaseException as error:
            errors.append(error)

    def guarded() -> None:
        with contextlib.suppress(_Interrupt):  # which may arrive while the result is put away
            work()

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _interrupt(thread)
        raise OutOfTimeError
    if errors:
        raise FailedError(errors[0])
    return results[0]


def _interrupt(thread: threading.Thread) -> None:
    for _ in range(_TRIES):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Interrupt))
        thread.join(_PAUSE)


class _Nowhere(io.TextIOBase):
    """Takes every text and keeps none, however much is printed."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What runs inside prints nothing, warns of nothing, reads nothing, and leaves folder, paths and draws alone."""
    folder, paths, state = os.getcwd(), list(sys.path), np.random.get_state()
    reading, sys.stdin = sys.stdin, io.StringIO()
    nowhere = _Nowhere()
    try:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdin = reading
        os.chdir(folder)
        sys.path[:] = paths
        np.random.set_state(state)
