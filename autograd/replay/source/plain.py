"""How NumPy's functions without derivative are written: masks, comparisons, shifts."""

from __future__ import annotations

from typing import Any

from autograd.observed import Operand, Plain
from autograd.replay.source import literals
from autograd.replay.source.operation import Operation, Template
from autograd.replay.tape import Step

_OPERATORS = {
    "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=",
    "add": "+", "subtract": "-", "multiply": "*", "true_divide": "/", "divide": "/",
    "bitwise_and": "&", "bitwise_or": "|",
}  # fmt: skip


def plain_template(step: Step) -> Template | None:
    """The template of a `Plain` step; None for a primitive."""
    if not isinstance(step.rule, Plain):
        return None
    return Template(_call, [None] * len(step.arguments))


def _call(operation: Operation) -> str:
    name = operation.step.rule.name
    call = operation.param("call", (Operand(0),))
    texts = [_text(each, operation) for each in call]
    if name in _OPERATORS and len(texts) == 2:
        return f"{texts[0]} {_OPERATORS[name]} {texts[1]}"
    if name == "getitem":
        return f"{texts[0]}[{literals.index(call[1], lambda each: _text(each, operation))}]"
    if name == "astype":
        return f"{texts[0]}.astype({texts[1]})"
    if name == "detach":
        return f"np.array({texts[0]})"
    options = [f"{key}={_text(value, operation)}" for key, value in operation.param("options", ())]
    return f"np.{name}({', '.join([*texts, *options])})"


def _text(value: Any, operation: Operation) -> str:
    if isinstance(value, Operand):
        return operation.args[value.number]
    if value.__class__ is list:
        return "[" + ", ".join(_text(each, operation) for each in value) + "]"
    return literals.literal(value, lambda each: _text(each, operation) if isinstance(each, Operand | list)
                            else operation.name_of(each))  # fmt: skip
