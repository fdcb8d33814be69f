"""The options of optimisers: what each accepts, and how an attribute of the optimiser stands for that of its groups."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

# What schedules and users may keep in a parameter group beside the optimiser's own options.
GROUP_NOTES = frozenset({"initial_lr", "name"})


class Option:
    """One option of an optimiser, an attribute of it: reading gives the first group's, setting sets every group's.

    Args:
        wanted: what a value must be, for the message.
        accept: value -> the value as it is kept; None where it is refused.
    """

    def __init__(self, wanted: str, accept: Callable[[Any], Any]) -> None:
        self.wanted = wanted
        self.accept = accept
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        return self if optimizer is None else optimizer.param_groups[0][self.name]

    def __set__(self, optimizer: Any, value: Any) -> None:
        optimizer.set_option(self.name, value)

    def checked(self, optimizer: str, value: Any) -> Any:
        """The value as it is kept.

        Raises:
            ValueError: it is refused.
        """
        accepted = self.accept(value)
        if accepted is None:
            raise ValueError(f"{optimizer}: {self.name}={value!r} must be {self.wanted}")
        return accepted


def number() -> Option:
    """Any number."""
    return Option("a number", _as_float)


def at_least_zero() -> Option:
    """A number of at least 0."""
    return Option("a number of at least 0", lambda value: _within(value, 0.0, float("inf")))


def fraction() -> Option:
    """A number from 0 to 1."""
    return Option("a number from 0 to 1", lambda value: _within(value, 0.0, 1.0))


def decay_rates() -> Option:
    """Two numbers, each from 0 to below 1: β₁ and β₂."""
    return Option("two numbers, each from 0 to below 1", _as_decay_rates)


def flag() -> Option:
    """True or False."""
    return Option("True or False", lambda value: bool(value) if value in (True, False) else None)


def plain(value: Any) -> Any:
    """A number of NumPy's as Python's, which no float32 array is promoted by."""
    if isinstance(value, tuple | list):
        return tuple(plain(each) for each in value)
    return value.item() if hasattr(value, "item") else value


def _as_float(value: Any) -> float | None:
    return float(value) if isinstance(value, Real) else None


def _within(value: Any, low: float, high: float) -> float | None:
    found = _as_float(value)
    return found if found is not None and low <= found <= high else None


def _as_decay_rates(value: Any) -> tuple[float, ...] | None:
    if not isinstance(value, tuple | list) or len(value) != 2:
        return None
    rates = tuple(rate for rate in map(_as_float, value) if rate is not None and 0.0 <= rate < 1.0)
    return rates if len(rates) == 2 else None
