"""The same functions on arrays of Values, one node for each number: the same numbers as on Tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value, topological_order

Array = Any
RNG = np.random.default_rng(5)


def values(array: Any) -> Array:
    """An object array of Values."""
    return np.asarray(np.frompyfunc(Value, 1, 1)(np.asarray(array)), dtype=object)


def data(array: Any) -> Array:
    return np.array([float(each) for each in np.ravel(array)]).reshape(np.shape(array))


def gradients(array: Any) -> Array:
    return np.array([each.grad for each in array.flat]).reshape(array.shape)


def check_equal(function: Callable[..., Any], arrays: Sequence[Any]) -> None:
    """Hold value and every gradient on Values against those on Tensors, under one random upstream gradient."""
    tensors = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(*tensors)
    upstream = np.random.default_rng(out.size).normal(size=out.shape)
    out.backward(upstream)

    scalars = [values(array) for array in arrays]
    result = function(*scalars)
    assert np.shape(result) == out.shape
    np.testing.assert_allclose(data(result), out.data, rtol=1e-12, atol=1e-14)
    total = np.sum(np.asarray(result) * upstream)
    total.backward()
    for tensor, scalar in zip(tensors, scalars, strict=True):
        np.testing.assert_allclose(gradients(scalar), tensor.grad, rtol=1e-12, atol=1e-14)

    plain = function(*arrays)
    assert isinstance(plain, np.ndarray | float)
    np.testing.assert_allclose(plain, out.data, rtol=1e-12, atol=1e-14)


CONVOLUTIONS = [
    (F.conv1d, (2, 5), (3, 2, 2), {"padding": 1}),
    (F.conv1d, (2, 2, 7), (4, 1, 3), {"stride": 2, "groups": 2, "dilation": 2}),
    (F.conv2d, (1, 3, 3), (1, 1, 2, 2), {}),
    (F.conv2d, (2, 2, 4, 5), (4, 1, 2, 3), {"padding": "same", "groups": 2}),
    (F.conv2d, (1, 2, 5, 4), (2, 2, 3, 2), {"padding": ((1, 0), (0, 2)), "stride": (2, 3), "dilation": (1, 2)}),
    (F.conv3d, (1, 1, 3, 3, 3), (2, 1, 2, 2, 2), {"stride": 2, "padding": 1}),
]


@pytest.mark.parametrize("function, image, weight, options", CONVOLUTIONS)
def test_convolution(function: Any, image: Any, weight: Any, options: dict[str, Any]) -> None:
    arrays = [RNG.normal(size=image), RNG.normal(size=weight), RNG.normal(size=weight[:1])]
    check_equal(lambda x, w, b: function(x, w, b, **options), arrays)


POOLINGS = [
    ("pool1d", (2, 7), (2,), {"padding": 1}),
    ("pool2d", (1, 4, 5), (2,), {}),
    ("pool2d", (2, 2, 4, 5), ((2, 3), (1, 2), 1), {"ceil_mode": True}),
    ("pool3d", (1, 3, 3, 4), (2, 1), {"padding": (1, 0, 1)}),
]


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("name, image, arguments, options", POOLINGS)
@pytest.mark.parametrize("tied", [False, True])
def test_pooling(kind: str, name: str, image: Any, arguments: Any, options: dict[str, Any], tied: bool) -> None:
    array = RNG.integers(3, size=image).astype(float) if tied else RNG.normal(size=image)
    check_equal(lambda x: getattr(F, f"{kind}_{name}")(x, *arguments, **options), [array])


def test_average_that_does_not_count_padding() -> None:
    check_equal(lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), [RNG.normal(size=(1, 4, 4))])
    check_equal(lambda x: F.avg_pool2d(x, 2, divisor_override=3), [RNG.normal(size=(1, 4, 4))])


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
@pytest.mark.parametrize("function", [F.relu, F.leaky_relu, F.sigmoid, F.tanh])
def test_activation(function: Any, shape: tuple[int, ...]) -> None:
    check_equal(function, [RNG.normal(size=shape)])


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
@pytest.mark.parametrize("shape, dim", [((4,), 0), ((2, 3), 0), ((2, 3), -1)])
def test_softmax(function: Any, shape: tuple[int, ...], dim: int) -> None:
    check_equal(lambda x: function(x, dim), [RNG.normal(size=shape)])


def test_linear() -> None:
    x, w, b = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=4)
    check_equal(F.linear, [x, w, b])
    check_equal(F.linear, [x[0], w, b])
    check_equal(F.linear, [x[0], w[0], b[0]])
    check_equal(F.linear, [x, w[0]])


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_loss(reduction: str) -> None:
    x, t, p = RNG.normal(size=(2, 3)), RNG.uniform(size=(2, 3)), RNG.uniform(0.1, 0.9, size=(2, 3))
    options: Any = {"reduction": reduction}
    check_equal(lambda x, t: F.mse_loss(x, t, **options), [x, t])
    check_equal(lambda x, t: F.cross_entropy(x, t, **options), [x, t])
    check_equal(lambda x: F.cross_entropy(x, [2, 0], **options), [x])
    check_equal(lambda x: F.cross_entropy(x, 1, **options), [x[0]])
    check_equal(lambda x, t: F.binary_cross_entropy(x, t, **options), [p, t])
    check_equal(lambda x: F.binary_cross_entropy(x, [[1, 0, 1], [0, 0, 1]], **options), [p])
    check_equal(lambda x, t: F.binary_cross_entropy_with_logits(x, t, **options), [x, t])
    check_equal(lambda x, t: F.mse_loss(x, t, **options), [x[0, 0], t[0, 0]])


def test_binary_cross_entropy_at_its_ends() -> None:
    check_equal(lambda p, t: F.binary_cross_entropy(p, t), [[0.0, 0.3, 1.0, 1e-20], [1.0, 0.5, 0.0, 1.0]])


def test_nested_lists_and_single_values() -> None:
    a, b = Value(2.0), Value(-3.0)
    assert float(F.relu(a)) == 2.0
    assert F.max_pool1d([[a, b, 1.0]], 2)[0, 0].data == 2.0
    out = F.conv1d([[a, b]], [[[1.0, 10.0]]])
    assert out.shape == (1, 1)
    assert out[0, 0].data == -28.0
    loss = F.mse_loss(a, 5.0)
    assert isinstance(loss, Value)
    loss.backward()
    assert a.grad == -6.0
    assert loss.rule is not None
    assert loss.rule.name == "square"  # one number needs no mean
    label_loss = F.cross_entropy([a, b], 0)
    assert isinstance(label_loss, Value)
    assert label_loss.rule is not None
    assert label_loss.rule.name == "subtract"


def test_an_output_pixel_is_its_products_and_their_sum() -> None:
    out = F.conv2d(values(RNG.normal(size=(1, 4, 4))), values(RNG.normal(size=(1, 1, 3, 3))))
    names = [node.rule.name for node in topological_order(out[0, 1, 0]) if node.rule is not None]
    assert sorted(names) == ["multiply"] * 9 + ["sum"]
    assert {node.scope for node in topological_order(out[0, 1, 0]) if node.rule} == {"conv2d"}


def test_padding_is_plain_floats() -> None:
    image = values(RNG.normal(size=(1, 2, 2)))
    out = F.max_pool2d(image, 2, stride=2, padding=1)
    corner = out[0, 0, 0]
    assert corner.rule.name == "max"
    assert [parent.requires_grad for parent in corner.parents] == [False, False, False, True]
    assert [parent.data for parent in corner.parents][:3] == [-np.inf] * 3
