"""Models written as ONNX and held against ONNX's reference evaluator, read back, and written again."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

onnx = pytest.importorskip("onnx", reason="ONNX files are written and read by onnx: pip install gradwalk[onnx]")
reference = pytest.importorskip("onnx.reference", reason="the oracle of these tests: pip install gradwalk[onnx]")

RELATIVE = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 2e-4}  # attributes of ONNX are float32


def evaluated(path: Any, inputs: dict[str, Any]) -> list[Any]:
    """The outputs by the reference evaluator."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference.ReferenceEvaluator(str(path)).run(None, inputs)


def flat(result: Any) -> list[Any]:
    """The arrays of a result, nested or not."""
    if isinstance(result, dict):
        return flat(list(result.values()))
    if isinstance(result, tuple | list):
        return [array for each in result if each is not None for array in flat(each)]
    return [result.numpy() if isinstance(result, Tensor) else np.asarray(result)]


def kinds(path: Any) -> list[str]:
    """The operators of a file, but for constants."""
    return [node.op_type for node in onnx.load(path).graph.node if node.op_type != "Constant"]


def assert_near(actual: Any, expected: Any, what: str) -> None:
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: {actual.dtype}, expected {expected.dtype}"
    relative = RELATIVE[expected.dtype]
    finite = expected[np.isfinite(expected)]
    scale = max(1.0, float(np.max(np.abs(finite), initial=0.0)))
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * scale, err_msg=what)


def check(
    model: Any,
    folder: Any,
    *inputs: Any,
    batch_axis: Any = 0,
    by_reference: bool = True,
    again: bool = True,
    dtype: Any = None,
) -> list[str]:
    """Write the model, compare what the file computes with what the model does, and give the operators.

    Args:
        inputs: arrays, with another batch than those that the file is written from.
        by_reference: whether the reference evaluator can compute it.
        again: whether what was read can be written again.
    """
    path, copy = folder / "model.onnx", folder / "again.onnx"
    nn.to_onnx(model, path, *inputs, batch_axis=batch_axis, dtype=dtype)
    onnx.checker.check_model(str(path), full_check=True)
    with nn.module.mode(model, False), np.errstate(all="ignore"):
        expected = flat(model(*(Tensor(x) if x.dtype.kind == "f" else x for x in inputs)))
    given = [x if dtype is None or x.dtype.kind != "f" else x.astype(dtype) for x in inputs]
    expected = [x if dtype is None else x.astype(dtype) for x in expected]
    names = ["input"] if len(inputs) == 1 else [f"input_{place}" for place in range(len(inputs))]
    named = dict(zip(names, given, strict=True))
    if by_reference:
        for found, wanted in zip(evaluated(path, named), expected, strict=True):
            assert_near(found, wanted, "by the reference")
    read = nn.from_onnx(path)
    for found, wanted in zip(flat(read(*given)), expected, strict=True):
        assert_near(found, wanted, "read")
    if again:
        nn.to_onnx(read, copy, *given, batch_axis=batch_axis)
        for found, wanted in zip(flat(nn.from_onnx(copy)(*given)), expected, strict=True):
            assert_near(found, wanted, "written again")
    return kinds(path)
