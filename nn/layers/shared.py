"""What several layers share: initial values, and the shape of what they are called with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn import init
from nn.module import Parameter


def draw_weight_and_bias(
    layer: Any,
    shape: tuple[int, ...],
    bias: bool,
    rng: np.random.Generator | None,
    dtype: Any,
    outputs: int | None = None,
) -> None:
    """Give the layer a weight of this shape, and a bias of `outputs` elements, by default the weight's first length."""
    layer.weight = init.kaiming_uniform_(Parameter(np.zeros(shape), dtype), a=math.sqrt(5.0), rng=rng)
    layer.bias = None
    if bias:
        bound = 1.0 / math.sqrt(math.prod(shape[1:]))
        layer.bias = init.uniform_(
            Parameter(np.zeros(shape[0] if outputs is None else outputs), dtype), -bound, bound, rng=rng
        )


def shape_of(x: Any) -> tuple[int, ...]:
    return x.shape if hasattr(x, "shape") else np.shape(x)
