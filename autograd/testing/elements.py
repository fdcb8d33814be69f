"""A wrong gradient element by element: which ones are wrong, and what they should be."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node, graph_nodes
from autograd.testing.directions import sizes
from autograd.testing.ladder import Ladder
from autograd.testing.report import Element
from autograd.testing.subject import Linearised, Subject

Array = Any

MOST = 600  # elements looked at one by one; of more, the wrong ones are searched by halves
_LARGE = 300  # nodes: of a larger graph so many elements are looked at that elements times nodes are at most _WORK
_WORK = 40_000
_LEAST = 16
_AT_ONCE = 16
_TESTS = 160


class Columns(NamedTuple):
    """What differences say of each element.

    Attributes:
        places: the elements that were looked at, in the flat vector.
        analytic: their gradients by the backward pass, for the weights.
        numeric: by differences.
        bound: how far these may be off.
        jacobian: the derivative of each output (second axis) by each of them (first axis).
        weights: of the outputs.
        outputs: the outputs' numbers.
    """

    places: Array
    analytic: Array
    numeric: Array
    bound: Array
    jacobian: Array
    weights: Array
    outputs: Array

    @property
    def wrong(self) -> Array:
        """Which are wrong: as booleans."""
        return ~(np.abs(self.analytic - self.numeric) <= self.bound)

    def elements(self, subject: Subject) -> list[Element]:
        """The wrong ones, the worst first."""
        apart = np.where(np.isfinite(self.analytic), np.abs(self.analytic - self.numeric), np.inf)
        order = np.argsort(-apart, kind="stable")
        return [
            Element(
                subject.element_label(int(self.places[k])),
                float(self.analytic[k]),
                float(self.numeric[k]),
                float(self.bound[k]),
            )
            for k in order
            if self.wrong[k]
        ]


def columns(subject: Subject, weights: Array) -> Columns:
    """Every element of the gradient of Σ w·f; of a large one those that are wrong, of a large graph's a part."""
    point = subject.flat
    with np.errstate(all="ignore"):
        linearised = subject.linearise([np.array(array) for array in subject.arrays])
        middle = subject.value(point)
        gradient = subject.gradient(linearised, weights)
        ladder = Ladder(subject.value, point, middle)
        places = np.arange(subject.size)
        affordable = _affordable(linearised, subject.size)
        if subject.size > affordable:
            places = np.unique(np.linspace(0, subject.size - 1, affordable).astype(int))
        elif subject.size > MOST:
            places = _searched(subject, ladder, gradient, weights)
        return _measured(subject, ladder, gradient, weights, places, middle)


def _affordable(linearised: Linearised, size: int) -> int:
    """How many elements of so many a graph can be run again for; in a large one the guilty operation tells more."""
    nodes = sum(len(graph_nodes(root)) for root in linearised.roots if isinstance(root, Node))
    return size if nodes < _LARGE else max(_LEAST, _WORK // nodes)


def _measured(
    subject: Subject, ladder: Ladder, gradient: Array, weights: Array, places: Array, middle: Array
) -> Columns:
    size = sizes(subject)
    values, bounds = [np.empty((0, middle.size))], [np.empty((0, middle.size))]
    for start in range(0, len(places), _AT_ONCE):
        chunk = places[start : start + _AT_ONCE]
        scale = np.where(size[chunk] > 0, size[chunk], 1.0)
        slopes = ladder.slopes(
            [amount * (np.arange(subject.size) == place) for place, amount in zip(chunk, scale, strict=True)]
        )
        values.append(slopes.value / scale[:, None])
        bounds.append(slopes.bound / scale[:, None])
    jacobian, blur = np.concatenate(values), np.concatenate(bounds)
    used = weights != 0
    numeric = jacobian[:, used] @ weights[used]
    bound = blur[:, used] @ np.abs(weights[used]) + 256.0 * float(np.finfo(np.float64).eps) * np.abs(gradient[places])
    return Columns(places, gradient[places], numeric, bound, jacobian, weights, middle)


def _searched(subject: Subject, ladder: Ladder, gradient: Array, weights: Array) -> Array:
    """The wrong elements, by halving the sets in which one must be."""
    rng = np.random.default_rng(0)
    size = sizes(subject) * rng.uniform(0.5, 1.0, subject.size) * rng.choice((-1.0, 1.0), subject.size)
    waiting, found = [np.arange(subject.size)], []
    for _ in range(_TESTS):
        if not waiting:
            break
        group = waiting.pop(0)
        direction = np.zeros(subject.size)
        direction[group] = size[group]
        slopes = ladder.slopes([direction])
        numeric = float(slopes.value[0] @ weights)
        allowed = float(slopes.bound[0] @ np.abs(weights)) + 1e-13 * float(np.abs(gradient * direction).sum())
        if abs(numeric - float((gradient * direction).sum())) <= allowed:
            continue
        if len(group) == 1:
            found.append(int(group[0]))
        else:
            half = len(group) // 2
            waiting[:0] = [group[:half], group[half:]]
    return np.array(sorted(found), dtype=int)
