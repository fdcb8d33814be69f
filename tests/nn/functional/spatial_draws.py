"""Random arguments of the functions of images: sizes that do not divide, one number or one for each axis, no batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

LONGEST_KERNEL = {1: 4, 2: 3, 3: 2}


def integer(rng: np.random.Generator, least: int, most: int) -> int:
    return int(rng.integers(least, most + 1))


def one_or_each(rng: np.random.Generator, axes: int, least: int, most: int) -> Any:
    """An integer from least to most, or a tuple of one for each axis."""
    if rng.integers(2):
        return integer(rng, least, most)
    return tuple(integer(rng, least, most) for _ in range(axes))


def each(value: Any, axes: int) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,) * axes


def batch(rng: np.random.Generator) -> tuple[int, ...]:
    """No batch axis, an empty batch, or one or two images."""
    return [(), (0,), (1,), (2,), (2,), (1,)][rng.integers(6)]


class ConvolutionDraw(NamedTuple):
    """The shapes and arguments of a convolution; `image` and `out` are its input's and output's shapes."""

    axes: int
    image: tuple[int, ...]
    out: tuple[int, ...]
    weight: tuple[int, ...]
    stride: Any
    padding: Any
    dilation: Any
    groups: int

    @property
    def options(self) -> dict[str, Any]:
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation, "groups": self.groups}

    @property
    def transposed_options(self) -> dict[str, Any]:
        """Those of the transposed convolution that takes `out` back to `image`."""
        spans = [d * (k - 1) + 1 for d, k in zip(each(self.dilation, self.axes), self.weight[2:], strict=True)]
        extra = tuple(
            length - ((count - 1) * stride - 2 * padding + span)
            for length, count, stride, padding, span in zip(
                self.image[-self.axes :],
                self.out[-self.axes :],
                each(self.stride, self.axes),
                each(self.padding, self.axes),
                spans,
                strict=True,
            )
        )
        return {**self.options, "output_padding": extra}


def convolution(
    rng: np.random.Generator, axes: int, kind: str = "any", leading: tuple[int, ...] | None = None
) -> ConvolutionDraw:
    """A convolution that fits.

    Args:
        kind: "any", "depthwise" with as many groups as channels and a multiplier, or "pointwise" with a kernel of 1.
        leading: the batch axes; drawn unless given.
    """
    if kind == "depthwise":
        groups, channels, multiplier = integer(rng, 1, 4), 1, integer(rng, 1, 3)
    else:
        groups, channels, multiplier = integer(rng, 1, 2), integer(rng, 1, 2), integer(rng, 1, 2)
    most = 1 if kind == "pointwise" else LONGEST_KERNEL[axes]
    kernel = tuple(integer(rng, 1, most) for _ in range(axes))
    stride, dilation = (one_or_each(rng, axes, 1, 3 if axes < 3 else 2) for _ in range(2))
    padding = one_or_each(rng, axes, 0, 2)
    lengths, counts = [], []
    for k, s, d, p in zip(kernel, each(stride, axes), each(dilation, axes), each(padding, axes), strict=True):
        span = d * (k - 1) + 1
        length = max(1, span - 2 * p) + integer(rng, 0, 5 - axes)
        lengths.append(length)
        counts.append((length + 2 * p - span) // s + 1)
    leading = batch(rng) if leading is None else leading
    return ConvolutionDraw(
        axes,
        image=(*leading, groups * channels, *lengths),
        out=(*leading, groups * multiplier, *counts),
        weight=(groups * multiplier, channels, *kernel),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
