"""`check_grad`: right derivatives pass, wrong ones fail with their element, their mistake and their place."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd
import nn.functional as F
from autograd import Elementwise, Linear, Tensor, Value
from autograd.testing import GradientError, GradientWarning, check_grad, check_primitive, comparison
from autograd.testing.subject import GraphSubject

RNG = np.random.default_rng(1)
X, Y, W = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))

half = Elementwise("half", lambda x: x * x, [lambda out, x: x])


@pytest.mark.parametrize(
    "function, inputs",
    [
        (lambda x: x.tanh(), (X,)),
        (lambda x, w: (x @ w).relu(), (X, W)),
        (lambda x: F.softmax(x, dim=1), (X,)),
        (lambda x: autograd.sort(x, axis=1), (X,)),
        (lambda a, b: (a * b + 10).tanh(), (Value(2.0), Value(-3.0))),
        (lambda x: x * 2.0, (1.5,)),
        (lambda d: d["a"][0] * d["b"].sum(), ({"a": [X], "b": Y},)),
        (lambda v: sum(a * b for a, b in pairwise(v)), ([Value(1.0), Value(2.0), Value(0.5)],)),
        (lambda x, places: x[places], (X, np.array([0, 2, 2]))),
        (lambda x: (x, x.exp()), (Tensor(X),)),
        (lambda x: x.sum(), (np.zeros((0, 3)),)),
    ],
)
def test_right_derivatives_pass(function: Any, inputs: tuple[Any, ...]) -> None:
    report = check_grad(function, *inputs)
    assert report.verdict == "pass"
    assert report
    assert report.sensitivity <= 1e-6
    assert str(report).startswith("pass")


def test_a_wrong_derivative_raises_and_is_explained() -> None:
    def function(x: Any) -> Any:
        y = x.exp()
        return half(y).sum()

    with pytest.raises(GradientError, match="the gradient of function is wrong") as caught:
        check_grad(function, X)
    report = caught.value.report
    assert isinstance(caught.value, AssertionError)
    assert report.causes[0] == "half"
    assert [place.operation for place in report.places] == ["half"]
    assert report.places[0].source.text == "return half(y).sum()"
    assert report.guilty_nodes[0].op == "half"
    assert report.guilty_nodes[0].id in [node.id for node in autograd.graph_nodes(report.root)]
    worst = report.elements[0]
    row, column = np.unravel_index(int(np.argmax(X)), X.shape)
    assert worst.label == f"x[{row}, {column}]"
    assert worst.ratio == pytest.approx(0.5)
    assert abs(worst.numeric - 2 * worst.analytic) <= 2 * worst.bound
    assert "every element is half" in str(report)
    assert "<table>" in report._repr_html_()
    assert report.call.startswith("check_grad(function, np.array(")


def test_the_call_to_paste_fails_again() -> None:
    report = check_grad(half, X, raises=False)
    names = {"check_grad": check_grad, "half": half, "np": np}
    with pytest.raises(GradientError):
        eval(report.call, names)


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-7, 1.0001])
def test_a_small_factor_is_found(factor: float) -> None:
    wrong = Elementwise("wrong", np.sin, [lambda out, x: factor * autograd.cos(x)])
    assert check_grad(wrong, X, raises=False, explore=False).causes[0] == "factor"


def test_each_kind_of_place() -> None:
    shifted = Linear("shifted", lambda x: np.roll(x, 1, 0), [lambda gradient, x: gradient])
    report = check_grad(lambda x: shifted(x * 2.0).tanh(), X, raises=False)
    assert "shift" in report.causes[:2]
    assert [place.operation for place in report.places] == ["shifted"]

    report = check_grad(lambda x: x * x.detach(), X, raises=False)
    assert [place.operation for place in report.places] == ["detach"]
    report = check_grad(lambda x: x * float(x.data.max()), X, raises=False)
    assert [place.operation for place in report.places] == ["detach"]


def test_a_shift_that_cancels_is_no_detached_constant() -> None:
    """Softmax may subtract a detached maximum, which its result does not hang on."""

    def shifted(x: Any) -> Any:
        e = (x - x.detach().max(axis=1, keepdims=True)).exp()
        return e / e.sum(axis=1, keepdims=True)

    upstream = RNG.normal(size=X.size)
    assert GraphSubject(shifted, (X,)).examined(upstream).places == []
    assert len(GraphSubject(lambda x: x * x.detach(), (X,)).examined(upstream).places) == 1


def test_kinks_pass_by_any_of_their_slopes() -> None:
    zeros = np.zeros((2, 3))
    for function in (lambda x: x.relu(), abs, lambda x: x.max(axis=1), lambda x: autograd.sort(x, axis=1)):
        report = check_grad(function, zeros, explore=False)
        assert report.verdict == "pass"
        assert [finding.kind for finding in report.findings] == ["kink"]
    with autograd.kinks(relu=0.3):
        assert check_grad(lambda x: x.relu(), zeros, explore=False)


def test_a_derivative_outside_of_the_one_sided_ones_fails() -> None:
    wrong = Elementwise("wrong_relu", lambda x: np.maximum(x, 0), [lambda out, x: (x > 0) + 2.0 * (x == 0)])
    assert check_grad(wrong, X, raises=False, explore=False)
    assert check_grad(wrong, np.zeros(3), raises=False, explore=False).causes[0] == "kink"
    with autograd.kinks(ties="all"):
        assert check_grad(lambda x, y: x.maximum(y), X, X, raises=False, explore=False).verdict == "fail"


def test_a_convention_of_several_kinks_is_told_as_one() -> None:
    report = check_grad(lambda x: x.relu() - (-x).relu(), np.zeros(3), explore=False)
    assert report.verdict == "pass"
    assert "convention" in [finding.kind for finding in report.findings]


def test_gradients_that_are_not_finite() -> None:
    wrong = Elementwise("naive", lambda x: np.logaddexp(x, 0.0), [lambda out, x: np.exp(x) / (1.0 + np.exp(x))])
    with np.errstate(all="ignore"):
        assert check_grad(wrong, np.array([1.0, 800.0]), raises=False, explore=False).causes == ["not finite"]
        report = check_grad(lambda x: x.sqrt(), np.array([0.0, 2.0]), explore=False)
    assert report.verdict == "pass"
    assert [finding.kind for finding in report.findings] == ["not finite"]


def test_what_differences_cannot_tell_is_inconclusive_and_warns() -> None:
    def function(x: Any) -> Any:
        return (x + 1e6) ** 2 - 1e12 - 2e6 * x

    with pytest.warns(GradientWarning, match="nothing can be said"):
        report = check_grad(function, X, explore=False)
    assert report.verdict == "inconclusive"
    assert not report
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_grad(function, X, explore=False, raises=False).verdict == "inconclusive"


@pytest.mark.uncounted
def test_a_graph_whose_rounding_drowns_its_slopes_is_not_called_wrong() -> None:
    """log(1 + x²) is 0 or one unit of the 1 for so small an x; softmax jumps within 1e-9 of so large numbers."""
    tiny = np.array([1.0, -0.4, -0.3, 0.8]) * 1e-8
    assert check_grad(lambda x: ((x * x + 1.0).log() * x).sin(), tiny, raises=False).verdict == "inconclusive"
    low, high = -2831597731.6207504, 8494793194.862251
    large = np.array([[0.0, low, low, -0.0], [2.0 * low, -0.0, low, 0.0], [high, low, low, low]])
    for seed in range(5):
        assert (
            check_grad(lambda x: F.softmax(x, dim=1), large, explore=False, raises=False, seed=seed).verdict != "fail"
        )


def test_slopes_that_cancel_to_0_are_right() -> None:
    assert check_grad(lambda x: x**3 - 2.0 * x * x + x, np.ones((3, 4)))


def test_other_inputs_are_tried() -> None:
    positive = np.abs(X) + 0.1
    wrong = Elementwise("below", np.tanh, [lambda out, x: (1.0 - out * out) * np.where(x < 0, 1.01, 1.0)])
    assert check_grad(wrong, positive, explore=False)
    report = check_grad(wrong, positive, raises=False)
    assert report.verdict == "fail"
    assert report.faults[0].where != "the given input"


def test_hypothesis_shrinks_to_the_smallest_input() -> None:
    """One element is left of three, and the call to paste fails by itself; the line to blame is the caller's."""
    band = Elementwise("band", np.tanh, [lambda out, x: (1.0 - out * out) * np.where((x > 0.3) & (x < 0.4), 1.5, 1.0)])
    report = check_grad(lambda x: band(x), np.array([0.7, -0.2, 0.9]), raises=False, explore="hypothesis")
    assert report.faults[0].where == "an input found by hypothesis"
    assert report.places[0].source.file.endswith("test_check_grad.py")
    found = eval(report.call.removeprefix("check_grad(f, ").removesuffix(")"), {"np": np})
    assert found.shape == (1,)
    assert 0.3 < found[0] < 0.4
    assert not check_grad(lambda x: band(x), found, explore=False, raises=False)


@pytest.mark.uncounted
def test_hypothesis_finds_what_hangs_on_two_inputs() -> None:
    wrong = Elementwise(
        "twice", lambda x, y: x * y, [lambda out, x, y: y * np.where(x == 2.0 * y, 1.1, 1.0), lambda out, x, y: x]
    )
    given = np.array([0.7, -0.2, 0.9]), np.array([0.3, 0.25, 0.1])
    assert check_grad(wrong, *given)
    report = check_grad(wrong, *given, raises=False, explore="hypothesis")
    x, y = eval(report.call.removeprefix("check_grad(twice, ").removesuffix(")"), {"np": np})
    assert x.shape == y.shape == (1,)
    assert x[0] == 2.0 * y[0]


@pytest.mark.uncounted
def test_hypothesis_lets_right_derivatives_pass() -> None:
    assert check_grad(lambda x: x.tanh(), X, explore="hypothesis")


def test_second_derivatives() -> None:
    assert check_grad(lambda x, y: (x**2 * y.sin()).sum(), X, Y, order=2, explore=False)
    wrong = Elementwise("flat", np.sin, [lambda out, x: np.cos(getattr(x, "_data", x))])
    assert check_grad(wrong, X, explore=False)
    report = check_grad(wrong, X, order=2, explore=False, raises=False)
    assert report.causes[0] == "second order"


def test_float32_is_judged_by_its_own_digits() -> None:
    x = X.astype(np.float32)
    assert check_grad(lambda x: F.softmax(x, dim=1), x)
    wrong = Elementwise(
        "coarse", np.tanh, [lambda out, x: (1.0 - out * out) * (1.001 if out.dtype == np.float32 else 1.0)]
    )
    assert check_grad(wrong, X, explore=False)
    assert check_grad(wrong, x, explore=False, raises=False).causes == ["float32"]


def test_small_inputs_are_not_hidden_by_large_ones() -> None:
    wrong = Elementwise("off", lambda x: x * 1.0, [lambda out, x: 1.001 + 0.0 * x])
    assert not check_grad(lambda x, b: (1e8 * x).sum() + wrong(b).sum(), X, Y, explore=False, raises=False)


def test_the_same_seed_finds_the_same() -> None:
    one, other = (str(check_grad(half, X, raises=False, seed=5)) for _ in range(2))
    assert one == other


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_grad(lambda x: x, np.array([1, 2]))
    with pytest.raises(ValueError, match="wrt='z' is none of the arguments x"):
        check_grad(lambda x: x, X, wrt="z")
    with pytest.raises(ValueError, match="order=3"):
        check_grad(half, X, order=3)
    with pytest.raises(ValueError, match="explore='all'"):
        check_grad(abs, X, explore="all")
    with pytest.raises(TypeError, match="takes a function"):
        check_grad(X, X)
    with pytest.raises(TypeError, match="returned no node"):
        check_grad(lambda x: "text", X)


def test_wrt_chooses_the_arguments() -> None:
    wrong = Elementwise("second", lambda x, y: x * y, [lambda out, x, y: y, lambda out, x, y: 2.0 * x])
    assert check_grad(wrong, X, Y, wrt=0, explore=False)
    assert not check_grad(lambda x, y: wrong(x, y), X, Y, wrt="y", explore=False, raises=False)


@pytest.mark.uncounted
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("rule", [each for each in autograd.primitives() if each.builtin], ids=lambda each: each.name)
def test_every_primitive_is_checked_without_inputs(rule: Any, order: int) -> None:
    assert check_primitive(rule, order=order, explore=order == 1)


def test_a_wrong_rule_of_second_order_is_found_by_its_name() -> None:
    wrong = Elementwise("flat_sin", np.sin, [lambda out, x: np.cos(getattr(x, "_data", x))])
    assert check_primitive(wrong, explore=False)
    assert check_primitive(wrong, order=2, explore=False, raises=False).causes[0] == "second order"


def test_each_set_of_parameters_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pad that forgets its second axis is wrong for the first set alone."""
    pad = autograd.primitive("pad")
    right = type(pad).contributions

    def wrong(self: Any, gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        factor = 2.0 if self is pad and "constant_value" in params else 1.0
        return [factor * each for each in right(self, gradient, out, inputs, needed, params)]

    monkeypatch.setattr(type(pad), "contributions", wrong)
    assert not check_primitive("pad", explore=False, raises=False)


def test_a_primitive_whose_inputs_are_not_found() -> None:
    picky = Linear("picky", lambda x, wide: x[wide], [lambda gradient, x, wide: gradient])
    with pytest.raises(ValueError, match="found no arrays that picky takes"):
        check_primitive(picky)
    assert check_primitive("reshape", X, shape=(4, 3))
    assert check_primitive("reshape", shape=(4, 3))


def test_a_call_to_paste_has_every_argument() -> None:
    """Options that the check was given, integers, arrays that are held fixed; a lambda has a name that can be said."""
    wrong = Elementwise("second", lambda x, y: x * y, [lambda out, x, y: y, lambda out, x, y: 2.0 * x])
    report = check_grad(lambda x, y, k: wrong(x, y)[k], X, Y, np.array([0, 2]), wrt="y", raises=False, explore=False)
    assert report.call.startswith("check_grad(f, np.array([[")
    assert report.call.endswith("np.array([0, 2]), wrt='y')")
    names = {"check_grad": check_grad, "f": lambda x, y, k: wrong(x, y)[k], "np": np}
    with pytest.raises(GradientError):
        eval(report.call, names)
    flat = Elementwise("flat", np.sin, [lambda out, x: np.cos(getattr(x, "_data", x))])
    assert check_grad(flat, X, order=2, explore=False, raises=False).call.endswith(", order=2)")


@pytest.mark.uncounted
def test_a_wrong_operation_in_a_large_graph_is_located_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an operation is wrong by itself, the whole is not run again along further directions."""
    right = comparison.Comparison._additive

    def additive(self: Any, *args: Any) -> bool:
        assert self._basis.single
        return right(self, *args)

    monkeypatch.setattr(comparison.Comparison, "_additive", additive)
    wrong = Elementwise("wrong_sin", np.sin, [lambda out, x: 1.01 * autograd.cos(x)])

    def function(x: Any) -> Any:
        for step in range(200):
            z = x * 1.01 + 0.1
            x = x + 0.05 * (wrong(z) if step == 97 else z.sin())
        return x.sum()

    report = check_grad(function, RNG.normal(size=(4, 5)), explore=False, raises=False)
    assert [place.operation for place in report.places] == ["wrong_sin"]
    assert len(report.elements) == 20


@pytest.mark.uncounted
def test_of_a_large_graph_a_part_of_the_elements_is_looked_at() -> None:
    def function(x: Any) -> Any:
        for _ in range(400):
            x = x + 0.001
        return (half(x) * 1.0).sum()

    report = check_grad(function, RNG.normal(size=(30, 10)), explore=False, raises=False)
    assert [place.operation for place in report.places] == ["half"]
    assert 16 <= len(report.elements) < 300


@pytest.mark.parametrize("order", [1, 2])
def test_parameters_that_a_function_brings_along_keep_their_gradients(order: int) -> None:
    rng = np.random.default_rng(0)
    w, v = Tensor(rng.normal(size=(3, 2)), requires_grad=True), Tensor(rng.normal(size=2), requires_grad=True)
    (w * 2.0).sum().backward()
    before = w.grad.copy()  # type: ignore[union-attr]
    assert check_grad(lambda x: ((x @ w) ** 2 * v).sum(), rng.normal(size=(4, 3)), order=order)
    np.testing.assert_array_equal(w.grad, before)  # type: ignore[arg-type]
    assert v.grad is None


def test_a_wrong_function_with_parameters_of_its_own_is_found() -> None:
    w = Tensor(np.random.default_rng(0).normal(size=(3, 2)), requires_grad=True)
    wrong = Elementwise("wrong_beside_parameters", lambda x: x * x, [lambda out, x: x])
    with pytest.raises(GradientError, match="wrong_beside_parameters"):
        check_grad(lambda x: wrong(x @ w), np.random.default_rng(1).normal(size=(4, 3)))
