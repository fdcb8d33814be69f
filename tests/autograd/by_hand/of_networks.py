"""Mistakes in larger graphs, with fewer answers and fewer digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn.functional as F
from autograd import Tensor, Value, functions
from tests.autograd.by_hand.case import Case, case, named, rounded
from tests.autograd.support import leaf
from tests.seeds.seed_formulas import correlate


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


# Two inputs, two hidden and two output units, all sigmoid; half of the squared error, summed.
X, T = np.array([0.05, 0.10]), np.array([0.01, 0.99])
W, V = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])


def two_layers() -> tuple[Any, np.ndarray, np.ndarray]:
    """The loss, with weights w11 ... (unit, input) and v11 ... (output, unit); and what the two layers put out."""
    w = [[Value(W[i, j], f"w{i + 1}{j + 1}") for j in range(2)] for i in range(2)]
    v = [[Value(V[i, j], f"v{i + 1}{j + 1}") for j in range(2)] for i in range(2)]
    x = [Value(each, requires_grad=False) for each in X]
    h = [(row[0] * x[0] + row[1] * x[1] + 0.35).sigmoid() for row in w]
    o = [(row[0] * h[0] + row[1] * h[1] + 0.60).sigmoid() for row in v]
    loss = (o[0] - T[0]) ** 2 * 0.5 + (o[1] - T[1]) ** 2 * 0.5
    hidden = sigmoid(W @ X + 0.35)
    return loss, hidden, sigmoid(V @ hidden + 0.60)


def answers_of(dw: Any, dv: Any, places: int) -> dict[str, str]:
    numbers = {f"w{i + 1}{j + 1}": dw[i, j] for i, j in np.ndindex(2, 2)}
    numbers |= {f"v{i + 1}{j + 1}": dv[i, j] for i, j in np.ndindex(2, 2)}
    return rounded(numbers, places)


ALL = ("w11", "w12", "w21", "w22", "v11", "v12", "v21", "v22")


@case
def hidden_weights_by_way_of_the_first_output_alone() -> Case:
    loss, h, o = two_layers()
    delta = (o - T) * o * (1 - o)
    at_h = V[0] * delta[0]
    return Case(loss, answers_of(np.outer(at_h * h * (1 - h), X), np.outer(delta, h), 6), "missing path", ALL[:4])


@case
def outputs_without_the_sigmoid_s_derivative() -> Case:
    loss, h, o = two_layers()
    delta = o - T
    at_h = V.T @ delta
    return Case(loss, answers_of(np.outer(at_h * h * (1 - h), X), np.outer(delta, h), 5), "derivative left out", ALL)


@case
def the_error_s_sign_turned_round() -> Case:
    loss, h, o = two_layers()
    delta = (T - o) * o * (1 - o)
    at_h = V.T @ delta
    return Case(loss, answers_of(np.outer(at_h * h * (1 - h), X), np.outer(delta, h), 6), "sign", ALL)


@case
def numbered_weights_transposed() -> Case:
    loss, h, o = two_layers()
    delta = (o - T) * o * (1 - o)
    at_h = V.T @ delta
    dv = np.outer(delta, h)
    return Case(loss, answers_of(np.outer(at_h * h * (1 - h), X), dv.T, 6), "transposed", ("v12", "v21"))


@case
def the_hidden_deltas_with_v_not_transposed() -> Case:
    loss, h, o = two_layers()
    delta = (o - T) * o * (1 - o)
    at_h = V @ delta
    return Case(loss, answers_of(np.outer(at_h * h * (1 - h), X), np.outer(delta, h), 7), "transposed", ALL[:4])


def perceptron() -> tuple[Any, ...]:
    """x @ A + a -> relu -> @ B -> half squared error summed; with everything that goes into it."""
    rng = np.random.default_rng(21)
    x, A, a, B = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 4))
    t = rng.normal(size=(5, 4))
    h = F.relu(Tensor(x) @ leaf(A, "A") + leaf(a, "a"))
    y = named("y", h @ leaf(B, "B"))
    loss = ((y - Tensor(t)) ** 2).sum() * 0.5
    return loss, x, A, a, B, t


@case
def a_layer_of_closed_units_left_open() -> Case:
    loss, x, A, a, B, t = perceptron()
    z = x @ A + a
    delta = np.maximum(z, 0) @ B - t
    at_z = delta @ B.T
    answers = {"B": (np.maximum(z, 0).T @ delta).round(3), "A": (x.T @ at_z).round(3), "a": at_z.sum(0).round(3)}
    return Case(loss, answers, "closed gate left open", ("A", "a"))


@case
def the_second_weights_not_transposed() -> Case:
    loss, x, A, a, B, t = perceptron()
    z = x @ A + a
    delta = np.maximum(z, 0) @ B - t
    at_z = (delta @ B) * (z > 0)
    return Case(loss, {"y": delta, "A": x.T @ at_z, "a": at_z.sum(0)}, "transposed", ("A", "a"))


@case
def the_gate_by_the_upstream_s_sign() -> Case:
    """As in a visualisation by deconvolution: the gradient passes where it is positive itself."""
    loss, x, A, a, B, t = perceptron()
    delta = np.maximum(x @ A + a, 0) @ B - t
    at_z = np.maximum(delta @ B.T, 0)
    return Case(loss, {"A": (x.T @ at_z).round(4)}, "", ("A",))


@case
def normalisation_whose_mean_and_spread_are_taken_for_constants() -> Case:
    rng = np.random.default_rng(22)
    x, g = rng.normal(size=6), rng.normal(size=6)
    node = leaf(x, "x")
    centred = node - functions.mean(node)
    root = (centred / (functions.mean(centred * centred) + 1e-5).sqrt() * Tensor(g)).sum()
    return Case(root, {"x": (g / np.sqrt(x.var() + 1e-5)).round(4)}, "missing path", ("x",))


@case
def a_score_s_scale_forgotten() -> Case:
    rng = np.random.default_rng(23)
    q, k, g = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(3, 5))
    scores = (leaf(q, "q") @ leaf(k, "k").T) / 2.0
    root = (scores * Tensor(g)).sum()
    return Case(root, {"q": (g @ k).round(3), "k": (g.T @ q).round(3)}, "factor forgotten", ("q", "k"))


@case
def the_penalty_forgotten() -> Case:
    w, x = Value(1.21, "w"), Value(0.84, "x")
    loss = (w * x - 0.5) ** 2 + w * w * 0.3
    e = 1.21 * 0.84 - 0.5
    return Case(loss, {"w": f"{2 * e * 0.84:.4f}"}, "missing path", ("w",))


@case
def the_penalty_without_its_two() -> Case:
    w, x = Value(1.21, "w"), Value(0.84, "x")
    loss = (w * x - 0.5).exp() + w**2 * 0.3
    return Case(loss, {"w": f"{math.exp(1.21 * 0.84 - 0.5) * 0.84 + 0.3 * 1.21:.4f}"}, "wrong local derivative", ("w",))


@case
def one_minus_p_without_its_minus() -> Case:
    p = Value(0.37, "p")
    loss = -(p.log() * 0.8 + (1 - p).log() * 0.2)
    return Case(loss, {"p": f"{-0.8 / 0.37 - 0.2 / 0.63:.3f}"}, "sign", ("p",))


@case
def probabilities_without_the_labels() -> Case:
    z = [Value(each, f"z{i}") for i, each in enumerate((0.2, -1.1, 0.7), 1)]
    loss = F.cross_entropy(np.array([z]), np.array([2]))
    p = np.exp([0.2, -1.1, 0.7]) / np.exp([0.2, -1.1, 0.7]).sum()
    return Case(loss, rounded({"z1": p[0], "z2": p[1], "z3": p[2]}, 3), "missing path", ("z3",))


@case
def the_padding_not_cut_off() -> Case:
    rng = np.random.default_rng(24)
    x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
    root = (F.conv2d(leaf(x[None, None], "x"), leaf(w[None, None], "w"), padding=1) * g[None, None]).sum()
    padded = np.zeros((6, 6))
    for i, j in np.ndindex(4, 4):
        padded[i : i + 3, j : j + 3] += g[i, j] * w
    return Case(root, {"x": padded[:4, :4][None, None].round(4)}, "shifted", ("x",))


@case
def sixteen_weights_through_both_of_each_pair() -> Case:
    rng = np.random.default_rng(25)
    x, w, g = rng.normal(size=(5, 5)), rng.normal(size=(4, 4)), rng.normal(size=2)
    image = np.array([[Value(x[i, j], f"x{i + 1}{j + 1}") for j in range(5)] for i in range(5)])
    kernel = np.array([[Value(w[i, j], f"w{i + 1}{j + 1}") for j in range(4)] for i in range(4)])
    pools = F.max_pool2d(F.conv2d(image[None, None], kernel[None, None]), (1, 2))[0, 0, :, 0]
    loss = pools[0] * float(g[0]) + pools[1] * float(g[1])
    dw = correlate(x, np.repeat(g[:, None], 2, axis=1))
    answers = {f"w{i + 1}{j + 1}": dw[i, j] for i, j in np.ndindex(4, 4)}
    return Case(loss, rounded(answers, 3), "gradient to all", tuple(answers))


@case
def a_reciprocal_as_minus_one_over_x() -> Case:
    x, y = Value(1.7, "x"), Value(0.45, "y")
    root = x**-1 * y
    return Case(root, rounded({"x": -1 / 1.7 * 0.45, "y": 1 / 1.7}, 4), "wrong local derivative", ("x",))


@case
def a_cosine_without_its_minus() -> Case:
    x = Value(0.9, "x")
    root = (x * 1.4).cos() * 2.0
    return Case(root, {"x": f"{2.8 * math.sin(1.26):.4f}"}, "sign", ("x",))


def recurrence() -> tuple[Any, float, list[float]]:
    """h_t = tanh(w h_(t-1) + u x_t) for three steps, L = h3²: the loss, ∂L/∂h3, and each step's part of ∂L/∂w."""
    w, u, h = Value(0.7, "w"), Value(1.1, "u"), Value(0.3, requires_grad=False)
    before, states = 0.3, []
    for step, x in enumerate((0.5, -0.4, 0.8), 1):
        h = named(f"h{step}", (w * h + u * x).tanh())
        states.append((before, math.tanh(0.7 * before + 1.1 * x)))
        before = states[-1][1]
    parts, upstream = [], 2 * before
    for earlier, state in reversed(states):
        parts.append(upstream * (1 - state**2) * earlier)
        upstream *= (1 - state**2) * 0.7
    return h * h, 2 * before, parts


@case
def the_last_time_step_alone() -> Case:
    loss, at_h3, parts = recurrence()
    return Case(loss, rounded({"h3": at_h3, "w": parts[0]}, 5), "missing path", ("w",))


@case
def the_first_time_step_forgotten() -> Case:
    loss, at_h3, parts = recurrence()
    return Case(loss, rounded({"h3": at_h3, "w": parts[0] + parts[1]}, 5), "missing path", ("w",))


@case
def a_gradient_in_the_transposed_shape() -> Case:
    rng = np.random.default_rng(26)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    root = (leaf(a, "A") @ leaf(b, "B")).tanh().sum()
    return Case(root, {"A": (b @ (1 - np.tanh(a @ b) ** 2).T).round(4)}, "transposed", ("A",))


@case
def a_mean_squared_error_without_its_two() -> Case:
    rng = np.random.default_rng(27)
    y, t = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    return Case(F.mse_loss(leaf(y, "y"), Tensor(t)), {"y": ((y - t) / 6).round(4)}, "wrong local derivative", ("y",))


@case
def a_mask_forgotten() -> Case:
    rng = np.random.default_rng(28)
    x, g, mask = rng.normal(size=(2, 4)), rng.normal(size=(2, 4)), np.array([[2.0, 0, 0, 2], [0, 2, 2, 2]])
    root = (leaf(x, "x").tanh() * Tensor(mask) * Tensor(g)).sum()
    return Case(root, {"x": (g * (1 - np.tanh(x) ** 2)).round(4)}, "factor forgotten", ("x",))


@case
def two_elements_of_an_array_exchanged() -> Case:
    rng = np.random.default_rng(29)
    x, g = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    given = g * np.exp(x)
    given[0, 1], given[2, 0] = given[2, 0], given[0, 1]
    return Case((leaf(x, "x").exp() * Tensor(g)).sum(), {"x": given.round(3)}, "swapped", ("x[0,1]", "x[2,0]"))


@case
def a_table_of_two_digits_in_which_each_factor_stands_for_itself() -> Case:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    e = named("e", a * b)
    root = named("d", e + c) * Value(-2.0, "f")
    answers = [("d", "-2.0"), ("e", "-2.0"), ("c", "-2.0"), ("a", "-4.0"), ("b", "6.0"), ("f", "4.0")]
    return Case(root, answers, "swapped", ("a", "b"))
