"""Arrays opened into the scalars of one element: an output pixel, or the paths of one weight."""

import numpy as np
import pytest

import nn.functional as F
from autograd import GraphError, Tensor
from viz import draw

RNG = np.random.default_rng(0)


def convolution() -> dict[str, Tensor]:
    """A padded convolution, max pooling and a loss that uses each pooled pixel twice."""
    x = Tensor(RNG.normal(size=(1, 1, 4, 4)), requires_grad=True)
    w = Tensor(RNG.normal(size=(1, 1, 2, 2)), requires_grad=True)
    y = F.conv2d(x, w, padding=1)
    p = F.max_pool2d(y, 2)
    return {"x": x, "w": w, "y": y, "p": p, "loss": (p * p).sum()}


def number(text: str | None) -> float:
    return float((text or "").replace("−", "-"))


def test_one_pixel_is_opened_into_its_products() -> None:
    nodes = convolution()
    picture = draw(nodes["y"], names=nodes, element=(0, 0, 1, 2)).picture
    assert [node.name for node in picture.nodes if node.kind == "leaf"] == [
        "x[0,0,0,1]", "x[0,0,0,2]", "x[0,0,1,1]", "x[0,0,1,2]", "w[0,0,0,0]", "w[0,0,0,1]", "w[0,0,1,0]", "w[0,0,1,1]",
    ]  # fmt: skip
    assert picture.root.name == "y[0,0,1,2]"
    assert picture.root.value == draw(nodes["y"][0, 0, 1, 2], names={}).picture.root.value
    assert sum(node.op == "×" for node in picture.nodes) == 4
    assert picture.root.gradient == "—"


def test_the_opened_graph_has_the_gradients_of_the_arrays() -> None:
    nodes = convolution()
    nodes["loss"].backward()
    picture = draw(nodes["loss"], names=nodes, of=nodes["w"][0, 0, 1, 0], max_nodes=None).picture
    (weight,) = [node for node in picture.nodes if node.kind == "leaf"]
    assert weight.name == "w[0,0,1,0]"
    assert number(weight.gradient) == pytest.approx(nodes["w"].grad[0, 0, 1, 0], rel=1e-3)
    assert len(weight.terms) == 16  # one for each pixel that the padded convolution makes and pooling looks at
    assert sum(map(number, weight.terms)) == pytest.approx(nodes["w"].grad[0, 0, 1, 0], rel=1e-2, abs=1e-2)
    assert sum(term != "0" for term in weight.terms) <= 4

    pixel = draw(nodes["p"], names=nodes, element=(0, 0, 0, 1)).picture
    assert number(pixel.root.gradient) == pytest.approx(nodes["p"].grad[0, 0, 0, 1], rel=1e-3)


def test_an_element_of_a_vector_is_found_without_names() -> None:
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    total = (v * v).sum()
    picture = draw(total, of=v[1]).picture
    assert [node.name for node in picture.nodes if node.kind == "leaf"] == ["v[1]"]


def test_an_array_root_wants_an_element() -> None:
    nodes = convolution()
    nodes["y"].name = "y"
    with pytest.raises(ValueError, match=r"'y'.*has shape \(1, 1, 5, 5\); choose one of its elements, as in element="):
        draw(nodes["y"], names=nodes, of=nodes["w"][0, 0, 0, 0])
    with pytest.raises(GraphError, match=r"has no element \(0, 0, 9, 9\)"):
        draw(nodes["y"], names=nodes, element=(0, 0, 9, 9))


def test_an_indexed_part_of_the_graph_itself_is_an_ordinary_node() -> None:
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="v")
    first = v[0]
    picture = draw(first * 2.0 + v.sum(), names={"first": first}, of=first).picture
    assert [node.name for node in picture.nodes] == ["first", "v₁", "v₃"]
