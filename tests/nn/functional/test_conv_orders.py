"""Convolutions against PyTorch to second derivatives: every argument, depthwise and 1 x 1 ones too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from tests.nn.functional.spatial_draws import convolution, integer
from tests.nn.oracle import Case, hold, torch

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")

OURS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
THEIRS = {1: torch.nn.functional.conv1d, 2: torch.nn.functional.conv2d, 3: torch.nn.functional.conv3d}


def case(rng: np.random.Generator, axes: int, kind: str) -> Case:
    drawn = convolution(rng, axes, kind)
    shapes = [drawn.image, drawn.weight, *([drawn.weight[:1]] if rng.integers(2) else [])]
    options, theirs = drawn.options, THEIRS[axes]
    return Case(
        [rng.normal(size=shape) for shape in shapes],
        lambda *operands: OURS[axes](*operands, **options),
        lambda *operands: theirs(*operands, **options),
        note=str(options),
    )


@pytest.mark.parametrize("kind, count", [("any", 300), ("depthwise", 100), ("pointwise", 100)])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_convolution(axes: int, kind: str, count: int) -> None:
    hold(lambda rng: case(rng, axes, kind), count)


def named_padding(rng: np.random.Generator, axes: int) -> Case:
    """Padding by name, or as a pair (before, after) for each axis, which PyTorch is given as a padded image."""
    drawn = convolution(rng, axes)
    options = drawn.options
    pairs = [(integer(rng, 0, 2), integer(rng, 1, 2)) for _ in range(axes)]
    name = ["valid", "same", "pairs"][rng.integers(3)]
    if name == "same":
        options["stride"] = 1
    lengths = tuple(length + 4 for length in drawn.image[-axes:])  # what the padding made up for
    shapes = [(*drawn.image[:-axes], *lengths), drawn.weight]

    def theirs(x: Any, w: Any) -> Any:
        around = [amount for pair in reversed(pairs) for amount in pair]
        padded = torch.nn.functional.pad(x, around) if name == "pairs" else x
        return THEIRS[axes](padded, w, **{**options, "padding": 0 if name == "pairs" else name})

    padding: Any = tuple(pairs) if name == "pairs" else name
    return Case(
        [rng.normal(size=shape) for shape in shapes],
        lambda x, w: OURS[axes](x, w, **{**options, "padding": padding}),
        theirs,
        note=f"{padding}, {options}",
    )


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_padding_by_name_and_in_pairs(axes: int) -> None:
    hold(lambda rng: named_padding(rng, axes), 100)
