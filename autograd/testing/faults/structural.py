"""Mistakes in the transposes of what moves numbers: broadcasting, shapes, parts, running sums."""

# fmt: off
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd import functions as f
from autograd.primitives import elementwise as table
from autograd.testing.faults.fault import Fault
from autograd.testing.faults.making import Changes, attribute, normal, of, returned, transposed

_plausible = partial(Fault, family="structural", historical=False)
_historical = partial(Fault, family="structural", historical=True)

X, Y, ROW, CUBE = normal(3, 4), normal(3, 4, seed=1), normal(4), normal(3, 3, 3)
COLUMN, SQUARE = normal(3, 1), normal(4, 4)
ROWS = np.array([0, 2, 2, 1])


def _reduced(gradient: Any, x: Any, leading: Any, stretched: Any) -> Any:
    """A broadcast's gradient brought back to x's shape: added axes one way, stretched ones another."""
    while gradient.ndim > x.ndim:
        gradient = leading(gradient, 0)
    for axis, length in enumerate(x.shape):
        if length == 1 and gradient.shape[axis] != 1:
            gradient = np.expand_dims(stretched(gradient, axis), axis)
    return gradient


def _sum(gradient: Any, axis: int) -> Any:
    return np.sum(gradient, axis=axis)


def _mean(gradient: Any, axis: int) -> Any:
    return np.mean(gradient, axis=axis)


def _one(gradient: Any, axis: int) -> Any:
    return np.take(gradient, -1, axis=axis)


def _put(gradient: Any, x: Any, index: Any) -> Any:
    out = np.zeros_like(x)
    out[index] = gradient
    return out


def _put_forwards(gradient: Any, x: Any, index: Any) -> Any:
    """As if every slice went up by one from the lowest place that it names."""
    index = index if isinstance(index, tuple) else (index,)
    out = np.zeros_like(x)
    places = []
    for part, length in zip(index, x.shape, strict=False):
        named = range(*part.indices(length)) if isinstance(part, slice) else None
        places.append(part if not named else slice(min(named), min(named) + len(named)))
    out[tuple(places)] = gradient
    return out


def _put_unturned(gradient: Any, x: Any, index: Any) -> Any:
    """As if every slice went upwards."""
    index = index if isinstance(index, tuple) else (index,)
    out = np.zeros_like(x)
    places = []
    for part, length in zip(index, x.shape, strict=False):
        named = range(*part.indices(length)) if isinstance(part, slice) else None
        places.append(part if not named else slice(min(named), max(named) + 1, abs(named.step)))
    out[tuple(places)] = gradient
    return out


def _off_by_one(gradient: Any, x: Any, pad_width: Any, constant_value: float = 0.0) -> Any:
    starts = [max(before - 1, 0) for before, _ in pad_width]
    return gradient[tuple(slice(start, start + length) for start, length in zip(starts, x.shape, strict=True))]


def _from_the_end(gradient: Any, x: Any, pad_width: Any, constant_value: float = 0.0) -> Any:
    return gradient[tuple(slice(0, length) for length in x.shape)]


def _folded(gradient: Any, x: Any, pad_width: Any, constant_value: float = 0.0) -> Any:
    """The border pixels receive what the padding beside them received."""
    out = np.zeros_like(x)
    nearest = [
        np.clip(np.arange(-before, length + after), 0, length - 1)
        for (before, after), length in zip(pad_width, x.shape, strict=True)
    ]
    np.add.at(out, np.ix_(*nearest), gradient)
    return out


def _exchanged(gradient: Any, lengths: list[int], axis: int) -> Any:
    """The pieces in the opposite order, each of its own length."""
    ends = np.cumsum(lengths[::-1])
    parts = [np.take(gradient, range(end - n, end), axis) for n, end in zip(lengths[::-1], ends, strict=True)]
    return parts[::-1]


def _all_first(gradient: Any, lengths: list[int], axis: int) -> Any:
    return [np.take(gradient, range(n), axis) for n in lengths]


def _concatenation(split: Any) -> Changes:
    """A concatenation undone by a function of (gradient, lengths of the operands, axis)."""

    def pieces(gradient: Any, *inputs: Any, axis: int) -> Any:
        return split(gradient, [x.shape[axis] for x in inputs], axis)

    return attribute("concatenate", "transposes", lambda _: pieces)


def _padded(x: Any) -> Any:
    return table.square(f.pad(x, 1)) * np.arange(1.0, 31.0).reshape(5, 6)


FAULTS = [
    # ---- broadcasting ---------------------------------------------------------------------------------------------
    _historical(
        "forget_unbroadcast", title="What was broadcast receives the gradient of its last copy, not of all of them.",
        story="PyTorch (#1787, #818, #13669), burn (#181), tt-metal (#40008): the sum over the broadcast axes was "
              "missing. Here the shape is right, so that no shape check helps.",
        where="broadcast_to", causes=("one sample",),
        changes=transposed("broadcast_to", 0, lambda g, x, shape: _reduced(g, x, _one, _one)),
        trigger=of(lambda x, bias: x + bias, X, ROW),
    ),
    _plausible(
        "unbroadcast_by_mean", title="What was broadcast receives the mean of its copies' gradients.",
        story="`mean` for `sum` in the un-broadcasting; the batch's size hides in the learning rate.",
        where="broadcast_to", causes=("factor",),
        changes=transposed("broadcast_to", 0, lambda g, x, shape: _reduced(g, x, _mean, _mean)),
        trigger=of(lambda x, bias: x * bias, X, ROW),
    ),
    _plausible(
        "unbroadcast_added_axes_only", title="Axes of length 1 that were stretched are not summed over.",
        story="There are two kinds of broadcast axes, added and stretched. HIPS autograd (#384) and MyGrad (before "
              "1.2.0) had broadcasts of the first kind wrong; this is the second.",
        where="broadcast_to", causes=("one sample",),
        changes=transposed("broadcast_to", 0, lambda g, x, shape: _reduced(g, x, _sum, _one)),
        trigger=of(lambda x, scale: x * scale, X, COLUMN),
    ),
    # ---- shape ----------------------------------------------------------------------------------------------------
    _plausible(
        "transpose_not_inverted", title="The gradient of a transpose is transposed by the same axes again.",
        story="For two axes a permutation is its own inverse; from three on it need not be.",
        where="transpose", causes=("transpose",),
        changes=transposed("transpose", 0, lambda g, x, axes: np.transpose(g, axes)),
        trigger=of(lambda x: f.transpose(x, (1, 2, 0)), CUBE),
    ),
    _plausible(
        "reshape_by_columns", title="The gradient of a reshape is laid down column by column.",
        story="An order='F' that one side has and the other has not, as where MATLAB code is ported.",
        where="reshape", causes=("transpose",),
        changes=transposed("reshape", 0, lambda g, x, shape: np.reshape(g, x.shape, order="F")),
        trigger=of(lambda x: f.reshape(x, (2, 6)), X),
    ),
    _plausible(
        "reshape_by_memory", title="The gradient of a reshape is read in the order of memory.",
        story="A `ravel(order='K')`, or a pointer without its strides: right for every contiguous gradient.",
        where="reshape", causes=("memory layout", "transpose"),
        changes=transposed("reshape", 0, lambda g, x, shape: np.ravel(g, order="K").reshape(x.shape)),
        trigger=of(lambda x: f.reshape(x, (2, 6)), X),
    ),
    # ---- parts ----------------------------------------------------------------------------------------------------
    _historical(
        "repeated_index_overwritten", title="An element that was taken twice receives its last use alone.",
        story="HIPS autograd (#39), PyTorch (#1528, #57006), Zygote (#821), pytensor (#2242): `out[index] = g` where "
              "`np.add.at` is needed.",
        where="getitem", causes=("overwritten",),
        changes=transposed("getitem", 0, _put), trigger=of(lambda x: f.getitem(x, ROWS), X),
    ),
    _plausible(
        "slice_step_ignored", title="The gradient of x[::2] is put side by side at the start.",
        story="The step of a slice is kept in the forward pass alone.",
        where="getitem", causes=("shift",),
        changes=transposed("getitem", 0, _put_forwards), trigger=of(lambda x: x[:, ::2], X),
    ),
    _plausible(
        "slice_not_turned_back", title="The gradient of x[::-1] is not reversed.",
        story="A negative step is taken for its size.",
        where="getitem", causes=("flip",),
        changes=transposed("getitem", 0, _put_unturned), trigger=of(lambda x: x[::-1], X),
    ),
    _plausible(
        "pad_off_by_one", title="The gradient of a padded array is taken one place too early.",
        story="`before - 1` where counting starts at 1 on one side.",
        where="pad", causes=("shift",),
        changes=transposed("pad", 0, _off_by_one), trigger=of(lambda x: _padded(x), X),
    ),
    _plausible(
        "pad_offset_ignored", title="The gradient of a padded array is taken from its first place on.",
        story="Right for padding at the end, as sequences have it; wrong for images.",
        where="pad", causes=("shift",),
        changes=transposed("pad", 0, _from_the_end), trigger=of(lambda x: _padded(x), X),
    ),
    _plausible(
        "concatenate_exchanged", title="The pieces of a concatenation are handed back in the opposite order.",
        story="A stack of operands that is popped from its end.",
        where="concatenate", causes=("swapped inputs",),
        changes=_concatenation(_exchanged),
        trigger=of(lambda x, y: f.concatenate([x, y], axis=1), X, Y),
    ),
    _plausible(
        "concatenate_offset_forgotten", title="Every piece of a concatenation receives the first places.",
        story="The running offset starts from 0 for each operand.",
        where="concatenate", causes=("swapped inputs",),
        changes=_concatenation(_all_first),
        trigger=of(lambda x, y: f.concatenate([x, y], axis=0), X, Y),
    ),
    _plausible(
        "padding_folded_in", title="Border pixels receive the gradient of the padding beside them.",
        story="The rule of replicating padding, used for zeros.",
        where="pad", causes=("region", "some elements"),
        changes=transposed("pad", 0, _folded), trigger=of(lambda x: f.pad(x, 1), X),
    ),
    # ---- running sums ---------------------------------------------------------------------------------------------
    _plausible(
        "cumsum_not_turned", title="The gradient of a running sum runs forwards instead of backwards.",
        story="The operation is done again instead of undone: the Jacobian without its transpose.",
        where="cumsum", causes=("transpose",),
        changes=transposed("cumsum", 0, lambda g, x, axis: np.cumsum(g, axis=axis)),
        trigger=of(lambda x: f.cumsum(x, axis=0), X),
    ),
    _historical(
        "cumsum_along_first_axis", title="The gradient of a running sum runs along axis 0, whichever was asked for.",
        story="HIPS autograd (mended in 747b48b): cumsum over any axis but the first.",
        where="cumsum", causes=("transpose", "mean term"),
        changes=transposed("cumsum", 0, lambda g, x, axis: np.cumsum(g[::-1], axis=0)[::-1]),
        trigger=of(lambda x: f.cumsum(x, axis=1), SQUARE),
    ),
    _plausible(
        "getitem_one_place_late", title="The gradient of a part is put one place too late.",
        story="An index that counts from 1 on its way back.",
        where="getitem", causes=("shift",),
        changes=returned("getitem", 0, lambda g, x: np.roll(g, 1, axis=0)), trigger=of(lambda x: x[1:3], SQUARE),
    ),
]
