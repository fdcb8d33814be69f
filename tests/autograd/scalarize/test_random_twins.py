"""Random graphs of array operations: their twins, whole and of one element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given

import autograd as ag
from autograd import functions as F
from autograd import scalar_twin
from tests.autograd.scalarize.twins import assert_twin, weighted
from tests.autograd.support import examples, leaf, numbers, seeds, upstream

SIDE = 3  # every array is (3, 3), so that any operation fits any operand

OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - x * y,
    lambda x, y: x / (1.0 + y * y),
    lambda x, y: (x @ y).tanh(),
    lambda x, y: ag.maximum(x, y),
    lambda x, y: F.where(x > y, x * 2.0, y),
    lambda x, y: F.einsum("ij,kj->ik", x, y) / 3.0,
    lambda x, y: F.concatenate([x[:1], y[1:]]),
    lambda x, y: F.sum(F.stack([x, y, x]), axis=0),
    lambda x, y: x[:, :1] * y[:1],
    lambda x, y: x[[2, 0, 0]].relu() + y.T,
    lambda x, y: x - F.logsumexp(x, axis=1, keepdims=True),
    lambda x, y: F.max(x, axis=1, keepdims=True) + F.min(y, axis=(0,)),
    lambda x, y: F.pad(x, 1)[:-2, 2:] + F.cumsum(y, axis=1),
    lambda x, y: F.sum(F.windows(F.pad(x, ((0, 0), (1, 1)), 0.5), (3,)), axis=-1),
    lambda x, y: F.reshape(x, -1)[2:5] * y,
    lambda x, y: F.broadcast_to(F.prod(x, axis=0), (3, 3)),
    lambda x, y: (x * x + 0.5).log() + y.clip(-0.5, 1.0),
]


def random_graph(seed: int) -> tuple[list[Any], Any]:
    """Three leaves of few distinct numbers, so that ties abound, and the result of up to fifteen operations on them."""
    rng = np.random.default_rng(seed)
    leaves = [leaf(numbers(rng, (SIDE, SIDE), bool(rng.integers(2))), f"x{place}") for place in range(3)]
    nodes: list[Any] = list(leaves)
    for _ in range(int(rng.integers(1, 16))):
        i, j = rng.integers(len(nodes), size=2)
        node = OPERATIONS[rng.integers(len(OPERATIONS))](nodes[i], nodes[j])
        nodes.append(node * 1e-3 if np.abs(node.data).max() > 1e3 else node)
    return leaves, nodes[-1] + nodes[-2] * 0.5


@examples(100)
@given(seed=seeds)
def test_any_graph_has_a_twin(seed: int) -> None:
    leaves, root = random_graph(seed)
    assert_twin(root, leaves, seed=seed, tolerance=1e-11)


@examples(60)
@given(seed=seeds)
def test_any_element_has_its_derivative_in_the_twin_of_what_it_changes(seed: int) -> None:
    leaves, root = random_graph(seed)
    rng = np.random.default_rng(seed)
    x, index = leaves[rng.integers(3)], tuple(int(place) for place in rng.integers(SIDE, size=2))
    gradient = upstream(seed, root.shape, float)
    root.backward(gradient)
    twin = scalar_twin(root, of=x[index])
    np.testing.assert_array_equal([value.data for value in twin.root.flat], root.data.ravel())
    weighted(twin.root, gradient).backward()
    value = twin.elements(x)[index]
    expected = 0.0 if x.grad is None else x.grad[index]
    found = 0.0 if value is None else value.grad
    scale = max(1.0, 0.0 if x.grad is None else float(np.abs(x.grad).max()))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11 * scale)
