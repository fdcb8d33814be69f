"""Reductions done wrong: a maximum's gradient sent elsewhere, a sum's taken for a mean's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.rules import Reduction
from autograd.testing.by_hand.circuit import Change
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.kinds import RuleSlip

__all__ = ["wrong_choices"]

_OF_TIES = 1.0  # bits: where elements are tied, that is what one stumbles over
_MOST_PLACES = 64  # elements of a window of which each is tried as its winner
Share = Callable[[Any, Any], Any]  # (windows, one a row; their right shares) -> the shares taken


def wrong_choices(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    """What can be done wrong with a reduction's weights."""
    rule = node.rule
    if not isinstance(rule, Reduction):
        return
    if rule.name == "sum":
        what = "each term's share is 1; it was divided by their number, as a mean's is"
        yield _slip("mean for sum", "mean", 4, _shared, what)
    elif rule.name in ("max", "min"):
        yield from _wrong_winners(node)


def _wrong_winners(node: Any) -> Iterator[RuleSlip]:
    extreme = node.rule.name
    receives = f"the {extreme} receives the gradient"
    tied = "of equal elements the first receives the gradient"
    yield _slip("gradient to all", "all", 2, _all, f"only {receives}; it was handed to every element")
    yield _slip("gradient shared", "shared", 2, _shared, f"{receives}, and all of it; it was shared equally")
    yield _slip("wrong winner", "last", _OF_TIES, _last, f"{tied}; it was handed to the last")
    yield _slip("wrong winner", "all tied", _OF_TIES, _tied, f"{tied}; it was handed to each of them")
    yield _slip("wrong winner", "split", _OF_TIES, _split, f"{tied}; it was shared among them")
    yield _slip("wrong winner", "opposite", 3, _opposite, f"{receives}; it was handed to the other end")
    count = _windows(node).shape[-1]
    for place in range(count if count <= _MOST_PLACES else 0):
        what = f"{receives}; it was handed to element {place + 1} of {count}"
        yield _slip("wrong winner", f"at {place}", 3 + math.log2(count), _at(place), what)


def _slip(name: str, key: str, bits: float, share: Share, what: str) -> RuleSlip:
    return RuleSlip(name, key, bits, _weighed(share), lambda place: f"{place} {what}")


def _all(windows: Any, shares: Any) -> Any:
    return np.ones_like(windows)


def _shared(windows: Any, shares: Any) -> Any:
    return np.full_like(windows, 1.0 / windows.shape[-1])


def _winner(windows: Any, shares: Any) -> Any:
    return (windows * shares).sum(axis=-1, keepdims=True)


def _tied(windows: Any, shares: Any) -> Any:
    return 1.0 * (windows == _winner(windows, shares))


def _split(windows: Any, shares: Any) -> Any:
    tied = _tied(windows, shares)
    return tied / tied.sum(axis=-1, keepdims=True)


def _last(windows: Any, shares: Any) -> Any:
    return _one_at(windows, windows.shape[-1] - 1 - np.argmax(_tied(windows, shares)[..., ::-1], axis=-1))


def _opposite(windows: Any, shares: Any) -> Any:
    largest = np.argmax(windows, axis=-1)
    smallest = np.argmin(windows, axis=-1)
    is_max = np.take_along_axis(shares, largest[..., None], -1)[..., 0] > 0
    return _one_at(windows, np.where(is_max, smallest, largest))


def _at(place: int) -> Share:
    return lambda windows, shares: _one_at(windows, np.full(windows.shape[:-1], place))


def _one_at(windows: Any, places: Any) -> Any:
    shares = np.zeros_like(windows)
    np.put_along_axis(shares, places[..., None], 1.0, axis=-1)
    return shares


def _axes(node: Any) -> tuple[int, ...]:
    axis = node.params.get("axis")
    return tuple(range(np.ndim(node.parents[0]._data))) if axis is None else axis


def _windows(node: Any) -> Any:
    """What is reduced to one number each, a row each; of scalars one row."""
    if len(node.parents) > 1 or not np.ndim(node.parents[0]._data):
        return np.array([[parent._data for parent in node.parents]])
    return _rows(node.parents[0]._data, _axes(node))


def _rows(x: Any, axes: tuple[int, ...]) -> Any:
    turned = np.moveaxis(x, axes, range(-len(axes), 0))
    return turned.reshape(*turned.shape[: x.ndim - len(axes)], -1)


def _weighed(share: Share) -> Change:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        windows = np.asarray(_windows(node), dtype=float)
        if len(node.parents) > 1 or not np.ndim(node.parents[0]._data):
            right = np.array([node.rule.scalar_weights(node._data, [p._data for p in node.parents], node.params)])
            return list(upstream * share(windows, 1.0 * right)[0])
        x, axes = node.parents[0]._data, _axes(node)
        right = _rows(np.broadcast_to(node.rule.local(node, 0), x.shape), axes)
        kept = [length for axis, length in enumerate(x.shape) if axis not in axes]
        product = np.reshape(upstream, kept)[..., None] * share(windows, right)
        lengths = [x.shape[axis] for axis in axes]
        return [np.moveaxis(product.reshape(*kept, *lengths), range(-len(axes), 0), axes)]

    return change
