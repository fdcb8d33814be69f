"""Losses of yes or no: probabilities at their ends, scores at the extremes, weights, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import ShapeError
from tests.autograd.support import assert_close, leaf
from tests.autograd.torch_oracle import to_torch, torch

INF = math.inf
theirs = torch.nn.functional


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_is_held_at_its_ends(target: float) -> None:
    p = np.array([0.0, 1e-60, 1e-20, 1e-13, 1e-11, 0.4, 1.0 - 1e-11, 1.0 - 1e-13, 1.0])
    ours, reference = leaf(p), to_torch(p, requires_grad=True)
    labels, weight, upstream = np.full(9, target), np.linspace(2.0, 0.5, 9), np.linspace(1.0, 2.0, 9)
    loss = F.binary_cross_entropy(ours, labels, weight, reduction="none")
    expected = theirs.binary_cross_entropy(reference, to_torch(labels), to_torch(weight), reduction="none")
    loss.backward(upstream)
    expected.backward(to_torch(upstream))
    assert_close(loss.data, expected.detach().numpy())
    # PyTorch's bound on the slope is 1e-12 in single precision, which is 4e-9 less.
    np.testing.assert_allclose(ours.grad, reference.grad.numpy(), rtol=1e-8)


def test_binary_cross_entropy_at_its_ends_keeps_single_precision() -> None:
    p = leaf(np.array([0.0, 0.25], np.float32))
    loss = F.binary_cross_entropy(p, np.array([1.0, 1.0], np.float32), reduction="none")
    loss.backward(np.array([1.0, 2.0]))
    assert_close(loss.data, np.array([100.0, np.log(4.0)], np.float32))
    assert_close(p.grad, np.array([-1e12, -8.0], np.float32))


def test_binary_cross_entropy_near_its_ends_is_differentiable_in_the_target() -> None:
    target = leaf([1.0, 0.5])
    F.binary_cross_entropy([0.0, 0.5], target, reduction="sum").backward()
    assert target.grad.tolist() == [100.0, 0.0]


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_binary_cross_entropy_with_logits_keeps_its_digits(target: float) -> None:
    """log(1 + e^∓x) and ±σ(∓x), to the last digits even where the loss is 1e-18."""
    x = leaf([-1000.0, -40.0, -1.0, 0.0, 1.0, 40.0, 1000.0])
    loss = F.binary_cross_entropy_with_logits(x, np.full(7, target), reduction="none")
    loss.backward(np.arange(1.0, 8.0))
    sign = -1.0 if target else 1.0
    exact = [math.log1p(math.exp(z)) if z < 700 else z for z in sign * x.data]
    np.testing.assert_allclose(loss.data, exact, rtol=1e-14)
    slopes = [sign / (1.0 + math.exp(-z)) if z > -700 else 0.0 for z in sign * x.data]
    np.testing.assert_allclose(x.grad, np.arange(1.0, 8.0) * slopes, rtol=1e-14)


EXTREMES = [-1000.0, -INF, INF, 1000.0, -INF, INF]
LABELS = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]  # twice right at infinity, twice infinitely wrong


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "loss, factors",
    [
        (lambda x: F.binary_cross_entropy_with_logits(x, LABELS, reduction="none"), [1.0] * 6),
        (
            lambda x: F.binary_cross_entropy_with_logits(x, LABELS, 2.0, pos_weight=3.0, reduction="none"),
            [6.0, 2.0, 6.0, 2.0, 6.0, 2.0],
        ),
        (lambda x: F.soft_margin_loss(x, 2 * np.array(LABELS) - 1, reduction="none"), [1.0] * 6),
        (lambda x: F.focal_loss(x, LABELS, reduction="none"), [0.25, 0.75] * 3),
        (lambda x: F.focal_loss(x, LABELS, None, 0.5, reduction="none"), [1.0] * 6),
        (
            lambda x: 2 * F.multilabel_soft_margin_loss(x[:, None], np.array(LABELS)[:, None], reduction="none"),
            [2.0] * 6,
        ),
    ],
)
def test_scores_at_the_extremes(loss: Any, factors: Any, dtype: Any) -> None:
    """An infinite score with the label that it stands for costs nothing, where PyTorch's 0 · inf is NaN."""
    x = leaf(np.array(EXTREMES, dtype))
    out = loss(x)
    out.backward(np.ones(6, dtype))
    np.testing.assert_array_equal(out.data, np.array([1000.0, 0.0, 0.0, 1000.0, INF, INF]) * factors)
    np.testing.assert_array_equal(x.grad, np.array([-1.0, 0.0, 0.0, 1.0, -1.0, 1.0]) * factors)


def test_an_element_of_weight_zero_costs_nothing_even_if_it_is_infinitely_wrong() -> None:
    x = leaf([-INF, 1.0])
    loss = F.binary_cross_entropy_with_logits(x, [1, 1], [0.0, 2.0])
    loss.backward()
    assert loss.item() == math.log1p(math.exp(-1.0))
    assert x.grad[0] == 0.0
    assert F.binary_cross_entropy_with_logits([-INF], [1], pos_weight=0.0) == 0.0


def test_focal_loss_keeps_its_digits() -> None:
    """-(1 - p)² log p at p = 1 - e^-40, of which 1 - p computed from p would have no digit."""
    loss = F.focal_loss(np.array([40.0]), [1], None)
    small = math.exp(-40.0) / (1.0 + math.exp(-40.0))
    np.testing.assert_allclose(loss, small**2 * math.log1p(math.exp(-40.0)), rtol=1e-13)


def test_focal_loss_without_focus_is_the_cross_entropy() -> None:
    x, t = np.array([0.3, -2.0]), np.array([1.0, 0.0])
    for alpha in (None, -1):
        assert F.focal_loss(x, t, alpha, gamma=0) == F.binary_cross_entropy_with_logits(x, t)
    assert F.focal_loss(x, t, 0.5, gamma=0) == 0.5 * F.binary_cross_entropy_with_logits(x, t)


@pytest.mark.parametrize("argument, p, t", [("input", [0.5, 1.5], [0, 1]), ("target", [0.5, 0.5], [0, -0.5])])
def test_probabilities_outside_0_to_1_are_refused(argument: str, p: Any, t: Any) -> None:
    with pytest.raises(ValueError, match=rf"binary_cross_entropy: {argument} must lie from 0 to 1, but (1.5|-0.5)"):
        F.binary_cross_entropy(p, t)
    with pytest.raises(ValueError, match="but nan does not"):
        F.binary_cross_entropy([math.nan], [0])


def test_weights_broadcast_to_the_input_and_not_beyond() -> None:
    x, t = np.full((2, 3), 0.5), np.ones((2, 3))
    for weight in (2.0, [1.0, 2.0, 3.0], [[1.0], [3.0]], np.full((2, 3), 2)):
        assert F.binary_cross_entropy(x, t, weight) == pytest.approx(2.0 * math.log(2.0))
    for shape in ((2,), (1, 2, 3), (2, 1, 1), (4, 3), (0,)):
        for name, arguments in (("weight", (np.ones(shape),)), ("pos_weight", ())):
            options = {} if arguments else {"pos_weight": np.ones(shape)}
            with pytest.raises(ShapeError, match=rf"{name} has shape \(.*\), which does not broadcast to .* \(2, 3\)"):
                F.binary_cross_entropy_with_logits(x, t, *arguments, **options)
    with pytest.raises(ShapeError, match=r"^binary_cross_entropy: weight has shape \(2,\)"):
        F.binary_cross_entropy(x, t, [1.0, 2.0])


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"focal_loss: gamma=-1.0 must be at least 0"):
        F.focal_loss([0.5], [1], gamma=-1.0)
    with pytest.raises(
        ValueError, match=r"soft_margin_loss: target must be 1 or -1, but 0.0 is neither; .*2 \* target"
    ):
        F.soft_margin_loss([0.5, 0.5], [1, 0])
    with pytest.raises(ShapeError, match=r"multilabel_soft_margin_loss: input must have shape \(..., C\)"):
        F.multilabel_soft_margin_loss(0.5, 1)
