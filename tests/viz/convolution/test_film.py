"""Films: every frame's numbers, and that the frames together are the passes."""

import json
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import GraphError, Tensor
from autograd.numbers import number_text
from tests.viz.convolution.oracle import draw_case
from viz.convolution import (
    convolution_frames,
    convolution_stage,
    pooling_frames,
    pooling_stage,
    receptive_field,
)

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def values(matrix: Any) -> Any:
    """The numbers of a plain matrix; NaN for what is not shown."""
    return np.array([[np.nan if number is None else number[0] for number in row] for row in matrix], dtype=float)


def numbers_in(data: Any) -> list[list[Any]]:
    """Every [value, text] of plain data."""
    if isinstance(data, dict):
        return [number for part in data.values() for number in numbers_in(part)]
    if isinstance(data, list):
        if len(data) == 2 and isinstance(data[1], str):
            return [data]
        return [number for part in data for number in numbers_in(part)]
    return []


@pytest.mark.parametrize("view", ["forward", "scatter", "gather", "kernel"])
def test_a_film_is_plain_data_with_every_number_as_text(view: str) -> None:
    y, _, _ = draw_case(np.random.default_rng(5)).run()
    film = [convolution_stage(y, view), *convolution_frames(y, view)]
    assert json.loads(json.dumps(film, allow_nan=False)) == film
    numbers = numbers_in(film)
    assert len(numbers) > 10
    assert all(text == number_text(value) for value, text in numbers)


@pytest.mark.parametrize("seed", range(15))
def test_the_kernel_slides_over_every_output(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, _, _ = case.run()
    for plane in np.ndindex(*y.shape[:-2]):
        frames = list(convolution_frames(y, "forward", plane))
        assert [tuple(frame["index"]) for frame in frames] == [(*plane, *at) for at in np.ndindex(*y.shape[-2:])]
        for frame in frames:
            field = receptive_field(y, frame["index"])
            assert tuple(frame["corner"]) == field.products[0].left_at[-2:]
            products = np.concatenate([values(part).ravel() for part in frame["products"]])
            assert products.tolist() == [product.value for product in field.products]
            bias = 0.0 if frame["bias"] is None else frame["bias"][0]
            total = sum(value for value, _ in frame["sums"]) + bias
            assert total == pytest.approx(frame["sum"][0], rel=1e-12, abs=1e-12)
            assert frame["sum"][0] == y.data[tuple(frame["index"])]


@pytest.mark.parametrize("seed", range(15))
def test_the_scatter_ends_with_the_input_s_gradient(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, _ = case.run()
    for plane in np.ndindex(*x.shape[:-2]):
        stage = convolution_stage(y, "scatter", plane)
        windows = stage["windows"]
        received = np.zeros(x.shape[-2:])
        for frame in convolution_frames(y, "scatter", plane):
            assert frame["upstream"][0] == y.grad[tuple(frame["index"])]
            products = values(frame["products"])
            for k, l in np.ndindex(*windows["kernel"]):
                at = tuple(c + o * d for c, o, d in zip(frame["corner"], (k, l), windows["dilation"], strict=True))
                before, after = frame["before"][k][l], frame["after"][k][l]
                if all(0 <= a < length for a, length in zip(at, received.shape, strict=True)):
                    assert before[0] == received[at]
                    received[at] += products[k, l]
                    assert after[0] == received[at]
                else:
                    assert before is None
                    assert after is None
        np.testing.assert_allclose(received, x.grad[plane], **EXACT)
        np.testing.assert_allclose(values(stage["arrays"]["dx"][0]["rows"]), x.grad[plane], **EXACT)


@pytest.mark.parametrize("seed", range(15))
def test_the_gather_and_the_kernel_films_give_the_recorded_gradients(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, w = case.run()
    for view, array in (("gather", x), ("kernel", w)):
        for plane in np.ndindex(*array.shape[:-2]):
            frames = list(convolution_frames(y, view, plane))
            assert len(frames) == array.data[plane].size
            for frame in frames:
                total = sum(value for value, _ in frame["sums"])
                assert total == pytest.approx(frame["sum"][0], rel=1e-12, abs=1e-12)
                assert frame["sum"][0] == pytest.approx(array.grad[tuple(frame["index"])], rel=1e-12, abs=1e-12)
                for part, (whole, _) in zip(frame["products"], frame["sums"], strict=True):
                    assert values(part).sum() == pytest.approx(whole, rel=1e-12, abs=1e-12)
            key = {"gather": "dx", "kernel": "dw"}[view]
            shown = convolution_stage(y, view, plane)["arrays"][key][0]
            assert tuple(shown["index"]) == plane
            np.testing.assert_allclose(values(shown["rows"]), array.grad[plane], **EXACT)


def test_a_gather_s_corner_is_where_the_rotated_kernel_begins() -> None:
    y = F.conv2d(Tensor(np.ones((1, 3, 3)), requires_grad=True), np.ones((1, 1, 2, 2)))
    y.sum().backward()
    corners = [tuple(frame["corner"]) for frame in convolution_frames(y, "gather")]
    assert corners == [(row - 1, column - 1) for row in range(3) for column in range(3)]


@pytest.mark.parametrize("function", [F.max_pool2d, F.avg_pool2d])
def test_a_pooling_s_frames_hand_on_the_whole_gradient(function: Any) -> None:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(2, 2, 5, 5)), requires_grad=True)
    y = function(x, 3, stride=2, padding=1)
    y.backward(rng.normal(size=y.shape))
    for plane in np.ndindex(2, 2):
        received = np.zeros((5, 5))
        for frame in pooling_frames(y, plane):
            assert frame["sum"][0] == y.data[tuple(frame["index"])]
            assert frame["upstream"][0] == y.grad[tuple(frame["index"])]
            assert len(frame["winners"]) == (1 if function is F.max_pool2d else 0)
            for row, column in frame["winners"]:
                assert frame["cells"][row][column][0] == frame["sum"][0]
            for k, l in np.ndindex(3, 3):
                if frame["handed"][k][l] is not None:
                    received[frame["corner"][0] + k, frame["corner"][1] + l] += frame["handed"][k][l][0]
        np.testing.assert_allclose(received, x.grad[plane], **EXACT)
        stage = pooling_stage(y, plane)
        np.testing.assert_allclose(values(stage["arrays"]["dx"][0]["rows"]), x.grad[plane], **EXACT)
        json.dumps([stage, *pooling_frames(y, plane)], allow_nan=False)


def test_a_pooling_before_a_backward_pass_hands_nothing_on() -> None:
    y = F.max_pool2d(Tensor(np.ones((1, 4, 4)), requires_grad=True), 2)
    assert all(frame["handed"] is None and frame["upstream"] is None for frame in pooling_frames(y))
    assert set(pooling_stage(y)["arrays"]) == {"x", "y"}


def test_a_view_and_a_plane_are_checked() -> None:
    y = F.conv2d(Tensor(np.ones((1, 3, 3)), requires_grad=True), np.ones((2, 1, 2, 2)))
    with pytest.raises(ValueError, match="view='back' is none of forward, scatter, gather, kernel"):
        convolution_frames(y, "back")
    with pytest.raises(GraphError, match="no gradient has come to"):
        convolution_frames(y, "gather")
    with pytest.raises(IndexError, match=r"the stack of planes for 'forward' of shape \(2,\) has no element \(2,\)"):
        convolution_frames(y, "forward", (2,))


def test_a_film_of_an_ordinary_layer_is_quick_and_small() -> None:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(1, 28, 28)), requires_grad=True)
    y = F.conv2d(x, rng.normal(size=(1, 1, 5, 5)))
    frames = list(convolution_frames(y))
    assert len(frames) == 576
    assert len(json.dumps(frames)) < 1_000_000
