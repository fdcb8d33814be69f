"""Functions that take, pad, join and choose elements."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.functions.arguments import normalize_axis, operand, raw
from autograd.functions.shape import expand_dims, ravel
from autograd.node import Node
from autograd.observed import Observed, guard
from autograd.primitives import elementwise as table
from autograd.primitives import structural
from autograd.recording import composed, is_observing
from autograd.rule import as_operand


def getitem(x: Any, index: Any) -> Any:
    """x[index] as in NumPy: slices, None, Ellipsis, integer and boolean arrays; repeated indices add up backwards."""
    parts = tuple(map(_index_part, index)) if isinstance(index, tuple) else _index_part(index)
    return structural.getitem(operand(x, "getitem"), index=parts)


def _index_part(part: Any) -> Any:
    if isinstance(part, list) and not np.size(part):
        return np.empty(np.shape(part), dtype=np.intp)  # NumPy takes an empty list for integers
    if isinstance(part, Node):
        raise DTypeError(
            f"getitem: an index is integers or booleans, not a {type(part).__name__}; use its integer data"
        )
    if isinstance(part, Observed) and is_observing():
        if part.dtype != bool:
            return part  # a program computes it anew in each run
        guard(part.require_node())  # how many it chooses decides the result's shape
    return np.array(part) if isinstance(part, list | np.ndarray) else part


def pad(x: Any, pad_width: Any, constant_value: float = 0.0) -> Any:
    """Elements of a constant value before and after each axis.

    Args:
        pad_width: NumPy's: an integer, a pair (before, after), or such a pair for each axis; none negative.
        constant_value: what to pad with; max pooling pads with -inf.

    Raises:
        ShapeError: `pad_width` does not fit the axes, or is negative.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.pad(Tensor([1.0, 2.0]), (1, 2))
        Tensor([0., 1., 2., 0., 0.])
    """
    x = operand(x, "pad")
    try:
        widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    except ValueError:
        raise ShapeError(
            f"pad: pad_width {pad_width!r} does not give (before, after) for each of {x.ndim} axes"
        ) from None
    if widths.dtype.kind not in "iu" or (widths < 0).any():
        raise ShapeError(f"pad: pad_width {pad_width!r} holds what is not a count of elements; slice to crop")
    if not isinstance(constant_value, Real):
        kind = type(constant_value).__name__
        raise DTypeError(f"pad: the constant value is one real number, not {kind}; use concatenate to join nodes")
    pairs = tuple((int(before), int(after)) for before, after in widths)
    return structural.pad(x, pad_width=pairs, constant_value=float(constant_value)) if widths.any() else x


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays joined along an axis; flattened first where the axis is None.

    Raises:
        ShapeError: there is no array, or their shapes differ along another axis.
    """
    parts = [operand(each, "concatenate") for each in arrays]
    if not parts:
        raise ShapeError("concatenate: needs at least one array")
    if axis is None:
        parts, axis = [ravel(part) for part in parts], 0
    (place,) = normalize_axis(axis, parts[0].ndim, "concatenate") or ()
    return structural.concatenate(*parts, axis=place)


@composed
def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    Raises:
        ShapeError: there is no array, or their shapes differ.
    """
    parts = [operand(each, "stack") for each in arrays]
    shapes = {part.shape for part in parts}
    if len(shapes) != 1:
        raise ShapeError(f"stack: needs at least one array, all of one shape, not shapes {sorted(shapes)}")
    normalize_axis(axis, parts[0].ndim + 1, "stack")
    return concatenate([expand_dims(part, axis) for part in parts], axis)


def windows(x: Any, kernel: Sequence[int], stride: Sequence[int] = (), dilation: Sequence[int] = ()) -> Any:
    """Every position of a sliding window over the last axes, as a view: what convolution and pooling are made of.

    Args:
        x: (..., *spatial).
        kernel: the window's length along each of the last axes.
        stride: the step between windows along each; 1 by default.
        dilation: the step between a window's elements along each; 1 by default.

    Returns:
        (..., *positions, *kernel), with floor((length - dilation·(kernel - 1) - 1) / stride) + 1 positions along each.

    Raises:
        ShapeError: a window is longer than its axis, or the arguments do not fit x's axes.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.windows(Tensor([1.0, 2.0, 3.0, 4.0]), (2,)).data
        array([[1., 2.],
               [2., 3.],
               [3., 4.]])
    """
    x = operand(x, "windows")
    kernel = _lengths(kernel, "kernel")
    stride = _lengths(stride, "stride") or (1,) * len(kernel)
    dilation = _lengths(dilation, "dilation") or (1,) * len(kernel)
    if not len(kernel) == len(stride) == len(dilation) <= x.ndim:
        raise ShapeError(
            f"windows: kernel {kernel}, stride {stride} and dilation {dilation} must have one length for each of the "
            f"last axes of shape {x.shape}"
        )
    if min((*kernel, *stride, *dilation), default=1) < 1:
        raise ShapeError(f"windows: kernel {kernel}, stride {stride} and dilation {dilation} must be at least 1")
    return structural.windows(x, kernel=kernel, stride=stride, dilation=dilation)


def _lengths(given: Any, name: str) -> tuple[int, ...]:
    try:
        return tuple(map(operator.index, given))
    except TypeError:
        raise DTypeError(f"windows: {name} is a sequence of integers, one for each axis, not {given!r}") from None


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y. The branch that is not taken contributes exactly 0 to every gradient.

    Example:
        >>> import numpy as np
        >>> from autograd import Tensor, functions
        >>> x = Tensor([0.0, 2.0], requires_grad=True)
        >>> with np.errstate(divide="ignore"):
        ...     y = functions.where(x > 0, x.log(), 0.0)
        >>> y.sum().backward()
        >>> x.grad
        array([0. , 0.5])
    """
    given = np.asanyarray(raw(as_operand(condition)))
    if given.dtype.kind not in "fiub":
        raise DTypeError(f"where: a condition is booleans or numbers, not {given.dtype} data")
    chosen = given != 0  # a copy: changing the condition later changes no gradient
    choice = chosen if isinstance(chosen, np.ndarray) else bool(chosen)
    return table.where(as_operand(x), as_operand(y), condition=choice)


def clip(x: Any, lower: float | None = None, upper: float | None = None) -> Any:
    """x held between two constant bounds. The derivative is 1 between and on the bounds, 0 outside.

    Raises:
        DTypeError: a bound is not one number; `maximum` and `minimum` take arrays and nodes as bounds.
    """
    bounds = [None if bound is None else _number(bound) for bound in (lower, upper)]
    return table.clip(as_operand(x), lower=bounds[0], upper=bounds[1])


def _number(bound: Any) -> float:
    if isinstance(bound, Real) or (isinstance(bound, np.ndarray) and bound.ndim == 0):
        return float(bound)
    raise DTypeError(
        f"clip: a bound is one number, not {type(bound).__name__}; maximum and minimum take arrays and nodes as bounds"
    )
