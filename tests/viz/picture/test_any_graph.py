"""Pictures of any graph and of any size: every node and every use once, or counted where it is left out."""

import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, scope
from autograd.node import Node
from autograd.safe_text import clean, short_name
from viz import Picture, PictureNode, make_picture
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
    assert picture.notice == "6 nodes; the picture is limited to max_nodes=5: 1 scope drawn as one box"


def test_what_is_left_out_is_counted() -> None:
    y = Value(1.0)
    for _ in range(999):
        y = y.exp()
    picture = make_picture(y, view=View(max_nodes=10))
    more, *shown = picture.nodes
    assert (more.kind, more.name) == ("more", "… 990 more nodes")
    assert [node.name for node in shown] == [f"v{place}".translate(SUBSCRIPTS) for place in range(991, 1001)]
    said = "1,000 nodes; the picture is limited to max_nodes=10: 990 nodes farther from the root left out"
    assert picture.notice == said
    assert [edge.target for edge in picture.edges if edge.source == more.id] == ["n1"]


def test_the_innermost_scopes_are_folded_first() -> None:
    x = Value(2.0, "x")
    with scope("model"):
        y = x
        for _ in range(3):
            with scope("layer"):
                y = (y * x).exp().log()
        y = y + x
    folded = make_picture(y, view=View(max_nodes=10))
    assert [(node.formula, node.cluster) for node in folded.nodes] == [
        ("", None), *[("layer (3 nodes)", "c0")] * 3, ("v₉ + x", "c0"),
    ]  # fmt: skip
    assert [(cluster.name, cluster.depth) for cluster in folded.clusters] == [("model", 0)]
    assert folded.nodes[1].details == ("v₃: 3 nodes of scope model/layer",)

    folded_further = make_picture(y, view=View(max_nodes=4))
    assert [node.formula for node in folded_further.nodes] == ["", "model (10 nodes)"]
    assert folded_further.clusters == ()


def test_no_limit_draws_all() -> None:
    y = Value(1.0)
    for _ in range(300):
        y = y + 1.0
    assert len(make_picture(y).nodes) == 601
    assert len(make_picture(y, view=View(max_nodes=601)).nodes) == 601
    assert make_picture(y, view=View(max_nodes=1)).root.kind == "value"


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


@given(STEPS, st.integers(1, 12))
def test_a_limited_picture_accounts_for_every_node(steps: list[tuple[int, int, int, str, str]], limit: int) -> None:
    root = build(steps)
    graph = every_node(root)
    picture = make_picture(root, view=View(max_nodes=limit))
    more = [node for node in picture.nodes if node.kind == "more"]
    groups = [node for node in picture.nodes if node.kind == "group"]
    assert len(picture.nodes) - len(more) <= max(limit, 1)
    counted = sum(int(node.name.split()[1].replace(",", "")) for node in more)
    counted += sum(int(node.formula.split("(")[1].split()[0]) for node in groups)
    assert counted + len(picture.nodes) - len(more) - len(groups) == len(graph)
    assert picture.root.is_root
    assert bool(picture.notice) == (len(graph) > limit)
    drawn = {node.id for node in picture.nodes}
    assert all({edge.source, edge.target} <= drawn and edge.source != edge.target for edge in picture.edges)
