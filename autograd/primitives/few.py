"""Reductions over a few elements at a time, as pooling takes them.

NumPy reduces the 2 x 2 elements of a pooling window by an inner loop of length 2. Slice by slice, the loop runs over
the windows instead: for 32 x 6 maps of 24 x 24 a maximum takes 0.07 ms instead of 1.6 ms, and its first place 0.09 ms
instead of 0.75 ms.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_FEW = 16
_MANY = 1024


def reduce_few(ufunc: Any, x: Any, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    """ufunc.reduce over axes."""
    lengths = [x.shape[place] for place in axis or ()]
    inner = bool(axis) and min(x.strides[place] for place in axis or ()) == min(x.strides)
    if not (1 < math.prod(lengths) <= _FEW and x.size >= _MANY and inner and x.dtype != object):
        return ufunc.reduce(x, axis=axis, keepdims=keepdims)
    axes = tuple(axis or ())
    slices = np.moveaxis(x, axes, range(len(axes)))
    places = iter(np.ndindex(*lengths))
    out = slices[next(places)].copy()
    for place in places:
        ufunc(out, slices[place], out=out)
    return out.reshape([1 if i in axes else n for i, n in enumerate(x.shape)]) if keepdims else out


def first_chosen(chosen: Any, axis: tuple[int, ...]) -> Any:
    """Of the chosen elements the first of each group, in row-major order of the reduced axes; a mask."""
    leading = tuple(range(len(axis)))
    groups = np.moveaxis(chosen, axis, leading)
    lengths, kept = groups.shape[: len(axis)], groups.shape[len(axis) :]
    first = np.zeros(groups.shape, dtype=bool)
    if math.prod(lengths) <= _FEW:
        free = np.ones(kept, dtype=bool)
        for place in np.ndindex(*lengths):
            at: Any = (*place, ...)
            np.logical_and(groups[at], free, out=first[at])
            np.greater(free, groups[at], out=free)
    elif first.size:
        flat = groups.reshape(math.prod(lengths), -1)
        first.reshape(flat.shape)[flat.argmax(axis=0), np.arange(flat.shape[1])] = True
    return np.moveaxis(first, leading, axis)
