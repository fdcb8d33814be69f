"""The links of built pages: each leads to a file, and to a place in it, that is there; nothing comes from a network."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """What a page refers to, what it loads, and the places in it that can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.places.update(attributes[name] for name in ("id", "name") if name in attributes)
        for name in ("href", "src", "data"):
            if name in attributes:
                self.targets.append(attributes[name])
                if tag not in ("a", "area") and attributes.get("rel") not in ("canonical", "search", "next", "prev"):
                    self.loaded.append(attributes[name])


def dead_links(folder: Path) -> list[str]:
    """What is wrong with the links of all pages in a folder, a line each.

    A page that is on the web can be linked to, and is not looked for; an image, a script or a style must not be there.
    """
    pages = {path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    return [f"{path.relative_to(folder.resolve())}: {fault}" for path in pages for fault in _faults(path, pages)]


def _faults(path: Path, pages: dict[Path, _Page]) -> Iterator[str]:
    for address in pages[path].loaded:
        if urlsplit(address).scheme in ("http", "https") or address.startswith("//"):
            yield f"loads {address} from the network"
    for address in pages[path].targets:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            yield f"{address} is not there"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places:
            yield f"{address}: the page has no such place"
