"""Losses with a margin: small examples by hand, the bend at the margin, extremes, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import DTypeError, ShapeError
from tests.autograd.support import leaf

INF = math.inf


def test_at_the_margin_a_sign_still_pulls_and_a_class_does_not() -> None:
    """PyTorch clamps where signs are compared, and asks for more than 0 where classes are."""
    for loss, x, slopes in (
        (lambda x: F.hinge_loss(x, [1, -1], reduction="sum"), [1.0, -1.0], [-1.0, 1.0]),
        (lambda x: F.hinge_embedding_loss(x, [-1, -1], reduction="sum"), [1.0, 1.0], [-1.0, -1.0]),
        (lambda x: F.margin_ranking_loss(x, [0.0, 2.0], [1, -1], 0.5, reduction="sum"), [0.5, 1.5], [-1.0, 1.0]),
        (lambda x: F.multi_margin_loss(x, 0), [1.0, 0.0], [0.0, 0.0]),
        (lambda x: F.multilabel_margin_loss(x, [0, -1]), [1.0, 0.0], [0.0, 0.0]),
    ):
        leaf_ = leaf(x)
        out = loss(leaf_)
        out.backward()
        assert out.item() == 0.0
        assert leaf_.grad.tolist() == slopes


def test_the_hinge_by_hand() -> None:
    x = leaf([2.0, 0.25, -1.0, 0.5])
    out = F.hinge_loss(x, [1, 1, -1, -1], 2, reduction="none")
    out.backward(np.ones(4))
    assert out.data.tolist() == [0.0, 0.5625, 0.0, 2.25]
    assert x.grad.tolist() == [0.0, -1.5, 0.0, 3.0]


def test_hinges_are_one_function() -> None:
    """margin_ranking_loss against 0 with a margin of 1, and hinge_embedding_loss of the signed score."""
    x, t = np.random.default_rng(3).normal(size=5), np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    hinge = F.hinge_loss(x, t)
    assert F.margin_ranking_loss(x, np.zeros(5), t, 1.0) == pytest.approx(hinge)
    assert F.hinge_embedding_loss(x * t, -np.ones(5)) == pytest.approx(hinge)


def test_classes_by_hand() -> None:
    x = leaf([[0.0, 2.0, 1.5]])
    out = F.multi_margin_loss(x, [1], weight=[1.0, 3.0, 1.0])
    out.backward()
    assert out.item() == pytest.approx(3.0 * 0.5 / 3.0)
    np.testing.assert_allclose(x.grad, [[0.0, -1.0, 1.0]])


def test_labels_after_the_end_of_the_list_do_not_count() -> None:
    """[0, -1, 1] holds the label 0 alone. A label that is listed twice counts twice, as in PyTorch."""
    x = leaf([0.0, 0.5, 0.25])
    out = F.multilabel_margin_loss(x, [0, -1, 1])
    out.backward()
    assert out.item() == pytest.approx((1.5 + 1.25) / 3)
    np.testing.assert_allclose(x.grad, np.array([-2.0, 1.0, 1.0]) / 3)
    assert F.multilabel_margin_loss(x, [0, 0, -1]).item() == pytest.approx(2 * out.item())
    assert F.multilabel_margin_loss(x, [-1, 0, 0]).item() == 0.0
    assert F.multilabel_margin_loss(x, [2, 1, 0]).item() == 0.0  # all hold, and there is no other


def test_empty_batches() -> None:
    """PyTorch's mean of no example is whatever lies in memory."""
    for loss in (
        lambda x, **options: F.multi_margin_loss(x, np.zeros(0, int), **options),
        lambda x, **options: F.multilabel_margin_loss(x, np.zeros((0, 3), int), **options),
    ):
        x = leaf(np.zeros((0, 3)))
        assert math.isnan(loss(x).item())
        assert loss(x, reduction="none").shape == (0,)
        total = loss(x, reduction="sum")
        total.backward()
        assert total.item() == 0.0
        assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_at_the_extremes(dtype: Any) -> None:
    for loss, x, values, slopes in (
        (lambda x: F.hinge_loss(x, [1, -1, -1], reduction="none"), [INF, -INF, 1e3], [0, 0, 1001], [0, 0, 1]),
        (
            lambda x: F.multi_margin_loss(x, [0, 1], reduction="none"),
            [[1000.0, -INF], [-1000.0, -INF]],
            [0, INF],
            [[0, 0], [0.5, -0.5]],
        ),
        (
            lambda x: F.multilabel_margin_loss(x, [[0, -1], [1, -1]], reduction="none"),
            [[1000.0, -INF], [-1000.0, -INF]],
            [0, INF],
            [[0, 0], [0.5, -0.5]],
        ),
    ):
        leaf_ = leaf(np.array(x, dtype))
        out = loss(leaf_)
        out.backward(np.ones(out.shape, dtype))
        np.testing.assert_array_equal(out.data, values)
        np.testing.assert_array_equal(leaf_.grad, slopes)


@pytest.mark.parametrize("name", ["hinge_loss", "hinge_embedding_loss"])
def test_targets_that_are_no_signs_are_refused(name: str) -> None:
    for wrong in (0, 0.5, -2, math.nan):
        with pytest.raises(ValueError, match=rf"{name}: target must be 1 or -1, but {float(wrong)} is neither; labels"):
            getattr(F, name)([0.5, 0.5], [1, wrong])


def test_refusals() -> None:
    x = np.zeros((2, 3))
    for name, call in {
        "hinge_loss": lambda p: F.hinge_loss([0.5], [1], p),
        "multi_margin_loss": lambda p: F.multi_margin_loss(x, [0, 1], p),
    }.items():
        for p in (0, 3, 1.5):
            with pytest.raises(ValueError, match=f"{name}: p={p} must be 1 or 2"):
                call(p)
    with pytest.raises(ValueError, match=r"margin_ranking_loss: target must be 1 or -1, but 0.0 is neither"):
        F.margin_ranking_loss([0.5], [0.5], [0])
    with pytest.raises(ShapeError, match=r"margin_ranking_loss: input1 has shape \(1,\) but input2 has shape \(2,\)"):
        F.margin_ranking_loss([0.5], [0.5, 1.0], [1])
    with pytest.raises(ShapeError, match=r"multi_margin_loss: input must have shape \(N, C\) or \(C,\), not \(2, 3, 1"):
        F.multi_margin_loss(x[..., None], [[0], [1]])
    with pytest.raises(ShapeError, match=r"multilabel_margin_loss: input has shape \(2, 3\) but target .* \(2, 2\)"):
        F.multilabel_margin_loss(x, [[0, 1], [0, 1]])
    with pytest.raises(ValueError, match=r"multilabel_margin_loss: label (-2|3) is outside 0 to 2"):
        F.multilabel_margin_loss(x, [[0, 3, -1], [-2, -1, -1]])
    with pytest.raises(DTypeError, match=r"multilabel_margin_loss: labels must be integers, not float64"):
        F.multilabel_margin_loss(x, x)
