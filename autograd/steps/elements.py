"""One edge between tensors, element by element: which element of the result hands how much to which of the argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.backward_pass import topological_order
from autograd.element import Index
from autograd.errors import GraphError
from autograd.rule import array_arithmetic
from autograd.rules import Elementwise, Linear, Reduction
from autograd.steps.handing import Handed
from autograd.steps.names import Names

__all__ = ["check_budget", "single_elements"]

_MOST_DERIVATIVES = 1 << 20  # single derivatives that are looked at: of the largest matrix product 1,024 x 1,024


class SingleElement(NamedTuple):
    """What one element of a result hands to one element of an argument."""

    handed: Handed
    at: Index
    into: Index
    last: bool  # whether nothing further of this edge reaches the element of the argument


def check_budget(root: Any, names: Names) -> None:
    """Raise `GraphError` where a graph has too many elements to tell its edges one by one."""
    edges = [(node, parent) for node in topological_order(root) for parent in node.parents if parent.requires_grad]
    costs = [_cost(node, parent) for node, parent in edges]
    total = sum(costs)
    if total > _MOST_DERIVATIVES:
        node, parent = edges[costs.index(max(costs))]
        raise GraphError(
            f"backward_steps: elements=True would look at {total:,} derivatives of one element by another, and at most "
            f"{_MOST_DERIVATIVES:,} can be told; the most lie between {names[parent]} of shape {parent.shape} and "
            f"{names[node]} of shape {node.shape} ({node.rule.name}). Step by whole arrays, or take a smaller input"
        )


def _cost(node: Any, parent: Any) -> int:
    if isinstance(node.rule, Elementwise | Reduction):
        return int(max(node.size, parent.size))
    return int(node.size * parent.size)


def single_elements(node: Any, handed: Handed) -> Iterator[SingleElement]:
    """The parts of what went over an edge, in row-major order of the result's elements, then of the argument's."""
    parent = node.parents[handed.argument]
    ats, intos, locals = _pairs(node, parent, handed)
    upstreams = np.asarray(handed.upstream).reshape(-1)[ats]
    contributions = _products(upstreams, locals)
    running = np.zeros(parent.size, parent.dtype) if handed.before is None else np.array(handed.before).reshape(-1)
    to_come = np.bincount(intos, minlength=parent.size)
    for at, into, upstream, local, contribution in zip(ats, intos, upstreams, locals, contributions, strict=True):
        before = float(running[into])
        with np.errstate(all="ignore"):
            running[into] += contribution
        to_come[into] -= 1
        single = Handed(
            handed.argument, float(upstream), float(local), float(contribution), before, float(running[into])
        )
        yield SingleElement(single, _index(at, node), _index(into, parent), not to_come[into])


def _index(place: Any, node: Any) -> Index:
    return tuple(map(int, np.unravel_index(int(place), node.shape))) if node.shape else ()


def _products(upstreams: Any, locals: Any) -> Any:
    """Upstream x local, and 0 where nothing was received, even times infinity."""
    with np.errstate(all="ignore"):
        return np.where(upstreams == 0, 0, upstreams * locals)


def _pairs(node: Any, parent: Any, handed: Handed) -> tuple[Any, Any, Any]:
    """The elements that meet: places in the result, in the argument, and the derivative of the one by the other."""
    rule = node.rule
    if isinstance(rule, Elementwise):
        places = np.arange(node.size)
        return places, places, _spread(handed.local, node)
    if isinstance(rule, Reduction):
        ats = _groups(node, parent)
        order = np.argsort(ats, kind="stable")
        return ats[order], order, _spread(handed.local, parent)[order]
    jacobian = _jacobian(node, handed.argument, [each._data for each in node.parents])
    if isinstance(rule, Linear):  # which elements meet does not hang on their numbers: a 0 in a product is told too
        meets = _jacobian(node, handed.argument, [np.ones_like(each._data) for each in node.parents]) != 0
    else:
        meets = np.ones(jacobian.shape, dtype=bool)
    ats, intos = np.nonzero(meets)
    return ats, intos, jacobian[ats, intos]


def _spread(local: Any, node: Any) -> Any:
    return np.broadcast_to(np.asarray(local, dtype=node.dtype), node.shape).reshape(-1)


def _groups(node: Any, parent: Any) -> Any:
    """For each element of a reduction's argument its place in the result."""
    axis = node.params.get("axis")
    axes = range(parent.ndim) if axis is None else axis
    kept = [1 if place in axes else length for place, length in enumerate(parent.shape)]
    return np.broadcast_to(np.arange(node.size).reshape(kept), parent.shape).reshape(-1)


@array_arithmetic
def _jacobian(node: Any, argument: int, inputs: list[Any]) -> Any:
    """d(node)/d(argument), a row for each element of the result: what the rule makes of an upstream of one 1."""
    parent = node.parents[argument]
    needed = [place == argument for place in range(len(inputs))]
    rows = np.empty((node.size, parent.size), node.dtype)
    for place in range(node.size):
        one = np.zeros(node.size, node.dtype)
        one[place] = 1
        row = node.rule.vjp(one.reshape(node.shape), node._data, inputs, needed, node.params)[argument]
        rows[place] = 0 if row is None else np.reshape(row, -1)
    return rows
