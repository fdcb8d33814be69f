"""What a tensor made by indexing stands for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import GraphError, Tensor, Value, no_grad
from autograd.element import as_element, element_place, index_text
from tests.autograd.support import leaf

W = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "take, index",
    [
        (lambda w: w[1, 2, 3], (1, 2, 3)),
        (lambda w: w[-1, 0, -1], (1, 0, 3)),
        (lambda w: w[1][2][0], (1, 2, 0)),
        (lambda w: w[:, ::-1][0, 0, 1], (0, 2, 1)),
        (lambda w: w[..., 1:][1, 1, 0], (1, 1, 1)),
        (lambda w: w[[1, 0], [2, 1]][1, 3], (0, 1, 3)),
        (lambda w: w[w.data > 7.0][2], (0, 2, 2)),
        (lambda w: w[0:1, 1:2, 2:3], (0, 1, 2)),
        (lambda w: w[None, 0][0, 1, 3], (0, 1, 3)),
    ],
)
def test_indices_of_indices_lead_to_one_element(take: Callable[[Any], Any], index: tuple[int, ...]) -> None:
    w = leaf(W)
    element = as_element(take(w))
    assert element.node is w
    assert element.index == index
    assert w.data[index] == take(w).item()


def test_a_node_stands_for_itself_where_nothing_was_taken() -> None:
    w = leaf(W)
    assert as_element(w) == (w, None)
    row = w[0]
    assert as_element(row) == (row, None)
    value = Value(2.0)
    assert as_element(value) == (value, ())
    one = leaf([[5.0]])
    assert as_element(one) == (one, (0, 0))
    total = w.sum()
    assert as_element(total) == (total, ())


def test_an_element_that_the_graph_uses_stands_for_itself() -> None:
    w = leaf(W)
    part = w[0]
    used = part[1, 2]
    loss = used * used
    assert as_element(used, loss) == (used, ())
    assert as_element(part[1, 2], loss) == (part, (1, 2))
    assert as_element(w[0, 1, 2], loss) == (w, (0, 1, 2))


def test_without_recording_an_index_leaves_no_trace() -> None:
    with no_grad():
        lost = leaf(W)[0, 0, 0]
    assert as_element(lost) == (lost, ())


def test_what_is_no_node_is_refused() -> None:
    with pytest.raises(TypeError, match=r"as_element: takes a Value or a Tensor, not float"):
        as_element(2.0)  # type: ignore[arg-type]


def test_places_count_in_row_major_order() -> None:
    w = Tensor(W)
    for index in np.ndindex(*W.shape):
        assert W.reshape(-1)[element_place(w, index, "f")] == W[index]
    assert element_place(w, (-1, -1, -1), "f") == 23
    assert element_place(leaf([1.0, 2.0]), np.int64(1), "f") == 1
    assert element_place(leaf(3.0), (), "f") == 0


@pytest.mark.parametrize("index", [(2, 0, 0), (0, 0), (0, 0, -5), 0, (), "w", (0.0, 0, 0), None, (slice(None), 0, 0)])
def test_an_index_that_names_no_element_is_refused(index: Any) -> None:
    with pytest.raises(GraphError, match=r"f: 'w' of shape \(2, 3, 4\) has no element .*one integer for each axis"):
        element_place(leaf(W, "w"), index, "f")
    with pytest.raises(GraphError, match=re.escape("f: 'w' of shape () has no element 0")):
        element_place(leaf(1.0, "w"), 0, "f")


def test_names_of_elements() -> None:
    assert index_text("conv.weight", (0, 1)) == "conv.weight[0,1]"
    assert index_text("b", (3,)) == "b[3]"
    assert index_text("loss", ()) == "loss"
