"""Programs of Tensors in NumPy equal the eager graph: results and every gradient, again and again, on other numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn.functional as F
from autograd import Elementwise, Tensor, functions
from autograd.replay import record
from tests.replay.comparison import Comparison, tensors

Case = tuple[str, Callable[..., Any], tuple[tuple[int, ...], ...]]

cube = Elementwise("cube_of_a_user", lambda x: x * x * x, [lambda out, x: 3 * x * x])

CASES: list[Case] = [
    ("arithmetic", lambda x, w: x * w + x / (w * w + 1.0) - (-w), ((3, 4), (3, 4))),
    ("broadcast", lambda x, w: (x * w + w) - x * 2.0, ((3, 1, 4), (2, 1))),
    ("same twice", lambda x: x * x + x, ((5,),)),
    ("numbers", lambda x, w: x * w * 0.5, ((), ())),
    ("result is an input's alias", lambda x: x + 0.0, ((3,),)),
    (
        "exponentials",
        lambda x: (
            autograd.exp(x) + autograd.tanh(x) * autograd.sigmoid(x) + autograd.softplus(x) + autograd.sqrt(x * x + 1.0)
        ),
        ((2, 3),),
    ),
    ("powers", lambda x, w: autograd.power(x * x + 0.5, w) + autograd.log(x * x + 1.0), ((2, 3), (2, 3))),
    (
        "kinks",
        lambda x, w: (
            autograd.maximum(x, w) + autograd.minimum(x, 0.25) + autograd.absolute(w) + functions.clip(x, -0.5, 0.5)
        ),
        ((4, 3), (4, 3)),
    ),
    ("relu chain", lambda x, w: ((x + w).relu() + x).relu(), ((4, 3), (4, 3))),
    ("in place hazard", lambda x: (lambda y: y.relu() * (-y))(x + 1.0), ((4, 3),)),
    ("masks", lambda x, w: functions.where(np.array([True, False, True]), x * w, x - w), ((2, 3), (2, 3))),
    ("sums", lambda x: functions.sum(x * x, axis=1) * functions.mean(x, axis=(0, 1), keepdims=True)[0], ((2, 3, 4),)),
    (
        "extremes",
        lambda x: functions.max(x, axis=1) + functions.min(x, axis=1) + functions.logsumexp(x, axis=1),
        ((4, 5),),
    ),
    ("extremes of all", lambda x: functions.max(x) * functions.min(x) + functions.logsumexp(x), ((4, 5),)),
    ("views", lambda x: x.reshape(6, 2).T[:, 1:5].reshape(4, 2) * 2.0, ((3, 4),)),
    ("view used twice", lambda x: (lambda y: y * y.reshape(-1).sum())(x.T), ((3, 4),)),
    ("index twice", lambda x: x[np.array([0, 2, 0, 0])] * x[1:2], ((3, 4),)),
    ("pick", lambda x: x[np.arange(3), np.array([3, 0, 3])] * 2.0, ((3, 4),)),
    ("pick one twice", lambda x: x[np.arange(3), np.array([[3, 0, 3], [3, 1, 3]])] * 2.0, ((3, 4),)),
    ("pieces", lambda x, w: functions.concatenate([x, w * 2.0, x], axis=1)[:, ::2], ((2, 3), (2, 4))),
    ("running sums", lambda x: functions.cumsum(x * x, axis=0) * functions.expand_dims(x[0], 0), ((3, 4),)),
    ("products", lambda x, w: functions.matmul(functions.matmul(x, w), w.T) @ x.T, ((3, 4), (4, 5))),
    ("stacks of matrices", lambda x, w: functions.matmul(x, w) * 0.5, ((2, 3, 4), (4, 5))),
    ("a user's primitive", lambda x: cube(x) * x, ((3,),)),
    ("linear", lambda x, w, b: F.linear(x, w, b).relu(), ((5, 4), (3, 4), (3,))),
    ("softmax", lambda x: F.softmax(x, 1) * F.log_softmax(x, 0), ((3, 4),)),
    ("read beside the graph", lambda x: x * np.max(x.data, axis=1, keepdims=True) + np.less(x.data, 0.3), ((3, 4),)),
    ("layer norm", lambda x, w, b: F.layer_norm(x, (4,), w, b), ((3, 4), (4,), (4,))),
    ("gelu", lambda x: F.gelu(x) + F.silu(x), ((3, 4),)),
    ("average pooling", lambda x: F.avg_pool2d(x, 2), ((2, 3, 4, 6),)),
    (
        "transposed convolution",
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1),
        ((2, 3, 4, 4), (3, 2, 3, 3)),
    ),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_program_equals_eager_again_and_again(case: Case, dtype: Any) -> None:
    _, function, shapes = case
    Comparison(function, shapes, dtype).holds_on_other_numbers()


@pytest.mark.parametrize("batch", [None, 1, 3, 16, 17])
@pytest.mark.parametrize(
    ("length", "kernel", "options"),
    [
        ((6, 7), (3, 3), {}),
        ((6, 7), (3, 2), {"padding": 1}),
        ((5, 6), (2, 3), {"padding": ((1, 0), (0, 2))}),
        ((7, 6), (3, 2), {"stride": 2, "padding": 1}),
        ((7, 8), (2, 3), {"dilation": 2}),
        ((8, 9), (2, 3), {"stride": (1, 3), "dilation": (2, 1), "padding": (2, 1)}),
        ((5,), (3,), {"padding": 1}),
        ((7,), (2,), {"stride": 3}),
        ((4, 3, 4), (2, 3, 2), {"padding": 1}),
        ((4, 5, 4), (2, 2, 2), {"stride": 2}),
    ],
)
def test_convolutions(batch: int | None, length: Any, kernel: Any, options: dict[str, Any]) -> None:
    convolve: Any = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[len(length)]
    images = (2, *length) if batch is None else (batch, 2, *length)
    program = Comparison(
        lambda x, w, b: convolve(x, w, b, **options), (images, (3, 2, *kernel), (3,)), np.float64
    ).holds_on_other_numbers()
    executor: Any = program._executor
    kernels = [type(kernel).__name__ for kernel in executor.plan.kernels]
    assert kernels == ["Convolution"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_convolution_in_several_parts(dtype: Any) -> None:
    """Long sums are taken in parts; columns that fill the cache several times are made part by part, and made again."""
    Comparison(F.conv2d, ((20, 1, 16, 16), (3, 1, 3, 3), (3,)), dtype).holds_on_other_numbers()
    shapes = ((20, 16, 20, 20), (5, 16, 3, 3), (5,))
    Comparison(F.conv2d, shapes, dtype).holds_on_other_numbers(2)
    Comparison(
        lambda x, w, b: F.conv2d(x, w, b, stride=2), ((40, 16, 23, 23), *shapes[1:]), dtype
    ).holds_on_other_numbers(2)


def test_groups_and_no_bias() -> None:
    Comparison(lambda x, w: F.conv2d(x, w, groups=2), ((2, 4, 5, 5), (6, 2, 3, 3)), np.float64).holds_on_other_numbers()
    Comparison(lambda x, w: F.conv2d(x, w), ((2, 4, 5, 5), (6, 4, 3, 3)), np.float64).holds_on_other_numbers()


def test_padding_with_another_number_than_0() -> None:
    def convolve(x: Any, w: Any) -> Any:
        return F.conv2d(functions.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_value=2.0), w)

    Comparison(convolve, ((2, 2, 4, 4), (3, 2, 3, 3)), np.float64).holds_on_other_numbers()


def test_what_lies_between_can_be_read_by_others() -> None:
    def result_twice(x: Any, w: Any, b: Any) -> Any:
        plain = F.conv2d(x, w)
        return plain + b.reshape(3, 1, 1), plain * 2.0

    def relu_twice(x: Any, w: Any, b: Any) -> Any:
        y = F.conv2d(x, w, b, padding=1).relu()
        return F.max_pool2d(y, 2), y.sum()

    for function in (result_twice, relu_twice):
        Comparison(function, ((2, 2, 6, 6), (3, 2, 3, 3), (3,)), np.float64).holds_on_other_numbers()


@pytest.mark.parametrize("batch", [None, 2, 18])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 3},
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": 2, "stride": 3},
        {"kernel_size": 2, "stride": 1, "dilation": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 2, "ceil_mode": True},
    ],
)
def test_pooling(options: dict[str, Any], relu: bool, batch: int | None) -> None:
    """Few different numbers, so that maxima are tied in most windows."""

    def pool(x: Any) -> Any:
        return F.max_pool2d(x.relu() if relu else x, **options)

    shape = (2, 7, 8) if batch is None else (batch, 2, 7, 8)
    Comparison(pool, (shape,), np.float64, rounded=True).holds_on_other_numbers()
    Comparison(lambda x: pool(x * 1.0), (shape,), np.float64, rounded=True).holds_on_other_numbers()


def test_pooling_over_one_axis() -> None:
    Comparison(lambda x: F.max_pool1d(x, 2), ((3, 2, 9),), np.float64, rounded=True).holds_on_other_numbers()


def small_cnn(weights: list[Any]) -> Callable[..., Any]:
    def network(x: Any, labels: Any) -> Any:
        h = F.max_pool2d(F.conv2d(x, weights[0], weights[1], padding=1).relu(), 2)
        h = F.max_pool2d(F.conv2d(h, weights[2], weights[3], padding=1).relu(), 2)
        scores = F.linear(h.reshape(x.shape[0], -1), weights[4], weights[5])
        return F.cross_entropy(scores, labels)

    return network


CNN = ((3, 1, 3, 3), (3,), (4, 3, 3, 3), (4,), (5, 16), (5,))


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_a_network_with_labels_and_weights_that_change(batch: int) -> None:
    rng = np.random.default_rng(batch)
    weights = tensors(CNN, np.float32, rng)
    network = small_cnn(weights)
    first = rng.standard_normal((batch, 1, 8, 8)).astype(np.float32)
    program = record(network, first, rng.integers(0, 5, batch))
    for _ in range(3):
        x, labels = rng.standard_normal(first.shape).astype(np.float32), rng.integers(0, 5, batch)
        for weight in weights:
            weight.data = weight.data + rng.standard_normal(weight.shape).astype(np.float32) * np.float32(0.1)
            weight.zero_grad()
        loss = program.forward(x, labels)
        program.backward()
        found = [weight.grad for weight in weights]
        for weight in weights:
            weight.zero_grad()
        eager = network(Tensor(x), labels)
        eager.backward()
        np.testing.assert_allclose(loss, eager.data, rtol=1e-5)
        for own, weight in zip(found, weights, strict=True):
            np.testing.assert_allclose(own, weight.grad, rtol=1e-4, atol=1e-6)
