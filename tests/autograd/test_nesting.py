"""Transforms within transforms: higher derivatives, closures over outer variables, graphs through a derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value
from autograd import functions as F
from tests.autograd.support import leaf

AT = np.array([0.5, -1.5, 2.0])


def cubes(x: Any) -> Any:
    return F.sum(x * x * x)


def nested(function: Callable[[Any], Any], order: int) -> Callable[[Any], Any]:
    for _ in range(order):
        function = ag.grad(function)
    return function


def nested_forward(function: Callable[[Any], Any], order: int) -> Callable[[Any], Any]:
    if not order:
        return function
    return lambda x: ag.jvp(nested_forward(function, order - 1), (x,), (x * 0.0 + 1.0,))[1]


FOURTH: dict[str, tuple[Callable[[Any], Any], float, list[float]]] = {
    "x² at 0": (lambda x: x**2, 0.0, [0.0, 0.0, 2.0, 0.0, 0.0]),
    "x³ at 0": (lambda x: x**3, 0.0, [0.0, 0.0, 0.0, 6.0, 0.0]),
    "x⁴ at 0": (lambda x: x * x * x * x, 0.0, [0.0, 0.0, 0.0, 0.0, 24.0]),
    "x⁴ as a power at 0": (lambda x: x**4, 0.0, [0.0, 0.0, 0.0, 0.0, 24.0]),
    "x⁰ at 0": (lambda x: x**0, 0.0, [1.0, 0.0, 0.0, 0.0, 0.0]),
    "x¹ at 0": (lambda x: x**1.0, 0.0, [0.0, 1.0, 0.0, 0.0, 0.0]),
    "x² at -3": (lambda x: x**2, -3.0, [9.0, -6.0, 2.0, 0.0, 0.0]),
    "square": (ag.square, 0.0, [0.0, 0.0, 2.0, 0.0, 0.0]),
    "sin": (ag.sin, 0.0, [0.0, 1.0, 0.0, -1.0, 0.0]),
    "cos": (ag.cos, 0.0, [1.0, 0.0, -1.0, 0.0, 1.0]),
    "exp": (ag.exp, 1.0, [math.e] * 5),
    "2ˣ": (lambda x: 2.0**x, 1.0, [2.0 * math.log(2.0) ** n for n in range(5)]),
    "xˣ": (lambda x: x**x, 1.0, [1.0, 1.0, 2.0, 3.0, 8.0]),
    "1/x": (lambda x: 1.0 / x, 1.0, [1.0, -1.0, 2.0, -6.0, 24.0]),
    "log": (ag.log, 1.0, [0.0, 1.0, -1.0, 2.0, -6.0]),
    "sqrt": (ag.sqrt, 1.0, [1.0, 0.5, -0.25, 0.375, -0.9375]),
    "tanh": (ag.tanh, 0.0, [0.0, 1.0, 0.0, -2.0, 0.0]),
    "where": (lambda x: ag.where(x > -1, x**3, x), 1.0, [1.0, 3.0, 6.0, 6.0, 0.0]),
    "relu³": (lambda x: ag.relu(x) ** 3, 2.0, [8.0, 12.0, 12.0, 6.0, 0.0]),
    "product of the whole": (
        lambda x: F.prod(ag.stack([x, x, x * 2.0])) if not isinstance(x, Value) else x * x * x * 2.0,
        0.0,
        [0.0, 0.0, 0.0, 12.0, 0.0],
    ),
}


@pytest.mark.parametrize("name", FOURTH)
@pytest.mark.parametrize("kind", [float, Value, Tensor])
@pytest.mark.parametrize("build", [nested, nested_forward], ids=["reverse", "forward"])
def test_derivatives_to_the_fourth(build: Any, kind: Any, name: str) -> None:
    function, at, expected = FOURTH[name]
    found = [float(build(function, order)(kind(at))) for order in range(5)]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_forward_over_reverse_and_reverse_over_forward() -> None:
    def cube(x: Any) -> Any:
        return x**3

    assert ag.jvp(ag.grad(cube), (2.0,), (1.0,)) == (12.0, 12.0)
    assert ag.grad(lambda x: ag.jvp(cube, (x,), (1.0,))[1])(2.0) == 12.0
    assert ag.grad(lambda x: ag.vjp(cube, x)[1](1.0)[0])(2.0) == 12.0
    assert ag.jacobian(ag.jacobian(cube))(2.0) == 12.0
    third = ag.jacobian(ag.hessian(cubes))(AT)
    assert [third[i, i, i] for i in range(3)] == [6.0, 6.0, 6.0]
    assert np.count_nonzero(third) == 3


def test_value_that_a_transform_returns_is_differentiable() -> None:
    def cube(x: Any) -> Any:
        return x**3

    for value_of in (
        lambda x: ag.value_and_grad(cube)(x)[0],
        lambda x: ag.vjp(cube, x)[0],
        lambda x: ag.jvp(cube, (x,), (1.0,))[0],
    ):
        for kind in (float, Value, Tensor):
            assert float(ag.grad(value_of)(kind(2.0))) == 12.0
            assert float(ag.jvp(value_of, (kind(2.0),), (1.0,))[1]) == 12.0
            assert float(ag.grad(ag.grad(value_of))(kind(2.0))) == 12.0


def test_gradient_with_respect_to_the_upstream_gradient() -> None:
    """u -> uᵀJ is linear: its derivative with respect to u is J."""
    found = ag.jacobian(lambda u: ag.vjp(lambda x: x * x, AT)[1](u)[0])(np.ones(3))
    np.testing.assert_allclose(found, np.diag(2 * AT))
    found = ag.jacobian(lambda v: ag.jvp(lambda x: x * x, (AT,), (v,))[1])(np.ones(3))
    np.testing.assert_allclose(found, np.diag(2 * AT))


def test_inner_derivative_does_not_see_the_outer_variable() -> None:
    """d/dx [x · d/dy (x + y)] = 1, not 2: each transform has variables of its own."""

    def by_reverse(x: Any) -> Any:
        return x * ag.grad(lambda y: x + y)(1.0)

    def by_forward(x: Any) -> Any:
        return x * ag.jvp(lambda y: x + y, (1.0,), (1.0,))[1]

    for function in (by_reverse, by_forward):
        assert ag.grad(function)(2.0) == 1.0
        assert ag.jvp(function, (2.0,), (1.0,))[1] == 1.0


def test_inner_derivative_at_the_outer_variable() -> None:
    """f(x) = x · d/dy [x·y²] at y = x is 2x³: f'(3) = 54, f''(3) = 36."""

    def function(x: Any) -> Any:
        return x * ag.grad(lambda y: x * y * y)(x)

    assert ag.grad(function)(3.0) == 54.0
    assert ag.grad(ag.grad(function))(3.0) == 36.0
    assert ag.jvp(function, (3.0,), (1.0,))[1] == 54.0


def test_derivative_of_a_closure_in_the_graph_of_backward() -> None:
    """grad inside an ordinary graph: its result is a node that backward goes through."""
    x = Value(3.0)
    slope = ag.grad(lambda y: x * y * y)(Value(2.0))
    (slope * slope).backward()
    assert x.grad == 2 * 12.0 * 4.0
    w = leaf(AT)
    product = (ag.grad(lambda y: (w * y * y).sum())(np.ones(3)) * AT).sum()
    product.backward()
    np.testing.assert_allclose(w.grad, 2 * AT)


def test_gradient_penalty() -> None:
    """‖∂f/∂x‖² trained through: d/dw of Σ (w·cos(wx))²... by hand for f = sin(w x)."""
    w = Value(0.7)
    x = 1.3
    slope = ag.grad(lambda a: ag.sin(w * a))(Value(x))
    (slope**2).backward()
    c, s = math.cos(0.7 * x), math.sin(0.7 * x)
    assert w.grad == pytest.approx(2 * 0.7 * c * (c - 0.7 * x * s), rel=1e-13)


def test_no_grad_inside_a_transform_cuts_the_path() -> None:
    def function(x: Any) -> Any:
        with ag.no_grad():
            constant = x * x
        return x * constant

    assert ag.grad(function)(3.0) == 9.0
    assert ag.grad(lambda x: x * x.detach())(3.0) == 3.0
    with ag.no_grad():
        outside = ag.grad(lambda x: x**3)
    assert outside(2.0) == 12.0


def test_transform_called_within_no_grad_still_differentiates() -> None:
    """no_grad says that the caller wants no graph, not that derivatives are zero."""
    with ag.no_grad():
        assert ag.grad(lambda x: x**3)(2.0) == 12.0
        assert ag.jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
        result = ag.grad(lambda x: x**3)(Value(2.0))
    assert result.data == 12.0
    assert not result.requires_grad
