"""The pictures in a real browser, light and dark: every part has the look that `viz.style` gives it."""

import base64
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.viz.conftest import Draw
from tests.viz.formats.test_svg import STYLES, drawing_of
from viz import style

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright drives the browser: pip install gradwalk[browser]"
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Page:
    """A page that has nothing but a picture, as an image or in the page itself."""

    def __init__(self, browser: Any, folder: Path, content: str, scheme: str) -> None:
        (folder / "page.html").write_text(f'<!doctype html><meta charset="utf-8">{content}', encoding="utf-8")
        self.context = browser.new_context(viewport={"width": 1400, "height": 700}, color_scheme=scheme)
        self.complaints: list[str] = []
        page = self.context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto((folder / "page.html").as_uri())
        self.page = page

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


LOOKS = """() => [...document.querySelectorAll("svg [class]")].filter(e => e.localName !== "g").map(e => {
  const looks = getComputedStyle(e), groups = [];
  for (let g = e.parentElement; g; g = g.parentElement)
    if (g.localName === "g" || g.localName === "svg") groups.push(...(g.getAttribute("class") ?? "").split(" "));
  return {part: e.getAttribute("class"), groups, fill: looks.fill, stroke: looks.stroke, width: looks.strokeWidth,
          dashes: looks.strokeDasharray, weight: looks.fontWeight};
})"""


def rgb(colour: str | None) -> str:
    if colour in (None, "none"):
        return "none"
    return f"rgb({', '.join(str(int(str(colour)[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize("drawn_as", STYLES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_part_looks_as_it_should(browser: Any, svg_of: Draw, tmp_path: Path, scheme: str, drawn_as: str) -> None:
    """What CSS makes of the style sheet is what the other painter is told."""
    opened = Page(browser, tmp_path, svg_of(drawing_of("every_kind", drawn_as)), scheme)
    seen = opened.page.evaluate(LOOKS)
    opened.close()
    assert {"box", "wire", "value", "gradient", "note", "frame", "paper", "above", "below", "zero"} <= {
        each["part"] for each in seen
    }
    for each in seen:
        if each["part"] == "header":  # its spans have looks of their own
            continue
        look = style.look_of(each["groups"], each["part"])
        fill, stroke = look.fill, look.stroke
        if scheme == "dark":
            fill, stroke = style.DARK.get(fill or "", fill), style.DARK.get(stroke or "", stroke)
        assert fill is not None, each
        assert each["fill"] == rgb(fill), each
        assert each["stroke"] == rgb(stroke), each
        if look.stroke_width:
            assert float(each["width"].removesuffix("px")) == look.stroke_width, each
        dashes = (look.stroke_dasharray or "none").replace(" ", ", ").replace("none", "")
        assert each["dashes"].replace("px", "").replace("none", "") == dashes, each
        assert (each["weight"] == "700") == (look.font_weight == "bold"), each


@pytest.mark.parametrize("drawn_as", STYLES)
def test_an_image_of_it_is_bright_in_light_and_dark_in_dark(
    browser: Any, svg_of: Draw, tmp_path: Path, drawn_as: str
) -> None:
    """As notebooks show it: in `<img>`, which sees the reader's scheme and nothing else of the page."""
    image = pytest.importorskip("PIL.Image", reason="it reads the screenshots: pip install gradwalk[images]")
    data = base64.b64encode(svg_of(drawing_of("every_kind", drawn_as)).encode()).decode()
    brightness = {}
    for scheme in ("light", "dark"):
        content = f'<img style="width:1200px" src="data:image/svg+xml;base64,{data}">'
        opened = Page(browser, tmp_path, content, scheme)
        shot = opened.page.locator("img").screenshot()
        opened.close()
        (tmp_path / f"{scheme}.png").write_bytes(shot)
        pixels = np.asarray(image.open(io.BytesIO(shot)).convert("L"), dtype=np.float64)
        brightness[scheme] = float(np.median(pixels))
        assert pixels.std() > 5, "something is drawn"
    assert brightness["light"] > 240
    assert brightness["dark"] < 40


@pytest.mark.parametrize("drawn_as", STYLES)
def test_text_stays_in_its_box(browser: Any, svg_of: Draw, tmp_path: Path, drawn_as: str) -> None:
    """In the fonts that this machine has."""
    opened = Page(browser, tmp_path, svg_of(drawing_of("every_kind", drawn_as)), "light")
    outside = opened.page.evaluate(
        """() => [...document.querySelectorAll("g.node")].flatMap(g => {
            const box = [...g.querySelectorAll("rect.box")].pop()?.getBoundingClientRect();
            if (!box || document.querySelector("svg.circuit")) return [];
            return [...g.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()])
              .filter(([, t]) => t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1
                || t.bottom > box.bottom + 1).map(([text]) => text);
        })"""
    )
    inside = opened.page.evaluate(
        """() => { const svg = document.querySelector("svg").getBoundingClientRect();
            return [...document.querySelectorAll("svg text")].every(t => { const b = t.getBoundingClientRect();
              return b.left >= svg.left && b.right <= svg.right && b.top >= svg.top && b.bottom <= svg.bottom; }); }"""
    )
    opened.close()
    assert outside == []
    assert inside
