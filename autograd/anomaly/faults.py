"""What is wrong with a number that is not finite: where it lies, which operation made it, and of which arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.anomaly.remedies import of_derivative, of_value
from autograd.element import Index, index_text
from autograd.numbers import number_text, shape_text
from autograd.recording import Source
from autograd.rules import Elementwise
from autograd.safe_text import clean
from autograd.steps.formulas import applied, number_symbol
from autograd.steps.handing import local_of
from autograd.steps.wording import local_text, quantity

__all__ = ["EdgeFault", "ValueFault", "edge_fault", "is_finite", "leaf_fault", "value_fault"]

Called = Callable[[Any], str]  # what a node is called


def is_finite(x: Any) -> bool:
    """Whether a number, or every element of an array, is finite; None, where there is none, counts as finite."""
    if x.__class__ is float:
        return math.isfinite(x)
    return x is None or bool(np.isfinite(x).all())


class ValueFault(NamedTuple):
    """A result that is not finite.

    Attributes:
        rule: the operation; None for a leaf.
        arguments: its arguments, as nodes.
        data: the result, a number or array.
        at: the place of its first element that is wrong.
        wrong: how many are.
        source: the user's line, where it is known.
    """

    rule: Any
    arguments: Sequence[Any]
    data: Any
    at: Index
    wrong: int
    source: Source | None

    def text(self, called: Called, name: str = "") -> str:
        """What happened, on which line, and what helps."""
        value = number_text(np.asarray(self.data)[self.at])
        if self.rule is None:
            return f"{name}: {self._how_many(value)}\n  remedy: {self.remedy}"
        lines = [f"{clean(self.rule.name)}: {self._at_place(value)}"]
        lines += [f"  argument {called(node)}: {_described(node._data)}" for node in self.arguments[:_MOST_ARGUMENTS]]
        if len(self.arguments) > _MOST_ARGUMENTS:
            lines.append(f"  and {len(self.arguments) - _MOST_ARGUMENTS:,} more arguments")
        return "\n".join([*lines, *_line(self.source), f"  remedy: {self.remedy}"])

    @property
    def remedy(self) -> str:
        """What usually helps."""
        if self.rule is None:
            return "look at where the data come from"
        return of_value(self.rule, self._numbers() or [_worst(node._data) for node in self.arguments], self.arguments)

    def _numbers(self) -> list[float]:
        """The arguments' elements that made the wrong one; none where it was not made of single elements."""
        return _elements_at(self.rule, [node._data for node in self.arguments], np.shape(self.data), self.at)

    def _at_place(self, value: str) -> str:
        numbers = self._numbers()
        result = f"{applied(self.rule, [number_symbol(x) for x in numbers]).text} = {value}" if numbers else value
        if not np.ndim(self.data):
            return f"the result is not finite: {result}"
        return self._how_many(result)

    def _how_many(self, first: str) -> str:
        if not np.ndim(self.data):
            return first
        size = np.size(self.data)
        return f"{self.wrong:,} of {size:,} elements are not finite, the first at {list(self.at)}: {first}"


_MOST_ARGUMENTS = 4


def _described(data: Any) -> str:
    return f"{shape_text(data)}, {quantity(data)}" if np.ndim(data) else number_text(data)


def _line(source: Source | None) -> list[str]:
    if source is None:
        return ["  (inside detect_anomaly() or record_source() the line would be known)"]
    return [f"  {clean(source.place)}: {clean(source.text)}"]


def _elements_at(rule: Any, arrays: Sequence[Any], shape: tuple[int, ...], at: Index) -> list[float]:
    if not shape:
        return [float(x) for x in arrays] if all(not np.ndim(x) for x in arrays) else []
    if not isinstance(rule, Elementwise):
        return []
    return [float(np.broadcast_to(x, shape)[at]) for x in arrays]


def _worst(data: Any) -> float:
    """NaN where an array holds one, else infinity where it holds one, else 1."""
    if np.isnan(data).any():
        return math.nan
    return 1.0 if is_finite(data) else math.inf


# ---- values -------------------------------------------------------------------------------------------------------


def value_fault(
    rule: Any, arguments: Sequence[Any], params: dict[str, Any], data: Any, source: Source | None, passed_on: bool
) -> ValueFault | None:
    """What an operation made that is not finite, though its arguments are; or that is NaN, though none of them is.

    `passed_on` counts a NaN as a fault, too, that an argument already held.
    """
    if is_finite(data):
        return None
    wrong = np.isnan(data)
    arrays = [node._data for node in arguments]
    if isinstance(rule, Elementwise):
        wrong_arguments = [np.isnan(x) for x in arrays]
        made = ~np.isfinite(data)
        for x in arrays:
            made = made & np.isfinite(x)
    else:
        wrong_arguments = [np.isnan(x).any() for x in arrays]
        finite = all(map(is_finite, arrays)) and all(is_finite(x) for x in params.values() if isinstance(x, float))
        made = ~np.isfinite(data) & finite
    if not passed_on:
        for each in wrong_arguments:
            wrong = wrong & ~each
    return _fault(rule, arguments, data, made | wrong, source)


def leaf_fault(node: Any) -> ValueFault | None:
    """What a leaf holds that is not finite."""
    return _fault(None, (), node._data, ~np.isfinite(node._data), node.source)


def _fault(rule: Any, arguments: Sequence[Any], data: Any, wrong: Any, source: Source | None) -> ValueFault | None:
    places = np.argwhere(wrong)
    if not len(places):
        return None
    return ValueFault(rule, arguments, data, tuple(map(int, places[0])), len(places), source)


# ---- edges --------------------------------------------------------------------------------------------------------


class EdgeFault(NamedTuple):
    """What a node hands to an argument that is not finite, though what the node received is.

    Attributes:
        node: the result, which hands on.
        argument: the place of the argument that receives, from 0.
        upstream, local, contribution: the numbers at that place; of an operation that has none element by element,
            `local` is None, and `upstream` too.
        into: the place of the first wrong element in the argument.
        wrong: how many are.
    """

    node: Any
    argument: int
    upstream: float | None
    local: float | None
    contribution: float
    into: Index
    wrong: int

    @property
    def parent(self) -> Any:
        """The argument that receives."""
        return self.node.parents[self.argument]

    @property
    def remedy(self) -> str:
        """What usually helps."""
        return of_derivative(self.node.rule, self._numbers(), self.local)

    def _numbers(self) -> list[float]:
        arrays = [parent._data for parent in self.node.parents]
        return _elements_at(self.node.rule, arrays, np.shape(self.node._data), self.into)

    def text(self, called: Called) -> str:
        """What happened, on which line, and what helps."""
        receiver = index_text(called(self.parent), self.into)
        received = number_text(self.contribution)
        if self.upstream is not None and self.local is not None:
            received = f"{number_text(self.upstream)} × {number_text(self.local)} = {received}"
        operation = clean(self.node.rule.name)
        lines = [f"backward of {operation}: {receiver} receives {received} from {called(self.node)}"]
        if self.wrong > 1:
            lines[0] += f"; so do {self.wrong:,} of {np.size(self.parent._data):,} elements in all"
        names = [called(parent) for parent in self.node.parents]
        formula = local_text(self.node, self.argument, names)
        if formula:
            numbers = [number_text(x) for x in self._numbers()]
            at = ", ".join(f"{name} = {x}" for name, x in zip(names, numbers, strict=False) if name != x)
            lines.append(f"  the local derivative is {formula}" + (f", at {at}" if at else ""))
        return "\n".join([*lines, *_line(self.node.source), f"  remedy: {self.remedy}"])


def edge_fault(node: Any, argument: int, upstream: Any, contribution: Any) -> EdgeFault | None:
    """What goes over an edge that is not finite, though the upstream gradient is."""
    if is_finite(contribution):
        return None
    parent = node.parents[argument]
    single = isinstance(node.rule, Elementwise) or not (np.ndim(node._data) or np.ndim(parent._data))
    wrong = ~np.isfinite(contribution) & (np.isfinite(upstream) if single else is_finite(upstream))
    places = np.argwhere(wrong)
    if not len(places):
        return None
    into = tuple(map(int, places[0]))
    received = float(np.asarray(contribution)[into])
    if not single:
        return EdgeFault(node, argument, None, None, received, into, len(places))
    local = float(np.broadcast_to(local_of(node, argument), np.shape(node._data))[into])
    return EdgeFault(node, argument, float(np.asarray(upstream)[into]), local, received, into, len(places))
