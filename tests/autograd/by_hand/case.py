"""One mistake of a catalogue, and the catalogue that it is entered in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

CASES: dict[str, Callable[[], Case]] = {}


class Case(NamedTuple):
    """One mistake: whose gradients were asked for, what was written down, what it is called, and where it was made."""

    root: Any
    answers: Any
    slip: str  # empty where the cause must stay unknown
    at: tuple[str, ...]  # answers, or arrays of them


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    """Enter a mistake in the catalogue, by the function's name."""
    assert build.__name__ not in CASES
    CASES[build.__name__] = build
    return build


def named(name: str, node: Any) -> Any:
    """The node, with a name."""
    node.name = name
    return node


def rounded(numbers: dict[str, float], places: int) -> dict[str, str]:
    """Numbers as a learner writes them, with so many places after the point."""
    return {name: f"{number:.{places}f}" for name, number in numbers.items()}
