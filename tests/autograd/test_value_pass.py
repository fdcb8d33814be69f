"""The walk over scalars: its order is found in several ways, which must not show; so must not the quick operators."""

from __future__ import annotations

import math
import operator
from typing import Any, Literal

import pytest

from autograd import MutationError, Value, mutation, no_grad, scalar_pass, topological_order
from autograd.errors import DTypeError
from autograd.functions import sum as total_of
from autograd.recording import modes

Keep = Literal["all", "leaves"]
KEEP = pytest.mark.parametrize("keep", ["all", "leaves"])


@KEEP
@pytest.mark.parametrize("places", [0, 1, 40, scalar_pass._MOST_PLACES])
def test_every_way_to_the_order_gives_the_same_gradients(
    places: int, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results of before and after an earlier pass, a change of data, and many unrelated nodes, in one graph."""
    monkeypatch.setattr(scalar_pass, "_MOST_PLACES", places)
    x, y, other = Value(1.5), Value(-0.5, "y"), Value(3.0)
    old = x * y
    (other * other).backward()
    middle = old.exp() + y
    other.data = 4.0
    with no_grad():
        for _ in range(50):
            other * 2.0
    root = total_of([middle * old, middle, (x + old) * 2.0, 1.0 - y])
    for count in (1, 2):
        root.backward(keep=keep)
        slope = math.exp(-0.75)
        # d/d old = middle + old·e^old + e^old + 2, with old = x·y
        to_old = (slope - 0.5) + -0.75 * slope + slope + 2.0
        assert x.grad == pytest.approx(count * (to_old * -0.5 + 2.0), rel=1e-15)
        assert y.grad == pytest.approx(count * (to_old * 1.5 + (-0.75 + 1.0) - 1.0), rel=1e-15)
        assert old.has_grad == middle.has_grad == root.has_grad == (keep == "all")


def test_the_quick_way_is_taken_for_a_graph_of_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(root: Any) -> Any:
        raise AssertionError("the graph is sorted")

    monkeypatch.setattr(scalar_pass, "topological_order", refuse)
    w, x = Value(2.0), Value(3.0)
    for _ in range(3):
        loss = (w * x - 1.0) ** 2.0
        loss.backward()
        w.data -= 0.01 * w.grad
        w.zero_grad()
    with pytest.raises(AssertionError, match="sorted"):
        loss.backward()


def test_what_was_stepped_by_hand_before_does_not_count() -> None:
    """micrograd's lecture sets `o.grad = 1.0` and calls each `_backward`; a pass afterwards starts anew inside."""
    x = Value(2.0)
    inner = x * 3.0
    root = inner * inner
    root.grad = 1.0
    root._backward()
    assert inner.grad == 12.0
    root.backward()
    assert inner.grad == 12.0
    assert x.grad == 36.0


def test_data_changed_after_use_is_refused_the_quick_way_or_not() -> None:
    w = Value(2.0, "w")
    early = w * w
    w.data = 3.0
    with pytest.raises(MutationError, match="'w'"):
        (early * w).backward()
    assert not w.has_grad
    late = w * w
    late.backward()
    assert w.grad == 6.0
    assert mutation.last_change < modes.backward_pass


@KEEP
def test_leaves_with_hooks_are_found_wherever_they_stand(keep: Keep) -> None:
    a, b, c, d = (Value(number) for number in (2.0, 3.0, 4.0, 5.0))
    seen: list[tuple[str, float]] = []
    for name, node in (("a", a), ("b", b), ("c", c), ("d", d)):
        node.register_hook(lambda gradient, name=name: seen.append((name, gradient)))
    total_of([a * b, c.exp() * 0.0, a, d]).backward(keep=keep)
    assert seen == [("d", 1.0), ("c", 0.0), ("b", 2.0), ("a", 4.0)]


@pytest.mark.parametrize("infinite", [math.inf, -math.inf, math.nan])
def test_what_received_nothing_hands_on_nothing(infinite: float) -> None:
    x, y = Value(infinite), Value(2.0)
    product = x * y
    (product * 0.0 + x * 0.0 + y).backward()
    assert x.grad == 0.0
    assert y.grad == 1.0
    assert product.grad == 0.0
    y.zero_grad()
    (0.0 * (y * x)).backward()
    assert y.grad == 0.0


# ---- operators ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize("number", [3, 0.75, True])
def test_numbers_on_either_side(operation: Any, number: Any) -> None:
    for reflected in (False, True):
        x = Value(1.25)
        out = operation(number, x) if reflected else operation(x, number)
        constant = out.parents[0 if reflected else 1]
        assert out.data == (operation(float(number), 1.25) if reflected else operation(1.25, float(number)))
        assert out.parents[1 if reflected else 0] is x
        assert (constant.data, constant.requires_grad, constant.rule, constant.name) == (float(number), False, None, "")
        assert type(constant.data) is float
        assert x.id < constant.id < out.id
        out.backward()
        assert not constant.has_grad
        step = 1e-6
        ends = [operation(number, at) if reflected else operation(at, number) for at in (1.25 + step, 1.25 - step)]
        assert x.grad == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-8)
        assert topological_order(out) == [out, x]


def test_an_integer_beyond_floats_is_refused_in_words() -> None:
    with pytest.raises(DTypeError, match="too large"):
        Value(1.0) * 10**400
    with pytest.raises(DTypeError, match="too large"):
        10**400 + Value(1.0)


def test_results_of_a_subclass_stay_of_it() -> None:
    class Named(Value):
        pass

    x = Named(2.0)
    assert type(x * 3.0) is type(3.0 - x) is type(x * x) is Named
    (x * x * 3.0).backward()
    assert x.grad == 12.0


def test_in_no_grad_nothing_is_recorded_on_either_side() -> None:
    x = Value(2.0)
    with no_grad():
        assert not (3.0 - x).requires_grad
        assert (3.0 - x).data == 1.0
        assert (x - 3.0).data == -1.0
