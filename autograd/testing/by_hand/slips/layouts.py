"""Rules of what moves numbers, done wrong: a broadcast's sum forgotten, windows overwritten, padding not cut off."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from autograd.primitives.sliding import sliding_windows
from autograd.primitives.structural import is_basic_index
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.kinds import RuleSlip

__all__ = ["wrong_layouts"]

Transpose = Callable[[Any, Any, dict[str, Any]], Any]  # (upstream, the argument's data, parameters) -> contribution


def wrong_layouts(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    """What can be done wrong with the transpose of an operation that moves numbers."""
    ways = _WAYS.get(node.rule.name)
    if ways is None or not np.ndim(node._data):
        return
    for slip, key, bits, what, transpose in ways(node):
        yield RuleSlip(slip, key, bits, _Change(transpose), _Said(what))


class _Change:
    def __init__(self, transpose: Transpose) -> None:
        self._transpose = transpose

    def __call__(self, node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        x = node.parents[0]._data
        contribution = np.asarray(self._transpose(np.asarray(upstream), x, node.params))
        return [contribution] if contribution.shape == x.shape else handed


class _Said:
    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, place: str) -> str:
        return f"{place} {self._what}"


Way = tuple[str, str, float, str, Transpose]


def _added_axes(shape: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, ...]:
    ahead = len(out) - len(shape)
    stretched = (ahead + axis for axis, length in enumerate(shape) if length == 1 and out[ahead + axis] != 1)
    return (*range(ahead), *stretched)


def _of_broadcast(node: Any) -> Iterator[Way]:
    x, out = node.parents[0]._data, node._data
    axes = _added_axes(x.shape, out.shape)
    count = math.prod(out.shape[axis] for axis in axes)
    if count < 2:
        return
    spread = f"the gradient is the sum over the {count} copies"

    def taken(place: int) -> Transpose:
        return lambda g, x, params: _at_places(g, axes, place).reshape(x.shape)

    yield "broadcast sum forgotten", "first", 2, f"{spread}; only that of the first was taken", taken(0)
    yield "broadcast sum forgotten", "last", 2, f"{spread}; only that of the last was taken", taken(-1)
    yield "mean for sum", "mean", 3, f"{spread}; their mean was taken", _summed(axes, count)
    for size in range(1, out.ndim):
        for summed in combinations(range(out.ndim), size):
            left = [length for axis, length in enumerate(out.shape) if axis not in summed]
            if summed != axes and left == list(x.shape):
                what = f"{spread}, along other axes than were summed over"
                yield "summed over the wrong axis", f"over {summed}", 2, what, _summed(summed)


def _summed(axes: tuple[int, ...], count: int = 1) -> Transpose:
    return lambda g, x, params: (g.sum(axis=axes) / count).reshape(x.shape)


def _at_places(g: Any, axes: tuple[int, ...], place: int) -> Any:
    return g[tuple(place if axis in axes else slice(None) for axis in range(g.ndim))]


def _of_windows(node: Any) -> Iterator[Way]:
    what = "windows overlap, and an element adds up what each hands it; it was overwritten instead"
    yield "overwritten", "last", 2, f"{what}, so that the last remains", _overlap(reverse=False)
    yield "overwritten", "first", 4, f"{what}, so that the first remains", _overlap(reverse=True)


def _overlap(reverse: bool) -> Transpose:
    def transpose(g: Any, x: Any, params: dict[str, Any]) -> Any:
        places = sliding_windows(np.arange(x.size, dtype=float).reshape(x.shape), **params).astype(int)
        out = np.zeros(x.size, g.dtype)
        pairs = list(zip(places.reshape(-1).tolist(), g.reshape(-1).tolist(), strict=True))
        for place, number in reversed(pairs) if reverse else pairs:
            out[place] = number
        return out.reshape(x.shape)

    return transpose


def _of_getitem(node: Any) -> Iterator[Way]:
    if not is_basic_index(node.params["index"]):
        what = "an element that is taken twice adds up both gradients; it was overwritten by the last"
        yield "overwritten", "last", 2, what, _put


def _put(g: Any, x: Any, params: dict[str, Any]) -> Any:
    out = np.zeros(x.shape, g.dtype)
    out[params["index"]] = g
    return out


def _of_pad(node: Any) -> Iterator[Way]:
    what = "the gradient of the padding is cut off on both sides; it was cut off at the end alone"
    yield "shifted", "padding", 2, what, lambda g, x, params: g[tuple(slice(length) for length in x.shape)]


def _of_reshape(node: Any) -> Iterator[Way]:
    if np.ndim(node.parents[0]._data) != np.ndim(node._data):
        what = "the numbers go back row by row; they were put back column by column"
        yield "wrong order", "columns", 3, what, lambda g, x, params: np.reshape(g, x.shape, order="F")


def _of_transpose(node: Any) -> Iterator[Way]:
    what = "the gradient is transposed back; it was left as it arrived"
    yield "transposed", "left", 3, what, lambda g, x, params: g


_WAYS: dict[str, Callable[[Any], Iterator[Way]]] = {
    "broadcast_to": _of_broadcast,
    "windows": _of_windows,
    "getitem": _of_getitem,
    "pad": _of_pad,
    "reshape": _of_reshape,
    "transpose": _of_transpose,
}
