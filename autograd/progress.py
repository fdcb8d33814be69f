"""What takes over a second says on standard error what it does and how far it is, for as long as it lasts.

Only where somebody may be looking: standard error is a terminal or a notebook's. `GRADWALK_PROGRESS=0` keeps it silent.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_DELAY = 1.0  # seconds before anything is said
_INTERVAL = 0.2  # seconds between two looks
_silent = ContextVar("silent", default=False)  # of each thread: a training in one does not silence the others


class Progress:
    """A line that says what is done, and how far it is; it goes when the work ends. One inside another says nothing.

    Args:
        what: the work, as "check_grad of softplus".
        total: how many steps it has, where that is known.

    Example:
        >>> with Progress("reading", total=3) as told:
        ...     for name in ("a.png", "b.png", "c.png"):
        ...         told.step(name)
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._begun = 0
        self._doing = ""
        self._start = 0.0
        self._stream: Any = None
        self._width = 0

    def step(self, doing: str = "") -> None:
        """The next step begins."""
        self._begun += 1
        self._doing = doing

    def __enter__(self) -> Self:
        if _teller.shown is None and not _silent.get() and _is_watched():
            self._stream = sys.stderr  # which a student's function may be kept from, later
            self._start = time.monotonic()
            _teller.show(self)
        return self

    def __exit__(self, *_: object) -> None:
        if _teller.shown is self:
            _teller.hide(self)

    def draw(self) -> None:
        """Write the line anew, once the work has lasted long enough."""
        elapsed = time.monotonic() - self._start
        if elapsed >= _DELAY:
            line = self._line(int(elapsed))[: shutil.get_terminal_size().columns - 1]
            self._write(line.ljust(self._width))
            self._width = len(line)

    def erase(self) -> None:
        """Take the line away."""
        if self._width:
            self._write(" " * self._width + "\r")

    def _line(self, seconds: int) -> str:
        doing = f": {self._doing}" if self._doing else ""
        counted = "" if self._total is None else f" {max(self._begun - 1, 0)}/{self._total}"
        return f"{self._what}{doing}{counted} [{seconds // 60}:{seconds % 60:02}]"

    def _write(self, text: str) -> None:
        # Not by tqdm: a fork amid its import, or while its lock is held, would leave the child without either.
        self._stream.write(f"\r{text}")
        self._stream.flush()


def with_progress(function: Callable[P, T]) -> Callable[P, T]:
    """The function, which says its name while it takes long."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with Progress(function.__name__):
            return function(*args, **kwargs)

    return call


@contextmanager
def unsaid() -> Iterator[None]:
    """Within, nothing is said: the work has a bar of its own, or its caller wants none."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


class _Teller:
    """The thread that writes: it sleeps while there is nothing to tell, and lets the work itself be as it is."""

    def __init__(self) -> None:
        self.shown: Progress | None = None
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def show(self, progress: Progress) -> None:
        with self._lock:
            if self.shown is not None:
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._tell, daemon=True, name="gradwalk-progress")
                try:
                    self._thread.start()
                except RuntimeError:  # where no thread can be started, as in a browser
                    return
            self.shown = progress
        self._wanted.set()

    def hide(self, progress: Progress) -> None:
        with self._lock:
            self.shown = None
            with suppress(OSError, ValueError):
                progress.erase()

    def _tell(self) -> None:
        while True:
            self._wanted.wait()
            with self._lock:
                if self.shown is None:
                    self._wanted.clear()
                    continue
                try:
                    self.shown.draw()
                except (OSError, ValueError):  # where nothing can be written the work goes on unseen
                    self.shown = None
            time.sleep(_INTERVAL)


def _is_watched() -> bool:
    stream = sys.stderr  # asked first: where nobody looks, a small backward pass loses no time with the environment
    if stream is None or not (stream.isatty() or type(stream).__module__.startswith("ipykernel")):
        return False
    return os.environ.get("GRADWALK_PROGRESS") != "0"


def _renew() -> None:
    """After a fork, whose child has neither the thread nor, it may be, the lock."""
    global _teller
    _teller = _Teller()


_teller = _Teller()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
