"""`Value`: operators with numbers of every kind, comparisons, NumPy's scalars and functions, errors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, errors

OPERATORS: dict[str, tuple[Callable[..., Any], Callable[[float, float], tuple[float, float]]]] = {
    "+": (operator.add, lambda x, y: (1.0, 1.0)),
    "-": (operator.sub, lambda x, y: (1.0, -1.0)),
    "*": (operator.mul, lambda x, y: (y, x)),
    "/": (operator.truediv, lambda x, y: (1.0 / y, -x / y**2)),
    "**": (operator.pow, lambda x, y: (y * x ** (y - 1), x**y * math.log(x))),
}
NUMBERS = [
    3,
    3.0,
    True,
    Fraction(3, 2),
    np.int64(3),
    np.uint8(3),
    np.float64(3.0),
    np.float32(1.5),
    np.array(3.0),
    np.array(2),
]


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{type(number).__name__}-{number}")
def test_operator_with_a_number_on_either_side(symbol: str, number: Any) -> None:
    apply, slopes = OPERATORS[symbol]
    right, left = Value(2.0), Value(2.0)
    after, before = apply(right, number), apply(number, left)
    for out in (after, before):
        assert type(out) is Value
        assert type(out.data) is float
    assert after.data == pytest.approx(apply(2.0, float(number)), rel=1e-15)
    assert before.data == pytest.approx(apply(float(number), 2.0), rel=1e-15)
    after.backward(-3.0)
    before.backward(-3.0)
    assert right.grad == pytest.approx(-3.0 * slopes(2.0, float(number))[0], rel=1e-15)
    assert left.grad == pytest.approx(-3.0 * slopes(float(number), 2.0)[1], rel=1e-15)


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operator_of_two_values(symbol: str) -> None:
    apply, slopes = OPERATORS[symbol]
    x, y = Value(1.7), Value(2.3)
    out = apply(x, y)
    assert out.parents == (x, y)
    assert out.data == apply(1.7, 2.3)
    out.backward()
    assert (x.grad, y.grad) == pytest.approx(slopes(1.7, 2.3), rel=1e-15)


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operator_of_one_value_and_itself(symbol: str) -> None:
    """Both arguments are one node: its gradient is the sum of both derivatives."""
    apply, slopes = OPERATORS[symbol]
    x = Value(1.7)
    apply(x, x).backward()
    assert x.grad == pytest.approx(sum(slopes(1.7, 1.7)), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("other", ["a", None, [1.0], (1.0,), 1j, {}])
@pytest.mark.parametrize("symbol", OPERATORS)
def test_operator_refuses_what_is_no_real_number(symbol: str, other: Any) -> None:
    apply, _ = OPERATORS[symbol]
    with pytest.raises(TypeError):
        apply(Value(1.0), other)
    with pytest.raises(TypeError):
        apply(other, Value(1.0))


class Foreign:
    """Some other library's number, which knows how to deal with a Value."""

    def __radd__(self, other: Any) -> str:
        return "foreign"

    __rmul__ = __rsub__ = __rtruediv__ = __rpow__ = __radd__


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operator_leaves_foreign_kinds_their_turn(symbol: str) -> None:
    assert OPERATORS[symbol][0](Value(1.0), Foreign()) == "foreign"


@pytest.mark.parametrize("apply", [operator.floordiv, operator.mod, operator.matmul, divmod])
def test_operators_without_a_derivative_are_refused(apply: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        apply(Value(3.0), 2)


def test_augmented_assignment_rebinds() -> None:
    x = Value(2.0)
    y = x
    y += 1.0
    y *= x
    y.backward()
    assert x.data == 2.0
    assert y.data == 6.0
    assert x.grad == 5.0


def test_sum_builtin_and_signs() -> None:
    values = [Value(float(n)) for n in range(4)]
    total = sum(values)
    assert type(total) is Value
    (-(+total)).backward()
    assert [value.grad for value in values] == [-1.0] * 4


@pytest.mark.parametrize(
    "compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("x, y", [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0), (math.nan, 1.0)])
def test_comparisons_are_by_data(compare: Callable[..., Any], x: float, y: float) -> None:
    expected = compare(x, y)
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y)), (np.float64(x), Value(y))):
        assert bool(compare(left, right)) is expected


def test_comparison_with_something_else() -> None:
    assert (Value(1.0) == None) is False  # noqa: E711
    assert Value(1.0) != "1.0"
    with pytest.raises(TypeError):
        _ = Value(1.0) < "1.0"


def test_hash_is_by_identity_and_truth_by_data() -> None:
    one, other = Value(1.0), Value(1.0)
    assert len({one, other}) == 2
    assert one
    assert not Value(0.0)


METHODS = {
    **{
        name: name for name in ("exp", "expm1", "log", "log1p", "sqrt", "square", "sin", "cos", "tan", "arctan", "sinh")
    },
    **{name: name for name in ("cosh", "tanh", "sigmoid", "softplus", "erf", "relu")},
    "abs": "absolute",
}


@pytest.mark.parametrize("at", [0.75, 2.5])
@pytest.mark.parametrize("name", METHODS)
def test_method_is_the_function(name: str, at: float) -> None:
    x, y = Value(at), Value(at)
    by_method, by_function = getattr(x, name)(), getattr(ag, METHODS[name])(y)
    by_method.backward(-1.5)
    by_function.backward(-1.5)
    assert (by_method.data, x.grad, by_method.op) == (by_function.data, y.grad, by_function.op)


@pytest.mark.parametrize("name", ["maximum", "minimum", "logaddexp"])
def test_method_of_two_is_the_function(name: str) -> None:
    for other in (Value(0.5), Value(2.5), 1.0):
        x, y = Value(0.75), Value(0.75)
        by_method, by_function = getattr(x, name)(other), getattr(ag, name)(y, other)
        by_method.backward(-1.5)
        by_function.backward(-1.5)
        assert (by_method.data, x.grad) == (by_function.data, y.grad)
    assert Value(0.75).clip(1.0, 2.0).data == 1.0
    assert abs(Value(-0.75)).data == 0.75


@pytest.mark.parametrize(
    "name",
    [
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "square",
        "sin",
        "cos",
        "tan",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "absolute",
        "negative",
    ],
)
def test_numpy_function_of_a_value(name: str) -> None:
    x, y = Value(0.75), Value(0.75)
    by_numpy, ours = getattr(np, name)(x), getattr(ag, name)(y)
    assert type(by_numpy) is Value
    by_numpy.backward()
    ours.backward()
    assert by_numpy.data == pytest.approx(float(getattr(np, name)(0.75)), rel=1e-15)
    assert x.grad == y.grad


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "logaddexp"])
def test_numpy_function_of_two(name: str) -> None:
    x = Value(0.75)
    for args in ((x, 2.0), (np.float64(2.0), x), (x, np.int64(2)), (x, Value(3.0))):
        assert type(getattr(np, name)(*args)) is Value


def test_what_a_value_may_hold() -> None:
    for number in (2, 2.5, True, np.float32(2.5), np.int8(2), Fraction(5, 2), np.array(2.5)):
        value = Value(number)
        assert type(value.data) is float
        assert value.data == float(number)
    assert (float(Value(2.5)), int(Value(2.5)), Value(2.5).item()) == (2.5, 2, 2.5)
    for wrong in (1j, "2", None, [1.0], np.array([1.0]), 10**400, np.complex128(1), Value):
        with pytest.raises(errors.DTypeError, match="Value"):
            Value(wrong)


@pytest.mark.parametrize("spec", ["", ".2f", "8.3f", "e"])
def test_format_is_that_of_the_number(spec: str) -> None:
    if spec:
        assert format(Value(1.5), spec) == format(1.5, spec)
    else:
        assert "1.5" in format(Value(1.5))


def test_representation() -> None:
    x = Value(2.0, label="x")
    (x * x).backward()
    assert repr(x) == "Value(data=2.0, grad=4.0, name='x')"
    assert repr(Value(-0.5)) == "Value(data=-0.5, grad=0.0)"


@pytest.mark.parametrize("array", [np.array([1.0, 2.0]), np.ones((2, 2))])
def test_value_and_array_do_not_mix(array: np.ndarray) -> None:
    for mix in (lambda: Value(1.0) * array, lambda: array * Value(1.0), lambda: np.add(array, Value(1.0))):
        with pytest.raises(errors.DTypeError, match=r"multiply|add"):
            mix()


def test_value_and_tensor_do_not_mix() -> None:
    tensor = ag.Tensor([1.0], requires_grad=True)
    for mix in (lambda: Value(1.0) * tensor, lambda: tensor * Value(1.0), lambda: ag.maximum(tensor, Value(1.0))):
        with pytest.raises(errors.DTypeError, match="do not mix"):
            mix()
