"""Nodes are called as the user's code calls them."""

import collections
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd import Tensor, Value
from autograd.node import Node, graph_nodes
from autograd.variables import names_of
from viz import draw

module_level = Value(7.0)


def called(root: Node, **variables: Any) -> list[str]:
    """The names that the variables give to the graph's leaves, in order of creation; "" where they give none."""
    names = names_of(graph_nodes(root), variables)
    return [names.get(node.id, "") for node in graph_nodes(root) if node.is_leaf]


def drawn_names(root: Node, **options: Any) -> list[str]:
    return [node.name for node in draw(root, **options).picture.nodes]


def test_the_caller_s_local_and_global_variables() -> None:
    a = Value(2.0)
    local = a * module_level
    assert [node.name for node in draw(local).picture.nodes] == ["module_level", "a", "local"]


def test_a_local_variable_comes_before_a_global_one() -> None:
    nearer = module_level
    root = nearer * 2.0
    assert draw(root).picture.nodes[0].name == "nearer"


def test_not_the_variables_of_functions_further_out() -> None:
    hidden = Value(1.0)
    assert drawn_names(hidden) == ["root"]


def test_given_names_take_the_place_of_the_caller_s_and_of_own_names() -> None:
    a, b = Value(2.0), Value(3.0, "own")
    y = a * b
    assert drawn_names(y, names={"left": a, "right": b}) == ["left", "right", "v₁"]
    assert drawn_names(y, names={"pair": (a, b)}) == ["pair[0]", "pair[1]", "v₁"]
    assert drawn_names(y, names={}) == ["v₁", "own", "v₂"]


def test_the_node_s_own_name_comes_before_the_caller_s() -> None:
    variable = Value(2.0, "own")
    assert draw(variable).picture.nodes[0].name == "own"


class Layer(NamedTuple):
    weight: Value
    bias: Value


def test_elements_and_attributes() -> None:
    v = [Value(float(i)) for i in range(10)]
    root = sum(v[1:], start=v[0])
    assert called(
        root,
        w=[v[0], [v[1]]],
        params={"W1": v[2], 3: (v[3],)},
        grid=np.array([[v[4], v[5]]], dtype=object),
        neuron=SimpleNamespace(b=v[6], inner=SimpleNamespace(w=[v[7]])),
        layer=Layer(v[8], v[9]),
    ) == [
        "w[0]", "w[1][0]", "params['W1']", "params[3][0]", "grid[0,0]", "grid[0,1]", "neuron.b", "neuron.inner.w[0]",
        "layer.weight", "layer.bias",
    ]  # fmt: skip


def test_a_plain_variable_comes_before_an_element_and_a_near_one_before_a_deep_one() -> None:
    a, b = Value(1.0), Value(2.0)
    assert called(a * b, deep=[[a, b]], near=[b], a=a) == ["a", "near[0]"]


class Module:
    def __init__(self, **parameters: Any) -> None:
        self._parameters = parameters

    def named_parameters(self) -> Any:
        return iter(self._parameters.items())


def test_a_module_s_parameters_go_by_the_module_s_names() -> None:
    w, b = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    model = Module(**{"conv1.weight": w, "layers.0.bias": b})
    root = (w * b).sum()
    assert called(root, p=w, weights=[w, b], model=model) == ["model.conv1.weight", "model.layers[0].bias"]


def test_the_project_s_own_modules() -> None:
    model = nn.Sequential(nn.Linear(2, 1))
    loss = model(Tensor([[1.0, 2.0]])).sum()
    leaves = [node.name for node in draw(loss).picture.nodes if node.kind == "leaf"]
    assert sorted(leaves) == ["0.bias", "0.weight"]  # their own names, which the module gave them

    neuron = nn.Neuron(2)
    y = neuron([Value(1.0), Value(2.0)])
    leaves = [node.name for node in draw(y).picture.nodes if node.kind == "leaf"]
    assert set(leaves) >= {"neuron.w[0]", "neuron.w[1]", "neuron.b"}


def test_private_and_interactive_variables_give_no_names() -> None:
    variables: dict[str, Any] = {}
    exec(
        "from autograd import Value\nfrom viz import draw\n_ = a = _1 = Value(2.0)\nOut = {1: a}\nIn = ['']\n"
        "y = a * 2.0\ndel a\npicture = draw(y).picture",
        variables,
    )
    assert [node.name for node in variables["picture"].nodes] == ["v₁", "2", "y"]


class Hostile:
    """Everything that a search might touch raises."""

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("class")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise RuntimeError("bool")


class HostileList(list[Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("iter")


class HostileModule:
    def named_parameters(self) -> Any:
        raise RuntimeError("parameters")


def test_no_object_of_the_caller_can_break_a_picture() -> None:
    a = Value(1.0)
    loop: list[Any] = [a]
    loop.append(loop)
    assert called(
        a.exp(),
        hostile=Hostile(),
        hostile_list=HostileList([1]),
        hostile_module=HostileModule(),
        loop=loop,
        module=ModuleType("module"),
        kind=Hostile,
        queue=collections.deque([1]),
    ) == ["loop[0]"]


@pytest.mark.uncounted
def test_the_search_is_bounded() -> None:
    a = Value(1.0)
    nested: list[Any] = ["text"]
    for _ in range(5):
        nested = [nested] * 10
    deep = [[[[[a]]]]]
    assert called(a.exp(), nested=nested, deep=deep) == ["deep[0][0][0][0][0]"]  # what is met again is passed by
    assert called(a.exp(), data=[0.5] * 10**6, z=[a]) == ["z[0]"]
    assert called(a.exp(), heap=[["text"] for _ in range(60_000)], z=[[a]]) == [""]
    assert called(a.exp(), heap=[["text"] for _ in range(60_000)], a=a) == ["a"]
