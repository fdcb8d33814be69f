"""Steps of a model that came from an ONNX file: the same operators again."""

from __future__ import annotations

from typing import Any

from nn.saving.onnx.library import OPSET, onnx_library
from nn.saving.onnx.reading.file import OPSETS
from nn.saving.onnx.reading.numbers import dtype_of
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of
from nn.saving.onnx.writing.registry import writes

# Operators to which later opsets only added types of numbers, and since when.
_UNCHANGED = {
    "Gather": 1, "Transpose": 1, "Not": 1, "Shape": 1, "Identity": 1, "Concat": 4, "Cast": 6, "Equal": 7, "Greater": 7,
    "Less": 7, "And": 7, "Or": 7, "Xor": 7, "Add": 7, "Sub": 7, "Mul": 7, "Div": 7, "Expand": 8, "Where": 9,
    "ConstantOfShape": 9, "GatherElements": 11, "GreaterOrEqual": 12, "LessOrEqual": 12,
}  # fmt: skip


def _means_the_same(a: Any) -> bool:
    """Whether the operator of the step's opset is that of the opset that is written; constants have no need of one."""
    schemas = onnx_library("to_onnx").defs
    if a.step.kind == "Constant" or not schemas.has(a.step.kind, OPSET, ""):
        return False
    if a.step.version >= _UNCHANGED.get(a.step.kind, OPSETS[1] + 1):
        return True
    return bool(schemas.get_schema(a.step.kind, OPSET, "").since_version == a.step.version)


@writes("onnx_step", when=_means_the_same)
def write_step(emitter: Emitter, a: Any) -> tuple[str, ...]:
    """The operator with its attributes."""
    attributes = dict(a.step.attributes)
    if a.step.kind == "Cast":
        attributes["to"] = dtype_of(attributes["to"])
    inputs = ["" if x is None else emitter.value(array_of(x)) for x in a.inputs]
    while inputs and not inputs[-1]:
        inputs.pop()
    return emitter.outputs(a.step.kind, len(a.step.outputs), *inputs, **attributes)
