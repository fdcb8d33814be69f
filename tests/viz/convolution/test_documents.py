"""The convolutions of the documents that the project began with: their printed numbers and formulas."""

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from viz import draw_convolution, draw_pooling, receptive_field
from viz.convolution import input_gradient, kernel_gradient, pooling_window
from viz.convolution.sheet import cells_of

# The image, filter and convolved feature of 001's first page.
IMAGE = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
FILTER = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
FEATURE = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]

MATRIX = [[3, 2, 3, 1], [0, 5, 3, 4], [1, 2, 2, 2], [7, 3, 1, 7]]  # of 004
POOLED = [[5, 4], [7, 7]]
COLUMNS = [(3, 0, 2, 5), (0, 1, 5, 2), (1, 7, 2, 3), (2, 5, 3, 3)]  # its im2col, column by column


def image(rows: list[list[int]]) -> Tensor:
    return Tensor(np.array([[rows]], dtype=float), requires_grad=True)


def test_001_s_filter_slides_to_its_convolved_feature() -> None:
    x, w = image(IMAGE), image(FILTER)
    y = F.conv2d(x, w)
    for i, j in np.ndindex(3, 3):
        figure = draw_convolution(y, (0, 0, i, j))
        assert figure.model.total == FEATURE[i][j]
        assert f"y[0,0,{i},{j}] = {FEATURE[i][j]}" in figure.text
        assert figure.sheet.captions[0].endswith(f" = {FEATURE[i][j]}")
    shown = draw_convolution(y, (0, 0, 2, 2)).sheet.grids[0]
    corners = [cell.corner for cell in cells_of(shown) if cell.corner]
    assert corners == ["×1", "×0", "×1", "×0", "×1", "×0", "×1", "×0", "×1"]  # as beside the numbers of its picture


def test_001_s_reversed_filter_slides_over_the_upstream_gradient() -> None:
    """A 3x3 input, a 2x2 filter with four letters and a 2x2 gradient, as in its picture of the backward pass."""
    d = np.array([[2.0, 3.0], [5.0, 7.0]])
    w = Tensor([[[[11.0, 13.0], [17.0, 19.0]]]], requires_grad=True)
    x = Tensor(np.ones((1, 1, 3, 3)), requires_grad=True)
    y = F.conv2d(x, w)
    y.backward(d.reshape(1, 1, 2, 2))
    corner, middle = input_gradient(y, (0, 0, 0, 0)), input_gradient(y, (0, 0, 1, 1))
    assert corner.total == 11 * 2  # x11 receives w1 · d11
    assert middle.total == 19 * 2 + 17 * 3 + 13 * 5 + 11 * 7
    assert [product.right for product in middle.gather] == [19, 17, 13, 11]
    assert kernel_gradient(y, (0, 0, 1, 0)).total == 2 + 3 + 5 + 7


def test_001_s_average_pooling_shares_and_its_maximum_does_not() -> None:
    x = image(MATRIX)
    y = F.avg_pool2d(x, (1, 2))
    y.backward(np.arange(1.0, 9.0).reshape(1, 1, 4, 2))
    assert "∂L/∂x of each of 2 ringed cells += ∂L/∂y[0,0,0,1] / 2 = 1" in draw_pooling(y, (0, 0, 0, 1)).text
    assert [cell.share for cell in pooling_window(y, (0, 0, 0, 1)).cells] == [0.5, 0.5]
    y = F.max_pool2d(x, (1, 2))
    assert [cell.share for cell in pooling_window(y, (0, 0, 0, 1)).cells] == [1.0, 0.0]


def test_004_s_maxima() -> None:
    y = F.max_pool2d(image(MATRIX), 2)
    for i, j in np.ndindex(2, 2):
        figure = draw_pooling(y, (0, 0, i, j))
        assert figure.model.total == POOLED[i][j]
        assert [cell.value for cell in figure.model.winners] == [POOLED[i][j]]


def test_004_s_columns_are_the_patches() -> None:
    y = F.conv2d(image(MATRIX), image([[1, 1], [1, 1]]))
    positions = [(0, 0), (1, 0), (2, 0), (0, 1)]  # the document goes down the columns
    for (i, j), column in zip(positions, COLUMNS, strict=True):
        patch = [product.left for product in receptive_field(y, (0, 0, i, j)).products]
        assert (patch[0], patch[2], patch[1], patch[3]) == column


@pytest.fixture
def padded() -> tuple[Tensor, Tensor, Tensor]:
    """004's convolution of 3x3 by 3x3 to 3x3: y11 = w11 x00 + ... + w33 x22, with zeros around x."""
    rng = np.random.default_rng(4)
    x = Tensor(rng.normal(size=(1, 1, 3, 3)), requires_grad=True)
    w = Tensor(rng.normal(size=(1, 1, 3, 3)), requires_grad=True)
    y = F.conv2d(x, w, padding=1)
    y.backward(rng.normal(size=(1, 1, 3, 3)))
    return x, w, y


def test_004_s_gradient_of_x22(padded: tuple[Tensor, Tensor, Tensor]) -> None:
    """L11 w33 + L12 w32 + ... + L22 w22 + ... + L33 w11, counted from 1."""
    _, w, y = padded
    gradient = input_gradient(y, (0, 0, 1, 1))
    L, W = y.grad[0, 0], w.data[0, 0]
    assert [(product.left, product.right) for product in gradient.scatter] == [
        (L[m, n], W[2 - m, 2 - n]) for m in range(3) for n in range(3)
    ]
    assert gradient.scatter[0][:2] == (L[0, 0], W[2, 2])
    assert gradient.scatter[8][:2] == (L[2, 2], W[0, 0])


def test_004_s_gradient_of_w22(padded: tuple[Tensor, Tensor, Tensor]) -> None:
    """L11 x11 + L12 x12 + ... + L33 x33, counted from 1."""
    x, _, y = padded
    gradient = kernel_gradient(y, (0, 0, 1, 1))
    assert [product.left for product in gradient.products] == x.data.ravel().tolist()
    assert [product.right for product in gradient.products] == y.grad.ravel().tolist()


def test_004_s_first_output_begins_in_the_padding(padded: tuple[Tensor, Tensor, Tensor]) -> None:
    products = receptive_field(padded[2], (0, 0, 0, 0)).products
    assert products[0].left_at == (0, 0, -1, -1)  # x00, counted from 1
    assert products[8].left_at == (0, 0, 1, 1)  # x22
    assert [product.place for product in products] == ["padding"] * 4 + ["inside"] * 2 + ["padding"] + ["inside"] * 2
