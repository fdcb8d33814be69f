"""Reads the page as a browser and as an XML parser would, for the tests."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from gradwalk.demo import Findings

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Run(NamedTuple):
    """What a run of the demo computed, and the folder that it wrote to."""

    findings: Findings
    folder: Path

    @property
    def page(self) -> str:
        return (self.folder / "index.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Every start tag with its attributes, and whether each one was closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def tree(text: str) -> ET.Element:
    """The page as XML, without its document type."""
    assert text.startswith("<!DOCTYPE html>\n")
    return ET.fromstring(text.split("\n", 1)[1])


def words(element: ET.Element) -> str:
    """All text inside an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def by_id(root: ET.Element, id: str) -> ET.Element:
    """The one element with an id."""
    (found,) = (element for element in root.iter() if element.get("id") == id)
    return found


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    """Every element of a class."""
    return [element for element in root.iter() if name in (element.get("class") or "").split()]


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", "").removesuffix("%"))
