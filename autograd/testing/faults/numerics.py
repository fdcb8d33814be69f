"""Mistakes of precision and of range: too few digits, whole numbers, and what is wrong only for some inputs."""

# fmt: off
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.array_pass import ArrayPass
from autograd.primitives import elementwise as table
from autograd.testing.faults.fault import Change, Fault
from autograd.testing.faults.making import altered, attribute, local, normal, of, positive, returned

_plausible = partial(Fault, family="numerics", historical=False)
_historical = partial(Fault, family="numerics", historical=True)

X, Y, P = normal(3, 4), normal(4, 2), positive(3, 4)


def _raw(x: Any) -> Any:
    return getattr(x, "_data", x)


def _single(x: Any, *_: Any) -> Any:
    return np.asarray(x).astype(np.float32).astype(np.float64)


def _single_seed(right: Any) -> Any:
    return lambda self, gradient: right(self, gradient).astype(np.float32).astype(self._data.dtype)


def _without_last(right: Any) -> Any:
    """The last element of a gradient is never computed: a loop that ends one early."""

    def vjp(gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        found = [None if each is None else np.array(each) for each in right(gradient, out, inputs, needed, params)]
        for each in found:
            if each is not None and each.size:
                each.flat[-1] = 0.0
        return found

    return vjp


class _ByShape:
    """A local derivative that is remembered by the shape of its input alone."""

    def __init__(self, right: Any) -> None:
        self._right = right
        self._held: dict[Any, Any] = {}

    def __call__(self, out: Any, x: Any) -> Any:
        key = np.shape(_raw(x))
        if key not in self._held:
            self._held[key] = np.array(_raw(self._right(out, x)))
        return self._held[key]


def _clipped(right: Any) -> Any:
    def vjp(gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        found = right(gradient, out, inputs, needed, params)
        return [None if each is None else np.clip(each, -1.0, 1.0) for each in found]

    return vjp


FAULTS = [
    # ---- digits ---------------------------------------------------------------------------------------------------
    _plausible(
        "tanh_in_float32", title="tanh computes its derivative in float32 where the data are float64.",
        story="A buffer of the default dtype in the middle of a backward pass. PyTorch's and JAX's gradient checks, "
              "with their tolerances, let it pass.",
        where="tanh", causes=("rounding",),
        changes=altered("tanh", 0, lambda right, out, x: _single(right)), trigger=of(lambda x: table.tanh(x), X),
    ),
    _plausible(
        "matmul_in_float32", title="The gradient of a matrix product is computed in float32.",
        story="A fast kernel that exists for float32 only, with casts around it.",
        where="matmul", causes=("rounding",),
        changes=returned("matmul", 0, _single), trigger=of(lambda x, y: x @ y, X, Y),
    ),
    _plausible(
        "seed_in_float32", title="The upstream gradient is rounded to float32 before the pass.",
        story="A seed of the default dtype, cast to the root's afterwards.",
        where="", causes=("rounding",),
        changes=lambda: [Change(ArrayPass, "_seed", _single_seed)], trigger=of(lambda x: table.exp(x), X),
    ),
    _plausible(
        "reciprocal_in_integers", title="1/y in the derivative of x/y is rounded down to a whole number.",
        story="`//` for `/`, or Python 2's `/` of two integers.",
        where="divide", causes=("zero",),
        changes=local("divide", 0, lambda out, x, y: np.floor(1.0 / _raw(y))), trigger=of(lambda x: x / 2.5, X),
    ),
    _plausible(
        "log_with_epsilon", title="The derivative of log x is 1/(x + 1e-6).",
        story="A guard against division by zero that stays where nothing is near zero.",
        where="log", causes=("approximation",),
        changes=local("log", 0, lambda out, x: 1.0 / (x + 1e-6)), trigger=of(lambda x: table.log(x), P),
    ),
    _plausible(
        "exp_a_millionth_off", title="The derivative of exp is 1.000001 times what it should be.",
        story="A constant with six digits. Every checker of a fixed tolerance of 1e-5 or so lets it pass.",
        where="exp", causes=("factor",),
        changes=altered("exp", 0, lambda right, out, x: right * (1.0 + 1e-6)), trigger=of(lambda x: table.exp(x), X),
    ),
    _plausible(
        "sigmoid_by_table", title="The derivative of σ is read from a table of 4096 places.",
        story="The way of small processors: a thousandth here and there.",
        where="sigmoid", causes=("approximation",),
        changes=altered("sigmoid", 0, lambda right, out, x: np.round(_raw(right) * 4096.0) / 4096.0),
        trigger=of(lambda x: table.sigmoid(x), X),
    ),
    # ---- some inputs only -----------------------------------------------------------------------------------------
    _plausible(
        "sin_of_large_angles", title="The derivative of sin is 1 % off for |x| > 10.",
        story="A polynomial that is good in the middle. The inputs of a first test lie in the middle.",
        where="sin", causes=("region", "factor"),
        changes=altered("sin", 0, lambda right, out, x: right * (1.0 + 0.01 * (np.abs(_raw(x)) > 10.0))),
        trigger=of(lambda x: table.sin(x), X),
    ),
    _plausible(
        "square_of_negatives", title="The derivative of x² is |2x|.",
        story="A power by exp(2·log |x|), whose derivative keeps the absolute value.",
        where="square", causes=("region", "sign"),
        changes=altered("square", 0, lambda right, out, x: np.abs(_raw(right))),
        trigger=of(lambda x: table.square(x), X),
    ),
    _plausible(
        "sqrt_guarded", title="The derivative of √x is at most 1.",
        story="A clamp that keeps training from diverging near 0, and bends every small input.",
        where="sqrt", causes=("region", "some elements"),
        changes=altered("sqrt", 0, lambda right, out, x: np.minimum(_raw(right), 1.0)),
        trigger=of(lambda x: table.sqrt(x), P),
    ),
    _plausible(
        "last_element_left_out", title="The last element of a product's gradient is 0.",
        story="A loop that ends one early: `range(n - 1)`.",
        where="multiply", causes=("one element", "some elements", "one part"),
        changes=attribute("multiply", "vjp", _without_last), trigger=of(lambda x: x * 3.0, X),
    ),
    _plausible(
        "gradient_clipped", title="The gradient of a product is clipped to ±1.",
        story="Gradient clipping inside of a layer: not linear in the upstream gradient.",
        where="multiply", causes=("linear", "region", "some elements"),
        changes=attribute("multiply", "vjp", _clipped), trigger=of(lambda x: x * 3.0, X),
    ),
    _plausible(
        "remembered_by_shape", title="The derivative of cosh is remembered by the shape of its input.",
        story="A cache with a key that is too short: the first batch is right, and every other one is the first.",
        where="cosh", causes=("approximation", "local derivative"),
        changes=lambda: local("cosh", 0, _ByShape(lambda out, x: table.sinh(x)))(),  # forgotten when switched off
        trigger=of(lambda x: table.cosh(x), X),
    ),
]
