"""Coverage that rests: what the first examples of a test have not reached, hundreds more will not.

Counting lines takes a third of their time.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def untraced() -> Iterator[None]:
    """A context in which no line is counted, nor seen by a debugger."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def traced_at_first(function: Callable[..., Any], count: int = 5) -> Callable[..., Any]:
    """The function, whose lines are counted in its first calls only."""
    calls = 0

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= count:
            return function(*args, **kwargs)
        with untraced():
            return function(*args, **kwargs)

    return call
