"""The picture as JSON: all of the model, valid by its schema, the same in every run."""

import dataclasses
import json
import os
import subprocess
import sys

import jsonschema
import numpy as np
import pytest

from autograd import Tensor, Value
from tests.viz.examples import EXAMPLES
from tests.viz.formats.by_hand import picture_edge, picture_node
from viz import HeatMap, Picture, PictureCluster, draw
from viz.formats.as_json import SCHEMA, to_json

VALID = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def in_full() -> Picture:
    """A picture in which no field has the value that it has when nothing is said."""
    heat = HeatMap("gradient", "[0, 1]", ((1.5, float("nan")), (float("-inf"), float("inf"))), 2.0)
    node = picture_node(
        "n0", kind="class", is_root=True, name="w", op="·", formula="a·b", value=("−1 … 1",), gradient="−1",
        terms=("−4", "3"), cluster="c1", details=("w: ·", "scope a/b"), count=6, times=3, mark="wrong",
        note="not selected", heat=(heat,), node_id=77,
    )  # fmt: skip
    edge = picture_edge(
        "e0", "n1", "n0", argument=1, symbol="b", number="−3", upstream="2", contribution="−6", uses=2, mark="path",
        details=("b → w",),
    )  # fmt: skip
    frames = PictureCluster("c0", "a", None, 0), PictureCluster("c1", "b", "c0", 1)
    return Picture((node, picture_node("n1", kind="constant")), (edge,), frames, "title", "notice", 7)


@pytest.mark.parametrize("name", EXAMPLES)
def test_pictures_are_valid_by_the_schema(name: str) -> None:
    VALID.validate(json.loads(EXAMPLES[name]().json))


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(VALID.schema)
    read = json.loads(to_json(in_full()))
    VALID.validate(read)
    for element in (read["nodes"][0], read["edges"][0], read["clusters"][0], read["nodes"][0]["heat"][0]):
        for field in element:
            broken = json.loads(to_json(in_full()))
            for kind in ("nodes", "edges", "clusters"):
                for each in broken[kind]:
                    each.pop(field, None)
                    for heat in each.get("heat", ()):
                        heat.pop(field, None)
            assert not VALID.is_valid(broken), field


def test_every_field_of_the_model_is_written_but_ids_of_the_process() -> None:
    picture = in_full()
    read = json.loads(to_json(picture))
    assert (read["format"], read["version"]) == ("gradwalk-picture", 1)
    node = dataclasses.asdict(picture.nodes[0])
    del node["node_id"]
    node["heat"][0]["rows"] = [[1.5, "NaN"], ["-Infinity", "Infinity"]]
    assert read["nodes"][0] == json.loads(json.dumps(node))
    assert read["edges"] == json.loads(json.dumps([dataclasses.asdict(edge) for edge in picture.edges]))
    assert read["clusters"] == [dataclasses.asdict(cluster) for cluster in picture.clusters]
    assert (read["title"], read["notice"], read["total"]) == ("title", "notice", 7)


def test_numbers_that_json_has_none_for_are_texts() -> None:
    x = Tensor([1.0, np.nan, np.inf, -np.inf, 0.0], requires_grad=True, name="x")
    text = draw((x * 2.0).sum(), names={}, heat=True).json

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    (heat,) = json.loads(text, parse_constant=refuse)["nodes"][0]["heat"]
    assert heat["rows"] == [[1.0, "NaN", "Infinity", "-Infinity", 0.0]]
    VALID.validate(json.loads(text))


def test_one_line_for_each_box_and_arrow() -> None:
    lines = EXAMPLES["neuron"]().json.splitlines()
    assert sum(line.startswith('{"id": "n') for line in lines) == 10
    assert sum(line.startswith('{"id": "e') for line in lines) == 9
    assert "∂" in draw(Value(1.0, "∂"), names={}).json


def test_another_process_gives_the_same_bytes() -> None:
    before = "from autograd import Value; [Value(1.0) for _ in range(1000)]; "  # other ids than here
    code = "from tests.viz.examples import EXAMPLES; print('\\n'.join(make().json for make in EXAMPLES.values()))"
    here = "\n".join(make().json for make in EXAMPLES.values())
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", before + code]
    there = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert there.stdout.decode() == here + "\n"
