"""A convolution as plain loops over plain indices: an oracle that shares no code with what is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import nn.functional as F
from autograd import Tensor

Array = Any


@dataclass
class Case:
    """A convolution of random numbers, and an upstream gradient for it."""

    x: Array
    w: Array
    b: Array | None
    stride: tuple[int, int]
    dilation: tuple[int, int]
    pads: tuple[tuple[int, int], tuple[int, int]]
    groups: int
    upstream: Array

    def run(self, *, constant: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """The recorded result after its backward pass, the input and the weight."""
        x = Tensor(self.x, requires_grad=not constant)
        w = Tensor(self.w, requires_grad=True)
        b = None if self.b is None else Tensor(self.b, requires_grad=True)
        y = F.conv2d(x, w, b, stride=self.stride, padding=self.pads, dilation=self.dilation, groups=self.groups)
        y.backward(self.upstream)
        return y, x, w


def draw_case(rng: np.random.Generator) -> Case:
    """Any stride, also one that does not divide; padding of each side on its own; dilation, groups, batch, bias."""
    groups = int(rng.integers(1, 3))
    channels, outputs = groups * int(rng.integers(1, 3)), groups * int(rng.integers(1, 3))
    kernel = tuple(int(k) for k in rng.integers(1, 4, 2))
    dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    pads = tuple((int(rng.integers(0, 3)), int(rng.integers(0, 3))) for _ in range(2))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = [max(int(rng.integers(1, 7)), span - sum(pad)) for span, pad in zip(spans, pads, strict=True)]
    batch = [(), (1,), (2,)][rng.integers(3)]
    x = rng.normal(size=(*batch, channels, *size))
    w = rng.normal(size=(outputs, channels // groups, *kernel))
    b = rng.normal(size=outputs) if rng.integers(2) else None
    counts = [(n + sum(pad) - span) // step + 1 for n, pad, span, step in zip(size, pads, spans, stride, strict=True)]
    return Case(x, w, b, stride, dilation, pads, groups, rng.normal(size=(*batch, outputs, *counts)))  # type: ignore[arg-type]


def terms(case: Case) -> list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], float]]:
    """Every product of a convolution: index of the result, of the padded input, of the weight, and the input's number.

    All of them with a batch axis; indices of the input count from the image's first element, so that padding lies
    below 0 or beyond its end, with the number 0.
    """
    x = case.x if case.x.ndim == 4 else case.x[None]
    upstream = case.upstream if case.upstream.ndim == 4 else case.upstream[None]
    batch, outputs, rows, columns = upstream.shape
    per_group_in, per_group_out = case.w.shape[1], outputs // case.groups
    found = []
    for n in range(batch):
        for o in range(outputs):
            for i in range(rows):
                for j in range(columns):
                    for among in range(per_group_in):
                        for k in range(case.w.shape[2]):
                            for l in range(case.w.shape[3]):
                                c = o // per_group_out * per_group_in + among
                                h = i * case.stride[0] + k * case.dilation[0] - case.pads[0][0]
                                v = j * case.stride[1] + l * case.dilation[1] - case.pads[1][0]
                                inside = 0 <= h < x.shape[2] and 0 <= v < x.shape[3]
                                number = float(x[n, c, h, v]) if inside else 0.0
                                found.append(((n, o, i, j), (n, c, h, v), (o, among, k, l), number))
    return found


def in_batch(index: tuple[int, ...], case: Case) -> tuple[int, ...]:
    """An index of the user's with a batch axis."""
    return index if case.x.ndim == 4 else (0, *index)
