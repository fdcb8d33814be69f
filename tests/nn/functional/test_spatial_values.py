"""Transposed convolution, patches, padding and resampling on arrays of Values: the same numbers as on Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Value, topological_order
from tests.nn.functional.test_values import check_equal, data, values

RNG = np.random.default_rng(9)

TRANSPOSED = [
    (F.conv_transpose1d, (2, 3), (2, 3, 2), {"padding": 1, "stride": 2, "output_padding": 1}),
    (F.conv_transpose1d, (2, 4, 3), (4, 1, 3), {"groups": 2, "dilation": 3, "output_padding": 2}),
    (F.conv_transpose2d, (1, 2, 2), (1, 1, 2, 2), {}),
    (F.conv_transpose2d, (1, 2, 2, 3), (2, 2, 1, 2), {"stride": (3, 4), "padding": (0, 1)}),  # gaps between kernels
    (F.conv_transpose3d, (1, 2, 2, 1), (1, 2, 2, 1, 2), {"stride": (2, 1, 1)}),
]


@pytest.mark.parametrize("function, image, weight, options", TRANSPOSED)
def test_transposed_convolution(function: Any, image: Any, weight: Any, options: dict[str, Any]) -> None:
    arrays = [RNG.normal(size=image), RNG.normal(size=weight)]
    check_equal(lambda x, w: function(x, w, **options), arrays)
    bias = RNG.normal(size=weight[1] * options.get("groups", 1))
    check_equal(lambda x, w, b: function(x, w, b, **options), [*arrays, bias])


def test_patches() -> None:
    options: Any = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 0), "stride": (1, 2)}
    check_equal(lambda x: F.unfold(x, **options), [RNG.normal(size=(2, 3, 5))])
    check_equal(lambda x: F.fold(x, (3, 5), **options), [RNG.normal(size=(2, 12, 6))])
    check_equal(lambda x: F.fold(x, (1, 5), (1, 1), stride=3), [RNG.normal(size=(1, 2))])


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding(mode: str) -> None:
    check_equal(lambda x: F.pad(x, (2, 1, 1, 0), mode), [RNG.normal(size=(2, 2, 3))])
    check_equal(lambda x: F.pad(x, (-1, 2), mode), [RNG.normal(size=(2, 4))])


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
def test_interpolation(mode: str) -> None:
    check_equal(lambda x: F.interpolate(x, (5, 2), mode=mode), [RNG.normal(size=(1, 2, 3, 3))])
    check_equal(lambda x: F.interpolate(x, scale_factor=1.5, mode=mode), [RNG.normal(size=(1, 1, 2, 3))])
    if mode in ("bilinear", "bicubic"):
        check_equal(lambda x: F.interpolate(x, 2, mode=mode, antialias=True), [RNG.normal(size=(1, 1, 5, 3))])


def test_shuffles() -> None:
    check_equal(lambda x: F.pixel_shuffle(x, 2), [RNG.normal(size=(4, 2, 1))])
    check_equal(lambda x: F.pixel_unshuffle(x, 2), [RNG.normal(size=(1, 2, 4))])
    check_equal(lambda x: F.channel_shuffle(x, 2), [RNG.normal(size=(1, 4, 2))])


def test_nested_lists() -> None:
    a, b = Value(2.0), Value(-3.0)
    out = F.conv_transpose1d([[a, b]], [[[1.0, 10.0]]], stride=3)
    assert data(out).tolist() == [[2.0, 20.0, 0.0, -3.0, -30.0]]
    assert out[0, 2] == 0.0
    assert isinstance(out[0, 2], float)  # where no kernel is laid down there is no node
    assert data(F.pad([[a, b]], (1, 0), "circular")).tolist() == [[-3.0, 2.0, -3.0]]
    assert data(F.interpolate([[[a, b]]], 3, mode="linear", align_corners=True)).tolist() == [[[2.0, -0.5, -3.0]]]


def test_an_output_pixel_is_the_sum_of_what_each_kernel_over_it_lays_down() -> None:
    """Four kernels reach a pixel inside, each with a sum over two channels; one reaches the corner."""
    out = F.conv_transpose2d(values(RNG.normal(size=(2, 3, 3))), values(RNG.normal(size=(2, 1, 2, 2))))
    inside = [node.rule.name for node in topological_order(out[0, 1, 1]) if node.rule is not None]
    assert sorted(inside) == ["multiply"] * 8 + ["sum"] * 5
    corner = [node.rule.name for node in topological_order(out[0, 0, 0]) if node.rule is not None]
    assert sorted(corner) == ["multiply"] * 2 + ["sum"]


def test_padding_and_nearest_make_no_nodes() -> None:
    """They hand out the same Values again."""
    image = values(RNG.normal(size=(1, 1, 2, 2)))
    assert F.pad(image, (1, 1), "reflect")[0, 0, 0, 0] is image[0, 0, 0, 1]
    assert F.interpolate(image, scale_factor=2)[0, 0, 3, 1] is image[0, 0, 1, 0]
