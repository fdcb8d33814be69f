"""Poolings: winners, shares and routed gradients, against plain loops and PyTorch."""

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import GraphError, Tensor, kinks
from tests.nn.functional.pool_draws import draw_numbers, draw_shape, draw_windows
from viz.convolution import PoolingWindow, pooling_window
from viz.convolution.finding import pooling_of
from viz.convolution.pooling import routed


def draw(seed: int, dilated: bool) -> tuple[np.random.Generator, Tensor, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    shape = draw_shape(rng, 2)
    return rng, Tensor(draw_numbers(rng, shape), requires_grad=True), draw_windows(rng, shape, 2, dilated)


def places(window: PoolingWindow, options: dict[str, Any]) -> list[tuple[int, int]]:
    """Where the elements of a window lie, from the options of the call."""
    kernel = options["kernel_size"]
    each = {name: options.get(name, default) for name, default in (("stride", kernel), ("dilation", (1, 1)))}
    stride, dilation = (value if isinstance(value, tuple) else (value, value) for value in each.values())
    i, j = window.index[-2:]
    top, left = (at * step - pad for at, step, pad in zip((i, j), stride, options["padding"], strict=True))
    return [(top + k * dilation[0], left + l * dilation[1]) for k in range(kernel[0]) for l in range(kernel[1])]


@pytest.mark.parametrize("seed", range(30))
def test_the_first_maximum_wins(seed: int) -> None:
    rng, x, options = draw(seed, dilated=True)
    try:
        y = F.max_pool2d(x, **options)
    except ValueError:  # a dilated window that sees nothing but padding
        return
    y.backward(rng.normal(size=y.shape))
    for index in np.ndindex(*y.shape):
        window = pooling_window(y, index)
        assert [cell.place for cell in window.cells] == places(window, options)
        image = x.data[index[:-2]]
        height, width = image.shape
        numbers = {
            place: image[place] for place in places(window, options) if 0 <= place[0] < height and 0 <= place[1] < width
        }
        winner = max(numbers, key=lambda place: (numbers[place], -place[0], -place[1]))
        assert [cell.place for cell in window.winners] == [winner]
        assert window.total == numbers[winner] == y.data[index]
        assert window.ties == list(numbers.values()).count(numbers[winner])
        assert {cell.place: cell.value for cell in window.cells if not cell.padding} == numbers
        assert all(cell.value == -np.inf and cell.share == 0 for cell in window.cells if cell.padding)
        assert window.upstream == y.grad[index]


@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("seed", range(25))
def test_every_cell_has_an_equal_share_of_a_mean(seed: int, count_include_pad: bool) -> None:
    rng, x, options = draw(seed, dilated=False)
    y = F.avg_pool2d(x, **options, count_include_pad=count_include_pad)
    y.backward(rng.normal(size=y.shape))
    height, width = x.shape[-2:]
    for index in np.ndindex(*y.shape):
        window = pooling_window(y, index)
        where = places(window, options)
        assert [cell.place for cell in window.cells] == where
        inside = [0 <= row < height and 0 <= column < width for row, column in where]
        in_padding = [
            row < height + options["padding"][0] and column < width + options["padding"][1] for row, column in where
        ]
        assert [cell.padding for cell in window.cells] == [not cell for cell in inside]
        assert window.divisor == sum(in_padding if count_include_pad else inside)
        assert window.counted == sum(in_padding)
        assert {cell.share for cell in window.cells} == {1 / window.divisor}
        assert window.ties == 0
        assert window.winners == ()


@pytest.mark.parametrize("seed", range(30))
def test_what_the_windows_hand_back_is_pytorch_s_gradient(seed: int) -> None:
    torch: Any = pytest.importorskip("torch")
    rng, x, options = draw(seed, dilated=False)
    T = torch.nn.functional
    for ours, theirs in ((F.max_pool2d, T.max_pool2d), (F.avg_pool2d, T.avg_pool2d)):
        x.zero_grad()
        y = ours(x, **options)
        upstream = rng.normal(size=y.shape)
        y.backward(upstream)
        twin = torch.tensor(x.data, requires_grad=True)
        theirs(twin, **options).backward(torch.tensor(upstream))
        pooling = pooling_of(y)
        for index in np.ndindex(*x.shape[:-2]):
            n, c = pooling.split(index)
            np.testing.assert_allclose(routed(pooling, n, c, "test"), twin.grad[index], rtol=1e-12, atol=1e-12)


def tied(rule: str | None) -> PoolingWindow:
    x = Tensor([[[1.0, 5.0], [5.0, 5.0]]], requires_grad=True)
    if rule is None:
        y = F.max_pool2d(x, 2)
    else:
        with kinks(ties=rule):
            y = F.max_pool2d(x, 2)
    y.backward([[[6.0]]])
    pooling = pooling_of(y)
    assert (routed(pooling, 0, 0, "test") == x.grad[0]).all()
    return pooling_window(y)


@pytest.mark.parametrize(
    "rule, shares",
    [
        (None, [0, 1, 0, 0]),
        ("first", [0, 1, 0, 0]),
        ("split", [0, 1 / 3, 1 / 3, 1 / 3]),
        ("all", [0, 1, 1, 1]),
    ],
)
def test_ties_follow_the_rule_that_was_in_force(rule: str | None, shares: list[float]) -> None:
    window = tied(rule)
    assert window.ties == 3
    assert window.rule == (rule or "first")
    assert [cell.share for cell in window.cells] == shares
    assert len(window.winners) == sum(map(bool, shares))


def test_a_window_of_minus_infinity_beside_padding_gives_to_the_image() -> None:
    x = Tensor(np.full((1, 3, 3), -np.inf), requires_grad=True)
    y = F.max_pool2d(x, 2, padding=1)
    y.backward(np.arange(1.0, 5.0).reshape(1, 2, 2))
    for index, winner in (((0, 0, 0), (0, 0)), ((0, 0, 1), (0, 1)), ((0, 1, 0), (1, 0)), ((0, 1, 1), (1, 1))):
        window = pooling_window(y, index)
        assert [cell.place for cell in window.winners] == [winner]
        assert [cell.place for cell in window.cells] == sorted(cell.place for cell in window.cells)
    assert (routed(pooling_of(y), 0, 0, "test") == x.grad[0]).all()


def test_a_nan_wins() -> None:
    x = Tensor([[[1.0, np.nan], [np.nan, 9.0]]], requires_grad=True)
    window = pooling_window(F.max_pool2d(x, 2))
    assert np.isnan(window.total)
    assert [cell.place for cell in window.winners] == [(0, 1)]
    assert window.ties == 2


def test_float32_means_agree_within_their_own_rounding() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(1, 9, 9)).astype(np.float32), requires_grad=True)
    y = F.avg_pool2d(x, 3, stride=1)
    y.backward(np.random.default_rng(1).normal(size=y.shape).astype(np.float32))
    np.testing.assert_allclose(routed(pooling_of(y), 0, 0, "test"), x.grad[0], rtol=1e-5, atol=1e-6)


def test_a_gradient_that_is_not_the_pass_s_is_refused() -> None:
    x = Tensor(np.arange(16.0).reshape(1, 4, 4), requires_grad=True)
    y = F.avg_pool2d(x, 2)
    y.sum().backward()
    y.grad = y.grad * 2.0
    with pytest.raises(GraphError, match=r"hand 0.5 to pixel \(0, 0\), but the backward pass handed .*0.25"):
        routed(pooling_of(y), 0, 0, "test")


def test_a_result_that_is_not_the_window_s_is_refused() -> None:
    for function in (F.max_pool2d, F.avg_pool2d):
        y = function(Tensor(np.arange(16.0).reshape(1, 4, 4), requires_grad=True), 2)
        y._data = y._data + 1e-6
        with pytest.raises(GraphError, match=r"pooling_window: the window of element \(0, 0, 0\) gives"):
            pooling_window(y)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda x: x, "is a leaf or a constant"),
        (lambda x: F.max_pool2d(x.detach(), 2), "is a leaf or a constant"),
        (lambda x: F.max_pool2d(x, 2).relu(), "is no result of max_pool2d or avg_pool2d; pass one of those"),
        (lambda x: F.avg_pool2d(x, 2).parents[0], "is a step inside avg_pool2d; pass what avg_pool2d returned"),
        (lambda x: F.max_pool2d(x, 2).parents[0], "is a step inside max_pool2d"),
        (lambda x: F.adaptive_max_pool2d(x, 2), "is no result of max_pool2d or avg_pool2d"),
    ],
)
def test_what_is_no_result_of_a_pooling_is_told(make: Any, words: str) -> None:
    with pytest.raises(GraphError, match=words):
        pooling_window(make(Tensor(np.arange(16.0).reshape(1, 4, 4), requires_grad=True)))


def test_an_index_out_of_range_is_named() -> None:
    with pytest.raises(IndexError, match=r"pooling_window: max .* of shape \(1, 2, 2\) has no element \(0, 2, 0\)"):
        pooling_window(F.max_pool2d(Tensor(np.ones((1, 4, 4)), requires_grad=True), 2), (0, 2, 0))
