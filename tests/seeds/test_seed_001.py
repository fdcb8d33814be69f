"""Document 001: the convolved feature, and the backward pass of average pooling, max pooling and convolution."""

from __future__ import annotations

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value
from tests.seeds.seed_formulas import Array, correlate
from tests.seeds.seed_numbers import CONVOLVED_FEATURE_001, FILTER_001, IMAGE_001


def conv_gradients(x: Array, w: Array, dL_dy: Array) -> tuple[Array, Array]:
    """(dL/dx, dL/dw) of F.conv2d, for an image and a filter of one channel."""
    image, weight = Tensor(x[None, None], requires_grad=True), Tensor(w[None, None], requires_grad=True)
    (F.conv2d(image, weight) * dL_dy[None, None]).sum().backward()
    return image.grad[0, 0], weight.grad[0, 0]


def test_convolved_feature() -> None:
    """Lines "Image", "Convolved Feature": 4 3 4 / 2 4 3 / 2 3 4, exactly; stride 1, no padding."""
    y = F.conv2d(Tensor(IMAGE_001[None, None]), Tensor(FILTER_001[None, None]), stride=1, padding=0)
    assert y.data[0, 0].tolist() == CONVOLVED_FEATURE_001.tolist()


def test_convolved_feature_on_scalars() -> None:
    """The same nine numbers, each pixel and each weight a scalar node."""
    image = [[[[Value(pixel) for pixel in row] for row in IMAGE_001.tolist()]]]
    filter = [[[[Value(weight) for weight in row] for row in FILTER_001.tolist()]]]
    y = np.asarray(F.conv2d(image, filter), dtype=object)[0, 0]
    assert [[cell.data for cell in row] for row in y] == CONVOLVED_FEATURE_001.tolist()


@pytest.mark.parametrize("size", [(2, 2), (2, 1), (3, 2)])
def test_average_pooling_shares_the_gradient(size: tuple[int, int]) -> None:
    """Line "Backward pass: Average Pooling": each of the m elements under delta_1 and delta_2 gets 1/m of it."""
    rows, columns = size
    x = Tensor(np.random.default_rng(0).normal(size=(1, 1, rows, 2 * columns)), requires_grad=True)
    deltas = np.array([1.7, -0.6])
    (F.avg_pool2d(x, size) * deltas).sum().backward()
    shared = np.repeat(deltas / (rows * columns), columns)
    np.testing.assert_allclose(x.grad[0, 0], np.tile(shared, (rows, 1)), rtol=1e-15)


def test_max_pooling_routes_the_gradient() -> None:
    """Line "Backward pass: Max Pooling": local gradient 1 for the largest element of each window, 0 for the rest."""
    x = Tensor(np.array([[[[0.2, 0.9, 0.4, 0.1], [0.5, 0.3, 0.0, 0.8]]]]), requires_grad=True)
    (F.max_pool2d(x, (2, 2)) * np.array([1.7, -0.6])).sum().backward()
    assert x.grad[0, 0].tolist() == [[0.0, 1.7, 0.0, 0.0], [0.0, 0.0, 0.0, -0.6]]


@pytest.mark.parametrize("seed", range(3))
def test_gradient_to_the_input_is_a_sliding_filter(seed: int) -> None:
    """Line "Backward pass: conv layer": the filter, rotated, slides over the padded 2 x 2 gradient matrix."""
    rng = np.random.default_rng(seed)
    x, w, dL_dy = rng.normal(size=(3, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    dL_dx, _ = conv_gradients(x, w, dL_dy)
    padded = np.pad(dL_dy, 1)
    np.testing.assert_allclose(dL_dx, correlate(padded, w[::-1, ::-1]), rtol=1e-12, atol=1e-14)
    assert np.abs(dL_dx - correlate(padded, w)).max() > 0.1  # "the filter", unrotated, is not enough


def test_the_documents_filter_hides_the_rotation() -> None:
    """The same line with the document's own filter, which is its own half turn: rotated or not, the sum is the same."""
    dL_dy = np.random.default_rng(7).normal(size=(3, 3))
    dL_dx, _ = conv_gradients(IMAGE_001, FILTER_001, dL_dy)
    np.testing.assert_allclose(dL_dx, correlate(np.pad(dL_dy, 2), FILTER_001), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_gradient_to_the_weights_is_a_correlation(seed: int) -> None:
    """Line "Backward pass: conv layer -> W": the gradient matrix slides over the input."""
    rng = np.random.default_rng(seed)
    dL_dy = rng.normal(size=(3, 3))
    _, dL_dw = conv_gradients(IMAGE_001, FILTER_001, dL_dy)
    np.testing.assert_allclose(dL_dw, correlate(IMAGE_001, dL_dy), rtol=1e-12, atol=1e-14)


def test_from_the_pooled_gradient_to_the_image() -> None:
    """The document's whole way: delta from the dense layer, through max pooling, to the image and to W."""
    image = Tensor(IMAGE_001[None, None], requires_grad=True)
    weight = Tensor(FILTER_001[None, None], requires_grad=True)
    # Rows 4 3 4, 2 4 3, 2 3 4: the first 4 of each is the one that takes the gradient.
    pooled = F.max_pool2d(F.conv2d(image, weight), (1, 3))
    deltas = np.array([0.5, -1.5, 2.0])
    (pooled * deltas.reshape(1, 1, 3, 1)).sum().backward()
    dL_dy = np.array([[0.5, 0.0, 0.0], [0.0, -1.5, 0.0], [0.0, 0.0, 2.0]])
    np.testing.assert_allclose(weight.grad[0, 0], correlate(IMAGE_001, dL_dy), rtol=1e-12, atol=1e-14)
    rotated = FILTER_001[::-1, ::-1]
    np.testing.assert_allclose(image.grad[0, 0], correlate(np.pad(dL_dy, 2), rotated), rtol=1e-12, atol=1e-14)
