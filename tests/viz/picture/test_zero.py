"""Why a gradient is zero: the picture names the closed gate, and greys what lies behind it."""

from collections.abc import Callable

import numpy as np
import pytest

from autograd import Tensor, Value, minimum, where
from autograd.node import Node
from viz import PictureNode, draw


def boxes(root: Node, **names: Node) -> dict[str, PictureNode]:
    root.backward(None if np.ndim(root.data) == 0 else np.linspace(-1.0, 2.0, np.size(root.data)))
    return {node.name: node for node in draw(root, names=names).picture.nodes}


CASES: list[tuple[str, float, Callable[[Value], Value], str]] = [
    ("a closed relu", -2.0, lambda x: x.relu() * 3.0, "relu is closed: −2 ≤ 0"),
    ("the losing operand", -2.0, lambda x: x.maximum(1.0) * 3.0, "not the larger"),
    ("the losing minimum", 2.0, lambda x: minimum(x, 1.0) * 3.0, "not the smaller"),
    ("a factor of 0", 2.0, lambda x: x * 0.0 + 1.0, "multiplied by 0"),
    ("a bound of clip", 2.0, lambda x: x.clip(-1.0, 1.0) * 3.0, "clipped: outside the bounds"),
    ("saturation", 800.0, lambda x: x.tanh() * 3.0, "tanh is saturated: its local derivative is 0"),
    ("a branch not taken", -2.0, lambda x: where(x.data > 0, x, 1.0) * 3.0, "the branch not taken"),
    ("cancellation", 2.0, lambda x: x - x, "the contributions cancel out"),
    ("a flat place", 0.0, lambda x: x * x + 1.0, "multiplied by x = 0"),
]


@pytest.mark.parametrize(("number", "function", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_the_reason_is_named(number: float, function: Callable[[Value], Value], reason: str) -> None:
    x = Value(number)
    box = boxes(function(x), x=x)["x"]
    assert (box.gradient, box.mark, box.note) == ("0", "dead", reason)


def test_only_the_cause_is_named_and_all_behind_it_is_grey() -> None:
    x = Value(-2.0)
    h = x * 3.0
    y = h.relu() + 1.0
    drawn = boxes(y, x=x, h=h, y=y)
    assert (drawn["h"].mark, drawn["h"].note) == ("dead", "relu is closed: −6 ≤ 0")
    assert (drawn["x"].mark, drawn["x"].note) == ("dead", "")
    assert (drawn["y"].mark, drawn["y"].note) == ("", "")


def test_the_losing_maximum_of_several() -> None:
    x = Tensor([[1.0, 5.0], [2.0, 3.0]], requires_grad=True)
    y, z = x[0, 0], x[0, 1]
    top = x.max()
    drawn = boxes(top * 2.0 + y * 0.0, x=x, y=y, z=z, top=top)
    assert drawn["y"].note == "multiplied by 0"
    assert (drawn["x"].mark, drawn["x"].note) == ("", "")


def test_a_detached_node_is_named() -> None:
    x = Value(2.0)
    h = x.exp()
    y = h.detach() * x + h
    drawn = boxes(y, x=x, h=h, y=y)
    (copy,) = [box for box in drawn.values() if box.kind == "constant"]
    assert copy.note == "detached from h"
    w = Tensor([1.0, 2.0], requires_grad=True, name="weights")
    (copy,) = [box for box in boxes((w.detach() * Tensor(3.0, requires_grad=True)).sum()).values() if box.note]
    assert copy.note == "detached from weights"


def test_nothing_is_dead_before_a_pass_or_where_none_is_needed() -> None:
    x = Value(-2.0)
    picture = draw(x.relu() * 3.0, names={"x": x}).picture
    assert [node.mark for node in picture.nodes] == [""] * 4
    assert [edge.mark for edge in picture.edges] == [""] * 3


def test_an_arrow_that_hands_on_nothing_is_grey() -> None:
    x = Value(-2.0)
    y = x.relu() + x
    y.backward()
    picture = draw(y, names={"x": x}).picture
    assert [(edge.label, edge.product, edge.mark) for edge in picture.edges] == [
        ("[x > 0] = 0", "1 × 0 = 0", "dead"), ("1", "1 × 1 = 1", ""), ("1", "1 × 1 = 1", ""),
    ]  # fmt: skip
