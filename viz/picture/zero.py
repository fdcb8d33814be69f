"""Why no gradient comes through: the closed gate, the losing maximum, the factor of 0, the detached node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.numbers import number_text
from autograd.safe_text import clean
from viz.picture.flow import Flow, Use, is_nothing
from viz.picture.names import Names

_GATES = {
    "relu": "relu is closed: {x} ≤ 0",
    "max": "not the largest",
    "min": "not the smallest",
    "maximum": "not the larger",
    "minimum": "not the smaller",
    "clip": "clipped: outside the bounds",
    "where": "the branch not taken",
}
_FLAT = frozenset({"floor", "ceil", "trunc", "round", "sign"})
_SATURATING = frozenset({"tanh", "sigmoid", "erf"})


def is_dead(node: Node) -> bool:
    """Whether a backward pass has found that nothing of the root changes with this node, to first order."""
    return node.requires_grad and node.has_grad and is_nothing(node.grad)


def zero_reason(uses: Iterable[Use], flow: Flow, called: Names) -> str:
    """Why a dead node's gradient is zero, in one line; empty where all that uses it is dead itself.

    Args:
        uses: the uses of the node.
        flow: what the last pass handed along the arrows.

    Example:
        >>> from autograd import Value
        >>> x = Value(-2.0, "x")
        >>> y = x.relu()
        >>> y.backward()
        >>> zero_reason([(y, 0)], Flow(), Names([x, y], {}))
        'relu is closed: −2 ≤ 0'
    """
    said = []
    for node, argument in uses:
        handed = flow.along((node, argument))
        if handed is None or is_dead(node):
            continue
        said.append(_closed(node, argument, called) if is_nothing(handed) else "the contributions cancel out")
    return "; ".join(dict.fromkeys(said))


def detachment(node: Node, called: Names) -> str:
    """What a constant was detached from, so that no gradient flows there; empty for any other node.

    Example:
        >>> from autograd import Value
        >>> x = Value(2.0, "x")
        >>> y = x.detach()
        >>> detachment(y, Names([x, y], {}))
        'detached from x'
    """
    origin = node.detached_from
    if origin is None or node.requires_grad:
        return ""
    return f"detached from {called.of_id(origin.id) if origin.id in called else clean(origin.what or 'a leaf')}"


def _closed(node: Node, argument: int, called: Names) -> str:
    """Why an operation with a gradient hands nothing to one of its arguments."""
    assert node.rule is not None
    name, parent = node.rule.name, node.parents[argument]
    if name in _GATES:
        return _GATES[name].format(x=_numbers(parent.data))
    if name in _FLAT:
        return f"{name} is flat between its jumps"
    if name in _SATURATING:
        return f"{name} is saturated: its local derivative is 0"
    if name == "multiply":
        other = node.parents[1 - argument]
        return "multiplied by 0" if called.is_number(other) else f"multiplied by {called[other]} = 0"
    if name == "getitem":
        return "not selected"
    return f"{called[node]} does not change with it: local derivative 0"


def _numbers(data: Any) -> str:
    return number_text(data) if np.ndim(data) == 0 else "every element"
