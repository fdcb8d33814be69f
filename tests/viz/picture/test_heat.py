"""Arrays as grids of colours: every number in its place, on one scale for all values and one for all gradients."""

import numpy as np
import pytest

from autograd import Tensor, Value
from viz import HeatMap, Picture, draw


def maps(picture: Picture, name: str) -> tuple[HeatMap, ...]:
    (node,) = [node for node in picture.nodes if node.name == name]
    return node.heat


def test_values_and_gradients_are_grids_on_common_scales() -> None:
    x = Tensor([[1.0, -2.0], [0.5, 0.0]], requires_grad=True)
    w = Tensor([[4.0, 1.0], [-8.0, 2.0]], requires_grad=True)
    loss = (x * w).sum()
    loss.backward(np.asarray(0.5))
    picture = draw(loss, names={"x": x, "w": w}, heat=True).picture
    largest = 8.0  # of all values: the products are 4, −2, −4, 0
    assert maps(picture, "x") == (
        HeatMap("value", "", ((1.0, -2.0), (0.5, 0.0)), largest),
        HeatMap("gradient", "", ((2.0, 0.5), (-4.0, 1.0)), 4.0),
    )
    assert maps(picture, "w")[0].rows == ((4.0, 1.0), (-8.0, 2.0))
    assert {heat.limit for node in picture.nodes for heat in node.heat if heat.role == "gradient"} == {4.0}


def test_scalars_and_pictures_without_colours_have_none() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    loss = x.sum()
    assert maps(draw(loss, names={"loss": loss}, heat=True).picture, "loss") == ()
    assert maps(draw(loss, names={}).picture, "x") == ()
    assert maps(draw(Value(2.0, label="a").exp(), names={}, heat=True).picture, "a") == ()


def test_before_a_pass_and_for_constants_there_are_values_alone() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    c = Tensor([3.0, 4.0], name="c")
    loss = (x * c).sum()
    assert [heat.role for heat in maps(draw(loss, names={}, heat=True).picture, "x")] == ["value"]
    loss.backward()
    picture = draw(loss, names={}, heat=True).picture
    assert [heat.role for heat in maps(picture, "x")] == ["value", "gradient"]
    assert [heat.role for heat in maps(picture, "c")] == ["value"]


def test_the_first_matrices_of_more_axes_have_their_places_as_titles() -> None:
    x = Tensor(np.arange(48.0).reshape(3, 2, 2, 4), requires_grad=True, name="x")
    drawn = maps(draw(x.sum(), names={}, heat=True).picture, "x")
    assert [heat.title for heat in drawn] == ["[0, 0]", "[0, 1]", "[1, 0]", "[1, 1]"]
    assert drawn[2].rows == ((16.0, 17.0, 18.0, 19.0), (20.0, 21.0, 22.0, 23.0))


def test_a_large_matrix_is_averaged_and_keeps_its_mean() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(96, 64)), requires_grad=True, name="x")
    (heat,) = maps(draw(x.sum(), names={}, heat=True).picture, "x")
    assert (len(heat.rows), len(heat.rows[0])) == (32, 32)
    np.testing.assert_allclose(heat.rows[0][0], x.data[:3, :2].mean(), rtol=1e-12)
    np.testing.assert_allclose(np.mean(heat.rows), x.data.mean(), rtol=1e-9)
    uneven = Tensor(np.arange(50.0), requires_grad=True, name="x")
    (line,) = maps(draw(uneven.sum(), names={}, heat=True).picture, "x")
    assert len(line.rows[0]) == 32
    assert line.rows[0][0] == 0.0


@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_does_not_spoil_the_scale(odd: float) -> None:
    x = Tensor([1.0, odd, -3.0], requires_grad=True, name="x")
    (heat,) = maps(draw(x.max(), names={}, heat=True).picture, "x")
    assert heat.limit == 3.0
    np.testing.assert_array_equal(heat.rows[0], [1.0, odd, -3.0])


def test_arrays_of_zeros_and_empty_ones_have_a_scale_or_no_grid() -> None:
    zeros = Tensor(np.zeros((2, 2)), requires_grad=True, name="x")
    (heat,) = maps(draw(zeros.sum(), names={}, heat=True).picture, "x")
    assert heat.limit == 1.0
    empty = Tensor(np.zeros((0, 3)), requires_grad=True, name="x")
    assert maps(draw(empty.sum(), names={}, heat=True).picture, "x") == ()
