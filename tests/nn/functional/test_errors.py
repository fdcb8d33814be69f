"""What the functions refuse: the message names the function, what it was given, and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor, Value

CONVOLUTIONS = [F.conv1d, F.conv2d, F.conv3d]
POOLINGS = [F.max_pool1d, F.max_pool2d, F.max_pool3d, F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
ACTIVATIONS = [F.relu, F.leaky_relu, F.sigmoid, F.tanh, lambda x: F.softmax(x, 0), lambda x: F.log_softmax(x, 0)]
LOSSES = [F.mse_loss, F.cross_entropy, F.binary_cross_entropy, F.binary_cross_entropy_with_logits]


def axes_of(function: Callable[..., Any]) -> int:
    return int(function.__name__[-2])


def image(function: Callable[..., Any], channels: int = 2) -> Any:
    return np.ones((1, channels, *(4,) * axes_of(function)))


def kernel(function: Callable[..., Any], outputs: int = 2, channels: int = 2) -> Any:
    return np.ones((outputs, channels, *(2,) * axes_of(function)))


@pytest.mark.parametrize("function", CONVOLUTIONS)
def test_convolution_shapes(function: Any) -> None:
    name = function.__name__
    x, w = image(function), kernel(function)
    with pytest.raises(ShapeError, match=rf"{name}: input must have shape \(N, C, .*\(4,\); add the missing axis"):
        function(np.ones(4), w)
    with pytest.raises(ShapeError, match=rf"{name}: input must have shape .*; merge axes"):
        function(x[None, None], w)
    with pytest.raises(ShapeError, match=rf"{name}: weight must have shape .* with {w.ndim - 2} kernel axes"):
        function(x, w[0])
    with pytest.raises(ShapeError, match=rf"{name}: the input .* has 2 channels, but .* takes 3; give a weight"):
        function(x, kernel(function, channels=3))
    with pytest.raises(ShapeError, match=rf"{name}: groups=2 must divide the 3 channels"):
        function(image(function, channels=3), w, groups=2)
    with pytest.raises(ShapeError, match=rf"{name}: groups=2 must divide the 2 channels .* and the 3 kernels"):
        function(x, kernel(function, outputs=3, channels=1), groups=2)
    with pytest.raises(ShapeError, match=rf"{name}: bias must have shape \(2,\), .* not \(3,\)"):
        function(x, w, np.ones(3))
    with pytest.raises(ShapeError, match=rf"{name}: the kernel .* spans .* pad more, or take a smaller kernel"):
        function(x, np.ones((1, 2, *(5,) * axes_of(function))))


@pytest.mark.parametrize("function", CONVOLUTIONS)
def test_convolution_of_nothing(function: Any) -> None:
    x, w = image(function), kernel(function)
    for empty in (x[:, :0], x[..., :0]):
        with pytest.raises(ShapeError, match=rf"{function.__name__}: input of shape .* length 0; only the batch"):
            function(empty, w, padding=2)
    for nothing in (w[:0], w[:, :0], w[..., :0]):
        with pytest.raises(ShapeError, match=rf"{function.__name__}: weight must have shape .*none of length 0"):
            function(x, nothing)
    assert function(x[:0], w).shape == (0, 2, *(3,) * axes_of(function))


@pytest.mark.parametrize("function", CONVOLUTIONS)
@pytest.mark.parametrize(
    "argument, value",
    [("stride", 0), ("stride", -1), ("stride", 1.5), ("stride", (1, 1, 1, 1)), ("stride", "2"), ("stride", ())]
    + [("dilation", 0), ("dilation", (0, 0, 0)), ("groups", 0), ("groups", -2), ("groups", 1.0)]
    + [("padding", -1), ("padding", 0.5), ("padding", "full"), ("padding", ((1, 2, 3),)), ("padding", ((0, -1),) * 3)],
)
def test_convolution_arguments(function: Any, argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{function.__name__}: {argument}=.*(must be|neither)"):
        function(image(function), kernel(function), **{argument: value})


def test_same_padding_with_a_stride() -> None:
    with pytest.raises(ValueError, match=r"conv2d: padding='same' keeps .* size, which stride=\(2, 1\) does not"):
        F.conv2d(np.ones((1, 4, 4)), np.ones((1, 1, 3, 3)), stride=(2, 1), padding="same")


@pytest.mark.parametrize("function", POOLINGS)
def test_pooling(function: Any) -> None:
    name, x = function.__name__, image(function)
    with pytest.raises(ShapeError, match=rf"{name}: input must have shape \(N, C, .*\(4,\); add the missing axis"):
        function(np.ones(4), 2)
    for empty in (x[:, :0], x[..., :0]):
        with pytest.raises(ShapeError, match=rf"{name}: input of shape .* length 0; only the batch"):
            function(empty, 2, padding=1)
    with pytest.raises(ShapeError, match=rf"{name}: the kernel .* spans .* pad more, or take a smaller kernel"):
        function(x, 5)
    with pytest.raises(ValueError, match=rf"{name}: padding=2 must be at most half of the kernel"):
        function(x, 3, padding=2)
    for argument, value in [("kernel_size", 0), ("stride", 0), ("stride", -1), ("stride", 0.5), ("padding", -1)]:
        with pytest.raises(ValueError, match=rf"{name}: {argument}={value} must be an integer of at least"):
            function(x, **{"kernel_size": 2, argument: value})
    if name.startswith("max"):
        with pytest.raises(ValueError, match=rf"{name}: dilation=0 must be an integer of at least 1"):
            function(x, 2, dilation=0)
    elif axes_of(function) > 1:
        for divisor in (0, 1.5):
            with pytest.raises(ValueError, match=rf"{name}: divisor_override={divisor} must be an integer"):
                function(x, 2, divisor_override=divisor)
    assert function(x[:0], 2).shape == (0, 2, *(2,) * axes_of(function))


BAD = [
    (np.ones((1, 2, 4), int), "int64", "astype"),
    (np.ones((1, 2, 4), bool), "bool", "astype"),
    (np.ones((1, 2, 4), complex), "complex128", "real part"),
    (np.full((1, 2, 4), "a"), "<U1", ""),
    ([[[1, 2], [3, 4]]], "int64", "astype"),
    ([[[Value(1.0), 1j]]], "complex", "Values and floats"),
    ([[[Value(1.0), None]]], "NoneType", "Values and floats"),
]


@pytest.mark.parametrize("array, kind, remedy", BAD)
def test_data_that_cannot_be_differentiated(array: Any, kind: str, remedy: str) -> None:
    weight = np.ones((1, 2, 1))
    for name, call in {
        "conv1d": lambda: F.conv1d(array, weight),
        "max_pool1d": lambda: F.max_pool1d(array, 1),
        "avg_pool1d": lambda: F.avg_pool1d(array, 1),
        "relu": lambda: F.relu(array),
        "leaky_relu": lambda: F.leaky_relu(array),
        "sigmoid": lambda: F.sigmoid(array),
        "tanh": lambda: F.tanh(array),
        "softmax": lambda: F.softmax(array, 0),
        "log_softmax": lambda: F.log_softmax(array, 0),
        "linear": lambda: F.linear(array, weight),
        "mse_loss": lambda: F.mse_loss(array, np.ones((1, 2, 4))),
        "cross_entropy": lambda: F.cross_entropy(array, [0]),
        "binary_cross_entropy": lambda: F.binary_cross_entropy(array, np.ones((1, 2, 4))),
        "binary_cross_entropy_with_logits": lambda: F.binary_cross_entropy_with_logits(array, np.ones((1, 2, 4))),
    }.items():
        with pytest.raises(DTypeError, match=rf"^{name}: .*{kind}.*{remedy}"):
            call()


def test_weights_and_targets_that_cannot_be_differentiated() -> None:
    x = np.ones((1, 2, 4))
    with pytest.raises(DTypeError, match=r"conv1d: weight has dtype int64"):
        F.conv1d(x, np.ones((1, 2, 1), int))
    with pytest.raises(DTypeError, match=r"conv1d: bias has dtype int64"):
        F.conv1d(x, np.ones((1, 2, 1)), [0])
    with pytest.raises(DTypeError, match=r"linear: weight has dtype int64"):
        F.linear(x, np.ones((2, 4), int))
    with pytest.raises(DTypeError, match=r"mse_loss: target has dtype complex128"):
        F.mse_loss(x, x * 1j)


@pytest.mark.parametrize("function", [F.relu, F.tanh, lambda x: F.max_pool1d(x, 1), lambda x: F.softmax(x, 0)])
def test_rows_of_different_lengths(function: Any) -> None:
    for ragged in ([[1.0, 2.0], [3.0]], [[Value(1.0), Value(2.0)], [Value(3.0)]]):
        with pytest.raises(ShapeError, match="is a nested list whose rows have different lengths; make them equally"):
            function(ragged)


def test_tensors_and_values_do_not_mix() -> None:
    values = [[Value(1.0), Value(2.0)]]
    with pytest.raises(DTypeError, match="conv1d: weight is made of Tensors, input of Values; make both one kind"):
        F.conv1d(values, Tensor(np.ones((1, 1, 1))))
    with pytest.raises(DTypeError, match="linear: bias is made of Tensors, input of Values"):
        F.linear(values, [[1.0, 2.0]], Tensor([1.0]))
    with pytest.raises(DTypeError, match="mse_loss: input is made of Tensors, target of Values"):
        F.mse_loss(Tensor([[1.0, 2.0]]), values)
    with pytest.raises(DTypeError, match="cross_entropy: target is made of Tensors, input of Values"):
        F.cross_entropy(values, Tensor([[0.5, 0.5]]))


@pytest.mark.parametrize("loss", LOSSES)
def test_an_unknown_reduction(loss: Any) -> None:
    with pytest.raises(ValueError, match=rf"{loss.__name__}: reduction='average' is none of 'none', 'mean', 'sum'"):
        loss(np.full((1, 2), 0.5), np.full((1, 2), 0.5), reduction="average")


def test_cross_entropy_shapes() -> None:
    for scores in (np.float64(1.0), np.ones((2, 0))):
        with pytest.raises(ShapeError, match=r"cross_entropy: input must have shape .* with at least one class"):
            F.cross_entropy(scores, [0])
    with pytest.raises(ShapeError, match=r"cross_entropy: integer labels .* must have shape \(2,\), not \(3,\)"):
        F.cross_entropy(np.ones((2, 3)), [0, 1, 2])
    with pytest.raises(ShapeError, match=r"not \(2, 3\); make class probabilities floating-point"):
        F.cross_entropy(np.ones((2, 3)), [[1, 0, 0], [0, 1, 0]])
    with pytest.raises(ShapeError, match=r"cross_entropy: probabilities must have .* \(2, 3\), not \(3, 2\)"):
        F.cross_entropy(np.ones((2, 3)), np.ones((3, 2)))


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
def test_softmax_axes(function: Any) -> None:
    for dim in (2, -3):
        with pytest.raises(ShapeError, match=rf"{function.__name__}: axis {dim} does not exist"):
            function(np.ones((2, 3)), dim)
    with pytest.raises(ShapeError, match=rf"{function.__name__}: dim=None names no axis"):
        function(np.ones((2, 3)), None)
    with pytest.raises(TypeError, match="dim"):
        function(np.ones((2, 3)))


def test_linear_shapes() -> None:
    with pytest.raises(ShapeError, match=r"linear: input of shape \(2, 3\) does not fit weight of shape \(4, 2\)"):
        F.linear(np.ones((2, 3)), np.ones((4, 2)))
    with pytest.raises(ShapeError, match=r"linear: input of shape \(\) does not fit"):
        F.linear(1.0, np.ones((4, 2)))
    with pytest.raises(ShapeError, match=r"linear: input of shape .* does not fit weight of shape \(1, 4, 3\)"):
        F.linear(np.ones((2, 3)), np.ones((1, 4, 3)))
    with pytest.raises(ShapeError, match=r"linear: bias must have shape \(4,\), .* not \(1,\)"):
        F.linear(np.ones((2, 3)), np.ones((4, 3)), np.ones(1))


def test_tensors_in_a_list_are_to_be_joined_first() -> None:
    tensors = [Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)]
    with pytest.raises(DTypeError, match=r"relu: input.*autograd\.stack"):
        F.relu(tensors)
    with pytest.raises(DTypeError, match=r"cross_entropy: target.*autograd\.stack"):
        F.cross_entropy(np.zeros((2, 2)), tensors)
    with pytest.raises(DTypeError, match=r"relu: input.*autograd\.stack"):
        F.relu([Value(1.0), Tensor(2.0)])
