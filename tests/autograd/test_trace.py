"""A backward pass as JSON and CSV: valid by its schema, complete, and the same in every run."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import nn.functional as F
from autograd import Value, backward_trace, graph_nodes, record_source, scope
from autograd.errors import GraphError
from autograd.steps.trace import SCHEMA
from tests.autograd.support import leaf

VALID = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def scalars() -> Value:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    with scope("block"):
        return (a * b + a * a + 1.0).tanh()


def hooked() -> Value:
    a = Value(2.0, label="a")
    middle = a * 3.0
    middle.register_hook(lambda gradient: gradient * 2.0)
    a.register_hook(lambda gradient: None)
    return middle * middle


def by_hand() -> Value:
    a = Value(3.0, label="a")
    out = Value(9.0, (a,), "square")

    def pull() -> None:
        a.grad += 2 * a.data * out.grad

    out._backward = pull
    return out * 2.0


def infinite() -> Value:
    return Value(0.0, label="zero").log() * 0.5


def arrays() -> Any:
    rng = np.random.default_rng(0)
    image, weight = leaf(rng.normal(size=(1, 1, 3, 4)), "image"), leaf(rng.normal(size=(1, 1, 2, 2)), "weight")
    return (F.conv2d(image, weight).relu() ** 2).sum()


GRAPHS = {each.__name__: each for each in (scalars, hooked, by_hand, infinite, arrays)}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("elements", [False, True])
def test_a_trace_is_valid_by_its_schema(name: str, elements: bool) -> None:
    read = json.loads(backward_trace(GRAPHS[name](), elements=elements).json)
    VALID.validate(read)
    ids = [node["id"] for node in read["nodes"]]
    assert ids == [f"n{place}" for place in range(len(ids))]
    assert read["root"] == ids[-1]
    assert [step["number"] for step in read["steps"]] == list(range(1, len(read["steps"]) + 1))


@pytest.mark.parametrize("make", [scalars, arrays])
def test_what_each_node_receives_adds_up_to_its_gradient(make: Any) -> None:
    root = make()
    read = json.loads(backward_trace(root).json)
    received: dict[str, Any] = {}
    for step in read["steps"]:
        target = step.get("parent", step["node"])
        received[target] = received.get(target, 0.0) + np.array(step["contribution"])
        assert np.allclose(received[target], np.array(step["after"]), rtol=1e-15)
    for node in read["nodes"]:
        if node["gradient"] is not None:
            np.testing.assert_allclose(received[node["id"]], np.array(node["gradient"]), rtol=1e-15)
    root.backward()
    by_name = {node["name"]: node["gradient"] for node in read["nodes"]}
    for node in (each for each in _leaves(root) if each.name):
        np.testing.assert_allclose(by_name[node.name] * np.array(2.0), node.grad, rtol=1e-12)  # two passes


def _leaves(root: Any) -> list[Any]:
    return [node for node in graph_nodes(root) if node.is_leaf and node.requires_grad]


def test_a_node_that_is_used_twice_is_named_twice() -> None:
    a = Value(3.0, label="a")
    read = json.loads(backward_trace(a * a).json)
    assert read["nodes"][1]["parents"] == ["n0", "n0"]
    edges = [step for step in read["steps"] if step["kind"] == "edge"]
    assert [(step["argument"], step["before"], step["after"]) for step in edges] == [(0, None, 3.0), (1, 3.0, 6.0)]


def test_numbers_that_are_not_finite_are_texts() -> None:
    read = json.loads(backward_trace(infinite()).json, parse_constant=lambda text: pytest.fail(text))
    assert read["nodes"][1]["value"] == "-Infinity"
    assert read["nodes"][0]["gradient"] == "Infinity"


def test_hooks_and_what_was_written_by_hand_are_steps() -> None:
    kinds = [step["kind"] for step in backward_trace(hooked()).steps]
    assert kinds.count("hook") == 2
    (step,) = [step for step in json.loads(backward_trace(by_hand()).json)["steps"] if step["kind"] == "by hand"]
    assert (step["upstream"], step["before"], step["after"]) == (2.0, [0.0], [12.0])


def test_the_scope_and_the_line_are_kept() -> None:
    with record_source():
        root = scalars()
    nodes = {node["name"]: node for node in backward_trace(root).nodes}
    assert nodes["a"]["scope"] == ""
    product = next(node for node in nodes.values() if node["expression"] == "a·b")
    assert product["scope"] == "block"
    assert product["source"].rpartition(":")[0].endswith(Path(__file__).name)


def test_an_array_is_kept_as_it_was() -> None:
    x = leaf([1.0, 2.0], "x")
    root = (x * x).sum()
    trace = backward_trace(root)
    assert x.grad is not None
    x.grad[:] = 0.0
    x.data += 1.0
    node = json.loads(trace.json)["nodes"][0]
    assert (node["value"], node["gradient"]) == ([1.0, 2.0], [2.0, 4.0])


def test_csv_has_a_step_a_line() -> None:
    trace = backward_trace(arrays())
    rows = list(csv.DictReader(io.StringIO(trace.csv)))
    assert len(rows) == len(trace.steps)
    for row, step in zip(rows, trace.steps, strict=True):
        assert int(row["number"]) == step["number"]
        assert row["kind"] == step["kind"]
        if row["contribution"]:
            found = json.loads(row["contribution"])
            np.testing.assert_array_equal(found, step["contribution"])
    assert {"weight", "image"} <= {row["parent"] for row in rows}


def test_files_by_their_ending(tmp_path: Path) -> None:
    trace = backward_trace(scalars())
    assert trace.save(tmp_path / "trace.json").read_text(encoding="utf-8") == trace.json
    assert trace.save(tmp_path / "trace.CSV").read_text(encoding="utf-8") == trace.csv
    with pytest.raises(ValueError, match=r"'trace.txt' ends in neither .json nor .csv"):
        trace.save(tmp_path / "trace.txt")
    with pytest.raises(GraphError, match="requires no gradient"):
        backward_trace(Value(1.0, requires_grad=False))


def test_the_text_is_the_same_in_another_process() -> None:
    code = (
        "from autograd import Value, backward_trace; [Value(1.0) for _ in range(1000)]; "
        "from tests.autograd.test_trace import scalars; print(backward_trace(scalars()).json, end='')"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == backward_trace(scalars()).json
