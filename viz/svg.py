"""Graphviz's SVG made into the project's: coloured by role, described for screen readers, without links."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence

from viz import style
from viz.label import Line, Span, label_lines
from viz.picture import Picture

_SVG = "{http://www.w3.org/2000/svg}"
_PIXELS_PER_POINT = 4 / 3


def finish_svg(raw: bytes, picture: Picture, description: str) -> str:
    """The SVG of a picture from what an engine made of its DOT text.

    Every box, arrow and frame becomes one group with its id and class, a `<title>` with its details, and text taken
    from the picture itself, so that no engine's way with special characters can alter it.

    Args:
        raw: the engine's SVG.
        description: the picture in words.
    """
    root = ET.fromstring(raw)
    _normalize(root)
    _resize(root)
    lines = {node.id: label_lines(node) for node in picture.nodes}
    lines |= {edge.id: ((Span("local", edge.label),),) for edge in picture.edges if edge.label}
    lines |= {cluster.id: ((Span("note", cluster.name),),) for cluster in picture.clusters}
    titles = {node.id: "\n".join(node.details or (node.name,)) for node in picture.nodes}
    titles |= {edge.id: "\n".join(edge.details) for edge in picture.edges}
    titles |= {cluster.id: cluster.name for cluster in picture.clusters}
    for group in root.iter("g"):
        _unwrap_links(group)
        id = group.get("id", "")
        if id in titles:
            _set_title(group, titles[id])
            _write_text(group, lines.get(id, ()))
    _describe(root, picture, description)
    return ET.tostring(root, encoding="unicode") + "\n"


def _normalize(root: ET.Element) -> None:
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if "font-family" in element.attrib:  # engines may have measured another
            element.set("font-family", style.FONT)
        for key in [key for key in element.attrib if key.startswith("{")]:
            del element.attrib[key]
    root.set("xmlns", "http://www.w3.org/2000/svg")


def _resize(root: ET.Element) -> None:
    """Width and height as plain numbers, which every tool that embeds the picture understands."""
    for side in ("width", "height"):
        points = float(root.get(side, "0").removesuffix("pt").removesuffix("px"))
        root.set(side, f"{points * _PIXELS_PER_POINT:.0f}")


def _unwrap_links(group: ET.Element) -> None:
    """Tooltips arrive as links without a target, inside a group of their own; their content takes their place."""
    group[:] = list(_without_links(group))


def _without_links(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if child.tag == "g" and child.get("id", "").startswith("a_") and len(child) == 1 and child[0].tag == "a":
            yield from child[0]
        else:
            yield child


def _set_title(group: ET.Element, text: str) -> None:
    title = group.find("title")
    if title is None:
        title = ET.Element("title")
        group.insert(0, title)
    title.text = text


def _write_text(group: ET.Element, lines: Sequence[Line]) -> None:
    texts = [child for child in group if child.tag == "text"]
    if len(texts) != len(lines):  # never seen; the engine's own text then stays
        return
    for element, line in zip(texts, lines, strict=True):
        element.text = None
        element[:] = list(_spans(line))
        if element.get("font-size") == f"{style.NODE_FONT_SIZE}.00":
            element.set("font-size", style.DRAWN_FONT_SIZE)
        if len(line) == 1:
            element.text, element[:] = line[0].text, []
            element.attrib.update(_look(line[0].role))


def _spans(line: Iterable[Span]) -> Iterator[ET.Element]:
    for role, text in line:
        span = ET.Element("tspan", _look(role))
        span.text = text
        yield span


def _look(role: str) -> dict[str, str]:
    look = {"class": role, "fill": style.TEXT_COLOURS[role]}
    return look | {"font-weight": "bold"} if role in style.BOLD else look


def _describe(root: ET.Element, picture: Picture, description: str) -> None:
    root.set("role", "img")
    root.set("aria-label", picture.title)
    title, words = ET.Element("title"), ET.Element("desc")
    title.text, words.text = picture.title, description
    for element in list(root):
        if element.tag in ("title", "desc"):
            root.remove(element)
    graph = root.find("g")
    if graph is not None:
        for inner in graph.findall("title"):
            graph.remove(inner)
    root.insert(0, title)
    root.insert(1, words)
