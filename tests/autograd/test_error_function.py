"""erf of arrays against digits of the same function from elsewhere, in units in the last place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, erf


def points(dtype: Any) -> Any:
    """Dense where the formulas meet and end, and over all magnitudes, of both signs."""
    rng = np.random.default_rng(1)
    parts = [
        np.linspace(0.0, 7.0, 20_001),
        1.0 + np.arange(-50, 51) * np.finfo(dtype).eps,
        rng.standard_normal(20_000),
        10.0 ** rng.uniform(-30.0, 0.0, 5_000),
        [3.9999, 4.0, 4.0001, 5.9, 5.95, 6.0, 6.0001, 30.0, 1e10, 1e30],
    ]
    x = np.concatenate(parts)
    return np.concatenate([x, -x]).astype(dtype)


@pytest.mark.parametrize("dtype, units", [(np.float64, 2.0), (np.float32, 2.0), (np.float16, 0.51)])
def test_against_the_c_library(dtype: Any, units: float) -> None:
    x = points(np.float32).clip(-6e4, 6e4).astype(dtype) if dtype == np.float16 else points(dtype)
    found = erf(Tensor(x)).data
    assert found.dtype == dtype
    expected = np.array([math.erf(each) for each in x.astype(float).tolist()])
    unit = np.spacing(np.abs(expected.astype(dtype))).astype(float)
    worst = np.max(np.abs(found.astype(float) - expected) / unit)
    assert worst <= units, f"{worst} units in the last place at {x[np.argmax(np.abs(found - expected) / unit)]!r}"


def test_against_many_digits() -> None:
    mpmath = pytest.importorskip("mpmath", reason="mpmath gives the digits: pip install mpmath")
    x = points(np.float64)[::97]
    found = erf(Tensor(x)).data
    with mpmath.workdps(40):
        errors = [
            abs(mpmath.mpf(float(f)) - mpmath.erf(mpmath.mpf(float(each)))) for each, f in zip(x, found, strict=True)
        ]
    assert max(float(e) / u for e, u in zip(errors, np.spacing(np.abs(found)), strict=True)) <= 2.0


def test_at_special_numbers() -> None:
    found = erf(Tensor([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e308])).data
    np.testing.assert_array_equal(found, [0.0, -0.0, 1.0, -1.0, np.nan, 5e-324, 1.0])
    assert np.signbit(found[1])
    assert erf(Tensor(np.zeros((0, 3)))).shape == (0, 3)


@pytest.mark.parametrize("order", ["C", "F"])
def test_shapes_and_memory_orders(order: Any) -> None:
    x = np.asarray(np.random.default_rng(2).standard_normal((70, 3, 130)), order=order)
    for each in (x, x[::2, :, ::-3], x[0, 0, 0], np.broadcast_to(x[:1], (5, 3, 130))):
        found = np.asarray(erf(Tensor(each)).data)
        assert found.shape == each.shape
        np.testing.assert_allclose(found, np.vectorize(math.erf)(each), rtol=5e-16)
        forward = np.asarray(erf.forward(each))
        np.testing.assert_array_equal(forward, found)


def test_a_number_and_an_array_of_one_agree() -> None:
    for x in (0.3, -1.7, 3.0):
        assert erf(x) == pytest.approx(float(erf(Tensor(x)).data), rel=5e-16)
