"""Mistakes in one rule: a sign, a factor, a derivative that is another one."""

from __future__ import annotations

import math

from autograd import Value
from tests.autograd.by_hand.case import Case, case, named, rounded


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
    answers = {"w": round(0.9 * (1 - z * z), 4), "x": round(0.6 * (1 - z * z), 4)}
    return Case(root, answers, "derivative at the wrong point", ("w", "x"))


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
