"""Document 004's algorithm: back-propagation through a chain of layers, mini-batch stochastic gradient descent."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from tests.seeds import seed_formulas as document
from tests.seeds.seed_formulas import Array

GAMMA = 0.1
CLASSES, CHANNELS, SIDE = 3, 2, 6


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


@pytest.mark.parametrize("seed", range(3))
def test_two_layers_of_sigmoids(seed: int) -> None:
    """Lines "f2 = sigma(w2 sigma(w1 x))", "L = sum (y~ - y)^2", "dL/dw2 = ...", "dL/dw1 = ...", one step of each."""
    rng = np.random.default_rng(seed)
    x, wanted = rng.normal(size=4), rng.uniform(size=2)
    w1, w2 = Tensor(rng.normal(size=(3, 4)), requires_grad=True), Tensor(rng.normal(size=(2, 3)), requires_grad=True)
    first, second = w1.data.copy(), w2.data.copy()
    loss = ((F.sigmoid(F.linear(F.sigmoid(F.linear(Tensor(x), w1)), w2)) - wanted) ** 2).sum()
    loss.backward()
    f1 = sigmoid(first @ x)
    f2 = sigmoid(second @ f1)
    dL_da2 = 2 * (f2 - wanted) * f2 * (1 - f2)  # dL/df2 df2/da2
    dL_da1 = (dL_da2 @ second) * f1 * (1 - f1)  # ... da2/df1 df1/da1
    np.testing.assert_allclose(w2.grad, np.outer(dL_da2, f1), rtol=1e-10)
    np.testing.assert_allclose(w1.grad, np.outer(dL_da1, x), rtol=1e-10)
    nn.SGD([w1, w2], lr=GAMMA).step()  # w = w - gamma dL/dw
    np.testing.assert_allclose(w2.data, second - GAMMA * np.outer(dL_da2, f1), rtol=1e-10)
    np.testing.assert_allclose(w1.data, first - GAMMA * np.outer(dL_da1, x), rtol=1e-10)


def draw_bars(count: int, seed: int) -> tuple[Array, np.ndarray]:
    """Noisy 6 x 6 images of a horizontal bar, a vertical bar or a diagonal, (N, 1, 6, 6), and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=count)
    images = 0.3 * rng.normal(size=(count, 1, SIDE, SIDE))
    for image, label in zip(images[:, 0], labels, strict=True):
        place = rng.integers(SIDE)
        if label == 0:
            image[place] += 1
        elif label == 1:
            image[:, place] += 1
        else:
            image += np.eye(SIDE)
    return images, labels


def build(channels: int, seed: int) -> nn.Sequential:
    """conv - relu - pool - flatten - fc, with parameters drawn from ``seed``."""
    model = nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(channels * (SIDE // 2) ** 2, CLASSES),
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    for parameter in model.parameters():
        parameter.data = rng.normal(scale=0.4, size=parameter.data.shape)
    return model


def summary_pass(x: Array, label: int, w1: Array, b1: Array, w10: Array, b10: Array) -> tuple[float, list[Array]]:
    """The summary's two columns for one (H, W, 1) image: pred1 = conv(x, w1) ... and dLdx = loss_ce_back(...) ..."""
    pred1 = document.conv(x, w1, b1)
    pred2 = document.relu(pred1)
    pred3 = document.maxpool(pred2, 2, 2)
    pred10 = document.flatten(pred3.transpose(2, 0, 1))  # the packages flatten (C, H, W)
    pred11 = document.fc(pred10, w10, b10)
    loss, dL_dx = document.loss_cross_entropy_softmax(pred11, np.eye(CLASSES)[label])

    dL_dx, dL_dw10, dL_db10 = document.fc_back(dL_dx, pred10, w10)
    dL_dx = document.flatten_back(dL_dx, pred3.transpose(2, 0, 1)).transpose(1, 2, 0)
    dL_dx = document.maxpool_back(dL_dx, pred2, 2, 2, pred3)
    dL_dx = document.relu_back(dL_dx, pred2)
    _, dL_dw1, dL_db1 = document.conv_back(dL_dx, x, w1)
    return loss, [dL_dw1, dL_db1, dL_dw10, dL_db10]


def test_the_summary_trains_as_autograd_does() -> None:
    """Slide "Summary": four mini-batches of SGD by the document's functions and by autograd leave the same weights."""
    model, (images, labels) = build(CHANNELS, seed=1), draw_bars(16, seed=2)
    start = [parameter.data.copy() for parameter in model.parameters()]
    weights = [start[0].transpose(2, 3, 1, 0), *start[1:]]
    optimizer = nn.SGD(list(model.parameters()), lr=GAMMA)
    for batch in range(0, 16, 4):
        chosen = slice(batch, batch + 4)
        loss = F.cross_entropy(model(Tensor(images[chosen])), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        passes = [
            summary_pass(image.transpose(1, 2, 0), label, *weights)
            for image, label in zip(images[chosen], labels[chosen], strict=True)
        ]
        assert float(loss.data) == pytest.approx(np.mean([loss for loss, _ in passes]), rel=1e-10)
        gradients = [np.mean(each, axis=0) for each in zip(*(gradient for _, gradient in passes), strict=True)]
        weights = [w - GAMMA * gradient for w, gradient in zip(weights, gradients, strict=True)]
    weights[0] = weights[0].transpose(3, 2, 0, 1)
    for parameter, by_hand, before in zip(model.parameters(), weights, start, strict=True):
        np.testing.assert_allclose(parameter.data, by_hand, rtol=1e-9, atol=1e-12)
        assert np.abs(parameter.data - before).max() > 1e-3


def test_mini_batch_sgd_trains_the_network() -> None:
    """Slide "Back-propagation algorithm w/ stochastic gradient descent": while until converges, sample a mini-batch."""
    model, (images, labels), (unseen, answers) = build(6, seed=3), draw_bars(240, seed=4), draw_bars(120, seed=5)
    optimizer = nn.SGD(list(model.parameters()), lr=GAMMA)
    rng = np.random.default_rng(6)
    losses = []
    for _ in range(12):
        epoch = []
        for chosen in np.split(rng.permutation(240), 15):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(Tensor(images[chosen])), labels[chosen])
            loss.backward()
            optimizer.step()
            epoch.append(float(loss.data))
        losses.append(np.mean(epoch))
    guesses = model(Tensor(unseen)).data.argmax(axis=1)
    assert losses[-1] < 0.25 * losses[0]
    assert (guesses == answers).mean() > 0.9


def test_each_layer_needs_only_the_gradient_behind_it() -> None:
    """Lines "dL/dw_(n-1) = dL/dx_n dx_n/dx_(n-1) dx_(n-1)/dw_(n-1) = dL/dx_(n-1) dx_(n-1)/dw_(n-1)", down to w_1."""
    rng = np.random.default_rng(8)
    weights = [Tensor(rng.normal(size=(4, 4)), requires_grad=True) for _ in range(5)]
    outputs = [Tensor(rng.normal(size=4))]
    for weight in weights:
        outputs.append(F.sigmoid(F.linear(outputs[-1], weight)))
    outputs[-1].backward(rng.normal(size=4))
    for weight, (before, after) in zip(weights, itertools.pairwise(outputs), strict=True):
        dL_da = after.grad * after.data * (1 - after.data)
        np.testing.assert_allclose(weight.grad, np.outer(dL_da, before.data), rtol=1e-10)
        if before.requires_grad:
            np.testing.assert_allclose(before.grad, dL_da @ weight.data, rtol=1e-10)
