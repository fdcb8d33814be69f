"""The film of a graph: its numbers are those of the passes, and it leaves the graph as it was."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn.functional as F
from autograd import GraphError, Tensor, Value, record_source, scope
from autograd.node import Node
from viz import play
from viz.player.frame import Frame


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


def told(root: Node, **choices: object) -> tuple[Frame, ...]:
    return play(root, **choices).film.frames  # type: ignore[arg-type]


def small() -> dict[str, Value]:
    a, b = Value(2.0), Value(-3.0)
    d = a * b
    return {"a": a, "b": b, "d": d, "L": (d + a) * 0.5}


# ---- what it tells ------------------------------------------------------------------------------------------------


def test_values_appear_then_gradients_flow() -> None:
    nodes = small()
    frames = told(nodes["L"], names=nodes)
    assert [frame.sentence for frame in frames] == [
        "a = 2", "b = −3", "d = a·b = 2·(−3) = −6", "v₁ = d + a = −6 + 2 = −4", "the constant 0.5",
        "L = v₁·0.5 = −4·0.5 = −2",
        "L receives 1, the seed", "v₁ receives 1 × 0.5 = 0.5", "d receives 0.5 × 1 = 0.5", "a receives 0.5 × 1 = 0.5",
        "a receives 0.5 × −3 = −1.5", "b receives 0.5 × 2 = 1",
    ]  # fmt: skip
    assert [frame.kind for frame in frames[5:8]] == ["forward", "seed", "edge"]
    assert [(frame.was, frame.now, frame.complete) for frame in frames[9:11]] == [
        ("—", "0.5", False), ("0.5", "−1", True),
    ]  # fmt: skip
    assert frames[10].formula == "∂L/∂a += ∂L/∂d · b"
    assert frames[7].formula == "∂L/∂v₁ += 1 · 0.5"


def test_each_step_is_an_arrow_of_the_picture() -> None:
    nodes = small()
    player = play(nodes["L"], names=nodes)
    edges = {edge.id: edge for edge in player.film.picture.edges}
    flowing = [frame for frame in player.film.frames if frame.kind == "edge"]
    assert sorted(frame.arrow for frame in flowing) == sorted(e.id for e in edges.values() if e.carries_gradient)
    for frame in flowing:
        assert frame.box == edges[frame.arrow].source
        assert frame.contribution == edges[frame.arrow].contribution
    assert [frame.box for frame in player.film.frames[:6]] == [node.id for node in player.film.picture.nodes]


def test_a_number_can_be_asked_for_within_its_digits() -> None:
    x = Value(2.0, label="x")
    frames = told((x / 3.0).exp(), names={})
    exact, within = frames[2].answer or (0.0, 0.0)
    assert exact == 2.0 / 3.0
    assert abs(float("0.6667") - exact) <= within < abs(0.668 - exact)
    assert frames[0].answer is None  # an input is given, not worked out
    assert told(Tensor([1.0, 2.0], requires_grad=True).sum())[-1].answer is None


def test_source_lines_are_known_where_they_were_recorded() -> None:
    with record_source():
        x = Value(2.0)
        y = x * x
    film = play(y).film
    assert [text for _, text in film.lines] == ["x = Value(2.0)", "y = x * x"]
    assert [frame.line for frame in film.frames] == [0, 1, 1, 1, 1]
    assert {frame.line for frame in told(x * x)} == {0, -1}


def test_the_text_is_the_table_of_the_page() -> None:
    nodes = small()
    player = play(nodes["L"], names=nodes)
    assert [line.split("  ", 1)[1] for line in str(player).splitlines()] == [f.sentence for f in player.film.frames]
    assert repr(player) == str(player)
    assert player.events[-1]["sentence"] == "b receives 0.5 × 2 = 1"


# ---- folded graphs and arrays -------------------------------------------------------------------------------------


def test_steps_inside_of_boxes_are_counted_and_not_shown() -> None:
    x = Value(2.0, label="x")
    with scope("block"):
        y = (x * x + x).tanh()
    loss = y * 3.0
    film = play(loss, fold="block").film
    assert [frame.sentence for frame in film.frames if frame.kind == "edge"] == [
        "y receives 1 × 3 = 3", film.frames[-1].sentence,
    ]  # fmt: skip
    (arrow,) = [edge for edge in film.picture.edges if edge.source == "n0"]
    assert film.frames[-1].sentence == f"x receives together {arrow.contribution} by 3 uses in y"
    assert number(film.frames[-1].now) == pytest.approx(number(arrow.contribution))
    backward_steps_inside = 2  # from tanh to +, from + to ×
    uses_of_x_before_the_last = 2
    forward_steps_inside = 2
    assert film.hidden == backward_steps_inside + uses_of_x_before_the_last + forward_steps_inside


def test_arrays_step_as_wholes() -> None:
    x = Tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True)
    w = Tensor(np.array([[[[1.0, -1.0], [0.5, 2.0]]]]), requires_grad=True)
    loss = F.max_pool2d(F.conv2d(x, w), 3).sum()
    frames = told(loss, names={"x": x, "w": w})
    assert frames[-1].sentence.startswith(("x receives", "w receives"))
    assert [frame.now for frame in frames if frame.box == "n1" and frame.kind == "edge"] == ["[[[[10, 11], [14, 15]]]]"]


def test_one_element_of_an_array_is_played_in_scalars() -> None:
    w = Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True, name="w")
    loss = (w * w).sum()
    sentences = [frame.sentence for frame in told(loss, of=w[1], names={})]
    assert sentences[-2:] == ["w[1] receives 1 × 2 = 2"] * 2


# ---- the graph stays as it was ------------------------------------------------------------------------------------


def test_gradients_are_afterwards_what_they_were() -> None:
    nodes = small()
    nodes["L"].backward()
    nodes["L"].backward()
    before = {name: node.grad for name, node in nodes.items()}
    frames = told(nodes["L"], names=nodes)
    assert {name: node.grad for name, node in nodes.items()} == before
    assert frames[10].now == "−1"  # of one clean pass, where the leaf holds −2 from two
    fresh = small()
    told(fresh["L"])
    assert not any(node.has_grad for node in fresh.values())


def test_gradients_are_put_back_where_the_pass_fails() -> None:
    x = Value(2.0)
    y = x.exp()
    y.backward()

    def refuse(_: float) -> None:
        raise RuntimeError("stop")

    x.register_hook(refuse)
    with pytest.raises(RuntimeError, match="stop"):
        play(y)
    assert x.grad == math.exp(2.0)


def test_hooks_run_and_the_film_says_so() -> None:
    x = Value(2.0, label="x")
    x.register_hook(lambda gradient: gradient * 10.0)
    film = play(x * 3.0, names={}).film
    assert film.frames[-1].sentence == "the hook of x turns 3 into 30"
    assert film.frames[-1].now == "30"
    assert "hooks" in film.remark


def test_what_cannot_be_played_says_why() -> None:
    with pytest.raises(TypeError, match="play: takes a Value or a Tensor, not float"):
        play(3.0)  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="requires no gradient"):
        play(Value(2.0, requires_grad=False))
    with pytest.raises(GraphError, match="has shape"):
        play(Tensor([1.0, 2.0], requires_grad=True) * 2.0)


# ---- any graph ----------------------------------------------------------------------------------------------------

OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a.tanh(), lambda a, b: a.maximum(b),
]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=20))
def test_what_is_handed_on_adds_up_to_what_is_held(steps: list[tuple[int, int, int]]) -> None:
    nodes = [Value(0.5), Value(-1.5), Value(2.0)]
    for which, first, second in steps:
        nodes.append(OPERATIONS[which](nodes[first % len(nodes)], nodes[second % len(nodes)]))
    root = nodes[-1]
    film = play(root, names={}, nudge=False).film
    root.backward()
    held = {node.id: node.node_id for node in film.picture.nodes}
    gradients = {node.id: node.grad for node in nodes}
    for box, id in held.items():
        received = [frame for frame in film.frames if frame.box == box and frame.kind == "edge"]
        if not received:
            continue
        handed = [(frame.answer or (math.nan, 0.0))[0] for frame in received]
        assert math.isclose(sum(handed), gradients[id or 0], rel_tol=1e-12, abs_tol=1e-12 * sum(map(abs, handed)))
        assert [frame.complete for frame in received] == [False] * (len(received) - 1) + [True]
        assert number(received[-1].now) == pytest.approx(gradients[id or 0], rel=6e-4)
        assert [frame.was for frame in received] == ["—", *[frame.now for frame in received[:-1]]]
