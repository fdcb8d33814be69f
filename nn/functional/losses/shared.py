"""What all losses share: arguments in standard form, checks, and reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Node, ShapeError, Tensor, Value, where
from autograd.functions import mean
from autograd.functions import sum as sum_over
from autograd.functions.arguments import raw
from autograd.rule import as_operand
from nn.functional.arguments import Numbers, check_one_kind, check_reduction, numbers


def operands(function: str, reduction: str, **arguments: Any) -> list[Numbers]:
    """Arguments that must have one shape, in standard form: nodes as they are, plain numbers in the dtype of the nodes.

    Integers and booleans are welcome as plain numbers, except as the first argument, the input.

    Raises:
        ShapeError: the shapes differ.
        DTypeError: an argument cannot be differentiated, or Tensors and Values are mixed.
        ValueError: the reduction is unknown.
    """
    check_reduction(function, reduction)
    (first, input), *others = arguments.items()
    x = numbers(function, first, input)
    tensor = next((each for each in arguments.values() if isinstance(each, Tensor)), x)
    given = {first: x} | {name: constants(function, name, each, tensor) for name, each in others}
    if tensor is not x and x.dtype != object:
        given[first] = x.astype(tensor.dtype, copy=False)
    check_one_kind(function, **given)
    check_same_shape(function, **given)
    return list(given.values())


def constants(function: str, argument: str, x: Any, input: Numbers) -> Numbers:
    """A node as it is; plain numbers, which may be integers or booleans, in the input's dtype."""
    if not isinstance(x, Node):
        try:
            array = np.asanyarray(as_operand(x))
        except (TypeError, ValueError):  # `numbers` says what is wrong with it
            array = np.empty((), object)
        if array.dtype.kind in "fiub":
            return array.astype(float if input.dtype == object else input.dtype, copy=False)
    return numbers(function, argument, x)


def check_same_shape(function: str, **arguments: Numbers) -> None:
    """Raise `ShapeError` where a loss would have to broadcast, which is more often a slip than meant."""
    (first, x), *others = arguments.items()
    for name, other in others:
        if other.shape != x.shape:
            raise ShapeError(
                f"{function}: {first} has shape {x.shape} but {name} has shape {other.shape}; "
                f"they must be equal: reshape one, or broadcast it with autograd.broadcast_to"
            )


def element_weights(function: str, argument: str, weight: Any, x: Numbers) -> Numbers:
    """Weights of a loss's elements, of any shape that broadcasts to the input's.

    Raises:
        ShapeError: they do not broadcast to it.
    """
    w = constants(function, argument, weight, x)
    check_one_kind(function, input=x, **{argument: w})
    try:
        fits = np.broadcast_shapes(w.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{function}: {argument} has shape {w.shape}, which does not broadcast to the input's shape {x.shape}; "
            f"give one weight for each element, or for each along the last axes"
        )
    return w


def check_signs(function: str, target: Numbers) -> None:
    """Raise `ValueError` for a target that is neither 1 nor -1."""
    signs = np.asanyarray(raw(target))
    wrong = signs[np.abs(signs) != 1]
    if wrong.size:
        raise ValueError(
            f"{function}: target must be 1 or -1, but {float(wrong.flat[0])!r} is neither; "
            f"labels 0 and 1 become signs as 2 * target - 1"
        )


def reduced(losses: Numbers, reduction: str) -> Numbers:
    """The losses as they are, their mean or their sum."""
    if reduction == "none":
        return losses
    return total(losses) if reduction == "sum" or _is_one_number(losses) else mean(losses)


def weighted_mean(losses: Numbers, weights: Any) -> Numbers:
    """Σ losses / Σ weights, NaN for nothing: the mean of losses that have been multiplied by their weights."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return total(losses) / total(weights)


def total(x: Any) -> Any:
    """The sum of all elements."""
    return x if _is_one_number(x) else sum_over(x)


def weigh(weights: Any, losses: Numbers) -> Numbers:
    """weights · losses, where a weight of 0 gives 0 even to an infinite loss: 0 · log 0 is 0 in a cross-entropy."""
    infinite = np.isinf(raw(losses))
    return weights * (where(infinite & (raw(weights) == 0), 0.0, losses) if np.any(infinite) else losses)


def held_where(condition: Any, x: Numbers) -> Numbers:
    """x, without its derivative where the condition holds."""
    return where(condition, raw(x), x) if np.any(condition) else x


def _is_one_number(x: Any) -> bool:
    return isinstance(x, Value | float)
