"""Steps by one element: every derivative of one element by one other, and their sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

import autograd
import autograd as ag
import nn.functional as F
from autograd import GraphError, functions, graph_nodes
from autograd.steps import EdgeStep
from tests.autograd.stepping import forget, gradient_bits, random_root
from tests.autograd.support import by_own_names, examples, leaf, seeds

backward_steps = by_own_names(autograd.backward_steps)


def element_steps(root: Any, *gradient: Any) -> list[EdgeStep]:
    return [step for step in backward_steps(root, *gradient, elements=True) if isinstance(step, EdgeStep)]


def told(steps: list[EdgeStep]) -> list[tuple[Any, ...]]:
    return [(step.at, step.into, step.upstream, step.local, step.contribution) for step in steps]


@examples(20)
@given(seed=seeds)
def test_elements_add_up_to_the_gradients_and_the_gradients_are_those_of_backward(seed: int) -> None:
    root = random_root(seed)
    root.backward()
    assume(all(np.isfinite(node.grad).all() for node in graph_nodes(root) if node.has_grad))
    expected = gradient_bits(root)
    forget(root)
    steps = element_steps(root)
    assert gradient_bits(root) == expected
    sums = {node.id: np.zeros(node.shape) for node in graph_nodes(root)}
    complete: dict[int, set[Any]] = {}
    for step in steps:
        assert step.into is not None
        sums[step.parent.id][step.into] += step.contribution
        assert step.upstream == step.node.grad[step.at]
        assert step.after == step.before + step.contribution
        if step.complete:
            assert step.into not in complete.setdefault(step.parent.id, set())
            complete[step.parent.id].add(step.into)
    for node in graph_nodes(root):
        if node.has_grad and node is not root:
            largest = np.abs(node.grad[np.isfinite(node.grad)]).max(initial=1.0)
            np.testing.assert_allclose(sums[node.id], node.grad, rtol=1e-10, atol=1e-12 * largest)


def test_a_product_of_matrices_is_the_products_of_their_elements() -> None:
    """d(x @ w)[i, j] / dx[i, k] = w[k, j], a zero too; and d / dw[k, j] = x[i, k]."""
    x, w = leaf([[1.0, 0.0], [3.0, 4.0]]), leaf([[0.5, -1.0], [0.0, 2.0]])
    upstream = np.array([[1.0, 10.0], [100.0, 1000.0]])
    steps = element_steps(x @ w, upstream)
    of_x = {(step.at, step.into): step.contribution for step in steps if step.parent is x}
    of_w = {(step.at, step.into): step.contribution for step in steps if step.parent is w}
    places = [(i, j, k) for i in range(2) for j in range(2) for k in range(2)]
    assert of_x == {((i, j), (i, k)): upstream[i, j] * w.data[k, j] for i, j, k in places}
    assert of_w == {((i, j), (k, j)): upstream[i, j] * x.data[i, k] for i, j, k in places}


def test_a_convolution_hands_each_weight_each_pixel_of_its_patches() -> None:
    rng = np.random.default_rng(0)
    x, w = leaf(rng.normal(size=(1, 1, 3, 4))), leaf(rng.normal(size=(1, 1, 2, 2)))
    upstream = rng.normal(size=(1, 1, 2, 3))
    steps = element_steps(F.conv2d(x, w), upstream)
    received: dict[Any, list[float]] = {}
    for step in steps:
        if step.parent is w:
            received.setdefault(step.into, []).append(step.contribution)
    for a in range(2):
        for b in range(2):
            products = [upstream[0, 0, i, j] * x.data[0, 0, i + a, j + b] for i in range(2) for j in range(3)]
            assert received[(0, 0, a, b)] == pytest.approx(products, rel=1e-15)


def test_a_reduction_goes_group_by_group_and_a_losing_element_receives_0() -> None:
    x = leaf([[1.0, 5.0, 5.0], [7.0, 2.0, 0.0]])
    steps = element_steps(functions.max(x, axis=1), np.array([10.0, -1.0]))
    assert told(steps) == [
        ((0,), (0, 0), 10.0, 0.0, 0.0),
        ((0,), (0, 1), 10.0, 1.0, 10.0),  # the first of two equal ones
        ((0,), (0, 2), 10.0, 0.0, 0.0),
        ((1,), (1, 0), -1.0, 1.0, -1.0),
        ((1,), (1, 1), -1.0, 0.0, 0.0),
        ((1,), (1, 2), -1.0, 0.0, 0.0),
    ]
    down = element_steps(functions.sum(x, axis=0, keepdims=True), np.array([[1.0, 2.0, 3.0]]))
    assert [(step.at, step.into, step.contribution) for step in down][:3] == [
        ((0, 0), (0, 0), 1.0),
        ((0, 0), (1, 0), 1.0),
        ((0, 1), (0, 1), 2.0),
    ]


def test_an_element_that_is_taken_twice_receives_twice() -> None:
    x = leaf([1.0, 2.0])
    steps = element_steps(x[[1, 1, 0]], np.array([3.0, 4.0, 5.0]))
    assert told(steps) == [
        ((0,), (1,), 3.0, 1.0, 3.0),
        ((1,), (1,), 4.0, 1.0, 4.0),
        ((2,), (0,), 5.0, 1.0, 5.0),
    ]
    assert [(step.before, step.after, step.complete) for step in steps] == [
        (0.0, 3.0, False),
        (3.0, 7.0, True),
        (0.0, 5.0, True),
    ]


def test_a_broadcast_constant_an_inverse_and_a_scalar() -> None:
    s = leaf(2.0)
    (step,) = element_steps(s * 3.0)
    assert told([step]) == [((), (), 1.0, 3.0, 3.0)]
    x = leaf([[2.0, 0.0], [0.0, 4.0]])
    steps = element_steps(ag.linalg.inv(x), np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert len(steps) == 16, "an inverse is one whole: each element depends on each"
    by_place = {(step.at, step.into): step.local for step in steps}
    assert by_place[((0, 0), (0, 0))] == pytest.approx(-0.25)  # d(1/a)/da = -1/a²
    assert by_place[((0, 0), (1, 1))] == 0.0


def test_infinite_slopes_hand_on_0_where_nothing_came_in() -> None:
    x = leaf([0.0, 4.0])
    steps = element_steps(ag.sqrt(x), np.array([0.0, 1.0]))
    assert told(steps) == [((0,), (0,), 0.0, np.inf, 0.0), ((1,), (1,), 1.0, 0.25, 0.25)]


def test_a_hand_on_of_float32_is_told_in_float32() -> None:
    x = leaf(np.float32([0.1]))
    (step,) = element_steps(x * np.float32(0.1), np.float32([0.3]))
    assert step.contribution == float(np.float32(0.3) * np.float32(0.1))


def test_values_are_single_elements_already() -> None:
    x = ag.Value(2.0, "x")
    (step,) = (each for each in backward_steps(x.exp(), elements=True) if isinstance(each, EdgeStep))
    assert (step.at, step.into, step.receiver) == (None, None, "x")


def test_too_many_elements_are_refused_before_anything_is_done() -> None:
    x, w = leaf(np.ones((40, 40)), "x"), leaf(np.ones((40, 40)), "w")
    root = (x @ w).sum()
    root.backward()
    before = gradient_bits(root)
    with pytest.raises(GraphError, match=r"5,121,600 derivatives .* between x of shape \(40, 40\) .* \(matmul\)"):
        backward_steps(root, elements=True)
    assert gradient_bits(root) == before
    list(backward_steps((x * w).sum(), elements=True))


def test_an_element_is_named_by_its_place() -> None:
    x = leaf([[1.0, 2.0]], "x")
    steps = element_steps((x * x).sum())
    assert str(steps[-1]) == "step 7: x[0,1] receives 1 × 2 = 2 (by ×; was 2, is 4)"
    assert steps[-1]._repr_latex_().startswith(r"$\displaystyle \frac{\partial v_{2}}{\partial x[0,1]} \leftarrow 2 + ")
