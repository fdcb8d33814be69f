"""Document 004's slips: what the printed line says, what it should say, and numbers that tell the two apart."""

from __future__ import annotations

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value
from tests.seeds import seed_formulas as document
from tests.seeds.seed_numbers import IM2COL_004, MATRIX_004


def test_loss_without_its_minus() -> None:
    """Line "Output: L = sum_i y_i log softmax(x)_i": the gradient printed beside it, softmax(x) - y, is that of -L."""
    x, y = np.array([0.3, -1.2, 0.8]), np.array([0.0, 1.0, 0.0])
    printed, right = Tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
    loss = (F.softmax(printed, -1).log() * y).sum()
    loss.backward()
    minus = F.cross_entropy(right.reshape(1, 3), y[None])
    minus.backward()
    assert float(loss.data) == pytest.approx(-float(minus.data))
    assert float(loss.data) < 0 < float(minus.data)
    np.testing.assert_allclose(right.grad, document.softmax(x) - y, rtol=1e-12)
    np.testing.assert_allclose(printed.grad, y - document.softmax(x), rtol=1e-12)


def test_relu_derivative_where_y_is_zero() -> None:
    """Line "dL/dx_i = dL/dy_i if y_i >= 0": y = max(0, x) is never negative, so the printed gate never closes."""
    x, dL_dy = np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), np.array([0.1, -0.2, 0.3, -0.4, 0.5])
    node = Tensor(x, requires_grad=True)
    y = F.relu(node)
    y.backward(dL_dy)
    assert node.grad.tolist() == [0.0, 0.0, 0.0, -0.4, 0.5]
    assert document.relu_back(dL_dy, y.data).tolist() == node.grad.tolist()
    assert document.relu_back_as_printed(dL_dy, y.data).tolist() == dL_dy.tolist()


def test_relu_derivative_on_scalars() -> None:
    """The same line on scalar nodes: nothing passes a unit whose output is 0, whether x is below 0 or at it."""
    for x in (-2.0, 0.0):
        node = Value(x)
        (node.relu() * 7.0).backward()
        assert node.grad == 0.0


def conv_one_channel(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, Tensor, Tensor]:
    """Image and kernel of one channel, dL/dy, and the two nodes after the backward pass."""
    rng = np.random.default_rng(seed)
    x, w, dL_dy = rng.normal(size=(4, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
    image, kernel = Tensor(x[None, None], requires_grad=True), Tensor(w[None, None], requires_grad=True)
    F.conv2d(image, kernel, padding=1).backward(dL_dy[None, None])
    return x, w, dL_dy, image, kernel


@pytest.mark.parametrize("seed", range(3))
def test_index_of_dL_dw(seed: int) -> None:
    """Line "dL/dw_ij = sum_k sum_l L_ij x_(k+i)(l+j)": it is L_kl, as the later "L_kld x_(k+i)(l+j)c" has it."""
    x, _, dL_dy, _, kernel = conv_one_channel(seed)
    padded = np.pad(x, 1)
    right, printed = np.zeros((3, 3)), np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):
        for k, l in np.ndindex(4, 4):
            right[i, j] += dL_dy[k, l] * padded[k + i, l + j]
            printed[i, j] += dL_dy[i, j] * padded[k + i, l + j]
    np.testing.assert_allclose(kernel.grad[0, 0], right, rtol=1e-10, atol=1e-12)
    assert np.abs(printed - right).max() > 0.5


@pytest.mark.parametrize("seed", range(3))
def test_order_of_the_index_of_dL_dx(seed: int) -> None:
    """Line "dL/dx_ij = sum_m sum_n L_mn w_(m-i)(n-j)": it is w_(i-m)(j-n), as "L11 w33" for x22 on the same slide."""
    x, w, dL_dy, image, _ = conv_one_channel(seed)
    layout = dL_dy[:, :, None], x[:, :, None], w[:, :, None, None]
    right = document.conv_back_input(*layout, sign=1)[:, :, 0]
    printed = document.conv_back_input(*layout, sign=-1)[:, :, 0]
    np.testing.assert_allclose(image.grad[0, 0], right, rtol=1e-10, atol=1e-12)
    assert np.abs(printed - right).max() > 0.5
    turned = document.conv_back_input(*layout[:2], w[::-1, ::-1, None, None], sign=-1)[:, :, 0]
    np.testing.assert_allclose(turned, right, rtol=1e-12)  # the printed order is that of the kernel turned by half


def test_index_of_dL_dx_via_im2col() -> None:
    """Line "w * L = dL/dx, dL/dx_ij = sum_k sum_l L_ij w_(i-k)(j-l)": it is L_kl."""
    _, w, dL_dy, image, _ = conv_one_channel(0)
    inner = slice(1, 3), slice(1, 3)  # where the whole kernel fits, the printed sum is L_ij times the sum of w
    assert np.abs(image.grad[0, 0][inner] - dL_dy[inner] * w.sum()).max() > 0.5
    expected = sum(dL_dy[k, l] * w[1 - k + 1, 1 - l + 1] for k, l in np.ndindex(3, 3))
    assert image.grad[0, 0, 1, 1] == pytest.approx(expected, rel=1e-12)


def test_limits_of_the_forward_sum() -> None:
    """Line "y_kl = sum_(i=k)^F sum_(j=l)^F w_(i-k)(j-l) x_ij": to k+F-1 and l+F-1; up to F only y11 is whole."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 4)), rng.normal(size=(3, 3))
    y = F.conv2d(Tensor(x[None, None]), Tensor(w[None, None])).data[0, 0]
    printed = np.array(
        [[sum(w[i - k, j - l] * x[i, j] for i in range(k, 3) for j in range(l, 3)) for l in range(2)] for k in range(2)]
    )
    assert y[0, 0] == pytest.approx(printed[0, 0], rel=1e-12)
    assert all(abs(y[k, l] - printed[k, l]) > 0.1 for k, l in [(0, 1), (1, 0), (1, 1)])
    for k, l in np.ndindex(2, 2):
        whole = sum(w[i - k, j - l] * x[i, j] for i in range(k, k + 3) for j in range(l, l + 3))
        assert y[k, l] == pytest.approx(whole, rel=1e-12)


def test_fc_weight_gradient_is_not_y() -> None:
    """Line "dL/dw_ij = y_i = w_i1 x_1 + ... + w_im x_m": the next slide has it right, dL/dy_i x_j."""
    rng = np.random.default_rng(1)
    x, w, dL_dy = rng.normal(size=4), rng.normal(size=(2, 4)), rng.normal(size=2)
    weight = Tensor(w, requires_grad=True)
    y = F.linear(Tensor(x), weight)
    y.backward(dL_dy)
    np.testing.assert_allclose(weight.grad, np.outer(dL_dy, x), rtol=1e-12)
    assert np.abs(weight.grad - y.data[:, None]).max() > 0.5


def test_distinct_names_other_blocks() -> None:
    """Line "Im2col(A, [2,2], 'distinct')": the columns shown are sliding blocks; distinct blocks do not overlap."""
    distinct = document.im2col_distinct(MATRIX_004, 2)
    assert distinct.tolist() == [[3, 0, 2, 5], [1, 7, 2, 3], [3, 3, 1, 4], [2, 1, 2, 7]]
    assert distinct[1:].tolist() != IM2COL_004[1:].tolist()
    assert document.im2col_sliding(MATRIX_004, 2).shape == (9, 4)
