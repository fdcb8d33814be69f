"""The tests that docs/testing.md shows, run by pytest, have the names that it gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_readme import FENCED

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[4] / "docs" / "testing.md"

FUNCTIONS = """
import numpy as np
import pytest
import nn.functional as F
from autograd import logaddexp as softplus_of

x = np.linspace(-1.0, 1.1, 12).reshape(3, 4)
image, kernel = np.linspace(0.0, 1.0, 25).reshape(1, 1, 5, 5), np.array([[[[1.0, -2.0], [0.5, 3.0]]]])
w, b = np.linspace(1.0, 2.0, 8).reshape(4, 2), np.array([0.5, -0.5])

def softplus(x):
    return softplus_of(x, 0.0)

def relu_forward(x):
    return np.maximum(x, 0.0), x

def relu_backward(dout, cache):
    return dout * (cache > 0.0)

def fc_forward(x, w, b):
    return x @ w + b, (x, w)

def fc_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


def test_each_test_of_the_page_passes_under_its_name(pytester: pytest.Pytester) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (pytester.path / "test_page.py").write_text("\n".join([FUNCTIONS, *FENCED.findall(text)]), encoding="utf-8")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rA", "-n0")
    result.assert_outcomes(passed=6)
    for name in ("test_gradients[relu-3x4]", "test_gradients[softmax-3x4-dim=1]", "test_gradients[padded]"):
        assert f"`{name}`" in text
        result.stdout.fnmatch_lines([f"PASSED test_page.py::{name.replace('[', '[[]')}"])
