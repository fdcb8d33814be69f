"""Which answers a sheet may hold, and which number of the graph each is for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import DTypeError, GraphError, ShapeError, Tensor, Value, functions, no_grad
from autograd.testing import check_by_hand
from tests.autograd.support import leaf

W = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -1.5]])
G = np.array([[0.7, 1.1, -0.4], [2.0, -0.3, 0.9]])


def weighted() -> tuple[Any, Any]:
    w = leaf(W, "w")
    return w, (w * Tensor(G)).sum()


def test_an_array_is_checked_cell_by_cell() -> None:
    _, root = weighted()
    given = G.copy()
    given[1, 2] = 5.0
    check = check_by_hand(root, {"w": given})
    assert [row.symbol for row in check] == [f"w[{i},{j}]" for i, j in np.ndindex(2, 3)]
    assert [row.verdict for row in check] == ["right"] * 5 + ["wrong"]
    assert [row.true for row in check] == G.ravel().tolist()


@pytest.mark.parametrize(
    "given",
    [
        G.tolist(),
        tuple(map(tuple, G.tolist())),
        G.astype(str),
        np.asfortranarray(G),
        np.repeat(G, 2, axis=1)[:, ::2],
        Tensor(G),
    ],
    ids=["list", "tuple", "text", "column by column", "strided", "tensor"],
)
def test_arrays_come_in_many_forms(given: Any) -> None:
    assert check_by_hand(weighted()[1], {"w": given}).right


def test_blanks_are_passed_over() -> None:
    check = check_by_hand(weighted()[1], {"w": [[0.7, None, ""], [None, None, 0.9]]})
    assert [row.symbol for row in check] == ["w[0,0]", "w[1,2]"]
    assert check.right


@pytest.mark.parametrize("key", ["w[0,1]", "w[0][1]", "w[0, 1]", "w[-2,1]", "∂L/∂w[0,1]", "dL/dw[0,1]", " w[0,1] "])
def test_an_element_by_its_name(key: str) -> None:
    assert check_by_hand(weighted()[1], {key: "1.1"}).right


def test_an_element_by_itself_and_a_node_by_itself() -> None:
    w, root = weighted()
    check = check_by_hand(root, {w[0, 1]: 1.1, w[1, 1]: 9.0})
    assert [row.symbol for row in check] == ["w[0,1]", "w[1,1]"]
    assert [row.verdict for row in check] == ["right", "wrong"]
    assert check_by_hand(root, {w: G}).right


def test_a_list_of_rows_keeps_its_order() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    check = check_by_hand(a * b, [("b", 2.0), ("a", 3.0)])
    assert [row.symbol for row in check] == ["b", "a"]
    assert check.right


def test_names_may_be_given() -> None:
    a, weights = Value(2.0), [Value(3.0), Value(4.0)]
    root = a * weights[0] * weights[1]
    square = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert check_by_hand(root, {"a": 12.0, "weights[1]": 6.0}, names=locals()).right
    assert check_by_hand(root, {"weights": [8.0, 6.0]}, names={"weights": weights}).right
    total = functions.sum(square * np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert check_by_hand(total, {"s": [[1, 2], [3, 4]]}, names={"s": square}).right
    assert check_by_hand(total, {"s[1,0]": 3}, names={"s": square}).right


def test_what_is_no_node_among_the_names_is_passed_over() -> None:
    a, tensors = Value(2.0), [leaf(np.ones(2)), leaf(np.ones(3))]
    others = {"n": 3, "none": [], "mixed": [a, 1.0], "ragged": [[a], [a, a]], "text": "abc", "array": np.ones(3)}
    assert check_by_hand(a * 3.0, {"a": 3}, names={"a": a, **others}).right
    with pytest.raises(GraphError, match="no node is called 'mixed'"):
        check_by_hand(a * 3.0, {"mixed": 3}, names={"a": a, **others})
    root = (tensors[0] * 2.0).sum() + tensors[1].sum()
    assert check_by_hand(root, {"tensors[0]": [2, 2]}, names={"tensors": tensors}).right
    with pytest.raises(ShapeError, match="tensors holds arrays"):
        check_by_hand(root, {"tensors": [1, 2]}, names={"tensors": tensors})
    more = {"t": tensors[0], "pairs": [(tensors[0], 1.0)], "mixed": [root, 1]}
    assert check_by_hand(root, {"t": [2, 2]}, names=more).right


def test_explanations_use_the_given_names() -> None:
    weights, x = [Value(0.9), Value(-1.3)], Value(0.7)
    root = (weights[0] * x).tanh() + (weights[1] * x).tanh() * 1.5
    row = check_by_hand(root, {"weights[1]": "1.0500"}, names=locals())["weights[1]"]
    assert row.slip == "derivative left out"
    assert "weights[1]·x" in row.explanation


def test_a_given_name_goes_before_the_node_s_own() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert check_by_hand(a * b, {"a": 2.0}, names={"a": b}).right


def test_an_inner_node_and_the_root_have_gradients_too() -> None:
    a = Value(2.0, "a")
    y = a * 3.0
    y.name = "y"
    root = y * y
    root.name = "L"
    assert check_by_hand(root, {"L": 1, "y": 12, "a": 36}).right


def test_a_root_that_is_a_leaf() -> None:
    x = Value(2.0, "x")
    assert check_by_hand(x, {"x": 1}).right
    assert check_by_hand(leaf(2.0, "t"), {"t": 1}).right


def test_a_node_outside_the_graph_has_gradient_0() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    assert check_by_hand(a * 2.0, {"a": 2, b: 0}).right
    assert not check_by_hand(a * 2.0, {b: 1}).right


def test_an_unknown_name_is_told_with_those_that_are_near() -> None:
    x, root = Value(1.0, "weight1"), None
    root = x * 2.0
    with pytest.raises(GraphError, match=r"'weigth1'; did you mean weight1\?"):
        check_by_hand(root, {"weigth1": 1})
    with pytest.raises(GraphError, match="none of the graph has a name"):
        check_by_hand(Value(1.0) * 2.0, {"x": 1})
    with pytest.raises(GraphError, match="has no element"):
        check_by_hand(weighted()[1], {"w[0,7]": 1})
    with pytest.raises(GraphError, match=r"shape \(2,\)"):
        check_by_hand(x * 2.0, {"v[5]": 1}, names={"v": [x, x]})


def test_a_name_that_two_nodes_have_is_refused() -> None:
    first, second = Value(1.0, "h"), Value(2.0, "h")
    root = first * second
    with pytest.raises(GraphError, match="several nodes named 'h'"):
        check_by_hand(root, {"h": 1})
    assert check_by_hand(root, {first: 2, second: 1}).right
    assert check_by_hand(root, {"h": 1}, names={"h": second}).right


def test_shapes_that_do_not_fit_are_refused() -> None:
    _, root = weighted()
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2, 3\).*'w\[1,2\]'"):
        check_by_hand(root, {"w": [1.0, 2.0, 3.0]})
    with pytest.raises(ShapeError, match="several lengths"):
        check_by_hand(root, {"w": [[1.0], [2.0, 3.0]]})
    with pytest.raises(ShapeError, match="several lengths"):
        check_by_hand(root, {"w": [[[1.0, 2.0]], [[3.0], [4.0]]]})
    with pytest.raises(ShapeError, match=r"\(\).*\(2, 3\)"):
        check_by_hand(root, {"w": 1.0})


def test_the_transpose_s_shape_is_told_as_what_it_is() -> None:
    _, root = weighted()
    check = check_by_hand(root, {"w": G.T})
    assert {row.slip for row in check} == {"transposed"}
    assert not check.right
    assert "(3, 2)" in check.summary


def test_an_answer_given_twice_is_refused() -> None:
    w, root = weighted()
    with pytest.raises(ValueError, match=r"'w\[0,1\]' is answered twice"):
        check_by_hand(root, {"w": G, "w[0,1]": 1.1})
    with pytest.raises(ValueError, match="answered twice"):
        check_by_hand(root, [("w[0,1]", 1.1), (w[0, 1], 1.1)])


def test_constants_have_no_gradient_to_compare_with() -> None:
    x = Value(2.0, "x", requires_grad=False)
    with pytest.raises(GraphError, match="x requires no gradient"):
        check_by_hand(Value(1.0, "w") * x, {"x": 1})


def test_empty_arrays_and_empty_sheets() -> None:
    x, y = leaf(np.zeros((0, 3)), "x"), leaf(np.ones(2), "y")
    root = x.sum() + (y * 2.0).sum()
    assert check_by_hand(root, {"x": np.zeros((0, 3)), "y": [2, 2]}).right
    for nothing in ({}, [], {"y": [None, None]}, {"x": np.zeros((0, 3))}):
        with pytest.raises(ValueError, match="no answer"):
            check_by_hand(root, nothing)


@pytest.mark.parametrize("answers", [3.0, "x", [1.0, 2.0], [("x", 1, 2)], {1: 2.0}, None])
def test_what_is_no_sheet_is_refused(answers: Any) -> None:
    with pytest.raises(TypeError, match="check_by_hand"):
        check_by_hand(Value(2.0, "x") * 3.0, answers)


def test_what_is_no_root_is_refused() -> None:
    w, root = weighted()
    with pytest.raises(TypeError, match="float"):
        check_by_hand(3.0, {"x": 1})  # type: ignore[arg-type]
    with pytest.raises(GraphError, match=r"\(2, 3\).*sum\(\)"):
        check_by_hand(w * 2.0, {"w": G})
    with no_grad(), pytest.raises(GraphError, match="requires no gradient"):
        check_by_hand(w.sum(), {"w": G})
    with pytest.raises(ValueError, match="digits=-1"):
        check_by_hand(root, {"w": G}, digits=-1)
    with pytest.raises(ValueError, match="digits=True"):
        check_by_hand(root, {"w": G}, digits=True)


def test_dtype_of_arrays() -> None:
    _, root = weighted()
    assert check_by_hand(root, {"w": G.astype(np.float32)}).right
    with pytest.raises(DTypeError, match="w"):
        check_by_hand(root, {"w": G > 0})
