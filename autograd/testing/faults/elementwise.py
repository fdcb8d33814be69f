"""Mistakes in the derivatives of elementwise functions: signs, factors, powers, branches, ties."""

# fmt: off
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd import functions as f
from autograd.primitives import elementwise as table
from autograd.testing.faults.fault import Fault
from autograd.testing.faults.making import altered, attribute, local, normal, of, positive

_plausible = partial(Fault, family="elementwise", historical=False)
_historical = partial(Fault, family="elementwise", historical=True)

X, Y = normal(3, 4), normal(3, 4, seed=1)
P, Q = positive(3, 4), positive(3, 4, seed=1)


def _raw(x: Any) -> Any:
    return getattr(x, "_data", x)


def _naive_logistic(out: Any, x: Any) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(_raw(x)) / (1.0 + np.exp(_raw(x)))


def _guided(right: Any) -> Any:
    def vjp(gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        found = right(gradient, out, inputs, needed, params)
        return [None if each is None else each * (gradient > 0) for each in found]

    return vjp


FAULTS = [
    # ---- signs ----------------------------------------------------------------------------------------------------
    _plausible(
        "cos_without_minus", title="The derivative of cos is taken to be sin.",
        story="The minus sign that everyone forgets once; cos and cosh side by side in a table invite it.",
        where="cos", causes=("sign",),
        changes=local("cos", 0, lambda out, x: table.sin(x)), trigger=of(lambda x: table.cos(x), X),
    ),
    _plausible(
        "cosh_with_minus", title="The derivative of cosh is taken to be −sinh.",
        story="Copied from the line of cos, whose minus sign came along.",
        where="cosh", causes=("sign",),
        changes=local("cosh", 0, lambda out, x: -table.sinh(x)), trigger=of(lambda x: table.cosh(x), X),
    ),
    _plausible(
        "subtract_as_add", title="The second operand of a difference receives +g.",
        story="A subtraction declared by copying the line of the addition.",
        where="subtract", causes=("sign",),
        changes=local("subtract", 1, 1.0), trigger=of(lambda x, y: x - y, X, Y),
    ),
    _plausible(
        "quotient_without_minus", title="The denominator of a quotient receives +x/y² instead of −x/y².",
        story="The quotient rule's minus sign, lost when the rule is split into one line for each operand.",
        where="divide", causes=("sign",),
        changes=local("divide", 1, lambda out, x, y: out / y), trigger=of(lambda x, y: x / y, X, P),
    ),
    _plausible(
        "absolute_without_sign", title="The derivative of |x| is 1 everywhere.",
        story="Right for every positive number, and so for every test that was written with positive numbers.",
        where="absolute", causes=("region", "local derivative missing"),
        changes=local("absolute", 0, lambda out, x, abs=0.0: 1.0 + 0.0 * x),
        trigger=of(lambda x: table.absolute(x), X),
    ),
    # ---- factors and powers ---------------------------------------------------------------------------------------
    _plausible(
        "square_without_two", title="The derivative of x² is x.",
        story="The ½ of ½x² is so usual in losses that its factor 2 is forgotten where there is no ½.",
        where="square", causes=("half",),
        changes=local("square", 0, lambda out, x: x), trigger=of(lambda x: table.square(x), X),
    ),
    _plausible(
        "sqrt_without_half", title="The derivative of √x is 1/√x.",
        story="The power comes down by one, but the factor ½ is not written.",
        where="sqrt", causes=("double",),
        changes=local("sqrt", 0, lambda out, x: 1.0 / out), trigger=of(lambda x: table.sqrt(x), P),
    ),
    _plausible(
        "power_keeps_exponent", title="The derivative of x^y is y·x^y.",
        story="The factor comes down and the exponent stays.",
        where="power", causes=("missing factor",),
        changes=local("power", 0, lambda out, x, y: y * out), trigger=of(lambda x: x**3.0, P),
    ),
    _plausible(
        "power_without_factor", title="The derivative of x^y is x^(y − 1).",
        story="The exponent is lowered and the factor y is forgotten.",
        where="power", causes=("factor",),
        changes=local("power", 0, lambda out, x, y: out / x), trigger=of(lambda x: x**3.0, P),
    ),
    _plausible(
        "power_without_log", title="The derivative of x^y with respect to y is x^y, without log x.",
        story="What is true of e^y, taken for every base.",
        where="power", causes=("local derivative",),
        changes=local("power", 1, lambda out, x, y: out), trigger=of(lambda y: 3.0**y, X),
    ),
    _plausible(
        "logarithm_of_another_base", title="The derivative of log x is that of log₁₀ x.",
        story="`log` is the natural logarithm in one library and the decimal one on a pocket calculator.",
        where="log", causes=("factor",),
        changes=local("log", 0, lambda out, x: 1.0 / (x * np.log(10.0))), trigger=of(lambda x: table.log(x), P),
    ),
    _plausible(
        "erf_without_constant", title="The derivative of erf is exp(−x²), without 2/√π.",
        story="The constant in front of the integral is not part of what one differentiates by heart.",
        where="erf", causes=("factor",),
        changes=local("erf", 0, lambda out, x: table.exp(-(x * x))), trigger=of(lambda x: table.erf(x), X),
    ),
    _plausible(
        "quotient_without_square", title="The denominator of x/y receives −x/y instead of −x/y².",
        story="The output is at hand and is already divided once.",
        where="divide", causes=("missing factor",),
        changes=local("divide", 1, lambda out, x, y: -out), trigger=of(lambda y: 1.5 / y, P),
    ),
    # ---- a wrong chain factor -------------------------------------------------------------------------------------
    _plausible(
        "exp_handed_on", title="The derivative of exp is 1: the upstream gradient is handed on as it is.",
        story="\"exp is its own derivative\", and the output is not multiplied in.",
        where="exp", causes=("local derivative missing",),
        changes=local("exp", 0, 1.0), trigger=of(lambda x: table.exp(x), X),
    ),
    _plausible(
        "tanh_not_squared", title="The derivative of tanh is 1 − out instead of 1 − out².",
        story="Beside σ' = out·(1 − out) it looks right.",
        where="tanh", causes=("local derivative",),
        changes=local("tanh", 0, lambda out, x: 1.0 - out), trigger=of(lambda x: table.tanh(x), X),
    ),
    _plausible(
        "tanh_of_its_input", title="The derivative of tanh is 1 − x² instead of 1 − out².",
        story="micrograd keeps the output in a local variable; who stores the input instead squares the wrong one.",
        where="tanh", causes=("local derivative", "approximation"),
        changes=local("tanh", 0, lambda out, x: 1.0 - x * x), trigger=of(lambda x: table.tanh(x), X),
    ),
    _plausible(
        "sigmoid_without_second_factor", title="The derivative of σ is out instead of out·(1 − out).",
        story="What is right for exp, in the line of σ.",
        where="sigmoid", causes=("local derivative",),
        changes=local("sigmoid", 0, lambda out, x: out), trigger=of(lambda x: table.sigmoid(x), X),
    ),
    _plausible(
        "tan_without_one", title="The derivative of tan is out² instead of 1 + out².",
        story="A term of a sum lost in copying; at large outputs it hardly shows.",
        where="tan", causes=("local derivative", "extra term"),
        changes=local("tan", 0, lambda out, x: out * out), trigger=of(lambda x: table.tan(x), X),
    ),
    _plausible(
        "expm1_without_one", title="The derivative of e^x − 1 is the output, which lacks the 1.",
        story="The rule of exp, taken over for expm1, whose output is not e^x.",
        where="expm1", causes=("local derivative", "extra term"),
        changes=local("expm1", 0, lambda out, x: out), trigger=of(lambda x: table.expm1(x), X),
    ),
    _plausible(
        "log1p_as_log", title="The derivative of log(1 + x) is 1/x.",
        story="The argument of the logarithm is 1 + x, the argument of the function is x.",
        where="log1p", causes=("local derivative", "missing factor"),
        changes=local("log1p", 0, lambda out, x: 1.0 / x), trigger=of(lambda x: table.log1p(x), P),
    ),
    _plausible(
        "arctan_not_squared", title="The derivative of arctan is 1/(1 + x).",
        story="A square lost between paper and keyboard.",
        where="arctan", causes=("local derivative", "missing factor"),
        changes=local("arctan", 0, lambda out, x: 1.0 / (1.0 + x)), trigger=of(lambda x: table.arctan(x), P),
    ),
    _plausible(
        "product_of_own_factors", title="In x·y each factor receives itself instead of the other.",
        story="The two lines of the product rule exchanged; on equal operands nothing shows.",
        where="multiply", causes=("swapped inputs", "missing factor", "local derivative"),
        changes=lambda: [*local("multiply", 0, lambda out, x, y: x)(), *local("multiply", 1, lambda out, x, y: y)()],
        trigger=of(lambda x, y: x * y, X, Y),
    ),
    _plausible(
        "logaddexp_exchanged", title="In log(e^x + e^y) the shares of x and y are exchanged.",
        story="A sign inside the sigmoid; where x = y, the usual first test, both shares are ½.",
        where="logaddexp", causes=("swapped inputs",),
        changes=lambda: [
            *local("logaddexp", 0, lambda out, x, y: table.sigmoid(y - x))(),
            *local("logaddexp", 1, lambda out, x, y: table.sigmoid(x - y))(),
        ],
        trigger=of(lambda x, y: table.logaddexp(x, y), X, Y),
    ),
    # ---- branches, ties and kinks ---------------------------------------------------------------------------------
    _plausible(
        "relu_inverted", title="relu hands the gradient on where it should stop it.",
        story="`x < 0` for `x > 0` in the mask.",
        where="relu", causes=("mask inverted",),
        changes=local("relu", 0, lambda out, x, relu=0.0: _raw(x) <= 0), trigger=of(lambda x: table.relu(x), X),
    ),
    _plausible(
        "relu_guided", title="relu stops negative upstream gradients, too.",
        story="Guided backpropagation does so on purpose, for pictures; left switched on it spoils training. A check "
              "whose upstream gradient is all ones never sees it.",
        where="relu", causes=("upstream sign", "linear", "region"),
        changes=attribute("relu", "vjp", _guided), trigger=of(lambda x: table.relu(x), X),
    ),
    _historical(
        "absolute_nan_at_zero", title="The derivative of |x| is x/|x|: NaN at 0.",
        story="Caffe (BVLC/caffe#1334): it slipped through because its gradient checker avoids the kink at zero.",
        where="absolute", causes=("not finite",),
        changes=local("absolute", 0, lambda out, x, abs=0.0: x / out), trigger=of(lambda x: table.absolute(x), X),
    ),
    _plausible(
        "maximum_counts_ties_twice", title="At a tie maximum(x, y) gives the whole gradient to both operands.",
        story="`x >= y` and `y >= x`: each line is a valid choice at a tie, both together are none. Differences along "
              "one coordinate at a time do not see it.",
        where="maximum", causes=("kink", "double"),
        changes=lambda: [
            *local("maximum", 0, lambda out, x, y, ties="split": _raw(x) >= _raw(y))(),
            *local("maximum", 1, lambda out, x, y, ties="split": _raw(y) >= _raw(x))(),
        ],
        trigger=of(lambda x, y: table.maximum(x, y), X, Y),
    ),
    _plausible(
        "minimum_as_maximum", title="minimum hands the gradient to the larger operand.",
        story="The mask of maximum, copied.",
        where="minimum", causes=("mask inverted", "swapped inputs"),
        changes=lambda: [
            *local("minimum", 0, lambda out, x, y, ties="split": _raw(x) > _raw(y))(),
            *local("minimum", 1, lambda out, x, y, ties="split": _raw(y) > _raw(x))(),
        ],
        trigger=of(lambda x, y: table.minimum(x, y), X, Y),
    ),
    _plausible(
        "clip_lets_through", title="clip hands the gradient on outside its bounds, too.",
        story="The straight-through estimator, which does so on purpose, taken for the derivative.",
        where="clip", causes=("local derivative missing", "region", "some elements"),
        changes=local("clip", 0, lambda out, x, lower=None, upper=None, clip=1.0: 1.0 + 0.0 * x),
        trigger=of(lambda x: f.clip(x, -0.5, 0.5), X),
    ),
    _historical(
        "softplus_overflows", title="The derivative of softplus is e^x/(1 + e^x): NaN for large x.",
        story="tinygrad (#1113, #8238) met it with tanh and sigmoid at ±1000: a sigmoid by e^x overflows on one side.",
        where="softplus", causes=("not finite",),
        changes=local("softplus", 0, _naive_logistic), trigger=of(lambda x: table.softplus(x), X),
    ),
    _plausible(
        "sin_in_degrees", title="The derivative of sin is that for an angle in degrees.",
        story="A forward pass in radians and a table of derivatives in degrees.",
        where="sin", causes=("factor",),
        changes=altered("sin", 0, lambda right, out, x: right * (np.pi / 180.0)),
        trigger=of(lambda x: table.sin(x), X),
    ),
    _plausible(
        "sinh_by_its_output", title="The derivative of sinh is the output, as of exp.",
        story="For large x sinh and cosh agree to every digit.",
        where="sinh", causes=("local derivative",),
        changes=local("sinh", 0, lambda out, x: out), trigger=of(lambda x: table.sinh(x), X),
    ),
]
