"""Upstream x local derivative for scalar nodes: a rule's local derivatives, bound once to a call for its arity.

A node's pull is the inner loop of a scalar backward pass. Bound per arity it takes 0.4 of the time of one general loop
over `rule.locals` (65,000 nodes of an MLP: 15 ms instead of 37 ms).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Local = Callable[..., Any] | float  # a derivative of (out, *arguments, **params), or a constant
Pull = Callable[[Any], None]

_ARITHMETIC = (ArithmeticError, ValueError, TypeError)  # TypeError: a complex power of a negative base is refused


def bind_pull(local_derivatives: Sequence[Local]) -> Pull:
    """A function of a node that adds upstream x local derivative to each parent's gradient."""
    if len(local_derivatives) == 1:
        return _unary(local_derivatives[0])
    if len(local_derivatives) == 2:
        return _binary(*local_derivatives)
    return pull_weights


def pull_weights(node: Any) -> None:
    """The pull of any rule: of a reduction, of an operation with parameters."""
    for parent, contribution in zip(node.parents, node._contributions(node.grad), strict=True):
        if parent.requires_grad:
            parent.grad += contribution


def scalar_local(local: Local, out: float, inputs: Sequence[float], params: dict[str, Any]) -> float:
    """A local derivative at Python floats: infinite or NaN, as IEEE arithmetic has it, where Python's would raise."""
    if not callable(local):
        return local
    try:
        derivative = local(out, *inputs, **params)
    except _ARITHMETIC:
        with np.errstate(all="ignore"):
            derivative = local(np.float64(out), *map(np.float64, inputs), **params)
    return derivative if derivative is False else float(derivative)


def product(gradient: float, local: float) -> float:
    """Upstream x local, and 0 where nothing was received or a gate (a boolean local) is closed, even times infinity."""
    contribution = gradient * local
    if contribution != contribution and (not gradient or local is False):
        return 0.0
    return contribution


def _unary(local: Local) -> Pull:
    if not callable(local):

        def pull_constant(node: Any) -> None:
            node._first.grad += node.grad * local

        return pull_constant

    def pull(node: Any) -> None:
        if node._notes is not None and node._notes.params:
            return pull_weights(node)
        x = node._first
        try:
            contribution = node.grad * local(node._data, x._data)
        except _ARITHMETIC:
            contribution = product(node.grad, scalar_local(local, node._data, (x._data,), {}))
        if contribution != contribution or contribution.__class__ is not float:
            contribution = product(node.grad, scalar_local(local, node._data, (x._data,), {}))
        x.grad += contribution
        return None

    return pull


def _binary(first: Local, second: Local) -> Pull:
    if callable(first) and callable(second):
        return _binary_of_functions(first, second)
    if callable(first) or callable(second):
        return pull_weights

    def pull(node: Any) -> None:
        gradient = node.grad
        x, y = node._first, node._second
        if x.requires_grad:
            x.grad += gradient * first
        if y.requires_grad:
            y.grad += gradient * second

    return pull


def _binary_of_functions(first: Callable[..., Any], second: Callable[..., Any]) -> Pull:
    def pull(node: Any) -> None:
        if node._notes is not None and node._notes.params:
            return pull_weights(node)
        gradient = node.grad
        x, y = node._first, node._second
        to_x = to_y = 0.0
        try:
            if x.requires_grad:
                to_x = gradient * first(node._data, x._data, y._data)
            if y.requires_grad:
                to_y = gradient * second(node._data, x._data, y._data)
        except _ARITHMETIC:
            return pull_weights(node)
        both = to_x + to_y  # a NaN in either, or a float of NumPy's, shows in the sum
        if both != both or both.__class__ is not float:
            return pull_weights(node)
        if x.requires_grad:
            x.grad += to_x
        if y.requires_grad:
            y.grad += to_y
        return None

    return pull
