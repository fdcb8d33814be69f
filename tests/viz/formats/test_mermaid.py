"""Mermaid text: what is read back is the picture, and no name becomes more than text."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, scope
from tests.conftest import NOT_HERE
from tests.viz.examples import EXAMPLES
from tests.viz.formats.by_hand import picture_edge, picture_node
from tests.viz.formats.readers import Flowchart, read_mermaid
from tests.viz.formats.test_formats_agree import DRAWINGS
from tests.viz.nasty_names import NASTY
from viz import Drawing, Picture, draw
from viz.formats.label import label_lines, plain
from viz.formats.mermaid import to_mermaid

MARKDOWN = [
    "1. a", "12) b", "- list", "+ plus", "* star", "# head", "> quote", "===", "---", "_x_", "__x__", "snake_case",
    "**b**", "~~s~~", "`code`", "[a](b)", "![a](b)", "www.x.y", "http://x.y", "$$x^2$$", "fa:fa-car", "end", "#35;",
    "style:#q;", "#quot;", "ﬂ°34¶ß", "&lt;", "%%{init: {}}%%", "click n0 href x", "subgraph", "a<br/>b", "a\\nb",
    "@{shape: x}", "two spaces  ",
]  # fmt: skip


def frame_of(chart: Flowchart, id: str) -> list[str]:
    """The names of the frames around a box, from the inside out."""
    around, inside = [], chart.inside[id]
    while inside is not None:
        around.append(chart.frames[inside])
        inside = chart.inside[inside]
    return around


def named(names: list[str]) -> Drawing:
    y = Value(1.0, "start")
    for name in names:
        with scope(name.replace("/", "") or "empty"):
            y = y * Value(1.5, name)
    y.backward()
    return draw(y, names={}, max_nodes=None)


def test_boxes_arrows_and_frames_are_read_back() -> None:
    drawing = EXAMPLES["neuron"]()
    chart = read_mermaid(drawing.mermaid)
    assert chart.direction == "LR"
    assert chart.title == "Computation graph of loss"
    assert chart.description == "10 nodes, 9 edges, value 0."
    assert chart.boxes["n0"] == ["x[0]", "1", "grad 1.5"]
    assert chart.boxes["n7"][0] == "y = relu(v₃)"
    assert frame_of(chart, "n4") == ["weigh", "neuron"]
    assert frame_of(chart, "n7") == ["neuron"]
    assert frame_of(chart, "n9") == []
    assert chart.arrows[1] == ("n0", "-->", "n4", ["w[0] = 1.5", "1 × 1.5 = 1.5"])
    assert ("n8", "-.->", "n9", []) in chart.arrows
    assert chart.classes["constantBox"] == ["n8"]
    assert chart.classes["rootBox"] == ["n9"]
    assert read_mermaid(EXAMPLES["used_twice"]().mermaid).direction == "TB"


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_label_is_the_pictures(name: str) -> None:
    picture = DRAWINGS[name]().picture
    chart = read_mermaid(to_mermaid(picture))
    for node in picture.nodes:
        first, *others = [plain(line) for line in label_lines(node)]
        assert chart.boxes[node.id][0].endswith(first)
        assert chart.boxes[node.id][1:] == others
        assert f"{node.kind}Box" in [kind for kind, ids in chart.classes.items() if node.id in ids]
    for edge, (source, _, target, lines) in zip(picture.edges, chart.arrows, strict=True):
        assert (source, target) == (edge.source, edge.target)
        if edge.argument is None:
            assert lines == ([f"{edge.uses} uses"] if edge.uses > 1 else [])
        else:
            handed = [edge.product] if edge.product else [f"grad {edge.contribution}"]
            local = [edge.label] if edge.label else []
            assert lines in (local, local + handed)
    assert chart.boxes.get("notice") == ([picture.notice] if picture.notice else None)


def test_marks_are_told_by_signs_and_by_lines() -> None:
    picture = DRAWINGS["marks"]().picture
    chart = read_mermaid(to_mermaid(picture))
    assert chart.classes["pathBox"] == ["n0", "n2", "n3"]
    assert chart.classes["wrongBox"] == ["n1"]
    assert [chart.boxes[id][0] for id in ("n0", "n1", "n4")] == ["► x", "✗ y", "v₁ = k·x"]
    kinds = {(source, target): kind for source, kind, target, _ in chart.arrows}
    assert kinds[("n0", "n2")] == kinds[("n2", "n3")] == "==>"
    assert kinds[("n0", "n4")] == "-.->"
    assert kinds[("n3", "n4")] == "-->"
    assert [place for place, look in chart.links.items() if "dasharray" in look] == [4]


def test_what_stands_for_several_has_its_own_shape_and_counts_its_uses() -> None:
    boxes = (
        picture_node("n0", kind="class", times=64, count=64), picture_node("n1", kind="sum", count=9),
        picture_node("n2", kind="group", count=5), picture_node("n3", kind="more", is_root=True, count=100),
    )  # fmt: skip
    arrows = (picture_edge("e0", "n0", "n1", uses=64), picture_edge("e1", "n1", "n2", uses=2, contribution="−3"))
    chart = read_mermaid(to_mermaid(Picture(boxes, arrows, (), "folded", total=178)))
    assert chart.shapes == {"n0": "[[]]", "n1": "{{}}", "n2": "[[]]", "n3": "[]"}
    assert [lines for *_, lines in chart.arrows] == [["64 uses"], ["2 uses: −3"]]


@pytest.mark.parametrize("name", [*MARKDOWN, *NASTY])
def test_any_name_stays_text(name: str) -> None:
    drawing = named([name])
    chart = read_mermaid(drawing.mermaid)
    (leaf,) = [node for node in drawing.picture.nodes if node.details[0].endswith(": leaf") and node.id != "n0"]
    assert chart.boxes[leaf.id][0] == leaf.name
    assert list(chart.frames.values()) == [cluster.name for cluster in drawing.picture.clusters]
    if name.isprintable() and name.strip() and len(name) <= 40 and name.isascii():
        assert leaf.name == name


# ---- Mermaid itself -----------------------------------------------------------------------------------------------

RENDER = """async ([id, text]) => {
    mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
    const {svg} = await mermaid.render(id, text);
    const drawn = document.createElement("div");
    drawn.innerHTML = svg;
    const lines = group => {
        const label = group.querySelector(".nodeLabel, .cluster-label, .label") || group, found = [];
        const walk = node => node.childNodes.forEach(child =>
            child.nodeType === 3 ? found.push(child.data) : child.nodeName.toLowerCase() === "br" ? found.push("\\n")
            : walk(child));
        walk(label);
        return found.join("").replaceAll("\\u2060", "").trim();
    };
    const texts = what => [...drawn.querySelectorAll(what)].map(lines);
    const count = what => drawn.querySelectorAll(what).length;
    return {nodes: texts("g.node"), clusters: texts("g.cluster"), labels: texts("g.edgeLabel").filter(text => text),
            scripts: count("script"), arrows: count("path.flowchart-link")};
}"""


@pytest.fixture(scope="module")
def mermaid() -> Iterator[Any]:
    """A page with Mermaid, in headless Chromium. The environment variable GRADWALK_MERMAID names its script."""
    script = Path(os.environ.get("GRADWALK_MERMAID", ""))
    if not script.is_file():
        pytest.skip(f"{NOT_HERE} GRADWALK_MERMAID names no mermaid.min.js (npm pack mermaid)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<!doctype html><body></body>")
        page.add_script_tag(path=script)
        yield page
        browser.close()


@pytest.mark.parametrize("name", [*DRAWINGS, "markdown", "nasty"])
def test_mermaid_draws_every_box_and_arrow_with_its_text(mermaid: Any, name: str) -> None:
    drawing = {"markdown": lambda: named(MARKDOWN), "nasty": lambda: named(NASTY), **DRAWINGS}[name]()
    chart = read_mermaid(drawing.mermaid)
    drawn = mermaid.evaluate(RENDER, [f"drawn_{name}", drawing.mermaid])
    assert drawn["scripts"] == 0
    assert drawn["arrows"] == len(chart.arrows)
    assert sorted(drawn["nodes"]) == sorted("\n".join(lines).strip() for lines in chart.boxes.values())
    assert sorted(drawn["clusters"]) == sorted(text.strip() for text in chart.frames.values())
    assert sorted(drawn["labels"]) == sorted("\n".join(lines) for *_, lines in chart.arrows if lines)
