"""Random graphs of array operations against PyTorch: what no table of single operations would find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given

import autograd as ag
from autograd import functions as F
from tests.autograd.support import Array, examples, leaf, seeds
from tests.autograd.torch_oracle import to_torch, torch

Pair = tuple[Callable[..., Any], Callable[..., Any]]
SIDE = 3  # every array is (3, 3), so that any operation fits any operand

ONE: list[Pair] = [
    (lambda x: x.tanh(), torch.tanh),
    (lambda x: x.sigmoid() - 0.5, lambda x: torch.sigmoid(x) - 0.5),
    (lambda x: ag.exp(-abs(x)), lambda x: torch.exp(-abs(x))),
    (lambda x: ag.log(x * x + 1.0), lambda x: torch.log(x * x + 1.0)),
    (lambda x: x.relu() + 0.1 * x, lambda x: torch.relu(x) + 0.1 * x),
    (lambda x: x.T, lambda x: x.T),
    (lambda x: x[[2, 0, 0]], lambda x: x[[2, 0, 0]]),
    (lambda x: x[:, ::-1] * x[1:2], lambda x: x.flip(1) * x[1:2]),
    (lambda x: x - F.mean(x, axis=0), lambda x: x - x.mean(0)),
    (lambda x: x - F.logsumexp(x, axis=1, keepdims=True), lambda x: x - torch.logsumexp(x, 1, keepdim=True)),
    (lambda x: x / (1.0 + F.std(x)), lambda x: x / (1.0 + x.std(correction=0))),
    (lambda x: F.max(x, axis=1, keepdims=True) + x, lambda x: x.max(1, keepdim=True)[0] + x),
    (lambda x: ag.pad(x, 1)[:-2, 2:], lambda x: torch.nn.functional.pad(x, (1, 1, 1, 1))[:-2, 2:]),
    (
        lambda x: F.sum(ag.windows(ag.pad(x, ((0, 0), (1, 1))), (3,)), axis=-1),
        lambda x: torch.nn.functional.pad(x, (1, 1)).unfold(1, 3, 1).sum(-1),
    ),
    (lambda x: ag.reshape(x, -1)[2:5] * x, lambda x: x.reshape(-1)[2:5] * x),
    (lambda x: ag.broadcast_to(F.prod(x, axis=0), (3, 3)), lambda x: x.prod(0).expand(3, 3)),
]
TWO: list[Pair] = [
    (lambda x, y: x + y, lambda x, y: x + y),
    (lambda x, y: x - y, lambda x, y: x - y),
    (lambda x, y: x * y, lambda x, y: x * y),
    (lambda x, y: x / (1.0 + y * y), lambda x, y: x / (1.0 + y * y)),
    (lambda x, y: (x @ y).tanh(), lambda x, y: torch.tanh(x @ y)),
    (lambda x, y: ag.maximum(x, y), torch.maximum),
    (lambda x, y: ag.where(x > y, x * 2.0, y), lambda x, y: torch.where(x > y, x * 2.0, y)),
    (lambda x, y: ag.logaddexp(x, y), torch.logaddexp),
    (lambda x, y: ag.einsum("ij,kj->ik", x, y) / 3.0, lambda x, y: torch.einsum("ij,kj->ik", x, y) / 3.0),
    (lambda x, y: ag.concatenate([x[:1], y[1:]]), lambda x, y: torch.cat([x[:1], y[1:]])),
    (lambda x, y: F.sum(ag.stack([x, y, x]), axis=0), lambda x, y: torch.stack([x, y, x]).sum(0)),
    (lambda x, y: x[:, :1] * y[:1], lambda x, y: x[:, :1] * y[:1]),
]


def gap_of_two(x: Array, y: Array) -> float:
    return float(np.min(np.abs(x - y)))


def gap_in_rows(x: Array) -> float:
    ordered = np.sort(x, axis=1)
    return float(np.min(ordered[:, -1] - ordered[:, -2]))


# How far from its kink an operation is, by its place in the lists above: nearer than rounding, either answer is right.
GAPS_OF_ONE: dict[int, Callable[[Array], float]] = {
    2: lambda x: float(np.min(np.abs(x))),
    4: lambda x: float(np.min(np.abs(x))),
    10: lambda x: float(np.std(x)),
    11: gap_in_rows,
}
GAPS_OF_TWO: dict[int, Callable[[Array, Array], float]] = {5: gap_of_two, 6: gap_of_two}


def choose(rng: np.random.Generator, nodes: list[Any]) -> tuple[Pair, list[int]]:
    """An operation, and the places of its operands, away from its kink."""
    while True:
        i, j = (int(place) for place in rng.integers(len(nodes), size=2))
        if rng.integers(2):
            chosen = int(rng.integers(len(ONE)))
            if GAPS_OF_ONE.get(chosen, lambda x: 1.0)(nodes[i].data) > 1e-6:
                return ONE[chosen], [i]
        else:
            chosen = int(rng.integers(len(TWO)))
            if GAPS_OF_TWO.get(chosen, lambda x, y: 1.0)(nodes[i].data, nodes[j].data) > 1e-6:
                return TWO[chosen], [i, j]


@examples(400)
@given(seed=seeds)
def test_forty_operations_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = [rng.normal(size=(SIDE, SIDE)) for _ in range(3)]
    ours, theirs = [leaf(x) for x in data], [to_torch(x, requires_grad=True) for x in data]
    nodes: list[Any] = list(ours)
    references: list[Any] = list(theirs)
    for _ in range(int(rng.integers(5, 41))):
        (function, reference), places = choose(rng, nodes)
        nodes.append(function(*(nodes[place] for place in places)))
        references.append(reference(*(references[place] for place in places)))
        if np.abs(nodes[-1].data).max() > 1e3:  # keep the numbers in a range where 1e-10 means something
            nodes[-1], references[-1] = nodes[-1] * 1e-3, references[-1] * 1e-3
    weights = rng.normal(size=(SIDE, SIDE))
    root = (nodes[-1] * weights).sum() + nodes[-2].sum()
    target = (references[-1] * to_torch(weights)).sum() + references[-2].sum()
    root.backward()
    target.backward()
    np.testing.assert_allclose(root.item(), target.item(), rtol=1e-10, atol=1e-10)
    for x, reference in zip(ours, theirs, strict=True):
        if reference.grad is None:
            assert x.grad is None or not x.grad.any()
            continue
        expected = reference.grad.numpy()
        np.testing.assert_allclose(x.grad, expected, rtol=1e-8, atol=1e-10 * max(1.0, np.abs(expected).max()))
