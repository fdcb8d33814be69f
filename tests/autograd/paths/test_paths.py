"""The ledger of paths, of Values and of elements of tensors, against enumeration and against `grad`."""

from __future__ import annotations

import html
import itertools
import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given

import autograd
import autograd as ag
import nn.functional as NF
from autograd import GraphError, Tensor, Value, graph_nodes
from autograd import functions as F
from tests.autograd.paths.bars import takes_at_most
from tests.autograd.support import by_own_names, examples, leaf, seeds

paths = by_own_names(autograd.paths)

RNG = np.random.default_rng(8)


def routes(node: Any, to: Any) -> Iterator[list[tuple[Any, int]]]:
    """Every way down from a node: at each node the argument that is followed."""
    if node is to:
        yield []
        return
    for argument, parent in enumerate(node.parents):
        if parent.requires_grad:
            for rest in routes(parent, to):
                yield [(node, argument), *rest]


def random_values(seed: int) -> tuple[list[Value], Value]:
    """Two leaves and a constant, and a graph of up to a dozen operations that uses its nodes again and again."""
    rng = np.random.default_rng(seed)
    leaves = [Value(float(rng.choice([-2.0, -0.5, 1.0, 1.5])), label=name) for name in "ab"]
    nodes: list[Any] = [*leaves, Value(0.5, requires_grad=False)]
    for _ in range(int(rng.integers(1, 13))):
        x, y = nodes[rng.integers(len(nodes))], nodes[-1 if rng.integers(2) else rng.integers(len(nodes))]
        operation = rng.integers(6)
        if operation == 0:
            node = F.sum([x, y, x])
        elif operation == 1:
            node = x.tanh()
        elif operation == 2:
            node = F.max([x, y])
        else:
            node = (x * y, x + y, x - y)[operation - 3]
        nodes.append(node)
    return leaves, nodes[-1] * leaves[0]


# ---- against enumeration ------------------------------------------------------------------------------------------


@examples(300)
@given(seed=seeds)
def test_a_ledger_is_the_enumeration(seed: int) -> None:
    leaves, root = random_values(seed)
    root.backward()
    for x in leaves:
        found = list(itertools.islice(routes(root, x), 20_000))
        ledger = paths(root, x, top=20)
        assert ledger.count == len(found)
        products = [
            math.prod(float(np.float64(node.rule.scalar_weights(node.data, [p.data for p in node.parents], {})[i]))
                      for node, i in route)
            for route in found
        ]  # fmt: skip
        assert ledger.total == x.grad
        assert ledger.matches is (True if found else None)
        assert ledger.total == pytest.approx(math.fsum(products), rel=1e-9, abs=1e-9)
        largest = sorted(map(abs, products), reverse=True)[:20]
        assert [abs(path.product) for path in ledger.paths] == pytest.approx(largest, rel=1e-12)
        assert len({(path.nodes, path.arguments) for path in ledger.paths}) == len(ledger.paths)
        left = ledger.total - sum(path.product for path in ledger.paths)
        assert ledger.rest == pytest.approx(left, rel=1e-9, abs=1e-9)
        assert ledger.left_out == max(len(found) - 20, 0)


@examples(100)
@given(seed=seeds)
def test_each_path_is_a_way_through_the_graph(seed: int) -> None:
    (a, _), root = random_values(seed)
    for path in paths(root, a).paths:
        assert path.nodes[0] is a
        assert path.nodes[-1] is root
        for (below, above), argument, local in zip(
            itertools.pairwise(path.nodes), path.arguments, path.locals, strict=True
        ):
            assert above.parents[argument] is below
            weights = above.rule.scalar_weights(above.data, [x.data for x in above.parents], above.params)
            assert local == weights[argument]
            assert type(local) is float
        assert path.product == pytest.approx(math.prod(path.locals), rel=1e-12)


def test_two_edges_between_the_same_nodes_are_two_paths() -> None:
    x = Value(3.0, "x")
    y = x * x
    ledger = paths(y, x)
    assert ledger.count == 2
    assert [(path.arguments, path.product) for path in ledger.paths] == [((0,), 3.0), ((1,), 3.0)]


@pytest.mark.uncounted
def test_ten_thousand_values_and_ten_to_the_fifty_paths() -> None:
    x = Value(1.0, "x")
    node = x
    for place in range(170):
        node = node * 0.5 + node * 0.5 if place % 2 else node + node
        for _ in range(55):
            node = node * 0.999
    with takes_at_most(1.0):
        ledger = paths(node, x)
    assert len(graph_nodes(node)) > 10_000
    assert ledger.count == 2**170 > 10**50
    assert len(ledger.paths) == 20
    node.backward()
    assert ledger.total == x.grad
    assert ledger.left_out == 2**170 - 20
    assert "1.497·10^51 paths from x to v" in str(ledger)


def test_a_chain_of_many_nodes_does_not_recurse() -> None:
    x = Value(1.0, "x")
    node = x
    for _ in range(10_000):
        node = node + 0.0
    ledger = paths(node, x)
    assert ledger.total == 1.0
    assert len(ledger.paths[0].nodes) == 10_001
    assert "… 9,990 more …" in str(ledger)


# ---- corners ------------------------------------------------------------------------------------------------------


def test_the_root_is_a_path_of_its_own() -> None:
    x = Value(2.0, "x")
    x.backward()
    ledger = paths(x, x)
    assert (ledger.count, ledger.total, ledger.matches) == (1, 1.0, True)
    assert str(ledger.paths[0]) == "x: 1"
    y = x * 3.0
    assert paths(y, y).total == 1.0


def test_inner_nodes_have_a_ledger_too() -> None:
    x = Value(2.0, "x")
    h = x * x
    y = h * h + h
    y.backward()
    ledger = paths(y, h)
    assert (ledger.count, ledger.total, ledger.matches) == (3, 9.0, True)


def test_what_does_not_feed_the_root_has_no_path() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    y = a * 2.0
    ledger = paths(y, b)
    assert (ledger.count, ledger.paths, ledger.total, ledger.rest, ledger.matches) == (0, (), 0.0, 0.0, None)
    assert str(ledger) == "no path from b to v₁: the one does not depend on the other\ntotal 0; b has no gradient yet"
    (b * 3.0).backward()
    assert paths(y, b).matches is False
    w, v = leaf([1.0, 2.0], "w"), leaf([3.0], "v")
    loss = (w[:1] * 2.0).sum()
    loss.backward()
    assert paths(loss, w[1]).count == 0
    assert paths(loss, w[1]).matches
    assert paths(loss, v).count == 0


def test_paths_with_a_zero_factor_come_last_and_are_counted() -> None:
    x = Value(2.0, "x")
    h = x * 0.5
    y = F.max([h, x * 3.0, -x]) + (h - 1.0).relu()
    y.name = "y"
    ledger = paths(y, x, top=2)
    assert (ledger.count, ledger.total) == (4, 3.0)
    assert [path.product for path in ledger.paths] == [3.0, 0.0]
    assert ledger.rest == 0.0  # exactly: each of them is closed
    assert str(ledger.paths[1]) == "x → v₁ → v₄ → y: 0.5 · 0 · 1 = 0"
    assert "and 2 more paths, together 0" in str(ledger)


def test_the_rest_of_closed_paths_is_exactly_zero() -> None:
    """The total is rounded as it is added up; what is left of it after the listed paths is no path."""
    x = Value(1.0, "x")
    y = F.sum([x * 0.3, x * 0.2, x * 0.1, (x - 2.0).relu(), (x - 3.0).relu()])
    ledger = paths(y, x, top=3)
    assert ledger.total - math.fsum(path.product for path in ledger.paths) != 0.0
    assert (ledger.left_out, ledger.rest) == (2, 0.0)


def test_infinite_and_nan_factors() -> None:
    x = Value(0.0, "x")
    y = x.sqrt() + 2.0 * x
    y.backward()
    ledger = paths(y, x)
    assert [path.product for path in ledger.paths] == [math.inf, 2.0]
    assert ledger.total == x.grad == math.inf
    assert ledger.matches
    closed = F.where(False, x.sqrt(), x)  # the infinite factor lies behind a closed gate
    ledger = paths(closed, x)
    assert [path.product for path in ledger.paths] == [1.0, 0.0]
    assert ledger.total == 1.0
    z = Value(0.0, "z")
    nan = (z.sqrt() * 0.0).log() + z  # log of 0 is -inf, and inf * 0 * inf has no value
    nan.backward()
    ledger = paths(nan, z)
    assert math.isnan(ledger.paths[0].product)
    assert math.isnan(ledger.total)
    assert ledger.matches


def test_products_that_overflow_are_ranked_and_reported_as_floats() -> None:
    x = Value(1.0, "x")
    big, small = x, x * 0.5
    for _ in range(4):
        big, small = big * 1e100, small * 1e-100
    ledger = paths(big + small, x)
    assert [path.product for path in ledger.paths] == [math.inf, 0.0]
    assert ledger.paths[1].locals[1:-1] == (1e-100,) * 4


# ---- the stored gradient ------------------------------------------------------------------------------------------


def test_the_ledger_says_where_the_gradient_is_another() -> None:
    a = Value(2.0, "a")
    y = a * a
    y.name = "y"
    assert paths(y, a).matches is None
    assert "total 4; a has no gradient yet" in str(paths(y, a))
    y.backward()
    assert paths(y, a).matches is True
    assert str(paths(y, a)).endswith("total 4 = a.grad")
    y.backward()
    y.backward()
    ledger = paths(y, a)
    assert (ledger.matches, ledger.gradient) == (False, 12.0)
    assert "but a.grad is 12: 3 times as much, as after 3 backward passes without zero_grad()" in str(ledger)
    a.zero_grad()
    y.backward(-0.5)
    assert "but a.grad is −2: passes have added up, the last one began elsewhere" in str(paths(y, a))
    a.zero_grad()
    a.register_hook(lambda gradient: gradient + 0.25)
    y.backward()
    assert "but a.grad is 4.25: passes have added up" in str(paths(y, a))


def test_a_zero_total_and_a_gradient_from_elsewhere() -> None:
    a = Value(-1.0, "a")
    (a * 2.0).backward()
    ledger = paths(a.relu(), a)
    assert (ledger.total, ledger.gradient, ledger.matches) == (0.0, 2.0, False)
    assert "passes have added up" in str(ledger)


# ---- elements of tensors ------------------------------------------------------------------------------------------


def network() -> tuple[Tensor, Tensor, Tensor]:
    x, w = leaf(RNG.normal(size=(1, 1, 5, 5)), "x"), leaf(RNG.normal(size=(2, 1, 3, 3)), "w")
    pooled = NF.max_pool2d(NF.relu(NF.conv2d(x, w, padding=1)), 2)
    return x, w, NF.cross_entropy(pooled.reshape(1, -1), [3])


def test_each_weight_of_a_convolution_has_its_gradient() -> None:
    x, w, loss = network()
    loss.backward()
    for index in np.ndindex(*w.shape):
        ledger = paths(loss, w[index], top=3)
        assert ledger.matches
        assert ledger.total == pytest.approx(w.grad[index], rel=1e-12, abs=1e-14)
        assert ledger.leaf == f"w[{','.join(map(str, index))}]"
    for index in ((0, 0, 0, 0), (0, 0, 4, 4)):
        assert paths(loss, x[index]).total == pytest.approx(x.grad[index], rel=1e-12, abs=1e-14)


def test_the_number_of_paths_of_a_weight() -> None:
    """A kernel element meets each pixel of the output once: as many paths as there are pixels, times the fan-out."""
    x, w = leaf(RNG.normal(size=(1, 1, 4, 4)), "x"), leaf(RNG.normal(size=(1, 1, 2, 2)), "w")
    y = NF.conv2d(x, w)
    assert paths(y.sum(), w[0, 0, 1, 0]).count == 9
    assert paths((y * y).sum(), w[0, 0, 1, 0]).count == 18
    assert paths(NF.conv2d(y, w).sum(), w[0, 0, 0, 0]).count == 4 + 4 * 4


def test_a_wrong_gradient_of_an_element_is_noticed() -> None:
    _, w, loss = network()
    loss.backward()
    loss.backward()
    ledger = paths(loss, w[0, 0, 1, 1])
    assert ledger.matches is False
    assert "w[0,0,1,1].grad is" in str(ledger)
    assert "2 times as much" in str(ledger)


def test_a_gradient_that_is_wrong_in_the_seventh_digit_is_noticed() -> None:
    _, w, loss = network()
    loss.backward()
    place = np.unravel_index(np.argmax(np.abs(w.grad)), w.shape)
    w.grad[place] *= 1 + 1e-7
    ledger = paths(loss, w[place])
    assert ledger.matches is False
    assert "passes have added up" in str(ledger)


def test_single_precision_matches_up_to_its_rounding() -> None:
    x = leaf(RNG.normal(size=(4, 4)).astype("float32"), "x")
    loss = ((x @ x).tanh() @ x).sum()
    loss.backward()
    assert all(paths(loss, x[index]).matches for index in np.ndindex(4, 4))
    x.grad[0, 0] *= 1.001
    assert not paths(loss, x[0, 0]).matches


def test_tensors_of_one_element_and_roots_that_are_elements() -> None:
    w, b = leaf([[2.0, 3.0]], "w"), leaf([0.5], "b")
    y = w * b
    ledger = paths(y[0, 1], b)
    assert (ledger.count, ledger.total) == (1, 3.0)
    assert paths(y[0, 1], w[0, 1]).total == 0.5
    assert paths(y[0, 1], w[0, 0]).count == 0
    used = w[0, 0]
    square = used * used
    assert paths(square, used).count == 2
    assert paths(square, w[0, 0]).total == 4.0


def test_names_given_to_tensors_name_their_elements() -> None:
    w = leaf([2.0, 3.0])
    loss = (w * w).sum()
    ledger = paths(loss, w[1], names={w.id: "kernel", loss.id: "L"})
    assert str(ledger.paths[0]) == "kernel[1] → v₁ → L: 3 · 1 = 3"


# ---- what is refused ----------------------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    x, w, loss = network()
    a, c = Value(1.0, "a"), Value(2.0, "c", requires_grad=False)
    with pytest.raises(GraphError, match=r"'w' has 18 elements; choose one of them, as w\[0, 0, 0, 0\]"):
        paths(loss, w)
    with pytest.raises(GraphError, match=r"root 'x' has shape \(1, 1, 5, 5\).*paths\(y\[0, 0, 0, 0\], ...\)"):
        paths(x, w)
    with pytest.raises(GraphError, match="'c' is a constant: no derivative by it is taken"):
        paths(a * c, c)
    with pytest.raises(GraphError, match="'c' requires no gradient, so that nothing leads to it"):
        paths(c, a)
    with pytest.raises(TypeError, match="the root is a Tensor and the leaf a Value; give both of one graph"):
        paths(loss, a)
    with pytest.raises(TypeError, match="paths: takes a Value or a Tensor, not float"):
        paths(a, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="top=-1 is no number of paths"):
        paths(a, a, top=-1)
    with pytest.raises(GraphError, match=r"would have up to [0-9,]+ nodes, and max_nodes=50"):
        paths(loss, w[0, 0, 1, 1], max_nodes=50)
    a.data = 5.0
    stale = a * a
    a.data = 6.0
    with pytest.raises(ag.MutationError, match="'a' was changed"):
        paths(stale, a)


def test_a_backward_written_by_hand_has_no_known_factors() -> None:
    a = Value(2.0, "a")
    out = Value(4.0, (a,), "double")

    def backward() -> None:
        a.grad += 2.0 * out.grad

    out._backward = backward
    y = out * 3.0
    with pytest.raises(GraphError, match="a `_backward` written by hand, whose local derivatives are not known"):
        paths(y, a)
    assert paths(y, out).total == 3.0


def test_no_paths_listed() -> None:
    a = Value(2.0, "a")
    ledger = paths(a * a, a, top=0)
    assert (ledger.count, ledger.paths, ledger.rest, ledger.total) == (2, (), 4.0, 4.0)
    assert ledger.remainder == "and 2 more paths, together 4"
    assert paths(a * a, a).remainder == ""


# ---- as text, HTML and LaTeX --------------------------------------------------------------------------------------


def test_a_ledger_in_three_forms() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "<b>")
    y = a * b + a
    y.name = "y"
    y.backward()
    ledger = paths(y, a)
    assert repr(ledger) == str(ledger) == (
        "2 paths from a to y\n  a → v₁ → y: (−3) · 1 = −3\n  a → y: 1\ntotal −2 = a.grad"
    )  # fmt: skip
    table = ElementTree.fromstring(paths(y, b)._repr_html_())
    assert [cell.text for cell in table.iter("td")] == ["<b> → v₁ → y", "2 · 1", "2", "total 2 = <b>.grad"]
    assert html.escape("<b>") in paths(y, b)._repr_html_()
    latex = ledger._repr_latex_()
    assert r"\frac{\partial y}{\partial a} &= \underbrace{\left(-3\right) \cdot 1}_{a \to v_{1} \to y}" in latex
    assert latex.count("{") == latex.count("}")
    assert "= -2" in latex
    assert ledger.paths[0]._repr_latex_().endswith("= -3$")
    assert repr(ledger.paths[1]) == "<path a → y: 1>"


def test_what_is_left_out_is_told_in_every_form() -> None:
    x = Value(0.5, "x")
    y = F.sum([x * float(k) for k in range(1, 31)])
    y.name = "y"
    ledger = paths(y, x, top=28)
    assert ledger.rest == 3.0
    assert "  and 2 more paths, together 3\n" in str(ledger)
    assert "and 2 more paths, together 3" in ledger._repr_html_()
    assert r"\underbrace{3}_{\text{2 more paths}}" in ledger._repr_latex_()
    assert re.search(r"total 465; x has no gradient yet", ledger._repr_html_())
    none = paths(y, Value(1.0, "z"))
    assert r"\frac{\partial y}{\partial z} &= 0" in none._repr_latex_()
