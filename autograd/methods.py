"""Functions as methods and operators of Tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autograd.node import NO_PARAMS, Node
from autograd.rules import Elementwise

Method = TypeVar("Method", bound=Callable[..., Any])


def operator_method(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return function(self, other)

    return named(method, function)


def reflected_method(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return function(other, self)

    return named(method, function)


def function_method(rule: Elementwise) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return self._record(rule, (self,), NO_PARAMS)

    return named(method, rule)


def named(method: Method, function: Any) -> Method:
    """A method with the name of the function it calls, and a word on where that is described."""
    name = getattr(function, "name", None) or function.__name__
    method.__name__ = name
    method.__doc__ = f"See `autograd.{name}`."
    return method


def comparison_method(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return compare(self._data, other._data if isinstance(other, Node) else other)

    return method
