"""Graphs of any size are answered in time: the bars of `benchmarks.pictures`, times three for a busy machine."""

import time
from collections.abc import Callable
from functools import partial

import pytest

from autograd import Value
from benchmarks import large_graphs as graphs
from benchmarks.large_graphs import LargeGraph
from tests.tracing import untraced
from viz import Picture, draw

BUSY = 3
SHARE = 25  # a million nodes may take 30 s; one in so many is drawn here


def drawn_in(seconds: float, make: Callable[[], LargeGraph], *, as_svg: bool) -> Picture:
    """The picture of a graph, which took at most so long."""
    with untraced():
        graph = graphs.made(make)
        start = time.process_time()
        drawing = draw(graph.root, names=graph.names)
        if as_svg:
            assert drawing.svg
        taken = time.process_time() - start
    assert taken <= BUSY * seconds, f"{taken:.1f} s"
    assert drawing.picture.total == sum(node.count for node in drawing.picture.nodes)
    return drawing.picture


@pytest.mark.uncounted
@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("backward", [False, True])
def test_the_moons_are_drawn_in_three_seconds(backward: bool) -> None:
    assert draw(Value(1.0).exp(), names={}).svg  # imports
    picture = drawn_in(3, partial(graphs.moons, backward=backward), as_svg=True)
    said = "65,818 nodes as 33 boxes: 5 sums, 21 classes of equal nodes; max_nodes=None shows all"
    assert picture.notice == said
    boxes = {node.name: node for node in picture.nodes}
    assert {name: node.times for name, node in boxes.items() if name.startswith("model")} == {
        "model.layers[0].neurons[0…15].w[0…1]": 32, "model.layers[0].neurons[0…15].b": 16,
        "model.layers[1].neurons[0…15].w[0…15]": 256, "model.layers[1].neurons[0…15].b": 16,
        "model.layers[2].neurons[0].w[0…15]": 16, "model.layers[2].neurons[0].b": 1,
    }  # fmt: skip
    assert boxes["scores[0…99]"].formula == "Σ of 17 terms"
    assert boxes["losses[0…99]"].formula.startswith("relu(")
    assert boxes["total_loss"].formula == "data_loss + reg_loss"
    assert (boxes["total_loss"].gradient == "1") == backward


@pytest.mark.uncounted
@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize(
    "make", [graphs.convolution, partial(graphs.convolution, padding=2), graphs.convolution_by_hand]
)
def test_a_convolution_of_scalars_is_drawn_in_two_seconds(make: Callable[[], LargeGraph]) -> None:
    picture = drawn_in(2, make, as_svg=True)
    boxes = {node.name: node for node in picture.nodes}
    assert len(boxes) <= 7
    pixels = sum(node.times for name, node in boxes.items() if name.startswith("image"))
    weights = sum(node.times for name, node in boxes.items() if name.startswith("kernel"))
    assert (pixels, weights) == (784, 25)
    out = next(node for name, node in boxes.items() if name.startswith("out"))
    assert out.formula == "Σ of 25 terms"


@pytest.mark.uncounted
@pytest.mark.parametrize("shape", [graphs.chain, graphs.wide_sum, graphs.entangled, graphs.perceptron])
def test_a_million_nodes_would_be_folded_in_thirty_seconds(shape: Callable[[int], LargeGraph]) -> None:
    picture = drawn_in(30 / SHARE, lambda: shape(1_000_000 // SHARE), as_svg=False)
    assert picture.total == pytest.approx(1_000_000 / SHARE, rel=0.3)
    assert len(picture.nodes) <= 50
    assert "left out" not in picture.notice
