"""Readers of the formats, written against the formats' own rules: what each file says is drawn."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

SVG = "{http://www.w3.org/2000/svg}"


class Drawn(NamedTuple):
    """What a reader found, by the picture's ids where the format has them."""

    nodes: set[str]
    edges: int
    frames: set[str]


# ---- DOT and SVG --------------------------------------------------------------------------------------------------


def read_dot(dot: str) -> Drawn:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', dot, flags=re.DOTALL)  # no quoted text can look like a statement
    return Drawn(
        set(re.findall(r"^\s*(n\d+) \[", bare, re.MULTILINE)),
        len(re.findall(r"^\s*n\d+(?::\w+)* -> n\d+", bare, re.MULTILINE)),
        set(re.findall(r"^\s*subgraph cluster_(c\d+) {", bare, re.MULTILINE)),
    )


def read_svg(svg: str) -> Drawn:
    ids = [str(element.get("id")) for element in ET.fromstring(svg).iter(f"{SVG}g")]
    return Drawn(
        {id for id in ids if re.fullmatch(r"n\d+", id)},
        sum(bool(re.fullmatch(r"e\d+", id)) for id in ids),
        {id for id in ids if re.fullmatch(r"c\d+", id)},
    )


# ---- Mermaid ------------------------------------------------------------------------------------------------------


@dataclass
class Flowchart:
    """A Mermaid flowchart of the few statements that pictures are made of."""

    direction: str = ""
    title: str = ""
    description: str = ""
    boxes: dict[str, list[str]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    inside: dict[str, str | None] = field(default_factory=dict)
    arrows: list[tuple[str, str, str, list[str]]] = field(default_factory=list)
    frames: dict[str, str] = field(default_factory=dict)
    classes: dict[str, list[str]] = field(default_factory=dict)
    links: dict[int, str] = field(default_factory=dict)

    @property
    def drawn(self) -> Drawn:
        return Drawn(set(self.boxes) - {"notice"}, len(self.arrows), set(self.frames))


_STRING = r'"([^"`]+)"'
_SHAPES = r"(\[\[|\[|\(|\{\{)" + _STRING + r"(\]\]|\]|\)|\}\})"
_READABLE = re.compile(r"[\w\s,.()\[\]+=/?\u0080-\U0010ffff]*")


def text_of(escaped: str) -> str:
    """A label's text. Outside of entity codes it may hold nothing that Mermaid, Markdown or HTML could read as more."""
    assert "ﬂ°" not in escaped
    assert "¶ß" not in escaped
    assert _READABLE.fullmatch(re.sub(r"#\d+;", "", escaped)), escaped
    for line in escaped.split("\n"):
        plain = re.sub(r"#\d+;", "x", line)
        assert not re.match(r"\s*([+=]|\d+[.)](\s|$))", plain), line
        assert not re.search(r"\]\(|www\.|\s$|\b_|_\b|__", plain, re.IGNORECASE), line
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), escaped.replace("\u2060", ""))


def read_mermaid(source: str) -> Flowchart:
    """The flowchart; fails on any statement that is not of the kinds that a picture needs."""
    chart = Flowchart()
    around: list[str] = []

    def box(id: str, opening: str, label: str, closing: str) -> None:
        assert id not in chart.boxes
        chart.boxes[id] = text_of(label).split("\n")
        chart.shapes[id] = opening + closing
        chart.inside[id] = around[-1] if around else None

    def arrow(source: str, kind: str, label: str | None, target: str) -> None:
        chart.arrows.append((source, kind, target, text_of(label).split("\n") if label else []))

    def frame(id: str, label: str) -> None:
        assert id not in chart.frames
        chart.frames[id] = text_of(label)
        chart.inside[id] = around[-1] if around else None
        around.append(id)

    def described(what: str, text: str) -> None:
        setattr(chart, {"accTitle": "title", "accDescr": "description"}[what], text_of(text))

    def looks(places: str, look: str) -> None:
        chart.links.update({int(place): look for place in places.split(",")})

    statements: list[tuple[str, Callable[..., object]]] = [
        (r'%%\{init: \{"flowchart": \{"wrappingWidth": \d+\}\}\}%%', lambda: None),
        (r"flowchart (LR|RL|TB|BT)", lambda direction: setattr(chart, "direction", direction)),
        (r"(accTitle|accDescr): (.+)", described),
        (rf"subgraph (c\d+)\[{_STRING}\]", frame),
        (r"end", around.pop),
        (rf"(n\d+|notice){_SHAPES}", box),
        (rf"(n\d+) (-->|==>|-\.->)(?:\|{_STRING}\|)? (n\d+)", arrow),
        (r"classDef \w+ [\w#:., -]+", lambda: None),
        (r"class ([\w,]+) (\w+)", lambda ids, name: chart.classes.update({name: ids.split(",")})),
        (r"linkStyle ([\d,]+) ([\w#:., -]+)", looks),
    ]
    place = 0
    while place < len(source):
        for pattern, action in statements:
            found = re.compile(rf"{pattern}(?:\n|\Z)").match(source, place)
            if found:
                action(*found.groups())
                place = found.end()
                break
        else:
            raise AssertionError(f"no Mermaid statement: {source[place : place + 200]!r}")
    assert not around
    assert set().union(*chart.classes.values()) <= set(chart.boxes)
    return chart


# ---- JSON, HTML, text ---------------------------------------------------------------------------------------------


def read_json(text: str) -> Drawn:
    read = json.loads(text)
    ids = {key: [element["id"] for element in read[key]] for key in ("nodes", "edges", "clusters")}
    assert all(len(set(listed)) == len(listed) for listed in ids.values())
    return Drawn(set(ids["nodes"]), len(ids["edges"]), set(ids["clusters"]))


class Page(HTMLParser):
    """A page's or a block's elements, its texts, its tables, and the texts of its `<pre>`."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.pre = ""
        self._open: list[str] = []
        self._caption = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self.tables.setdefault(self._caption, []).append([])
        if tag in ("td", "th"):
            self.tables[self._caption][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "caption":
            self._caption += data
        elif inside in ("td", "th"):
            self.tables[self._caption][-1][-1] += data
        elif inside == "pre":
            self.pre += data

    def counts(self) -> tuple[int, int]:
        """Rows of the tables of nodes and of edges, without their headings."""
        return len(self.tables["Nodes"]) - 1, len(self.tables.get("Edges", [[]])) - 1


def read_table(table: str) -> tuple[int, int]:
    """Rows of the two tables, without their headings."""
    nodes, *others = table.split("\n\n")
    edges = others[0].split("\n") if others and others[0].startswith("from") else [""]
    return nodes.count("\n"), len(edges) - 1


def read_tree(text: str) -> tuple[set[str], int]:
    """The names of the boxes that are written out, and how many arrows lead to a row."""
    rows = [line for line in text.split("\n")[1:] if re.match(r"[│├└ ]*\S", line)]
    cells = [re.split(r" {2,}", re.sub(r"^[│├└─ ]+", "", row))[0] for row in rows]
    names = {re.sub(r"^[►∅✗] ", "", cell).split(" = ")[0] for cell in cells if not cell.endswith((" ↑", " ↓"))}
    return names, sum(bool(re.match(r"[│ ]*[├└]─ ", row)) for row in rows)
