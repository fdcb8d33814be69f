"""The networks of the five documents that work back-propagation by hand, as graphs to draw, step through and explain.

Document 003 prints its numbers, documents 001 and 004 those of an image; where a document has symbols only, the numbers
here are small ones that fit what it assumes.

>>> from gradwalk.networks import NETWORKS
>>> for number, network in NETWORKS.items():
...     print(number, round(float(network().loss), 4))
000 -4.0
001 10.0
002 0.7403
003 0.9183
004 0.4554
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, Value
from gradwalk import seed003

__all__ = ["NETWORKS", "Network"]


class Network(NamedTuple):
    """A graph after its backward pass.

    Attributes:
        loss: its root.
        names: what the document calls its nodes: nodes, or arrays and modules of them, by name.
    """

    loss: Any
    names: Mapping[str, Any]


def network_000() -> Network:
    """A 5 x 5 input, a 4 x 4 filter, 1 x 2 max pooling: scalars, with a11 > a12 and a22 > a21 as assumed.

    The loss is δ1·g1 + δ2·g2, so that dL/dg1 = δ1 and dL/dg2 = δ2.
    """
    x = [[Value(float((i + 5 * j) % 7 - 3), label=f"x{i + 1}{j + 1}") for j in range(5)] for i in range(5)]
    w = [[Value(float(j % 3 - 1), label=f"w{i + 1}{j + 1}") for j in range(4)] for i in range(4)]
    a = F.conv2d([[x]], [[w]])
    g = F.max_pool2d(a, (1, 2))
    for i, j in np.ndindex(2, 2):
        a[0, 0, i, j].name = f"a{i + 1}{j + 1}"
    g1, g2 = g[0, 0, :, 0]
    delta1, delta2 = Value(0.5, label="δ1", requires_grad=False), Value(-1.0, label="δ2", requires_grad=False)
    loss = delta1 * g1 + delta2 * g2
    loss.backward()
    return Network(loss, {"L": loss, "g1": g1, "g2": g2})


def network_001() -> Network:
    """The binary image and filter, convolved; max pooling; a 2 x 2 gradient δ that flows in."""
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    filter = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    x = Tensor(np.array([[image]], dtype=float), requires_grad=True, name="x")
    w = Tensor(np.array([[filter]], dtype=float), requires_grad=True, name="w")
    delta = Tensor(np.array([[[[1.0, -0.5], [2.0, 0.0]]]]), name="δ")
    feature = F.conv2d(x, w)
    pooled = F.max_pool2d(feature, 2, stride=1)
    loss = (delta * pooled).sum()
    loss.backward()
    return Network(loss, {"L": loss, "feature": feature, "pooled": pooled})


class _Layers(nn.Module):
    """The layers of document 002."""

    _name = "network"

    def __init__(self, rng: np.random.Generator) -> None:
        self.conv1 = nn.Conv2d(1, 1, 3, padding="same", rng=rng)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(1, 1, 3, padding="same", rng=rng)
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(4, 1, rng=rng)

    def forward(self, image: Tensor) -> Tensor:
        pooled = self.pool2(self.conv2(self.pool1(self.conv1(image))))
        prediction: Tensor = F.sigmoid(self.dense(self.flatten(pooled)))
        return prediction


def network_002() -> Network:
    """Conv2D - maxpool - Conv2D - maxpool - Flatten - dense with a sigmoid, on an 8 x 8 image."""
    rng = np.random.default_rng(0)
    model = _Layers(rng)
    image = Tensor(rng.normal(size=(1, 1, 8, 8)), name="image")
    prediction = model(image)
    loss = F.binary_cross_entropy(prediction, np.array([[1.0]]))
    loss.backward()
    return Network(loss, {"L": loss, "ŷ": prediction, "model": model, "image": image})


def network_003() -> Network:
    """Two inputs, two hidden units with ReLU, softmax over two outputs, cross-entropy: with the printed numbers."""
    nodes = seed003.network()
    nodes["E_total"].backward()
    return Network(nodes["E_total"], nodes)


def network_004() -> Network:
    """Convolution, ReLU, max pooling, flattening, a dense layer, softmax cross-entropy, on the 4 x 4 example."""
    image = [[3, 2, 3, 1], [0, 5, 3, 4], [1, 2, 2, 2], [7, 3, 1, 7]]
    rng = np.random.default_rng(4)
    x = Tensor(np.array([[image]], dtype=float) / 7, name="x")
    w1 = Tensor(rng.normal(size=(1, 1, 3, 3)).round(2), requires_grad=True, name="w1")
    w2 = Tensor(rng.normal(size=(2, 4)).round(2), requires_grad=True, name="w2")
    b2 = Tensor(np.array([0.1, -0.1]), requires_grad=True, name="b2")
    hidden = F.max_pool2d(F.relu(F.conv2d(x, w1, padding=1)), 2)
    scores = F.linear(hidden.reshape(1, 4), w2, b2)
    loss = F.cross_entropy(scores, np.array([0]))
    loss.backward()
    return Network(loss, {"L": loss, "scores": scores})


#: The networks by the number of their document.
NETWORKS: Mapping[str, Callable[[], Network]] = {
    "000": network_000,
    "001": network_001,
    "002": network_002,
    "003": network_003,
    "004": network_004,
}
