"""Document 000: a 5 x 5 input, a 4 x 4 filter, 1 x 2 max pooling, and the gradient of all 16 weights as a sum."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value
from tests.seeds.seed_formulas import Array, correlate

WEIGHTS = list(itertools.product(range(4), range(4)))
OUTPUTS = list(itertools.product(range(2), range(2)))


def ordered(seed: int) -> tuple[Array, Array, Array]:
    """Input, filter and dL/dg with a11 > a12 > 0 and a22 > a21 > 0, the document's assumption with its gate open."""
    rng = np.random.default_rng(seed)
    while True:
        x, w = rng.normal(size=(5, 5)), rng.normal(size=(4, 4))
        a = correlate(x, w)
        if a[0, 0] > a[0, 1] > 0 and a[1, 1] > a[1, 0] > 0:
            return x, w, rng.normal(size=2)


def written_out(x: Array, w: Array, dL_dg: Array) -> Array:
    """``dL/dw = sum_i sum_j dL/dg_i dg_i/da_ij x_ij``, with ``x`` shifted by the other weights' places."""
    a = correlate(x, w)
    gradient = np.zeros((4, 4))
    for (k, l), (i, j) in itertools.product(WEIGHTS, OUTPUTS):
        dg_da = 1.0 if a[i, j] == a[i].max() else 0.0
        gradient[k, l] += dL_dg[i] * dg_da * x[i + k, j + l]
    return gradient


def values(array: Array, letter: str) -> np.ndarray:
    """An object array of Values, named as in the document: x11, x12, ..."""
    out = np.empty(array.shape, dtype=object)
    for i, j in np.ndindex(*array.shape):
        out[i, j] = Value(float(array[i, j]), f"{letter}{i + 1}{j + 1}")
    return out


def value_loss(x: Array, w: Array, dL_dg: Array) -> tuple[Value, np.ndarray, np.ndarray]:
    """(L, the object array of w, the object array of a), with L = dL/dg1 g1 + dL/dg2 g2."""
    w_values = values(w, "w")
    a = F.conv2d(values(x, "x")[None, None], w_values[None, None])
    g = np.asarray(F.max_pool2d(a, (1, 2)), dtype=object).reshape(2)
    loss = g[0] * Value(float(dL_dg[0]), "dL/dg1") + g[1] * Value(float(dL_dg[1]), "dL/dg2")
    return loss, w_values, np.asarray(a, dtype=object).reshape(2, 2)


@pytest.mark.parametrize("seed", range(3))
def test_forward_pass(seed: int) -> None:
    """Lines "Output (2x2)" and "Max Pooling (1x2)": the four sums a11 to a22, and g1 = a11, g2 = a22."""
    x, w, _ = ordered(seed)
    a = F.conv2d(Tensor(x[None, None]), Tensor(w[None, None]))
    sums = [[sum(x[i + p, j + q] * w[p, q] for p, q in WEIGHTS) for j in range(2)] for i in range(2)]
    np.testing.assert_allclose(a.data[0, 0], sums, rtol=1e-12)
    g = F.max_pool2d(a, (1, 2))
    assert g.data.shape == (1, 1, 2, 1)
    assert g.data.ravel().tolist() == [a.data[0, 0, 0, 0], a.data[0, 0, 1, 1]]


@pytest.mark.parametrize("seed", range(8))
def test_sixteen_weights_number_by_number(seed: int) -> None:
    """Lines "dL/dw11 = ..." to "= sum sum dL/dg_i dg_i/da_ij x_ij", all 16 weights, on arrays."""
    x, w, dL_dg = ordered(seed)
    weight = Tensor(w[None, None], requires_grad=True)
    g = F.max_pool2d(F.conv2d(Tensor(x[None, None]), weight), (1, 2))
    (g * dL_dg.reshape(1, 1, 2, 1)).sum().backward()
    np.testing.assert_allclose(weight.grad[0, 0], written_out(x, w, dL_dg), rtol=1e-12, atol=1e-14)
    shorter = dL_dg[0] * x[:4, :4] + dL_dg[1] * x[1:, 1:]  # what is left of the sum where a11 > a12 and a22 > a21
    np.testing.assert_allclose(weight.grad[0, 0], shorter, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_sixteen_weights_on_scalars(seed: int) -> None:
    """The same 16 sums, on scalar nodes."""
    x, w, dL_dg = ordered(seed)
    loss, weights, _ = value_loss(x, w, dL_dg)
    loss.backward()
    found = np.array([[weights[place].grad for place in WEIGHTS]]).reshape(4, 4)
    np.testing.assert_allclose(found, written_out(x, w, dL_dg), rtol=1e-12, atol=1e-14)


def routes(node: Value, leaf: Value) -> Iterator[list[Value]]:
    """Every path from ``node`` down to ``leaf``, both included; a small graph only."""
    if node is leaf:
        yield [leaf]
        return
    for parent in node.parents:
        for rest in routes(parent, leaf):
            yield [node, *rest]


def factors(route: list[Value]) -> tuple[str, str]:
    """The names of what the route is multiplied by: the pixel nearest the weight, and dL/dg at the other end."""
    named = [
        sibling.name
        for node, below in itertools.pairwise(route)
        if len(node.parents) == 2
        for sibling in node.parents
        if sibling is not below and sibling.is_leaf and sibling.name[:1] in ("x", "d")
    ]
    upstream, pixel = named
    return upstream, pixel


@pytest.mark.parametrize("k, l", WEIGHTS)
def test_sixteen_weights_symbol_by_symbol(k: int, l: int) -> None:
    """Lines "= x11", "= x12", "= x21", "= x22": each weight's four routes, and which two of them are open."""
    x, w, dL_dg = ordered(0)
    loss, weights, a = value_loss(x, w, dL_dg)
    loss.backward()
    found = {}
    for route in routes(loss, weights[k, l]):
        through = next((i, j) for i, j in OUTPUTS if any(node is a[i, j] for node in route))
        found[through] = factors(route)
    assert found == {(i, j): (f"dL/dg{i + 1}", f"x{i + k + 1}{j + l + 1}") for i, j in OUTPUTS}
    assert [a[place].grad for place in OUTPUTS] == [dL_dg[0], 0.0, 0.0, dL_dg[1]]


def test_the_other_order_opens_the_other_routes() -> None:
    """Line "(a11 > a12, a22 > a21)": where the rows' order is turned round, so is the choice of pixels."""
    x, w, dL_dg = ordered(1)
    x, w = x[:, ::-1], w[:, ::-1]  # mirrored: a12 > a11 and a21 > a22
    weight = Tensor(w[None, None].copy(), requires_grad=True)
    g = F.max_pool2d(F.conv2d(Tensor(x[None, None].copy()), weight), (1, 2))
    (g * dL_dg.reshape(1, 1, 2, 1)).sum().backward()
    np.testing.assert_allclose(weight.grad[0, 0], dL_dg[0] * x[:4, 1:] + dL_dg[1] * x[1:, :4], rtol=1e-12, atol=1e-14)


def test_the_printed_g_closes_below_zero() -> None:
    """Line "g(x) = max(x) if x > 0, else 0", dg/dx = 1 or 0: relu after pooling; a negative maximum stops it."""
    a = Tensor(np.array([[[[-3.0, -1.0], [2.0, 5.0]]]]), requires_grad=True)
    g = F.relu(F.max_pool2d(a, (1, 2)))
    assert g.data.ravel().tolist() == [0.0, 5.0]
    (g * np.array([0.3, -0.7]).reshape(1, 1, 2, 1)).sum().backward()
    assert a.grad[0, 0].tolist() == [[0.0, 0.0], [0.0, -0.7]]
