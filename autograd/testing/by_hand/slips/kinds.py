"""One operation's rule done in a wrong way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograd.testing.by_hand.circuit import Change

__all__ = ["RuleSlip"]


class RuleSlip(NamedTuple):
    """A way to do one operation's rule wrong.

    Attributes:
        slip: the name of the mistake.
        key: tells it from the others of the same primitive.
        bits: how unusual it is.
        change: what the operation hands on then.
        said: what was done, as a sentence that begins "at y = f(x)".
    """

    slip: str
    key: str
    bits: float
    change: Change
    said: Callable[[str], str]
