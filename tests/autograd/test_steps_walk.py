"""The debugger over the steps: forwards and back, over scopes and into them, to breakpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import autograd as ag
import nn.functional as F
from autograd import Breakpoint, GraphError, MutationError, Value, backward_steps, scope
from tests.autograd.stepping import forget, gradient_bits, random_root, random_value
from tests.autograd.support import by_own_names, examples, leaf, seeds

Walk = by_own_names(autograd.Walk)


def network() -> tuple[Any, ...]:
    """x -> a scope "net" with two scopes "layer", each of three operations, in one of them a scope "gate" -> root."""
    x, w = Value(0.5, "x"), Value(-2.0, "w")
    h = x
    with scope("net"):
        for _ in range(2):
            with scope("layer"):
                h = h * w
                with scope("gate"):
                    h = h.sigmoid() * h
    return x, w, h + 1.0


def lines(walk: Walk) -> list[int]:
    return [step.number for step in walk.steps]


# ---- step by step -------------------------------------------------------------------------------------------------


def test_forwards_and_back() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    walk = Walk(a * b + a)
    assert (walk.place, walk.current, walk.steps) == (0, None, ())
    first, second = walk.step(), walk.step()
    assert walk.current is second
    assert walk.back() is first
    assert walk.step() is second
    assert walk.back(2) is None
    assert walk.place == 0
    assert walk.back() is None
    assert walk.step(4) is walk.current
    assert walk.place == 4
    assert walk.step(10) is None
    assert walk.place == 5
    assert walk.step() is None
    assert walk.current is walk.steps[-1]


def test_going_back_leaves_the_gradients_where_the_pass_is() -> None:
    a = Value(2.0, "a")
    walk = Walk(a * 5.0)
    walk.to_end()
    walk.goto(1)
    assert a.grad == 5.0
    walk.to_end()
    assert a.grad == 5.0


def test_goto_any_step() -> None:
    walk = Walk(network()[-1])
    assert walk.goto(7) is walk.steps[6]
    assert walk.goto(3) is walk.steps[2]
    assert walk.place == 3
    assert walk.goto(0) is None
    last = walk.to_end()
    assert last is not None
    count = last.number
    assert walk.goto(count) is last
    with pytest.raises(IndexError, match=f"the pass has {count} steps"):
        walk.goto(count + 1)
    with pytest.raises(IndexError, match="no step -1"):
        walk.goto(-1)
    for wrong in (walk.step, walk.back):
        with pytest.raises(ValueError, match="1 step or more"):
            wrong(0)


@examples(60)
@given(seed=seeds, moves=st.lists(st.sampled_from(["step", "back", "over", "into", "out", "goto"]), max_size=30))
def test_however_one_walks_the_end_is_that_of_backward(seed: int, moves: list[str]) -> None:
    for root in (random_root(seed), random_value(seed)):
        root.backward()
        expected = gradient_bits(root)
        forget(root)
        walk = Walk(root)
        for move in moves:
            if move == "goto":
                walk.goto(min(3, walk.place))
            else:
                {
                    "step": walk.step,
                    "back": walk.back,
                    "over": walk.step_over,
                    "into": walk.step_into,
                    "out": walk.step_out,
                }[move]()
            assert lines(walk) == list(range(1, walk.place + 1))
        last = walk.to_end()
        assert gradient_bits(root) == expected
        assert last is walk.current


# ---- scopes -------------------------------------------------------------------------------------------------------


def of_scope(walk: Walk) -> list[str]:
    return [step.scope for step in walk.steps]


def test_a_scope_in_one_stride() -> None:
    x, _, root = network()
    walk = Walk(root)
    walk.step_over()
    assert of_scope(walk) == [""]
    walk.step_over()
    assert walk.place == 2, "the sum, which lies in no scope"
    last = walk.step_over()
    assert walk.place == 2 + 2 * 5
    assert set(of_scope(walk)[2:]) == {"net/layer", "net/layer/gate"}
    assert last is not None
    assert (x.grad != 0.0, walk.step_over()) == (True, None)


def test_into_a_scope_and_over_the_scopes_inside_it() -> None:
    walk = Walk(network()[-1])
    walk.goto(2)
    walk.step_into()
    assert walk.place == 2 + 5, "inside net, over the second layer"
    walk.step_into()
    assert walk.place == 7 + 3, "inside net/layer, over the gate"
    walk.step_over()
    assert walk.place == 11, "the product w·h of the layer, edge by edge"
    walk.step_over()
    assert walk.place == 12


def test_single_steps_lie_inside_and_step_out_leaves() -> None:
    walk = Walk(network()[-1])
    walk.goto(3)
    assert walk.current is not None
    assert walk.current.scope == "net/layer/gate"
    walk.step_over()
    assert walk.place == 4, "inside the gate already: one edge"
    walk.step_out()
    assert (walk.place, walk.current.scope) == (5, "net/layer/gate")
    walk.step_over()
    assert walk.place == 6
    walk.step_out()
    assert walk.place == 7
    walk.step_over()
    assert walk.place == 12, "the first layer in one stride"


def test_out_of_the_outer_scope_after_a_stride_over_an_inner_one() -> None:
    walk = Walk(network()[-1])
    walk.goto(2)
    walk.step_into()
    assert walk.place == 7
    walk.step_out()
    assert walk.place == 12, "net was stepped into, and is left"


def test_a_convolution_in_one_stride_or_its_primitives() -> None:
    rng = np.random.default_rng(0)
    x, w = leaf(rng.normal(size=(1, 1, 5, 5)), "x"), leaf(rng.normal(size=(1, 1, 3, 3)), "w")
    root = F.relu(F.conv2d(x, w, padding=1)).sum()
    over, into = Walk(root), Walk(root)
    over.run(until="relu")
    over.step_over()
    assert over.current is not None
    assert over.current.scope == "conv2d"
    assert len({step.node.id for step in over.steps if step.scope == "conv2d"}) == 3
    over_again = over.step_over()
    assert over_again is None
    into.run(until="conv2d")
    operations = []
    while into.current is not None and (not operations or into.step_over()):
        operations.append(into.current.operation)
    assert operations == ["Σ ×", "Σ ×", "windows", "pad"]


def test_two_calls_of_one_function_are_two_scopes() -> None:
    x = leaf([1.0, 2.0], "x")
    root = F.softmax(F.softmax(x, dim=0), dim=0)[0] * 2.0
    walk = Walk(root)
    assert walk.run(until="softmax") is not None
    first = walk.place
    assert walk.run(until="softmax") is not None
    second = walk.place
    assert walk.run(until="softmax") is None
    scopes = [walk.steps[place - 1].scopes[0] for place in (first, second)]
    assert scopes[0] is not scopes[1]


# ---- breakpoints --------------------------------------------------------------------------------------------------


def test_run_stops_at_each_step_that_a_node_receives_in_and_at_the_first_it_hands_on_in() -> None:
    x = Value(2.0, "x")
    inner = x * 3.0
    root = inner * inner
    walk = Walk(root)
    stops = []
    while walk.run(until=inner) is not None:
        stops.append(str(walk.current))
    assert stops == [
        "step 2: v₁ receives 1 × 6 = 6 (by ×; was 0, is 6)",
        "step 3: v₁ receives 1 × 6 = 6 (by ×; was 6, is 12)",
        "step 4: x receives 12 × 3 = 36 (by ×; was 0, is 36)",
    ]
    assert walk.place == 4


def test_breakpoints_by_operation_scope_and_predicate() -> None:
    root = network()[-1]
    walk = Walk(root)
    for where, expected in [
        ("sigmoid", [5, 10]),
        ("σ", [5, 10]),
        ("add", [2]),
        ("gate", [3, 8]),
        ("layer/gate", [3, 8]),
        ("net/layer", [3, 8]),
        ("net", [3]),
        (lambda step: step.number % 6 == 0, [6, 12]),
        (Breakpoint.operation("multiply"), [3, 6, 8, 11]),
    ]:
        walk.goto(0)
        stops = []
        while walk.run(until=where) is not None:
            stops.append(walk.place)
        assert stops == expected, where


def test_run_stops_at_the_first_of_several_breakpoints() -> None:
    walk = Walk(network()[-1])
    stop = walk.break_at("sigmoid")
    walk.break_at(Breakpoint.scope("gate"))
    assert [getattr(walk.run(), "number", None) for _ in range(5)] == [3, 5, 8, 10, None]
    walk.goto(0)
    walk.breakpoints.remove(stop)
    assert [getattr(walk.run(), "number", None) for _ in range(3)] == [3, 8, None]


def test_a_breakpoint_stops_a_stride() -> None:
    walk = Walk(network()[-1])
    walk.goto(2)
    walk.break_at("sigmoid")
    walk.step_over()
    assert walk.place == 5
    walk.to_end()
    assert walk.place == 12


def test_where_a_gradient_explodes_or_is_nan() -> None:
    x = Value(1.0, "x")
    h = x
    for _ in range(5):
        h = h * 10.0
    found = Walk(h).run(until=Breakpoint.exceeding(1e3))
    assert found is not None
    assert found.after == 1e4  # type: ignore[union-attr]
    v = leaf([1.0, 0.0], "v")
    walk = Walk(ag.sqrt(v * 1.0).sum())
    broken = walk.run(until=Breakpoint.nonfinite())
    assert broken is not None
    assert (broken.operation, np.isinf(broken.after).tolist()) == ("√", [False, True])  # type: ignore[union-attr]
    assert Walk((v * v).sum()).run(until=Breakpoint.nonfinite()) is None


def test_a_name_that_nothing_has_is_refused() -> None:
    walk = Walk(network()[-1])
    with pytest.raises(
        ValueError, match=r"named 'conv3'; its operations are add, multiply, sigmoid; its scopes are gate"
    ):
        walk.run(until="conv3")
    with pytest.raises(TypeError, match="not at int"):
        walk.break_at(3)  # type: ignore[arg-type]
    assert walk.place == 0


# ---- what it prints -----------------------------------------------------------------------------------------------


def test_a_walk_prints_the_steps_up_to_where_it_stands() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    walk = Walk(a * b + a)
    assert str(walk).splitlines() == ["  step  node  rule  upstream  local  contribution  grad so far"]
    walk.goto(3)
    assert str(walk).splitlines()[1:] == [
        "     1  v₂    seed                      1             1",
        "     2  v₁    + of v₂  1         1      1             1 ✓",
        "▸    3  a     + of v₂  1         1      1             1",
    ]
    assert repr(walk) == "<Walk at step 3>"
    walk.to_end()
    walk.step()
    assert str(walk).splitlines()[-1] == "the pass is complete"
    assert repr(walk) == "<Walk at step 5 of 5>"
    assert [line.split()[-2:] for line in walk.table(2, 3).splitlines()[1:]] == [["1", "✓"], ["1", "1"]]


def test_a_long_walk_says_how_many_steps_it_leaves_out() -> None:
    x = Value(1.0, "x")
    h = x
    for _ in range(100):
        h = h + 1.0
    walk = Walk(h)
    walk.goto(60)
    assert str(walk).splitlines()[0] == "… 40 earlier steps"
    assert len(str(walk).splitlines()) == 22
    assert "40 earlier steps" in walk._repr_html_()
    assert walk._repr_html_().count("<tr>") == 21


def test_a_walk_by_elements_and_with_given_names() -> None:
    x = leaf([1.0, 2.0], "x")
    root = x * x
    walk = Walk(root, np.array([1.0, -1.0]), elements=True, names={x.id: "w"})
    walk.to_end()
    assert [step.receiver for step in walk.steps[1:]] == ["w[0]", "w[1]", "w[0]", "w[1]"]  # type: ignore[union-attr]


# ---- errors -------------------------------------------------------------------------------------------------------


def test_a_walk_that_an_error_broke_off_does_not_pretend_to_be_complete() -> None:
    x = Value(2.0, "x")
    walk = Walk((x * x) * x)
    walk.step(2)
    x.data = 5.0
    with pytest.raises(MutationError):
        walk.to_end()
    with pytest.raises(GraphError, match="broken off"):
        walk.step()
    assert walk.back() is not None
    assert "complete" not in str(walk)


def test_a_walk_of_what_needs_no_gradient() -> None:
    with pytest.raises(GraphError, match="requires no gradient"):
        Walk(Value(1.0).detach())


def test_a_walk_is_told_by_the_same_steps_as_the_iterator() -> None:
    root = network()[-1]
    walk = Walk(root)
    walk.to_end()
    forget(root)
    assert list(map(str, walk.steps)) == list(map(str, backward_steps(root, names={})))
