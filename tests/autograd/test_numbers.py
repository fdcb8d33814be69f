"""Numbers as pictures write them: four significant digits, nothing claimed that was rounded away."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.numbers import array_text, number_text, shape_text


@pytest.mark.parametrize(
    "number, text",
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-3.0, "−3"), (99999.0, "99999"), (123456.0, "1.235e5"), (0.5, "0.5"),
        (2 / 3, "0.6667"), (-0.00012345, "−0.0001234"), (1.5e-9, "1.5e−9"), (-2.5e30, "−2.5e30"), (1.00004, "1.000"),
        (0.1 + 0.2, "0.3"), (float(np.float32(0.1)), "0.1"), (math.pi * 1e4, "3.142e4"), (2980.96, "2981"),
        (-2980.96, "−2981"), (math.inf, "∞"),
        (-math.inf, "−∞"), (math.nan, "NaN"), (5e-324, "4.941e−324"),
    ],
)  # fmt: skip
def test_number(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(-1e308, 1e308))
def test_the_text_is_the_number_to_four_digits(number: float) -> None:
    text = number_text(number)
    assert "-" not in text
    assert float(text.replace("−", "-")) == pytest.approx(number, rel=5.01e-4, abs=1e-323)


@pytest.mark.parametrize(
    "array, text",
    [
        (np.array(2.5), "2.5"), (np.zeros(0), "empty"), (np.array([1.0, -2.0]), "[1, −2]"),
        (np.array([[1.0], [np.nan]]), "[[1], [NaN]]"), (np.arange(6.0) - 1, "−1 … 4"), (np.full((3, 3), 1), "all 1"),
        (np.array([1.0, 2.0, np.nan, np.nan, np.inf, 3.0]), "1 … 3, 2 NaN, 1 ∞"), (np.full(7, -np.inf), "7 −∞"),
        (np.full(5, 1e308), "all 1e308"),
    ],
)  # fmt: skip
def test_array(array: np.ndarray, text: str) -> None:
    assert array_text(array) == text


def test_shape_and_dtype() -> None:
    assert shape_text(np.zeros((1, 2), dtype=np.float32)) == "(1, 2) float32"
