"""The derivative table of what moves numbers without changing them: linear operations, each with its transpose.

reshape   <-> reshape             getitem <-> scatter         sum     <-> broadcast_to
transpose <-> transpose           pad     <-> getitem         windows <-> overlap_add
cast      <-> cast                concatenate <-> slices
"""

# fmt: off
from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.primitives.few import reduce_few
from autograd.primitives.layout import broadcast, copy_across, empty, image_order
from autograd.primitives.sliding import add_windows, sliding_windows
from autograd.rule import flags
from autograd.rules import Linear, Reduction
from autograd.symbol import ATOM, SUM, Symbol, suffixed

# ---- shape --------------------------------------------------------------------------------------------------------

reshape: Linear = Linear(
    "reshape", lambda x, shape: np.reshape(x, shape), [lambda g, x, shape: reshape(g, shape=x.shape)],
)
transpose: Linear = Linear(
    "transpose", lambda x, axes: np.transpose(x, axes),
    [lambda g, x, axes: transpose(g, axes=tuple(axes.index(axis) for axis in range(len(axes))))],
    symbol="ᵀ", latex=lambda x: suffixed(x, "ᵀ", r"^{\top}"),
)
cast: Linear = Linear("cast", lambda x, dtype: x.astype(dtype), [lambda g, x, dtype: cast(g, dtype=x.dtype)])


def _sum_to(gradient: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the axes along which `shape` was broadcast."""
    axes = _added_axes(gradient.shape, shape)
    total = sum_(gradient, axis=axes, keepdims=False) if axes else gradient
    return reshape(total, shape=shape) if total.shape != shape else total


@lru_cache(maxsize=1024)
def _added_axes(shape: tuple[int, ...], original: tuple[int, ...]) -> tuple[int, ...]:
    added = len(shape) - len(original)
    stretched = tuple(
        added + axis for axis, length in enumerate(original) if length == 1 and shape[added + axis] != 1
    )
    return (*range(added), *stretched)


broadcast_to: Linear = Linear(
    "broadcast_to", broadcast, [lambda g, x, shape: _sum_to(g, x.shape)],
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
    return all(
        part is None or part is Ellipsis or (isinstance(part, slice | int | np.integer) and not isinstance(part, bool))
        for part in parts
    )


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
    "getitem", lambda x, index: x[index], [_put_back], part=lambda index: index if is_basic_index(index) else None,
    symbol="[ ]",
    latex=lambda x: suffixed(x, "[…]", r"[\ldots]", ATOM),
)
scatter: Linear = Linear(
    "scatter", _scatter, [lambda g, x, index, shape: getitem(g, index=index)], objects=_scatter_values,
)


def _pad(x: Any, pad_width: tuple[tuple[int, int], ...], constant_value: float = 0.0) -> Any:
    shape, interior, spatial = _padded(pad_width, x.shape)
    out = empty(shape, image_order(x, spatial), x.dtype)
    out[...] = constant_value
    copy_across(out[interior], x)
    return out


@lru_cache(maxsize=1024)
def _padded(pad_width: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> tuple[Any, Any, int]:
    """The padded shape, where x lies in it, and how many of the last axes are those of an image: the padded ones."""
    longer = tuple(before + length + after for (before, after), length in zip(pad_width, shape, strict=True))
    spatial = next((len(shape) - axis for axis, pair in enumerate(pad_width) if any(pair)), len(shape))
    return longer, _interior(pad_width, shape), spatial


def _interior(pad_width: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(before, before + length) for (before, _), length in zip(pad_width, shape, strict=True))


class _Pad(Linear):
    """Padding is linear only beside its constant: a tangent is padded with zeros."""

    def jvp(self, tangents: Any, out: Any, inputs: Any, params: dict[str, Any]) -> Any:
        return self(tangents[0], **{**params, "constant_value": 0.0})


pad = _Pad(
    "pad", _pad,
    [lambda g, x, pad_width, constant_value=0.0: getitem(g, index=_padded(pad_width, x.shape)[1])],
)


def _pieces(gradient: Any, *inputs: Any, axis: int) -> list[Any]:
    ends = list(accumulate(x.shape[axis] for x in inputs))
    before = (slice(None),) * axis
    return [
        getitem(gradient, index=(*before, slice(end - x.shape[axis], end))) for x, end in zip(inputs, ends, strict=True)
    ]


concatenate: Linear = Linear("concatenate", lambda *inputs, axis: np.concatenate(inputs, axis=axis), _pieces)

# ---- sliding windows ----------------------------------------------------------------------------------------------


def _overlap_add_values(
    x: Any, shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Any:
    places = sliding_windows(_places(shape), kernel, stride, dilation)
    return sums_at(x, places[tuple(map(slice, x.shape))], shape)  # x may have fewer windows than would fit


windows: Linear = Linear(
    "windows", sliding_windows,
    [lambda g, x, kernel, stride, dilation: overlap_add(
        g, shape=x.shape, kernel=kernel, stride=stride, dilation=dilation)],
)
overlap_add: Linear = Linear(
    "overlap_add", add_windows,
    [lambda g, x, shape, kernel, stride, dilation: windows(g, kernel=kernel, stride=stride, dilation=dilation)],
    objects=_overlap_add_values,
)
