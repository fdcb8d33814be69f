"""Any graph with any names, from the whole of Unicode: every format holds them as text, and both engines draw them.

The suite tries some; with GRADWALK_HYPOTHESIS=thorough each engine is given 1,000 graphs.
"""

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd import Value, scope
from tests.viz.formats.readers import SVG, Drawn, Page, read_dot, read_json, read_mermaid, read_svg, read_table
from tests.viz.nasty_names import NASTY
from viz import Drawing, draw
from viz.formats.as_html import to_page
from viz.formats.label import label_lines, plain

# What fails here is readable as it is: to shrink it would take minutes of layouts.
SOME = settings(max_examples=settings().max_examples // 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
NAMES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),  # lone surrogates and unassigned ones too
    st.sampled_from(NASTY),
    st.builds("".join, st.lists(st.sampled_from(NASTY), max_size=3)),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.sampled_from([13, 41, 400])),
)
OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a / 3.0, lambda a, b: a.tanh(), lambda a, b: a.maximum(b),
    lambda a, b: b.relu(), lambda a, b: a - a * b,
]  # fmt: skip
PLACES = st.integers(0, 99)
STEPS = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), PLACES, PLACES, NAMES, st.lists(NAMES, max_size=3)), min_size=1, max_size=12
)
Steps = list[tuple[Callable[[Value, Value], Value], int, int, str, list[str]]]


def build(steps: Steps, backward: bool) -> Drawing:
    """A graph with a name at each step, in scopes of any names, one path in colour, and data changed afterwards."""
    nodes = [Value(0.5, "x"), Value(-1.5), Value(0.0)]
    for operation, first, second, name, scopes in steps:
        nodes.append(within(scopes, operation, nodes[first % len(nodes)], nodes[second % len(nodes)]))
        nodes[-1].name = name
    root = nodes[-1]
    if backward:
        root.backward()
    nodes[0].data = 0.75
    return draw(root, names={}, highlight=[root.parents[0], root])


def within(scopes: list[str], operation: Callable[[Value, Value], Value], a: Value, b: Value) -> Value:
    for name in reversed(scopes):
        operation = scoped(name.replace("/", "") or "empty", operation)
    return operation(a, b)


def scoped(name: str, operation: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def inside(a: Value, b: Value) -> Value:
        with scope(name):
            return operation(a, b)

    return inside


def drawn(drawing: Drawing) -> Drawn:
    picture = drawing.picture
    clusters = {cluster.id for cluster in picture.clusters}
    return Drawn({node.id for node in picture.nodes}, len(picture.edges), clusters)


def check_svg(drawing: Drawing, svg: str) -> None:
    """Every name came back as its own text, and nothing in the picture is more than text and shapes."""
    root = ET.fromstring(svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in HARMLESS
        given = {key: value for key, value in element.attrib.items() if key != "aria-label"}
        assert not [key for key in given if key.lower().startswith("on") or "href" in key]
        assert not [value for value in given.values() if "javascript:" in value or "url(" in value]
    groups = {str(group.get("id")): group for group in root.iter(f"{SVG}g")}
    for node in drawing.picture.nodes:
        texts = ["".join(text.itertext()) for text in groups[node.id].iter(f"{SVG}text")]
        assert set(texts) >= {plain(line) for line in label_lines(node)}
        assert [text for text in texts if node.name in text]
        assert groups[node.id].findtext(f"{SVG}title") == "\n".join(node.details or (node.name,))
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for cluster in drawing.picture.clusters:
        assert cluster.name in texts
        assert groups[cluster.id].findtext(f"{SVG}title") == cluster.name
    assert read_svg(svg) == drawn(drawing)


HARMLESS = {"svg", "g", "title", "desc", "style", "rect", "path", "polygon", "ellipse", "text", "tspan"}


@pytest.mark.uncounted
@settings(SOME, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS, st.booleans())
def test_any_names_are_drawn_as_text_by_each_engine(
    svg_of: Callable[[Drawing], str], steps: Steps, backward: bool
) -> None:
    drawing = build(steps, backward)
    check_svg(drawing, svg_of(drawing))


@settings(SOME)
@given(STEPS, st.booleans())
def test_any_names_are_text_in_every_other_format(steps: Steps, backward: bool) -> None:
    drawing = build(steps, backward)
    picture = drawing.picture
    assert read_dot(drawing.dot) == drawn(drawing)

    chart = read_mermaid(drawing.mermaid)
    assert chart.drawn == drawn(drawing)
    assert chart.title == picture.title
    for node in picture.nodes:
        assert node.name in chart.boxes[node.id][0]
    assert chart.frames == {cluster.id: cluster.name for cluster in picture.clusters}

    assert read_json(drawing.json) == drawn(drawing)
    assert [node["name"] for node in json.loads(drawing.json)["nodes"]] == [node.name for node in picture.nodes]

    html = to_page(picture, None)
    page = Page(html)
    assert page.counts() == read_table(drawing.table) == (len(picture.nodes), len(picture.edges))
    assert page.pre == drawing.text
    assert "script" not in [tag for tag, _ in page.elements]
    for text in (drawing.text, drawing.table, drawing.dot, drawing.json, drawing.mermaid, html):
        assert text.encode()  # no lone surrogate is left
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2067]", text)
    for line in drawing.text.split("\n"):
        assert len(line.splitlines()) <= 1


@settings(SOME)
@given(NAMES)
def test_a_printable_name_is_drawn_unchanged(name: str) -> None:
    (node,) = draw(Value(1.0, name), names={}).picture.nodes
    if name.isascii() and name.isprintable() and name.strip() and len(name) <= 40:
        assert node.name == name
    assert 1 <= len(node.name) <= 80


def test_a_name_of_a_million_characters_is_answered_at_once(svg_of: Callable[[Drawing], str]) -> None:
    with scope("s" * 1_000_000):
        y = Value(1.0, "n" * 1_000_000).exp()
    drawing = draw(y, names={})
    check_svg(drawing, svg_of(drawing))
    assert len(drawing.picture.nodes[0].name) == 40


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NASTY)
def test_dot_accepts_every_name_without_a_word(dot: str, name: str) -> None:
    with scope(name.replace("/", "") or "empty"):
        y = Value(1.0, name).exp()
    done = subprocess.run([dot, "-Tsvg"], input=draw(y, names={}).dot.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
