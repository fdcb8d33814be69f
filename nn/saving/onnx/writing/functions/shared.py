"""What several converters of functions need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from nn.saving.onnx.writing.emitter import Emitter


def array_of(x: Any) -> Any:
    """An argument as a Tensor or an array."""
    return x if isinstance(x, Tensor | np.ndarray) else np.asarray(x)


def axes_of(a: Any) -> int:
    """The number of spatial axes, which the function's name ends with: 2 of conv2d."""
    return int(a.called[-2])


def common_dtype(*arguments: Any) -> Any:
    """What the arguments, None left out, are computed in."""
    return np.result_type(*(array_of(x).dtype for x in arguments if x is not None))


def batched(emitter: Emitter, x: Any, axes: int, dtype: Any, convert: Callable[[str], str]) -> str:
    """Convert images with a batch axis put in front for the while, where they have none."""
    x = array_of(x)
    name = emitter.value(x, dtype)
    if x.ndim == axes + 1:
        return emitter.squeeze(convert(emitter.unsqueeze(name, 0)), 0)
    return convert(name)


def flat_pairs(pairs: Any) -> list[int]:
    """((before, after), ...) of each axis as ONNX has it: all before, then all after."""
    befores, afters = zip(*pairs, strict=True)
    return [*befores, *afters]
