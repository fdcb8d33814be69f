"""The elementwise primitives, reductions and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.operands import operands
from nn.saving.onnx.writing.program import ExportError
from nn.saving.onnx.writing.registry import writes_primitive

_SAME = {
    "identity": "Identity", "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "negative": "Neg",
    "power": "Pow", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan",
    "arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus",
    "erf": "Erf", "relu": "Relu", "absolute": "Abs", "maximum": "Max", "minimum": "Min", "floor": "Floor",
    "ceil": "Ceil", "sign": "Sign", "matmul": "MatMul",
}  # fmt: skip


def read(emitter: Emitter, node: Any) -> list[str]:
    """The names of what a node reads, in the node's own dtype."""
    return [emitter.value(x, node.dtype) for x in operands(node)]


@writes_primitive(*_SAME)
def write_same(emitter: Emitter, node: Any) -> str:
    """A primitive that is one operator."""
    return emitter.operation(_SAME[node.rule.name], *read(emitter, node))


@writes_primitive("square")
def write_square(emitter: Emitter, node: Any) -> str:
    """x·x."""
    (x,) = read(emitter, node)
    return emitter.operation("Mul", x, x)


@writes_primitive("expm1")
def write_expm1(emitter: Emitter, node: Any) -> str:
    """tanh(x/2)·(e^x + 1), which equals e^x - 1 and keeps its digits near 0."""
    (x,) = read(emitter, node)
    half = emitter.operation("Tanh", emitter.operation("Mul", x, emitter.scalar(0.5, node.dtype)))
    sum_ = emitter.operation("Add", emitter.operation("Exp", x), emitter.scalar(1.0, node.dtype))
    return emitter.operation("Mul", half, sum_)


@writes_primitive("log1p")
def write_log1p(emitter: Emitter, node: Any) -> str:
    """log(1 + x)."""
    (x,) = read(emitter, node)
    return emitter.operation("Log", emitter.operation("Add", x, emitter.scalar(1.0, node.dtype)))


@writes_primitive("logaddexp")
def write_logaddexp(emitter: Emitter, node: Any) -> str:
    """max(x, y) + log(1 + e^-|x - y|)."""
    x, y = read(emitter, node)
    gap = emitter.operation("Neg", emitter.operation("Abs", emitter.operation("Sub", x, y)))
    return emitter.operation("Add", emitter.operation("Max", x, y), emitter.operation("Softplus", gap))


@writes_primitive("trunc")
def write_trunc(emitter: Emitter, node: Any) -> str:
    """sign(x)·⌊|x|⌋."""
    (x,) = read(emitter, node)
    whole = emitter.operation("Floor", emitter.operation("Abs", x))
    return emitter.operation("Mul", emitter.operation("Sign", x), whole)


@writes_primitive("round")
def write_round(emitter: Emitter, node: Any) -> str:
    """Halves to even, as NumPy and ONNX have it."""
    (x,) = read(emitter, node)
    if not node.params.get("decimals"):
        return emitter.operation("Round", x)
    factor = emitter.scalar(10.0 ** node.params["decimals"], node.dtype)
    return emitter.operation("Div", emitter.operation("Round", emitter.operation("Mul", x, factor)), factor)


@writes_primitive("clip")
def write_clip(emitter: Emitter, node: Any) -> str:
    """Bounds of one number are Clip's own; arrays of bounds are a maximum and a minimum."""
    (x,) = read(emitter, node)
    for kind, bound in (("Max", node.params.get("lower")), ("Min", node.params.get("upper"))):
        if bound is not None:
            x = emitter.operation(kind, x, emitter.value(np.asarray(bound), node.dtype))
    return x


@writes_primitive("where")
def write_where(emitter: Emitter, node: Any) -> str:
    """The condition is a constant: one that came from the input's numbers is found out by comparing two passes."""
    condition = emitter.constant(np.asarray(node.params["condition"], dtype=bool))
    return emitter.operation("Where", condition, *read(emitter, node))


@writes_primitive("cast")
def write_cast(emitter: Emitter, node: Any) -> str:
    """Another floating-point dtype."""
    return emitter.value(node.parents[0], node.dtype)


_REDUCTIONS = {"sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin", "logsumexp": "ReduceLogSumExp"}


@writes_primitive(*_REDUCTIONS)
def write_reduction(emitter: Emitter, node: Any) -> str:
    """Over some axes, or all."""
    axes, (x,) = node.params.get("axis"), node.parents
    axes = tuple(range(x.ndim)) if axes is None else axes
    if not axes:
        return emitter.value(x, node.dtype)
    kept = int(node.params.get("keepdims", False))
    return emitter.operation(
        _REDUCTIONS[node.rule.name], emitter.value(x, node.dtype), emitter.integers(axes), keepdims=kept
    )


@writes_primitive("cumsum")
def write_cumsum(emitter: Emitter, node: Any) -> str:
    """Running sums along one axis."""
    (x,) = read(emitter, node)
    return emitter.operation("CumSum", x, emitter.constant(np.array(node.params["axis"], dtype=np.int64)))


@writes_primitive("contract")
def write_contraction(emitter: Emitter, node: Any) -> str:
    """The sum of products over labelled axes."""
    return emitter.operation("Einsum", *read(emitter, node), equation=node.params["subscripts"])


@writes_primitive("det")
def write_determinant(emitter: Emitter, node: Any) -> str:
    """Of each matrix of a stack."""
    return emitter.operation("Det", *read(emitter, node))


@writes_primitive("logabsdet")
def write_log_determinant(emitter: Emitter, node: Any) -> str:
    """log |det x|."""
    determinant = emitter.operation("Det", *read(emitter, node))
    return emitter.operation("Log", emitter.operation("Abs", determinant))


@writes_primitive("inv", "solve", "cholesky")
def refuse_linear_algebra(emitter: Emitter, node: Any) -> str:
    """ONNX has determinants, and no more of linear algebra."""
    raise ExportError(
        f"to_onnx: {node.describe()}, made in {node.scope or 'forward'}, is {node.rule.name!r}, for which ONNX has no "
        f"operator; compute it outside of the model, or once, as a constant"
    )
