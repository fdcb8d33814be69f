"""The array functions on lists and arrays of Values: the numbers and gradients of the same call on a Tensor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd import functions as F
from autograd.primitives import structural
from tests.autograd.support import Array, leaf, upstream

CASES: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(ag, name) for name in ("exp", "tanh", "relu", "sigmoid", "square", "absolute", "erf", "softplus")},
    **{
        name: partial(getattr(F, name), axis=0)
        for name in ("sum", "mean", "var", "std", "prod", "max", "min", "logsumexp")
    },
    **{f"{name} of all": getattr(F, name) for name in ("sum", "mean", "var", "std", "prod", "max", "min", "logsumexp")},
    **{
        f"{name} keepdims": partial(getattr(F, name), axis=-1, keepdims=True)
        for name in ("sum", "mean", "std", "prod", "max", "logsumexp")
    },
    "reshape": lambda x: F.reshape(x, (4, 3)),
    "transpose": F.transpose,
    "swapaxes": lambda x: F.swapaxes(x, 0, 1),
    "moveaxis": lambda x: F.moveaxis(x, 0, -1),
    "ravel": F.ravel,
    "flip": lambda x: F.flip(x, 1),
    "expand_dims and squeeze": lambda x: F.squeeze(F.expand_dims(x, 1)),
    "getitem": lambda x: F.getitem(x, [0, 0, 2]),
    "broadcast_to": lambda x: F.broadcast_to(x, (2, 3, 4)),
    "pad": lambda x: F.pad(x, ((1, 0), (0, 2)), 0.5),
    "concatenate": lambda x: F.concatenate([x, x], axis=1),
    "stack": lambda x: F.stack([x, x], axis=-1),
    "windows": lambda x: F.windows(x, (2, 2), (1, 2)),
    "where": lambda x: F.where(np.arange(12).reshape(3, 4) % 2 == 0, x, 0.0),
    "clip": lambda x: F.clip(x, -0.5, 0.5),
    "maximum": lambda x: ag.maximum(x, 0.25),
    "power": lambda x: ag.power(2.0, x),
    "matmul": lambda x: F.matmul(x, F.transpose(x)),
    "matmul with a vector": lambda x: F.matmul(x, np.arange(4.0)),
    "batched matmul": lambda x: F.matmul(F.reshape(x, (3, 2, 2)), F.reshape(x, (3, 2, 2))),
    "einsum": lambda x: F.einsum("ij,kj->ik", x, x),
    "einsum of three": lambda x: F.einsum("ij,ij,j->i", x, x, np.arange(4.0)),
    "einsum to a number": lambda x: F.einsum("ij,ij->", x, x),
    "einsum diagonal": lambda x: F.einsum("ii->i", x[:3, :3]),
    **{name: getattr(F, name) for name in ("cumsum", "cumprod", "norm", "sort", "trace", "tril", "triu", "diagonal")},
    "cumsum axis": lambda x: F.cumsum(x, axis=1),
    "cumprod axis": lambda x: F.cumprod(x, axis=0),
    "norm axis": lambda x: F.norm(x, axis=0),
    "norm of order 3": lambda x: F.norm(x, 3, axis=1),
    "tile": lambda x: F.tile(x, (2, 1, 2)),
    "repeat": lambda x: F.repeat(x, [1, 0, 2], axis=0),
    "roll": lambda x: F.roll(x, 2),
    "split": lambda x: F.split(x, 2, axis=1)[1],
    "sort axis": lambda x: F.sort(x, axis=0),
    "gather": lambda x: F.gather(x, 1, [[0, 0, 3]]),
    "scatter": lambda x: F.scatter(x, 1, [[0, 3]], x),
    "scatter_add": lambda x: F.scatter_add(x, 0, [[0, 2, 2, 0]], x),
    "dot": lambda x: F.dot(x, F.transpose(x)),
    "outer": lambda x: F.outer(x[0], x[1]),
    "tensordot": lambda x: F.tensordot(x, x, axes=([0], [0])),
    "diag": lambda x: F.diag(x[0], k=-1),
    "nan_to_num": F.nan_to_num,
    "floor": lambda x: ag.floor(x) * x,
    "round": lambda x: F.round(x, 1) * x,
    "arithmetic": lambda x: (x * x - 2.0) / (x + 10.0),
}


def values(array: Array) -> Any:
    """An object array of Values."""
    return np.vectorize(Value, otypes=[object])(array)


@pytest.mark.parametrize("name", CASES)
def test_same_numbers_as_a_tensor(name: str) -> None:
    data = np.random.default_rng(11).normal(size=(3, 4))
    x, scalars = leaf(data), values(data)
    out = CASES[name](x)
    other = np.asarray(CASES[name](scalars), dtype=object)
    assert other.shape == out.shape
    numbers = np.array([float(each) for each in other.flat]).reshape(other.shape)
    np.testing.assert_allclose(numbers, out.data, rtol=1e-13)

    gradient = upstream(5, out.shape, float)
    out.backward(gradient)
    total = sum(each * float(g) for each, g in zip(other.flat, gradient.flat, strict=True) if isinstance(each, Value))
    total.backward()
    found = np.array([each.grad for each in scalars.flat]).reshape(data.shape)
    np.testing.assert_allclose(found, x.grad, rtol=1e-11, atol=1e-14)


def test_nested_lists_will_do() -> None:
    row = [Value(1.0), Value(2.0)]
    assert F.sum([row, [Value(3.0), 4.0]]).data == 10.0
    assert ag.exp(row).shape == (2,)
    assert F.matmul([row], [[Value(1.0)], [Value(10.0)]])[0, 0].data == 21.0


def test_sum_is_one_node_of_many_parents() -> None:
    row = [Value(1.0), Value(2.0), Value(4.0)]
    total = F.sum(row)
    assert total.parents == tuple(row)
    assert F.max(row).parents == tuple(row)


REDUCTIONS = ["sum", "mean", "var", "std", "prod", "max", "min", "logsumexp"]


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduction_of_values_is_a_value_and_differentiates_to_any_order(name: str) -> None:
    """Reverse and forward mode, nested in every way, are those of the same function of a Tensor."""

    def function(x: Any) -> Any:
        parts = [x * x, x * 2.0, ag.sin(x)]
        return getattr(F, name)(parts if isinstance(x, Value) else ag.stack(parts))

    def directional(x: Any) -> Any:
        return ag.jvp(function, (x,), (1.0,))[1]

    x = Value(0.7)
    assert type(function(x)) is Value
    second = ag.grad(ag.grad(function))(0.7)
    assert ag.jvp(function, (x,), (1.0,))[1].data == pytest.approx(ag.grad(function)(0.7), rel=1e-12)
    for found in (
        ag.grad(ag.grad(function))(x),
        ag.grad(directional)(x),
        ag.jvp(directional, (x,), (1.0,))[1],
        ag.jvp(ag.grad(function), (x,), (1.0,))[1],
    ):
        assert found.data == pytest.approx(second, rel=1e-11, abs=1e-14)
    for derivative in (ag.grad(ag.grad(ag.grad(function))), ag.grad(ag.grad(ag.grad(ag.grad(function))))):
        assert derivative(x).data == pytest.approx(derivative(0.7), rel=1e-10, abs=1e-12)


def test_local_derivative_of_a_reduction_of_values() -> None:
    row = [Value(1.0), Value(2.0)]
    for out, expected in ((F.max(row), [0.0, 1.0]), (F.sum(row), [1.0, 1.0]), (F.min(row), [1.0, 0.0])):
        assert [out.rule.local(out, place) for place in (0, 1)] == expected
    out = F.logsumexp(row)
    shares = [out.rule.local(out, place) for place in (0, 1)]
    assert shares == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)], rel=1e-14)


def test_array_of_no_axes_is_its_value() -> None:
    box = np.array(Value(2.0), dtype=object)
    assert (Value(3.0) * box).data == (box * Value(3.0)).data == 6.0
    assert F.sum(box).data == ag.exp(box).data / np.exp(2.0) * 2.0 == 2.0


def test_constants_among_values() -> None:
    x = Value(2.0)
    out = F.max([x, 5.0])
    out.backward()
    assert (out.data, x.grad) == (5.0, 0.0)
    assert F.sum(np.array([1.0, 2.0], dtype=object)) == 3.0


def test_numpy_calls_on_object_arrays() -> None:
    x = values(np.array([0.5, 2.0]))
    for function in (np.exp, np.sqrt, np.tanh, lambda a: 2.0 - a * 2.0, lambda a: a**2, lambda a: np.float64(3.0) * a):
        out = function(x)
        assert all(type(each) is Value for each in out)
        np.testing.assert_allclose([each.data for each in out], function(np.array([0.5, 2.0])), rtol=1e-15)
    assert type(np.sum(x)) is Value
    assert type(x @ x) is Value
    (x @ x).backward()
    assert [each.grad for each in x] == [1.0, 4.0]


def test_values_put_back_are_one_sum_where_several_arrive() -> None:
    """Nothing that arrives is 0.0, one is itself, several are one node, not a chain of additions."""
    x = values(np.arange(6.0).reshape(3, 2))
    back = structural.overlap_add(x, shape=(5,), kernel=(2,), stride=(1,), dilation=(1,))
    assert back[0] is x[0, 0]
    assert (back[1].op, back[1].parents, back[1].data) == ("Σ", (x[0, 1], x[1, 0]), 3.0)
    assert type(back[4]) is float
    scattered = structural.scatter(x[:, 0], index=np.array([2, 0, 2]), shape=(3,))
    assert (scattered[0], scattered[1], scattered[2].data) == (x[1, 0], 0.0, 4.0)
