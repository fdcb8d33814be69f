"""Reads blocks of films as a page does: the picture, the table, and what is packed beside them."""

import base64
import html
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote


def picture_in(block: str) -> str:
    """The SVG of a block's `<img>`."""
    found = re.search(r"src='data:image/svg\+xml,([^']*)'", block)
    assert found
    return unquote(html.unescape(found[1]))


def film_in(block: str) -> Any:
    """What the script of a block is given."""
    found = re.search(r'<script type="text/plain">([^<]*)</script>', block)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


class Outline(HTMLParser):
    """The tags of a piece of HTML, the attributes of each, and its rows of text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and self.tags[-1][0] in ("td", "th"):
            self.rows[-1][-1] += data
