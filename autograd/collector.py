"""Python's cyclic garbage collector, and how to do without it while a large graph is made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_open = 0  # contexts, over all threads
_was_enabled = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """A context in which Python's cyclic garbage collector rests.

    A graph holds no cycles, so that reference counts alone free it; but the collector looks through all of its nodes
    again each time their number has grown by a quarter, which of a graph of a million Values is three quarters of the
    time. What else is left in cycles inside the context waits for its end. Contexts may be nested, also across threads;
    a collector that was off before stays off.

    Example:
        >>> import gc
        >>> from autograd import Value, collector_paused
        >>> with collector_paused():
        ...     loss = sum(Value(float(k)) for k in range(1000))
        ...     gc.isenabled()
        False
        >>> gc.isenabled()
        True
    """
    global _open, _was_enabled
    with _lock:
        if not _open:
            _was_enabled = gc.isenabled()
            gc.disable()
        _open += 1
    try:
        yield
    finally:
        with _lock:
            _open -= 1
            if not _open and _was_enabled:
                gc.enable()
