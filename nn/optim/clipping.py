"""Gradients kept within bounds, between the backward pass and the optimiser's step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.node import Node
from nn.optim.groups import checked_parameters


def clip_grad_norm_(
    parameters: Iterable[Any], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients by one factor, so that their norm is at most `max_norm` (Pascanu et al., 2013).

    The norm is that of one vector with every element of every gradient: ‖g‖ = (∑|gᵢ|ᵖ)^(1/p). Each gradient is
    multiplied by min(1, max_norm/(‖g‖ + 10⁻⁶)), as in PyTorch, and replaced: an array that was read from `grad` before
    stays what it is.

    Args:
        parameters: leaf Tensors or Values; those without a gradient are passed over.
        max_norm: at least 0.
        norm_type: p, above 0; infinity for the largest |gᵢ|.
        error_if_nonfinite: whether a norm that is infinite or NaN is an error. Otherwise an infinite norm makes finite
            elements 0, and NaN makes every element NaN.

    Returns:
        The norm before.

    Raises:
        ArithmeticError: the norm is not finite, and `error_if_nonfinite`. Nothing is changed.
        ValueError: there is no parameter, one is named twice, or a number is outside its range.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([3.0, 4.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> nn.clip_grad_norm_([w], max_norm=1.0)
        10.0
        >>> w.grad.round(6)
        array([0.6, 0.8])
    """
    if not max_norm >= 0.0:
        raise ValueError(f"clip_grad_norm_: max_norm={max_norm!r} must be a number of at least 0")
    order = float(norm_type)
    if not order > 0.0:
        raise ValueError(f"clip_grad_norm_: norm_type={norm_type!r} must be above 0, or infinity")
    moving = _with_gradients(parameters, "clip_grad_norm_")
    norm = _norm([_norm(np.abs(np.asarray(each.grad, dtype=np.float64)), order) for each in moving], order)
    if error_if_nonfinite and not math.isfinite(norm):
        raise ArithmeticError(
            f"clip_grad_norm_: the gradients' norm is {norm}, and nothing was changed; look for the first value that "
            f"is not finite, or take a lower learning rate"
        )
    factor = float(max_norm) / (norm + 1e-6)
    if not factor >= 1.0:  # NaN is not either, and marks every gradient
        with np.errstate(invalid="ignore", over="ignore"):
            for each in moving:
                _set_gradient(each, each.grad * factor)
    return norm


def clip_grad_value_(parameters: Iterable[Any], clip_value: float) -> None:
    """Set what lies outside [-clip_value, clip_value] in the gradients to the nearer bound.

    Args:
        parameters: leaf Tensors or Values; those without a gradient are passed over.
        clip_value: at least 0.

    Raises:
        ValueError: there is no parameter, one is named twice, or `clip_value` is negative.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> w = Tensor([0.2, -4.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> nn.clip_grad_value_([w], 1.0)
        >>> w.grad
        array([ 0.4, -1. ])
    """
    if not clip_value >= 0.0:
        raise ValueError(f"clip_grad_value_: clip_value={clip_value!r} must be a number of at least 0")
    bound = float(clip_value)
    for each in _with_gradients(parameters, "clip_grad_value_"):
        _set_gradient(each, np.clip(each.grad, -bound, bound))


def _with_gradients(parameters: Any, caller: str) -> list[Any]:
    found = checked_parameters([parameters] if isinstance(parameters, Node) else parameters, caller)
    if not found:
        raise ValueError(f"{caller}: there is no parameter; was a generator used up before? Write model.parameters()")
    return [parameter for parameter in found if parameter.has_grad]


def _set_gradient(parameter: Any, gradient: Any) -> None:
    """Replace a leaf's gradient: by an array of its own, to which later passes add in place, or by a float."""
    parameter.grad = np.array(gradient) if isinstance(parameter, Tensor) else float(gradient)


def _norm(sizes: Any, order: float) -> float:
    """The norm of sizes of any shape, which neither overflows nor underflows on the way."""
    sizes = np.asarray(sizes, dtype=np.float64)
    largest = float(np.max(sizes, initial=0.0))
    if largest == 0.0 or not math.isfinite(largest) or order == math.inf:
        return largest
    return largest * float(np.sum((sizes / largest) ** order) ** (1.0 / order))
