"""The receptive field: against plain loops, and against the numbers of the graph."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import GraphError, MutationError, Tensor, Value, no_grad
from tests.viz.convolution.oracle import draw_case, in_batch, terms
from viz import receptive_field


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_the_products_are_those_of_the_loops(seed: int, constant: bool) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, _, _ = case.run(constant=constant)
    every = terms(case)
    for index in np.ndindex(*y.shape):
        field = receptive_field(y, index)
        expected = [(at, place, number) for result, at, place, number in every if result == in_batch(index, case)]
        assert [in_batch(product.left_at, case) for product in field.products] == [at for at, _, _ in expected]
        assert [product.right_at for product in field.products] == [place for _, place, _ in expected]
        assert [product.left for product in field.products] == [number for _, _, number in expected]
        assert [product.right for product in field.products] == [case.w[place] for _, place, _ in expected]
        for product, (at, _, _) in zip(field.products, expected, strict=True):
            inside = 0 <= at[2] < case.x.shape[-2] and 0 <= at[3] < case.x.shape[-1]
            assert product.place == ("inside" if inside else "padding")
        bias = None if case.b is None else case.b[index[-3]]
        assert field.bias == bias
        assert field.total == y.data[index]
        total = sum(product.value for product in field.products) + (bias or 0.0)
        assert total == pytest.approx(y.data[index], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))])
def test_a_copied_graph_still_knows_its_windows(travel: Any) -> None:
    case = draw_case(np.random.default_rng(3))
    y, _, _ = case.run()
    assert receptive_field(travel(y)).products == receptive_field(y).products


def test_what_no_window_sees_of_a_constant_is_not_known_in_a_copy() -> None:
    x = Tensor(np.arange(25.0).reshape(1, 5, 5))
    y = F.conv2d(x, Tensor(np.ones((1, 1, 2, 2)), requires_grad=True), stride=2)
    whole, known = receptive_field(y).convolution, receptive_field(copy.deepcopy(y)).convolution
    assert whole.seen(0, 0).all()
    assert (whole.image(0, 0) == x.data[0]).all()
    seen = known.seen(0, 0)
    assert seen[:4, :4].all()
    assert not seen[4].any()
    assert not seen[:, 4].any()
    assert (known.image(0, 0)[:4, :4] == x.data[0, :4, :4]).all()
    assert np.isnan(known.image(0, 0)[4]).all()


def test_a_constant_that_was_made_by_transposing_is_read_as_it_was_used() -> None:
    z = Tensor(np.arange(25.0).reshape(1, 5, 5))
    x = z.transpose((0, 2, 1))
    y = F.conv2d(x, Tensor(np.ones((1, 1, 2, 2)), requires_grad=True), stride=2)
    convolution = receptive_field(y, (0, 1, 0)).convolution
    seen = convolution.seen(0, 0)
    assert (convolution.image(0, 0)[seen] == x.data[0][seen]).all()


def test_a_large_batch_is_laid_otherwise_and_read_alike() -> None:
    x = np.random.default_rng(0).normal(size=(20, 4, 9, 9))
    w = Tensor(np.random.default_rng(1).normal(size=(3, 4, 3, 3)), requires_grad=True)
    for padding in (0, 1):
        field = receptive_field(F.conv2d(Tensor(x), w, padding=padding), (17, 2, 3, 4))
        assert (field.convolution.image(17, 3) == x[17, 3]).all()


def test_float32_agrees_within_its_own_rounding() -> None:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(64, 8, 8)).astype(np.float32), requires_grad=True)
    y = F.conv2d(x, Tensor(rng.normal(size=(2, 64, 5, 5)).astype(np.float32), requires_grad=True))
    assert receptive_field(y, (1, 2, 3)).total == float(y.data[1, 2, 3])


def test_numbers_that_are_not_finite_are_shown_and_no_mismatch() -> None:
    x = Tensor([[[np.inf, 1.0], [np.nan, 2.0]]], requires_grad=True)
    with np.errstate(invalid="ignore"):
        y = F.conv2d(x, Tensor([[[[1.0]]]], requires_grad=True))
    assert receptive_field(y, (0, 0, 0)).total == np.inf
    assert np.isnan(receptive_field(y, (0, 1, 0)).total)


def test_a_layer_s_result_is_a_convolution_s() -> None:
    conv = nn.Conv2d(1, 2, 3, padding=1)
    field = receptive_field(conv(Tensor(np.ones((1, 1, 4, 4)))), (0, 1, 0, 0))
    assert field.bias == conv.bias.data[1]
    assert [product.place for product in field.products].count("padding") == 5


def test_a_layer_that_pads_in_a_circle_shows_the_padded_image() -> None:
    conv = nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")
    x = Tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True)
    field = receptive_field(conv(x), (0, 0, 0, 0))
    assert [product.left for product in field.products] == [15, 12, 13, 3, 0, 1, 7, 4, 5]


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("changed", ["x", "w", "b"])
def test_changed_data_is_refused(changed: str, groups: int) -> None:
    tensors = {
        "x": Tensor(np.ones((2, 3, 3)), requires_grad=True),
        "w": Tensor(np.ones((2, 2 // groups, 2, 2)), requires_grad=True),
        "b": Tensor(np.ones(2), requires_grad=True),
    }
    y = F.conv2d(*tensors.values(), padding=1, groups=groups)
    tensors[changed].data = tensors[changed].data + 1.0
    with pytest.raises(MutationError, match=r"receptive_field: the data of .* was changed after .* had used it"):
        receptive_field(y)


def test_products_that_do_not_add_up_are_refused() -> None:
    y = F.conv2d(Tensor(np.ones((1, 3, 3)), requires_grad=True), Tensor(np.ones((1, 1, 2, 2)), requires_grad=True))
    y._data = y._data + 1e-9
    with pytest.raises(GraphError, match=r"products of element \(0, 0, 0\) add up to 4.0, but the graph holds 4.0000"):
        receptive_field(y)


def results() -> tuple[Tensor, Tensor]:
    x = Tensor(np.ones((1, 1, 4, 4)), requires_grad=True)
    y = F.conv2d(x, Tensor(np.ones((2, 1, 3, 3)), requires_grad=True), Tensor(np.ones(2)))
    return x, y


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda x, y: 3.0, TypeError, "takes the Tensor that conv2d returned, not float; draw shows Values"),
        (lambda x, y: Value(1.0), TypeError, "not Value"),
        (lambda x, y: x, GraphError, "is a leaf or a constant: how it was made was not recorded. Pass what conv2d"),
        (lambda x, y: F.conv2d(x.detach(), np.ones((1, 1, 2, 2))), GraphError, "requires_grad=True"),
        (lambda x, y: y.relu(), GraphError, r"pass one of those that it was made from: \+ \(node \d+\) of shape"),
        (lambda x, y: x.relu(), GraphError, "is no result of conv2d; nor was any made on the way to it"),
        (lambda x, y: y.parents[1], GraphError, "a leaf or a constant"),
        (lambda x, y: y.parents[0].parents[1], GraphError, "is not conv2d's own result"),
        (lambda x, y: F.max_pool2d(y, 2), GraphError, "is no result of conv2d; pass one of those"),
        (lambda x, y: F.conv1d(x.reshape((4, 4)), Tensor(np.ones((1, 4, 2)))), GraphError, "is no result of conv2d"),
    ],
)
def test_what_is_no_result_of_conv2d_is_told_with_the_remedy(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        receptive_field(make(*results()))


def test_with_a_bias_alone_the_graph_does_not_hold_the_convolution() -> None:
    y = F.conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), Tensor([1.0], requires_grad=True))
    with pytest.raises(GraphError, match="its input and weight are constants"):
        receptive_field(y)


def test_nothing_is_recorded_within_no_grad() -> None:
    x, _ = results()
    with no_grad():
        y = F.conv2d(x, np.ones((1, 1, 2, 2)))
    with pytest.raises(GraphError, match="made outside no_grad"):
        receptive_field(y)


def test_an_index_out_of_range_is_named() -> None:
    _, y = results()
    with pytest.raises(IndexError, match=r"receptive_field: .* of shape \(1, 2, 2, 2\) has no element \(0, 0, 2, 0\)"):
        receptive_field(y, (0, 0, 2, 0))


def test_many_results_are_named_and_counted() -> None:
    x = Tensor(np.ones((1, 8, 8)), requires_grad=True)
    for step in range(6):
        x = F.conv2d(x, Tensor(np.ones((1, 1, 2, 2))))
        x.name = f"c{step}"
    with pytest.raises(GraphError, match=r"'c0' of shape .* 'c3' of shape .* and 2 more"):
        receptive_field(x.relu())
