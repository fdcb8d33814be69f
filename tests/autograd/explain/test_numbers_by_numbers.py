"""Derivations of one number by another: what is written is worth what it stands for."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd
import autograd as ag
import nn.functional as NF
from autograd import Derivation, Elementwise, GraphError, Value, graph_nodes
from autograd import functions as F
from autograd.explain.derivation import Line
from autograd.numbers import number_text
from tests.autograd.notation import read_text
from tests.autograd.support import by_own_names, examples, leaf, seeds

explain = by_own_names(autograd.explain)

PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def stages(derivation: Derivation) -> list[list[str]]:
    """The right sides, from each "=" to the next."""
    found: list[list[str]] = []
    for line in derivation.lines:
        if line.sign == "=":
            found.append([])
        found[-1].append(line.right.text)
    return found


def worth(text: str, names: dict[str, float]) -> float:
    """What a formula without signs of derivatives is worth."""
    return float(read_text(text.translate(PLAIN), **names))


def where(derivation: Derivation) -> dict[str, str]:
    return {line.left.text: line.right.text + line.note for line in derivation.where if line.left is not None}


def random_smooth(seed: int) -> tuple[Value, Value]:
    """A leaf, and a graph of smooth operations in which nodes are used again."""
    rng = np.random.default_rng(seed)
    a = Value(float(rng.uniform(0.5, 1.5)), label="a")
    nodes: list[Any] = [a, Value(-0.75, label="b"), Value(2.0, requires_grad=False)]
    for _ in range(int(rng.integers(1, 7))):  # few enough for no term to be cut
        x, y = nodes[rng.integers(len(nodes))], nodes[-1] if nodes[-1].requires_grad else a
        operation = rng.integers(7)
        if operation < 4:
            node = (x * y, x + y, x - y, x / (y * y + 1.0))[operation]
        else:
            node = (y.tanh(), -y, F.sum([x, y, x]))[operation - 4]
        if rng.integers(4) == 0 and node.requires_grad:
            node.name = f"h{len(nodes)}"
        nodes.append(node)
    root = nodes[-1] * a
    root.name = "L"
    return a, root


@examples(300)
@given(seed=seeds)
def test_each_stage_is_worth_the_derivative(seed: int) -> None:
    a, root = random_smooth(seed)
    root.backward()
    derivation = explain(root, a, max_terms=10_000)
    assert derivation.total == a.grad
    assert derivation.matches
    scale = max(1.0, math.fsum(map(abs, derivation.products)))
    assert math.fsum(derivation.products) == pytest.approx(a.grad, abs=1e-12 * scale)
    names = ag.steps.names.Names(root)
    values = {names[node].translate(PLAIN): node.data for node in graph_nodes(root) if not names.is_number(node)}
    written = [stage for stage in stages(derivation) if "∂" not in "".join(stage)]
    assert written
    for stage in written:
        in_symbols = re.search(r"[abhv]", "".join(stage)) is not None
        total = math.fsum(worth(term, values) for term in stage)
        rounding = 1e-10 if in_symbols else 5e-3  # numbers have four digits
        assert total == pytest.approx(a.grad, rel=rounding, abs=rounding * scale), stage


# ---- as on paper --------------------------------------------------------------------------------------------------


def test_a_small_graph_line_by_line() -> None:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.name = "d"
    y = d.tanh() + a
    assert str(explain(y, a)) == (
        "∂L/∂a: 2 paths\n"
        "∂L/∂a = 1\n"
        "      + ∂L/∂d·∂d/∂a\n"
        "      = 1\n"
        "      + (1 − tanh(d)²)·b\n"
        "      = 1\n"
        "      + 0.001341·(−3)\n"
        "      = 1 − 0.004023\n"
        "      = 0.9960"
    )


def test_nodes_without_names_are_told() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    derivation = explain((a * b + 10.0).exp(), a)
    assert stages(derivation)[:2] == [["∂L/∂v₂·∂v₂/∂v₁·∂v₁/∂a"], ["e^v₂·1·b"]]
    assert where(derivation) == {"v₁": "a·b = −6", "v₂": "v₁ + 10 = 4"}
    lone = Value(2.0)
    assert where(explain(lone * lone, lone)) == {"v₁": "2, a leaf"}


def test_a_factor_of_several_ways_is_a_sum() -> None:
    a = Value(3.0, "a")
    h = a * a
    h.name = "h"
    assert stages(explain(h * 2.0, a)) == [["∂L/∂h·∂h/∂a"], ["2·(a + a)"], ["2·6"], ["12"]]
    assert stages(explain(a * a, a)) == [["a + a"], ["6"]]


def test_many_ways_between_two_named_nodes_keep_their_sign() -> None:
    a = Value(0.5, "a")
    h = F.sum([a * float(k) for k in range(1, 6)])
    h.name = "h"
    y = h * 2.0
    y.name = "y"
    derivation = explain(y, a)
    assert stages(derivation) == [["∂y/∂h·∂h/∂a"], ["2·∂h/∂a"], ["2·15"], ["30"]]
    assert where(derivation) == {"∂h/∂a": "15, the sum over 5 paths"}


def test_signs_and_ones_of_what_lies_between_are_merged() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    h = -(1.0 - a * b) * 1.0
    h.name = "h"
    formulas = stages(explain(h.exp(), a))[1]
    assert formulas == ["e^h·b"]
    g = -(a * b)
    g.name = "g"
    assert stages(explain(g.exp(), a))[1] == ["e^g·(−b)"]


def test_gates_keep_their_sign_and_are_told() -> None:
    z = Value(-1.0, "z")
    h = z.relu()
    h.name = "h"
    derivation = explain(h * 5.0, z)
    assert stages(derivation)[:2] == [["∂L/∂h·∂h/∂z"], ["5·∂h/∂z"]]
    assert where(derivation) == {"∂h/∂z": "[z > 0] = 0"}
    assert derivation.total == 0.0


def test_the_result_is_named_in_a_softmax() -> None:
    """The derivative table writes a logsumexp's weight with "out"; a derivation writes its name."""
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    total = F.logsumexp(x)
    total.name = "s"
    assert stages(explain(total * 3.0, x[0]))[1] == ["3·e^(x₁ − s)"]
    latex = explain(total * 3.0, x[0]).latex
    assert "e^{x_{1} - s}" in latex
    unnamed = explain(F.logsumexp([x[0], x[1]]) * 3.0, x[0])
    assert stages(unnamed)[1] == ["3·e^(x₁ − v₁)"]
    assert where(unnamed)["v₁"].startswith("logsumexp(x₁, x₂) = 2.313")


def test_a_primitive_of_the_users_own_that_writes_nothing() -> None:
    def fails(out: Any, x: Any) -> Any:
        raise ValueError("no notation")

    odd = Elementwise("odd for a derivation", lambda x: x**3, [lambda out, x: 3.0 * x * x], formula=[fails])
    a = Value(2.0, "a")
    assert stages(explain(odd(a) + a, a))[0] == ["1", "∂L/∂v₁·∂v₁/∂a"]
    assert stages(explain(odd(a) + a, a))[1] == ["1", "1·12"]


def test_an_operation_without_notation_is_written_as_its_number() -> None:
    class Silent(Elementwise):
        def local_symbol(self, argument: int, names: Any = ()) -> None:
            return None

    silent = Silent("silent for a derivation", lambda x: x**3, [lambda out, x: 3.0 * x * x])
    a = Value(2.0, "a")
    assert stages(explain(silent(a), a)) == [["12"]]


# ---- long sums ----------------------------------------------------------------------------------------------------


def test_a_long_sum_is_cut_and_says_so() -> None:
    a = Value(0.5, "a")
    hidden = [(a * float(k)).tanh() for k in range(1, 21)]
    for place, node in enumerate(hidden):
        node.name = f"h{place + 1}"
    y = F.sum(hidden)
    y.backward()
    derivation = explain(y, a, max_terms=5)
    assert (derivation.count, derivation.left_out, len(derivation.products)) == (20, 15, 5)
    assert derivation.rest == pytest.approx(a.grad - math.fsum(derivation.products))
    slopes = sorted((k * (1 - math.tanh(k / 2) ** 2) for k in range(1, 21)), reverse=True)
    assert list(derivation.products) == pytest.approx(slopes[:5])
    more = f"… 15 more terms, together {number_text(derivation.rest)}"
    for stage in stages(derivation)[:3]:
        assert len(stage) == 6
        assert stage[-1] == more
    assert stages(derivation)[3] == [" + ".join([*map(number_text, derivation.products), number_text(derivation.rest)])]
    assert derivation.latex.count(r"\text{ 15 more terms, together }") == 3
    assert len(stages(explain(y, a, max_terms=20))[0]) == 20
    one = explain(y, a, max_terms=1)
    assert (len(one.products), one.left_out) == (1, 19)


def test_terms_that_fit_are_in_the_order_of_their_nodes() -> None:
    a = Value(1.0, "a")
    small, large = a * 0.1, a * 10.0
    small.name, large.name = "small", "large"
    terms = stages(explain(large + small, a))[0]
    assert terms == ["∂L/∂small·∂small/∂a", "∂L/∂large·∂large/∂a"]
    cut = stages(explain(large + small, a, max_terms=1))[0]
    assert cut == ["∂L/∂large·∂large/∂a", "… 1 more term, together 0.1"]


def test_closed_terms_that_are_left_out_are_exactly_zero() -> None:
    a = Value(1.0, "a")
    y = F.max([a * float(k) for k in range(1, 31)]) * 0.1
    derivation = explain(y, a, max_terms=1)
    assert derivation.rest == 0.0
    assert "… 29 more terms, together 0" in str(derivation)
    rounded = F.sum([a * 0.3, a * 0.2, a * 0.1, (a - 2.0).relu()])
    assert explain(rounded, a).total != math.fsum([0.3, 0.2, 0.1])
    assert explain(rounded, a, max_terms=3).rest == 0.0


@pytest.mark.uncounted
def test_a_million_paths_and_a_long_way() -> None:
    a = Value(1.0, "a")
    node = a
    for _ in range(200):
        node = node * 0.5 + node * 0.5
    derivation = explain(node, a)
    assert derivation.count == 2**200
    assert "1.607·10^60 paths" in derivation.heading
    assert re.search(r"∂v₂/∂a|… \d+ more …", str(derivation))
    assert len(str(derivation)) < 20_000
    chain = a
    for _ in range(1_500):
        chain = chain * 1.0
    chain.name = "L"
    h = chain
    for _ in range(1_500):
        h = h * 1.0
    assert stages(explain(h, a))[-1] == ["1"]


# ---- layers -------------------------------------------------------------------------------------------------------


def residual() -> tuple[Value, Value, Value, Value]:
    a = Value(0.5, "a")
    g, h = a * 2.0, a * 3.0
    g.name, h.name = "g", "h"
    y = g * h + g + a * 0.25
    y.name = "y"
    y.backward()
    return a, g, h, y


def test_the_derivatives_by_a_layer_stay_one_factor() -> None:
    a, g, h, y = residual()
    derivation = explain(y, a, by=[h, g])
    assert derivation.heading == "∂y/∂a through g, h: 4 paths in 3 terms"
    assert stages(derivation)[1] == ["∂y/∂g·2", "∂y/∂h·3", "1·0.25"]
    assert list(derivation.products) == [g.grad * 2.0, h.grad * 3.0, 0.25]
    assert where(derivation)["∂y/∂g"] == "2.5, the sum over 2 paths"
    assert where(derivation)["∂y/∂h"] == "g = 1"
    assert derivation.total == a.grad


def test_a_layer_may_be_named() -> None:
    a, g, _, y = residual()
    assert str(explain(y, a, by="g")) == str(explain(y, a, by=g)) == str(explain(y, a, by=["g"]))
    assert stages(explain(y, a, by="g"))[1] == ["0.25", "∂y/∂g·2", "g·3"]
    with ag.scope("inner"):
        s = (a * 2.0).tanh()
    z = s * a
    derivation = explain(z, a, by="inner")
    assert stages(derivation)[0] == ["v₂", "∂L/∂v₂·∂v₂/∂v₁·∂v₁/∂a"]
    assert derivation.heading.startswith("∂L/∂a through v₂")


def test_nodes_of_a_layer_that_follow_each_other_do_not_count_twice() -> None:
    """A path through both is that through the one nearer to the leaf; its derivative of the root has both."""
    a = Value(0.5, "a")
    g = a * 2.0
    h = g * g
    g.name, h.name = "g", "h"
    y = h * 3.0 + g
    y.backward()
    derivation = explain(y, a, by=[g, h])
    assert math.fsum(derivation.products) == pytest.approx(a.grad)
    assert stages(derivation)[0] == ["∂L/∂g·∂g/∂a"]
    assert where(derivation)["∂L/∂g"] == "7, the sum over 3 paths"


@examples(200)
@given(seed=seeds)
def test_any_layer_adds_up(seed: int) -> None:
    a, root = random_smooth(seed)
    root.backward()
    inner = [node for node in graph_nodes(root) if node.requires_grad and node.rule is not None and node is not root]
    rng = np.random.default_rng(seed)
    chosen = [node for node in inner if rng.integers(2)]
    feeds = [node for node in chosen if ag.paths(node, a).count]
    if not feeds:
        return
    derivation = explain(root, a, by=chosen, max_terms=10_000)
    scale = max(1.0, math.fsum(map(abs, derivation.products)))
    assert math.fsum(derivation.products) == pytest.approx(a.grad, abs=1e-11 * scale)


def test_a_layer_that_does_not_lie_between() -> None:
    a, _, _, y = residual()
    other = Value(1.0, "other")
    known = r"nothing that `by` means lies between 'a' and 'y'\. There are 'h', 'g'"
    for by in (other, "elsewhere", [other, "z"], a, y, []):
        with pytest.raises(GraphError, match=known):
            explain(y, a, by=by)
    with pytest.raises(GraphError, match="The nodes there have no names; give the nodes themselves"):
        explain((a * 1.0).exp(), a, by="g")
    with pytest.raises(TypeError, match="`by` takes nodes, and names of nodes and scopes, not int"):
        explain(y, a, by=[1])


def test_scopes_name_the_results_of_tensors() -> None:
    rng = np.random.default_rng(2)
    x, w = leaf(rng.normal(size=(1, 1, 4, 4)), "x"), leaf(rng.normal(size=(1, 1, 3, 3)), "w")
    with ag.scope("net"):
        y = NF.conv2d(x, w)
    loss = (y * y).sum()
    derivation = explain(loss, w[0, 0, 1, 1], by="conv2d")
    assert stages(derivation)[1] == [f"∂L/∂conv2d[0,0,{i},{j}]·x[0,0,{i + 1},{j + 1}]" for i in (0, 1) for j in (0, 1)]
    assert str(explain(loss, w[0, 0, 1, 1], by="net/conv2d")) == str(derivation)
    inside = explain(loss, w[0, 0, 1, 1], by="net")
    assert "∂L/∂net[0,0,1,1]" in str(inside)
    with pytest.raises(GraphError, match="There are scope 'net', scope 'net/conv2d'"):
        explain(loss, w[0, 0, 1, 1], by="conv3d")


def test_a_scope_of_several_tensors_names_none_of_them() -> None:
    @ag.composed
    def block(x: Any) -> Any:
        return (x * x).tanh()

    x = leaf([0.5, 0.25], "x")
    derivation = explain(block(block(x)).sum(), x[0], by="block")
    assert "block[" not in str(derivation)
    assert derivation.heading == "∂L/∂x[0] through v₂, v₄: 4 paths in 1 term"
    assert str(explain(block(x).sum(), x[0], by="block")).startswith("∂L/∂x[0] through block[0]: 2 paths")


# ---- the stored gradient, and corners -----------------------------------------------------------------------------


def test_the_stored_gradient_is_told() -> None:
    a = Value(2.0, "a")
    y = a * 3.0
    assert (explain(y, a).matches, explain(y, a).lines[-1].note) == (None, "")
    y.backward()
    assert explain(y, a).lines[-1].note == " = a.grad"
    y.backward()
    derivation = explain(y, a)
    assert derivation.matches is False
    note = ", but a.grad is 6: 2 times as much, as after 2 backward passes without zero_grad()"
    assert derivation.lines[-1].note == note
    assert derivation.gradient == 6.0


def test_the_root_by_itself_and_what_does_not_feed_it() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert str(explain(a, a)) == "∂a/∂a: 1 path\n∂a/∂a = 1"
    nothing = explain(a * 1.0, b)
    assert str(nothing) == "no path from b to L: the one does not depend on the other\n∂L/∂b = 0"
    assert (nothing.count, nothing.total, nothing.matches) == (0, 0.0, None)
    assert r"\frac{\partial L}{\partial b} &= 0" in nothing.latex


def test_the_root_is_called_l_unless_that_is_taken() -> None:
    a = Value(2.0, "a")
    assert explain(a * 1.0, a).heading.startswith("∂L/∂a")
    taken = Value(1.0, "L")
    assert explain(a * taken, a).heading.startswith("∂v₁/∂a")
    y = a * 1.0
    assert explain(y, a, names={y.id: "cost", a.id: "alpha"}).heading.startswith("∂cost/∂alpha")
    x = leaf([2.0, 3.0], "x")
    loss = (x * x).sum()
    assert explain(loss, x[1], names={loss.id: "E", x.id: "input"}).heading.startswith("∂E/∂input[1]")


def test_infinite_and_nan_terms() -> None:
    a = Value(0.0, "a")
    root = a.sqrt() + a
    derivation = explain(root, a)
    assert derivation.total == math.inf
    assert stages(derivation)[-1] == ["∞"]
    assert "∞" in stages(derivation)[-2][0]


def test_elements_of_a_larger_network() -> None:
    rng = np.random.default_rng(4)
    x, w = leaf(rng.normal(size=(1, 1, 6, 6)), "x"), leaf(rng.normal(size=(2, 1, 3, 3)), "w")
    hidden = NF.relu(NF.conv2d(x, w))
    pooled = NF.max_pool2d(hidden, 2)
    pooled.name = "p"
    loss = NF.cross_entropy(pooled.reshape(1, -1), [5])
    loss.backward()
    derivation = explain(loss, w[1, 0, 2, 2], by=pooled)
    assert derivation.total == pytest.approx(w.grad[1, 0, 2, 2], rel=1e-12)
    assert derivation.matches
    assert math.fsum(derivation.products) + derivation.rest == pytest.approx(derivation.total, rel=1e-9)
    assert len(stages(derivation)[0]) == 13  # sixteen pixels in four windows, twelve of them written
    assert derivation.left_out == 4


def test_what_is_refused() -> None:
    a, c = Value(2.0, "a"), Value(1.0, "c", requires_grad=False)
    with pytest.raises(ValueError, match="max_terms=0 leaves nothing to write"):
        explain(a * c, a, max_terms=0)
    with pytest.raises(GraphError, match="explain: 'c' is a constant"):
        explain(a * c, c)
    with pytest.raises(GraphError, match="explain: 'c' requires no gradient"):
        explain(c, a)
    with pytest.raises(TypeError, match="explain: takes a Value or a Tensor, not float"):
        explain(3.0, a)  # type: ignore[arg-type]
    x = leaf([1.0, 2.0], "x")
    with pytest.raises(TypeError, match="the root is a Tensor and the leaf a Value"):
        explain(x.sum(), a)
    with pytest.raises(GraphError, match=r"root 'x' has shape \(2,\).*explain\(y\[0\], ...\)"):
        explain(x, x[0])
    with pytest.raises(GraphError, match="max_nodes=2"):
        explain((x * x).sum(), x[0], max_nodes=2)


def test_line_is_what_a_derivation_is_made_of() -> None:
    a = Value(2.0, "a")
    assert all(isinstance(line, Line) for line in explain(a * a, a).lines)
