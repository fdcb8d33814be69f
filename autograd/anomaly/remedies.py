"""What usually helps against a number that is not finite, by the operation that made it and its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["of_derivative", "of_sum", "of_value"]

_INFINITE_ARGUMENT = (
    "an argument is infinite already: find where it came from, as an overflow, a division by 0 or a mask of −∞, and "
    "bound it there"
)
_NAN_ARGUMENT = "an argument is NaN already: look at where it came from, often the data; numpy.isnan finds it"
_EMPTY = "the mean of an empty array is NaN: look whether the mask or slice before it selects anything"
_OVERFLOW = (
    "the result is too large for its dtype: scale the arguments down, normalise them, lower the learning rate, or "
    "compute in float64"
)


class _Case(NamedTuple):
    """Operations, a condition on their arguments' numbers, and what helps."""

    operations: tuple[str, ...]
    applies: Callable[..., bool]
    remedy: str


_VALUES = (
    _Case(
        ("log",),
        lambda x: x == 0,
        "the log of 0 is −∞: keep the argument above 0, as in log(x + 1e-12) or log(clip(x, 1e-12, None))",
    ),
    _Case(
        ("log",), lambda x: x < 0, "a negative number has no log: keep the argument above 0, as with clip or softplus"
    ),
    _Case(("log1p",), lambda x: x <= -1, "log1p(x) needs x > −1: keep it above, as with clip(x, -1 + 1e-12, None)"),
    _Case(
        ("sqrt",), lambda x: x < 0, "a negative number has no square root: clip(x, 0, None), or look for the sign error"
    ),
    _Case(
        ("divide",),
        lambda x, y: y == 0,
        "a division by 0: add a small eps to the divisor, or where(y == 0, 1, y) before dividing, and where after",
    ),
    _Case(
        ("power",), lambda x, y: x == 0 and y < 0, "0 to a negative power divides by 0: keep the base above 0 by an eps"
    ),
    _Case(
        ("power",),
        lambda x, y: x < 0 and y != int(y),
        "a negative base has no fractional power: take abs(x) ** y, or keep the base above 0",
    ),
    _Case(
        ("exp", "expm1", "sinh", "cosh", "power"),
        lambda *args: True,
        "exp overflows beyond 709 in float64, 88 in float32 and 11 in float16: subtract the largest first, as softmax "
        "and logsumexp do, stay with logarithms, or clip the argument",
    ),
    _Case(("cast",), lambda x: True, "the number is too large for the narrower dtype: scale it down first"),
    _Case(
        ("inv", "solve", "det", "slogdet", "cholesky"),
        lambda *args: True,
        "the matrix is singular, or nearly: add eps times the unit matrix",
    ),
)

_COMPOSED = {  # what the argument of a log was made by -> what to write instead
    "softmax": "take nn.functional.log_softmax of the scores, or cross_entropy, which never forms the probabilities",
    "sigmoid": "the log of a sigmoid is -softplus(-x): take logsigmoid, or binary_cross_entropy_with_logits",
}


def of_value(rule: Any, arguments: Sequence[float], nodes: Sequence[Any]) -> str:
    """What helps against a result that is not finite, of these numbers, which the nodes hold."""
    if any(math.isnan(x) for x in arguments):
        return _EMPTY if any(_adds_nothing_up(node) for node in nodes) else _NAN_ARGUMENT
    if any(math.isinf(x) for x in arguments):
        return f"{_undefined(rule, arguments)}{_INFINITE_ARGUMENT}"
    if rule.name == "log":
        for part, instead in _COMPOSED.items():
            if _was_made_by(nodes[0], part):
                return f"the {part} came out as 0: {instead}"
    for case in _VALUES:
        if rule.name in case.operations and _applies(case, arguments):
            return case.remedy
    return _OVERFLOW


def _adds_nothing_up(node: Any) -> bool:
    return node.rule is not None and node.rule.name == "sum" and np.size(node.parents[0]._data) == 0


def _undefined(rule: Any, arguments: Sequence[float]) -> str:
    if rule.name == "multiply" and 0 in arguments:
        return "0·∞ is NaN; "
    if rule.name in ("add", "subtract", "sum", "divide"):
        return "∞ − ∞ and ∞/∞ are NaN; "
    return ""


def _was_made_by(node: Any, part: str) -> bool:
    rule = node.rule
    return (rule is not None and rule.name == part) or any(scope.name == part for scope in node.scopes)


def _applies(case: _Case, arguments: Sequence[float]) -> bool:
    try:
        return case.applies(*arguments)
    except TypeError:  # a node made by hand may bear any name, and have any number of arguments
        return False


_SLOPES = (
    _Case(
        ("sqrt",),
        lambda x: x == 0,
        "the slope of √ at 0 is infinite: sqrt(x + 1e-12); for a length take autograd.norm, whose gradient at 0 is 0",
    ),
    _Case(
        ("log", "divide"),
        lambda *args: True,
        "1/y is too large for such a small y: add a small eps to it, or keep it away from 0 with clip",
    ),
    _Case(
        ("power",),
        lambda x, y: x == 0,
        "the slope of x ** y at 0 is infinite for y < 1: keep the base above 0, as in (x + 1e-12) ** y",
    ),
    _Case(
        ("power",),
        lambda x, y: x < 0,
        "a negative base has no derivative by its exponent: make the exponent a constant, or keep the base above 0",
    ),
    _Case(("log1p",), lambda x: True, "log1p is steep near −1: keep x above, as with clip(x, -1 + 1e-12, None)"),
)


def of_derivative(rule: Any, arguments: Sequence[float], local: float | None) -> str:
    """What helps against a contribution that is not finite, though what came in was."""
    if local is not None and math.isfinite(local):
        return of_sum()
    for case in _SLOPES:
        if rule.name in case.operations and _applies(case, arguments):
            return case.remedy
    return (
        of_sum()
        if local is None
        else "its local derivative is not finite at these arguments: keep them away from there"
    )


def of_sum() -> str:
    """What helps against finite numbers whose product or sum is too large."""
    return (
        "the gradient grows too large for its dtype: scale the loss or the inputs down, clip gradients by norm, or "
        "compute in float64"
    )
