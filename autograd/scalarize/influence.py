"""Which elements of a graph some chosen ones can change: a forward walk with marks instead of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.primitives.structural import cast, pad
from autograd.rule import Primitive
from autograd.rules import Elementwise, Linear, Reduction

__all__ = ["Marks", "influenced"]

Marks = npt.NDArray[np.bool_]


def influenced(nodes: list[Any], chosen: Mapping[int, Marks]) -> dict[int, Marks]:
    """The elements that the chosen ones can change, themselves included, of each node that has any, by node id.

    Whether a number comes through does not count: a closed gate is a way too, by which nothing passes today.

    Args:
        nodes: a graph, oldest first.
        chosen: the elements to start from, by node id.
    """
    marks: dict[int, Marks] = {}
    for node in nodes:
        received = [marks.get(parent.id) if parent.requires_grad else None for parent in node.parents]
        found = [chosen[node.id]] if node.id in chosen else []
        if any(each is not None for each in received):
            found += _through(node, received)
        if found:
            marks[node.id] = np.logical_or.reduce(found)
    return marks


def _through(node: Any, received: list[Marks | None]) -> list[Marks]:
    """What each argument's marked elements change in the result."""
    rule, shape = node.rule, node._data.shape
    marked = [(argument, each) for argument, each in enumerate(received) if each is not None]
    if isinstance(rule, Elementwise):
        return [np.broadcast_to(each, shape) for _, each in marked]
    if isinstance(rule, Reduction):
        axis = node.params.get("axis")
        return [np.any(each, axis=axis).reshape(shape) for _, each in marked]
    if isinstance(rule, Linear) and rule.builtin:
        return [_linear(node, argument, each) for argument, each in marked]
    return [np.ones(shape, dtype=bool)]  # of a primitive of the user's own nothing is known


_WITHOUT_NUMBERS: dict[Primitive, dict[str, Any]] = {cast: {"dtype": np.float64}, pad: {"constant_value": 0.0}}


def _linear(node: Any, argument: int, marks: Marks) -> Marks:
    """autograd's own linear primitives have no negative coefficients, so that ones cannot cancel."""
    others = np.ones if node.rule.separately else np.zeros
    numbers = [others(parent._data.shape) for parent in node.parents]
    numbers[argument] = marks.astype(float)
    changed: Marks = node.rule.forward(*numbers, **{**node.params, **_WITHOUT_NUMBERS.get(node.rule, {})}) != 0
    return changed
