"""The numbers of Values that Python reads while a function is recorded as a program; see `observed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.node import NO_PARAMS, Node, new_node
from autograd.observed import Observed, computed, guard
from autograd.recording import is_observing


class ObservedFloat(float):
    """The number of a recorded Value: what compares it is kept as a guard, and so is it itself where one computes."""

    __slots__ = ("node",)

    node: Any

    @classmethod
    def of(cls, node: Any) -> ObservedFloat:
        """The number of a Value."""
        number = cls(node._data)
        number.node = node
        return number

    def __bool__(self) -> bool:
        return compared("not_equal", self.node, 0.0)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> bool:
        return compared("less", self.node, other)  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> bool:
        return compared("less_equal", self.node, other)  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> bool:
        return compared("greater", self.node, other)  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> bool:
        return compared("greater_equal", self.node, other)  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return compared("equal", self.node, other)  # type: ignore[no-any-return]

    def __ne__(self, other: object) -> bool:
        return compared("not_equal", self.node, other)  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        return float.__hash__(self)


def _computing(name: str) -> Any:
    own = getattr(float, name)

    def method(self: ObservedFloat, *args: Any) -> Any:
        if is_observing():
            guard(self.node)
        return own(float.__add__(self, 0.0), *args)

    method.__name__ = name
    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "divmod"):
    for _prefix in ("__", "__r"):
        setattr(ObservedFloat, f"{_prefix}{_name}__", _computing(f"{_prefix}{_name}__"))
for _name in ("neg", "abs", "round", "trunc", "floor", "ceil", "int", "float"):
    setattr(ObservedFloat, f"__{_name}__", _computing(f"__{_name}__"))


def compared(name: str, node: Any, other: Any) -> Any:
    """A comparison of a Value with another or a number, which every later run must repeat with the same outcome."""
    other = getattr(other, "node", other)
    number = other._data if isinstance(other, Node) else other
    try:
        outcome = getattr(np, name)(node._data, number)
    except TypeError:
        return NotImplemented
    if not isinstance(outcome, np.bool_):
        return NotImplemented
    if is_observing():
        if not isinstance(other, Node):
            other = new_node(type(node), float(number), None, (), NO_PARAMS, False)
        guard(computed(name, (node, other), {}, float(outcome)))
    return bool(outcome)


def observed_numbers(x: Any) -> Any:
    """The observed array of a Tensor; of Values the numbers, each of which every later run must find the same."""
    if isinstance(x, Node):
        return Observed.of(x) if isinstance(x._data, np.ndarray) else ObservedFloat.of(x)
    if isinstance(x, np.ndarray) and x.dtype == object:
        for each in x.flat:
            if isinstance(each, Node):
                guard(each)
        return np.array([getattr(each, "_data", each) for each in x.flat], dtype=float).reshape(x.shape)
    return x
