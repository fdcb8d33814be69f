"""Resampling against PyTorch to second derivatives, against closed forms where PyTorch errs, and its refusals."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.nn.functional.spatial_draws import integer
from tests.nn.oracle import Case, hold, torch

AXES = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "trilinear": (3,),
    "bicubic": (2,),
    "area": (1, 2, 3),
}
ALIGNED = ("linear", "bilinear", "trilinear", "bicubic")


def draw(rng: np.random.Generator, mode: str, least: int = 1, longest: int = 7, **options: Any) -> Case:
    axes = int(rng.choice(AXES[mode]))
    lengths = tuple(integer(rng, least, longest - axes) for _ in range(axes))
    options["mode"] = mode
    if mode in ALIGNED and not options.get("antialias"):
        options["align_corners"] = [None, False, True][rng.integers(3)]
    if rng.integers(2):
        sizes = tuple(integer(rng, least, 9 - axes) for _ in range(axes))
        options["size"] = sizes[0] if len(set(sizes)) == 1 else sizes
    else:
        factors = tuple(integer(rng, -(-20 * least // length), 60) / 20 for length in lengths)  # in twentieths
        options["scale_factor"] = factors[0] if len(set(factors)) == 1 else factors
        options["recompute_scale_factor"] = [None, False, True][rng.integers(3)]
        if (mode == "nearest" or options.get("antialias")) and _same_or_double(lengths, factors):
            options["recompute_scale_factor"] = True
    leading = (integer(rng, 0, 2), integer(rng, 1, 2))
    return Case(
        [rng.normal(size=(*leading, *lengths))],
        lambda x: F.interpolate(x, **options),
        lambda x: torch.nn.functional.interpolate(x, **options),
        note=str(options),
    )


def _same_or_double(lengths: tuple[int, ...], factors: tuple[float, ...]) -> bool:
    """Whether PyTorch ignores the factor in one of its two passes only, or for some memory layouts only."""
    return any(
        out in (length, 2 * length) and factor != out / length
        for length, factor, out in ((n, f, floor(n * f)) for n, f in zip(lengths, factors, strict=True))
    )


@pytest.mark.parametrize("mode", AXES)
def test_mode(mode: str) -> None:
    hold(lambda rng: draw(rng, mode))


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_antialias(mode: str) -> None:
    """From and to 2 pixels or more: to a width of 1 PyTorch gives the first row again and again."""
    hold(lambda rng: draw(rng, mode, least=2, longest=9, antialias=True))


def test_antialias_to_a_width_of_one() -> None:
    column = np.arange(6.0).reshape(1, 1, 6, 1)
    out = F.interpolate(column, (5, 1), mode="bilinear", antialias=True)
    across = F.interpolate(column.reshape(1, 1, 1, 6), (1, 5), mode="bilinear", antialias=True)
    np.testing.assert_array_equal(out.ravel(), across.ravel())
    np.testing.assert_allclose(out.ravel(), [3 / 14, 19 / 14, 2.5, 51 / 14, 67 / 14], rtol=1e-14)


@pytest.mark.parametrize("mode, shift", [("nearest", Fraction(0)), ("nearest-exact", Fraction(1, 2))])
def test_nearest_takes_the_right_pixel_at_every_size(mode: str, shift: Fraction) -> None:
    """In rational numbers. PyTorch's backward pass rounds otherwise than its forward pass, as from 2 to 82 pixels."""
    for length in range(1, 40):
        pixels = np.arange(float(length)).reshape(1, 1, -1)
        for out in (*range(1, 100, 3), 82):
            expected = [floor((i + shift) * length / out) for i in range(out)]
            assert F.interpolate(pixels, out, mode=mode).ravel().tolist() == expected


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_with_a_decimal_factor_takes_pytorchs_pixel(mode: str) -> None:
    """39 / 1.3 is 30, though not in double precision."""
    for hundredths in range(10, 500, 15):
        for length in range(10, 40):
            pixels, options = np.arange(float(length)).reshape(1, 1, -1), {"scale_factor": hundredths / 100}
            theirs = torch.nn.functional.interpolate(torch.from_numpy(pixels), mode=mode, **options)
            np.testing.assert_array_equal(F.interpolate(pixels, mode=mode, **options), theirs.numpy())


ROW = np.array([[[0.0, 4.0, 8.0]]])


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"size": 6}, [0.0, 0.0, 4.0, 4.0, 8.0, 8.0]),
        ({"size": 2}, [0.0, 4.0]),
        ({"size": 2, "mode": "nearest-exact"}, [0.0, 8.0]),
        ({"size": 6, "mode": "linear"}, [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]),
        ({"size": 5, "mode": "linear", "align_corners": True}, [0.0, 2.0, 4.0, 6.0, 8.0]),
        ({"size": 1, "mode": "linear", "align_corners": True}, [0.0]),
        ({"size": 1, "mode": "linear"}, [4.0]),
        ({"size": 2, "mode": "area"}, [2.0, 6.0]),
        ({"scale_factor": 1.5, "mode": "linear"}, [0.0, 2.0, 14.0 / 3.0, 22.0 / 3.0]),
    ],
)
def test_by_hand(options: dict[str, Any], expected: list[float]) -> None:
    np.testing.assert_allclose(F.interpolate(ROW, **options).ravel(), expected, rtol=1e-15)


def test_scale_is_the_factor_unless_it_is_recomputed() -> None:
    """From 3 pixels by 1.5 to 4: the scale is 3/2, or 4/3."""
    kept = F.interpolate(ROW, scale_factor=1.5, mode="linear").ravel()
    recomputed = F.interpolate(ROW, scale_factor=1.5, mode="linear", recompute_scale_factor=True)
    np.testing.assert_allclose(kept, 4.0 * np.clip((np.arange(4) + 0.5) * 2 / 3 - 0.5, 0.0, 2.0))
    np.testing.assert_array_equal(recomputed, F.interpolate(ROW, 4, mode="linear"))
    assert np.abs(kept - recomputed.ravel()).max() > 0.1


def test_cubic_convolution_goes_through_the_pixels_and_reproduces_lines() -> None:
    line = np.broadcast_to(np.arange(8.0), (1, 1, 1, 8))
    out = F.interpolate(line, (1, 15), mode="bicubic", align_corners=True).ravel()
    np.testing.assert_allclose(out[3:-3], np.arange(15.0)[3:-3] / 2, rtol=1e-14)  # away from the repeated edge
    pixels = np.random.default_rng(3).normal(size=(1, 1, 1, 8))
    through = F.interpolate(pixels, (1, 15), mode="bicubic", align_corners=True).ravel()[::2]
    np.testing.assert_allclose(through, pixels.ravel(), rtol=1e-14)


def test_weights_of_each_output_pixel_add_up_to_one() -> None:
    ones = np.ones((1, 1, 5, 4))
    for mode in ("bilinear", "bicubic"):
        np.testing.assert_allclose(F.interpolate(ones, (7, 9), mode=mode), np.ones((1, 1, 7, 9)), rtol=1e-14)
    x = Tensor(ones, requires_grad=True)
    F.interpolate(x, (7, 9), mode="bicubic").sum().backward()
    assert x.grad is not None
    assert x.grad.sum() == pytest.approx(63.0)


def test_a_size_that_stays_records_nothing() -> None:
    x = Tensor(np.ones((1, 1, 3, 4)), requires_grad=True)
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        assert F.interpolate(x, (3, 4), mode=mode) is x
    assert F.interpolate(x, (3, 8)).rule.name == "getitem"


def test_keeps_float32_and_views() -> None:
    x = np.random.default_rng(4).normal(size=(6, 5, 2, 3)).astype(np.float32).transpose(3, 2, 1, 0)[:, :, ::-1, ::2]
    for mode in ("nearest", "bilinear", "bicubic"):
        out = F.interpolate(x, (7, 2), mode=mode)
        assert out.dtype == np.float32
        np.testing.assert_array_equal(out, F.interpolate(np.ascontiguousarray(x), (7, 2), mode=mode))


@pytest.mark.parametrize(
    "arguments, options, error, message",
    [
        ((), {}, ValueError, "give size or scale_factor, and one of them, not None and None"),
        ((5, 2.0), {}, ValueError, "one of them, not 5 and 2.0"),
        ((5,), {"mode": "cubic"}, ValueError, "mode='cubic' is none of 'nearest'"),
        ((5,), {"mode": "bilinear"}, ShapeError, r"with 2 spatial axes, not \(1, 1, 3\); mode 'linear' takes this one"),
        ((5,), {"align_corners": False}, ValueError, "mode='nearest' takes no align_corners"),
        ((5,), {"mode": "area", "align_corners": True}, ValueError, "takes no align_corners"),
        ((5,), {"recompute_scale_factor": True}, ValueError, "recompute_scale_factor=True takes a scale_factor"),
        (
            (5,),
            {"mode": "linear", "antialias": True},
            ValueError,
            "mode='linear' with align_corners=None takes no anti",
        ),
        ((0,), {}, ValueError, "size=0"),
        (((5, 5),), {}, ValueError, r"size=\(5, 5\)"),
        ((None, 0.1), {}, ShapeError, r"scale_factor=0.1 leaves an image of \(0,\)"),
        ((None, -1.0), {}, ValueError, "scale_factor=-1.0 must be a positive number"),
        ((None, np.inf), {}, ValueError, "scale_factor=inf must be a positive number"),
        ((None, (2.0, 2.0)), {}, ValueError, "a sequence of one for each of 1 spatial axes"),
    ],
)
def test_refusals(arguments: Any, options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        F.interpolate(ROW, *arguments, **options)


def test_refuses_to_smooth_with_aligned_corners() -> None:
    with pytest.raises(ValueError, match="mode='bicubic' with align_corners=True takes no antialias"):
        F.interpolate(np.ones((1, 1, 3, 3)), 2, mode="bicubic", align_corners=True, antialias=True)


def test_refuses_what_is_no_image() -> None:
    with pytest.raises(ShapeError, match=r"1 or 2 or 3 spatial axes, not \(1, 3\); add a missing axis"):
        F.interpolate(ROW[0], 5)
    with pytest.raises(ShapeError, match="only the batch may be empty"):
        F.interpolate(np.ones((1, 0, 3)), 5)
    with pytest.raises(DTypeError, match="interpolate: input has dtype int64"):
        F.interpolate(np.ones((1, 1, 3), dtype=int), 5)
