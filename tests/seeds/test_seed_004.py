"""Document 004: each ``foo`` and ``foo_back`` in plain NumPy beside the same layer by autograd; the 4 x 4 example.

The document's layouts are (H, W, C) for an image and (F, F, C1, C2) for a kernel; the packages' are NCHW and OIHW.
"""

from __future__ import annotations

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, Value
from tests.seeds import seed_formulas as document
from tests.seeds.seed_formulas import Array
from tests.seeds.seed_numbers import IM2COL_004, MATRIX_004, POOLED_004

SEEDS = pytest.mark.parametrize("seed", range(3))
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def nchw(image: Array) -> Array:
    """(H, W, C) -> (1, C, H, W)."""
    return image.transpose(2, 0, 1)[None].copy()


def hwc(batch: Array) -> Array:
    """(1, C, H, W) -> (H, W, C)."""
    return batch[0].transpose(1, 2, 0)


def oihw(kernel: Array) -> Array:
    """(F, F, C1, C2) -> (C2, C1, F, F)."""
    return kernel.transpose(3, 2, 0, 1).copy()


def leaf(array: Array) -> Tensor:
    return Tensor(array, requires_grad=True)


@SEEDS
def test_fc_and_fc_back(seed: int) -> None:
    """Lines "[y] = FC(x, w)", "[dLdx, dLdw, dLdb] = FC_back(dLdy, x, w, y)", "dL/dw_ij = dL/dy_i x_j"."""
    rng = np.random.default_rng(seed)
    x, w, b, dL_dy = rng.normal(size=5), rng.normal(size=(3, 5)), rng.normal(size=3), rng.normal(size=3)
    nodes = [leaf(x[None]), leaf(w), leaf(b)]
    y = F.linear(*nodes)
    np.testing.assert_allclose(y.data[0], document.fc(x, w, b), **CLOSE)
    y.backward(dL_dy[None])
    dL_dx, dL_dw, dL_db = document.fc_back(dL_dy, x, w)
    for node, expected in zip(nodes, (dL_dx[None], dL_dw, dL_db), strict=True):
        np.testing.assert_allclose(node.grad, expected, **CLOSE)
    np.testing.assert_allclose(dL_dx, dL_dy @ w, **CLOSE)  # "dL/dx = dL/dy w"


def test_the_jacobian_of_fc_is_w() -> None:
    """Line "dy/dx = [dy1/dx1 ... dym/dxn] = w", row by row."""
    rng = np.random.default_rng(5)
    w = rng.normal(size=(3, 5))
    for i in range(3):
        x = leaf(rng.normal(size=5))
        F.linear(x, Tensor(w))[i].backward()
        np.testing.assert_allclose(x.grad, w[i], **CLOSE)


@SEEDS
def test_relu_and_relu_back(seed: int) -> None:
    """Lines "[y] = Relu(x)", "[dLdx] = Relu_back(dLdy, x, w, y)", with open and closed units."""
    rng = np.random.default_rng(seed)
    x, dL_dy = rng.normal(size=20), rng.normal(size=20)
    node = leaf(x)
    y = F.relu(node)
    assert y.data.tolist() == document.relu(x).tolist()
    y.backward(dL_dy)
    assert node.grad.tolist() == document.relu_back(dL_dy, y.data).tolist()


@SEEDS
def test_loss_cross_entropy_softmax(seed: int) -> None:
    """Lines "l, dl_dy = loss_cross_entropy_softmax(x, y_gt)", "dL/dx_i = softmax(x)_i - y_i": one hot or not."""
    rng = np.random.default_rng(seed)
    x, shares = rng.normal(size=4), rng.dirichlet(np.ones(4))
    for y in (np.eye(4)[seed], shares):
        node = leaf(x[None])
        loss = F.cross_entropy(node, y[None])
        loss.backward()
        expected, dL_dx = document.loss_cross_entropy_softmax(x, y)
        assert float(loss.data) == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(node.grad[0], dL_dx, **CLOSE)
    np.testing.assert_allclose(F.softmax(Tensor(x), -1).data, document.softmax(x), **CLOSE)
    by_label = F.cross_entropy(Tensor(x[None]), np.array([seed]))
    assert float(by_label.data) == pytest.approx(document.loss_cross_entropy_softmax(x, np.eye(4)[seed])[0], rel=1e-12)


def test_pooled_example() -> None:
    """Line "Max-pooling (window size 2x2, stride 2)": 3 2 3 1 / 0 5 3 4 / 1 2 2 2 / 7 3 1 7 becomes 5 4 / 7 7."""
    y = F.max_pool2d(Tensor(MATRIX_004[None, None]), 2, stride=2)
    assert y.data[0, 0].tolist() == POOLED_004.tolist()
    scalars = [[[[Value(entry) for entry in row] for row in MATRIX_004.tolist()]]]
    cells = np.asarray(F.max_pool2d(scalars, 2, stride=2), dtype=object)[0, 0]
    assert [[cell.data for cell in row] for row in cells] == POOLED_004.tolist()


def test_pooled_example_back() -> None:
    """Lines "<- dL/dx", "<- dL/dy" of the same example: the four gradients go to the 5, the 4 and the two 7s."""
    x, dL_dy = leaf(MATRIX_004[None, None]), np.array([[0.1, -0.2], [0.3, -0.4]])
    F.max_pool2d(x, 2, stride=2).backward(dL_dy[None, None])
    expected = [[0, 0, 0, 0], [0, 0.1, 0, -0.2], [0, 0, 0, 0], [0.3, 0, 0, -0.4]]
    assert x.grad[0, 0].tolist() == expected
    by_hand = document.maxpool_back(dL_dy[:, :, None], MATRIX_004[:, :, None], 2, 2, POOLED_004[:, :, None])
    assert by_hand[:, :, 0].tolist() == expected


@pytest.mark.parametrize("size, stride", [(2, 2), (3, 2), (3, 1), (2, 3)])
def test_maxpool_and_maxpool_back(size: int, stride: int) -> None:
    """Lines "[y] = Maxpool(x, size, stride)", "[dLdx] = Maxpool_back(dLdy, x, size, stride, y)"; overlaps too."""
    rng = np.random.default_rng(size + stride)
    x = rng.normal(size=(7, 8, 3))
    y = document.maxpool(x, size, stride)
    dL_dy = rng.normal(size=y.shape)
    node = leaf(nchw(x))
    pooled = F.max_pool2d(node, size, stride=stride)
    np.testing.assert_allclose(hwc(pooled.data), y, **CLOSE)
    pooled.backward(nchw(dL_dy))
    np.testing.assert_allclose(hwc(node.grad), document.maxpool_back(dL_dy, x, size, stride, y), **CLOSE)


@pytest.mark.parametrize("height, width, size, c1, c2", [(3, 3, 3, 1, 1), (4, 5, 3, 2, 3), (6, 4, 5, 3, 2)])
def test_conv_and_conv_back(height: int, width: int, size: int, c1: int, c2: int) -> None:
    """Lines "[y] = Conv(x, w, b)", "[dLdx dLdw dLdb] = Conv_back(dLdy, x, w, b, y)": H x W x C1 to H x W x C2."""
    rng = np.random.default_rng(height)
    x, w, b = rng.normal(size=(height, width, c1)), rng.normal(size=(size, size, c1, c2)), rng.normal(size=c2)
    dL_dy = rng.normal(size=(height, width, c2))
    nodes = [leaf(nchw(x)), leaf(oihw(w)), leaf(b)]
    y = F.conv2d(*nodes, padding=size // 2)
    np.testing.assert_allclose(hwc(y.data), document.conv(x, w, b), **CLOSE)
    y.backward(nchw(dL_dy))
    dL_dx, dL_dw, dL_db = document.conv_back(dL_dy, x, w)
    for node, expected in zip(nodes, (nchw(dL_dx), oihw(dL_dw), dL_db), strict=True):
        np.testing.assert_allclose(node.grad, expected, **CLOSE)


def test_the_named_terms_of_the_convolution() -> None:
    """Lines "dy11/dx22 = w33", "dy12/dx22 = w32", "dy22/dx22 = w22", "dy33/dx22 = w11"; "dy11/dw22 = x11", ..."""
    rng = np.random.default_rng(3)
    image, kernel = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    of_x = {(1, 1): (3, 3), (1, 2): (3, 2), (2, 2): (2, 2), (3, 3): (1, 1)}
    for (k, l), (i, j) in of_x.items():
        x, w = leaf(image[None, None]), leaf(kernel[None, None])
        F.conv2d(x, w, padding=1)[0, 0, k - 1, l - 1].backward()
        assert x.grad[0, 0, 1, 1] == kernel[i - 1, j - 1]  # dy_kl/dx_22 = w_ij
        assert w.grad[0, 0, 1, 1] == image[k - 1, l - 1]  # dy_kl/dw_22 = x_kl


def test_the_first_slide_has_no_padding() -> None:
    """Lines "y11 = w11 x11 + ... + w33 x33", "dy11/dx33 = w33": the one output of a convolution without padding."""
    rng = np.random.default_rng(4)
    x, kernel = leaf(rng.normal(size=(1, 1, 3, 3))), rng.normal(size=(3, 3))
    y = F.conv2d(x, Tensor(kernel[None, None]))
    y.backward(np.array([[[[2.5]]]]))
    assert y.data.item() == pytest.approx(sum(x.data[0, 0, i, j] * kernel[i, j] for i, j in np.ndindex(3, 3)))
    assert x.grad[0, 0, 2, 2] == 2.5 * kernel[2, 2]  # L11 w33


def test_units_weights_biases() -> None:
    """Line "Conv+ReLu layer": units H x W x C2, pooled H1 x W1 x C2; weights F x F x C1 x C2, biases 1 x C2."""
    layer = nn.Conv2d(3, 5, 3, padding=1)
    y = layer(Tensor(np.ones((1, 3, 6, 8))))
    assert y.data.shape == F.relu(y).data.shape == (1, 5, 6, 8)
    assert F.max_pool2d(F.relu(y), 2).data.shape == (1, 5, 3, 4)
    assert (layer.weight.data.size, layer.bias.data.size) == (3 * 3 * 3 * 5, 5)
    assert list(nn.MaxPool2d(2).parameters()) == []


def test_im2col_columns() -> None:
    """Lines "Im2col(A, [2,2], ...)": 3 0 2 5, 0 1 5 2, 1 7 2 3, 2 5 3 3: sliding blocks, each read down its columns."""
    assert document.im2col_sliding(MATRIX_004, 2)[:4].tolist() == IM2COL_004.tolist()


@SEEDS
def test_convolution_via_im2col(seed: int) -> None:
    """Lines "Convolution via im2col": w X = Y, dL/dw is L times X, dL/dx is w "reverse order" times im2col(L)."""
    rng = np.random.default_rng(seed)
    w, dL_dy = rng.normal(size=(2, 2)), rng.normal(size=(3, 3))
    x, kernel = leaf(MATRIX_004[None, None]), leaf(w[None, None])
    y = F.conv2d(x, kernel)
    y.backward(dL_dy[None, None])
    columns = document.im2col_sliding(MATRIX_004, 2)  # (9, 4), one block a row
    np.testing.assert_allclose(y.data[0, 0], (columns @ w.T.ravel()).reshape(3, 3).T, **CLOSE)
    np.testing.assert_allclose(kernel.grad[0, 0], (dL_dy.T.ravel() @ columns).reshape(2, 2).T, **CLOSE)
    reverse = w.T.ravel()[::-1]
    of_gradient = document.im2col_sliding(np.pad(dL_dy, 1), 2)  # (16, 4)
    np.testing.assert_allclose(x.grad[0, 0], (of_gradient @ reverse).reshape(4, 4).T, **CLOSE)
