"""Keras's layouts: each element of a kernel where the same layer here has it."""

import numpy as np
import pytest

import nn
import nn.functional as F


def test_dense_is_transposed():
    np.testing.assert_array_equal(nn.from_keras_kernel([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [[1, 4], [2, 5], [3, 6]])


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", ["conv", "transposed"])
def test_channels_move_to_the_front(axes, kind):
    shape = (2, 3, 4)[:axes]
    kernel = np.random.default_rng(0).normal(size=(*shape, 5, 6))
    found = nn.from_keras_kernel(kernel, kind)
    assert found.shape == (6, 5, *shape)
    for last in range(6):
        for before in range(5):
            for place in np.ndindex(shape):
                assert found[(last, before, *place)] == kernel[(*place, before, last)]
    np.testing.assert_array_equal(nn.from_keras_kernel(kernel), nn.from_keras_kernel(kernel, "conv"))


@pytest.mark.parametrize("axes", [1, 2])
def test_depthwise_kernels_are_grouped_by_channel(axes):
    shape = (2, 3)[:axes]
    kernel = np.random.default_rng(0).normal(size=(*shape, 4, 5))
    found = nn.from_keras_kernel(kernel, "depthwise")
    assert found.shape == (20, 1, *shape)
    for channel in range(4):
        for multiple in range(5):
            for place in np.ndindex(shape):
                assert found[(channel * 5 + multiple, 0, *place)] == kernel[(*place, channel, multiple)]


def test_a_convolution_gives_the_sums_of_the_channels_last_formula():
    rng = np.random.default_rng(1)
    image, kernel, bias = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(2, 3, 3, 4)), rng.normal(size=4)
    expected = np.zeros((2, 3, 3, 4))
    for i, j in np.ndindex(3, 3):
        expected[:, i, j] = np.einsum("nhwc,hwco->no", image[:, i : i + 2, j : j + 3], kernel) + bias
    found = F.conv2d(np.moveaxis(image, -1, 1), nn.from_keras_kernel(kernel), bias)
    np.testing.assert_allclose(np.moveaxis(found, 1, -1), expected, rtol=1e-12)


def test_a_depthwise_convolution_gives_each_channel_its_own_kernels():
    rng = np.random.default_rng(2)
    image, kernel = rng.normal(size=(1, 4, 4, 3)), rng.normal(size=(2, 2, 3, 2))
    expected = np.zeros((1, 3, 3, 6))
    for i, j in np.ndindex(3, 3):
        window = image[:, i : i + 2, j : j + 2]
        expected[:, i, j] = np.einsum("nhwc,hwcm->ncm", window, kernel).reshape(1, 6)
    found = F.conv2d(np.moveaxis(image, -1, 1), nn.from_keras_kernel(kernel, "depthwise"), groups=3)
    np.testing.assert_allclose(np.moveaxis(found, 1, -1), expected, rtol=1e-12)


def test_the_gates_of_a_gru_change_places():
    kernel = np.array([[10.0, 11.0, 20.0, 21.0, 30.0, 31.0]])  # z, r, h of two units
    np.testing.assert_array_equal(nn.from_keras_kernel(kernel, "gru")[:, 0], [20, 21, 10, 11, 30, 31])


def test_the_result_is_a_copy_in_the_same_dtype():
    kernel = np.ones((2, 2, 1, 1), np.float32)
    found = nn.from_keras_kernel(kernel)
    found[:] = 0.0
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert kernel.all()


@pytest.mark.parametrize(
    "shape, kind, message",
    [
        ((2, 2, 3, 4), "depth", "kind='depth' is none of 'dense', 'conv'"),
        ((2, 2, 3, 4), "dense", r"kind 'dense' has 2 axes, not the shape \(2, 2, 3, 4\)"),
        ((2, 3), "conv", "has 3 to 5 axes, the channels last"),
        ((2, 2, 2, 3, 4), "depthwise", "has 3 to 4 axes"),
        ((3,), "", "has 3 to 5 axes"),
        ((2, 4), "gru", "does not divide by 3"),
    ],
)
def test_a_kernel_of_another_kind_is_refused(shape, kind, message):
    with pytest.raises(ValueError, match=message):
        nn.from_keras_kernel(np.ones(shape), kind)
