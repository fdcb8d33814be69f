"""What a scalar twin has to satisfy: the tensor's numbers, recomputed; the tensor's gradients; the names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ScalarTwin, Value, graph_nodes, scalar_twin
from autograd.rules import Elementwise
from tests.autograd.support import Array, upstream

Names = dict[int, str]


def weighted(values: Any, gradient: Array) -> Value:
    """The sum of Values times numbers, so that its backward pass starts from these numbers."""
    total: Any = Value(0.0)
    for value, number in zip(np.asarray(values, dtype=object).flat, np.ravel(gradient), strict=True):
        total = total + value * float(number)
    return total  # type: ignore[no-any-return]


def numbers_of(values: Any) -> Array:
    """The numbers of an object array of Values; NaN for none."""
    array = np.asarray(values, dtype=object)
    return np.array([np.nan if each is None else each.data for each in array.flat]).reshape(array.shape)


def gradients_of(values: Any) -> Array:
    """The gradients of an object array of Values; 0 for none."""
    array = np.asarray(values, dtype=object)
    return np.array([0.0 if each is None else each.grad for each in array.flat]).reshape(array.shape)


def recomputed(value: Value) -> float:
    """A Value's number from those of its arguments."""
    rule: Any = value.rule
    inputs = [parent.data for parent in value.parents]
    if isinstance(rule, Elementwise):
        return rule.on_floats(*inputs, **value.params)
    return rule.scalar(*inputs, **value.params)  # type: ignore[no-any-return]


def assert_recomputes(root: Value, tolerance: float = 1e-12) -> None:
    """Every Value is what its operation makes of its arguments: the tensor's number was given to the right one."""
    for value in graph_nodes(root):
        if value.rule is not None:
            scale = max([1.0, *(abs(parent.data) for parent in value.parents if np.isfinite(parent.data))])
            np.testing.assert_allclose(recomputed(value), value.data, rtol=tolerance, atol=tolerance * scale)


def assert_twin(root: Any, leaves: list[Any], seed: int = 7, tolerance: float = 1e-12) -> ScalarTwin:
    """The twin of a tensor has its numbers and, for a random upstream gradient, the gradients of its leaves."""
    twin = scalar_twin(root)
    assert np.shape(twin.root) == root.shape
    np.testing.assert_array_equal(numbers_of(twin.root), root.data)
    gradient = upstream(seed, root.shape, float)
    for x in leaves:
        x.zero_grad()
    root.backward(gradient)
    total = weighted(twin.root, gradient)
    assert_recomputes(total, tolerance)
    total.backward()
    for x in leaves:
        expected = np.zeros(x.shape) if x.grad is None else x.grad
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            gradients_of(twin.elements(x)), expected, rtol=tolerance, atol=tolerance * scale, err_msg=x.name
        )
    return twin
