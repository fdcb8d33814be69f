"""Mistakes of every kind, written down when the search for them was done."""

from __future__ import annotations

import math

import numpy as np

import nn.functional as F
from autograd import Tensor, Value, functions
from tests.autograd.by_hand.case import Case, case, named, rounded
from tests.autograd.support import leaf


@case
def the_inner_minus_of_a_sigmoid_written_out() -> Case:
    x = Value(0.62, "x")
    root = 1 / (1 + (-x).exp()) * 2.5
    s = 1 / (1 + math.exp(-0.62))
    return Case(root, {"x": f"{-2.5 * s * (1 - s):.4f}"}, "sign", ("x",))


@case
def the_second_sample_alone() -> Case:
    w1, w2 = Value(0.4, "w1"), Value(-0.9, "w2")
    data = ((1.0, 2.0, 0.5), (-1.5, 0.7, 1.2))
    root = functions.sum([(w1 * a + w2 * b - t) ** 2 for a, b, t in data])
    e = 0.4 * -1.5 - 0.9 * 0.7 - 1.2
    return Case(root, rounded({"w1": 2 * e * -1.5, "w2": 2 * e * 0.7}, 3), "missing path", ("w1", "w2"))


@case
def the_mean_of_numbers_not_divided() -> Case:
    w = Value(0.4, "w")
    data = ((1.0, 0.5), (-1.5, 1.2), (0.3, -0.2), (2.2, 0.9))
    root = functions.mean([(w * a - t) ** 2 for a, t in data])
    return Case(root, {"w": f"{sum(2 * (0.4 * a - t) * a for a, t in data):.4f}"}, "mean forgotten", ("w",))


@case
def a_matrix_used_twice_once() -> Case:
    rng = np.random.default_rng(31)
    a, g = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    node = leaf(a, "A")
    return Case(((node @ node) * Tensor(g)).sum(), {"A": (g @ a.T).round(4)}, "missing path", ("A",))


@case
def the_leak_of_a_rectifier_forgotten() -> Case:
    rng = np.random.default_rng(32)
    x, g = rng.normal(size=8), rng.normal(size=8)
    return Case((F.leaky_relu(leaf(x, "x"), 0.1) * Tensor(g)).sum(), {"x": g.round(4)}, "factor forgotten", ("x",))


@case
def a_hinge_without_its_minus() -> Case:
    w, b = Value(0.31, "w"), Value(0.12, "b")
    root = (1 - (w * 0.8 + b) * 1.0).relu() + (1 + (w * -1.3 + b) * 1.0).relu() * 0.5
    return Case(root, rounded({"w": 0.8 + 0.5 * -1.3, "b": 1.5}, 2), "sign", ("w", "b"))


@case
def a_derivative_applied_twice() -> Case:
    x, w, v = Value(0.9, "x"), Value(0.75, "w"), Value(1.6, "v")
    h = named("h", (w * x).tanh())
    root = (v * h).tanh()
    t = math.tanh(0.675)
    o = math.tanh(1.6 * t)
    at_h = (1 - o * o) * 1.6
    answers = rounded({"v": (1 - o * o) * t, "h": at_h, "w": at_h * (1 - t * t) ** 2 * 0.9}, 5)
    return Case(root, answers, "derivative applied twice", ("w",))


@case
def one_channel_of_two() -> Case:
    rng = np.random.default_rng(33)
    x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(2, 2, 2)), rng.normal(size=(2, 3, 3))
    root = (F.conv2d(leaf(x[None, None], "x"), leaf(w[:, None], "w")) * g[None]).sum()
    dx = np.zeros((4, 4))
    for i, j in np.ndindex(3, 3):
        dx[i : i + 2, j : j + 2] += g[0, i, j] * w[0]
    return Case(root, {"x": dx[None, None].round(4)}, "one channel only", ("x",))


@case
def a_tie_shared() -> Case:
    a, b = Value(1.5, "a"), Value(0.75, "b")
    root = functions.max([a, b * 2.0, Value(0.1, "c")]) ** 2
    return Case(root, rounded({"a": 1.5, "b": 3.0}, 3), "wrong winner", ("a", "b"))


@case
def a_log_softmax_by_its_diagonal() -> Case:
    z = [Value(v, f"z{i}") for i, v in enumerate((0.5, -0.3, 1.1), 1)]
    logs = F.log_softmax(np.array(z), 0)
    root = logs[0] * -0.6 + logs[2] * -0.4
    p = np.exp([0.5, -0.3, 1.1])
    p /= p.sum()
    answers = rounded({"z1": -0.6 * (1 - p[0]), "z2": 0.0, "z3": -0.4 * (1 - p[2])}, 4)
    return Case(root, answers, "cross terms", ("z1", "z2", "z3"))


@case
def the_pre_activation_s_for_the_activation_s() -> Case:
    x, w, v = Value(0.9, "x"), Value(0.75, "w"), Value(1.6, "v")
    n = named("n", w * x)
    h = named("h", n.sigmoid())
    root = (v * h - 0.3) ** 2
    s = 1 / (1 + math.exp(-0.675))
    at_h = 2 * (1.6 * s - 0.3) * 1.6
    at_n = at_h * s * (1 - s)
    return Case(root, rounded({"h": at_n, "n": at_n, "w": at_n * 0.9}, 4), "another node's gradient", ("h",))


@case
def a_row_in_reverse() -> Case:
    rng = np.random.default_rng(34)
    x, g = rng.normal(size=5), rng.normal(size=5)
    return Case((leaf(x, "x").exp() * Tensor(g)).sum(), {"x": (g * np.exp(x))[::-1].round(3)}, "flipped", ("x",))


@case
def a_cube_as_two_factors() -> Case:
    x = Value(1.3, "x")
    return Case(x * x * x * 0.7, {"x": f"{0.7 * 2 * 1.69:.4f}"}, "missing path", ("x",))


@case
def one_of_two_units_without_its_derivative() -> Case:
    x, w1, w2 = Value(0.7, "x"), Value(1.3, "w1"), Value(-0.8, "w2")
    h1, h2 = named("h1", (w1 * x).sigmoid()), named("h2", (w2 * x).sigmoid())
    root = (h1 * 1.4 + h2 * 2.2) ** 2
    s1, s2 = (1 / (1 + math.exp(-0.7 * w)) for w in (1.3, -0.8))
    up = 2 * (1.4 * s1 + 2.2 * s2)
    answers = rounded({"h1": up * 1.4, "h2": up * 2.2, "w1": up * 1.4 * 0.7, "w2": up * 2.2 * s2 * (1 - s2) * 0.7}, 4)
    return Case(root, answers, "derivative left out", ("w1",))


@case
def the_error_taken_the_other_way_round() -> Case:
    x, w = Value(0.7, "x"), Value(1.3, "w")
    y = named("y", (w * x).tanh())
    root = (y - 0.2) ** 2
    t = math.tanh(0.91)
    at = 2 * (0.2 - t)
    return Case(root, rounded({"y": at, "w": at * (1 - t * t) * 0.7, "x": at * (1 - t * t) * 1.3}, 4), "sign", ("y",))


@case
def a_weight_gradient_as_g_transposed_x() -> Case:
    rng = np.random.default_rng(35)
    x, w, t = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=(5, 2))
    root = ((Tensor(x) @ leaf(w, "W") - Tensor(t)) ** 2).sum()
    return Case(root, {"W": ((2 * (x @ w - t)).T @ x).round(3)}, "transposed", ("W",))


@case
def a_root_s_exponent_not_lowered() -> Case:
    x, y = Value(2.3, "x"), Value(0.9, "y")
    answers = rounded({"x": 1.5 * math.sqrt(2.07) * 0.9, "y": 1.5 * math.sqrt(2.07) * 2.3}, 3)
    return Case((x * y) ** 0.5 * 3, answers, "wrong local derivative", ("x", "y"))


@case
def a_fraction_with_the_wrong_sign() -> Case:
    x, y = Value(1.0, "x"), Value(-3.0, "y")
    root = (x / 3 + y) ** 2
    return Case(root, {"x": "16/9", "y": "-16/3"}, "sign", ("x",))


@case
def the_gates_of_two_units_exchanged() -> Case:
    x, w1, w2 = Value(0.7, "x"), Value(1.3, "w1"), Value(-0.8, "w2")
    root = ((w1 * x).relu() * 1.4 + (w2 * x).relu() * 2.2) ** 2
    up = 2 * 1.4 * 0.91
    answers = rounded({"w1": 0.0, "w2": up * 2.2 * 0.7, "x": up * 2.2 * -0.8}, 3)
    return Case(root, answers, "wrong local derivative", ("w1", "w2", "x"))
