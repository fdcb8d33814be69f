"""Parts of a graph: what lies on the way from a node, near it, or has some property."""

import pytest

from autograd import Value, scope
from viz import draw, make_picture
from viz.picture.view import View


def diamond() -> dict[str, Value]:
    """L = (a·b)·(a + c) + d, every node named."""
    nodes = {name: Value(number, label=name) for name, number in zip("abcd", (2.0, -3.0, 4.0, 1.0), strict=True)}
    nodes["p"] = nodes["a"] * nodes["b"]
    nodes["s"] = nodes["a"] + nodes["c"]
    nodes["q"] = nodes["p"] * nodes["s"]
    nodes["L"] = nodes["q"] + nodes["d"]
    for name in "psqL":
        nodes[name].name = name
    return nodes


def drawn(nodes: dict[str, Value], **choices: object) -> tuple[list[str], list[tuple[str, str]], str]:
    """The names of the boxes, the ends of the arrows, and the notice."""
    picture = draw(nodes["L"], names=nodes, **choices).picture  # type: ignore[arg-type]
    called = {node.id: node.name for node in picture.nodes}
    return list(called.values()), [(called[e.source], called[e.target]) for e in picture.edges], picture.notice


def test_only_the_paths_from_a_node() -> None:
    nodes = diamond()
    boxes, arrows, notice = drawn(nodes, of=nodes["b"])
    assert boxes == ["b", "p", "q", "L"]
    assert arrows == [("b", "p"), ("p", "q"), ("q", "L")]
    assert notice == "4 of 8 nodes: those on the paths from b"
    boxes, arrows, notice = drawn(nodes, of=[nodes["b"], nodes["c"]])
    assert boxes == ["b", "c", "p", "s", "q", "L"]
    assert notice == "6 of 8 nodes: those on the paths from b, c"


def test_only_what_is_near_a_node_whichever_way() -> None:
    nodes = diamond()
    boxes, _, notice = drawn(nodes, around=nodes["p"], radius=1)
    assert boxes == ["a", "b", "p", "q", "L"]  # L is the root, which is always there
    assert notice == "5 of 8 nodes: those at most 1 arrow from p"
    boxes, _, _ = drawn(nodes, around=nodes["c"])
    assert boxes == ["a", "c", "s", "q", "L"]
    assert drawn(nodes, around=nodes["d"], radius=0)[0] == ["d", "L"]


def test_only_where_a_predicate_holds() -> None:
    nodes = diamond()
    nodes["L"].backward()
    boxes, arrows, notice = drawn(nodes, where=lambda node: abs(node.grad) > 5)
    assert boxes == [name for name in "abcdpsqL" if abs(nodes[name].grad) > 5 or name == "L"]
    assert boxes == ["a", "b", "c", "p", "s", "L"]
    assert sorted(arrows) == [("a", "p"), ("a", "s"), ("b", "p"), ("c", "s")]
    assert notice.endswith("nodes: those for which `where` holds")


def test_slices_join() -> None:
    nodes = diamond()
    boxes, _, notice = drawn(nodes, of=nodes["a"], around=nodes["s"], radius=1)
    assert boxes == ["a", "s", "q", "L"]
    assert notice == "4 of 8 nodes: those on the paths from a and at most 1 arrow from s"


def test_a_node_keeps_its_number_in_every_slice() -> None:
    x = Value(2.0)
    y = (x.exp() + x.tanh()) * x
    whole = {node.node_id: node.name for node in make_picture(y).nodes}
    near = make_picture(y, view=View(around=x, radius=1)).nodes
    assert [node.name for node in near] == [whole[node.node_id] for node in near]


@pytest.mark.parametrize("option", ["of", "around", "highlight"])
def test_a_node_of_another_graph_is_refused(option: str) -> None:
    nodes, stranger = diamond(), Value(1.0, label="stranger")
    with pytest.raises(ValueError, match=f"draw: {option}.*'stranger' is no node of the graph"):
        drawn(nodes, **{option: [stranger] if option == "highlight" else stranger})


def test_a_predicate_that_fails_says_on_which_node() -> None:
    nodes = diamond()
    with pytest.raises(RuntimeError, match=r"`where` failed for 'a'.*not computed.*ZeroDivisionError"):
        drawn(nodes, where=lambda node: 1 / 0)


# ---- scopes -------------------------------------------------------------------------------------------------------


def nested() -> Value:
    x = Value(2.0, label="x")
    with scope("net"):
        for layer in ("layer1", "layer2"):
            with scope(layer):
                x = (x * 3.0).tanh()
    return x + 1.0


def formulas(**choices: object) -> list[str]:
    return [n.formula for n in draw(nested(), names={}, **choices).picture.nodes if n.formula]  # type: ignore[arg-type]


def test_scopes_fold_by_depth_and_by_name() -> None:
    assert formulas(depth=0) == ["net (6 nodes)", "v₄ + 1"]
    assert formulas(depth=1) == ["layer1 (3 nodes)", "layer2 (3 nodes)", "v₄ + 1"]
    assert formulas(depth=2) == formulas()
    assert formulas(fold="layer1") == ["layer1 (3 nodes)", "v₂·3", "tanh(v₃)", "v₄ + 1"]
    assert formulas(fold="*/layer?") == formulas(depth=1)
    assert formulas(depth=1, unfold="layer2") == formulas(fold="layer1")
    assert formulas(fold="net", unfold=["net"]) == formulas()
