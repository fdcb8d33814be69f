"""Padding layers against PyTorch's: every mode along one, two and three axes, and what they print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import ShapeError
from tests.nn.functional.spatial_draws import batch, integer
from tests.nn.oracle import hold_module, torch

KINDS = ["ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad"]


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_layer(kind: str, axes: int) -> None:
    name = f"{kind}{axes}d"

    def draw(rng: np.random.Generator) -> Any:
        lengths = [integer(rng, 3, 4) for _ in range(axes)]
        most = {"ReflectionPad": -1, "CircularPad": 0}.get(kind, 1)
        amounts: Any = tuple(integer(rng, -(kind != "CircularPad"), n + most) for n in reversed(lengths) for _ in "ab")
        if len(set(amounts)) == 1 or rng.integers(3) == 0:
            amounts = min(amounts)
        arguments = (amounts, float(rng.normal())) if kind == "ConstantPad" else (amounts,)
        ours, theirs = (getattr(library, name)(*arguments) for library in (nn, torch.nn))
        assert repr(ours) == repr(theirs)
        return ours, theirs, [rng.normal(size=(*batch(rng), 2, *lengths))]

    hold_module(draw)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_arguments_out_of_range_are_refused_when_the_layer_is_built(kind: str, axes: int) -> None:
    build, value = getattr(nn, f"{kind}{axes}d"), ((2.0,) if kind == "ConstantPad" else ())
    for padding in (1.5, (1,) * (2 * axes + 1), (1.0,) * (2 * axes), "same"):
        with pytest.raises(ValueError, match=rf"{kind}{axes}d: padding=.* a sequence of {2 * axes} of them"):
            build(padding, *value)


def test_an_image_that_is_too_small_is_told_with_the_layer() -> None:
    with pytest.raises(ShapeError, match="'reflect' adds") as caught:
        nn.Sequential({"edge": nn.ReflectionPad2d(3)})(np.ones((1, 1, 3, 3)))
    assert caught.value.__notes__ == ["in the forward pass of ReflectionPad2d 'edge'"]
