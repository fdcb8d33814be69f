"""A catalogue of hand-made mistakes: a graph, the numbers that a learner would write down, and what was done wrong.

The numbers are worked out here by plain arithmetic, as on paper, with the mistake made on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import nn.functional as F
from autograd import Tensor, Value, functions
from tests.autograd.support import leaf
from tests.seeds import seed_formulas as document
from tests.seeds.seed_formulas import correlate

CASES: dict[str, Callable[[], Case]] = {}


class Case(NamedTuple):
    """One mistake: whose gradients were asked for, what was written down, what it is called, and where it was made."""

    root: Any
    answers: Any
    slip: str
    at: tuple[str, ...]  # answers, or arrays of them
    names: dict[str, Any] | None = None


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    CASES[build.__name__] = build
    return build


def named(name: str, node: Any) -> Any:
    node.name = name
    return node


def rounded(numbers: dict[str, float], places: int) -> dict[str, str]:
    """Numbers as a learner writes them, with so many places after the point."""
    return {name: f"{number:.{places}f}" for name, number in numbers.items()}


# ---- single numbers -----------------------------------------------------------------------------------------------


@case
def subtraction_without_its_sign() -> Case:
    a, b = Value(2.35, "a"), Value(0.72, "b")
    root = (a - b) ** 2
    slope = 2 * (2.35 - 0.72)
    return Case(root, {"a": round(slope, 4), "b": round(slope, 4)}, "sign", ("b",))


@case
def a_minus_forgotten_in_the_middle() -> Case:
    w, x, t = Value(0.8, "w"), Value(1.7, "x"), Value(0.4, "t", requires_grad=False)
    error = named("e", t - w * x)
    root = error * error
    e = 0.4 - 0.8 * 1.7
    return Case(root, rounded({"e": 2 * e, "w": 2 * e * 1.7, "x": 2 * e * 0.8}, 3), "sign", ("w", "x"))


@case
def the_last_use_overwrites_the_others() -> Case:
    a, b = Value(1.3, "a"), Value(-0.7, "b")
    d, e = named("d", a * b), named("e", a + b)
    root = d * e
    at_e, at_d = 1.3 * -0.7, 1.3 - 0.7
    return Case(root, {"d": at_d, "e": at_e, "a": at_d * -0.7, "b": at_d * 1.3}, "missing path", ("a", "b"))


@case
def the_derivative_of_exp_taken_as_x() -> Case:
    w, x = Value(0.83, "w"), Value(1.9, "x")
    n = named("n", w * x)
    root = n.exp()
    slope = 0.83 * 1.9
    return Case(root, rounded({"n": slope, "w": slope * 1.9, "x": slope * 0.83}, 4), "wrong local derivative", ("n",))


@case
def tanh_without_its_square() -> Case:
    x1, x2, w1, w2 = Value(2.0, "x1"), Value(0.0, "x2"), Value(-3.0, "w1"), Value(1.0, "w2")
    b = Value(6.8813735870195432, "b")
    n = named("n", x1 * w1 + x2 * w2 + b)
    o = n.tanh()
    at_n = 1 - math.tanh(-6.0 + 6.8813735870195432)
    answers = {"n": at_n, "w1": at_n * 2, "w2": 0.0, "x1": at_n * -3, "x2": at_n, "b": at_n}
    return Case(o, rounded(answers, 4), "wrong local derivative", ("n",))


@case
def tanh_at_its_argument() -> Case:
    w, x = Value(0.6, "w"), Value(0.9, "x")
    root = named("L", (w * x).tanh())
    z = 0.54
    return Case(root, {"w": round(0.9 * (1 - z * z), 4), "x": round(0.6 * (1 - z * z), 4)}, "derivative at the wrong point", ("w", "x"))


@case
def sigmoid_at_its_argument() -> Case:
    w, x, b = Value(0.45, "w"), Value(1.2, "x"), Value(-0.23, "b")
    z = named("z", w * x + b)
    p = named("p", z.sigmoid())
    root = -p.log()
    v = 0.45 * 1.2 - 0.23
    at_p = -(1 + math.exp(-v))
    at_z = at_p * v * (1 - v)
    answers = {"p": at_p, "z": at_z, "w": at_z * 1.2, "b": at_z}
    return Case(root, rounded(answers, 4), "derivative at the wrong point", ("z",))


@case
def sigmoid_without_one_minus() -> Case:
    w, x = Value(0.45, "w"), Value(1.2, "x")
    root = ((w * x).sigmoid() - 1.0) ** 2
    s = 1 / (1 + math.exp(-0.54))
    return Case(root, {"w": f"{2 * (s - 1) * s * 1.2:.5f}"}, "wrong local derivative", ("w",))


@case
def a_square_without_its_two() -> Case:
    w, x = Value(1.37, "w"), Value(0.64, "x")
    root = (w * x - 0.25) ** 2
    e = 1.37 * 0.64 - 0.25
    return Case(root, rounded({"w": e * 0.64, "x": e * 1.37}, 4), "wrong local derivative", ("w", "x"))


@case
def a_quotient_without_its_minus() -> Case:
    a, b = Value(1.4, "a"), Value(0.6, "b")
    root = a / b
    return Case(root, rounded({"a": 1 / 0.6, "b": 1.4 / 0.36}, 3), "quotient rule", ("b",))


@case
def a_quotient_whose_denominator_is_not_squared() -> Case:
    a, b, c = Value(1.4, "a"), Value(0.6, "b"), Value(2.2, "c")
    root = (a / b) * c
    return Case(root, rounded({"a": 2.2 / 0.6, "b": -1.4 / 0.6 * 2.2, "c": 1.4 / 0.6}, 3), "quotient rule", ("b",))


@case
def the_logarithm_not_inverted() -> Case:
    x, w = Value(1.3, "x"), Value(0.7, "w")
    root = (x * w).log() * 2.0
    return Case(root, rounded({"x": 2 * 0.91 * 0.7, "w": 2 * 0.91 * 1.3}, 4), "wrong local derivative", ("x", "w"))


@case
def a_square_root_without_its_half() -> Case:
    x, y = Value(1.3, "x"), Value(2.6, "y")
    root = (x * x + y * y).sqrt()
    r = math.hypot(1.3, 2.6)
    return Case(root, rounded({"x": 2 * 1.3 / r, "y": 2 * 2.6 / r}, 4), "wrong local derivative", ("x", "y"))


@case
def a_power_whose_exponent_is_not_lowered() -> Case:
    x, k = Value(1.15, "x"), Value(0.3, "k")
    root = k * x**3
    return Case(root, rounded({"x": 0.3 * 3 * 1.15**3, "k": 1.15**3}, 4), "wrong local derivative", ("x",))


@case
def the_sine_s_derivative_negative() -> Case:
    x, y = Value(0.7, "x"), Value(1.1, "y")
    root = (x * y).sin()
    slope = -math.cos(0.77)
    return Case(root, rounded({"x": slope * 1.1, "y": slope * 0.7}, 4), "sign", ("x", "y"))


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
    return Case(root, rounded({"y": at_y, "w": at_y * at_y * 1.3, "x": at_y * 0.85}, 4), "upstream applied twice", ("w",))


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
    return Case(root, rounded(right | {name: 0.1 * right[name] for name in ("v1", "w1")}, 5), "update for gradient", ("v1", "w1"))


@case
def the_new_weight_given_for_the_gradient() -> Case:
    root, right = two_units()
    return Case(root, rounded(right | {"w1": 0.9 - 0.01 * right["w1"], "v1": 1.5 - 0.01 * right["v1"]}, 5), "update for gradient", ("v1", "w1"))


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
    root, x, w, g = small_convolution()
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


# ---- arrays -------------------------------------------------------------------------------------------------------


def dense(samples: int = 4, inputs: int = 3, outputs: int = 3) -> tuple[Any, ...]:
    """y = x @ W + b, L = sum(y * G): the root, and x, W, G as arrays."""
    rng = np.random.default_rng(11)
    x, w, g = rng.normal(size=(samples, inputs)), rng.normal(size=(inputs, outputs)), rng.normal(size=(samples, outputs))
    b = rng.normal(size=outputs)
    y = leaf(x, "x") @ leaf(w, "W") + leaf(b, "b")
    return (y * Tensor(g)).sum(), x, w, g


@case
def a_weight_matrix_s_gradient_transposed() -> Case:
    root, x, w, g = dense()
    return Case(root, {"W": (x.T @ g).T, "b": g.sum(0)}, "transposed", ("W",))


@case
def the_weights_not_transposed_on_the_way_back() -> Case:
    root, x, w, g = dense()
    return Case(root, {"x": (g @ w).round(4), "W": (x.T @ g).round(4)}, "transposed", ("x",))


@case
def the_bias_of_the_first_sample_alone() -> Case:
    root, x, w, g = dense()
    return Case(root, {"b": [f"{each:.4f}" for each in g[0]]}, "broadcast sum forgotten", ("b",))


@case
def the_bias_averaged_over_the_batch() -> Case:
    root, x, w, g = dense()
    return Case(root, {"b": g.mean(0), "W": x.T @ g}, "mean for sum", ("b",))


@case
def the_bias_summed_over_the_wrong_axis() -> Case:
    root, x, w, g = dense(samples=3)
    return Case(root, {"b": g.sum(1).round(3)}, "summed over the wrong axis", ("b",))


@case
def the_weights_of_one_sample_alone() -> Case:
    root, x, w, g = dense()
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
    z, p, y, labels = classifier()
    return Case(F.cross_entropy(z, labels), {"z": (p / 4).round(4)}, "missing path", ("z",))


@case
def a_softmax_of_arrays_without_its_cross_terms() -> Case:
    z, p, y, labels = classifier()
    root = -(F.softmax(z, -1).log() * Tensor(y)).sum()
    return Case(root, {"z": (-y * (1 - p)).round(4)}, "cross terms", ("z",))


@case
def the_printed_convolution_back() -> Case:
    """Document 004's dL/dx with its index turned round, w_(m-i)(n-j): the kernel is not rotated."""
    rng = np.random.default_rng(4)
    x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
    root = (F.conv2d(leaf(x[None, None], "x"), leaf(w[None, None], "w"), padding=1) * g[None, None]).sum()
    printed = document.conv_back_input(g[:, :, None], x[:, :, None], w[:, :, None, None], sign=-1)[:, :, 0]
    return Case(root, {"x": printed[None, None].round(4), "w": correlate(np.pad(x, 1), g)[None, None]}, "kernel not rotated", ("x",))


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
    root, x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, np.ones((2, 2)))[None, None].round(4)}, "gradient to all", ("x",))


@case
def max_pooling_shared() -> Case:
    root, x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, np.full((2, 2), 0.25))[None, None]}, "gradient shared", ("x",))


@case
def max_pooling_always_to_the_first() -> Case:
    root, x, g = pooled(F.max_pool2d)
    return Case(root, {"x": np.kron(g, [[1.0, 0.0], [0.0, 0.0]])[None, None].round(4)}, "wrong winner", ("x",))


@case
def average_pooling_without_its_divisor() -> Case:
    root, x, g = pooled(F.avg_pool2d)
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
    root, x, w, g = dense()
    dw = x.T @ g
    dw[1, 2] *= -1
    return Case(root, {"W": dw.round(4)}, "sign", ("W[1,2]",))
