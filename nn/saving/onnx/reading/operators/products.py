"""Products that sum: matrices, and labelled axes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd import ShapeError, functions
from autograd.functions.linalg import det
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, broadcast_shape, check_elements, is_float


@reads("MatMul")
def matmul(step: Step, x: Value, y: Value) -> Value:
    """As NumPy's."""
    if not x.ndim or not y.ndim or x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0]:
        raise ShapeError(f"{step.describe()}: shapes {x.shape} and {y.shape} do not fit")
    rows = x.shape[-2:-1] if x.ndim > 1 else ()
    columns = y.shape[-1:] if y.ndim > 1 else ()
    check_elements(step, (*broadcast_shape(step, x.shape[:-2], y.shape[:-2]), *rows, *columns))
    return functions.matmul(x, y) if is_float(x) else np.matmul(x, y)


@reads("Gemm")
def gemm(step: Step, x: Value, y: Value, z: Value = None) -> Value:
    """alpha·x·y + beta·z, each of x and y transposed or not."""
    if x.ndim != 2 or y.ndim != 2:
        raise ShapeError(f"{step.describe()}: takes matrices, not shapes {x.shape} and {y.shape}")
    left = functions.transpose(x) if step.transA else x
    inner, columns = y.shape[::-1] if step.transB else y.shape
    if left.shape[1] != inner:
        raise ShapeError(f"{step.describe()}: shapes {x.shape} and {y.shape} do not fit")
    check_elements(step, (left.shape[0], columns))
    simple = step.transB and step.alpha == 1.0 and (z is None or (step.beta == 1.0 and z.shape == (columns,)))
    if simple:
        return F.linear(left, y, z)
    product = functions.matmul(left, functions.transpose(y) if step.transB else y)
    if step.alpha != 1.0:
        product = product * step.alpha
    if z is None:
        return product
    broadcast_shape(step, product.shape, z.shape)
    return product + (z if step.beta == 1.0 else z * step.beta)


_EINSUM = re.compile(r"[a-zA-Z.,\s]*(->[a-zA-Z.\s]*)?")


@reads("Einsum")
def einsum(step: Step, *operands: Value) -> Value:
    """As NumPy's, with letters."""
    equation = "".join(step.equation.split())
    if len(equation) > 1000 or not _EINSUM.fullmatch(equation):
        raise ValueError(f"{step.describe()}: {equation[:80]!r} is no equation")
    _check_einsum(step, equation, operands)
    return functions.einsum(equation, *operands)


def _check_einsum(step: Step, equation: str, operands: tuple[Value, ...]) -> None:
    """Refuse a result, or what several products pass through on the way, that would fill the memory."""
    inputs, _, result = equation.partition("->")
    lengths: dict[Any, int] = {}
    for labels, x in zip(inputs.split(","), operands, strict=False):
        before, _, after = labels.partition("...")
        hidden = x.ndim - len(before) - len(after)
        names = [*before, *(f"...{place}" for place in range(hidden, 0, -1)), *after]
        for name, length in zip(names, x.shape, strict=False):
            lengths[name] = max(length, lengths.get(name, 1))
    kept = set(result) if result and len(operands) < 3 else set(inputs)
    check_elements(step, [length for name, length in lengths.items() if name in kept or name.startswith("...")])


@reads("Det")
def determinant(step: Step, x: Value) -> Any:
    """Of each matrix."""
    return det(x)
