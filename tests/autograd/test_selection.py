"""A choice by bits is NumPy's choice, for every pair of operands and every number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.primitives.selection import selected

SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1.5, 2.0])
SHAPE = (40, 3, 50)


def drawn(dtype: Any, shape: Any, seed: int) -> Any:
    return np.random.default_rng(seed).choice(SPECIAL, shape).astype(dtype)


@pytest.mark.parametrize("dtypes", [(np.float32,) * 2, (np.float64,) * 2, (np.float16,) * 2, (np.float32, np.float64)])
@pytest.mark.parametrize("shapes", [(SHAPE, SHAPE), (SHAPE, ()), ((), SHAPE), ((3, 1), (40, 1, 50)), ((), ())])
@pytest.mark.parametrize("transposed", [False, True])
def test_it_is_numpys(dtypes: tuple[Any, Any], shapes: tuple[Any, Any], transposed: bool) -> None:
    x, y = (drawn(dtype, shape, seed) for seed, (dtype, shape) in enumerate(zip(dtypes, shapes, strict=True)))
    condition = np.random.default_rng(3).random(SHAPE) < 0.5
    if transposed:
        condition = np.ascontiguousarray(condition.T).T
    found, expected = selected(x, y, condition), np.where(condition, x, y)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.parametrize("pair", [(0.0, None), (None, 0.0), (None, -0.0), (None, 0), (np.nan, None), (1, 2.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_python_numbers_take_the_arrays_dtype(pair: tuple[Any, Any], dtype: Any) -> None:
    x, y = (drawn(dtype, SHAPE, 1) if each is None else each for each in pair)
    condition = np.random.default_rng(3).random(SHAPE) < 0.5
    found, expected = selected(x, y, condition), np.where(condition, x, y)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


def test_operands_larger_than_the_condition() -> None:
    x, y = drawn(np.float32, (4, 3000), 1), drawn(np.float32, (4, 3000), 2)
    condition = np.random.default_rng(3).random(3000) < 0.5
    np.testing.assert_array_equal(selected(x, y, condition), np.where(condition, x, y))
    np.testing.assert_array_equal(selected(x, 1.0, condition), np.where(condition, x, np.float32(1.0)))
    integers = np.arange(3000)
    np.testing.assert_array_equal(selected(integers, -integers, condition), np.where(condition, integers, -integers))
