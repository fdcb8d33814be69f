"""Every operation's scalar twin: the numbers and the gradients of the tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as NF
from autograd import Tensor, Value, graph_nodes, kinks, scalar_twin, scalarize
from autograd import functions as F
from autograd.primitives import structural
from tests.autograd.scalarize.twins import assert_twin, gradients_of, numbers_of, weighted
from tests.autograd.support import leaf, upstream
from tests.autograd.test_arrays_of_values import CASES


@pytest.mark.parametrize("name", CASES)
def test_every_array_function(name: str) -> None:
    x = leaf(np.random.default_rng(11).normal(size=(3, 4)), "x")
    assert_twin(CASES[name](x), [x])


RNG = np.random.default_rng(3)
IMAGE, KERNEL, MATRIX = RNG.normal(size=(2, 2, 5, 6)), RNG.normal(size=(4, 1, 3, 2)), RNG.normal(size=(3, 4))
TIES = RNG.integers(-1, 2, size=(1, 2, 4, 4)).astype(float)
MORE: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "grouped convolution": (
        lambda x, w, b: NF.conv2d(x, w, b, stride=(1, 2), padding=((1, 0), 2), dilation=(1, 2), groups=2),
        [IMAGE, KERNEL, RNG.normal(size=4)],
    ),
    "1 x 1 convolution": (NF.conv2d, [IMAGE, RNG.normal(size=(3, 2, 1, 1))]),
    "transposed convolution": (
        lambda x, w: NF.conv_transpose2d(x, w, stride=2, padding=1),
        [IMAGE, RNG.normal(size=(2, 3, 3, 3))],
    ),
    "max pooling with ties": (lambda x: NF.max_pool2d(x, 2, stride=1, padding=1), [TIES]),
    "max pooling that leaves a rest": (lambda x: NF.max_pool2d(x, 3, ceil_mode=True, padding=1), [IMAGE]),
    "average pooling": (lambda x: NF.avg_pool2d(x, 2, padding=1), [IMAGE]),
    "batch norm": (
        lambda x, w, b: NF.batch_norm(x, None, None, w, b, training=True),
        [IMAGE, RNG.normal(size=2), RNG.normal(size=2)],
    ),
    "layer norm": (lambda x: NF.layer_norm(x, (4,)), [MATRIX]),
    "softmax": (lambda x: NF.softmax(x, 1), [MATRIX]),
    "cross-entropy": (lambda x: NF.cross_entropy(x, [1, 0, 3]), [MATRIX]),
    "nll with weights": (
        lambda x: NF.nll_loss(x, [1, -100, 3], weight=[1.0, 2.0, 0.5, 3.0]),
        [MATRIX],
    ),
    "attention": (
        lambda q, k, v: NF.scaled_dot_product_attention(q, k, v),
        [RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 5, 2))],
    ),
    "stacked matmul": (F.matmul, [RNG.normal(size=(2, 1, 3, 4)), RNG.normal(size=(5, 4, 2))]),
    "a row times a matrix": (F.matmul, [RNG.normal(size=4), RNG.normal(size=(4, 2))]),
    "repeated indices": (lambda x: x[[0, 2, 0, 0], [1, 3, 1, 2]] * F.getitem(x, ([1, 1, 1, 1],))[:, 0], [MATRIX]),
    "a boolean mask": (lambda x: x[MATRIX > 0], [MATRIX]),
    "where with two branches": (lambda x, y: F.where(y.data < MATRIX, x * y, y), [MATRIX, RNG.normal(size=(3, 1))]),
    "broadcasting": (lambda x, y: x * y + y / (2.0 + x * x), [MATRIX, RNG.normal(size=4)]),
    "einsum with a broadcast label": (lambda x, y: F.einsum("ij,k->ikj", x, y), [MATRIX, RNG.normal(size=2)]),
    "a node used twice": (lambda x: x * x + x, [MATRIX]),
    "a result that is a leaf": (lambda x: x, [MATRIX]),
    "a view of a leaf": (lambda x: x.T[1:, ::-1], [MATRIX]),
    "no elements": (lambda x: (x[:0] * 2.0).sum(axis=0), [MATRIX]),
    "axes in another order": (lambda x: F.max(x, axis=(3, 1)) * F.sum(x, axis=(2, 0), keepdims=True)[0, :, 0], [TIES]),
    "embedding": (lambda w: NF.embedding(np.array([[0, 2], [2, 2]]), w), [MATRIX]),
}


@pytest.mark.parametrize("name", MORE)
def test_compositions(name: str) -> None:
    function, data = MORE[name]
    leaves = [leaf(x, f"x{place}") for place, x in enumerate(data)]
    assert_twin(function(*leaves), leaves)


def test_sums_in_the_graph_of_a_gradient() -> None:
    """scatter and overlap_add stand in graphs of derivatives; there they are given numbers of their own."""
    x = leaf(RNG.normal(size=(3, 2)), "x")
    assert_twin(structural.scatter(x, index=(np.array([2, 0, 2]),), shape=(4, 2)) * 2.0, [x])
    windows = leaf(RNG.normal(size=(2, 3, 2)), "x")
    back = structural.overlap_add(windows, shape=(2, 9), kernel=(2,), stride=(2,), dilation=(3,))
    assert_twin(back, [windows])


@pytest.mark.parametrize("ties", ["split", "first", "all"])
def test_the_kink_rule_in_force_when_a_tensor_was_made_holds_in_its_twin(ties: str) -> None:
    x = leaf([[1.0, 2.0, 2.0], [0.0, 0.0, -0.0]], "x")
    with kinks(ties=ties, relu=0.25, abs=-0.5):
        y = F.max(x, axis=1) + F.sum(ag.maximum(x, x[:, ::-1]) * x.relu() + abs(x), axis=1)
    assert_twin(y, [x])
    with kinks(ties="raise", relu=1.0, abs=1.0):  # what holds around the call is another matter
        assert_twin(y, [x])


def test_the_kink_rule_around_the_call_is_another_matter() -> None:
    x = leaf([0.0, 2.0, 2.0], "x")
    y = F.max(x) + F.sum(x.relu() * 3.0)
    with kinks(ties="all", relu=1.0):
        twin = scalar_twin(y)
    twin.root.backward()
    assert gradients_of(twin.elements(x)).tolist() == [0.0, 4.0, 3.0]


def test_a_nan_that_was_not_chosen_does_not_leak() -> None:
    x = leaf([4.0, -1.0, 0.0], "x")
    with np.errstate(invalid="ignore", divide="ignore"):
        y = F.where(x.data > 0, x.sqrt(), 0.0) + F.where(x.data > 0, x.log(), x)
    twin = scalar_twin(y)
    gradient = upstream(1, (3,), float)
    y.backward(gradient)
    weighted(twin.root, gradient).backward()
    np.testing.assert_allclose(gradients_of(twin.elements(x)), x.grad, rtol=1e-12)
    assert np.isfinite(x.grad).all()


def test_single_precision_keeps_its_numbers() -> None:
    """In double precision the sums would differ in the eighth digit, and what is tied would not be."""
    rng = np.random.default_rng(0)
    x, w = leaf(rng.normal(size=(1, 1, 6, 6)).astype("float32"), "x"), leaf(np.ones((1, 1, 3, 3), "float32"), "w")
    y = NF.max_pool2d(NF.conv2d(x, w), 2)
    loss = (y * y).sum()
    twin = scalar_twin(loss)
    assert twin.root.data == float(loss.data)
    np.testing.assert_array_equal(numbers_of(twin.elements(y)), y.data.astype(float))
    loss.backward()
    twin.root.backward()
    np.testing.assert_allclose(gradients_of(twin.elements(w)), w.grad, rtol=1e-5)


def test_a_cast_does_not_round_what_it_was_made_of() -> None:
    x = leaf([1.0 / 3.0], "x")
    y = x.astype("float16") * 2.0
    twin = scalar_twin(y)
    assert twin.element(x, 0).data == 1.0 / 3.0
    assert twin.root[0].data == float(y.data[0])


def test_memory_layout_does_not_count() -> None:
    base = leaf(RNG.normal(size=(4, 6)), "x")
    x = base.T[::2]
    assert_twin(F.sum(x * MATRIX[:, :4], axis=0), [base])


def test_a_network_of_modules() -> None:
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    x = Tensor(RNG.normal(size=(1, 1, 6, 6)), name="image")
    loss = NF.cross_entropy(model(x), [2])
    twin = assert_twin(loss, list(model.parameters()))
    assert {"0.weight[1,0,2,2]", "4.bias[2]", "image[0,0,5,5]"} <= {node.name for node in graph_nodes(twin.root)}


def test_scopes_and_source_lines_come_along() -> None:
    x, w = leaf(RNG.normal(size=(1, 1, 3, 3)), "x"), leaf(RNG.normal(size=(1, 1, 2, 2)), "w")
    with ag.record_source(), ag.scope("model"):
        y = NF.conv2d(x, w, padding=1)
    pixel = scalarize(y, (0, 0, 1, 1))
    inside = [node for node in graph_nodes(pixel) if node.rule is not None]
    assert len(inside) == 5
    for node in inside:
        assert node.scope == "model/conv2d"
        assert node.scopes == y.scopes
        assert node.source == y.source
        assert "NF.conv2d(x, w, padding=1)" in node.source.text
    assert all(node.scope == "" for node in graph_nodes(pixel) if node.rule is None)
    assert pixel.name == ""


def test_what_is_recorded_around_the_call_stays_outside() -> None:
    x = leaf([1.0, 2.0], "x")
    y = x * x
    with ag.no_grad(), ag.scope("outside"), ag.record_source():
        twin = scalarize(y, 1)
    assert twin.requires_grad
    assert twin.scope == ""
    assert twin.source is None
    twin.backward()
    assert twin.parents[0].grad == 4.0


def test_a_value_is_its_own_twin() -> None:
    a = Value(2.0, "a")
    y = a * a
    assert scalarize(y) is y
    assert scalar_twin(y).element(a) is a
    with pytest.raises(ag.GraphError, match="a Value has no elements"):
        scalarize(y, 0)
