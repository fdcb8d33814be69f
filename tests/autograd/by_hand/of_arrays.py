"""Mistakes in graphs of arrays: transposes, sums, kernels, pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn.functional as F
from autograd import Tensor
from tests.autograd.by_hand.case import Case, case
from tests.autograd.support import leaf
from tests.seeds import seed_formulas as document
from tests.seeds.seed_formulas import correlate


def dense(samples: int = 4, inputs: int = 3, outputs: int = 3) -> tuple[Any, ...]:
    """y = x @ W + b, L = sum(y * G): the root, and x, W, G as arrays."""
    rng = np.random.default_rng(11)
    x, w = rng.normal(size=(samples, inputs)), rng.normal(size=(inputs, outputs))
    g, b = rng.normal(size=(samples, outputs)), rng.normal(size=outputs)
    y = leaf(x, "x") @ leaf(w, "W") + leaf(b, "b")
    return (y * Tensor(g)).sum(), x, w, g


@case
def a_weight_matrix_s_gradient_transposed() -> Case:
    root, x, _w, g = dense()
    return Case(root, {"W": (x.T @ g).T, "b": g.sum(0)}, "transposed", ("W",))


@case
def the_weights_not_transposed_on_the_way_back() -> Case:
    root, x, w, g = dense()
    return Case(root, {"x": (g @ w).round(4), "W": (x.T @ g).round(4)}, "transposed", ("x",))


@case
def the_bias_of_the_first_sample_alone() -> Case:
    root, _x, _w, g = dense()
    return Case(root, {"b": [f"{each:.4f}" for each in g[0]]}, "broadcast sum forgotten", ("b",))


@case
def the_bias_averaged_over_the_batch() -> Case:
    root, x, _w, g = dense()
    return Case(root, {"b": g.mean(0), "W": x.T @ g}, "mean for sum", ("b",))


@case
def the_bias_summed_over_the_wrong_axis() -> Case:
    root, _x, _w, g = dense(samples=3)
    return Case(root, {"b": g.sum(1).round(3)}, "summed over the wrong axis", ("b",))


@case
def the_weights_of_one_sample_alone() -> Case:
    root, x, _w, g = dense()
    return Case(root, {"W": np.outer(x[-1], g[-1]), "b": g.sum(0)}, "one sample only", ("W",))


def classifier() -> tuple[Any, ...]:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(4, 3)).round(2)
    labels = np.array([2, 0, 1, 1])
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return leaf(z, "z"), p, np.eye(3)[labels], labels


@case
def the_mean_over_the_batch_forgotten() -> Case:
    z, p, y, labels = classifier()
    return Case(F.cross_entropy(z, labels), {"z": (p - y).round(4)}, "mean forgotten", ("z",))


@case
def a_mean_that_the_loss_does_not_have() -> Case:
    z, p, y, labels = classifier()
    return Case(F.cross_entropy(z, labels, reduction="sum"), {"z": ((p - y) / 4).round(4)}, "mean for sum", ("z",))


@case
def the_labels_not_subtracted() -> Case:
    z, p, _y, labels = classifier()
    return Case(F.cross_entropy(z, labels), {"z": (p / 4).round(4)}, "missing path", ("z",))


@case
def a_softmax_of_arrays_without_its_cross_terms() -> Case:
    z, p, y, _labels = classifier()
    root = -(F.softmax(z, -1).log() * Tensor(y)).sum()
    return Case(root, {"z": (-y * (1 - p)).round(4)}, "cross terms", ("z",))


@case
def a_cross_entropy_of_scores_by_the_diagonal() -> Case:
    z, p, y, labels = classifier()
    return Case(F.cross_entropy(z, labels), {"z": ((p - 1) * y / 4).round(5)}, "cross terms", ("z",))


@case
def the_printed_convolution_back() -> Case:
    """Document 004's dL/dx with its index turned round, w_(m-i)(n-j): the kernel is not rotated."""
    rng = np.random.default_rng(4)
    x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
    root = (F.conv2d(leaf(x[None, None], "x"), leaf(w[None, None], "w"), padding=1) * g[None, None]).sum()
    printed = document.conv_back_input(g[:, :, None], x[:, :, None], w[:, :, None, None], sign=-1)[:, :, 0]
    answers = {"x": printed[None, None].round(4), "w": correlate(np.pad(x, 1), g)[None, None]}
    return Case(root, answers, "kernel not rotated", ("x",))


@case
def the_kernel_s_gradient_rotated() -> Case:
    rng = np.random.default_rng(5)
    x, w, g = rng.normal(size=(5, 5)), rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    root = (F.conv2d(leaf(x[None, None], "x"), leaf(w[None, None], "w")) * g[None, None]).sum()
    return Case(root, {"w": correlate(x, g)[::-1, ::-1][None, None].round(4)}, "kernel rotated", ("w",))


def pooled(pool: Callable[..., Any]) -> tuple[Any, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    x, g = rng.normal(size=(4, 4)), rng.normal(size=(2, 2))
    return (pool(leaf(x[None, None], "x"), 2) * g[None, None]).sum(), x, g


@case
def max_pooling_handed_to_all() -> Case:
    root, _x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, np.ones((2, 2)))[None, None].round(4)}, "gradient to all", ("x",))


@case
def max_pooling_shared() -> Case:
    root, _x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, np.full((2, 2), 0.25))[None, None]}, "gradient shared", ("x",))


@case
def max_pooling_always_to_the_first() -> Case:
    root, _x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, [[1.0, 0.0], [0.0, 0.0]])[None, None].round(4)}, "wrong winner", ("x",))


@case
def average_pooling_without_its_divisor() -> Case:
    root, _x, g = pooled(F.avg_pool2d)
    return Case(root, {"x": np.kron(g, np.ones((2, 2)))[None, None].round(4)}, "mean forgotten", ("x",))


@case
def an_array_shifted_by_a_column() -> Case:
    rng = np.random.default_rng(13)
    x, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    root = (leaf(x, "x").tanh() * Tensor(g)).sum()
    right = g * (1 - np.tanh(x) ** 2)
    moved = np.hstack([np.zeros((3, 1)), right[:, :-1]])
    return Case(root, {"x": moved.round(4)}, "shifted", ("x",))


@case
def overlapping_windows_overwritten() -> Case:
    rng = np.random.default_rng(15)
    x, w, g = rng.normal(size=6), rng.normal(size=3), rng.normal(size=4)
    root = (F.conv1d(leaf(x[None, None], "x"), leaf(w[None, None], "w")) * g[None, None]).sum()
    dx = np.zeros(6)
    for i in range(4):
        dx[i : i + 3] = g[i] * w  # = for +=
    return Case(root, {"x": dx[None, None].round(4)}, "overwritten", ("x",))


@case
def a_repeated_index_overwritten() -> Case:
    rng = np.random.default_rng(16)
    table, g, words = rng.normal(size=(4, 2)), rng.normal(size=(5, 2)), np.array([1, 3, 1, 0, 3])
    root = (leaf(table, "table")[words] * Tensor(g)).sum()
    given = np.zeros((4, 2))
    given[words] = g
    return Case(root, {"table": given}, "overwritten", ("table",))


@case
def the_printed_relu_gate_on_an_array() -> Case:
    """Document 004's gate, open where y >= 0, which always holds."""
    x = np.array([-2.0, -0.5, 0.3, 0.9, 2.0])
    g = np.array([0.13, -0.27, 0.31, -0.46, 0.52])
    root = (F.relu(leaf(x, "x")) * Tensor(g)).sum()
    return Case(root, {"x": document.relu_back_as_printed(g, np.maximum(x, 0.0))}, "closed gate left open", ("x",))


@case
def one_element_s_sign() -> Case:
    root, x, _w, g = dense()
    dw = x.T @ g
    dw[1, 2] *= -1
    return Case(root, {"W": dw.round(4)}, "sign", ("W[1,2]",))
