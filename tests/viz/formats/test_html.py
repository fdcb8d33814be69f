"""The picture as a page and as a notebook's block: complete, escaped, and in need of nothing from elsewhere."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from autograd import Value, scope
from tests.viz.examples import EXAMPLES
from tests.viz.formats.readers import Page
from tests.viz.nasty_names import NASTY
from viz import Drawing, draw
from viz.formats.as_html import to_block, to_page
from viz.formats.table import tables

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="100"><g id="n0"><title>a &lt; b</title></g></svg>'
HARMLESS = {"figure", "img", "details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"}


def nasty_drawing() -> Drawing:
    y = Value(1.0, "start")
    for name in NASTY:
        with scope(name.replace("/", "") or "empty"):
            y = y * Value(1.5, name)
    y.backward()
    return draw(y, names={'root"><script>': y}, max_nodes=None)


def tables_of(drawing: Drawing) -> dict[str, list[list[str]]]:
    return {table.title: [list(table.headings), *map(list, table.rows)] for table in tables(drawing.picture)}


def test_a_page_has_picture_tree_and_tables() -> None:
    drawing = EXAMPLES["neuron"]()
    page = Page(to_page(drawing.picture, SVG))
    assert [tag for tag, _ in page.elements if tag in ("html", "title", "h1", "svg", "pre", "details")] == [
        "html", "title", "h1", "svg", "title", "details", "pre", "details",
    ]  # fmt: skip
    assert page.pre == drawing.text
    assert page.tables == tables_of(drawing)
    assert "No picture" not in to_page(drawing.picture, SVG)


def test_a_page_asks_for_nothing_and_lets_nothing_run() -> None:
    page = to_page(EXAMPLES["neuron"]().picture, SVG)
    assert "default-src 'none'" in page
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", page)
    for tag, attributes in Page(page).elements:
        assert tag not in ("script", "link", "iframe", "object", "base")
        assert not {"src", "href", "srcset"} & set(attributes)


def test_a_page_without_an_engine_says_why_and_has_tree_and_tables(no_engine: None) -> None:
    drawing = EXAMPLES["neuron"]()
    page = Page(drawing.html)
    assert "svg" not in [tag for tag, _ in page.elements]
    assert "No picture: drawing as svg needs a layout engine: install Graphviz" in drawing.html
    assert page.pre == drawing.text
    assert page.tables == tables_of(drawing)


def test_a_page_is_light_or_dark_as_its_reader_prefers() -> None:
    assert "color-scheme: light dark" in to_page(EXAMPLES["neuron"]().picture, None)


def test_no_name_becomes_markup() -> None:
    drawing = nasty_drawing()
    for html in (to_page(drawing.picture, None, "why <not>"), to_block(drawing.picture, SVG)):
        read = Page(html)
        assert read.tables == tables_of(drawing)
        allowed = HARMLESS | {"html", "head", "meta", "title", "style", "body", "main", "h1", "p", "pre"}
        assert {tag for tag, _ in read.elements} <= allowed
        assert not [key for _, attributes in read.elements for key in attributes if key.startswith("on")]
        assert 'root"><script>' in read.tables["Nodes"][-1][0]
    page = Page(to_page(drawing.picture, None))
    assert page.pre == drawing.text
    assert {tag for tag, _ in page.elements} & {"script", "b", "x", "lambda"} == set()


def test_a_block_is_an_image_and_folded_tables_in_elements_that_no_front_end_removes() -> None:
    drawing = EXAMPLES["neuron"]()
    block = to_block(drawing.picture, SVG)
    figure = ET.fromstring(block)  # well formed as XML, too
    assert {element.tag for element in figure.iter()} <= HARMLESS
    image, details = figure
    assert image.get("alt") == "Computation graph of loss: 10 nodes, 9 edges, value 0."
    kind, data = str(image.get("src")).split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode() == SVG
    assert "min-width:300px" in str(image.get("style"))  # 0.6 of the picture's width
    assert details.get("open") is None
    assert Page(block).tables == tables_of(drawing)


def test_two_blocks_on_one_page_share_no_id() -> None:
    block = to_block(EXAMPLES["neuron"]().picture, SVG)
    assert not [attributes for _, attributes in Page(block).elements if "id" in attributes]


def test_the_graph_of_one_leaf_has_one_table() -> None:
    page = Page(to_page(draw(Value(2.0, "a"), names={}).picture, None))
    assert page.tables == {"Nodes": [["node", "operation", "value", "gradient"], ["a", "leaf", "2", "—"]]}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_with_a_real_picture_is_whole(svg_of, name: str) -> None:  # type: ignore[no-untyped-def]
    drawing = EXAMPLES[name]()
    page = to_page(drawing.picture, svg_of(drawing))
    read = Page(page)
    assert page.count("<svg") == page.count("</svg>") == 1
    assert read.counts() == (len(drawing.picture.nodes), len(drawing.picture.edges))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
