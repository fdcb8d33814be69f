"""What the tests of steps share: random graphs with every kind of edge, and the bits of all gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from autograd import functions, graph_nodes
from tests.autograd.support import leaf

SIDE = 4  # every array is (4, 4), so that any operation fits any operand
TIES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])  # so few numbers that there are ties, zeros and kinks


def _image(x: Any) -> Any:
    return ag.reshape(x, (1, 1, SIDE, SIDE))


ONE: list[Callable[[Any], Any]] = [
    lambda x: x.tanh(),
    lambda x: x.relu() + 0.1 * x,
    lambda x: x * x,
    lambda x: ag.sqrt(abs(x)),  # infinite slopes at 0
    lambda x: ag.clip(x, -0.5, 0.5) - x,
    lambda x: x.T,
    lambda x: x[::-1, 1:2] + x,
    lambda x: x[[3, 0, 0, 1]],
    lambda x: ag.concatenate([x[:2, :], x[1:3, :]]),
    lambda x: x - functions.mean(x, axis=0),
    lambda x: x - functions.logsumexp(x, axis=1, keepdims=True),
    lambda x: functions.max(x, axis=1, keepdims=True) * x,
    lambda x: ag.broadcast_to(x.sum(axis=1).sum(), (SIDE, SIDE)) * 0.1,
    lambda x: ag.cumsum(x, axis=0) * 0.5,
    lambda x: ag.pad(x, 1)[:-2, 2:],
    lambda x: ag.reshape(ag.reshape(x.T, -1), (SIDE, SIDE)),
    lambda x: ag.linalg.inv(x + 9.0 * np.eye(SIDE)) * 3.0,
    lambda x: ag.broadcast_to(functions.prod(x, axis=0), (SIDE, SIDE)).tanh(),
    lambda x: ag.reshape(F.max_pool2d(_image(x), 3, stride=1, padding=1), (SIDE, SIDE)),
]
TWO: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (1.0 + y * y),
    lambda x, y: (x @ y) * 0.25,
    lambda x, y: (x.T @ y.T).tanh(),
    lambda x, y: ag.maximum(x, y),
    lambda x, y: ag.where(x.data > y.data, x * 2.0, y),
    lambda x, y: ag.einsum("ij,kj->ki", x, y) / 3.0,
    lambda x, y: functions.sum(ag.stack([x, y, x]), axis=0),
    lambda x, y: x[:, :1] * y[:1],
    lambda x, y: ag.reshape(F.conv2d(_image(x), _image(y)[:, :, :3, 1:], padding=1), (SIDE, SIDE)[::-1]),
]


def random_root(seed: int, dtype: Any = float) -> Any:
    """A scalar made of three leaves by random operations, of which many are used again; and its leaves."""
    rng = np.random.default_rng(seed)
    leaves = []
    for place in range(3):
        numbers = rng.choice(TIES, size=(SIDE, SIDE)) if rng.random() < 0.5 else rng.normal(size=(SIDE, SIDE))
        leaves.append(leaf(numbers.astype(dtype), f"x{place}"))
    nodes = list(leaves)
    for _ in range(int(rng.integers(3, 25))):
        i, j = rng.integers(len(nodes), size=2)
        one = rng.random() < 0.5
        made = ONE[rng.integers(len(ONE))](nodes[i]) if one else TWO[rng.integers(len(TWO))](nodes[i], nodes[j])
        nodes.append(made)
        if np.abs(made.data).max() > 1e3:
            nodes[-1] = made * 1e-3
    weights = rng.normal(size=(SIDE, SIDE)).astype(dtype)
    return sum((node * weights).sum() for node in nodes[-3:])


def random_value(seed: int) -> Any:
    """A Value made of three leaves by random operations, of which many are used again."""
    rng = np.random.default_rng(seed)
    nodes = [ag.Value(float(rng.choice(TIES) if rng.random() < 0.5 else rng.normal()), f"x{i}") for i in range(3)]
    for _ in range(int(rng.integers(2, 30))):
        x, y = (nodes[place] for place in rng.integers(len(nodes), size=2))
        made = [
            lambda x, y: x + y,
            lambda x, y: x - y,
            lambda x, y: x * y,
            lambda x, y: x * x + x,
            lambda x, y: x / y,
            lambda x, y: abs(x).sqrt() * y,
            lambda x, y: x.tanh() ** 3,
            lambda x, y: x**y,
            lambda x, y: (x.relu() + y.exp()).tanh(),
            lambda x, y: ag.maximum(x, y) - 2.0 * y.clip(-0.5, 0.5),
            lambda x, y: functions.sum([x, y, x, x]),
            lambda x, y: functions.max([x, y, x]),
            lambda x, y: functions.logsumexp([x, y]),
            lambda x, y: ag.where(x > y, x.log(), y),
            lambda x, y: x.logaddexp(y) + (-x),
        ][rng.integers(15)](x, y)
        nodes.append(made.clip(-1e3, 1e3) if abs(made.data) > 1e3 else made)
    return nodes[-1] * nodes[-2] + nodes[-3]


def bits(x: Any) -> Any:
    """A gradient to the bit, signs of zeros too; the sign of a NaN, which has no meaning, is left out."""
    if x is None:
        return None
    array = np.array(x)
    array[np.isnan(array)] = np.nan
    return array.shape, array.dtype, array.tobytes()


def gradient_bits(root: Any) -> list[Any]:
    """The gradients of all nodes, to the bit; None where a node has none."""
    return [bits(node.grad) if node.has_grad else None for node in graph_nodes(root)]


def gradient_forms(root: Any) -> list[Any]:
    """How the gradients of tensors lie in memory, and whether they can be written."""
    return [(node.grad.strides, node.grad.flags.writeable) for node in graph_nodes(root) if node.has_grad]


def forget(root: Any) -> None:
    """Forget every gradient."""
    for node in graph_nodes(root):
        node.zero_grad()
