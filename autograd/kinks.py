"""Which derivative a function has where it has none: one rule for each kind of kink, and a context that changes it."""

from __future__ import annotations

from typing import Any

from autograd.recording import _set, modes
from autograd.rule import Primitive

_TIES = ("split", "first", "all", "raise")


def kinks(
    *,
    ties: str | None = None,
    relu: float | str | None = None,
    abs: float | str | None = None,
    clip: float | str | None = None,
) -> Any:
    """A context that changes the derivative at kinks, for what is recorded inside it.

    Without it: `relu` and `abs` have derivative 0 at 0, `clip` has 1 on both bounds, `maximum` and `minimum` of two
    operands give half to each at a tie, and `max` and `min` over axes give all to the first in row-major order.

    Args:
        ties: "split" shares equally among the tied, "first" gives all to the first, "all" gives all to each (which is
            no derivative, but a common mistake), "raise" refuses.
        relu: the derivative of relu at 0, from 0 to 1, or "raise".
        abs: the derivative of abs at 0, from -1 to 1, or "raise".
        clip: the derivative of clip on its bounds, from 0 to 1, or "raise".

    Raises:
        ValueError: a rule that does not exist, or a number outside the kink's range.

    Example:
        >>> from autograd import Value, kinks
        >>> x = Value(0.0)
        >>> with kinks(relu=0.5):
        ...     y = x.relu()
        >>> y.backward()
        >>> x.grad
        0.5
    """
    if ties is not None and ties not in _TIES:
        raise ValueError(f"kinks: ties={ties!r} is none of {', '.join(map(repr, _TIES))}")
    rules: dict[str, Any] = {} if ties is None else {"ties": ties}
    for option, choice, lowest in (("relu", relu, 0.0), ("abs", abs, -1.0), ("clip", clip, 0.0)):
        if choice is None:
            continue
        if choice != "raise" and not (isinstance(choice, float | int) and lowest <= choice <= 1.0):
            raise ValueError(f"kinks: {option}={choice!r} is neither a number from {lowest:g} to 1 nor 'raise'")
        rules[option] = choice
    return _set("kinks", {**(modes.kinks or {}), **rules})


def with_kink_rule(rule: Primitive, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a primitive, with the kink rule in force for it."""
    if rule.kink is None or modes.kinks is None or rule.kink.option not in modes.kinks:
        return params
    return {rule.kink.option: modes.kinks[rule.kink.option], **params}
