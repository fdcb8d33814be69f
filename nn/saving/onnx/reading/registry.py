"""Which function computes which operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.saving.onnx.reading.graph import Step

Operator = Callable[..., Any]  # of the step and its inputs, None for one that is left out

_operators: dict[str, Operator] = {}


def reads(*kinds: str) -> Callable[[Operator], Operator]:
    """Mark the function of operators: it takes the step and its inputs, and gives the output, or a tuple of several."""

    def register(operator: Operator) -> Operator:
        for kind in kinds:
            _operators[kind] = operator
        return operator

    return register


def is_read(kind: str) -> bool:
    """Whether an operator is known."""
    return kind in _operators


def supported() -> list[str]:
    """The operators that are known."""
    return sorted(_operators)


def run(step: Step, inputs: list[Any]) -> tuple[Any, ...]:
    """A step's outputs."""
    result = _operators[step.kind](step, *inputs)
    return result if isinstance(result, tuple) else (result,)
