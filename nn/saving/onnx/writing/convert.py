"""Every recorded value that the outputs need, converted in the order in which it was computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograd import Tensor
from nn.saving.onnx.library import OPSET
from nn.saving.onnx.writing import functions, primitives  # noqa: F401 - they register their converters
from nn.saving.onnx.writing.calls import Call
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.operands import operands
from nn.saving.onnx.writing.program import ExportError, Port, Program
from nn.saving.onnx.writing.registry import FunctionConverter, arguments_of, function_converter, primitive_converter
from nn.saving.onnx.writing.trace import Trace, tensors_of


class _Made(NamedTuple):
    """A call that can be written as a whole, and what it made."""

    call: Call
    converter: FunctionConverter
    results: list[Any]
    inputs: list[Any]


def program_of(trace: Trace, input_names: Sequence[str], output_names: Sequence[str]) -> Program:
    """The trace as ONNX operations, with the sizes that it has.

    Raises:
        ExportError: a primitive has no place in ONNX.
    """
    emitter = Emitter(trace, input_names)
    made = _made_by_calls(trace)
    for producer in _needed(trace.outputs, made, emitter):
        if isinstance(producer, _Made):
            _write_call(emitter, producer)
        else:
            _write_primitive(emitter, producer)
    for name, output in zip(output_names, trace.outputs, strict=True):
        emitter.program.name_output(emitter.value(output), Port(name, output.dtype, output.shape))
        emitter.remember(output, name)
    return emitter.program.without_dead_parts()


def _made_by_calls(trace: Trace) -> dict[int, _Made]:
    """For each result, the outermost call that made it and can be written as a whole."""
    made: dict[int, _Made] = {}
    for call in trace.calls:  # an inner call ends before the outer one, which then takes its place
        inputs = list(tensors_of(call.arguments))
        results = list(tensors_of(call.result))
        own = [x for x in results if _is_made(x, call, inputs)]
        if own and (converter := function_converter(call)) is not None:
            made.update(dict.fromkeys(map(id, own), _Made(call, converter, results, inputs)))
    return made


def _is_made(x: Any, call: Call, inputs: list[Any]) -> bool:
    """Whether the call made x, and did not just hand it through. Arrays are recorded of the steps of an `OnnxModel`."""
    if isinstance(x, Tensor):
        return x.requires_grad and x.id > call.since
    return call.name == "onnx_step" and all(x is not other for other in inputs)


def _needed(outputs: Iterable[Tensor], made: dict[int, _Made], emitter: Emitter) -> list[Any]:
    """The calls and nodes that the outputs are computed from, the first computed first."""
    producers: dict[int, tuple[int, Any]] = {}
    waiting: list[Any] = list(outputs)
    while waiting:
        x = waiting.pop()
        producer = made.get(id(x), x)
        if emitter.knows(x) or id(producer) in producers:
            continue
        if isinstance(producer, _Made):
            producers[id(producer)] = producer.call.since, producer
            waiting += producer.inputs
        elif isinstance(x, Tensor) and x.requires_grad:
            producers[id(x)] = x.id, x
            waiting += operands(x)
    return [producer for _, producer in sorted(producers.values(), key=lambda entry: entry[0])]


def _write_call(emitter: Emitter, made: _Made) -> None:
    emitter.scope = _scope_of_call(made)
    names = made.converter(emitter, arguments_of(made.call))
    for x, name in zip(made.results, (names,) if isinstance(names, str) else names, strict=True):
        if name:
            emitter.remember(x, name)


def _scope_of_call(made: _Made) -> str:
    """As "cnn/conv1/conv2d": without the scopes inside the call."""
    scopes = [x.scope for x in made.results if isinstance(x, Tensor) and x.id > made.call.since]
    parts = scopes[0].split("/") if scopes else []
    if made.call.name in parts:
        return "/".join(parts[: len(parts) - parts[::-1].index(made.call.name)])
    return "/".join(part for part in parts if not part.startswith(("step ", "layer ")))


def _write_primitive(emitter: Emitter, node: Tensor) -> None:
    emitter.scope = node.scope
    converter = primitive_converter(node)
    if converter is None:
        if node.rule is None:
            raise ExportError(
                f"to_onnx: {node.describe()} of shape {node.shape} requires a gradient but is no parameter and no "
                f"input; make it a parameter of the model, or detach it"
            )
        raise ExportError(
            f"to_onnx: {node.describe()}, made in {node.scope or 'forward'}, is the primitive {node.rule.name!r}, for "
            f"which no operator of ONNX opset {OPSET} is known here; compute it in another way, or after the model"
        )
    emitter.remember(node, converter(emitter, node))
