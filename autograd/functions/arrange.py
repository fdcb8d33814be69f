"""Functions that repeat, turn and divide arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions.arguments import Axis, integers, normalize_axis, operand
from autograd.functions.parts import getitem
from autograd.functions.shape import broadcast_to, ravel, reshape
from autograd.recording import composed


@composed
def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """The whole array repeated along each axis, as in NumPy.

    Args:
        x: any shape.
        reps: how often along each of the last axes; new axes are put in front where there are more.

    Raises:
        ShapeError: a count is negative.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.tile(Tensor([1.0, 2.0]), (2, 2)).data
        array([[1., 2., 1., 2.],
               [1., 2., 1., 2.]])
    """
    x = operand(x, "tile")
    counts = _counts(reps, "tile")
    ndim = max(x.ndim, len(counts))
    lengths = (1,) * (ndim - x.ndim) + tuple(x.shape)
    counts = (1,) * (ndim - len(counts)) + counts
    spread = tuple(each for pair in zip(counts, lengths, strict=True) for each in pair)
    x = reshape(x, [each for length in lengths for each in (1, length)])
    return reshape(broadcast_to(x, spread), [n * length for n, length in zip(counts, lengths, strict=True)])


@composed
def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element repeated, as in NumPy.

    Args:
        x: any shape.
        repeats: how often; or a count for each element along the axis.
        axis: along which; the flattened array by default.

    Raises:
        ShapeError: the axis does not exist, a count is negative, or there is not one count for each element.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.repeat(Tensor([1.0, 2.0]), [1, 3]).data
        array([1., 2., 2., 2.])
    """
    x = operand(x, "repeat")
    if axis is None:
        x, axis = ravel(x), 0
    (place,) = normalize_axis(axis, x.ndim, "repeat") or ()
    counts = _counts(repeats, "repeat")
    if len(counts) not in (1, x.shape[place]):
        raise ShapeError(
            f"repeat: {len(counts)} counts for the {x.shape[place]} elements along axis {place} of shape {x.shape}; "
            f"give one count, or one for each"
        )
    chosen = np.repeat(np.arange(x.shape[place]), counts)
    return getitem(x, (*(slice(None),) * place, chosen))


@composed
def roll(x: Any, shift: int | Sequence[int], axis: Axis = None) -> Any:
    """The elements moved along axes, those that leave at the end coming back at the start.

    Args:
        x: any shape.
        shift: by how many places; or one number for each axis.
        axis: along which; the flattened array by default, which then takes its shape again.

    Raises:
        ShapeError: an axis does not exist, or there are not as many shifts as axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.roll(Tensor([1.0, 2.0, 3.0]), 1).data
        array([3., 1., 2.])
    """
    x = operand(x, "roll")
    shifts = integers(shift, "roll", "a shift")
    if axis is None:
        return reshape(_rolled(ravel(x), [(sum(shifts), 0)]), x.shape)
    axes = integers(axis, "roll", "an axis")
    if len(shifts) not in (1, len(axes)):
        raise ShapeError(f"roll: {len(shifts)} shifts for {len(axes)} axes; give one, or one for each axis")
    shifts = shifts * len(axes) if len(shifts) == 1 else shifts
    places = [(normalize_axis(each, x.ndim, "roll") or ())[0] for each in axes]
    return _rolled(x, list(zip(shifts, places, strict=True)))


def _rolled(x: Any, moves: list[tuple[int, int]]) -> Any:
    for shift, place in moves:
        order = np.roll(np.arange(x.shape[place]), shift)
        x = getitem(x, (*(slice(None),) * place, order))
    return x


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The array in parts along an axis, as in NumPy.

    Args:
        x: any shape.
        indices_or_sections: the number of equal parts, or the places to cut at.
        axis: along which.

    Raises:
        ShapeError: the axis does not exist, or its length is no multiple of the number of parts.

    Example:
        >>> from autograd import Tensor, functions
        >>> [part.data.tolist() for part in functions.split(Tensor([1.0, 2.0, 3.0, 4.0]), [1, 3])]
        [[1.0], [2.0, 3.0], [4.0]]
    """
    x = operand(x, "split")
    (place,) = normalize_axis(axis, x.ndim, "split") or ()
    length = x.shape[place]
    cuts = list(integers(indices_or_sections, "split", "a place to cut at"))
    if not np.iterable(indices_or_sections):
        (sections,) = cuts
        if sections < 1 or length % sections:
            raise ShapeError(
                f"split: the {length} elements along axis {place} of shape {x.shape} make no {sections} equal parts; "
                f"give the places to cut at"
            )
        cuts = [length // sections * part for part in range(1, sections)]
    ranges = zip([None, *cuts], [*cuts, None], strict=True)
    return [getitem(x, (*(slice(None),) * place, slice(start, end))) for start, end in ranges]


def _counts(given: Any, name: str) -> tuple[int, ...]:
    counts = integers(given, name, "a count")
    if min(counts, default=0) < 0:
        raise ShapeError(f"{name}: {given!r} holds a negative count")
    return counts
