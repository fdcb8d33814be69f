"""Checks that are made once for each combination of shapes and options: what equals an integer is not taken for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import ShapeError
from nn.functional.arguments import Shape, remembered

IMAGES, KERNELS = np.ones((2, 3, 5, 5)), np.ones((4, 3, 2, 2))


def test_each_combination_is_checked_once() -> None:
    seen: list[Any] = []

    @remembered
    def check(*arguments: Any) -> int:
        seen.append(arguments)
        return len(seen)

    assert [check("f", 1, Shape((1, 2)), (1, 1), None) for _ in range(2)] == [1, 1]
    assert check("f", 1, Shape((1, 3)), (1, 1), None) == 2
    assert check("f", 1, Shape((1, 2)), [1, 1], None) == 3
    assert check("f", 1, Shape((1, 2)), (1, True), None) == 4
    assert check("f", 1, Shape((1, 2)), ((1, 1), 1), None) == 5
    assert check("f", 1.0, Shape((1, 2)), (1, 1), None) == 6
    assert check("f", True, Shape((1, 2)), (1, 1), None) == 7


@pytest.mark.parametrize("stride", [1.0, (1.0, 1), (1, 1.0), [1.0, 1]])
def test_a_float_is_no_stride_even_after_an_integer_was(stride: Any) -> None:
    assert F.conv2d(IMAGES, KERNELS, stride=1).shape == F.conv2d(IMAGES, KERNELS, stride=(1, 1)).shape
    with pytest.raises(ValueError, match="stride"):
        F.conv2d(IMAGES, KERNELS, stride=stride)
    assert F.max_pool2d(IMAGES, 2, 1).shape == F.max_pool2d(IMAGES, 2, (1, 1)).shape
    with pytest.raises(ValueError, match="stride"):
        F.max_pool2d(IMAGES, 2, stride)


def test_a_refusal_is_not_forgotten() -> None:
    for _ in range(2):
        with pytest.raises(ShapeError, match="channels"):
            F.conv2d(IMAGES, np.ones((4, 2, 2, 2)))


@pytest.mark.parametrize("padding", [1, (1, 2), [(0, 1), 2], ((1, 1), (0, 0)), "same", np.int64(1)])
def test_padding_in_every_form_twice(padding: Any) -> None:
    first, second = (F.conv2d(IMAGES, KERNELS, padding=padding) for _ in range(2))
    np.testing.assert_array_equal(first, second)
