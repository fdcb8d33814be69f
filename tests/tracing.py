"""Coverage that rests: what thirty examples of a test have not reached, three hundred will not.

Counting lines takes a third of their time.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_TRACED = 30


@contextmanager
def untraced() -> Iterator[None]:
    """A context in which no line is counted, nor seen by a debugger."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def traced_at_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose lines are counted in its first thirty calls only."""
    calls = 0

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= _TRACED:
            return function(*args, **kwargs)
        with untraced():
            return function(*args, **kwargs)

    return call
