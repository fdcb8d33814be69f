"""A forward pass, recorded: the graph of primitives, and the calls of functions that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, enable_grad
from nn.module import Module, mode
from nn.parts import Array
from nn.saving.onnx.writing.calls import Call, observed_calls
from nn.saving.onnx.writing.program import ExportError


class Trace(NamedTuple):
    """What one forward pass computed, and from what."""

    inputs: list[Any]  # Tensors, and arrays of integers or booleans
    outputs: list[Tensor]
    calls: list[Call]
    weights: dict[int, tuple[str, Any]]  # a parameter or buffer by its identity: its path, and itself


def traced(model: Module, inputs: Sequence[Array]) -> Trace:
    """Run the model, in evaluation mode, on arrays.

    Raises:
        ExportError: it returns what is no Tensor, or a Tensor that depends on no input and no parameter.
    """
    given = [Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x for x in inputs]
    with ExitStack() as stack:
        stack.enter_context(mode(model, False))
        stack.enter_context(_everything_recorded(model))
        stack.enter_context(enable_grad())
        calls = stack.enter_context(observed_calls())
        result = model(*given)
    outputs = _outputs(model, result)
    for place, output in enumerate(outputs):
        if not isinstance(output, Tensor) or not output.requires_grad:
            kind = "a constant Tensor" if isinstance(output, Tensor) else type(output).__name__
            raise ExportError(
                f"to_onnx: output {place} of {model.describe()} is {kind}, of which no computation is recorded; return "
                f"Tensors computed from the inputs, without detach(), .data or NumPy on the way"
            )
    weights = {id(entry.held): (entry.path, entry.held) for entry in reversed(model.named_state())}
    return Trace(given, outputs, calls, weights)


def tensors_of(value: Any) -> Iterator[Any]:
    """The Tensors and arrays in nested tuples, lists and dicts, in order."""
    if isinstance(value, Tensor | np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from tensors_of(each)
    elif isinstance(value, dict):
        yield from tensors_of(list(value.values()))


def _outputs(model: Module, result: Any) -> list[Any]:
    if isinstance(result, tuple | list):
        return [output for each in result if each is not None for output in _outputs(model, each)]
    if isinstance(result, dict):
        return _outputs(model, list(result.values()))
    return [result]


@contextmanager
def _everything_recorded(model: Module) -> Iterator[None]:
    """Frozen parameters require a gradient for the while: what is computed from constants alone is not recorded."""
    frozen = [parameter for parameter in model.parameters() if not parameter.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)
