"""Bars for processor time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

_TRACED = 40.0  # under a tracer that counts lines a step takes many times as long


@contextmanager
def takes_at_most(seconds: float) -> Iterator[None]:
    """Fail where the block takes more processor time, whatever else the machine does."""
    start = process_time()
    yield
    taken = process_time() - start
    assert taken < seconds * (1.0 if sys.gettrace() is None else _TRACED), f"{taken:.2f} s"
