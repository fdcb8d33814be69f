"""Equal and similar parts of a graph as one box: which nodes, how many, with which numbers, called what."""

import random
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, Value, scope
from autograd.node import Node, graph_nodes
from viz import Picture, PictureNode, draw
from viz.picture.likeness import Likeness
from viz.picture.parts import single
from viz.picture.structure import Structure


def fold(root: Node, limit: int = 150, /, **names: Any) -> Picture:
    return draw(root, names=names, max_nodes=limit).picture


def box(picture: Picture, name: str) -> PictureNode:
    (found,) = [node for node in picture.nodes if node.name == name]
    return found


def arrows(picture: Picture) -> list[tuple[str, str, int]]:
    called = {node.id: node.name for node in picture.nodes}
    return [(called[edge.source], called[edge.target], edge.uses) for edge in picture.edges]


def points(count: int) -> list[list[Value]]:
    choose = random.Random(1)
    return [[Value(choose.uniform(-1, 1)) for _ in range(2)] for _ in range(count)]


# ---- equal nodes --------------------------------------------------------------------------------------------------


def test_a_network_on_many_points_is_one_box_for_each_step_of_each_layer() -> None:
    random.seed(0)
    model, inputs = nn.MLP(2, [4, 1]), points(25)
    scores = [model(x) for x in inputs]
    loss = sum(score * score for score in scores) * (1 / 25)
    loss.backward()
    picture = fold(loss, model=model, inputs=inputs, scores=scores, loss=loss)
    shown = [(node.name, node.formula, node.times, node.count) for node in picture.nodes]
    assert shown == [
        ("model.layers[0].neurons[0…3].w[0…1]", "", 8, 8),
        ("model.layers[0].neurons[0…3].b", "", 4, 4),
        ("model.layers[1].neurons[0].w[0…3]", "", 4, 4),
        ("model.layers[1].neurons[0].b", "", 1, 1),
        ("inputs[0…24][0…1]", "", 50, 50),
        ("V₁", "w·inputs", 200, 200),
        ("V₂", "Σ of 3 terms", 100, 200),
        ("V₃", "relu(V₂)", 100, 100),
        ("V₄", "w·V₃", 100, 100),
        ("scores[0…24]", "Σ of 5 terms", 25, 100),
        ("V₅", "scores·scores", 25, 25),
        (picture.nodes[11].name, "Σ of 25 terms", 1, 26),
        ("0.04", "", 1, 1),
        ("loss", f"{picture.nodes[11].name}·0.04", 1, 1),
    ]
    assert ("inputs[0…24][0…1]", "V₁", 200) in arrows(picture)
    assert ("scores[0…24]", "V₅", 50) in arrows(picture)
    assert picture.notice == "820 nodes as 14 boxes: 3 sums, 8 classes of equal nodes; max_nodes=None shows all"


def test_the_numbers_of_a_class_are_those_of_its_members() -> None:
    inputs = [Value(float(place) - 3) for place in range(200)]
    w = Value(0.5)
    loss = sum((w * x).tanh() for x in inputs)
    loss.backward()
    picture = fold(loss, inputs=inputs, w=w)
    drawn = box(picture, "inputs[0…199]")
    assert drawn.value == ("−3 … 196, mean 96.5",)
    gradients = [x.grad for x in inputs]
    low, rest = str(drawn.gradient).split(" … ")
    high, mean = rest.split(", mean ")
    for text, number in ((low, min(gradients)), (high, max(gradients)), (mean, sum(gradients) / 200)):
        assert float(text.replace("−", "-")) == pytest.approx(number, rel=1e-3)
    assert (drawn.kind, drawn.times, drawn.node_id) == ("class", 200, None)
    assert drawn.details == ("inputs[0…199]: 200 equal nodes, leaf", "inputs[0], inputs[1], inputs[2] and 197 more")
    assert box(picture, "V₂").mark == ""


def test_before_a_pass_a_class_has_a_dash_and_constants_have_no_gradient() -> None:
    x = [Value(float(place)) for place in range(200)]
    loss = sum((each * 3.0).exp() for each in x)
    picture = fold(loss, x=x)
    assert box(picture, "x[0…199]").gradient == "—"
    constant = box(picture, "3")
    assert (constant.kind, constant.times, constant.value, constant.gradient) == ("class", 200, (), None)
    assert box(picture, "V₁").formula == "x·3"


def test_a_class_without_any_gradient_is_marked_dead() -> None:
    x = [Value(-1.0 - place) for place in range(200)]
    loss = sum(each.relu() for each in x)
    loss.backward()
    drawn = box(fold(loss, x=x), "x[0…199]")
    assert (drawn.mark, drawn.gradient) == ("dead", "all 0")


def test_leaves_are_told_apart_by_how_they_are_used() -> None:
    first, second = [Value(float(i)) for i in range(100)], [Value(float(i)) for i in range(100)]
    loss = sum(a / b for a, b in zip(first, second, strict=True))
    assert ("first[0…99]", "V₁", 100) in arrows(fold(loss, first=first, second=second))
    assert ("second[0…99]", "V₁", 100) in arrows(fold(loss, first=first, second=second))
    both = sum(a.exp() + a.exp() for a in first)
    assert arrows(fold(both, first=first))[:2] == [("first[0…99]", "V₁", 100), ("first[0…99]", "V₂", 100)]


def test_shapes_and_kinds_are_told_apart() -> None:
    arrays = [Tensor(np.ones(length), requires_grad=place % 2 == 0) for length in (2, 3) for place in range(50)]
    loss = arrays[0].sum()
    for array in arrays[1:]:
        loss = loss + array.exp().sum() * (Tensor(1.0, requires_grad=True) if array is not arrays[-1] else 1.0)
    picture = fold(loss, arrays=arrays)
    assert {node.value[0] for node in picture.nodes if node.kind == "class" and node.op == ""} >= {"(2,) float64"}
    for node in picture.nodes:
        assert not node.value or "shapes" not in node.value[0]


def test_variables_stay_single_and_so_does_what_hangs_on_them() -> None:
    w1, w2, data = Value(0.5), Value(-0.5), points(60)
    loss = sum((w1 * x + w2 * y).tanh() for x, y in data)
    picture = fold(loss, w1=w1, w2=w2, data=data, loss=loss)
    assert [(node.name, node.formula) for node in picture.nodes if node.times != 1] == [
        ("data[0…59][0]", ""), ("data[0…59][1]", ""),
        ("V₁", "w1·data[0]"), ("V₂", "w2·data[1]"), ("V₃", "V₁ + V₂"), ("V₄", "tanh(V₃)"),
    ]  # fmt: skip
    assert box(picture, "loss").is_root


def test_a_variable_left_by_a_loop_is_a_box_of_its_own_and_no_more() -> None:
    w, xs = Value(0.5), [Value(float(place)) for place in range(60)]
    predictions = [(w * x).tanh() for x in xs]
    loss = sum(predictions)
    picture = fold(loss, w=w, prediction=predictions[-1], xs=xs, loss=loss)
    assert [(node.name, node.times) for node in picture.nodes] == [
        ("w", 1), ("xs[0…59]", 60), ("V₁", 60), ("V₂", 59), ("prediction", 1), ("loss", 1),
    ]  # fmt: skip
    assert box(picture, "prediction").value == (f"{predictions[-1].data:.4g}",)


def test_a_family_of_names_is_one_box() -> None:
    xs = {f"x{place}": Value(float(place)) for place in range(200)}
    loss = sum(x.exp() for x in xs.values())
    assert [node.name for node in fold(loss, loss=loss, **xs).nodes] == ["x0…199", "V₁", "loss"]


def test_the_root_is_single_even_where_others_are_like_it() -> None:
    x = Value(0.5)
    y = x
    for _ in range(500):
        y = y.tanh()
    picture = fold(y, x=x)
    assert [(node.name, node.times, node.is_root) for node in picture.nodes] == [
        ("x", 1, False), ("V₁", 499, False), ("v₅₀₀", 1, True),
    ]  # fmt: skip


def test_a_picture_small_enough_folds_nothing() -> None:
    x = [Value(float(place)) for place in range(10)]
    loss = sum(each.exp() for each in x)
    count = len(graph_nodes(loss))
    assert {node.kind for node in fold(loss, count, x=x).nodes} <= {"leaf", "value", "constant"}
    assert fold(loss, count, x=x).notice == ""
    assert fold(loss, count - 1, x=x).notice != ""


@pytest.mark.uncounted
def test_classes_are_what_brute_force_finds() -> None:
    """The coarsest partition of equal nodes that feed equal nodes, by rounds over dictionaries."""
    for seed in range(30):
        choose = random.Random(seed)
        nodes: list[Value] = [Value(float(place)) for place in range(6)]
        for _ in range(30):
            a, b = choose.choice(nodes[-12:]), choose.choice(nodes[-12:])
            nodes.append(choose.choice([a.tanh, lambda a=a, b=b: a * b, lambda a=a, b=b: a - b])())
        root = nodes[-1]
        for node in nodes[:-1]:
            root = root * node.tanh()
        graph = graph_nodes(root)
        colours: dict[int, Any] = {node.id: node.op if node is not root else "root" for node in graph}
        for _ in graph:
            used: dict[int, set[Any]] = {node.id: set() for node in graph}
            for node in graph:
                for place, parent in enumerate(node.parents):
                    used[parent.id].add((colours[node.id], place))
            described = {
                node.id: (colours[node.id], *(colours[p.id] for p in node.parents), *sorted(used[node.id], key=repr))
                for node in graph
            }
            names: dict[Any, int] = {}
            colours = {id: names.setdefault(each, len(names)) for id, each in described.items()}
        expected: dict[Any, set[int]] = {}
        for id, colour in colours.items():
            expected.setdefault(colour, set()).add(id)
        parts = Structure([single(node) for node in graph], set(), Likeness()).equal_parts(len(graph))
        assert parts is not None
        found = {frozenset(node.id for node in part.members) for part in parts}
        assert found == {frozenset(ids) for ids in expected.values()}


# ---- similar nodes ------------------------------------------------------------------------------------------------


def test_a_recurrence_is_the_boxes_of_one_step() -> None:
    w, u, b, h = Value(0.5), Value(0.3), Value(0.1), Value(0.0)
    xs = [Value(float(place % 5)) for place in range(300)]
    for x in xs:
        h = (w * h + u * x + b).tanh()
    picture = fold(h, w=w, u=u, b=b, xs=xs)
    assert [(node.name, node.formula, node.times) for node in picture.nodes] == [
        ("w", "", 1), ("u", "", 1), ("b", "", 1), ("V₁", "", 301), ("V₂", "×", 301), ("V₃", "Σ of 3 terms", 299),
        ("V₄", "tanh(V₃)", 299), ("V₅", "w·V₄", 299), ("v₁₅₀₀", "Σ of 3 terms", 1), ("v₁₅₀₁", "tanh(v₁₅₀₀)", 1),
    ]  # fmt: skip
    assert box(picture, "V₃").note == "terms: V₂, b and V₅"  # V₂ is u·x, and once w·h
    assert picture.notice.endswith("2 sums, 4 classes of similar nodes; max_nodes=None shows all")


def test_a_graph_without_any_regularity_is_folded_by_operation() -> None:
    choose = random.Random(0)
    nodes: list[Value] = [Value(choose.uniform(-1, 1)) for _ in range(20)]
    for _ in range(2000):
        a, b = choose.choice(nodes[-100:]), choose.choice(nodes[-100:])
        nodes.append(choose.choice([a.tanh, lambda a=a, b=b: a * b, lambda a=a, b=b: a - b])())
    root = nodes[-1] * nodes[-2] - nodes[-3]
    picture = fold(root)
    assert sorted(node.op for node in picture.nodes if not node.is_root) == ["", "tanh", "×", "−"]
    assert sum(node.count for node in picture.nodes) == len(graph_nodes(root))
    assert fold(root, 3).nodes[0].kind == "more"


# ---- scopes -------------------------------------------------------------------------------------------------------


def test_equal_scopes_side_by_side_share_a_frame() -> None:
    xs = [Value(float(place)) for place in range(60)]
    outputs = []
    for x in xs:
        with scope("sample"), scope("inner"):
            outputs.append((x * 2.0).tanh())
    picture = fold(sum(outputs), xs=xs)
    assert [(frame.name, frame.depth, frame.parent) for frame in picture.clusters] == [
        ("sample × 60", 0, None), ("inner", 1, "c0"),
    ]  # fmt: skip
    assert [node.cluster for node in picture.nodes] == [None, "c1", "c1", "c1", None]


def test_nodes_of_different_scopes_are_different() -> None:
    xs = [Value(float(place)) for place in range(90)]
    outputs = []
    for place, x in enumerate(xs):
        with scope("odd" if place % 2 else "even"):
            outputs.append(x.tanh())
    picture = fold(sum(outputs), xs=xs)
    assert [frame.name for frame in picture.clusters] == ["even × 45", "odd × 45"]
    assert [node.times for node in picture.nodes] == [45, 45, 45, 45, 1]


def layers(count: int, width: int = 8) -> tuple[Tensor, dict[str, Any]]:
    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear, self.norm = nn.Linear(width, width), nn.LayerNorm(width)

        def forward(self, x: Any) -> Any:
            return x + F.relu(self.linear(self.norm(x)))

    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([Layer() for _ in range(count)])

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return x

    x, stack = Tensor(np.ones((2, width)), requires_grad=True), Stack()
    loss = stack(x).sum()
    loss.backward()
    return loss, {"x": x, "stack": stack, "loss": loss}


def test_repeated_layers_are_drawn_once() -> None:
    loss, names = layers(12)
    picture = fold(loss, **names)
    assert [frame.name for frame in picture.clusters][:2] == ["stack", "layers[0…11] × 12"]
    weight = box(picture, "stack.layers[0…11].linear.weight")
    assert (weight.kind, weight.times, weight.value[0]) == ("class", 12, "(8, 8) float64")
    assert [node.times for node in picture.nodes if node.cluster] == [12] * (len(picture.nodes) - 6)
    last, *_ = [node for node in picture.nodes if node.formula == "+"]
    back = [(edge.target, edge.uses) for edge in picture.edges if edge.source == last.id]
    assert sorted(uses for _, uses in back) == [1, 11, 11]  # to the loss; from each layer but the last to the next


def test_repeated_layers_are_one_box_where_there_is_room_for_no_more() -> None:
    loss, names = layers(12)
    picture = fold(loss, 5, **names)
    assert [(node.kind, node.name, node.formula, node.times) for node in picture.nodes] == [
        ("leaf", "x", "", 1), ("group", "V₁", "layers[0…11] (32 nodes each)", 12), ("value", "loss", "Σ(v₂₈₈)", 1),
    ]  # fmt: skip
    group = picture.nodes[1]
    assert group.op == "layers[0…11]"
    assert group.details == ("V₁: 384 nodes of 12 equal scopes", "the first is stack/layers.0")
    assert group.count == len(graph_nodes(loss)) - 2  # its parameters are in it
    assert arrows(picture) == [("x", "V₁", 3), ("V₁", "loss", 1)]
    assert group.value[0] == "(2, 8) float64"


def test_blocks_that_are_not_neighbours_stay_apart() -> None:
    x = Value(0.5)
    y = x
    for place in range(1, 4):
        with scope(f"conv{place}"):
            y = (y * 2.0).tanh().exp()
        with scope("between"):
            y = y.exp().tanh() if place == 2 else y.tanh().exp()
    picture = fold(y, 12, x=x)
    assert [node.op for node in picture.nodes] == ["", "conv1", "between", "conv2", "between", "conv3", "between"]
    assert {node.times for node in picture.nodes} == {1}


def test_one_large_scope_is_not_hidden_in_one_box() -> None:
    image = np.array([[Value(float(i - j)) for j in range(12)] for i in range(12)])
    kernel = np.array([[Value(0.1 * (i + j)) for j in range(3)] for i in range(3)])
    out = F.conv2d(image[None, None], kernel[None, None], padding=1)
    picture = fold(out.sum(), image=image, kernel=kernel)
    assert len(picture.nodes) > 5
    assert box(picture, "image[0…11,0…11]").times == 144
    assert box(picture, "kernel[0…2,0…2]").times == 9
    assert [frame.name for frame in picture.clusters] == ["conv2d"]


def test_what_the_view_wants_open_or_folded_is_so_at_any_limit() -> None:
    loss, names = layers(12)
    for limit in (2, 5, 30, 60, 150):
        picture = draw(loss, names=names, max_nodes=limit, fold="norm").picture
        assert not any(frame.name.startswith("norm") for frame in picture.clusters)
        picture = draw(loss, names=names, max_nodes=limit, unfold="layers.*").picture
        assert not any(node.op.startswith("layers") for node in picture.nodes)
        assert len(picture.nodes) <= limit + 1


def test_names_that_modules_gave_are_written_with_indices() -> None:
    loss, _ = layers(12)
    assert box(draw(loss, names={}).picture, "layers[0…11].linear.weight").times == 12
