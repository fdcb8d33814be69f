"""Random images and poolings for the tests of pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any

LONGEST = {1: 9, 2: 6, 3: 4}
_FEW = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0])  # ties and zeros are certain among few elements


def draw_shape(rng: np.random.Generator, axes: int, batches: tuple[tuple[int, ...], ...] = ((), (1,), (2,))) -> Any:
    """(N, C, *spatial) or (C, *spatial)."""
    batch = batches[rng.integers(len(batches))]
    return (*batch, int(rng.integers(1, 4)), *(int(n) for n in rng.integers(1, LONGEST[axes] + 1, axes)))


def draw_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers that float32 holds: of many values, or of few, or all negative."""
    kind = rng.integers(3)
    if kind == 0:
        return rng.choice(_FEW, size=shape)
    x = rng.normal(size=shape).astype(np.float32).astype(float)
    return -np.abs(x) - 1.0 if kind == 1 else x


def draw_windows(rng: np.random.Generator, shape: tuple[int, ...], axes: int, dilated: bool = False) -> dict[str, Any]:
    """kernel_size, stride, padding, ceil_mode and perhaps dilation, each as a number or one for each axis."""
    lengths = shape[-axes:]
    kernel = tuple(int(rng.integers(1, min(length, 3 + (axes == 1)) + 1)) for length in lengths)
    options: dict[str, Any] = {"kernel_size": kernel, "ceil_mode": bool(rng.integers(2))}
    stride = rng.integers(3)
    if stride:
        options["stride"] = _one_or_each([int(rng.integers(1, 4)) for _ in kernel], stride == 1)
    options["padding"] = tuple(int(rng.integers(0, size // 2 + 1)) for size in kernel)
    if dilated:
        options["dilation"] = tuple(
            int(rng.integers(1, 3)) if 2 * (size - 1) < length else 1
            for size, length in zip(kernel, lengths, strict=True)
        )
    return options


def draw_output_size(rng: np.random.Generator, shape: tuple[int, ...], axes: int) -> Any:
    """A number for all axes, or for each a number or None; some divide the input's size, some are larger."""
    if rng.integers(3) == 0:
        return int(rng.integers(1, 5))
    sizes: list[int | None] = []
    for length in shape[-axes:]:
        divisors = [size for size in range(1, length + 1) if length % size == 0]
        choices = [None if axes > 1 else length, int(rng.choice(divisors)), int(rng.integers(1, length + 3))]
        sizes.append(choices[rng.integers(3)])
    return tuple(sizes)


def draw_unpooling(rng: np.random.Generator, axes: int) -> tuple[Array, Array, dict[str, Any]]:
    """An input, indices that are all different in each channel, and the arguments of an unpooling."""
    while True:
        shape = draw_shape(rng, axes)
        lengths = shape[-axes:]
        kernel = [int(rng.integers(1, 4)) for _ in lengths]
        stride = [int(rng.integers(1, 4)) for _ in lengths]
        padding = [int(rng.integers(0, size // 2 + 1)) for size in kernel]
        default = [
            (n - 1) * step - 2 * pad + size for n, step, pad, size in zip(lengths, stride, padding, kernel, strict=True)
        ]
        sizes = [
            size + int(rng.integers(1 - step, step)) if rng.integers(2) else size
            for size, step in zip(default, stride, strict=True)
        ]
        if min(sizes) >= 1 and np.prod(sizes) >= np.prod(lengths):
            break
    options: dict[str, Any] = {"kernel_size": tuple(kernel), "stride": tuple(stride), "padding": tuple(padding)}
    if sizes != default or rng.integers(2):
        options["output_size"] = (2, 3, *sizes) if rng.integers(2) else tuple(sizes)
    count, plane = int(np.prod(lengths)), int(np.prod(sizes))
    channels = [rng.permutation(plane)[:count] for _ in range(int(np.prod(shape[:-axes])))]
    return draw_numbers(rng, shape), np.reshape(channels, shape), options


def _one_or_each(each: list[int], one: bool) -> Any:
    return each[0] if one else tuple(each)
