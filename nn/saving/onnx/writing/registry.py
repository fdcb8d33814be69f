"""Which converter writes which function and which primitive."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from autograd import Tensor
from nn.saving.onnx.writing.calls import Call
from nn.saving.onnx.writing.emitter import Emitter

Arguments = SimpleNamespace  # of a call, by name
FunctionConverter = Callable[[Emitter, Arguments], Any]
PrimitiveConverter = Callable[[Emitter, Any], str]
Condition = Callable[[Arguments], bool]

_functions: dict[str, tuple[FunctionConverter, Condition]] = {}
_primitives: dict[str, PrimitiveConverter] = {}


def writes(*names: str, when: Condition = lambda arguments: True) -> Callable[[FunctionConverter], FunctionConverter]:
    """Mark a converter of functions: it takes their arguments, and gives the name of the result, or of several.

    Args:
        names: the functions.
        when: which calls it can write; the others are written as the primitives they are composed of.
    """

    def register(converter: FunctionConverter) -> FunctionConverter:
        for name in names:
            _functions[name] = converter, when
        return converter

    return register


def writes_primitive(*names: str) -> Callable[[PrimitiveConverter], PrimitiveConverter]:
    """Mark a converter of primitives: it takes the recorded node, and gives the name of its value."""

    def register(converter: PrimitiveConverter) -> PrimitiveConverter:
        for name in names:
            _primitives[name] = converter
        return converter

    return register


def function_converter(call: Call) -> FunctionConverter | None:
    """What can write this call, if anything."""
    if call.name not in _functions:
        return None
    converter, condition = _functions[call.name]
    return converter if condition(arguments_of(call)) else None


def arguments_of(call: Call) -> Arguments:
    """The call's arguments by name, the name of the function as `called`, and its `result`."""
    return SimpleNamespace(called=call.name, result=call.result, **call.arguments)


def primitive_converter(node: Tensor) -> PrimitiveConverter | None:
    """What can write this node, if anything."""
    return None if node.rule is None else _primitives.get(node.rule.name)
