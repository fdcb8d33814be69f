"""What comes in stays: values promote as NumPy has them, each gradient has its leaf's dtype, integers are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd import functions as F
from autograd.errors import DTypeError
from tests.autograd.support import leaf, upstream

FLOATS = [np.float16, np.float32, np.float64]
ONE: dict[str, Callable[[Any], Any]] = {
    **{
        name: getattr(ag, name)
        for name in (
            "exp",
            "expm1",
            "log",
            "log1p",
            "sqrt",
            "square",
            "sin",
            "cos",
            "tan",
            "arctan",
            "sinh",
            "cosh",
            "tanh",
            "sigmoid",
            "softplus",
            "erf",
            "relu",
            "absolute",
            "negative",
        )
    },
    **{
        name: getattr(F, name)
        for name in ("sum", "mean", "var", "std", "prod", "max", "min", "logsumexp", "ravel", "flip")
    },
    "clip": lambda x: F.clip(x, 0.5, 1.5),
    "scaled": lambda x: 2 * x / 3 - 1.5,
    "power": lambda x: x**2 + 2**x + x**0.5,
    "where": lambda x: F.where(x > 1, x, 0.0),
    "maximum": lambda x: ag.maximum(x, 1),
    "mask": lambda x: x[x > 1],
    "index": lambda x: x[[0, 0, 1]],
    "pad": lambda x: F.pad(x, 1, 0.5),
    "windows": lambda x: F.windows(x, (2,)),
    "stack": lambda x: F.stack([x, x]),
    "matmul": lambda x: x @ x,
    "einsum": lambda x: F.einsum("i,j,i->j", x, x, x),
    "ties": lambda x: ag.maximum(x, x) + ag.minimum(x, x),
    "broadcast_to": lambda x: F.broadcast_to(x, (2, 3)),
    "number of NumPy's": lambda x: x * x.dtype.type(2.0),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ONE)
def test_dtype_stays(name: str, dtype: Any) -> None:
    x = leaf(np.array([1.0, 0.25, 2.0], dtype=dtype))
    out = ONE[name](x)
    assert out.dtype == dtype
    out.backward(upstream(1, out.shape, float))
    passed_through = {np.dtype(dtype)} | ({np.dtype(np.float32)} if dtype is np.float16 else set())  # sums of halves
    for node in ag.topological_order(out):
        assert node.grad.dtype == node.data.dtype in passed_through
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("name", ["sin", "tanh", "maximum", "std", "logsumexp", "matmul", "index", "ties"])
def test_dtype_stays_in_second_derivatives_and_tangents(name: str) -> None:
    at = np.float32([1.0, 0.25, 2.0])

    def function(x: Any) -> Any:
        return F.sum(ONE[name](x) ** 2)

    assert ag.hessian(function)(at).dtype == np.float32
    assert ag.hvp(function, (at,), (at,)).dtype == np.float32
    _, tangent = ag.jvp(ONE[name], (at,), (at,))
    assert np.asarray(tangent).dtype == np.float32 or isinstance(tangent, float)


@pytest.mark.parametrize("first", FLOATS)
@pytest.mark.parametrize("second", FLOATS)
@pytest.mark.parametrize(
    "name", ["add", "multiply", "power", "maximum", "matmul", "where", "concatenate", "stack", "einsum"]
)
def test_two_dtypes_promote_as_numpys_do(name: str, first: Any, second: Any) -> None:
    functions: dict[str, Callable[[Any, Any], Any]] = {
        "matmul": lambda x, y: x @ y,
        "where": lambda x, y: np.where(np.array([True, False, True]), x, y),
        "concatenate": lambda x, y: np.concatenate([x, y]),
        "stack": lambda x, y: np.stack([x, y]),
        "einsum": lambda x, y: np.einsum("i,i->i", x, y),
    }
    function = functions.get(name) or getattr(np, name)
    a, b = np.array([1.0, 2.0, 0.5], dtype=first), np.array([0.25, 3.0, 1.5], dtype=second)
    x, y = leaf(a), leaf(b)
    out = function(x, y)
    assert out.dtype == function(a, b).dtype
    np.testing.assert_array_equal(out.data, function(a, b))
    out.backward(upstream(1, out.shape, float))
    assert (x.grad.dtype, y.grad.dtype) == (first, second)


@pytest.mark.parametrize("constant", [2, 2.5, True, np.float64(2.5), np.int64(2), np.float32(2.5), np.array([1, 2, 3])])
def test_constants_promote_as_numpys_do(constant: Any) -> None:
    array = np.float32([1.0, 2.0, 3.0])
    x = leaf(array)
    for function in (lambda a: a * constant, lambda a: constant - a, lambda a: a**constant, lambda a: constant / a):
        out = function(x)
        assert out.dtype == function(array).dtype
        np.testing.assert_allclose(out.data, function(array), rtol=1e-6)
        x.zero_grad()
        out.backward(np.ones(3))
        assert x.grad.dtype == np.float32


def test_promotion_is_a_node() -> None:
    x, y = leaf(np.float32([1.0, 2.0])), leaf([3.0, 4.0])
    out = x * y
    cast, other = out.parents
    assert (cast.op, cast.parents, cast.dtype, other) == ("cast", (x,), np.float64, y)


def test_integer_constants_stay_constants() -> None:
    constant = (leaf([1.0, 2.0]) * np.array([3, 4])).parents[1]
    assert constant.dtype == int
    with pytest.raises(DTypeError, match="requires_grad_: int64"):
        constant.requires_grad_()


def test_cast_is_recorded_and_cast_back() -> None:
    x = leaf(np.float32([1.0, 2.0]))
    y = x.astype(np.float64)
    (y * y).backward(np.array([1.0, -3.0]))
    assert (y.dtype, y.grad.dtype, x.grad.dtype) == (np.float64, np.float64, np.float32)
    assert x.grad.tolist() == [2.0, -12.0]
    assert x.astype(np.float32) is x
    for wrong in (int, bool, complex, object):
        with pytest.raises(DTypeError, match="astype"):
            x.astype(wrong)


def test_optimiser_step_keeps_float32() -> None:
    w = leaf(np.float32([1.0, 2.0]))
    (w * w).sum().backward()
    w.data -= 0.1 * w.grad
    assert w.dtype == np.float32
    w.data = w.data - np.float64(0.1) * w.grad.astype(np.float64)
    assert w.dtype == np.float32


@pytest.mark.parametrize(
    "data, remedy",
    [
        ([1, 2], "1.0"),
        (np.array([1], np.uint8), "1.0"),
        ([True, False], "1.0"),
        (3, "1.0"),
        ([1j, 2.0], "imaginary"),
        (np.complex64(1), "imaginary"),
        (["a"], "float"),
        (b"a", "float"),
        (None, ""),
        (np.array(["2020"], dtype="M8[D]"), "float"),
        ([object()], ""),
        ({}, ""),
        (np.ma.array([1.0, 2.0], mask=[False, True]), "mask"),
    ],
)
def test_data_that_cannot_be_differentiated(data: Any, remedy: str) -> None:
    with pytest.raises(DTypeError, match=f"Tensor.*{remedy}"):
        Tensor(data)


def test_mask_is_not_dropped_from_an_operand() -> None:
    with pytest.raises(DTypeError, match="mask"):
        leaf([1.0, 2.0]) * np.ma.array([1.0, 2.0], mask=[False, True])


def test_mean_of_many_half_precision_numbers() -> None:
    """The sum of 70,000 ones does not fit float16; their mean does."""
    x = leaf(np.ones(70_000, dtype=np.float16))
    out = F.mean(x)
    assert (out.item(), out.dtype) == (1.0, np.float16)


def test_python_floats_become_float64() -> None:
    assert Tensor(1.5).dtype == Tensor([1.5]).dtype == np.float64
    assert Tensor(np.float32(1.5)).dtype == np.float32
    assert Tensor(np.array([1.0, 2.0], dtype=">f4")).data.tolist() == [1.0, 2.0]
