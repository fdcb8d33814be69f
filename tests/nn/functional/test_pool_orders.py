"""Max, average and power-average pooling against PyTorch: values, two orders of derivatives, float32, indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from tests.nn.functional.pool_draws import draw_numbers, draw_shape, draw_windows
from tests.nn.oracle import Case, hold, torch

AXES = [1, 2, 3]
BATCHES = ((), (0,), (1,), (2,))


@pytest.mark.parametrize("axes", AXES)
def test_max_pool(axes: int) -> None:
    ours, theirs = getattr(F, f"max_pool{axes}d"), getattr(torch.nn.functional, f"max_pool{axes}d")

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes, BATCHES)
        options = draw_windows(rng, shape, axes, dilated=True)
        return Case(
            [draw_numbers(rng, shape)], lambda x: ours(x, **options), lambda x: theirs(x, **options), str(options)
        )

    hold(draw)


@pytest.mark.parametrize("axes", AXES)
def test_max_pool_with_indices(axes: int) -> None:
    ours, theirs = getattr(F, f"max_pool{axes}d"), getattr(torch.nn.functional, f"max_pool{axes}d")

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes, BATCHES)
        options = {**draw_windows(rng, shape, axes, dilated=True), "return_indices": True}
        x = draw_numbers(rng, shape)
        expected = theirs(torch.from_numpy(x), **options)[1].numpy()

        def values(x: Any) -> Any:
            out, indices = ours(x, **options)
            assert indices.dtype == np.int64
            np.testing.assert_array_equal(indices, expected)
            return out

        return Case([x], values, lambda x: theirs(x, **options)[0], str(options), second=False)

    hold(draw)


@pytest.mark.parametrize("axes", AXES)
def test_avg_pool(axes: int) -> None:
    ours, theirs = getattr(F, f"avg_pool{axes}d"), getattr(torch.nn.functional, f"avg_pool{axes}d")

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes, BATCHES)
        options = {**draw_windows(rng, shape, axes), "count_include_pad": bool(rng.integers(2))}
        if axes > 1 and rng.integers(4) == 0:
            options["divisor_override"] = int(rng.choice([-2, 1, 3]))
        return Case(
            [draw_numbers(rng, shape)], lambda x: ours(x, **options), lambda x: theirs(x, **options), str(options)
        )

    hold(draw)


@pytest.mark.parametrize("axes", AXES)
def test_lp_pool(axes: int) -> None:
    ours, theirs = getattr(F, f"lp_pool{axes}d"), getattr(torch.nn.functional, f"lp_pool{axes}d")

    def draw(rng: np.random.Generator) -> Case:
        shape = draw_shape(rng, axes)
        options = draw_windows(rng, shape, axes)
        del options["padding"]
        p = [1, 2, 2.0, 3, 4, 1.5, 0.5, -1.0, np.inf, -np.inf][rng.integers(10)]
        x = draw_numbers(rng, shape)
        if p not in (2, 4, np.inf, -np.inf):
            x = np.abs(x) + (0.0 if p in (3, 1.5) else 0.5)
        kernel: Any = options.pop("kernel_size")
        given = kernel[0] if axes == 1 else kernel  # PyTorch takes no tuple in one dimension
        second = bool((x != 0).all())  # at a root of 0 PyTorch's is NaN
        note = f"{p} {kernel} {options}"
        return Case(
            [x], lambda x: ours(x, p, kernel, **options), lambda x: theirs(x, p, given, **options), note, second
        )

    hold(draw)
