"""Padding in four modes against PyTorch to second derivatives, by hand, and its refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value
from tests.nn.functional.spatial_draws import batch, integer
from tests.nn.oracle import Case, hold, torch


def constant_case(rng: np.random.Generator) -> Case:
    """Any number of axes, some padded and some cropped, down to nothing."""
    shape = tuple(integer(rng, 1, 4) for _ in range(rng.integers(1, 5)))
    amounts: list[int] = []
    for length in reversed(shape[integer(rng, 0, len(shape)) :]):
        before = integer(rng, -length, 3)
        amounts += [before, integer(rng, -length - min(before, 0), 3)]
    value = [None, 0.0, 2.5, -1.0, 3][rng.integers(5)]
    return Case(
        [rng.normal(size=shape)],
        lambda x: F.pad(x, amounts, value=value),
        lambda x: torch.nn.functional.pad(x, amounts, value=value),
        note=f"{amounts}, {value}",
    )


def test_constant() -> None:
    hold(constant_case)


def mode_case(rng: np.random.Generator, mode: str, axes: int) -> Case:
    """The last axes, as PyTorch has them, each end by as much as there is, or cropped."""
    lengths = [integer(rng, 1, 4) for _ in range(axes)]
    amounts: list[int] = []
    for length in reversed(lengths):
        most = {"reflect": length - 1, "circular": length, "replicate": 4}[mode]
        least = 0 if mode == "circular" else -(length - 1)  # PyTorch's own circular padding errs on negative numbers
        before = integer(rng, least, most)
        amounts += [before, integer(rng, max(least, -length - min(before, 0) + 1), most)]
    return Case(
        [rng.normal(size=(*batch(rng), 2, *lengths))],
        lambda x: F.pad(x, tuple(amounts), mode),
        lambda x: torch.nn.functional.pad(x, tuple(amounts), mode),
        note=f"{mode}, {amounts}",
    )


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_mode(mode: str, axes: int) -> None:
    hold(lambda rng: mode_case(rng, mode, axes))


@pytest.mark.parametrize("mode", ["symmetric", "reflect", "wrap", "edge"])
def test_numpy_pads_alike(mode: str) -> None:
    """NumPy as a second oracle; its "symmetric" repeats the edge, which is "replicate" by one element."""
    ours = {"symmetric": "replicate", "reflect": "reflect", "wrap": "circular", "edge": "replicate"}[mode]
    most = 1 if mode == "symmetric" else 2
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    expected = np.pad(x, ((0, 0), (1, most), (most, 1)), mode=mode)  # type: ignore[call-overload]
    np.testing.assert_array_equal(F.pad(x, (most, 1, 1, most), ours), expected)


ROW = np.array([[1.0, 2.0, 3.0, 4.0]])


@pytest.mark.parametrize(
    "amounts, mode, expected",
    [
        ((1, -2), "constant", [0.0, 1.0, 2.0]),
        ((-4, 1), "constant", [0.0]),
        ((3, 3), "reflect", [4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0]),
        ((-2, 3), "reflect", [3.0, 4.0, 3.0, 2.0, 1.0]),
        ((2, -3), "replicate", [1.0, 1.0, 1.0]),
        ((4, 4), "circular", [1.0, 2.0, 3.0, 4.0] * 3),
        ((1, -1), "circular", [3.0, 1.0, 2.0, 3.0]),  # what is left is continued
        ((-2, 2), "circular", [3.0, 4.0, 3.0, 4.0]),
        ((), "reflect", [1.0, 2.0, 3.0, 4.0]),
        ((0, 0), "circular", [1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_by_hand(amounts: tuple[int, ...], mode: str, expected: list[float]) -> None:
    assert F.pad(ROW, amounts, mode).tolist() == [expected]


def test_every_copy_of_an_element_adds_to_its_gradient() -> None:
    x = Tensor(ROW, requires_grad=True)
    out = F.pad(x, (2, 3), "replicate")
    out.backward(np.array([[1.0, 10.0, 100.0, 2.0, 3.0, 4.0, 20.0, 200.0, 2000.0]]))
    assert x.grad is not None
    assert x.grad.tolist() == [[111.0, 2.0, 3.0, 2224.0]]
    x.zero_grad()
    F.pad(x, (1, 2), "reflect").backward(np.array([[10.0, 1.0, 2.0, 3.0, 4.0, 100.0, 1000.0]]))
    assert x.grad.tolist() == [[1.0, 1012.0, 103.0, 4.0]]


def test_infinity_is_what_maximum_pooling_pads_with() -> None:
    assert F.pad(ROW, (1, 0), value=-np.inf).tolist() == [[-np.inf, 1.0, 2.0, 3.0, 4.0]]
    assert np.isnan(F.pad(np.array([[np.nan, 1.0]]), (1, 0), "reflect")).tolist() == [[False, True, False]]


def test_padding_by_nothing_records_nothing() -> None:
    x = Tensor(ROW, requires_grad=True)
    for mode in ("constant", "reflect", "replicate", "circular"):
        assert F.pad(x, (0, 0, 0, 0), mode) is x
        assert F.pad(np.ones((2, 0)), (0, 0), mode).shape == (2, 0)


def test_other_axes_may_be_empty() -> None:
    for mode in ("constant", "reflect", "replicate", "circular"):
        assert F.pad(np.ones((0, 3)), (1, 2), mode).shape == (0, 6)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((ROW, (1, 2, 3)), ValueError, r"pad=\(1, 2, 3\) must be a sequence of integers, two for each axis"),
        ((ROW, 1), ValueError, "pad=1 must be a sequence"),
        ((ROW, (1.0, 2.0)), ValueError, "must be a sequence of integers"),
        ((ROW, (1,) * 6), ShapeError, r"is for 3 axes, but the input of shape \(1, 4\) has 2"),
        ((ROW, (-3, -2)), ShapeError, r"\(-3, -2\) takes more away than the 4 elements"),
        ((ROW, (-5, 9), "replicate"), ShapeError, "takes more away than the 4 elements"),
        ((ROW, (4, 0), "reflect"), ShapeError, r"'reflect' adds \(4, 0\) to axis 1 of shape \(1, 4\), .* most 3"),
        ((ROW, (0, 5), "circular"), ShapeError, "has 4 elements for one round"),
        ((ROW, (-2, 3), "circular"), ShapeError, "has 2 elements for one round"),
        ((np.ones((2, 0)), (1, 0), "reflect"), ShapeError, "at most 0 elements to reflect"),
        ((np.ones((2, 0)), (1, 0), "replicate"), ShapeError, "no element to repeat"),
        ((np.ones((2, 0)), (1, 0), "circular"), ShapeError, "0 elements for one round"),
        ((ROW, (1, 1), "edge"), ValueError, "mode='edge' is none of 'constant', 'reflect', 'replicate', 'circular'"),
        ((ROW, (1, 1), "reflect", 2.0), ValueError, "mode='reflect' takes no value"),
        ((ROW, (1, 1), "constant", Value(2.0)), DTypeError, "must be one real number"),
        ((ROW.astype(int), (1, 1)), DTypeError, "pad: input has dtype int64"),
    ],
)
def test_refusals(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        F.pad(*arguments)
