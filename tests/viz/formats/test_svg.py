"""The SVG of both engines: every node and edge once, with its id, class, text and title, whatever its name."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value, scope
from tests.viz.examples import EXAMPLES
from viz import Drawing, draw
from viz.formats.label import label_lines, plain

SVG = "{http://www.w3.org/2000/svg}"
Draw = Callable[[Drawing], str]

NASTY = [
    '"];<script>alert(1)</script>', "{a|b}", "\\N \\G \\l \\", "<b>bold</b>", "<x>", "&lt;i&gt; &amp; &#65;", "שלום",
    "مرحبا x", "\u202egpj.exe", "nul\x00ctrl\x1b[31m\n\r\t", "한국어 이름 🙂", "a" * 100, "\ud800lone", " ", "",
    "line\u2028sep", "-->", "]]>", "\\", '"', "'", "%s %n", "n0", "cluster_c0", "graph", "é̂̃", "\ufffe\uffff", "a_n0",
]  # fmt: skip


def groups(svg: str) -> dict[str, ET.Element]:
    """The groups of an SVG by id; every id of the document stands once."""
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    return {str(group.get("id")): group for group in root.iter(f"{SVG}g")}


def lines_of(group: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in group.findall(f"{SVG}text")]


def title_of(group: ET.Element) -> str | None:
    titles = group.findall(f"{SVG}title")
    assert len(titles) == 1
    return titles[0].text


def check_all_drawn(drawing: Drawing, svg: str) -> None:
    """What the SVG shows is what the picture holds."""
    drawn = groups(svg)
    picture = drawing.picture
    assert set(drawn) - {"graph0"} == {element.id for element in (*picture.nodes, *picture.edges, *picture.clusters)}
    for node in picture.nodes:
        group = drawn[node.id]
        assert str(group.get("class")).split() == ["node", node.kind, *(["root"] if node.is_root else [])]
        assert lines_of(group) == [plain(line) for line in label_lines(node)]
        assert title_of(group) == "\n".join(node.details or (node.name,))
    for edge in picture.edges:
        group = drawn[edge.id]
        assert str(group.get("class")).split() == ["edge", "gradient" if edge.carries_gradient else "constant"]
        assert lines_of(group) == ([edge.label] if edge.label else [])
        assert title_of(group) == "\n".join(edge.details)
        assert len(group.findall(f"{SVG}path")) == 1
    for cluster in picture.clusters:
        assert lines_of(drawn[cluster.id]) == [cluster.name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_is_drawn_once(svg_of: Draw, name: str) -> None:
    drawing = EXAMPLES[name]()
    check_all_drawn(drawing, svg_of(drawing))


def nasty_drawing(names: list[str]) -> Drawing:
    y = Value(1.0)
    for name in names:
        with scope(name.replace("/", "") or "empty"):
            y = y * Value(1.5, name)
    return draw(y, names={}, max_nodes=None)


def test_any_name_is_drawn_as_that_text(svg_of: Draw) -> None:
    drawing = nasty_drawing(NASTY)
    svg = svg_of(drawing)
    check_all_drawn(drawing, svg)
    shown = [lines_of(groups(svg)[node.id])[0] for node in drawing.picture.nodes if node.kind == "leaf"]
    assert set(NASTY[:6]) | {"한국어 이름 🙂", "'", "\\"} <= set(shown)
    assert "<script" not in svg
    assert "href" not in svg


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_any_text_at_all(svg_of: Draw, names: list[str]) -> None:
    drawing = nasty_drawing(names)
    check_all_drawn(drawing, svg_of(drawing))


def test_colours_come_with_words(svg_of: Draw) -> None:
    """Value green above, gradient red below; the word before the gradient says the same without colour."""
    leaf = groups(svg_of(EXAMPLES["after_backward"]()))["n0"]
    name, value, gradient = leaf.findall(f"{SVG}text")
    assert (name.get("fill"), name.get("font-weight")) == ("#1c2530", "bold")
    assert (value.text, value.get("fill"), value.get("class")) == ("2", "#10703a", "value")
    assert (gradient.text, gradient.get("fill"), gradient.get("class")) == ("grad −0.004023", "#b3261e", "gradient")
    assert float(str(name.get("y"))) < float(str(value.get("y"))) < float(str(gradient.get("y")))


def test_the_name_in_a_formula_is_bold_and_the_rest_is_not(svg_of: Draw) -> None:
    header = groups(svg_of(EXAMPLES["after_backward"]()))["n3"].find(f"{SVG}text")
    assert header is not None
    assert [(span.text, span.get("font-weight")) for span in header] == [("v₁", "bold"), (" = a·b", None)]


def test_screen_readers_and_page_layout(svg_of: Draw) -> None:
    drawing = EXAMPLES["neuron"]()
    root = ET.fromstring(svg_of(drawing))
    assert (root.get("role"), root.get("aria-label")) == ("img", "Computation graph of loss")
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "Computation graph of loss"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text == str(drawing)
    width, height = (re.fullmatch(r"\d+", str(root.get(side))) for side in ("width", "height"))
    assert width
    assert height
    extent = [float(side) for side in str(root.get("viewBox")).split()[2:]]
    assert [int(width[0]), int(height[0])] == [pytest.approx(side * 4 / 3, abs=1) for side in extent]


def test_the_background_is_painted(svg_of: Draw) -> None:
    paper = groups(svg_of(EXAMPLES["neuron"]()))["graph0"].find(f"{SVG}polygon")
    assert paper is not None
    assert paper.get("fill") == "#ffffff"


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_has_contrast_on_every_fill() -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 : 1."""
    from viz import style

    fills = {style.PAPER, *style.CLUSTER_FILLS, *(box.fill for box in style.BOXES.values())}
    for fill in fills:
        for colour in style.TEXT_COLOURS.values():
            light, dark = luminance(fill), luminance(colour)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (fill, colour)
