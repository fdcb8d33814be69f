"""A program as an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.saving.onnx.library import IR_VERSION, OPSET, onnx_library
from nn.saving.onnx.writing.program import ExportError, Port, Program

MOST_BYTES = 2**31 - 1  # of one protocol buffer


def model_of(program: Program, graph_name: str, dtype: Any, dynamic: Sequence[tuple[int | None, ...]]) -> Any:
    """The `onnx.ModelProto`.

    Args:
        dtype: what floating-point numbers become; None to keep each as it is.
        dynamic: for each input and then each output, the axes that are as long as the batch.
    """
    onnx = onnx_library("to_onnx")
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    ports = [
        helper.make_tensor_value_info(port.name, _element_type(onnx, _cast(port.dtype, dtype)), _lengths(port, axes))
        for port, axes in zip([*program.inputs, *program.outputs], dynamic, strict=True)
    ]
    nodes = [
        helper.make_node("Constant", [], [name], name=name, value=numpy_helper.from_array(_casted(array, dtype), ""))
        for name, array in program.constants.items()
    ]
    for operation in program.operations:
        attributes = dict(operation.attributes)
        if operation.kind == "Cast":
            attributes["to"] = _element_type(onnx, _cast(attributes["to"], dtype))
        for name, value in attributes.items():
            if isinstance(value, np.ndarray):
                attributes[name] = numpy_helper.from_array(_casted(value, dtype), "")
        nodes.append(
            helper.make_node(
                operation.kind, operation.inputs, operation.outputs, name=operation.outputs[0], **attributes
            )
        )
    weights = [numpy_helper.from_array(_casted(array, dtype), name) for name, array in program.weights.items()]
    count = len(program.inputs)
    graph = helper.make_graph(nodes, graph_name, ports[:count], ports[count:], initializer=weights)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="gradwalk"
    )
    if model.ByteSize() > MOST_BYTES:
        raise ExportError(
            f"to_onnx: the model has {model.ByteSize():,} bytes, and a file of ONNX holds at most {MOST_BYTES:,}; give "
            f"dtype=numpy.float32 or float16, or save the weights with nn.save"
        )
    onnx.checker.check_model(model)
    return model


def _cast(own: Any, wanted: Any) -> Any:
    return own if wanted is None or np.dtype(own).kind != "f" else np.dtype(wanted)


def _casted(array: Any, wanted: Any) -> Any:
    return array.astype(_cast(array.dtype, wanted))


def _element_type(onnx: Any, dtype: Any) -> int:
    return int(onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def _lengths(port: Port, axes: tuple[int | None, ...]) -> list[int | str]:
    return ["batch" if axis in axes else length for axis, length in enumerate(port.shape)]
