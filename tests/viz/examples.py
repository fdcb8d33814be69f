"""The graphs that several tests draw. `python -m tests.viz.examples` writes the DOT text that each must give anew."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograd import Tensor, Value, scope
from gradwalk.networks import NETWORKS
from viz import Drawing, draw

GOLDEN = Path(__file__).with_name("golden")


def before_backward() -> Drawing:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    L = (a * b + c).tanh()
    return draw(L, names={"a": a, "b": b, "c": c, "L": L})


def after_backward() -> Drawing:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    L = (a * b + c).tanh()
    L.backward()
    return draw(L, names={"a": a, "b": b, "c": c, "L": L})


def used_twice() -> Drawing:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    return draw(y, names={"y": y}, rankdir="TB")


def neuron() -> Drawing:
    x, w = [Value(1.0), Value(-2.0)], [Value(1.5), Value(0.25)]
    with scope("neuron"):
        with scope("weigh"):
            total = w[0] * x[0] + w[1] * x[1]
        y = total.relu()
    loss = y - 1.0
    loss.backward()
    return draw(loss, names={"x": x, "w": w, "y": y, "loss": loss})


def arrays() -> Drawing:
    x = Tensor(np.arange(6.0).reshape(2, 3), name="x")
    w = Tensor(np.array([1.0, -1.0, 0.5], dtype=np.float64), requires_grad=True, name="w")
    loss = (x * w).sum()
    loss.backward()
    return draw(loss, names={})


def too_many() -> Drawing:
    y = x = Value(1.0, "x")
    for _ in range(20):
        with scope("step"):
            y = y * x + x
    return draw(y, names={}, max_nodes=5)


def document(number: str) -> Callable[[], Drawing]:
    """The network of a document that works back-propagation by hand."""

    def drawn() -> Drawing:
        network = NETWORKS[number]()
        return draw(network.loss, names=network.names)

    return drawn


EXAMPLES: dict[str, Callable[[], Drawing]] = {
    function.__name__: function for function in (before_backward, after_backward, used_twice, neuron, arrays, too_many)
} | {f"document_{number}": document(number) for number in NETWORKS}

if __name__ == "__main__":
    for name, example in EXAMPLES.items():
        (GOLDEN / f"{name}.dot").write_text(example().dot, encoding="utf-8")
