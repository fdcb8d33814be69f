"""A primitive of the user's own, of each of the three kinds, is a full citizen: on Values and Tensors, to any order."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Elementwise, Kink, KinkError, Linear, Primitive, Reduction, Tensor, Value
from autograd import functions as F
from autograd.symbol import Symbol
from tests.autograd.support import leaf, upstream

gaussian = Elementwise(
    "test gaussian",
    lambda x: np.exp(-x * x),
    [lambda out, x: -2.0 * x * out],
    symbol="bell",
    latex=lambda x: Symbol(f"e^−{x.text}²", f"e^{{-{x.latex}^2}}"),
)
hypotenuse = Elementwise("test hypotenuse", np.hypot, [lambda out, x, y: x / out, lambda out, x, y: y / out])
scaled = Elementwise("test scaled", lambda x, by=2.0: x * by, [lambda out, x, by=2.0: by])
fused = Elementwise("test fused", lambda x, y, z: x * y + z, [lambda out, x, y, z: y, lambda out, x, y, z: x, 1.0])
weighted = Elementwise("test weighted", lambda x, y: 2.0 * x - 3.0 * y, [2.0, -3.0])
leaky = Elementwise(
    "test leaky",
    lambda x, relu=0.0: np.where(x > 0, x, 0.1 * x),
    [lambda out, x, relu=0.0: ag.where(x > 0, 1.0, 0.1)],
    kink=Kink("relu", at=lambda x, **_: x == 0),
)
roll = Linear(
    "test roll", lambda x, shift: np.roll(x, shift, axis=-1), [lambda g, x, shift: roll(g, shift=-shift)], symbol="roll"
)
outer = Linear(
    "test outer",
    lambda x, y: x[:, None] * y[None, :],
    [lambda g, x, y: g @ y, lambda g, x, y: ag.transpose(g) @ x],
    separately=True,
)
power_mean = Reduction(
    "test power mean",
    lambda x, axis=None, keepdims=False: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
    lambda out, x, axis: x / out,
    weight_symbol=Symbol("x/out"),
    symbol="‖·‖",
)

_X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]])
SAME: dict[str, tuple[Callable[..., Any], Callable[..., Any], int]] = {
    "gaussian": (gaussian, lambda x: ag.exp(-x * x), 1),
    "hypotenuse": (hypotenuse, lambda x, y: ag.sqrt(x * x + y * y), 2),
    "scaled": (scaled, lambda x: x * 2.0, 1),
    "scaled by 3": (lambda x: scaled(x, by=3.0), lambda x: x * 3.0, 1),
    "fused": (fused, lambda x, y, z: x * y + z, 3),
    "weighted": (weighted, lambda x, y: 2.0 * x - 3.0 * y, 2),
    "leaky": (leaky, lambda x: ag.where(x > 0, x, 0.1 * x), 1),
    "roll": (lambda x: roll(x, shift=1), lambda x: x[..., [2, 0, 1]], 1),
    "outer": (lambda x, y: outer(x[0], y[1]), lambda x, y: ag.einsum("i,j->ij", x[0], y[1]), 2),
    "power mean": (lambda x: power_mean(x, axis=(1,), keepdims=False), lambda x: ag.sqrt(F.sum(x * x, axis=1)), 1),
}


@pytest.mark.parametrize("name", SAME)
def test_first_and_second_derivatives_are_those_of_the_composed_function(name: str) -> None:
    ours, composed, arity = SAME[name]
    arguments = [_X + 0.3 * place for place in range(arity)]
    mine, theirs = [leaf(x) for x in arguments], [leaf(x) for x in arguments]
    out, expected = ours(*mine), composed(*theirs)
    gradient = upstream(1, out.shape, float)
    out.backward(gradient)
    expected.backward(gradient)
    np.testing.assert_allclose(out.data, expected.data, rtol=1e-14)
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one.grad, other.grad, rtol=1e-13)
    for place in range(arity):
        hessians = [ag.hessian(lambda *xs, f=f: F.sum(f(*xs) ** 2), place)(*arguments) for f in (ours, composed)]
        np.testing.assert_allclose(*hessians, rtol=1e-11, atol=1e-12)
        directions = [np.cos(x) for x in arguments]
        np.testing.assert_allclose(*(ag.jvp(f, arguments, directions)[1] for f in (ours, composed)), rtol=1e-12)


@pytest.mark.parametrize("name", ["gaussian", "hypotenuse", "scaled", "scaled by 3", "fused", "weighted", "leaky"])
def test_on_values(name: str) -> None:
    ours, composed, arity = SAME[name]
    mine, theirs = [Value(0.5 + place) for place in range(arity)], [Value(0.5 + place) for place in range(arity)]
    out, expected = ours(*mine), composed(*theirs)
    out.backward(-2.0)
    expected.backward(-2.0)
    assert out.data == pytest.approx(expected.data, rel=1e-14)
    assert [x.grad for x in mine] == pytest.approx([x.grad for x in theirs], rel=1e-13)
    for place in range(arity):
        second = [float(ag.grad(ag.grad(f, place), place)(*mine)) for f in (ours, composed)]
        assert second[0] == pytest.approx(second[1], rel=1e-12, abs=1e-14)


def test_reduction_of_values() -> None:
    row = [Value(3.0), Value(-4.0)]
    out = power_mean(row)
    out.backward(10.0)
    assert out.data == 5.0
    assert [x.grad for x in row] == [6.0, -8.0]
    assert out.parents == tuple(row)
    assert power_mean(np.array([[Value(3.0), Value(4.0)]]), axis=(1,))[0].data == 5.0


def test_broadcasts_and_keeps_the_dtype() -> None:
    x, y = leaf(np.float32([[3.0], [6.0]])), leaf(np.float32([4.0, 8.0]))
    out = hypotenuse(x, y)
    out.backward(np.ones((2, 2)))
    assert (out.dtype, x.grad.dtype, x.grad.shape, y.grad.shape) == (np.float32, np.float32, (2, 1), (2,))
    plain = hypotenuse(np.array([3.0]), 4.0)
    assert type(plain) is np.ndarray
    assert plain.tolist() == [5.0]
    assert hypotenuse(3.0, 4.0) == 5.0
    assert hypotenuse(x, 2.0).parents[0] is x
    assert [each.data for each in gaussian([Value(0.0), Value(0.0)])] == [1.0, 1.0]


def test_subclass_of_a_kind_is_treated_as_the_kind() -> None:
    class Doubling(Elementwise):
        """An elementwise primitive with a constructor of its own."""

        def __init__(self) -> None:
            super().__init__("test doubling sum", lambda x, y: 2.0 * (x + y), [2.0, 2.0])

    rule = Doubling()
    x, y = leaf(np.ones((2, 1))), leaf(np.ones(3))
    rule(x, y).backward(np.ones((2, 3)))
    assert (x.grad.tolist(), y.grad.tolist()) == ([[6.0], [6.0]], [4.0, 4.0, 4.0])
    a, b = Value(1.0), Value(2.0)
    rule(a, b).backward()
    assert (a.grad, b.grad) == (2.0, 2.0)


def test_text_and_latex() -> None:
    assert (gaussian.symbol, hypotenuse.symbol) == ("bell", "test hypotenuse")
    assert gaussian(Value(1.0)).op == "bell"
    assert gaussian.local_text(0) == "−2·x·e^−x²"
    assert gaussian.local_text(0, ["t"]) == "−2·t·e^−t²"
    assert gaussian.local_latex(0) == r"-2 \cdot x \cdot e^{-x^2}"
    assert hypotenuse.local_text(1) == "y/test hypotenuse(x, y)"
    assert fused.local_text(2) == "1"
    assert power_mean.local_text(0) == "x/out"
    assert roll.local_text(0) == ""
    assert "test gaussian" in repr(gaussian)
    assert gaussian in ag.primitives()
    assert ag.primitive("test gaussian") is gaussian


def test_local_derivative_of_a_node() -> None:
    x, y = leaf([3.0, 6.0]), leaf([4.0, 8.0])
    out = hypotenuse(x, y)
    assert out.rule.local(out, 0).tolist() == [0.6, 0.6]
    assert out.rule.local(out, 1).tolist() == [0.8, 0.8]
    value = gaussian(Value(0.5))
    assert value.rule.local(value, 0) == pytest.approx(-np.exp(-0.25))
    rolled = roll(x, shift=1)
    assert rolled.rule.local(rolled, 0) is None
    norm = power_mean(leaf([3.0, 4.0]))
    assert norm.rule.local(norm, 0).tolist() == [0.6, 0.8]


def test_kinks_apply_to_it() -> None:
    with ag.kinks(relu="raise"), pytest.raises(KinkError, match=r"test leaky.*relu='raise'"):
        leaky(leaf([0.0]))
    with ag.kinks(relu=0.5):
        assert leaky(leaf([0.0])).params == {"relu": 0.5}


def test_where_guards_it() -> None:
    """A gate in front of a user's primitive keeps what is not finite out, as for the engine's own."""
    x = leaf([0.0, 3.0])
    with np.errstate(all="ignore"):
        out = ag.where(x > 0, hypotenuse(x, 0.0), 0.0)
    out.backward(np.array([5.0, 2.0]))
    assert x.grad.tolist() == [0.0, 2.0]


def test_travels_in_pickles_and_copies() -> None:
    for copied in (copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))):
        other = copied(gaussian(leaf([0.5], name="x")))
        assert other.rule is gaussian
        other.backward()
        assert other.parents[0].grad[0] == pytest.approx(-np.exp(-0.25))


@pytest.mark.parametrize(
    "call",
    [
        lambda: roll(Value(1.0), shift=1),
        lambda: gaussian(Value(1.0), Value(2.0)),
        lambda: gaussian(leaf([1.0]), leaf([1.0])),
        lambda: gaussian(),
        lambda: gaussian(leaf([1.0]), by=2.0),
    ],
)
def test_wrong_use_is_a_type_error(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        call()


def test_wrong_transpose_is_found_out_by_its_shape() -> None:
    wrong = Linear("test wrong", lambda x: x[:1], [lambda g, x: g])
    x = leaf([1.0, 2.0], name="x")
    with pytest.raises(ag.ShapeError, match=r"\(1,\).*'x'.*\(2,\).*rule"):
        wrong(x).backward()


def test_base_class_says_what_is_missing() -> None:
    bare = Primitive("test bare", np.sign)
    out = bare(leaf([1.0, -2.0]))
    assert isinstance(out, Tensor)
    assert out.data.tolist() == [1.0, -1.0]
    with pytest.raises(NotImplementedError, match="test bare"):
        out.sum().backward()
