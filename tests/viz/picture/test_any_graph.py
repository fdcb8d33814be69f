"""Pictures of any graph and of any size: every node and every use once, or counted where it is left out."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, scope
from autograd.node import Node
from autograd.safe_text import clean, short_name
from viz import Picture, PictureNode, make_picture
from viz.picture.make import place_picture
from viz.picture.view import View

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def box(picture: Picture, name: str) -> PictureNode:
    (found,) = [node for node in picture.nodes if node.name == name]
    return found


def every_node(root: Node) -> dict[int, Node]:
    """The graph by a walk of the test's own."""
    found: dict[int, Node] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        if node.id not in found:
            found[node.id] = node
            pending.extend(node.parents)
    return found


# ---- limits -------------------------------------------------------------------------------------------------------


def test_scopes_become_boxes_where_nodes_are_too_many() -> None:
    x = Value(2.0, "x")
    with scope("block"):
        inside = (x * 3.0).exp()
        h = inside * x
    y = h + x
    y.backward()
    assert len(make_picture(y, view=View(max_nodes=6)).nodes) == 6
    assert make_picture(y, view=View(max_nodes=6)).notice == ""

    picture = make_picture(y, {h.id: "h"}, View(max_nodes=5))
    assert [(node.kind, node.name, node.formula) for node in picture.nodes] == [
        ("leaf", "x", ""), ("group", "h", "block (4 nodes)"), ("value", "v₃", "h + x"),
    ]  # fmt: skip
    group = box(picture, "h")
    assert group.value == (f"{2 * math.exp(6):.4g}",)
    assert group.gradient == "1"
    assert [(edge.source, edge.target, edge.details[0]) for edge in picture.edges] == [
        ("n0", "n1", "x → h, 2 uses"), ("n1", "n2", "h → v₃, 1 use"),
        ("n0", "n2", "x → v₃, argument 2 of 2 of +"),
    ]  # fmt: skip
    assert picture.notice == "6 nodes as 3 boxes: 1 scope; max_nodes=None shows all"


def test_what_is_left_out_is_counted() -> None:
    operations = ["exp", "tanh", "relu", "log", "sqrt", "abs", "sin", "cos", "sigmoid"]
    y = Value(1.0)
    for name in operations:
        y = getattr(y, name)()
    picture = make_picture(y, view=View(max_nodes=4))
    more, *shown = picture.nodes
    assert (more.kind, more.name, more.count) == ("more", "… 6 more nodes", 6)
    assert [node.op for node in shown] == ["|·|", "sin", "cos", "σ"]
    assert picture.notice == "10 nodes as 5 boxes: 6 nodes farther from the root left out; max_nodes=None shows all"
    assert [edge.target for edge in picture.edges if edge.source == more.id] == ["n1"]
    one = make_picture(Value(1.0).exp(), view=View(max_nodes=1))
    assert one.notice == "2 nodes as 2 boxes: 1 node farther from the root left out; max_nodes=None shows all"


def test_the_innermost_scopes_are_folded_first() -> None:
    x = Value(2.0, "x")
    with scope("model"):
        y = x
        for name in ("first", "second", "third"):
            with scope(name):
                y = (y * x).exp().log()
        y = y + x
    folded = make_picture(y, view=View(max_nodes=10))
    assert [(node.formula, node.cluster) for node in folded.nodes] == [
        ("", None), *[(f"{name} (3 nodes)", "c0") for name in ("first", "second", "third")], ("v₉ + x", "c0"),
    ]  # fmt: skip
    assert [(cluster.name, cluster.depth) for cluster in folded.clusters] == [("model", 0)]
    assert folded.nodes[1].details == ("v₃: 3 nodes of scope model/first",)

    folded_further = make_picture(y, view=View(max_nodes=4))
    assert [node.formula for node in folded_further.nodes] == ["", "model (10 nodes)"]
    assert folded_further.clusters == ()


def test_no_limit_draws_all() -> None:
    y = Value(1.0)
    for _ in range(300):
        y = y + 1.0
    assert len(make_picture(y).nodes) == 601
    assert len(make_picture(y, view=View(max_nodes=601)).nodes) == 601
    assert [(node.kind, node.count) for node in make_picture(y, view=View(max_nodes=1)).nodes] == [
        ("more", 301), ("sum", 300),
    ]  # fmt: skip


# ---- any graph ----------------------------------------------------------------------------------------------------

Maker = Callable[[Value, Value], Value]
MAKERS: list[Maker] = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - 1.0, lambda a, b: a.tanh(), lambda a, b: a.maximum(b),
]  # fmt: skip
PLACES = st.integers(0, 99)
STEPS = st.lists(
    st.tuples(st.integers(0, 4), PLACES, PLACES, st.sampled_from(["", "s", "t"]), st.text(max_size=6)),
    min_size=1,
    max_size=25,
)


def build(steps: list[tuple[int, int, int, str, str]]) -> Value:
    nodes = [Value(0.5), Value(-1.5, "x"), Value(2.0)]
    for maker, first, second, scope_name, name in steps:
        a, b = nodes[first % len(nodes)], nodes[second % len(nodes)]
        if scope_name:
            with scope(scope_name):
                node = MAKERS[maker](a, b)
        else:
            node = MAKERS[maker](a, b)
        node.name = name
        nodes.append(node)
    return nodes[-1]


@given(STEPS, st.booleans())
def test_every_node_and_every_use_is_drawn_once(steps: list[tuple[int, int, int, str, str]], backward: bool) -> None:
    root = build(steps)
    if backward:
        root.backward()
    graph = every_node(root)
    picture = make_picture(root)
    assert [node.id for node in picture.nodes] == [f"n{place}" for place in range(len(graph))]
    assert [edge.id for edge in picture.edges] == [f"e{place}" for place in range(len(picture.edges))]

    ids = {node_id: f"n{place}" for place, node_id in enumerate(sorted(graph))}
    uses = [(ids[p.id], ids[node.id], i) for node in graph.values() for i, p in enumerate(node.parents)]
    assert sorted((edge.source, edge.target, edge.argument) for edge in picture.edges) == sorted(uses)
    for node_id, node in graph.items():
        drawn = next(each for each in picture.nodes if each.id == ids[node_id])
        assert drawn.name == short_name(node.name) if node.name else drawn.name
        assert drawn.op == clean(node.op)
        assert (drawn.gradient is None) == (not node.requires_grad)
        assert (drawn.gradient == "—") == (node.requires_grad and not backward)
        assert len(node.scopes) == (0 if drawn.cluster is None else 1)


# ---- any graph at any limit ---------------------------------------------------------------------------------------

SHAPES: list[tuple[int, ...]] = [(), (2,), (2, 3)]
ARRAY_MAKERS: list[Callable[[Tensor, Tensor], Tensor]] = [
    lambda a, b: a + a * 0.5, lambda a, b: a * a, lambda a, b: a.tanh(), lambda a, b: a.sum(),
    lambda a, b: a.sum() * b, lambda a, b: a + b if a.shape == b.shape else b.sum() + a,
]  # fmt: skip


def build_arrays(steps: list[tuple[int, int, int, str, str]]) -> Tensor:
    nodes = [Tensor(np.full(shape, 0.5), requires_grad=bool(shape)) for shape in SHAPES]
    for maker, first, second, scope_name, name in steps:
        a, b = nodes[first % len(nodes)], nodes[second % len(nodes)]
        make = ARRAY_MAKERS[(maker + first) % len(ARRAY_MAKERS)]
        if scope_name:
            with scope(scope_name), scope("inner"):
                node = make(a, b)
        else:
            node = make(a, b)
        if node.rule is not None:
            node.name = name
        nodes.append(node)
    return nodes[-1]


def build_repeats(steps: list[tuple[int, int, int, str, str]]) -> Value:
    """The steps four times over, in a scope each time: side by side, or one after the other."""
    outputs, start = [], Value(0.25)
    for place in range(4):
        with scope(f"block{place}"):
            outputs.append(build(steps) * start)
            start = outputs[-1] if len(steps) % 2 else start
    return sum(outputs)  # type: ignore[return-value]


@given(STEPS, st.sampled_from([build, build_arrays, build_repeats]), st.integers(1, 40), st.booleans(), st.booleans())
def test_a_limited_picture_accounts_for_every_node_and_every_use(
    steps: list[tuple[int, int, int, str, str]], maker: Any, limit: int, backward: bool, sliced: bool
) -> None:
    root = maker(steps)
    if backward and root.requires_grad:
        root.backward(np.ones(root.shape) if isinstance(root, Tensor) else None)
    graph = every_node(root)
    view = View(max_nodes=limit, where=(lambda node: node.id % 3) if sliced else None)
    chosen = {id for id in graph if not sliced or id % 3 or id == root.id}
    placed = place_picture(root, view=view)
    picture = placed.picture

    of = [[node.id for node in part.members] for part in placed.parts]
    assert sorted(id for ids in of for id in ids) == sorted(chosen)  # each node in exactly one box
    assert [node.count for node in picture.nodes] == [len(ids) for ids in of]
    assert picture.total == sum(node.count for node in picture.nodes) == len(chosen)
    more = [node for node in picture.nodes if node.kind == "more"]
    assert len(picture.nodes) <= limit + len(more)
    assert len(more) <= 1
    assert len(picture.nodes) == len(chosen) if len(chosen) <= limit else len(picture.nodes) < len(chosen) + len(more)
    assert sum(node.is_root for node in picture.nodes) == 1
    assert len({node.name for node in picture.nodes if node.kind == "class" and node.name[0] == "V"}) == sum(
        node.name[0] == "V" for node in picture.nodes if node.kind == "class"
    )

    box_of = placed.boxes()
    uses = Counter(
        (box_of[parent.id], box_of[id]) for id in chosen for parent in graph[id].parents if parent.id in chosen
    )
    drawn: Counter[tuple[str, str]] = Counter()
    for edge in picture.edges:
        drawn[edge.source, edge.target] += edge.uses
    assert drawn == Counter({ends: count for ends, count in uses.items() if ends[0] != ends[1]})

    for part, node in zip(placed.parts, picture.nodes, strict=True):
        assert len(part.results) == node.times
        assert node.times <= node.count
        if node.kind == "class":
            assert node.times == node.count > 1
            assert len({each.op for each in part.members}) == 1
            assert len({each.requires_grad for each in part.members}) == 1
            if not part.alike:
                assert len({np.shape(each.data) for each in part.members}) == 1
                assert len({tuple(s.name.rstrip("0123") for s in each.scopes) for each in part.members}) == 1
        if node.kind == "sum":
            assert all(each in part.members for each in part.results)
            assert not set(part.terms) & set(part.members)
    assert told(picture) == picture.notice.split(". ")[-1]
    again = make_picture(root, view=view)
    assert again == picture


def told(picture: Picture) -> str:
    """What a notice must say of the boxes, from the model alone."""
    if all(node.count == 1 and node.kind not in ("more", "sum") for node in picture.nodes):
        return picture.notice.split(". ")[-1] if "those" in picture.notice else ""
    kinds = Counter(node.kind for node in picture.nodes)
    alike = " of similar nodes" in picture.notice
    nouns = {
        "group": ("scope", "scopes"), "sum": ("sum", "sums"),
        "class": ("class of similar nodes", "classes of similar nodes") if alike
        else ("class of equal nodes", "classes of equal nodes"),
    }  # fmt: skip
    how = [f"{kinds[kind]} {names[kinds[kind] > 1]}" for kind, names in nouns.items() if kinds[kind]]
    how += [
        f"{node.count} node{'s' * (node.count > 1)} farther from the root left out"
        for node in picture.nodes
        if node.kind == "more"
    ]
    boxes = f"{len(picture.nodes)} box{'es' * (len(picture.nodes) > 1)}"
    return f"{picture.total} nodes as {boxes}: {', '.join(how)}; max_nodes=None shows all"


@given(STEPS, st.integers(1, 20))
def test_the_same_graph_made_again_gives_the_same_picture(
    steps: list[tuple[int, int, int, str, str]], limit: int
) -> None:
    first, second = (make_picture(build(steps), view=View(max_nodes=limit)) for _ in range(2))
    assert first == second
