"""The families whose results are sums: of products, and of what arrives at a place."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.primitives.elementwise import multiply
from autograd.primitives.sliding import sliding_windows
from autograd.primitives.structural import sum_
from autograd.scalarize.family import Family, Objects, Places, constant, places_of, present

__all__ = ["Arrivals", "Products", "RunningSum", "matmul_subscripts", "overlap_targets", "scatter_targets"]


class Products(Family):
    """Every product, then one sum, as on paper."""

    adds = True

    def __init__(self, subscripts: Callable[[Any], str]) -> None:
        self.subscripts = subscripts

    def width(self, node: Any) -> int:
        (x, _), out = self._labels(node)
        return math.prod(length for label, length in self._lengths(node).items() if label in x and label not in out)

    def sources(self, node: Any, places: Places) -> list[Places]:
        labels, out = self._labels(node)
        lengths = self._lengths(node)
        summed = [label for label in labels[0] if label not in out]
        at = dict(zip(out, np.unravel_index(places[:, np.newaxis], node._data.shape), strict=True)) if out else {}
        inner = [lengths[label] for label in summed]
        steps = np.unravel_index(np.arange(math.prod(inner))[np.newaxis], inner) if inner else ()
        at.update(zip(summed, steps, strict=True))
        shape = (len(places), math.prod(inner))
        return [_ravelled(at, own, parent._data.shape, shape) for own, parent in zip(labels, node.parents, strict=True)]

    def cost(self, rows: int, entries: int) -> int:
        products = entries // 2
        return products + rows if products > rows else products

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        made = []
        for x, y, more in zip(*arguments, rest, strict=True):
            products = [multiply(*pair) for pair in zip(x, y, strict=True) if pair[0] is not None]
            made.append(_summed([*products, *present([more])]))
        return made

    def _labels(self, node: Any) -> tuple[list[str], str]:
        inputs, out = self.subscripts(node).split("->")
        return inputs.split(","), out

    def _lengths(self, node: Any) -> dict[str, int]:
        labels, _ = self._labels(node)
        pairs = zip(labels, node.parents, strict=True)
        return {label: length for own, parent in pairs for label, length in zip(own, parent._data.shape, strict=True)}


class _Meeting(Family):
    """A family in which elements of one argument meet in a place of the result."""

    adds = True

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        nothing = constant(0.0)
        terms = ([*present(row), *present([more])] for row, more in zip(arguments[0], rest, strict=True))
        return [_summed(each) if each else nothing for each in terms]


class Arrivals(_Meeting):
    """Each element of the argument goes to one place, which `targets` tells."""

    def __init__(self, targets: Callable[[Any], Places]) -> None:
        self.targets = targets

    def width(self, node: Any) -> int:
        return int(node.parents[0]._data.size) // max(int(node._data.size), 1) + 1

    def sources(self, node: Any, places: Places) -> list[Places]:
        targets = self.targets(node)
        order = np.argsort(targets, kind="stable")
        ends = np.searchsorted(targets[order], places, side="right")
        starts = np.searchsorted(targets[order], places, side="left")
        rows = starts[:, np.newaxis] + np.arange(max(ends - starts, default=0))
        return [np.where(rows < ends[:, np.newaxis], order[np.minimum(rows, len(order) - 1)], -1)]


class RunningSum(_Meeting):
    """Each element of the argument goes to its own place and to all after it along an axis."""

    def width(self, node: Any) -> int:
        return int(node._data.shape[node.params["axis"]])

    def sources(self, node: Any, places: Places) -> list[Places]:
        shape = node._data.shape
        axis = node.params["axis"] % len(shape)
        at = np.unravel_index(places, shape)
        lines = np.moveaxis(places_of(node), axis, -1)[(*at[:axis], *at[axis + 1 :])]
        lines = np.broadcast_to(lines, (len(places), shape[axis]))
        return [np.where(np.arange(shape[axis]) <= at[axis][:, np.newaxis], lines, -1)]


def _summed(terms: list[Any]) -> Any:
    """One node for the sum of several; of one, itself."""
    return terms[0] if len(terms) == 1 else sum_.of_values(tuple(terms), {})


# ---- where the elements of the arguments lie ----------------------------------------------------------------------


def _ravelled(at: dict[str, Places], own: str, shape: tuple[int, ...], full: tuple[int, int]) -> Places:
    """The places of an operand's elements whose labels have the coordinates `at`."""
    place = np.zeros(full, dtype=np.intp)
    for label, length in zip(own, shape, strict=True):
        place = place * length + at[label]
    return place


def matmul_subscripts(node: Any) -> str:
    """The labels of a matrix product, in which a vector has no axis of rows, or of columns."""
    x, y = (parent._data.ndim for parent in node.parents)
    stack = string.ascii_lowercase[: max(x, y, 2) - 2]
    left = f"{stack[len(stack) - x + 2 :]}IK" if x > 1 else "K"
    right = f"{stack[len(stack) - y + 2 :]}KJ" if y > 1 else "K"
    return f"{left},{right}->{stack}{'I' * (x > 1)}{'J' * (y > 1)}"


def scatter_targets(node: Any) -> Places:
    """Where each element of what is scattered goes."""
    places = np.arange(node._data.size).reshape(node.params["shape"])
    return np.ravel(places[node.params["index"]])


def overlap_targets(node: Any) -> Places:
    """Where each element of windows lies in the whole."""
    params = node.params
    places = sliding_windows(places_of(node), params["kernel"], params["stride"], params["dilation"])
    return np.ravel(places[tuple(map(slice, node.parents[0]._data.shape))])  # there may be fewer than would fit
