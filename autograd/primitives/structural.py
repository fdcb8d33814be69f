"""The derivative table of what moves numbers without changing them: linear operations, each with its transpose.

reshape   <-> reshape             getitem <-> scatter         sum     <-> broadcast_to
transpose <-> transpose           pad     <-> getitem         windows <-> overlap_add
cast      <-> cast                concatenate <-> slices
"""

# fmt: off
from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.primitives.few import reduce_few
from autograd.rule import flags
from autograd.rules import Linear, Reduction
from autograd.symbol import SUM, Symbol

# ---- shape --------------------------------------------------------------------------------------------------------

reshape: Linear = Linear(
    "reshape", lambda x, shape: np.reshape(x, shape), [lambda g, x, shape: reshape(g, shape=x.shape)],
)
transpose: Linear = Linear(
    "transpose", lambda x, axes: np.transpose(x, axes),
    [lambda g, x, axes: transpose(g, axes=tuple(axes.index(axis) for axis in range(len(axes))))],
    symbol="ᵀ", latex=lambda x: Symbol(f"{x.text}ᵀ", rf"{x.latex}^{{\top}}"),
)
cast: Linear = Linear("cast", lambda x, dtype: x.astype(dtype), [lambda g, x, dtype: cast(g, dtype=x.dtype)])


def _sum_to(gradient: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the axes along which `shape` was broadcast."""
    added = gradient.ndim - len(shape)
    stretched = tuple(
        added + axis for axis, length in enumerate(shape) if length == 1 and gradient.shape[added + axis] != 1
    )
    axes = (*range(added), *stretched)
    total = sum_(gradient, axis=axes, keepdims=False) if axes else gradient
    return reshape(total, shape=shape) if total.shape != shape else total


broadcast_to: Linear = Linear(
    "broadcast_to", lambda x, shape: np.broadcast_to(x, shape), [lambda g, x, shape: _sum_to(g, x.shape)],
    symbol="broadcast",
)


sum_: Reduction = Reduction(
    "sum", lambda x, axis=None, keepdims=False: reduce_few(np.add, x, axis, keepdims), 1.0,
    weight_symbol=1.0, symbol="Σ",
    latex=lambda *terms: Symbol(" + ".join(t.text for t in terms), " + ".join(t.latex for t in terms), SUM),
)

# ---- parts --------------------------------------------------------------------------------------------------------


def is_basic_index(index: Any) -> bool:
    """True for slices, integers, None and Ellipsis: an index that takes no element twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, slice | int | np.integer) for part in parts)


def _scatter(values: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, dtype=values.dtype)
    if is_basic_index(index):
        out[index] = values
    else:  # an element that was taken twice receives both contributions; flat, np.add.at takes a ninth of the time
        np.add.at(out.reshape(-1), _places(shape)[index].reshape(-1), np.reshape(values, -1))
    return out


def _scatter_values(values: Any, index: Any, shape: tuple[int, ...]) -> Any:
    return sums_at(values, _places(shape)[index], shape)


def _places(shape: tuple[int, ...]) -> Any:
    """Each element's place in row-major order."""
    return np.arange(math.prod(shape)).reshape(shape)


def sums_at(values: Any, places: Any, shape: tuple[int, ...]) -> Any:
    """Of Values, which arrive at places counted in row-major order: 0, the one, or the sum of several, as one node."""
    arriving: list[list[Any]] = [[] for _ in range(math.prod(shape))]
    for value, place in zip(values.flat, places.flat, strict=True):
        arriving[place].append(value)
    out = np.empty(len(arriving), dtype=object)
    for place, terms in enumerate(arriving):
        out[place] = sum_.of_values(tuple(terms), {}) if len(terms) > 1 else terms[0] if terms else 0.0
    return out.reshape(shape)


def _put_back(gradient: Any, x: Any, index: Any) -> Any:
    flags.masking = True  # what was not taken receives 0, and hands on 0 even if it is NaN
    return scatter(gradient, index=index, shape=x.shape)


getitem: Linear = Linear(
    "getitem", lambda x, index: x[index], [_put_back], symbol="[ ]",
    latex=lambda x: Symbol(f"{x.text}[…]", rf"{x.latex}[\ldots]"),
)
scatter: Linear = Linear(
    "scatter", _scatter, [lambda g, x, index, shape: getitem(g, index=index)], objects=_scatter_values,
)


def _pad(x: Any, pad_width: tuple[tuple[int, int], ...], constant_value: float = 0.0) -> Any:
    shape = tuple(before + length + after for (before, after), length in zip(pad_width, x.shape, strict=True))
    out = np.full(shape, constant_value, dtype=x.dtype)
    out[_interior(pad_width, x.shape)] = x
    return out


def _interior(pad_width: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(before, before + length) for (before, _), length in zip(pad_width, shape, strict=True))


class _Pad(Linear):
    """Padding is linear only beside its constant: a tangent is padded with zeros."""

    def jvp(self, tangents: Any, out: Any, inputs: Any, params: dict[str, Any]) -> Any:
        return self(tangents[0], **{**params, "constant_value": 0.0})


pad = _Pad(
    "pad", _pad,
    [lambda g, x, pad_width, constant_value=0.0: getitem(g, index=_interior(pad_width, x.shape))],
)


def _pieces(gradient: Any, *inputs: Any, axis: int) -> list[Any]:
    ends = list(accumulate(x.shape[axis] for x in inputs))
    before = (slice(None),) * axis
    return [
        getitem(gradient, index=(*before, slice(end - x.shape[axis], end))) for x, end in zip(inputs, ends, strict=True)
    ]


concatenate: Linear = Linear("concatenate", lambda *inputs, axis: np.concatenate(inputs, axis=axis), _pieces)

# ---- sliding windows ----------------------------------------------------------------------------------------------


def window_count(length: int, kernel: int, stride: int = 1, dilation: int = 1) -> int:
    """How many windows fit along an axis: floor((length - dilation·(kernel - 1) - 1) / stride) + 1.

    Example:
        >>> window_count(5, 3), window_count(7, 3, stride=2), window_count(7, 3, dilation=2)
        (3, 3, 3)
    """
    return (length - dilation * (kernel - 1) - 1) // stride + 1


def _windows(x: Any, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Any:
    leading = x.ndim - len(kernel)
    counts = []
    for length, k, s, d in zip(x.shape[leading:], kernel, stride, dilation, strict=True):
        if length < d * (k - 1) + 1:
            raise ShapeError(
                f"the kernel spans {d * (k - 1) + 1} (size {k}, dilation {d}) but the input, padding included, has "
                f"only {length}; pad the input or take a smaller kernel"
            )
        counts.append(window_count(length, k, s, d))
    steps = x.strides[leading:]
    return np.lib.stride_tricks.as_strided(
        x,
        shape=(*x.shape[:leading], *counts, *kernel),
        strides=(
            *x.strides[:leading],
            *(step * s for step, s in zip(steps, stride, strict=True)),
            *(step * d for step, d in zip(steps, dilation, strict=True)),
        ),
        writeable=False,
    )


_FEW = 8  # elements of a kernel: of more, windows that do not overlap are laid side by side, 100 times as fast for 224²


def _overlap_add(
    x: Any, shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Any:
    """Add every window back where it was taken from: one slice addition for each element of the kernel."""
    axes = len(kernel)
    counts = x.shape[x.ndim - 2 * axes : x.ndim - axes]
    out = np.zeros(shape, dtype=x.dtype)
    if kernel == stride and max(dilation) == 1 and math.prod(kernel) > _FEW:
        covered: Any = (..., *(slice(n * k) for n, k in zip(counts, kernel, strict=True)))
        out[covered] = _side_by_side(x, axes)
        return out
    for offset in np.ndindex(*kernel):
        place: tuple[Any, ...] = tuple(
            slice(o * d, o * d + s * (n - 1) + 1, s)
            for o, d, s, n in zip(offset, dilation, stride, counts, strict=True)
        )
        at: Any = (..., *place)
        out[at] += x[(..., *offset)]
    return out


def _side_by_side(x: Any, axes: int) -> Any:
    """(..., *positions, *kernel) -> (..., *positions · kernel)"""
    leading = x.ndim - 2 * axes
    order = [leading + place for axis in range(axes) for place in (axis, axes + axis)]
    lengths = [x.shape[leading + axis] * x.shape[leading + axes + axis] for axis in range(axes)]
    return x.transpose((*range(leading), *order)).reshape(*x.shape[:leading], *lengths)


def _overlap_add_values(
    x: Any, shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Any:
    places = _windows(_places(shape), kernel, stride, dilation)
    return sums_at(x, places[tuple(map(slice, x.shape))], shape)  # x may have fewer windows than would fit


windows: Linear = Linear(
    "windows", _windows,
    [lambda g, x, kernel, stride, dilation: overlap_add(
        g, shape=x.shape, kernel=kernel, stride=stride, dilation=dilation)],
)
overlap_add: Linear = Linear(
    "overlap_add", _overlap_add,
    [lambda g, x, shape, kernel, stride, dilation: windows(g, kernel=kernel, stride=stride, dilation=dilation)],
    objects=_overlap_add_values,
)
