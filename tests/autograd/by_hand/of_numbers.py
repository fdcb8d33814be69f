"""Mistakes in graphs of single numbers: gates, routes, softmax, shared weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn.functional as F
from autograd import Value, functions
from tests.autograd.by_hand.case import Case, case, named, rounded
from tests.seeds.seed_formulas import correlate


def two_units() -> tuple[Any, dict[str, float]]:
    """x -> h1 = relu(0.9 x) open, h2 = relu(-0.4 x) closed -> y = 1.5 h1 + 2.3 h2 -> (y - 1)²; the right gradients."""
    x, w1, w2 = Value(1.4, "x"), Value(0.9, "w1"), Value(-0.4, "w2")
    v1, v2 = Value(1.5, "v1"), Value(2.3, "v2")
    h1, h2 = named("h1", (w1 * x).relu()), named("h2", (w2 * x).relu())
    y = named("y", v1 * h1 + v2 * h2)
    at_y = 2 * (1.5 * 1.26 - 1)
    right = {"y": at_y, "h1": at_y * 1.5, "h2": at_y * 2.3, "v1": at_y * 1.26, "v2": 0.0}
    right |= {"w1": right["h1"] * 1.4, "w2": 0.0, "x": right["h1"] * 0.9}
    return (y - 1.0) ** 2, right


@case
def a_closed_relu_left_open() -> Case:
    root, right = two_units()
    answers = right | {"w2": right["h2"] * 1.4, "x": right["x"] + right["h2"] * -0.4}
    return Case(root, rounded(answers, 3), "closed gate left open", ("w2", "x"))


@case
def an_open_relu_closed() -> Case:
    root, right = two_units()
    return Case(root, rounded(right | {"w1": 0.0, "x": 0.0}, 3), "open gate closed", ("w1", "x"))


@case
def the_upstream_gradient_forgotten() -> Case:
    root, right = two_units()
    return Case(root, rounded(right | {"v1": 1.26}, 4), "upstream forgotten", ("v1",))


@case
def the_upstream_gradient_applied_twice() -> Case:
    w, x = Value(0.85, "w"), Value(1.3, "x")
    y = named("y", w * x)
    root = y.exp() * 0.7
    at_y = 0.7 * math.exp(0.85 * 1.3)
    answers = rounded({"y": at_y, "w": at_y * at_y * 1.3, "x": at_y * 0.85}, 4)
    return Case(root, answers, "upstream applied twice", ("w",))


@case
def the_activation_s_derivative_left_out() -> Case:
    w, x = Value(0.85, "w"), Value(1.3, "x")
    n = named("n", w * x)
    o = named("o", n.tanh())
    root = (o - 0.2) ** 2
    at_o = 2 * (math.tanh(1.105) - 0.2)
    answers = {"o": at_o, "n": at_o, "w": at_o * 1.3, "x": at_o * 0.85}
    return Case(root, rounded(answers, 4), "derivative left out", ("n",))


@case
def the_value_given_for_the_gradient() -> Case:
    root, right = two_units()
    return Case(root, rounded(right | {"h1": 1.26}, 4), "value for gradient", ("h1",))


@case
def the_update_given_for_the_gradient() -> Case:
    root, right = two_units()
    answers = rounded(right | {name: 0.1 * right[name] for name in ("v1", "w1")}, 5)
    return Case(root, answers, "update for gradient", ("v1", "w1"))


@case
def the_new_weight_given_for_the_gradient() -> Case:
    root, right = two_units()
    answers = rounded(right | {"w1": 0.9 - 0.01 * right["w1"], "v1": 1.5 - 0.01 * right["v1"]}, 5)
    return Case(root, answers, "update for gradient", ("v1", "w1"))


@case
def two_backward_passes_without_zeroing() -> Case:
    root, right = two_units()
    leaves = {name: 2 * right[name] for name in ("v1", "v2", "w1", "w2", "x")}
    return Case(root, rounded(leaves, 4), "accumulated twice", ("v1", "w1", "x"))


def three_units() -> tuple[Any, list[float]]:
    """x feeds three tanh units, summed with weights; and the three routes' products."""
    x = Value(0.62, "x")
    w, v = (0.9, -1.4, 0.35), (1.2, 0.8, -2.1)
    units = [named(f"h{i}", (Value(each, f"w{i}") * x).tanh()) for i, each in enumerate(w, 1)]
    root = functions.sum([Value(each, f"v{i}") * h for i, (each, h) in enumerate(zip(v, units, strict=True), 1)])
    return root, [a * (1 - math.tanh(0.62 * b) ** 2) * b for a, b in zip(v, w, strict=True)]


@case
def one_of_three_routes_forgotten() -> Case:
    root, routes = three_units()
    return Case(root, {"x": f"{routes[0] + routes[2]:.4f}", "h2": "0.8000"}, "missing path", ("x",))


@case
def only_one_of_three_routes() -> Case:
    root, routes = three_units()
    return Case(root, {"x": f"{routes[1]:.4f}"}, "missing path", ("x",))


@case
def a_route_counted_twice() -> Case:
    root, routes = three_units()
    return Case(root, {"x": f"{sum(routes) + routes[2]:.4f}"}, "path counted twice", ("x",))


def softmax_of_three() -> tuple[Any, list[float]]:
    z = [Value(number, f"z{i}") for i, number in enumerate((0.4, 1.3, -0.6), 1)]
    powers = [each.exp() for each in z]
    total = powers[0] + powers[1] + powers[2]
    p = [named(f"p{i}", each / total) for i, each in enumerate(powers, 1)]
    loss = -(p[0].log() * 0.2 + p[1].log() * 0.5 + p[2].log() * 0.3)
    e = np.exp([0.4, 1.3, -0.6])
    return loss, list(e / e.sum())


@case
def a_softmax_without_its_cross_terms() -> Case:
    root, p = softmax_of_three()
    y = (0.2, 0.5, 0.3)
    answers = {f"z{i + 1}": -y[i] / p[i] * p[i] * (1 - p[i]) for i in range(3)}
    return Case(root, rounded(answers, 4), "cross terms", ("z1", "z2", "z3"))


@case
def a_softmax_whose_sum_is_taken_for_a_constant() -> Case:
    root, _ = softmax_of_three()
    return Case(root, rounded({"z1": -0.2, "z2": -0.5, "z3": -0.3}, 3), "sum taken for a constant", ("z1", "z2", "z3"))


@case
def two_answers_exchanged() -> Case:
    root, right = two_units()
    return Case(root, rounded(right | {"v1": right["w1"], "w1": right["v1"]}, 4), "swapped", ("v1", "w1"))


@case
def another_weight_s_input_taken() -> Case:
    x1, x2, w1, w2 = Value(0.73, "x1"), Value(-1.18, "x2"), Value(0.42, "w1"), Value(0.91, "w2")
    y = named("y", x1 * w1 * 1.6 + x2 * w2)
    root = y**2
    at_y = 2 * (0.73 * 0.42 * 1.6 - 1.18 * 0.91)
    answers = {"y": at_y, "w1": at_y * 1.6 * 0.73, "w2": at_y * 0.73, "x1": at_y * 1.6 * 0.42}
    return Case(root, rounded(answers, 4), "wrong factor", ("w2",))


@case
def both_operands_of_a_maximum() -> Case:
    a, b = Value(1.32, "a"), Value(0.87, "b")
    root = functions.max([a * 1.7, b * 2.3]) * 0.9
    return Case(root, rounded({"a": 0.9 * 1.7, "b": 0.9 * 2.3}, 2), "gradient to all", ("b",))


@case
def the_sign_of_an_absolute_value() -> Case:
    w, x = Value(0.6, "w"), Value(1.9, "x")
    root = abs(w * x - 2.4) * 1.5
    return Case(root, rounded({"w": 1.5 * 1.9, "x": 1.5 * 0.6}, 3), "sign", ("w", "x"))


@case
def one_slip_at_the_top_and_right_steps_below() -> Case:
    x, w, v = Value(0.8, "x"), Value(1.1, "w"), Value(-0.6, "v")
    h = named("h", (w * x).sigmoid())
    y = named("y", v * h)
    root = (y - 0.5) ** 2
    s = 1 / (1 + math.exp(-0.88))
    at_y = -0.6 * s - 0.5  # the 2 is missing here
    at_h = at_y * -0.6
    answers = {"y": at_y, "v": at_y * s, "h": at_h, "w": at_h * s * (1 - s) * 0.8, "x": at_h * s * (1 - s) * 1.1}
    return Case(root, rounded(answers, 4), "wrong local derivative", ("y",))


def small_convolution() -> tuple[Any, np.ndarray, np.ndarray, np.ndarray]:
    """A 3x3 image of numbers x11 ... under a 2x2 kernel w11 ..., and weights g on the four results."""
    rng = np.random.default_rng(7)
    x, w, g = rng.normal(size=(3, 3)).round(2), rng.normal(size=(2, 2)).round(2), rng.normal(size=(2, 2)).round(2)
    image = np.array([[Value(x[i, j], f"x{i + 1}{j + 1}") for j in range(3)] for i in range(3)])
    kernel = np.array([[Value(w[i, j], f"w{i + 1}{j + 1}") for j in range(2)] for i in range(2)])
    out = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    return functions.sum(out * g), x, w, g


@case
def scalar_convolution_with_the_kernel_unrotated() -> Case:
    root, _x, w, g = small_convolution()
    turned = w[::-1, ::-1]
    dx = np.zeros((3, 3))
    for (i, j), (k, l) in [(a, b) for a in np.ndindex(2, 2) for b in np.ndindex(2, 2)]:
        dx[i + k, j + l] += g[i, j] * turned[k, l]
    answers = {f"x{i + 1}{j + 1}": dx[i, j] for i, j in np.ndindex(3, 3)}
    return Case(root, rounded(answers, 4), "kernel not rotated", tuple(answers))


@case
def a_shared_weight_s_gradient_averaged() -> Case:
    root, x, _, g = small_convolution()
    dw = correlate(x, g) / 4
    answers = {f"w{i + 1}{j + 1}": dw[i, j] for i, j in np.ndindex(2, 2)}
    return Case(root, rounded(answers, 4), "mean for sum", tuple(answers))


@case
def a_shared_weight_s_gradient_at_one_position() -> Case:
    root, x, _, g = small_convolution()
    answers = {f"w{i + 1}{j + 1}": g[0, 0] * x[i, j] for i, j in np.ndindex(2, 2)}
    return Case(root, rounded(answers, 4), "missing path", tuple(answers))
