"""The geometry that convolutions and poolings share: layouts, padding, and how many windows fit."""

from __future__ import annotations

import operator
from typing import Any

from autograd import ShapeError
from autograd.functions import getitem
from autograd.primitives.structural import pad
from nn.functional.arguments import Numbers

Pairs = tuple[tuple[int, int], ...]

_LAYOUTS = {1: "L", 2: "H, W", 3: "D, H, W"}


def check_images(function: str, x: Numbers, axes: int) -> None:
    """Raise `ShapeError` where x is not (N, C, *spatial) or (C, *spatial), or holds nothing but for an empty batch."""
    layout = _LAYOUTS[axes]
    if x.ndim not in (axes + 1, axes + 2):
        raise ShapeError(
            f"{function}: input must have shape (N, C, {layout}) or (C, {layout}), not {x.shape}; "
            f"{'add the missing axis by reshape' if x.ndim <= axes else 'merge axes by reshape'}"
        )
    if 0 in x.shape[-axes - 1 :]:
        raise ShapeError(
            f"{function}: input of shape {x.shape} has an axis of length 0; only the batch may be empty: "
            f"give at least one channel and one element along {layout}"
        )


def padding_pairs(function: str, padding: Any, spans: tuple[int, ...], stride: tuple[int, ...]) -> Pairs:
    """The padding of a convolution as (before, after) for each spatial axis.

    Args:
        padding: an integer, an integer or a pair (before, after) for each axis, "valid" or "same".
        spans: how many elements the dilated kernel spans along each axis.

    Raises:
        ValueError: it is none of these, is negative, or is "same" with a stride other than 1.
    """
    axes = len(spans)
    if isinstance(padding, str):
        return _padding_by_name(function, padding, spans, stride)
    each = padding if isinstance(padding, tuple | list) else (padding,) * axes
    try:
        pairs = tuple(_pair(one) for one in each)
    except (TypeError, ValueError):  # no integer, or not two of them
        pairs = ()
    if len(pairs) != axes or any(min(pair) < 0 for pair in pairs):
        raise ValueError(
            f"{function}: padding={padding!r} must be an integer, a sequence with an integer or a pair (before, after) "
            f"for each of {axes} spatial axes, none negative, or 'same' or 'valid'"
        )
    return pairs


def _pair(padding: Any) -> tuple[int, int]:
    if isinstance(padding, tuple | list):
        before, after = map(operator.index, padding)
        return before, after
    both = operator.index(padding)
    return both, both


def _padding_by_name(function: str, padding: str, spans: tuple[int, ...], stride: tuple[int, ...]) -> Pairs:
    if padding == "valid":
        return ((0, 0),) * len(spans)
    if padding != "same":
        raise ValueError(f"{function}: padding={padding!r} is neither 'same' nor 'valid', nor a number")
    if any(step != 1 for step in stride):
        raise ValueError(
            f"{function}: padding='same' keeps the input's size, which stride={stride} does not; "
            f"take stride=1, or give the padding in numbers"
        )
    return tuple(((span - 1) // 2, span // 2) for span in spans)


def dilated_spans(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """How many elements a kernel spans along each axis, its gaps included."""
    return tuple(step * (length - 1) + 1 for length, step in zip(kernel, dilation, strict=True))


def check_kernel_fits(function: str, x: Numbers, kernel: tuple[int, ...], spans: tuple[int, ...], pairs: Pairs) -> None:
    """Raise `ShapeError` where the kernel is larger than the padded input."""
    padded = tuple(
        before + length + after for (before, after), length in zip(pairs, x.shape[x.ndim - len(spans) :], strict=True)
    )
    if any(span > length for span, length in zip(spans, padded, strict=True)):
        raise ShapeError(
            f"{function}: the kernel {kernel} spans {spans} with its dilation, but the input of shape {x.shape} has "
            f"only {padded} with its padding; pad more, or take a smaller kernel"
        )


def pad_spatial(x: Numbers, pairs: Pairs, constant_value: float = 0.0) -> Numbers:
    """x with its last axes padded, or cropped where a number is negative; x itself where nothing is to be done."""
    if any(amount < 0 for pair in pairs for amount in pair):
        x = _crop(x, pairs)
        pairs = tuple((max(before, 0), max(after, 0)) for before, after in pairs)
    if not any(map(any, pairs)):
        return x
    return pad(x, pad_width=((0, 0),) * (x.ndim - len(pairs)) + pairs, constant_value=constant_value)


def _crop(x: Numbers, pairs: Pairs) -> Numbers:
    kept = [slice(max(-before, 0), min(after, 0) or None) for before, after in pairs]
    return getitem(x, (Ellipsis, *kept))
