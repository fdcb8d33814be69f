"""Losses of classes: labels that do not count, masked classes, smoothing, extremes, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.autograd.support import Operand, assert_close, leaf
from tests.autograd.torch_oracle import agree, to_torch, torch

INF = math.inf
theirs = torch.nn.functional
OF_LABELS = [F.nll_loss, F.cross_entropy, F.softmax_focal_loss, F.multi_margin_loss]


@pytest.mark.parametrize("labels", [1, [0, 2], (0, 2), np.array([0, 2], np.uint8), np.array([0, 2], np.int32)])
def test_labels_may_be_any_integers(labels: Any) -> None:
    x = np.array([0.5, -1.0, 2.0]) if np.ndim(labels) == 0 else np.array([[0.5, -1.0, 2.0], [3.0, 0.0, 1.0]])
    plain = torch.tensor(np.asarray(labels).tolist())
    assert_close(F.cross_entropy(x, labels), theirs.cross_entropy(torch.from_numpy(x), plain).numpy())
    assert_close(F.multi_margin_loss(x, labels), theirs.multi_margin_loss(torch.from_numpy(x), plain).numpy())


def test_cross_entropy_at_the_extremes() -> None:
    x = Operand(np.array([[1000.0, -1000.0, 0.0], [-1000.0, -INF, 1000.0]]), "plain")
    labels = np.array([1, 0])
    agree(lambda x: F.cross_entropy(x, labels), lambda x: theirs.cross_entropy(x, torch.from_numpy(labels)), [x])


@pytest.mark.parametrize("loss", [F.cross_entropy, F.softmax_focal_loss])
def test_an_impossible_label_has_an_infinite_loss_and_a_finite_gradient(loss: Any) -> None:
    x = leaf([[0.0, 0.0, -INF]])
    out = loss(x, [2])
    out.backward()
    assert out.item() == INF
    assert x.grad.tolist() == [[0.5, 0.5, -1.0]]


def test_a_masked_class_of_probability_zero_adds_nothing() -> None:
    """0 · log 0 = 0: the loss and its gradient are those without the class. (PyTorch gives NaN.)"""
    masked, target = leaf([[1.0, -INF, 2.0]]), leaf([[0.25, 0.0, 0.75]])
    loss = F.cross_entropy(masked, target, [1.0, 5.0, 2.0])
    loss.backward()
    x, t = (torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in ([[1.0, 2.0]], [[0.25, 0.75]]))
    expected = theirs.cross_entropy(x, t, torch.tensor([1.0, 2.0], dtype=torch.float64))
    expected.backward()
    assert_close(loss.data, expected.detach().numpy())
    assert_close(masked.grad, np.insert(x.grad.numpy(), 1, 0.0, axis=1))
    assert_close(target.grad, np.insert(t.grad.numpy(), 1, 0.0, axis=1))


@pytest.mark.parametrize("loss", [F.nll_loss, F.cross_entropy, F.softmax_focal_loss])
def test_an_impossible_label_of_weight_zero_adds_nothing(loss: Any) -> None:
    x = leaf([[0.0, 1.0, -INF], [0.0, 1.0, 2.0]])
    out = loss(x, [2, 1], [1.0, 2.0, 0.0])
    out.backward()
    assert out.item() == loss(x.data[1:], [1], [1.0, 2.0, 0.0])
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"weight": [2.0, 3.0]}])
def test_a_batch_of_ignored_labels(options: dict[str, Any]) -> None:
    """Its mean is 0 / 0, and its gradient 0, as in PyTorch; its sum is 0."""
    for loss in (F.cross_entropy, F.nll_loss, F.softmax_focal_loss):
        if "label_smoothing" in options and loss is not F.cross_entropy:
            continue
        x = leaf([[1.0, -1.0], [0.5, 2.0]])
        mean, total = (loss(x, [-100, -100], reduction=each, **options) for each in ("mean", "sum"))
        assert math.isnan(mean.item())
        assert total.item() == 0.0
        mean.backward()
        assert x.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_what_is_ignored_may_be_nan() -> None:
    x = leaf([[1.0, -1.0], [math.nan, 2.0]])
    loss = F.cross_entropy(x, [0, 7], ignore_index=7)
    loss.backward()
    assert loss.item() == F.cross_entropy(x.data[:1], [0])
    assert np.isfinite(x.grad).all()


def test_smoothing_by_hand() -> None:
    """(1 - s) of the label's loss, and s of the mean of all classes' losses."""
    x = np.log(np.array([[0.7, 0.2, 0.1]]))
    expected = -(0.7 * math.log(0.2) + 0.1 * sum(math.log(p) for p in (0.7, 0.2, 0.1)))
    assert F.cross_entropy(x, [1], label_smoothing=0.3) == pytest.approx(expected)
    assert F.cross_entropy(x, np.array([[0.0, 1.0, 0.0]]), label_smoothing=0.3) == pytest.approx(expected)


def test_without_focus_the_focal_loss_is_the_cross_entropy() -> None:
    x, weight = np.random.default_rng(0).normal(size=(3, 4)), [1.0, 2.0, 3.0, 0.5]
    labels = [1, -100, 3]
    focal = F.softmax_focal_loss(x, labels, weight, gamma=0.0)
    assert focal == pytest.approx(F.cross_entropy(x, labels, weight), rel=1e-15)


def test_class_weights_may_be_learnt() -> None:
    x, labels = np.array([[0.5, 1.0], [2.0, -1.0]]), np.array([0, 1])
    weight, reference = leaf([1.0, 3.0]), to_torch(np.array([1.0, 3.0]), requires_grad=True)
    F.cross_entropy(x, labels, weight).backward()
    each = theirs.cross_entropy(torch.from_numpy(x), torch.from_numpy(labels), reduction="none")
    ((reference * each).sum() / reference.sum()).backward()
    assert_close(weight.grad, reference.grad.numpy())


# ---- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", OF_LABELS)
def test_labels_that_name_no_class_are_refused(loss: Any) -> None:
    name = loss.__name__
    x = np.zeros((2, 3))
    for label in (-1, 3, 100):
        with pytest.raises(ValueError, match=f"{name}: label {label} is outside 0 to 2, the 3 classes"):
            loss(x, [0, label])
    for labels in (np.array([0.0, 1.0]), Tensor([0.0, 1.0]), [True, False]):
        if name != "cross_entropy" or not isinstance(labels, list):
            with pytest.raises(DTypeError, match=rf"{name}: labels must be integers, not (float64|bool); .*int"):
                loss(x, labels)
    for wrong in ([0, 1, 2], [[0, 1]], 0):
        with pytest.raises(ShapeError, match=rf"{name}: integer labels for .* \(2, 3\) must have shape \(2,\), not"):
            loss(x, wrong)
    for nothing in (np.float64(1.0), np.ones((2, 0))):
        with pytest.raises(ShapeError, match=f"{name}: input must have shape .* with at least one class"):
            loss(nothing, [0])


@pytest.mark.parametrize("loss", OF_LABELS)
def test_class_weights_that_do_not_fit_are_refused(loss: Any) -> None:
    name = loss.__name__
    for weight in ([1.0, 2.0], 2.0, np.ones((3, 1))):
        with pytest.raises(ShapeError, match=rf"{name}: weight must have shape \(3,\), one number for each class"):
            loss(np.zeros((2, 3)), [0, 1], weight=weight)
    with pytest.raises(DTypeError, match=f"{name}: weight has dtype <U1"):
        loss(np.zeros((2, 3)), [0, 1], weight=["a", "b", "c"])


def test_refusals() -> None:
    x, p = np.zeros((2, 3)), np.full((2, 3), 1.0 / 3)
    for smoothing in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=f"cross_entropy: label_smoothing={smoothing} must lie from 0 to 1"):
            F.cross_entropy(x, [0, 1], label_smoothing=smoothing)
    with pytest.raises(ValueError, match=r"cross_entropy: ignore_index=1 is for integer labels, .* probabilities of 0"):
        F.cross_entropy(x, p, ignore_index=1)
    with pytest.raises(ValueError, match=r"softmax_focal_loss: gamma=-2.0 must be at least 0"):
        F.softmax_focal_loss(x, [0, 1], gamma=-2.0)
    with pytest.raises(ShapeError, match=r"not \(2, 3\); make class probabilities floating-point"):
        F.cross_entropy(x, p.astype(int))
    with pytest.raises(ShapeError, match=r"nll_loss: integer labels .* not \(2, 3\)$"):
        F.nll_loss(x, p.astype(int))
