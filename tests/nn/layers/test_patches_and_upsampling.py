"""Unfold, Fold, Upsample and the shuffles as layers against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from tests.nn.functional.spatial_draws import batch, convolution, integer
from tests.nn.oracle import hold_module, torch


def both(name: str, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    ours, theirs = (getattr(library, name)(*arguments, **options) for library in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    return ours, theirs


def test_unfold() -> None:
    def draw(rng: np.random.Generator) -> Any:
        drawn = convolution(rng, axes=2, leading=batch(rng))
        options = {name: getattr(drawn, name) for name in ("dilation", "padding", "stride")}
        return *both("Unfold", drawn.weight[2:], **options), [rng.normal(size=drawn.image)]

    hold_module(draw)


def test_fold() -> None:
    def draw(rng: np.random.Generator) -> Any:
        drawn = convolution(rng, axes=2, leading=batch(rng))
        options = {name: getattr(drawn, name) for name in ("dilation", "padding", "stride")}
        kernel, image = drawn.weight[2:], drawn.image
        columns = (*image[:-3], image[-3] * kernel[0] * kernel[1], drawn.out[-2] * drawn.out[-1])
        return *both("Fold", image[-2:], kernel, **options), [rng.normal(size=columns)]

    hold_module(draw)


@pytest.mark.parametrize("axes, modes", [(1, ["linear"]), (2, ["bilinear", "bicubic"]), (3, ["trilinear"])])
def test_upsample(axes: int, modes: list[str]) -> None:
    def draw(rng: np.random.Generator) -> Any:
        lengths = [integer(rng, 1, 4) for _ in range(axes)]
        mode = [*modes, "nearest", "area"][rng.integers(len(modes) + 2)]
        align = [None, False, True][rng.integers(3)] if mode in modes else None
        if rng.integers(2):
            options: dict[str, Any] = {"size": tuple(integer(rng, 1, 6) for _ in range(axes))}
        else:
            factor = [2, 3, (2.0, 3.5, 1.0)[:axes]][rng.integers(3)]
            options = {"scale_factor": factor, "recompute_scale_factor": [None, True][rng.integers(2)]}
        image = rng.normal(size=(integer(rng, 1, 2), integer(rng, 1, 2), *lengths))
        return *both("Upsample", mode=mode, align_corners=align, **options), [image]

    hold_module(draw)


@pytest.mark.parametrize("name", ["UpsamplingNearest2d", "UpsamplingBilinear2d"])
def test_upsampling(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        choices: list[dict[str, Any]] = [{"size": (integer(rng, 1, 6), 5)}, {"size": 4}, {"scale_factor": 2}]
        image = rng.normal(size=(integer(rng, 1, 2), 2, integer(rng, 1, 4), integer(rng, 1, 4)))
        return *both(name, **choices[rng.integers(3)]), [image]

    hold_module(draw)


@pytest.mark.parametrize("name", ["PixelShuffle", "PixelUnshuffle", "ChannelShuffle"])
def test_shuffle(name: str) -> None:
    def draw(rng: np.random.Generator) -> Any:
        r = integer(rng, 1, 3)
        channels = integer(rng, 1, 2) * (1 if name == "PixelUnshuffle" else r * r)
        height, width = (integer(rng, 1, 3) * (r if name == "PixelUnshuffle" else 1) for _ in range(2))
        return *both(name, r), [rng.normal(size=(integer(rng, 1, 2), channels, height, width))]

    hold_module(draw)
