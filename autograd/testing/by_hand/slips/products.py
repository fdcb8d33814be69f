"""Products of matrices and of windows with kernels, done wrong: no transpose, no rotation, one sample of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.testing.by_hand.circuit import Change
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.kinds import RuleSlip

__all__ = ["wrong_products"]

Contribution = Callable[[Any, Any, Any], Any]  # (upstream, x, y) -> what the argument receives


def wrong_products(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    """What can be done wrong with a matrix product's or a contraction's two contributions."""
    if node.rule.name == "matmul":
        yield from _of_matmul(situation, node)
    elif node.rule.name == "contract":
        yield from _of_contract(situation, node)


def _slip(name: str, key: str, bits: float, argument: int, contribution: Contribution, what: str) -> RuleSlip:
    return RuleSlip(name, f"{argument} {key}", bits, _change(argument, contribution), lambda place: f"{place} {what}")


def _change(argument: int, contribution: Contribution) -> Change:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        x, y = (parent._data for parent in node.parents)
        try:
            found = np.asarray(contribution(np.asarray(upstream), x, y))
        except ValueError:  # the shapes do not fit that way
            return handed
        if found.shape == node.parents[argument]._data.shape:
            handed[argument] = found
        return handed

    return change


def _of_matmul(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    x, y = (situation.name(parent) for parent in node.parents)
    two = all(np.ndim(each._data) == 2 for each in (*node.parents, node))
    if node.parents[0].requires_grad and two:
        right = f"the gradient of {x} is G @ {y}ᵀ, with G the upstream gradient"
        yield _slip("transposed", "no T", 2, 0, lambda g, x, y: g @ y, f"{right}; {y} was not transposed")
        yield _slip("transposed", "turned", 3, 0, lambda g, x, y: y @ g, f"{right}; {y} @ G was taken")
        yield _slip("transposed", "g T", 4, 0, lambda g, x, y: g.T @ y.T, f"{right}; Gᵀ @ {y}ᵀ was taken")
    if node.parents[1].requires_grad and two:
        right = f"the gradient of {y} is {x}ᵀ @ G, with G the upstream gradient"
        yield _slip("transposed", "no T", 2, 1, lambda g, x, y: x @ g, f"{right}; {x} was not transposed")
        yield _slip("transposed", "turned", 3, 1, lambda g, x, y: g.T @ x, f"{right}; its transpose was taken")
        yield _slip("transposed", "g T", 4, 1, lambda g, x, y: x.T @ g.T, f"{right}; {x}ᵀ @ Gᵀ was taken")
        if len(node._data) > 1:
            many = f"the gradient of {y} is a sum over {len(node._data)} rows"
            for key, name, bits, rows, what in _ROWS:
                yield _slip(name, key, bits, 1, _of_rows(rows), f"{many}; {what}")


_ROWS: tuple[tuple[str, str, float, Callable[[Any], Any], str], ...] = (
    ("first", "one sample only", 3, lambda g: _kept(g, 0, 0), "only the first was taken"),
    ("last", "one sample only", 3, lambda g: _kept(g, 0, -1), "only the last was taken"),
    ("mean", "mean for sum", 3, lambda g: g / len(g), "their mean was taken"),
)


def _of_rows(rows: Callable[[Any], Any]) -> Contribution:
    return lambda g, x, y: x.T @ rows(g)


def _kept(g: Any, axis: int, place: int) -> Any:
    """A gradient of which one place along an axis is left, the others 0."""
    kept = np.zeros_like(g)
    index = [slice(None)] * g.ndim
    index[axis] = slice(place, place + 1 or None)
    kept[tuple(index)] = g[tuple(index)]
    return kept


def _of_contract(situation: Situation, node: Any) -> Iterator[RuleSlip]:
    inputs, out = node.params["subscripts"].split("->")
    labels = inputs.split(",")
    for argument in (0, 1):
        if node.parents[argument].requires_grad:
            names = [situation.name(node.parents[place]) for place in (argument, 1 - argument)]
            yield from _of_argument(node, argument, labels[argument], labels[1 - argument], out, names)


def _of_argument(node: Any, argument: int, own: str, other: str, out: str, names: list[str]) -> Iterator[RuleSlip]:
    """What can be done wrong with one contribution: that of the windows, or that of the kernel."""
    name, partner = names
    subscripts = f"{out},{other}->{own}"
    offsets = tuple(axis for axis, label in enumerate(other) if label.islower())
    places = tuple(axis for axis, label in enumerate(out) if label in "ZYX")
    if offsets:
        turned = _einsum(argument, subscripts, of_other=lambda each: np.flip(each, offsets))
        slip, what = _kernel_turned(name, partner, of_windows=len(own) > len(other))
        yield _slip(slip, "kernel", 1, argument, turned, what)
    if places:
        turned = _einsum(argument, subscripts, of_upstream=lambda g: np.flip(g, places))
        what = f"the upstream gradient meets {partner} as it lies; it was rotated by 180°"
        yield _slip("upstream rotated", "upstream", 4, argument, turned, what)
    for axis, label in enumerate(out):
        if label not in own and node._data.shape[axis] > 1:
            yield from _along(argument, subscripts, axis, label, name)


def _kernel_turned(name: str, partner: str, of_windows: bool) -> tuple[str, str]:
    if of_windows:
        laid = f"the gradient of the input is the upstream gradient under the kernel {partner} rotated by 180°"
        return "kernel not rotated", f"{laid}; the kernel was not rotated"
    return "kernel rotated", f"the gradient of the kernel {name} is not rotated; it was rotated by 180°"


def _along(argument: int, subscripts: str, axis: int, label: str, name: str) -> Iterator[RuleSlip]:
    what = {"N": "sample", "O": "channel"}.get(label, "position")
    many = f"the gradient of {name} is a sum over {what}s"
    ways: tuple[tuple[str, str, float, Callable[[Any], Any], str], ...] = (
        ("first", f"one {what} only", 3, lambda g: _kept(g, axis, 0), "only the first was taken"),
        ("last", f"one {what} only", 3, lambda g: _kept(g, axis, -1), "only the last was taken"),
        ("mean", "mean for sum", 3, lambda g: g / g.shape[axis], "their mean was taken"),
    )
    for key, slip, bits, rows, said in ways:
        contribution = _einsum(argument, subscripts, of_upstream=rows)
        yield _slip(slip, f"{label} {key}", bits, argument, contribution, f"{many}; {said}")


def _as_it_is(each: Any) -> Any:
    return each


def _einsum(
    argument: int,
    subscripts: str,
    of_upstream: Callable[[Any], Any] = _as_it_is,
    of_other: Callable[[Any], Any] = _as_it_is,
) -> Contribution:
    def contribution(g: Any, x: Any, y: Any) -> Any:
        return np.einsum(subscripts, of_upstream(g), of_other((y, x)[argument]))

    return contribution
