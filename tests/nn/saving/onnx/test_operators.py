"""Every operator that is read, on the cases by which ONNX itself defines them."""

import re
import warnings

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.saving.onnx.oracle import onnx

REFUSED = re.compile(
    "not supported|not read|training mode|is of opset|no opset but of|is no tensor|cannot be differentiated"
)
# Numbers without a NumPy type are computed in float32, and so differ from those rounded to a few digits.
ROUNDED = re.compile("bfloat16|bf16|float8", re.IGNORECASE)
LEAST = 900  # cases that must pass; onnx 1.17 has fewer than later ones


def arrays_of(values):
    arrays = []
    for value in values:
        array = np.asarray(onnx.numpy_helper.to_array(value) if hasattr(value, "dims") else value)
        arrays.append(array.astype(np.float32) if array.dtype.kind not in "iubf" else array)
    return arrays


def run_case(case, path):
    """Compare, and say whether the case is one that is supported."""
    path.write_bytes(case.model.SerializeToString())
    try:
        model = nn.from_onnx(path)
        for inputs, outputs in case.data_sets:
            result = model(*arrays_of(inputs))
            for found, expected in zip(
                result if isinstance(result, tuple) else (result,), arrays_of(outputs), strict=True
            ):
                found = found.numpy() if isinstance(found, Tensor) else found
                assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
                half = expected.dtype == np.float16
                np.testing.assert_allclose(found, expected, rtol=2e-2 if half else 1e-3, atol=1e-2 if half else 1e-5)
    except ValueError as error:
        if not REFUSED.search(str(error)):
            raise
        return False
    return True


@pytest.mark.uncounted
def test_the_cases_of_the_standard(tmp_path):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        node = pytest.importorskip("onnx.backend.test.case.node", reason="the cases are part of onnx")
        cases = node.collect_testcases(None)
    passed = []
    for case in cases:
        if case.model is None or ROUNDED.search(case.name) or not all(map(plain, case.data_sets)):
            continue
        try:
            if run_case(case, tmp_path / "case.onnx"):
                passed.append(case.name)
        except Exception as error:
            error.add_note(f"case {case.name}")
            raise
    assert len(passed) >= LEAST
    # Of the operators that networks are made of, no case may fall to the refused ones unseen.
    for stem, least in {
        "conv": 9,
        "maxpool": 12,
        "averagepool": 15,
        "lstm": 4,
        "gru": 6,
        "resize": 25,
        "softmax": 10,
    }.items():
        assert sum(name.startswith(f"test_{stem}") for name in passed) >= least, stem


def plain(data):
    """Whether the case's data are tensors, no sequences or options."""
    return all(hasattr(value, "dims") or isinstance(value, np.ndarray | np.generic) for part in data for value in part)
