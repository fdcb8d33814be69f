"""From the bytes of an ONNX file to its graph, refusing what is damaged, hostile or not supported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nn.parts import Array
from nn.saving.files import FileFormatError, Path, opened, read_exactly
from nn.saving.onnx.library import onnx_library
from nn.saving.onnx.reading.graph import Graph, Port, Step, shortened
from nn.saving.onnx.reading.numbers import MOST_AXES, array_of, dtype_of, type_name
from nn.saving.onnx.reading.registry import is_read
from nn.saving.onnx.reading.wire import check_size
from nn.saving.other_formats import check_format

MAX_BYTES = 2**31 - 1
OPSETS = (7, 28)  # before 7 operands did not broadcast as NumPy's do
MOST_STEPS = 200_000
MOST_WEIGHTS = 20_000
MOST_ELEMENTS_IN_ATTRIBUTES = 2**20  # of a list
_OWN_DOMAINS = ("", "ai.onnx")


def read_graph(path: Path, max_bytes: int = MAX_BYTES) -> Graph:
    """The graph of an ONNX file.

    Raises:
        FileFormatError: the file is damaged, hostile, too large, or holds what is not supported. The message names the
            node, its operator and opset.
        OSError: there is no such file, or it cannot be read.
        ImportError: the package onnx is missing.
    """
    onnx = onnx_library("from_onnx")
    with opened(path, max_bytes) as (file, size):
        data = read_exactly(file, size, path)
    check_format(path, data[:8192], expected="onnx")
    check_size(data, path)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:  # protobuf's DecodeError has no public base but Exception
        raise FileFormatError(path, f"is no ONNX model, or is damaged: {error}") from None
    del data
    return _graph(model, _opset(model, path), path)


def _opset(model: Any, path: Path) -> int:
    versions = [each.version for each in model.opset_import if each.domain in _OWN_DOMAINS]
    if not model.HasField("graph") or len(versions) != 1:
        others = ", ".join(sorted({each.domain for each in model.opset_import}))[:80]
        raise FileFormatError(path, f"is no ONNX model, or is damaged: it has no graph, or no opset but of {others!r}")
    if not OPSETS[0] <= versions[0] <= OPSETS[1]:
        raise FileFormatError(
            path,
            f"is of opset {versions[0]}; opsets {OPSETS[0]} to {OPSETS[1]} are read. Convert it with "
            f"onnx.version_converter, or export it again",
        )
    if model.functions:
        raise FileFormatError(path, "defines functions of its own, which are not read; inline them with onnx.inliner")
    return int(versions[0])


def _graph(model: Any, opset: int, path: Path) -> Graph:
    proto = model.graph
    for what, count, most in (("nodes", len(proto.node), MOST_STEPS), ("arrays", len(proto.initializer), MOST_WEIGHTS)):
        if count > most:
            raise FileFormatError(path, f"has {count:,} {what}, and at most {most:,} are read")
    if proto.sparse_initializer:
        raise FileFormatError(path, "holds sparse arrays, which are not read")
    steps = [_step(node, opset, path) for node in proto.node]
    used = {name for step in steps for name in step.inputs} | {output.name for output in proto.output}
    weights: dict[str, Array] = {}
    for tensor in proto.initializer:
        if tensor.name in weights:
            raise FileFormatError(path, f"has two arrays named {shortened(tensor.name)!r}")
        if tensor.name in used:
            weights[tensor.name] = array_of(tensor, f"array {shortened(tensor.name)!r}", path)
    inputs = [_port(each, path) for each in proto.input if each.name not in {*weights}]
    outputs = [_port(each, path) for each in proto.output]
    _check_order(inputs, outputs, steps, weights, path)
    return Graph(inputs, outputs, steps, weights)


def _check_order(
    inputs: list[Port], outputs: list[Port], steps: list[Step], weights: Iterable[str], path: Path
) -> None:
    """Each value is made once, and before it is used: so there is no cycle, and nothing is missing."""
    known = {*weights}
    for port in inputs:
        if not port.name or port.name in known:
            raise FileFormatError(path, f"has an input named {shortened(port.name)!r}, which is empty or taken")
        known.add(port.name)
    later = {name for step in steps for name in step.outputs}
    for step in steps:
        for name in step.inputs:
            if name and name not in known:
                why = "is made later, or by itself" if name in later else "nothing makes"
                raise FileFormatError(path, f"{step.describe()} reads {shortened(name)!r}, which {why}")
        for name in step.outputs:
            if name and name in known:
                raise FileFormatError(path, f"{step.describe()} makes {shortened(name)!r}, which is there already")
            known.add(name)
    missing = [port.name for port in outputs if port.name not in known]
    if missing or not outputs:
        raise FileFormatError(
            path, f"has the output {shortened(missing[0])!r}, which nothing makes" if missing else "has no output"
        )


def _port(info: Any, path: Path) -> Port:
    if not info.type.HasField("tensor_type"):
        raise FileFormatError(path, f"has {shortened(info.name)!r} as input or output, which is no tensor")
    tensor = info.type.tensor_type
    dtype = dtype_of(tensor.elem_type)
    if dtype is None:
        raise FileFormatError(
            path, f"has {shortened(info.name)!r} of type {type_name(tensor.elem_type)}, which is not read"
        )
    if not tensor.HasField("shape"):
        return Port(info.name, dtype, None)
    if len(tensor.shape.dim) > MOST_AXES:
        raise FileFormatError(path, f"has {shortened(info.name)!r} of {len(tensor.shape.dim)} axes")
    lengths = tuple(
        each.dim_value if each.HasField("dim_value") else each.dim_param or None for each in tensor.shape.dim
    )
    if any(isinstance(length, int) and length < 0 for length in lengths):
        raise FileFormatError(path, f"has {shortened(info.name)!r} of the impossible shape {shortened(str(lengths))}")
    return Port(info.name, dtype, lengths)


# ---- nodes ----------------------------------------------------------------------------------------------------------


def _step(node: Any, opset: int, path: Path) -> Step:
    onnx = onnx_library("from_onnx")
    step = Step(node.op_type, node.name, tuple(node.input), tuple(node.output), {}, opset)
    if node.domain not in _OWN_DOMAINS or not is_read(node.op_type):
        domain = f" of domain {shortened(node.domain)!r}" if node.domain not in _OWN_DOMAINS else ""
        raise FileFormatError(
            path,
            f"{step.describe()}: the operator {shortened(node.op_type)!r}{domain} is not supported; nn.from_onnx "
            f"lists those that are",
        )
    try:
        schema = onnx.defs.get_schema(node.op_type, opset, "")
    except Exception as error:
        raise FileFormatError(path, f"{step.describe()}: opset {opset} has no such operator ({error})") from None
    if not (schema.min_input <= len(node.input) <= schema.max_input):
        raise FileFormatError(path, f"{step.describe()}: has {len(node.input)} inputs")
    if not (schema.min_output <= len(node.output) <= schema.max_output) or not any(node.output):
        raise FileFormatError(path, f"{step.describe()}: has {len(node.output)} outputs")
    attributes = _defaults(onnx, schema)
    for attribute in node.attribute:
        known = schema.attributes.get(attribute.name)
        if known is None or int(known.type) != attribute.type:
            raise FileFormatError(
                path, f"{step.describe()}: the operator takes no attribute {shortened(attribute.name)!r} of that type"
            )
        attributes[attribute.name] = _attribute(attribute, step, path)
    required = [name for name, each in schema.attributes.items() if each.required]
    given = {attribute.name for attribute in node.attribute}
    if missing := [name for name in required if name not in given]:
        raise FileFormatError(path, f"{step.describe()}: lacks the attribute {missing[0]!r}")
    types = [each.type_str for each in schema.inputs]
    if schema.inputs and not schema.inputs[-1].is_homogeneous:
        types[-1] = ""
    types += types[-1:] * (len(node.input) - len(types))  # the last may stand for several
    return step._replace(attributes=attributes, version=int(schema.since_version), types=tuple(types))


def _defaults(onnx: Any, schema: Any) -> dict[str, Any]:
    values = {}
    for name, each in schema.attributes.items():
        has_default = each.default_value is not None and each.default_value.type
        values[name] = _plain(onnx.helper.get_attribute_value(each.default_value)) if has_default else None
    return values


def _attribute(attribute: Any, step: Step, path: Path) -> Any:
    kinds = type(attribute)
    if attribute.ref_attr_name:
        raise FileFormatError(
            path, f"{step.describe()}: {shortened(attribute.name)!r} refers to a function's attribute"
        )
    plain = {
        kinds.FLOAT: "f", kinds.INT: "i", kinds.STRING: "s",
        kinds.FLOATS: "floats", kinds.INTS: "ints", kinds.STRINGS: "strings",
    }  # fmt: skip
    if attribute.type == kinds.TENSOR:
        return array_of(attribute.t, f"{step.describe()}: {shortened(attribute.name)!r}", path)
    if attribute.type not in plain:
        raise FileFormatError(
            path, f"{step.describe()}: the attribute {shortened(attribute.name)!r} is of a kind that is not read"
        )
    value = getattr(attribute, plain[attribute.type])
    if attribute.type in (kinds.FLOATS, kinds.INTS, kinds.STRINGS) and len(value) > MOST_ELEMENTS_IN_ATTRIBUTES:
        raise FileFormatError(
            path, f"{step.describe()}: the attribute {shortened(attribute.name)!r} has {len(value):,} elements"
        )
    return _plain(value)


def _plain(value: Any) -> Any:
    """Bytes as text, lists as tuples."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, str | int | float):
        return value
    return tuple(_plain(each) for each in value)
