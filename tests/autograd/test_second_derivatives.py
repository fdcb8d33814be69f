"""Second derivatives and forward mode of every primitive: none may be declared without passing here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd import functions as F
from tests.autograd.scalar_functions import FUNCTIONS, exact_derivative
from tests.autograd.second_order_cases import CASES, Case
from tests.autograd.support import Array, table
from tests.autograd.torch_oracle import torch

NAMES = pytest.mark.parametrize("name", CASES)


def weighted(case: Case) -> tuple[Callable[[Any], Any], Array]:
    """A scalar function of one vector that bends every element of the case's result differently."""
    sizes = [argument.size for argument in case.arguments]
    ends = np.cumsum(sizes)

    def function(flat: Any) -> Any:
        parts = [
            ag.reshape(flat[end - size : end], argument.shape)
            for end, size, argument in zip(ends, sizes, case.arguments, strict=True)
        ]
        out = case.function(*parts)
        weights = np.random.default_rng(9).normal(size=out.shape)
        return F.sum(out * out * weights + out * (weights + 0.5))

    return function, np.concatenate([argument.ravel() for argument in case.arguments])


def numeric_jacobian(function: Callable[[Array], Any], at: Array, step: float = 1e-5) -> Array:
    """Central differences, extrapolated once, so that their error is of the fourth order in the step."""

    def difference(h: float) -> Array:
        columns = [(function(at + h * unit) - function(at - h * unit)) / (2 * h) for unit in np.eye(at.size)]
        return np.stack(columns, axis=-1)

    return (4.0 * difference(step / 2) - difference(step)) / 3.0


@pytest.mark.uncounted
@NAMES
def test_hessian_against_differences_of_the_gradient(name: str) -> None:
    function, at = weighted(CASES[name])
    gradient = ag.grad(function)
    np.testing.assert_allclose(
        gradient(at), numeric_jacobian(lambda x: float(function(ag.Tensor(x)).item()), at), rtol=1e-7, atol=1e-7
    )
    hessian = ag.hessian(function)(at)
    np.testing.assert_allclose(hessian, numeric_jacobian(gradient, at), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-12)


@NAMES
def test_hessian_by_four_routes(name: str) -> None:
    """Reverse over reverse, forward over reverse, reverse over forward, forward over forward: one matrix."""
    function, at = weighted(CASES[name])
    v = np.random.default_rng(4).normal(size=at.shape)
    product = ag.hessian(function)(at) @ v

    def slope(x: Any) -> Any:
        return ag.jvp(function, (x,), (v,))[1]

    scale = 1e-11 * np.max(np.abs(product), initial=1.0)
    np.testing.assert_allclose(ag.hvp(function, (at,), (v,)), product, rtol=1e-11, atol=scale)
    np.testing.assert_allclose(ag.grad(slope)(at), product, rtol=1e-11, atol=scale)
    _, twice = ag.jvp(slope, (at,), (v,))
    assert float(twice) == pytest.approx(float(v @ product), rel=1e-11, abs=scale)


@NAMES
def test_forward_and_reverse_mode_are_adjoint(name: str) -> None:
    """<w, J v> == <Jᵀ w, v> for random v and w."""
    function, arguments = CASES[name]
    rng = np.random.default_rng(6)
    directions = tuple(rng.normal(size=argument.shape) for argument in arguments)
    value, tangent = ag.jvp(function, arguments, directions)
    again, pullback = ag.vjp(function, *arguments)
    np.testing.assert_array_equal(value, again)
    w = rng.normal(size=np.shape(value))
    forward = float(np.sum(w * tangent))
    reverse = float(sum(np.sum(g * v) for g, v in zip(pullback(w), directions, strict=True)))
    assert forward == pytest.approx(reverse, rel=1e-12, abs=1e-12)


@NAMES
def test_forward_mode_with_only_one_direction(name: str) -> None:
    """A tangent of one argument alone: the others stand still, whether constant or with tangent 0."""
    function, arguments = CASES[name]
    for place in range(len(arguments)):
        direction = np.random.default_rng(8).normal(size=arguments[place].shape)

        def alone(x: Any, place: int = place) -> Any:
            return function(*(x if i == place else argument for i, argument in enumerate(arguments)))

        still = tuple(direction if i == place else np.zeros(a.shape) for i, a in enumerate(arguments))
        _, one = ag.jvp(alone, (arguments[place],), (direction,))
        _, other = ag.jvp(function, arguments, still)
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


def test_every_primitive_has_a_case() -> None:
    """A primitive declared tomorrow fails here until it has a case above, and each case goes through its primitive."""
    names = {rule.name for rule in table()}
    assert names <= set(CASES)
    for name in sorted(names):
        function, arguments = CASES[name]
        root = function(*(ag.Tensor(argument, requires_grad=True) for argument in arguments))
        used = {node.rule.name for node in ag.graph_nodes(root) if node.rule is not None}
        assert name in used or name == "cast"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("relu", "absolute", "clip", "where")])
def test_second_derivatives_of_scalar_functions_to_1e_9(name: str) -> None:
    """Against 50-digit arithmetic, on floats and on Values, pure and mixed."""
    function = FUNCTIONS[name]
    for at in (0.3, 0.9), (0.6, 0.2):
        point = tuple(function.low + (function.high - function.low) * u for u in at[: function.arity])
        for first in range(function.arity):
            for second in range(function.arity):
                orders = tuple((first == i) + (second == i) for i in range(function.arity))
                expected = exact_derivative(function, point, orders)
                for kind in (float, Value):
                    derivative = ag.grad(ag.grad(function.ours, first), second)
                    found = float(derivative(*map(kind, point)))
                    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


TORCH: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "max": (lambda x: (F.max(x * x, axis=1) ** 3).sum(), lambda x: ((x * x).max(1)[0] ** 3).sum()),
    "logsumexp": (lambda x: (F.logsumexp(x, axis=0) ** 2).sum(), lambda x: (torch.logsumexp(x, 0) ** 2).sum()),
    "prod with zeros": (
        lambda x: F.prod(x - x.data[0, 0], axis=None) if isinstance(x, ag.Tensor) else None,
        lambda x: torch.prod(x - x.detach()[0, 0]),
    ),
    "std": (lambda x: F.std(x), lambda x: x.std(correction=0)),
    "einsum": (
        lambda x: ag.einsum("ij,kj,ki->", x, x, x @ ag.transpose(x)),
        lambda x: torch.einsum("ij,kj,ki->", x, x, x @ x.T),
    ),
    "index": (lambda x: (x[[0, 0, 1], [1, 1, 2]] ** 3).sum(), lambda x: (x[[0, 0, 1], [1, 1, 2]] ** 3).sum()),
    "windows": (
        lambda x: ((ag.windows(x, (2,)) * np.arange(1.0, 3.0)).sum(axis=-1).tanh()).sum(),
        lambda x: (x.unfold(1, 2, 1) * torch.arange(1.0, 3.0)).sum(-1).tanh().sum(),
    ),
    "power": (lambda x: ((x * x + 0.5) ** x).sum(), lambda x: ((x * x + 0.5) ** x).sum()),
    "erf": (lambda x: ag.erf(x * x).sum(), lambda x: torch.erf(x * x).sum()),
}


@pytest.mark.parametrize("name", TORCH)
def test_hessian_against_pytorch(name: str) -> None:
    ours, theirs = TORCH[name]
    x = np.random.default_rng(12).normal(size=(2, 3))
    expected = torch.autograd.functional.hessian(theirs, torch.from_numpy(x))
    np.testing.assert_allclose(ag.hessian(ours)(x), expected.numpy(), rtol=1e-10, atol=1e-12)
