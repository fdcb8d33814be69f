"""The DOT text: the same in every run, and safe against any name."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from autograd import Value, scope
from tests.viz.by_hand import every_kind
from tests.viz.examples import EXAMPLES, GOLDEN
from viz import draw
from viz.formats.dot import to_dot
from viz.style import Style


@pytest.mark.parametrize("name", EXAMPLES)
def test_golden(name: str) -> None:
    assert EXAMPLES[name]().dot == (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")


def test_each_golden_text_has_its_example() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(EXAMPLES)


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    code = "from tests.viz.examples import EXAMPLES; print('\\n'.join(make().dot for make in EXAMPLES.values()))"
    here = "\n".join(make().dot for make in EXAMPLES.values())
    path = os.pathsep.join(sys.path)
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": path}
        there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert there.stdout.decode() == here + "\n"


def test_boxes_and_arrows_say_what_the_pictures_say() -> None:
    dot = EXAMPLES["after_backward"]().dot
    assert 'label="a\\n2\\ngrad −0.004023"' in dot
    assert 'label=" b = −3 \\n 0.001341 × −3 = −0.004023 "' in dot


def test_marks_are_in_colour_and_in_words() -> None:
    dot = to_dot(every_kind())
    (path,) = re.findall(r"n3 -> n8 \[(.*?)\]\n", dot)
    assert 'class="flow path" color="#7a2e9d"' in path
    assert "penwidth=2.5" in path
    (dead,) = re.findall(r"n4 -> n5 \[(.*?)\]\n", dot)
    assert "style=dotted" in dead
    (gone,) = re.findall(r"\tn4 \[(.*?)\]\n", dot)
    assert "relu is closed: −2 ≤ 0" in gone
    assert 'class="group dead"' in gone


def test_a_circuit_has_gates_with_symbols_and_numbers_on_its_wires() -> None:
    dot = to_dot(EXAMPLES["after_backward"]().picture, drawn_as="circuit")
    assert re.search(r'n3 \[label="×" .*shape=ellipse', dot)
    assert re.search(r"n0 \[label=a .*shape=plaintext", dot)
    assert re.search(r'n0 -> n3 \[label=" 2 \\n −0.004023 "', dot)
    assert re.search(r'n5 \[label="tanh\\nL\\n0.9993\\n1"', dot)


@pytest.mark.parametrize("drawn_as", ["box", "circuit"])
def test_graphviz_draws_every_node_and_edge_of_it(dot: str, drawn_as: Style) -> None:
    text = to_dot(every_kind(), "TB", drawn_as)
    done = subprocess.run([dot, "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    ids = [str(group.get("id")) for group in ET.fromstring(done.stdout).iter("{http://www.w3.org/2000/svg}g")]
    drawn = {id for id in ids if re.fullmatch(r"[nec]\d+", id)}
    assert drawn == {element.id for element in (*every_kind().nodes, *every_kind().edges, *every_kind().clusters)}


def test_names_are_quoted() -> None:
    with scope('s"]; x'):
        y = Value(1.0, '"];<script>') * Value(2.0, "{a|b}") + Value(3.0, "\\N&amp;")
    dot = draw(y, names={}).dot
    assert r'label="\"];<script>' in dot
    assert 'label="{a|b}' in dot
    assert r'label="\\N&amp;amp;' in dot
    assert r'label="s\"]; x"' in dot


def test_no_label_begins_with_an_empty_line() -> None:
    y = Value(1.0, "") * Value(2.0, "\n") * Value(3.0, " ") * Value(4.0, "\x00")
    dot = draw(y, names={}).dot
    assert 'label="\\n' not in dot
    assert 'label=""' not in dot
    assert 'label=" ' not in dot.split("->")[0]
