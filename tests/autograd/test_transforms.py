"""grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp: kinds of argument, nesting, and errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, GraphError, ShapeError, Tensor, Value
from autograd import functions as F
from tests.autograd.support import leaf

AT = np.array([0.5, -1.5, 2.0])


def cubes(x: Any) -> Any:
    return F.sum(x * x * x)


# ---- what goes in, what comes out ---------------------------------------------------------------------------------


def test_derivative_has_its_arguments_kind() -> None:
    assert ag.grad(lambda x: x**3)(2.0) == 12.0
    assert type(ag.grad(lambda x: x**3)(2.0)) is float
    found = ag.grad(cubes)(AT)
    assert type(found) is np.ndarray
    assert found.tolist() == (3 * AT**2).tolist()
    assert ag.grad(cubes)(np.float32(AT)).dtype == np.float32
    tensor = ag.grad(cubes)(Tensor(AT))
    assert type(tensor) is Tensor
    assert tensor.data.tolist() == found.tolist()
    value = ag.grad(lambda x: x**3)(Value(2.0))
    assert type(value) is Value
    assert value.data == 12.0


def test_arguments_are_left_as_they_were() -> None:
    x, v = leaf(AT), Value(2.0)
    ag.grad(cubes)(x)
    ag.grad(lambda a: a**3)(v)
    ag.hessian(cubes)(x)
    ag.jvp(cubes, (x,), (AT,))
    assert x.grad is None
    assert not v.has_grad
    assert x.requires_grad
    array = AT.copy()
    array.flags.writeable = False
    ag.grad(cubes)(array)


def test_result_shares_no_memory() -> None:
    array = AT.copy()
    found = ag.grad(lambda x: (x * array).sum())(array)
    found[0] = 99.0
    assert array.tolist() == AT.tolist()
    value, pullback = ag.vjp(lambda x: x * 1.0, array)
    value[0] = 99.0
    assert array.tolist() == AT.tolist()
    gradient = np.ones(3)
    (first,), (second,) = pullback(gradient), pullback(gradient)
    first[0] = 99.0
    assert second.tolist() == gradient.tolist() == [1.0, 1.0, 1.0]
    dx, dy = ag.vjp(lambda x, y: x + y, array, array)[1](gradient)
    dx[0] = 99.0
    assert dy.tolist() == gradient.tolist() == [1.0, 1.0, 1.0]


def test_argnums() -> None:
    def function(x: Any, y: Any, scale: float = 1.0) -> Any:
        return x * x * y * scale

    assert ag.grad(function)(3.0, 5.0) == 30.0
    assert ag.grad(function, 1)(3.0, 5.0) == 9.0
    assert (ag.grad(function, -1)(3.0, 5.0), ag.grad(function, -2)(3.0, 5.0)) == (9.0, 30.0)
    assert ag.grad(function, (0, 1))(3.0, 5.0) == (30.0, 9.0)
    assert ag.grad(function, (1,))(3.0, 5.0) == (9.0,)
    assert ag.value_and_grad(function, (1, 0))(3.0, 5.0) == (45.0, (9.0, 30.0))
    with pytest.raises(ValueError, match="argnums"):
        ag.grad(function, 2)(3.0, 5.0)


def test_keyword_arguments_are_passed_on() -> None:
    assert ag.grad(lambda x, power=1: x**power)(2.0, power=3) == 12.0
    value, gradient = ag.value_and_grad(lambda x, scale: x * scale)(2.0, scale=5.0)
    assert (value, gradient) == (10.0, 5.0)


def test_integers_as_other_arguments() -> None:
    assert ag.grad(lambda x, n: x**n)(2.0, 3) == 12.0


def test_what_the_function_does_not_use_has_derivative_zero() -> None:
    assert ag.grad(lambda x, y: x * 2.0, (0, 1))(3.0, 4.0) == (2.0, 0.0)
    assert ag.grad(lambda x: F.sum(Tensor([1.0, 2.0])))(AT).tolist() == [0.0, 0.0, 0.0]
    assert ag.grad(lambda x: 5.0)(3.0) == 0.0
    assert ag.hessian(lambda x: F.sum(x * 2.0))(AT).tolist() == np.zeros((3, 3)).tolist()
    assert ag.jacobian(lambda x: Tensor([1.0, 2.0]))(AT).tolist() == np.zeros((2, 3)).tolist()
    assert ag.jvp(lambda x: Tensor([1.0, 2.0]), (AT,), (AT,))[1].tolist() == [0.0, 0.0]
    assert ag.hvp(lambda x: F.sum(x), (AT,), (AT,)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("huge", [math.inf, -math.inf, math.nan])
def test_derivative_that_nothing_reaches_is_zero_whatever_the_data(huge: float) -> None:
    for kind in (float, Value, Tensor):
        assert float(ag.grad(lambda x, y: x * 1.0, 1)(kind(1.0), kind(huge))) == 0.0
        assert float(ag.grad(ag.grad(lambda x: x * 3.0))(kind(huge))) == 0.0
    assert ag.hessian(lambda x: F.sum(x))(np.array([huge, 1.0])).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert ag.jvp(lambda x: Tensor([huge]), (1.0,), (1.0,))[1].tolist() == [0.0]


def test_function_that_returns_its_argument() -> None:
    assert ag.grad(lambda x: x)(3.0) == 1.0
    assert ag.jacobian(lambda x: x)(AT).tolist() == np.eye(3).tolist()
    assert ag.jvp(lambda x: x, (AT,), (2 * AT,))[1].tolist() == (2 * AT).tolist()
    assert ag.grad(ag.grad(lambda x: x))(3.0) == 0.0


def test_same_node_as_two_arguments() -> None:
    x = leaf([3.0])
    first, second = ag.grad(lambda a, b: (a * a * b).sum(), (0, 1))(x, x)
    assert (first.data.tolist(), second.data.tolist()) == ([18.0], [9.0])


def test_vjp_and_jvp() -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    value, pullback = ag.vjp(lambda x, y: matrix @ x * y, AT, 2.0)
    assert value.tolist() == (2 * matrix @ AT).tolist()
    u = np.array([1.0, -3.0])
    for _ in range(2):
        dx, dy = pullback(u)
        np.testing.assert_allclose(dx, 2.0 * matrix.T @ u)
        assert dy == pytest.approx(u @ matrix @ AT)
    value, tangent = ag.jvp(lambda x, y: matrix @ x * y, (AT, 2.0), (AT * AT, -1.0))
    np.testing.assert_allclose(tangent, 2.0 * matrix @ (AT * AT) - matrix @ AT)


def test_jacobian_of_every_shape() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3))
    found = ag.jacobian(lambda a: F.sum(a * a, axis=0))(x)
    expected = np.zeros((3, 2, 3))
    for j in range(3):
        expected[j, :, j] = 2 * x[:, j]
    np.testing.assert_allclose(found, expected)
    found = ag.jacobian(lambda a: ag.transpose(a) @ a)(x)  # d(aᵀa)_ij / da_kl = a_kj [l=i] + a_ki [l=j]
    unit = np.eye(3)
    expected = np.einsum("kj,li->ijkl", x, unit) + np.einsum("ki,lj->ijkl", x, unit)
    np.testing.assert_allclose(found, expected)
    found = ag.jacobian(lambda a: ag.reshape(a, (3, 2)) * np.arange(6.0).reshape(3, 2))(x)
    np.testing.assert_allclose(found.reshape(6, 6), np.diag(np.arange(6.0)))
    assert ag.jacobian(lambda a: a * a)(3.0) == 6.0
    assert ag.jacobian(lambda a: Tensor([1.0, 2.0]) * a)(3.0).tolist() == [1.0, 2.0]
    assert ag.jacobian(lambda a: a.reshape(0, 3))(np.zeros((3, 0))).shape == (0, 3, 3, 0)
    assert ag.jacobian(lambda a, b: a * b, 1)(AT, AT).tolist() == np.diag(AT).tolist()


def test_hessian_and_hvp_agree() -> None:
    def function(x: Any) -> Any:
        return F.sum(x * x * ag.sin(x)) + F.prod(x)

    hessian = ag.hessian(function)(AT)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-13)
    direction = np.array([1.0, -0.5, 2.0])
    np.testing.assert_allclose(ag.hvp(function, (AT,), (direction,)), hessian @ direction, rtol=1e-12)
    diagonal = 2 * np.sin(AT) + 4 * AT * np.cos(AT) - AT**2 * np.sin(AT)
    np.testing.assert_allclose(np.diag(hessian), diagonal, rtol=1e-12)
    assert hessian[0, 1] == pytest.approx(AT[2])


def test_hvp_of_several_arguments_takes_the_mixed_derivatives() -> None:
    products = ag.hvp(lambda x, y: x * x * y, (3.0, 5.0), (1.0, 10.0))
    assert products == (2 * 5.0 * 1.0 + 2 * 3.0 * 10.0, 2 * 3.0 * 1.0)


# ---- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [2, "a", 1j, None, np.array([1, 2]), [1.0, 2.0], True])
def test_arguments_that_cannot_be_differentiated(wrong: Any) -> None:
    for name, call in (
        ("grad", lambda: ag.grad(lambda x: x)(wrong)),
        ("jacobian", lambda: ag.jacobian(lambda x: x)(wrong)),
        ("vjp", lambda: ag.vjp(lambda x: x, wrong)),
        ("jvp", lambda: ag.jvp(lambda x: x, (wrong,), (1.0,))),
    ):
        with pytest.raises(DTypeError, match=name):
            call()


@pytest.mark.parametrize("result", ["a", None, (1.0, 2.0), [1.0], {}, 1j])
def test_results_that_are_no_node(result: Any) -> None:
    with pytest.raises(DTypeError, match=r"grad.*return"):
        ag.grad(lambda x: result)(2.0)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(GraphError, match=r"grad.*\(3,\).*sum"):
        ag.grad(lambda x: x * 2.0)(AT)
    _, pullback = ag.vjp(lambda x: x * 2.0, AT)
    for wrong in (np.ones(2), 1.0, np.ones((3, 1)), Tensor(np.ones(2))):
        with pytest.raises(ShapeError, match=r"\(3,\)"):
            pullback(wrong)
        with pytest.raises(ShapeError, match=r"\(3,\)"):
            ag.jvp(lambda x: x * 2.0, (AT,), (wrong,))
    with pytest.raises(ValueError, match=r"jvp.*2.*1"):
        ag.jvp(lambda x, y: x, (AT, AT), (AT,))


def test_names_and_documentation_of_the_function_stay() -> None:
    def loss(x: Any) -> Any:
        """A loss."""
        return x * x

    assert ag.grad(loss).__name__ == "loss"
    assert ag.hessian(loss).__doc__ == "A loss."
