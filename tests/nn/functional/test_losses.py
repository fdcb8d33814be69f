"""Losses against PyTorch: every reduction, labels and probabilities, the extremes, and empty batches."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import DTypeError, ShapeError, Tensor
from tests.autograd.support import Operand, assert_close, examples, leaf, numbers, operands, seeds
from tests.autograd.torch_oracle import agree, to_torch, torch

INF = math.inf
reductions = st.sampled_from(["none", "mean", "sum"])
theirs = torch.nn.functional


def operand(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = float) -> Operand:
    return Operand(numbers(rng, shape, False, dtype), "plain")


def probabilities(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = float) -> Operand:
    return Operand(rng.uniform(0.01, 0.99, size=shape).astype(dtype), "plain")


@examples(100)
@given(x=operands(), reduction=reductions, seed=seeds)
def test_mse_loss(x: Operand, reduction: str, seed: int) -> None:
    target = operand(np.random.default_rng(seed), x.array.shape, x.base.dtype)
    agree(
        lambda x, t: F.mse_loss(x, t, reduction=reduction),
        lambda x, t: theirs.mse_loss(x, t, reduction=reduction),
        [x, target],
        seed,
    )


@st.composite
def scores(draw: Callable[..., Any]) -> tuple[int, ...]:
    """The shape of scores: (C,), (N, C) or (N, C, d1, ...)."""
    classes: int = draw(st.integers(1, 4))
    lead, rest = draw(st.sampled_from([((), ()), ((0,), ()), ((3,), ()), ((2,), (3,)), ((2,), (2, 0, 1))]))
    return (*lead, classes, *rest)


@examples(200)
@given(shape=scores(), reduction=reductions, seed=seeds)
def test_cross_entropy_with_labels(shape: tuple[int, ...], reduction: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    axis = min(len(shape) - 1, 1)
    labels = rng.integers(shape[axis], size=shape[:axis] + shape[axis + 1 :])
    agree(
        lambda x: F.cross_entropy(x, labels, reduction=reduction),
        lambda x: theirs.cross_entropy(x, torch.from_numpy(np.asarray(labels)), reduction=reduction),
        [operand(rng, shape, np.float32 if seed % 4 == 0 else float)],
        seed,
    )


@examples(200)
@given(shape=scores(), reduction=reductions, seed=seeds)
def test_cross_entropy_with_probabilities(shape: tuple[int, ...], reduction: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dtype = np.float32 if seed % 4 == 0 else np.float64
    agree(
        lambda x, p: F.cross_entropy(x, p, reduction=reduction),
        lambda x, p: theirs.cross_entropy(x, p, reduction=reduction),
        [operand(rng, shape, dtype), probabilities(rng, shape, dtype)],
        seed,
    )


@pytest.mark.parametrize("labels", [1, [0, 2], (0, 2), np.array([0, 2], np.uint8), np.array([0, 2], np.int32)])
def test_labels_may_be_any_integers(labels: Any) -> None:
    x = np.array([0.5, -1.0, 2.0]) if np.ndim(labels) == 0 else np.array([[0.5, -1.0, 2.0], [3.0, 0.0, 1.0]])
    expected = theirs.cross_entropy(torch.from_numpy(x), torch.tensor(np.asarray(labels).tolist()))
    assert_close(F.cross_entropy(x, labels), expected.numpy())


def test_cross_entropy_at_the_extremes() -> None:
    x = Operand(np.array([[1000.0, -1000.0, 0.0], [-1000.0, -INF, 1000.0]]), "plain")
    labels = np.array([1, 0])
    agree(lambda x: F.cross_entropy(x, labels), lambda x: theirs.cross_entropy(x, torch.from_numpy(labels)), [x])


def test_a_masked_class_of_probability_zero_adds_nothing() -> None:
    """0 · log 0 = 0: the loss and its gradient are those without the class. (PyTorch gives NaN.)"""
    masked, target = leaf([[1.0, -INF, 2.0]]), leaf([[0.25, 0.0, 0.75]])
    loss = F.cross_entropy(masked, target)
    loss.backward()
    x, t = (torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in ([[1.0, 2.0]], [[0.25, 0.75]]))
    expected = theirs.cross_entropy(x, t)
    expected.backward()
    assert_close(loss.data, expected.detach().numpy())
    assert_close(masked.grad, np.insert(x.grad.numpy(), 1, 0.0, axis=1))
    assert_close(target.grad, np.insert(t.grad.numpy(), 1, 0.0, axis=1))


@examples(100)
@given(shape=st.sampled_from([(), (0,), (4,), (2, 3)]), reduction=reductions, seed=seeds)
def test_binary_cross_entropy(shape: tuple[int, ...], reduction: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dtype = np.float32 if seed % 4 == 0 else np.float64
    agree(
        lambda p, t: F.binary_cross_entropy(p, t, reduction=reduction),
        lambda p, t: theirs.binary_cross_entropy(p, t, reduction=reduction),
        [probabilities(rng, shape, dtype), probabilities(rng, shape, dtype)],
        seed,
    )


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_is_held_at_its_ends(target: float) -> None:
    p = np.array([0.0, 1e-60, 1e-20, 1e-13, 1e-11, 0.4, 1.0 - 1e-11, 1.0 - 1e-13, 1.0])
    ours, reference = leaf(p), to_torch(p, requires_grad=True)
    labels, upstream = np.full(9, target), np.linspace(1.0, 2.0, 9)
    loss = F.binary_cross_entropy(ours, labels, reduction="none")
    expected = theirs.binary_cross_entropy(reference, to_torch(labels), reduction="none")
    loss.backward(upstream)
    expected.backward(to_torch(upstream))
    assert_close(loss.data, expected.detach().numpy())
    # PyTorch's bound on the slope is 1e-12 in single precision, which is 4e-9 less.
    np.testing.assert_allclose(ours.grad, reference.grad.numpy(), rtol=1e-8)


def test_binary_cross_entropy_at_its_ends_keeps_single_precision() -> None:
    p = Tensor(np.array([0.0, 0.25], np.float32), requires_grad=True)
    loss = F.binary_cross_entropy(p, [1, 1], reduction="none")
    loss.backward(np.array([1.0, 2.0]))
    assert_close(loss.data, np.array([100.0, np.log(4.0)], np.float32))
    assert_close(p.grad, np.array([-1e12, -8.0], np.float32))


def test_binary_cross_entropy_near_its_ends_is_differentiable_in_the_target() -> None:
    target = leaf([1.0, 0.5])
    F.binary_cross_entropy([0.0, 0.5], target, reduction="sum").backward()
    assert target.grad.tolist() == [100.0, 0.0]


@examples(100)
@given(x=operands(), reduction=reductions, seed=seeds)
def test_binary_cross_entropy_with_logits(x: Operand, reduction: str, seed: int) -> None:
    target = probabilities(np.random.default_rng(seed), x.array.shape, x.base.dtype)
    agree(
        lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction=reduction),
        lambda x, t: theirs.binary_cross_entropy_with_logits(x, t, reduction=reduction),
        [x, target],
        seed,
    )


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


@pytest.mark.parametrize("loss", [F.mse_loss, F.binary_cross_entropy, F.binary_cross_entropy_with_logits])
def test_integer_targets_are_constants(loss: Any) -> None:
    x = leaf([0.25, 0.5, 0.75])
    for target in ([0, 1, 1], [False, True, True], np.array([0, 1, 1], np.uint8)):
        out = loss(x, target)
        assert out.item() == loss(x, np.array([0.0, 1.0, 1.0])).item()
        assert loss(Tensor(x.data.astype(np.float32)), target).dtype == np.float32


def test_float_labels_are_refused() -> None:
    x = np.zeros((2, 3))
    for labels in (np.array([0.0, 1.0]), Tensor([0.0, 1.0])):
        with pytest.raises(DTypeError, match=r"cross_entropy: labels must be integers, not float64; .*astype\(int\)"):
            F.cross_entropy(x, labels)


@pytest.mark.parametrize("label", [-1, 3, -100])
def test_a_label_out_of_range_is_refused(label: int) -> None:
    with pytest.raises(ValueError, match=f"cross_entropy: label {label} is outside 0 to 2, the 3 classes"):
        F.cross_entropy(np.zeros((2, 3)), [0, label])


@pytest.mark.parametrize("name", ["mse_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_shapes_that_would_broadcast_are_refused(name: str) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: input has shape \(3, 1\) but target has shape \(3,\)"):
        getattr(F, name)(np.full((3, 1), 0.5), np.full(3, 0.5))


@pytest.mark.parametrize("argument, p, t", [("input", [0.5, 1.5], [0, 1]), ("target", [0.5, 0.5], [0, -0.5])])
def test_probabilities_outside_0_to_1_are_refused(argument: str, p: Any, t: Any) -> None:
    with pytest.raises(ValueError, match=rf"binary_cross_entropy: {argument} must lie from 0 to 1, but (1.5|-0.5)"):
        F.binary_cross_entropy(p, t)
    with pytest.raises(ValueError, match="but nan does not"):
        F.binary_cross_entropy([math.nan], [0])
