"""Which elements become nodes, how they are called, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn.functional as NF
from autograd import GraphError, Linear, MutationError, Tensor, Value, graph_nodes, scalar_twin, scalarize
from autograd import functions as F
from tests.autograd.paths.bars import takes_at_most
from tests.autograd.scalarize.twins import assert_twin, gradients_of, numbers_of
from tests.autograd.support import leaf

RNG = np.random.default_rng(5)


def convolution() -> tuple[Tensor, Tensor, Tensor]:
    x, w = leaf(RNG.normal(size=(1, 1, 4, 4)), "x"), leaf(RNG.normal(size=(1, 1, 3, 3)), "w")
    return x, w, NF.conv2d(x, w, padding=1)


# ---- elements -----------------------------------------------------------------------------------------------------


def test_one_pixel_is_the_sum_of_nine_products() -> None:
    _, _, y = convolution()
    pixel = scalarize(y, (0, 0, 1, 2))
    assert type(pixel) is Value
    assert pixel.data == y.data[0, 0, 1, 2]
    assert (pixel.op, len(pixel.parents)) == ("Σ", 9)
    found = [tuple(factor.name for factor in product.parents) for product in pixel.parents]
    assert found == [(f"w[0,0,{k},{l}]", f"x[0,0,{k},{l + 1}]") for k in range(3) for l in range(3)]
    assert len(graph_nodes(pixel)) == 28


def test_padding_is_one_constant_and_its_products_are_seen() -> None:
    _, _, y = convolution()
    corner = scalarize(y, (0, 0, 0, 0))
    products = [[factor.name for factor in product.parents] for product in corner.parents]
    assert products[0] == ["w[0,0,0,0]", ""]
    assert products[4] == ["w[0,0,1,1]", "x[0,0,0,0]"]
    zeros = {id(product.parents[1]) for product in corner.parents if not product.parents[1].name}
    assert len(zeros) == 1
    assert len(graph_nodes(corner)) == 1 + 9 + 9 + 4 + 1
    assert [product.requires_grad for product in corner.parents] == [True] * 9


def test_a_sum_of_one_term_is_the_term() -> None:
    x, w = leaf(RNG.normal(size=(1, 1, 2, 2)), "x"), leaf([[[[3.0]]]], "w")
    pixel = scalarize(NF.conv2d(x, w), (0, 0, 1, 0))
    assert (pixel.op, [factor.name for factor in pixel.parents]) == ("×", ["w[0,0,0,0]", "x[0,0,1,0]"])


def test_lists_and_all_elements() -> None:
    _, _, y = convolution()
    some = scalarize(y, [(0, 0, 0, 0), (0, 0, -1, 2), (0, 0, 0, 0)])
    assert some.shape == (3,)
    assert some[0] is some[2]
    np.testing.assert_array_equal(numbers_of(some), y.data[[0, 0, 0], [0, 0, 0], [0, 3, 0], [0, 2, 0]])
    every = scalarize(y)
    assert every.shape == y.shape
    np.testing.assert_array_equal(numbers_of(every), y.data)
    vector = leaf([1.0, 2.0, 4.0], "v") * 2.0
    assert [value.data for value in scalarize(vector, [2, 0])] == [8.0, 2.0]
    assert scalarize(vector, -1).data == 8.0
    assert scalarize(vector, []).shape == (0,)
    total = vector.sum()
    assert scalarize(total).data == scalarize(total, ()).data == 14.0


@pytest.mark.parametrize("element", [(0, 0, 4, 0), (0, 0), "x", [(0, 0, 0)], (slice(None), 0, 0, 0)])
def test_an_index_that_names_no_element(element: Any) -> None:
    _, _, y = convolution()
    with pytest.raises(GraphError, match=r"scalarize: .*has no element .*one integer for each axis"):
        scalarize(y, element)


def test_an_argument_that_is_not_needed_is_not_made() -> None:
    x, y = leaf([1.0, 2.0], "x"), leaf([3.0, 4.0], "y")
    joined = F.concatenate([x, y])
    twin = scalar_twin(joined * 2.0, (1,))
    assert [node.name for node in graph_nodes(twin.root)][:1] == ["x[1]"]
    assert list(twin.elements(y)) == [None, None]


# ---- names --------------------------------------------------------------------------------------------------------


def test_names_come_from_the_node_or_from_the_call() -> None:
    x, w = leaf([1.0, 2.0], "x"), leaf([[3.0, 4.0]])
    h = w @ x
    h.name = "h"
    loss = (h * h).sum()
    twin = scalar_twin(loss, names={w.id: "kernel", loss.id: "L"})
    assert twin.root.name == "L"
    assert [value.name for value in twin.elements(w).flat] == ["kernel[0,0]", "kernel[0,1]"]
    assert twin.element(h, 0).name == "h[0]"
    unnamed = [node for node in graph_nodes(twin.root) if not node.name]
    assert all(node.rule is not None for node in unnamed)


def test_the_oldest_name_of_an_element_stays() -> None:
    x = leaf([[1.0, 2.0]], "x")
    view = x.T
    view.name = "view"
    hidden = view * 2.0
    last = hidden[:, 0]
    last.name = "last"
    twin = scalar_twin(last)
    assert twin.element(view, (1, 0)) is twin.element(x, (0, 1))
    assert twin.element(x, (0, 1)).name == "x[0,1]"
    assert twin.element(hidden, (0, 0)).name == "last[0]"


def test_a_constant_image_keeps_its_name_through_windows_and_slices() -> None:
    image = Tensor(np.arange(16.0).reshape(1, 1, 4, 4), name="image")
    w = leaf(np.ones((1, 1, 2, 2)), "w")
    y = NF.conv2d(image, w)
    pixel = scalarize(y, (0, 0, 2, 0))
    assert [product.parents[1].name for product in pixel.parents] == [
        "image[0,0,2,0]", "image[0,0,2,1]", "image[0,0,3,0]", "image[0,0,3,1]",
    ]  # fmt: skip
    twin = assert_twin(y, [w])
    factors = [product.parents[1] for pixel in twin.root.flat for product in pixel.parents]
    assert len({id(factor) for factor in factors if factor.data == 10.0}) == 1
    mirrored = scalarize(image[..., ::-1, 1:].T[..., 0, 0] * w[0, 0, 0, 0], (0, 3))
    assert mirrored.parents[0].name == "image[0,0,0,1]"


def test_a_view_of_a_parameter_taken_without_recording_stays_a_constant() -> None:
    w = leaf([1.0, 2.0], "w")
    with ag.no_grad():
        frozen = w[:1]
    y = w * frozen
    twin = scalar_twin(y)
    assert_twin(y, [w])
    assert not twin.root[0].parents[1].requires_grad


# ---- where an element's twin is -----------------------------------------------------------------------------------


def test_the_twin_knows_its_elements() -> None:
    x, w, y = convolution()
    twin = scalar_twin(y, (0, 0, 0, 0))
    twin.root.backward()
    expected = np.zeros((3, 3))
    expected[1:, 1:] = x.data[0, 0, :2, :2]
    np.testing.assert_array_equal(gradients_of(twin.elements(w))[0, 0], expected)
    assert twin.element(y, (0, 0, 0, 0)) is twin.root
    assert twin.elements(x)[0, 0, 3, 3] is None
    with pytest.raises(GraphError, match=r"element \(0, 0, 3, 3\) of 'x' does not feed the elements"):
        twin.element(x, (0, 0, 3, 3))
    with pytest.raises(GraphError, match="has no element"):
        twin.element(x, (0, 0, 4, 4))
    stranger = leaf([1.0])
    assert list(twin.elements(stranger)) == [None]


def test_the_origin_of_a_value() -> None:
    x, w, y = convolution()
    twin = scalar_twin(y, (0, 0, 0, 0))
    node, index = twin.origin(twin.root) or (None, None)
    assert (node, index) == (y, (0, 0, 0, 0))
    assert twin.origin(twin.element(w, (0, 0, 1, 1))) == (w, (0, 0, 1, 1))
    assert twin.origin(twin.element(x, (0, 0, 1, 1))) == (x, (0, 0, 1, 1))  # not the padded one
    assert twin.origin(twin.root.parents[0]) is None
    assert twin.origin(Value(1.0)) is None


# ---- only what depends on chosen elements -------------------------------------------------------------------------


def test_of_one_weight_keeps_what_it_changes() -> None:
    _, w, y = convolution()
    loss = (y.relu() * y).sum()
    loss.backward()
    for index in np.ndindex(*w.shape):
        twin = scalar_twin(loss, of=w[index])
        twin.root.backward()
        assert twin.element(w, index).grad == pytest.approx(w.grad[index], rel=1e-12)
        leaves = [node for node in graph_nodes(twin.root) if node.rule is None and node.requires_grad]
        assert leaves == [twin.element(w, index)]
        assert twin.root.data == loss.data


def test_the_terms_that_do_not_change_are_one() -> None:
    _, w, y = convolution()
    pixel = scalar_twin(y, (0, 0, 1, 1), of=w[0, 0, 2, 2]).root
    product, rest = pixel.parents
    assert [factor.name for factor in product.parents] == ["w[0,0,2,2]", "x[0,0,2,2]"]
    assert (rest.name, rest.requires_grad) == ("8 more terms", False)
    assert product.data + rest.data == pytest.approx(y.data[0, 0, 1, 1], rel=1e-12)
    total = scalar_twin(F.sum(leaf([1.0, 2.0, 4.0], "x") * 1.0)).root
    assert len(total.parents) == 3
    v = leaf([1.0, 2.0, 4.0], "v")
    for function, expected in ((F.sum, "2 more terms"), (lambda z: F.cumsum(z)[1], "1 more term")):
        found = scalar_twin(function(v * 2.0), of=v[1]).root
        assert [parent.name for parent in found.parents] == ["", expected]


def test_what_is_left_out_includes_padding_and_keeps_names() -> None:
    x = leaf([1.0, 2.0], "x")
    padded = scalar_twin(F.sum(F.pad(x, (1, 2), 5.0) * 1.0), of=x[0]).root
    assert [parent.name for parent in padded.parents] == ["", "4 more terms"]
    assert padded.parents[1].data == 17.0
    image = Tensor(np.arange(9.0).reshape(1, 1, 3, 3), name="image")
    w = leaf(np.ones((1, 1, 2, 2)), "w")
    product = scalar_twin(NF.conv2d(image, w), (0, 0, 1, 1), of=w[0, 0, 0, 1]).root.parents[0]
    assert product.parents[1].name == "image[0,0,1,2]"


def test_of_a_maximum_keeps_all_that_it_compares() -> None:
    x = leaf([[1.0, 3.0], [2.0, 0.5]], "x")
    twin = scalar_twin(F.max(x * 2.0), of=x[1, 0])
    assert [parent.data for parent in twin.root.parents] == [2.0, 6.0, 4.0, 1.0]
    assert [parent.requires_grad for parent in twin.root.parents] == [False, False, True, False]


def test_of_an_inner_node_begins_there() -> None:
    x = leaf([1.0, 2.0], "x")
    h = x * 3.0
    h.name = "h"
    loss = (h * h * x).sum()
    loss.backward()
    twin = scalar_twin(loss, of=h)
    twin.root.backward()
    np.testing.assert_allclose(gradients_of(twin.elements(h)), h.grad)
    assert twin.element(h, 0).is_leaf
    both = scalar_twin(loss, of=[h[0], x[1]])
    both.root.backward()
    assert both.element(h, 0).grad == h.grad[0]
    assert both.element(x, 1).grad == x.grad[1]


def test_of_a_whole_weight_and_of_what_does_not_feed_the_root() -> None:
    _, w, y = convolution()
    other = leaf([1.0], "other")
    twin = scalar_twin(y.sum(), of=w)
    y.sum().backward()
    twin.root.backward()
    np.testing.assert_allclose(gradients_of(twin.elements(w)), w.grad, rtol=1e-12)
    alone = scalar_twin(y.sum(), of=other)
    assert not alone.root.requires_grad
    assert alone.root.data == y.sum().data


def test_of_a_closed_gate_is_kept() -> None:
    """Nothing comes through today, but the way is there to be seen."""
    x = leaf([-1.0, 2.0], "x")
    twin = scalar_twin(x.relu().sum(), of=x[0])
    assert twin.root.requires_grad
    twin.root.backward()
    assert twin.element(x, 0).grad == 0.0


def test_of_a_constant_is_refused() -> None:
    x, w = Tensor([1.0], name="x"), leaf([2.0], "w")
    with pytest.raises(GraphError, match="'x' is a constant: nothing depends on it"):
        scalar_twin(w * x, of=x)


# ---- the budget ---------------------------------------------------------------------------------------------------


def test_the_budget_is_the_number_of_nodes() -> None:
    _, _, y = convolution()
    loss = (y * y).sum()
    count = len(graph_nodes(scalarize(loss)))
    assert len(graph_nodes(scalarize(loss, max_nodes=count))) == count
    loss.name = "L"
    with pytest.raises(GraphError, match=rf"'L' would have up to {count} nodes, and max_nodes={count - 1}\. Choose"):
        scalarize(loss, max_nodes=count - 1)


def test_the_budget_of_a_part_is_that_of_the_part() -> None:
    _, w, y = convolution()
    part = w[0, 0, 2, 2]
    assert len(graph_nodes(scalar_twin(y, (0, 0, 1, 1), of=part, max_nodes=5).root)) == 5
    with pytest.raises(GraphError, match="up to 5 nodes, and max_nodes=4"):
        scalar_twin(y, (0, 0, 1, 1), of=part, max_nodes=4)


def test_a_large_graph_is_refused_at_once_with_an_estimate() -> None:
    x, w = leaf(np.zeros((8, 16, 40, 40)), "x"), leaf(np.zeros((32, 16, 3, 3)), "w")
    y = NF.conv2d(x, w)
    products = y.size * 16 * 9
    total = y.sum()
    with takes_at_most(1.0), pytest.raises(GraphError, match=r"would have up to ([0-9,]+) nodes") as refused:
        scalarize(total)
    estimate = int(re.findall("up to ([0-9,]+) nodes", str(refused.value))[0].replace(",", ""))
    assert products < estimate < 1.1 * products
    with takes_at_most(1.0):
        pixel = scalarize(y, (3, 1, 20, 20))
    assert len(graph_nodes(pixel)) == 1 + 3 * 144


def test_a_long_chain_does_not_recurse() -> None:
    x = leaf([1.0, 2.0], "x")
    y = x
    for _ in range(2000):
        y = y + 0.0
    twin = scalar_twin(y.sum(), of=x[1])
    twin.root.backward()
    assert twin.element(x, 1).grad == 1.0


# ---- what has no twin ---------------------------------------------------------------------------------------------


def test_functions_of_whole_matrices_are_refused_unless_they_are_constant() -> None:
    a, b = leaf([[2.0, 1.0], [1.0, 3.0]], "a"), leaf([1.0, 2.0], "b")
    inverse = F.linalg.inv(a)
    y = inverse @ b
    with pytest.raises(GraphError, match="made by inv, a function of whole matrices"):
        scalarize(y)
    twin = scalar_twin(y.sum(), of=b[0])
    twin.root.backward()
    assert twin.element(b, 0).grad == pytest.approx(inverse.data.sum(axis=0)[0])


def test_changed_data_is_refused() -> None:
    x = leaf([1.0, 2.0], "x")
    y = x * x
    x.data[0] = 5.0
    with pytest.raises(MutationError, match="'x' was changed"):
        scalarize(y)


def test_a_program_that_is_recorded_has_no_twin() -> None:
    def function(x: Any) -> Any:
        scalarize(x * 2.0)
        return x.sum()

    with pytest.raises(GraphError, match="makes a scalar twin"):
        ag.replay.record(function, np.ones(2))


# ---- the user's own primitives ------------------------------------------------------------------------------------


def _spread(x: Any, own: Any = None) -> Any:
    return np.stack([x + x[::-1], x - x[::-1]])


def test_a_linear_primitive_of_the_users_own() -> None:
    mix = Linear("mix for a test", _spread, [lambda g, x: g[0] + g[0][::-1] + g[1] - g[1][::-1]])
    x = leaf([1.0, 2.0, 5.0], "x")
    y = mix(x * 2.0)
    assert_twin(y, [x])
    twin = scalar_twin((y * y).sum(), of=x[0])
    twin.root.backward()
    (y * y).sum().backward()
    x_grad = 2 * 2 * (y.data[0] + y.data[0][::-1] + y.data[1] - y.data[1][::-1])
    assert twin.element(x, 0).grad == pytest.approx(x_grad[0])


def test_a_primitive_that_does_not_act_on_values_says_so() -> None:
    turn = Linear("turn for a test", lambda x: np.fft.ifft(np.fft.fft(x)).real, [lambda g, x: g])
    with pytest.raises(GraphError, match=r"turn for a test does not act on arrays of Values .*choose elements"):
        scalarize(turn(leaf([1.0, 2.0])))
    wrong = Linear("wrong for a test", lambda x: x * 2.0, [lambda g, x: g * 2.0], objects=lambda x: x * 3.0)
    with pytest.raises(GraphError, match="makes other numbers of Values than of arrays"):
        scalarize(wrong(leaf([1.0, 2.0])))
