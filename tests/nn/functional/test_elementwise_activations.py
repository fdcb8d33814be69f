"""The elementwise activations against PyTorch: values and two orders of derivatives, at kinks and extremes too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, Tensor, Value, grad, topological_order
from tests.autograd.support import leaf
from tests.nn.functional.elementwise_draws import ACTIVATIONS, array
from tests.nn.functional.test_values import check_equal
from tests.nn.oracle import Case, hold, torch

T = torch.nn.functional
INF = math.inf


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_against_pytorch(name: str) -> None:
    activation = ACTIVATIONS[name]

    def draw(rng: np.random.Generator) -> Case:
        ours, theirs, note = activation.draw(rng)
        special = rng.integers(3) == 0
        second = activation.smooth or not special
        return Case([array(rng, special)], ours, theirs, note=f"{name}: {note}", second=second)

    hold(draw)


# name and arguments; where; the derivative there, which is PyTorch's
AT_KINKS: list[tuple[str, dict[str, Any], list[float], list[float]]] = [
    ("elu", {"alpha": 3.0}, [0.0], [3.0]),
    ("selu", {}, [0.0], [1.7580993408473766]),
    ("celu", {"alpha": 3.0}, [0.0], [1.0]),
    ("threshold", {"threshold": 2.0, "value": 7.0}, [2.0], [0.0]),
    ("softplus", {"threshold": 2.0}, [2.0, np.nextafter(2.0, 3.0)], [1.0 / (1.0 + math.exp(-2.0)), 1.0]),
    ("hardtanh", {}, [-1.0, 1.0], [0.0, 0.0]),
    ("relu6", {}, [0.0, 6.0], [0.0, 0.0]),
    ("hardsigmoid", {}, [-3.0, 3.0], [0.0, 0.0]),
    ("hardswish", {}, [-3.0, 3.0], [0.0, 1.0]),
    ("softsign", {}, [0.0], [1.0]),
    ("softshrink", {}, [-0.5, 0.5], [0.0, 0.0]),
    ("softshrink", {"lambd": 0.0}, [0.0, -0.0], [0.0, 0.0]),
    ("hardshrink", {}, [-0.5, 0.5], [0.0, 0.0]),
    ("hardshrink", {"lambd": -1.0}, [-1.0, 0.0, 1.0], [1.0, 1.0, 1.0]),
]


@pytest.mark.parametrize("name, arguments, points, derivatives", AT_KINKS)
def test_derivative_at_kinks(name: str, arguments: Any, points: list[float], derivatives: list[float]) -> None:
    x, reference = leaf(points), torch.tensor(points, dtype=torch.float64, requires_grad=True)
    weights = np.arange(2.0, 2.0 + len(points))
    getattr(F, name)(x, **arguments).backward(weights)
    getattr(T, name)(reference, **arguments).backward(torch.from_numpy(weights))
    np.testing.assert_allclose(x.grad, weights * derivatives, rtol=1e-15)
    np.testing.assert_allclose(reference.grad.numpy(), weights * derivatives, rtol=1e-15)


# value, first and second derivative at -1000 and at 1000
FAR = {
    "elu": ((-1.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "selu": ((-1.7580993408473766, 0.0, 0.0), (1050.7009873554805, 1.0507009873554805, 0.0)),
    "celu": ((-1.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "softplus": ((0.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "logsigmoid": ((-1000.0, 1.0, 0.0), (0.0, 0.0, 0.0)),
    "gelu": ((0.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "silu": ((0.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "mish": ((0.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),  # PyTorch's second derivative is NaN
    "hardswish": ((0.0, 0.0, 0.0), (1000.0, 1.0, 0.0)),
    "hardtanh": ((-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    "relu6": ((0.0, 0.0, 0.0), (6.0, 0.0, 0.0)),
    "hardsigmoid": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    "softsign": ((-1000 / 1001, 1001**-2, 2 * 1001.0**-3), (1000 / 1001, 1001**-2, -2 * 1001.0**-3)),
    "softshrink": ((-999.5, 1.0, 0.0), (999.5, 1.0, 0.0)),
    "hardshrink": ((-1000.0, 1.0, 0.0), (1000.0, 1.0, 0.0)),
    "tanhshrink": ((-999.0, 1.0, 0.0), (999.0, 1.0, 0.0)),
}


@pytest.mark.parametrize("dtype, digits", [(np.float64, 1e-10), (np.float32, 1e-3)])
@pytest.mark.parametrize("name, arguments", [*((name, {}) for name in FAR), ("gelu", {"approximate": "tanh"})])
def test_far_from_zero(name: str, arguments: Any, dtype: Any, digits: float) -> None:
    """NumPy's warnings are errors in these tests: an overflow on the way to a finite result would raise."""
    x = Tensor(np.array([-1000.0, 1000.0], dtype))

    def total(x: Any) -> Any:
        return getattr(F, name)(x, **arguments).sum()

    found = [getattr(F, name)(x, **arguments), grad(total)(x), grad(lambda x: grad(total)(x).sum())(x)]
    for each, expected in zip(found, np.transpose(FAR[name]), strict=True):
        assert each.dtype == dtype
        np.testing.assert_allclose(each.data, expected, rtol=digits, atol=1e-30)


@pytest.mark.parametrize("name", FAR)
def test_infinities_and_nan_are_pytorchs(name: str) -> None:
    ends = [-INF, INF, math.nan]
    expected = getattr(T, name)(torch.tensor(ends, dtype=torch.float64)).numpy()
    np.testing.assert_array_equal(getattr(F, name)(leaf(ends)).data, expected)


def test_tails_keep_their_digits() -> None:
    """Far from 0 the small results are no rounded differences: closed forms of the first term."""
    x = np.array([-30.0, -200.0, -700.0])
    np.testing.assert_allclose(F.silu(x), x * np.exp(x), rtol=1e-12)
    np.testing.assert_allclose(F.mish(x), x * np.exp(x), rtol=1e-12)
    np.testing.assert_allclose(F.softplus(x), np.exp(x), rtol=1e-12)
    np.testing.assert_allclose(F.logsigmoid(-x), -np.exp(x), rtol=1e-12)
    np.testing.assert_allclose(F.elu(np.array([-1e-20])), [-1e-20], rtol=1e-15)
    np.testing.assert_allclose(F.celu(np.array([-1e-20]), 3.0), [-1e-20], rtol=1e-15)


def test_by_hand() -> None:
    x = np.array([-4.0, -1.0, 1.0, 4.0])
    e = math.e
    np.testing.assert_allclose(F.elu(x[1:2], 2.0), [2.0 * (1 / e - 1)], rtol=1e-15)
    np.testing.assert_allclose(F.celu(x[:1], 2.0), [2.0 * (e**-2 - 1)], rtol=1e-15)
    np.testing.assert_allclose(F.softplus(x[2:3], 2.0), [math.log(1 + e**2) / 2], rtol=1e-15)
    np.testing.assert_allclose(F.hardswish(x), [0.0, -1 / 3, 2 / 3, 4.0], rtol=1e-15)
    np.testing.assert_allclose(F.hardsigmoid(x), [0.0, 1 / 3, 2 / 3, 1.0], rtol=1e-15)
    assert F.hardtanh(x, -2.0, 3.0).tolist() == [-2.0, -1.0, 1.0, 3.0]
    assert F.relu6(2.0 * x).tolist() == [0.0, 0.0, 2.0, 6.0]
    assert F.softshrink(x, 1.0).tolist() == [-3.0, 0.0, 0.0, 3.0]
    assert F.hardshrink(x, 1.0).tolist() == [-4.0, 0.0, 0.0, 4.0]
    assert F.threshold(x, 1.0, 9.0).tolist() == [9.0, 9.0, 9.0, 4.0]
    assert F.softsign(x).tolist() == [-0.8, -0.5, 0.5, 0.8]


ARGUMENTS: dict[str, dict[str, Any]] = {"threshold": {"threshold": 0.5, "value": 2.0}, "elu": {"alpha": 0.7}}


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values(name: str, shape: tuple[int, ...]) -> None:
    arguments = ARGUMENTS.get(name, {})
    array = np.random.default_rng(3).choice([-4.0, -1.3, -0.5, 0.0, 0.2, 0.5, 1.7, 4.0], size=shape)
    check_equal(lambda x: getattr(F, name)(x, **arguments), [array])


def test_one_value_stays_one_value() -> None:
    x = Value(-1.0)
    out = F.gelu(x)
    assert isinstance(out, Value)
    assert {node.scope for node in topological_order(out) if node.rule} == {"gelu"}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_other_memory_layouts(name: str) -> None:
    arguments = ARGUMENTS.get(name, {})
    x = leaf(np.random.default_rng(1).normal(size=(3, 4)))
    view = x.T[::2, ::-1]
    out = getattr(F, name)(view, **arguments)
    np.testing.assert_array_equal(out.data, getattr(F, name)(Tensor(np.array(view.data)), **arguments).data)
    out.backward(np.ones(out.shape))
    assert np.count_nonzero(x.grad[:, 1::2]) == 0


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: F.celu(np.ones(2), 0.0), r"celu: alpha=0 would be divided by; give another number"),
    (lambda: F.softplus(np.ones(2), 0.0), r"softplus: beta=0 would be divided by; give a positive number"),
    (lambda: F.hardtanh(np.ones(2), 2.0, 1.0), r"hardtanh: min_val=2.0 is above max_val=1.0; exchange them"),
    (lambda: F.softshrink(np.ones(2), -1.0), r"softshrink: lambd=-1.0 must be at least 0"),
    (lambda: F.softshrink(np.ones(2), math.nan), r"softshrink: lambd=nan must be at least 0"),
    (lambda: F.gelu(np.ones(2), approximate="erf"), r"gelu: approximate='erf' is neither 'none' nor 'tanh'"),
]


@pytest.mark.parametrize("call, message", REFUSED)
def test_refused_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", [*ACTIVATIONS, "glu", "softmin", "prelu"])
def test_integers_are_refused(name: str) -> None:
    more = {"threshold": (0.0, 0.0), "softmin": (0,), "prelu": (np.ones(1),)}.get(name, ())
    with pytest.raises(DTypeError, match=rf"^{name}: input has dtype int64, .*astype"):
        getattr(F, name)(np.ones((2, 2), int), *more)
