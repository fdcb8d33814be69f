"""Padding in four modes: with a constant, or with what an image reflects, repeats or continues with at its edge."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import Any

from autograd import DTypeError, ShapeError, broadcast_to, composed, concatenate
from autograd.functions import getitem
from nn.functional.arguments import Numbers, numbers
from nn.functional.spatial import Pairs, pad_spatial


@composed
def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Numbers:
    """Elements before and after the last axes; a negative number takes elements away.

    Along one axis of length L, with p elements before, out[i] is

    - constant: input[i - p], or `value` where that does not exist,
    - reflect: input[|i - p|] before and input[2·(L - 1) - (i - p)] after: the edge itself stands once,
    - replicate: input[min(max(i - p, 0), L - 1)],
    - circular: input[(i - p) mod L].

    Args:
        input: any shape: Tensor, array of floats, or nested list of Values.
        pad: (before, after) of the last axis, then of the last but one, and so on, as PyTorch has it: an image takes
            (left, right, top, bottom).
        mode: "constant", "reflect", "replicate" or "circular".
        value: what "constant" pads with; 0 by default.

    Returns:
        The shape of the input with each padded axis of length before + L + after. Negative numbers crop: "circular"
        continues what is left, the other modes what was there.

    Raises:
        ShapeError: there are more pairs than axes; more is taken away than there is; "reflect" adds L or more elements
            at one end, "circular" more than are left, "replicate" any where there is none.
        DTypeError: the input holds integers or complex numbers, or `value` is no real number.
        ValueError: `pad` is no sequence of an even number of integers, the mode is none of these, or a value is given
            to another mode than "constant".

    Example:
        >>> import numpy as np
        >>> import nn.functional as F
        >>> row = np.array([[1.0, 2.0, 3.0]])
        >>> F.pad(row, (1, 2), value=9.0)
        array([[9., 1., 2., 3., 9., 9.]])
        >>> F.pad(row, (2, 1), "reflect")
        array([[3., 2., 1., 2., 3., 2.]])
        >>> F.pad(row, (-1, 2), "replicate")
        array([[2., 3., 3., 3.]])
        >>> F.pad(row, (1, 1, 0, 1), "circular")
        array([[3., 1., 2., 3., 1.],
               [3., 1., 2., 3., 1.]])
    """
    x = numbers("pad", "input", input)
    pairs = _pairs(pad, x)
    if mode == "constant":
        return pad_spatial(x, pairs, _constant(value))
    if mode not in _EXTEND:
        raise ValueError(f"pad: mode={mode!r} is none of 'constant', 'reflect', 'replicate', 'circular'")
    if value:
        raise ValueError(f"pad: mode={mode!r} takes no value, but value={value!r} is given; leave it out")
    for axis, (before, after) in enumerate(pairs, x.ndim - len(pairs)):
        if before or after:
            x = _EXTEND[mode](x, axis, before, after)
    return x


def _pairs(pad: Any, x: Numbers) -> Pairs:
    """(before, after) of each padded axis, in the order of the axes."""
    try:
        amounts = tuple(map(operator.index, pad))
    except TypeError:
        amounts = (0,)
    if len(amounts) % 2:
        raise ValueError(f"pad: pad={pad!r} must be a sequence of integers, two for each axis, the last axis first")
    pairs = tuple(zip(amounts[::2], amounts[1::2], strict=True))[::-1]
    if len(pairs) > x.ndim:
        raise ShapeError(f"pad: pad={pad!r} is for {len(pairs)} axes, but the input of shape {x.shape} has {x.ndim}")
    for length, pair in zip(x.shape[x.ndim - len(pairs) :], pairs, strict=True):
        if length + sum(min(amount, 0) for amount in pair) < 0:
            raise ShapeError(f"pad: {pair} takes more away than the {length} elements of an axis of shape {x.shape}")
    return pairs


def _constant(value: Any) -> float:
    if value is None:
        return 0.0
    if not isinstance(value, Real):
        raise DTypeError(f"pad: value={value!r} must be one real number; join nodes with autograd.concatenate")
    return float(value)


def _reflect(x: Numbers, axis: int, before: int, after: int) -> Numbers:
    length = x.shape[axis]
    if max(before, after) >= length:
        raise _too_much("reflect", x, axis, (before, after), f"at most {max(length - 1, 0)} elements to reflect")
    mirrored = length - 2 - after
    left = _part(x, axis, slice(before, 0, -1)) if before > 0 else None
    right = _part(x, axis, slice(length - 2, mirrored if mirrored >= 0 else None, -1)) if after > 0 else None
    return _cropped(_joined(left, x, right, axis), axis, before, after)


def _replicate(x: Numbers, axis: int, before: int, after: int) -> Numbers:
    if max(before, after) > 0 and not x.shape[axis]:
        raise _too_much("replicate", x, axis, (before, after), "no element to repeat")
    left = _repeated(_part(x, axis, slice(0, 1)), axis, before) if before > 0 else None
    right = _repeated(_part(x, axis, slice(-1, None)), axis, after) if after > 0 else None
    return _cropped(_joined(left, x, right, axis), axis, before, after)


def _circular(x: Numbers, axis: int, before: int, after: int) -> Numbers:
    kept = _cropped(x, axis, before, after)
    length = kept.shape[axis]
    if max(before, after) > length:
        raise _too_much("circular", x, axis, (before, after), f"{length} elements for one round")
    left = _part(kept, axis, slice(length - before, length)) if before > 0 else None
    right = _part(kept, axis, slice(0, after)) if after > 0 else None
    return _joined(left, kept, right, axis)


_EXTEND: dict[str, Callable[[Numbers, int, int, int], Numbers]] = {
    "reflect": _reflect,
    "replicate": _replicate,
    "circular": _circular,
}


def _part(x: Numbers, axis: int, part: slice) -> Numbers:
    return getitem(x, (*(slice(None),) * axis, part))


def _repeated(edge: Numbers, axis: int, count: int) -> Numbers:
    return broadcast_to(edge, (*edge.shape[:axis], count, *edge.shape[axis + 1 :]))


def _joined(left: Numbers | None, x: Numbers, right: Numbers | None, axis: int) -> Numbers:
    parts = [part for part in (left, x, right) if part is not None]
    return concatenate(parts, axis) if len(parts) > 1 else x


def _cropped(x: Numbers, axis: int, before: int, after: int) -> Numbers:
    if before >= 0 and after >= 0:
        return x
    return _part(x, axis, slice(max(-before, 0), x.shape[axis] + min(after, 0)))


def _too_much(mode: str, x: Numbers, axis: int, pair: tuple[int, int], available: str) -> ShapeError:
    return ShapeError(
        f"pad: mode={mode!r} adds {pair} to axis {axis} of shape {x.shape}, which has {available}; "
        f"add fewer, or pad with a constant"
    )
