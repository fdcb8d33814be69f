"""The picture of a graph: values, gradients computed or not, local derivatives, names, formulas and frames."""

from typing import Any

import numpy as np
import pytest

from autograd import Elementwise, Tensor, Value, kinks, no_grad, record_source, relu, scope
from viz import Picture, PictureEdge, PictureNode, make_picture


def box(picture: Picture, name: str) -> PictureNode:
    (found,) = [node for node in picture.nodes if node.name == name]
    return found


def arrows_into(picture: Picture, name: str) -> list[PictureEdge]:
    return [edge for edge in picture.edges if edge.target == box(picture, name).id]


# ---- values, gradients, derivatives -------------------------------------------------------------------------------


def test_a_gradient_not_computed_differs_from_zero_and_from_none() -> None:
    x, unused = Value(2.0, "x"), Value(5.0, "unused")
    y = x * 3.0 + unused * 0.0
    y.name = "y"
    picture = make_picture(y)
    assert {box(picture, name).gradient for name in ("x", "unused", "y")} == {"—"}
    assert box(picture, "3").gradient is None

    y.backward()
    picture = make_picture(y)
    assert [box(picture, name).gradient for name in ("x", "unused", "y", "3")] == ["3", "0", "1", None]


def test_a_picture_keeps_what_it_showed() -> None:
    x = Value(2.0, "x")
    y = x * x
    before = make_picture(y)
    y.backward()
    x.name = "renamed"
    assert box(before, "x").gradient == "—"


def test_the_same_argument_twice_is_two_arrows() -> None:
    x = Value(3.0, "x")
    first, second = make_picture(x * x).edges
    assert (first.source, first.target) == (second.source, second.target)
    assert (first.argument, second.argument) == (0, 1)
    assert first.id != second.id
    assert first.label == second.label == "x = 3"


def test_local_derivatives_as_symbols_and_numbers() -> None:
    a, b = Value(4.0, "a"), Value(0.5, "b")
    quotient = a / b
    quotient.name = "q"
    picture = make_picture(quotient.sqrt() + a)
    assert [(edge.symbol, edge.number) for edge in arrows_into(picture, "q")] == [("1/b", "2"), ("−a/b²", "−16")]
    assert [edge.label for edge in arrows_into(picture, "q")] == ["1/b = 2", "−a/b² = −16"]
    assert [edge.label for edge in arrows_into(picture, "v₂")] == ["1", "1"]


def test_no_derivative_by_a_constant() -> None:
    picture = make_picture(Value(2.0, "x") * 3.0)
    to_x, to_constant = picture.edges
    assert (to_x.label, to_x.carries_gradient) == ("3", True)
    assert (to_constant.label, to_constant.carries_gradient) == ("", False)
    assert box(picture, "3").kind == "constant"
    assert box(picture, "3").value == ()


@pytest.mark.parametrize("at_zero", [0.0, 1.0])
def test_the_kink_rule_in_force_is_what_the_arrow_says(at_zero: float) -> None:
    x = Value(0.0, "x")
    with kinks(relu=at_zero):
        y = x.relu()
    y.backward()
    picture = make_picture(y)
    assert picture.edges[0].number == box(picture, "x").gradient == f"{at_zero:g}"


def test_an_array_is_shape_dtype_and_summary() -> None:
    x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3) - 2, requires_grad=True, name="x")
    y = relu(x).sum()
    y.backward()
    picture = make_picture(y)
    assert box(picture, "x").value == ("(2, 3) float32", "−2 … 3")
    assert box(picture, "x").gradient == "0 … 1"
    assert picture.root.value == ("6",)
    by_relu, by_sum = picture.edges
    assert (by_relu.label, by_sum.label) == ("[x > 0]", "1")


def test_few_equal_or_many_elements_of_a_local_derivative() -> None:
    few = Tensor([1.0, 2.0], requires_grad=True, name="few")
    many = Tensor(np.arange(5000.0), requires_grad=True, name="many")
    assert make_picture(few.square()).edges[0].label == "2·few = [2, 4]"
    assert make_picture(many.square()).edges[0].label == "2·many"
    assert make_picture(-many).edges[0].label == "−1"
    assert make_picture(few.sum()).edges[0].label == "1"


def test_the_sum_of_the_picture_s_own_numbers_is_the_gradient() -> None:
    """gradient(x) = Σ over arrows out of x of gradient(target) x local derivative, read off the picture."""
    x, y, z = Value(3.0, "x"), Value(-2.0, "y"), Value(5.0, "z")
    product = x * y
    root = product * product + x * z - product + x
    root.backward()
    picture = make_picture(root)
    boxes = {node.id: node for node in picture.nodes}

    def number(text: str | None) -> float:
        assert text is not None
        return float(text.replace("−", "-"))

    for node in picture.nodes:
        if not node.is_root:
            arrows = [edge for edge in picture.edges if edge.source == node.id]
            total = sum(number(boxes[edge.target].gradient) * number(edge.number) for edge in arrows)
            assert total == number(node.gradient), node.name


def test_a_result_without_gradient_is_drawn_as_a_constant() -> None:
    with no_grad():
        y = Value(2.0, "x") * 3.0
    picture = make_picture(y)
    assert [(node.kind, node.name) for node in picture.nodes] == [("constant", "6")]


# ---- names and formulas -------------------------------------------------------------------------------------------


def test_formulas_are_written_in_names() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    y = (a * b - 4.0).exp()
    y.name = "y"
    picture = make_picture(y, {b.id: "b"})
    assert [(node.name, node.formula) for node in picture.nodes] == [
        ("a", ""), ("b", ""), ("v₁", "a·b"), ("4", ""), ("v₂", "v₁ − 4"), ("y", "e^v₂"),
    ]  # fmt: skip


def test_a_negative_constant_is_put_in_parentheses() -> None:
    assert make_picture(Value(2.0, "a") * -3.0).root.formula == "a·(−3)"


def test_a_given_name_comes_before_the_node_s_own() -> None:
    x = Value(1.0, "own")
    assert make_picture(x, {x.id: "given"}).root.name == "given"
    assert make_picture(x).root.name == "own"


def test_a_long_formula_is_its_operation() -> None:
    a, b = Value(2.0, "a_rather_long_name"), Value(3.0, "another_long_name")
    picture = make_picture(a * b)
    assert picture.root.formula == "×"
    assert picture.edges[0].label == "another_long_name = 3"


def test_a_long_derivative_is_its_number() -> None:
    x = Value(0.5, "a_name_of_some_length")
    (edge,) = make_picture(x.tanh()).edges
    assert edge.symbol == "1 − tanh(a_name_of_some_length)²"
    assert edge.label == edge.number == "0.7864"
    assert any(edge.symbol in line for line in edge.details)


def test_a_primitive_whose_derivative_fails_is_still_drawn() -> None:
    def broken(out: Any, x: Any) -> Any:
        raise ZeroDivisionError

    broken_square = Elementwise("broken_square_of_test_picture", lambda x: x * x, [broken])
    picture = make_picture(broken_square(Value(3.0, "x")))
    assert picture.root.value == ("9",)
    assert picture.edges[0].label == "(ZeroDivisionError)"


def test_a_node_made_by_hand_is_drawn() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    out = Value(3.0, (a, b), "my<op>", label="out")
    picture = make_picture(out)
    assert picture.root.op == "my<op>"
    assert picture.root.formula == "my<op>(a, b)"
    assert [edge.label for edge in picture.edges] == ["", ""]


def test_details_hold_full_name_scope_and_source() -> None:
    x = Value(1.0, "x" * 100)
    with record_source(), scope("outer"), scope("inner"):
        y = x * 2.0
    picture = make_picture(y)
    assert picture.nodes[0].details == (f"{'x' * 100}: leaf",)
    assert len(picture.nodes[0].name) == 40
    name, place, source = picture.root.details
    assert (name, place) == ("v₁: ×", "scope outer/inner")
    assert source.endswith(": y = x * 2.0")
    assert "test_picture.py:" in source


# ---- frames -------------------------------------------------------------------------------------------------------


def test_each_call_of_a_scope_has_its_own_frame_and_frames_nest() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(2):
        with scope("outer"):
            y = y * x
            with scope("inner"):
                y = y.exp()
    picture = make_picture(y)
    frames = [(cluster.id, cluster.name, cluster.parent, cluster.depth) for cluster in picture.clusters]
    assert frames == [
        ("c0", "outer", None, 0), ("c1", "inner", "c0", 1), ("c2", "outer", None, 0), ("c3", "inner", "c2", 1),
    ]  # fmt: skip
    assert [node.cluster for node in picture.nodes] == [None, "c0", "c1", "c2", "c3"]


def test_very_deep_scopes_share_the_innermost_frame() -> None:
    from contextlib import ExitStack

    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(scope("deep"))
        y = Value(1.0).exp()
    picture = make_picture(y)
    assert len(picture.clusters) == 24
    assert {node.cluster for node in picture.nodes} == {"c23"}
