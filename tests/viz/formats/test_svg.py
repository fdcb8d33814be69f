"""The SVG of both engines: every node and edge once, with its id, class, text and title, whatever its name."""

import itertools
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value, scope
from tests.viz.by_hand import every_kind
from tests.viz.examples import EXAMPLES
from tests.viz.svg_reader import (
    SVG,
    Box,
    along,
    box_of,
    classes,
    groups,
    lines_of,
    points_of,
    text_boxes,
    text_places,
    texts,
    title_of,
)
from viz import Drawing, draw
from viz.formats.label import label_lines, plain
from viz.formats.svg import to_svg
from viz.scene import Group, Scene

Draw = Callable[[Drawing], str]

STYLES = ["box", "circuit"]
DIRECTIONS = ["LR", "RL", "TB", "BT"]
ALL = [*EXAMPLES, "every_kind"]

NASTY = [
    '"];<script>alert(1)</script>', "{a|b}", "\\N \\G \\l \\", "<b>bold</b>", "<x>", "&lt;i&gt; &amp; &#65;", "שלום",
    "مرحبا x", "\u202egpj.exe", "nul\x00ctrl\x1b[31m\n\r\t", "한국어 이름 🙂", "a" * 100, "\ud800lone", " ", "",
    "line\u2028sep", "-->", "]]>", "\\", '"', "'", "%s %n", "n0", "cluster_c0", "graph", "é̂̃", "\ufffe\uffff", "a_n0",
]  # fmt: skip


def drawing_of(name: str, style: str = "box", rankdir: str = "LR") -> Drawing:
    picture = every_kind() if name == "every_kind" else EXAMPLES[name]().picture
    return Drawing(picture, rankdir, style)  # type: ignore[arg-type]


def check_all_drawn(drawing: Drawing, svg: str) -> None:
    """What the SVG shows is what the picture holds."""
    drawn, picture = groups(svg), drawing.picture
    ids = [element.id for element in (*picture.nodes, *picture.edges, *picture.clusters)]
    assert set(drawn) - {"notice", "output"} == {*ids, *(f"{cluster.id}-title" for cluster in picture.clusters)}
    assert ("output" in drawn) == (drawing.style == "circuit")
    for node in picture.nodes:
        group = drawn[node.id]
        assert classes(group) == ["node", node.kind, *["root"] * node.is_root, *[node.mark] * bool(node.mark)]
        assert title_of(group) == "\n".join(node.details or (node.name,))
        if drawing.style == "box" and not node.heat:
            sign = "✗ " if node.mark == "wrong" else ""
            first, *others = [plain(line) for line in label_lines(node)]
            assert lines_of(group) == [sign + first, *others]
    for edge in picture.edges:
        group = drawn[edge.id]
        flows = "flow" if edge.carries_gradient else "constant"
        assert classes(group) == ["edge", flows, *[edge.mark] * bool(edge.mark)]
        assert title_of(group) == ("\n".join(edge.details) or None)
        assert points_of(group, "wire")
        assert len(points_of(group, "head")) == (drawing.style == "box")
    for cluster in picture.clusters:
        assert lines_of(drawn[f"{cluster.id}-title"]) == [cluster.name]


# ---- what is drawn --------------------------------------------------------------------------------------------------


@pytest.mark.uncounted
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ALL)
def test_everything_is_drawn_once(svg_of: Draw, name: str, style: str) -> None:
    drawing = drawing_of(name, style)
    check_all_drawn(drawing, svg_of(drawing))


def test_boxes_show_numbers_and_arrows_show_products(svg_of: Draw) -> None:
    """tanh(−6 + 10), its derivative 1 − 0.9993², and what a and b receive of it, on paper."""
    drawn = groups(svg_of(EXAMPLES["after_backward"]()))
    assert lines_of(drawn["n0"]) == ["a", "2", "grad −0.004023"]
    assert lines_of(drawn["n3"]) == ["v₁ = a·b", "−6", "grad 0.001341"]
    assert lines_of(drawn["e0"]) == ["b = −3", "0.001341 × −3 = −0.004023"]
    assert lines_of(drawn["e1"]) == ["a = 2", "0.001341 × 2 = 0.002682"]
    assert lines_of(drawn["e2"]) == ["1"]  # what a sum hands on is its own gradient: nothing more to say


def test_before_a_backward_pass_there_are_dashes_and_no_products(svg_of: Draw) -> None:
    drawn = groups(svg_of(EXAMPLES["before_backward"]()))
    assert lines_of(drawn["n0"]) == ["a", "2", "grad —"]
    assert lines_of(drawn["e0"]) == ["b = −3"]
    assert not texts(drawn["e0"], "product")


def test_a_sum_of_contributions_is_drawn_as_a_sum(svg_of: Draw) -> None:
    drawn = groups(svg_of(EXAMPLES["used_twice"]()))
    assert lines_of(drawn["n0"]) == ["x", "3", "grad 3 + 3 = 6"]
    assert [lines_of(drawn[id]) for id in ("e0", "e1")] == [["x = 3", "1 × 3 = 3"]] * 2


def test_what_stands_for_many_says_how_many(svg_of: Draw) -> None:
    drawn = groups(svg_of(drawing_of("every_kind")))
    assert lines_of(drawn["n4"]) == ["h = conv2d (5 nodes) × 12", "1.5", "grad 0", "relu is closed: −2 ≤ 0"]
    assert lines_of(drawn["n6"])[::3] == ["V₂ = Σ of 36 terms", "1.4 + 1.2 + 34 more"]
    assert lines_of(drawn["e0"]) == ["5 uses: −0.3"]
    assert lines_of(drawn["e6"]) == ["36 uses"]
    sheets = [len(drawn[id].findall(f"{SVG}rect")) for id in ("n4", "n5", "n6")]
    assert sheets == [3, 3, 1]
    assert lines_of(drawn["notice"]) == ["1,300 nodes as 10 boxes"]


def test_a_faulty_node_has_a_sign(svg_of: Draw) -> None:
    for style in STYLES:
        node = groups(svg_of(drawing_of("every_kind", style)))["n9"]
        assert [span.text for span in node.iter(f"{SVG}tspan") if span.get("class") == "mark"] == ["✗ "]


def test_an_array_is_drawn_in_its_box(svg_of: Draw) -> None:
    for style, rankdir in itertools.product(STYLES, ("LR", "TB")):
        node = groups(svg_of(drawing_of("every_kind", style, rankdir)))["n0"]
        lines = lines_of(node)
        assert lines[-5:] == ["value", "±2", "[0]", "grad", "±0.5"]
        numbers = [text.text for text in texts(node, "cell")]
        assert numbers == ["1", "−2", "0", "0.5", "∞", "0.25", "−0.5", "0", "0", "0.125", "0"]
        zero = box_of(node, "zero")
        for path in node.findall(f"{SVG}path"):
            assert path.get("class") in ("above", "below", "undefined")
        if style == "box":
            box = box_of(node)
            assert box.left < zero.left
            assert zero.right < box.right
            assert zero.bottom < box.bottom


# ---- circuits -------------------------------------------------------------------------------------------------------


def test_a_circuit_has_gates_and_names(svg_of: Draw) -> None:
    drawn = groups(svg_of(drawing_of("after_backward", "circuit")))
    assert [lines_of(drawn[id]) for id in ("n0", "n3", "n4", "n5")] == [["a"], ["×"], ["+"], ["tanh", "L"]]
    assert [lines_of(drawn[id]) for id in ("e0", "e1")] == [["2", "−0.004023"], ["−3", "0.002682"]]
    assert lines_of(drawn["output"]) == ["0.9993", "1"]
    assert lines_of(drawn["notice"]) == ["value above a wire, gradient below it"]


def test_a_circuit_says_powers_and_sums_and_dashes(svg_of: Draw) -> None:
    drawn = groups(svg_of(drawing_of("every_kind", "circuit")))
    assert lines_of(drawn["n8"]) == ["x²"]
    assert lines_of(drawn["n3"]) == ["a", "grad −4 + 3 = −1"]
    assert lines_of(drawn["n4"]) == ["conv2d", "h", "× 12", "5 nodes", "relu is closed: −2 ≤ 0"]
    assert lines_of(drawn["n1"]) == ["2"]
    assert lines_of(drawn["e1"]) == []  # a number is its own name: no text twice
    assert lines_of(drawn["e6"]) == ["1 … 20, mean 10.5", "—"]
    before = groups(svg_of(drawing_of("before_backward", "circuit")))
    assert lines_of(before["e0"]) == ["2", "—"]


def test_values_lie_above_wires_and_gradients_below(svg_of: Draw) -> None:
    drawn = groups(svg_of(drawing_of("after_backward", "circuit")))
    for id in ("e0", "e1", "e2", "e3", "e4", "output"):
        (value,), (gradient,) = text_places(drawn[id], "value"), text_places(drawn[id], "gradient")
        heights = [y for x, y in along(drawn[id]) if abs(x - value[0]) < 10]
        assert value[1] < min(heights)
        assert gradient[1] - 7.0 > max(heights)  # its letters too


def test_values_lie_left_of_upright_wires_and_gradients_right(svg_of: Draw) -> None:
    drawn = groups(svg_of(drawing_of("after_backward", "circuit", "TB")))
    assert lines_of(drawn["notice"]) == ["value left of a wire, gradient right of it"]
    for id in ("e0", "e1", "e4"):
        (value,), (gradient,) = text_places(drawn[id], "value"), text_places(drawn[id], "gradient")
        places = [x for x, y in along(drawn[id]) if abs(y - value[1]) < 5]
        assert value[0] < min(places) <= max(places) < gradient[0]


@pytest.mark.parametrize("rankdir", DIRECTIONS)
def test_wires_end_at_the_gates(svg_of: Draw, rankdir: str) -> None:
    """Of a round gate: its middle and its radius are known from the box that its circle fills."""
    drawing = drawing_of("after_backward", "circuit", rankdir)
    drawn = groups(svg_of(drawing))
    met = 0
    for edge in drawing.picture.edges:
        (wire,) = points_of(drawn[edge.id], "wire")
        for id, end in ((edge.source, wire[0]), (edge.target, wire[-1])):
            if id in ("n3", "n4"):
                box = box_of(drawn[id])
                middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
                assert math.dist(middle, end) == pytest.approx((box.right - box.left) / 2, abs=0.8)
                met += 1
    assert met == 6


# ---- where it is drawn ----------------------------------------------------------------------------------------------


def covered(drawing: Drawing, drawn: dict[str, ET.Element]) -> Iterator[tuple[str, Box]]:
    """What must not be covered: boxes, and texts."""
    for part in (*drawing.picture.nodes, *drawing.picture.edges):
        group = drawn[part.id]
        if any(rect.get("class") == "box" for rect in group.iter(f"{SVG}rect")):
            yield part.id, box_of(group)
        for box in text_boxes(group):
            yield part.id, box


@pytest.mark.uncounted
@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["neuron", "used_twice", "every_kind"])
def test_nothing_covers_a_box_or_a_text(svg_of: Draw, name: str, style: str, rankdir: str) -> None:
    drawing = drawing_of(name, style, rankdir)
    svg = svg_of(drawing)
    places = list(covered(drawing, groups(svg)))
    assert len(places) >= 4
    left, top, width, height = map(float, str(ET.fromstring(svg).get("viewBox")).split())
    for id, box in places:
        assert left <= box.left < box.right <= left + width, id
        assert top <= box.top < box.bottom <= top + height, id
    for (one, here), (other, there) in itertools.combinations(places, 2):
        assert one == other or not here.overlaps(there), (one, other)


@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize("name", ["neuron", "used_twice", "every_kind"])
def test_arrows_lead_from_border_to_border(svg_of: Draw, name: str, rankdir: str) -> None:
    drawing = drawing_of(name, rankdir=rankdir)
    drawn = groups(svg_of(drawing))
    for edge in drawing.picture.edges:
        sheets = 6.5 if drawing.picture.nodes[int(edge.target[1:])].times > 1 else 0.0
        start, (_, tip, _) = points_of(drawn[edge.id], "wire")[0][0], points_of(drawn[edge.id], "head")[0]
        slack = 6.5 if drawing.picture.nodes[int(edge.source[1:])].times > 1 else 0.0
        assert box_of(drawn[edge.source]).distance(start) < 1.5 + slack, edge
        assert box_of(drawn[edge.target]).distance(tip) < 1.5 + sheets, edge


@pytest.mark.parametrize("name", ["neuron", "every_kind"])
def test_frames_hold_their_boxes(svg_of: Draw, name: str) -> None:
    drawing = drawing_of(name)
    drawn = groups(svg_of(drawing))
    frames = {cluster.id: box_of(drawn[cluster.id], "frame") for cluster in drawing.picture.clusters}
    for node in drawing.picture.nodes:
        if node.cluster:
            frame, box = frames[node.cluster], box_of(drawn[node.id])
            assert frame.left < box.left < box.right < frame.right
            assert frame.top < box.top < box.bottom < frame.bottom


def test_arguments_come_in_one_below_the_other(svg_of: Draw) -> None:
    drawing = draw(Value(1.0, "a") - Value(2.0, "b"), names={})
    drawn = groups(svg_of(drawing))
    (_, first, _), (_, second, _) = points_of(drawn["e0"], "head")[0], points_of(drawn["e1"], "head")[0]
    assert first[1] < second[1] - 5


# ---- names ----------------------------------------------------------------------------------------------------------


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


def test_no_text_of_the_user_s_reaches_the_engine() -> None:
    """So none can break it: what it is told has letters only in ids and attributes."""
    from viz.scene import sketch

    for style in STYLES:
        skeleton = sketch(nasty_drawing(NASTY).picture, style=style).skeleton  # type: ignore[arg-type]
        assert skeleton.isascii()
        assert not any(name in skeleton for name in ("script", "bold", "\\", "%", "'"))
        assert 'label="\\n' not in skeleton
        assert not re.search(r"\b(size|splines)=", skeleton)


# ---- the document ---------------------------------------------------------------------------------------------------


def test_lines_have_the_classes_of_their_roles(svg_of: Draw) -> None:
    """Value above, gradient below; the word before the gradient says the same without colour."""
    leaf = groups(svg_of(EXAMPLES["after_backward"]()))["n0"]
    name, value, gradient = leaf.findall(f"{SVG}text")
    assert [text.get("class") for text in (name, value, gradient)] == ["name", "value", "gradient"]
    assert float(str(name.get("y"))) < float(str(value.get("y"))) < float(str(gradient.get("y")))
    header = groups(svg_of(EXAMPLES["after_backward"]()))["n3"].find(f"{SVG}text")
    assert header is not None
    assert [(span.text, span.get("class")) for span in header] == [("v₁", "name"), (" = a·b", "formula")]


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


def test_what_xml_cannot_hold_is_replaced() -> None:
    scene = Scene(0.0, 0.0, 10.0, 10.0, ("gradwalk",), (Group("n0", ("node",), "a\x00b\ud800<", ()),))
    root = ET.fromstring(to_svg(scene, 'a "title"', "one\ntwo & \x1b"))
    assert root[1].text == "one\ntwo & \ufffd"
    assert title_of(root[-1]) == "a\ufffdb\ufffd<"
    assert root.get("aria-label") == 'a "title"'


def test_the_background_is_painted(svg_of: Draw) -> None:
    root = ET.fromstring(svg_of(EXAMPLES["neuron"]()))
    (paper,) = [rect for rect in root.findall(f"{SVG}rect") if rect.get("class") == "paper"]
    assert " ".join(str(paper.get(key)) for key in ("x", "y", "width", "height")) == root.get("viewBox")


def test_colours_are_in_the_style_sheet_alone_and_stay_in_the_picture(svg_of: Draw) -> None:
    svg = svg_of(drawing_of("every_kind"))
    sheet = re.findall(r"<style>(.*?)</style>", svg)
    assert len(sheet) == 1
    assert "#" not in re.sub(r"<style>.*?</style>", "", svg)
    light, dark = sheet[0].split("@media (prefers-color-scheme:dark){")
    for rules in (light, dark.removesuffix("}")):
        assert re.fullmatch(r"(\.gradwalk( \.\w+){1,2}\{[^{}]+\})+", rules)


@pytest.mark.parametrize("style", STYLES)
def test_the_same_picture_is_the_same_to_the_byte(svg_of: Draw, style: str) -> None:
    assert svg_of(drawing_of("every_kind", style)) == svg_of(drawing_of("every_kind", style))


def test_another_process_with_other_hashes_gives_the_same_bytes(dot: str) -> None:
    code = (
        "import sys; from tests.viz.by_hand import every_kind; from viz import Drawing\n"
        "sys.stdout.buffer.write(Drawing(every_kind(), 'LR', 'circuit').svg.encode())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert there.stdout.decode() == Drawing(every_kind(), "LR", "circuit").svg
