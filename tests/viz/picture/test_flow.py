"""What the last backward pass did, on the arrows and in the boxes: products, contributions, sums."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, scope
from autograd.node import Node
from viz import draw, make_picture


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


def test_each_arrow_tells_its_product() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b
    L = (d + c) * 0.5
    L.backward()
    picture = draw(L, names={"a": a, "b": b, "c": c, "d": d}).picture
    assert [(edge.label, edge.product) for edge in picture.edges] == [
        ("b = −3", "0.5 × −3 = −1.5"), ("a = 2", "0.5 × 2 = 1"), ("1", "0.5 × 1 = 0.5"), ("1", "0.5 × 1 = 0.5"),
        ("0.5", "1 × 0.5 = 0.5"), ("", ""),
    ]  # fmt: skip
    assert picture.edges[0].details[-1] == "upstream 0.5, contribution −1.5"


def test_before_a_pass_there_is_no_product() -> None:
    a = Value(2.0, label="a")
    picture = draw(a * a, names={}).picture
    assert [(edge.label, edge.product, edge.contribution) for edge in picture.edges] == [("a = 2", "", "")] * 2
    assert picture.nodes[0].terms == ()
    assert picture.nodes[0].gradient == "—"


def test_a_node_used_twice_shows_the_sum() -> None:
    x, y = Value(3.0), Value(-4.0)
    L = x * y + x.square() * 0.5  # dL/dx = y + x
    L.backward()
    picture = draw(L, names={"x": x, "y": y}).picture
    x_box = picture.nodes[0]
    assert (x_box.name, x_box.gradient, x_box.terms) == ("x", "−1", ("3", "−4"))  # in the order of the walk


def test_terms_are_shown_only_where_they_are_the_gradient() -> None:
    x = Value(3.0, label="x")
    L = x * x
    L.backward()
    L.backward()  # a leaf adds up what two passes bring: 12 is not 3 + 3
    x_box = draw(L, names={}).picture.nodes[0]
    assert (x_box.gradient, x_box.terms) == ("12", ())

    x = Value(3.0, label="x")
    (x * x).backward()
    other = x * 2.0 + x
    assert draw(other, names={}).picture.nodes[0].terms == ()  # that graph has had no pass


def test_an_array_shows_what_it_received_where_that_is_short() -> None:
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    loss = (x * np.array([3.0, 4.0])).sum()
    loss.backward()
    picture = draw(loss, names={}).picture
    (edge,) = [edge for edge in picture.edges if edge.source == "n0"]
    assert (edge.number, edge.upstream, edge.contribution) == ("[3, 4]", "", "[3, 4]")
    wide = Tensor(np.arange(9.0), requires_grad=True, name="x")
    loss = wide.exp().sum()
    loss.backward()
    first = draw(loss, names={}).picture.edges[0]
    assert first.contribution == ""
    assert first.details[-1] == "upstream all 1, contribution 1 … 2981"


def test_an_arrow_of_several_uses_tells_what_they_brought_together() -> None:
    x = Value(2.0, label="x")
    with scope("block"):
        y = x * x + x  # dy/dx = 5
    loss = y * 3.0
    loss.backward()
    picture = draw(loss, names={}, fold="block").picture
    (edge,) = [edge for edge in picture.edges if edge.source == "n0"]
    assert (edge.uses, edge.contribution, edge.upstream) == (3, "15", "")
    assert edge.details == ("x → v₂, 3 uses", "contributions together 15")


def test_data_changed_after_it_was_used_is_told() -> None:
    w = Value(2.0, label="w")
    L = w * w
    L.backward()
    assert draw(L, names={}).picture.notice == ""
    w.data = 5.0
    assert draw(L, names={}).picture.notice == (
        "the data of w was changed after v₁ had used it: run the forward pass again"
    )


def test_a_derivative_that_fails_leaves_its_arrow_without_a_number() -> None:
    x = Value(2.0, label="x")
    y = Value(x.data**2, (x,), "square")

    def fail() -> None:
        raise ArithmeticError

    y._backward = fail
    y.grad = 1.0
    picture = draw(y, names={}).picture
    assert [(edge.number, edge.contribution) for edge in picture.edges] == [("", "")]


OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a.tanh(), lambda a, b: a.maximum(b),
]  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=20)


@given(STEPS)
def test_contributions_on_the_arrows_add_up_to_the_gradient_in_the_box(steps: list[tuple[int, int, int]]) -> None:
    nodes = [Value(0.5), Value(-1.5), Value(2.0)]
    for which, first, second in steps:
        nodes.append(OPERATIONS[which](nodes[first % len(nodes)], nodes[second % len(nodes)]))
    root: Node = nodes[-1]
    root.backward()
    picture = make_picture(root)
    for node in picture.nodes:
        handed = [number(edge.contribution) for edge in picture.edges if edge.source == node.id]
        if node.is_root or node.gradient is None:
            continue
        tolerance = 1e-3 * max(1e-300, *(abs(term) for term in handed)) * len(handed)  # of four digits each
        assert math.isclose(sum(handed), number(node.gradient), rel_tol=1e-3, abs_tol=tolerance)
        assert sorted(node.terms) == sorted(edge.contribution for edge in picture.edges if edge.source == node.id) or (
            node.terms == () and (len(handed) == 1 or not any(handed))
        )


# ---- paths --------------------------------------------------------------------------------------------------------


def test_a_path_in_colour_tells_its_product() -> None:
    x, y = Value(3.0), Value(-4.0)
    p = x * y
    L = p * 0.5 + x
    picture = draw(L, names={"x": x, "y": y, "p": p, "L": L}, highlight=[x, p, L.parents[0], L]).picture
    assert [node.name for node in picture.nodes if node.mark == "path"] == ["x", "p", "v₁", "L"]
    assert [edge.label for edge in picture.edges if edge.mark == "path"] == ["y = −4", "0.5", "1"]
    assert picture.notice == "path x → p → v₁ → L: (−4) · 0.5 · 1 = −2"


def test_parallel_uses_on_a_path_are_added_unless_one_is_named() -> None:
    x = Value(3.0, label="x")
    y = x * x

    class Path:
        nodes, arguments = (x, y), (1,)

    both = draw(y, names={}, highlight=[x, y]).picture
    assert (sum(edge.mark == "path" for edge in both.edges), both.notice) == (2, "path x → v₁: 6 = 6")
    one = draw(y, names={}, highlight=Path()).picture
    assert ([edge.mark for edge in one.edges], one.notice) == (["", "path"], "path x → v₁: 3 = 3")


def test_a_path_with_a_gap_is_refused() -> None:
    x = Value(3.0, label="x")
    y = x.exp().tanh()
    with pytest.raises(ValueError, match="does not use 'x'; give the nodes of a path"):
        draw(y, names={}, highlight=[x, y])


def test_a_path_over_arrays_has_no_single_product() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    loss = x.sum()
    assert draw(loss, names={}, highlight=[x, loss]).picture.notice == "path x → v₁"


@pytest.mark.parametrize(("function", "value"), [("log", "∞"), ("sqrt", "∞")])
def test_an_infinite_local_derivative_is_written_as_such(function: str, value: str) -> None:
    x = Value(0.0, label="x")
    picture = draw(getattr(x, function)(), names={}).picture
    (edge,) = picture.edges
    assert edge.number == value
