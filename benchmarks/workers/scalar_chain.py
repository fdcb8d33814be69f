"""A chain of additions on scalars, each needing the one before: ``y = x + w + w + ...``, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .scalar_step import as_floats
from .scalars import load
from .work import Results, Work, timed


def prepare(library: str, length: int, mode: str = "eager") -> Work:
    """The chain of that length with one library's scalars."""

    def chain(parameters: Sequence[Any]) -> Any:
        x, w = parameters
        for _ in range(length):
            x = x + w
        return x

    step = load(library, mode).step(chain, [0.5, 0.25])
    last: Results = {}

    def run() -> None:
        result, gradients = step()
        last.update(y=[result], gradients=list(gradients))

    return Work(timed(run), lambda: as_floats(last))
