"""Convolutions, plain and transposed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import ShapeError
from nn import functional as F
from nn.saving.onnx.reading.graph import Step
from nn.saving.onnx.reading.registry import reads
from nn.saving.onnx.reading.values import Value, check_elements

Pairs = list[tuple[int, int]]


def spatial(step: Step, name: str, axes: int, default: int = 1, least: int = 1) -> tuple[int, ...]:
    """An attribute with one integer for each spatial axis.

    Raises:
        ValueError: it has another number of them, or one below `least`.
    """
    given = step.attributes.get(name)
    lengths = (default,) * axes if given is None else tuple(given)
    if len(lengths) != axes or min(lengths, default=least) < least:
        raise ValueError(f"{step.describe()}: {name}={lengths} must be {axes} integers of at least {least}")
    return lengths


def padding(step: Step, lengths: Sequence[int], spans: Sequence[int], strides: Sequence[int]) -> Pairs:
    """(before, after) of each spatial axis, as given, or so that the output is as long as the input over the stride."""
    axes = len(lengths)
    automatic = step.attributes.get("auto_pad") or "NOTSET"
    if automatic == "NOTSET":
        given = step.attributes.get("pads") or (0,) * (2 * axes)
        if len(given) != 2 * axes or min(given) < 0:
            raise ValueError(f"{step.describe()}: pads={tuple(given)} must be {2 * axes} integers of at least 0")
        return list(zip(given[:axes], given[axes:], strict=True))
    if automatic == "VALID":
        return [(0, 0)] * axes
    if automatic not in ("SAME_UPPER", "SAME_LOWER"):
        raise ValueError(f"{step.describe()}: auto_pad={automatic!r} is unknown")
    pairs = []
    for length, span, stride in zip(lengths, spans, strides, strict=True):
        total = max(0, (-(-length // stride) - 1) * stride + span - length)
        less, more = total // 2, total - total // 2
        pairs.append((less, more) if automatic == "SAME_UPPER" else (more, less))
    return pairs


def spans_of(kernel: Sequence[int], dilations: Sequence[int]) -> list[int]:
    """How many elements a kernel spans along each axis."""
    return [dilation * (length - 1) + 1 for length, dilation in zip(kernel, dilations, strict=True)]


def check_images(step: Step, x: Value, kernel: Sequence[int] | None = None) -> int:
    """The number of spatial axes, one to three.

    Raises:
        ShapeError: there are others, or the kernel has others.
    """
    axes: int = x.ndim - 2
    if not 1 <= axes <= 3 or (kernel is not None and len(kernel) != axes):
        raise ShapeError(
            f"{step.describe()}: takes 1 to 3 spatial axes, not the shape {x.shape} with a kernel {kernel}"
        )
    return axes


def check_windows(step: Step, x: Value, pairs: Pairs, kernel: Sequence[int]) -> None:
    """Refuse padding, or windows of a large kernel, that would fill the memory."""
    padded = [length + sum(pair) for length, pair in zip(x.shape[2:], pairs, strict=True)]
    check_elements(step, (*x.shape[:2], *padded))
    fewest = [max(1, length - span + 1) for length, span in zip(padded, kernel, strict=True)]
    strides = spatial(step, "strides", len(padded))
    counts = [-(-count // stride) for count, stride in zip(fewest, strides, strict=True)]
    check_elements(step, (*x.shape[:2], math.prod(counts), math.prod(kernel)))


def _kernel(step: Step, x: Value, weight: Value) -> tuple[int, ...]:
    kernel = tuple(weight.shape[2:])
    axes = check_images(step, x, kernel)
    if spatial(step, "kernel_shape", axes) != kernel and step.attributes.get("kernel_shape") is not None:
        raise ShapeError(f"{step.describe()}: kernel_shape does not fit the weight of shape {weight.shape}")
    return kernel


@reads("Conv")
def convolution(step: Step, x: Value, weight: Value, bias: Value = None) -> Value:
    """Cross-correlation."""
    kernel = _kernel(step, x, weight)
    axes = len(kernel)
    strides, dilations = spatial(step, "strides", axes), spatial(step, "dilations", axes)
    pairs = padding(step, x.shape[2:], spans_of(kernel, dilations), strides)
    check_windows(step, x, pairs, kernel)
    function: Any = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    return function(x, weight, bias, strides, tuple(pairs), dilations, step.group)


@reads("ConvTranspose")
def transposed_convolution(step: Step, x: Value, weight: Value, bias: Value = None) -> Value:
    """Each element lays down the kernel. Padding that differs at both ends is cut off the result."""
    kernel = _kernel(step, x, weight)
    axes = len(kernel)
    strides, dilations = spatial(step, "strides", axes), spatial(step, "dilations", axes)
    extra = spatial(step, "output_padding", axes, default=0, least=0)
    full = [
        (length - 1) * stride + span
        for length, stride, span in zip(x.shape[2:], strides, spans_of(kernel, dilations), strict=True)
    ]
    reach = [size + more for size, more in zip(full, extra, strict=True)]
    check_elements(step, (x.shape[0], weight.shape[1] * max(1, step.group), *reach))
    check_elements(step, (x.size, weight.size // max(1, weight.shape[0])))
    pairs = _output_padding(step, x.shape[2:], full, strides, extra)
    arguments: dict[str, Any] = {"stride": strides, "groups": step.group, "dilation": dilations}
    function: Any = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
    if all(before == after >= 0 for before, after in pairs) and all(
        more < max(each) for more, *each in zip(extra, strides, dilations, strict=True)
    ):
        return function(x, weight, bias, padding=tuple(p for p, _ in pairs), output_padding=extra, **arguments)
    if any(before < 0 or after < 0 for before, after in pairs):
        raise ValueError(f"{step.describe()}: an output larger than what the kernels reach is not supported")
    cuts = [(-before, more - after) for (before, after), more in zip(pairs, extra, strict=True)]
    return F.pad(function(x, weight, bias, **arguments), [each for pair in cuts[::-1] for each in pair])


def _output_padding(
    step: Step, lengths: Sequence[int], full: Sequence[int], strides: Sequence[int], extra: Sequence[int]
) -> Pairs:
    """What is cut off, at both ends of each axis: as given, or what leaves the output's shape."""
    automatic = step.attributes.get("auto_pad") or "NOTSET"
    wanted = step.attributes.get("output_shape")
    if wanted is None and automatic in ("NOTSET", "VALID"):
        return padding(step, lengths, full, strides)
    if wanted is None:
        wanted = [length * stride for length, stride in zip(lengths, strides, strict=True)]
    wanted = list(wanted)[-len(lengths) :]
    if len(wanted) != len(lengths):
        raise ValueError(f"{step.describe()}: output_shape={tuple(wanted)} does not fit {len(lengths)} spatial axes")
    pairs = []
    for size, length, more in zip(full, wanted, extra, strict=True):
        total = size + more - length
        less, rest = total // 2, total - total // 2
        pairs.append((less, rest) if automatic == "SAME_UPPER" else (rest, less))
    return pairs
