"""Arrays as grids of colours, on one symmetric scale for all values of a picture and one for all gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.node import Node
from viz.picture.model import HeatMap

_MAPS = 4  # matrices of one array that are drawn: the first of them
_SIDE = 32  # rows or columns of a larger matrix are averaged to so many


class Scales(NamedTuple):
    """The numbers that have the full colour: of values, and of gradients."""

    value: float
    gradient: float


def common_scales(nodes: Iterable[Node]) -> Scales:
    """The largest finite sizes among the arrays that are drawn as colours: values, and gradients."""
    value, gradient = 0.0, 0.0
    for node in nodes:
        if has_heat(node):
            value = max(value, _largest(node.data))
            gradient = max(gradient, _largest(node.grad) if node.has_grad else 0.0)
    return Scales(value or 1.0, gradient or 1.0)


def has_heat(node: Node) -> bool:
    """Whether a node's data can be drawn as a grid: a vector or more, with any elements."""
    return np.ndim(node.data) > 0 and np.size(node.data) > 1


def heat_maps(node: Node, scales: Scales) -> tuple[HeatMap, ...]:
    """A node's array and its gradient as colours: the first matrices of each."""
    if not has_heat(node):
        return ()
    maps = _maps("value", np.asarray(node.data), scales.value)
    if node.requires_grad and node.has_grad:
        maps += _maps("gradient", np.asarray(node.grad), scales.gradient)
    return maps


def _maps(role: Literal["value", "gradient"], array: Any, limit: float) -> tuple[HeatMap, ...]:
    matrices = array.reshape(-1, *array.shape[-2:]) if array.ndim > 1 else array.reshape(1, 1, -1)
    places = list(np.ndindex(*array.shape[:-2]))
    return tuple(
        HeatMap(role, _title(place), tuple(map(tuple, _reduced(matrix).tolist())), limit)
        for place, matrix in zip(places[:_MAPS], matrices[:_MAPS], strict=True)
    )


def _title(place: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, place))}]" if place else ""


def _reduced(matrix: Any) -> Any:
    """A matrix of at most `_SIDE` rows and columns: means of neighbouring elements."""
    for axis in (0, 1):
        length = matrix.shape[axis]
        if length > _SIDE:
            edges = np.linspace(0, length, _SIDE + 1).astype(int)[:-1]
            counts = np.diff([*edges, length])
            matrix = np.add.reduceat(matrix, edges, axis=axis) / (counts[:, None] if axis == 0 else counts)
    return matrix


def _largest(array: Any) -> float:
    finite = np.abs(np.asarray(array, dtype=np.float64))
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size else 0.0
