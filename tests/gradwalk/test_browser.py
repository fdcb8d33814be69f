"""The page in a real browser: it opens from a file, asks for nothing, and fits wide and narrow, light and dark."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gradwalk.page_reader import Run

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


class Visit:
    """The page, opened, with everything that it complained of or asked for."""

    def __init__(self, browser: Any, run: Run, width: int, scheme: str) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.address = (run.folder / "index.html").as_uri()
        self.page.goto(self.address)


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")], ids=str)
def visit(browser: Any, run: Run, request: pytest.FixtureRequest) -> Iterator[Visit]:
    opened = Visit(browser, run, *request.param)
    yield opened
    opened.context.close()


def test_it_loads_itself_alone_without_complaint(visit: Visit) -> None:
    assert visit.complaints == []
    assert visit.requests == [visit.address]


def test_its_headings_are_there(visit: Visit) -> None:
    assert visit.page.get_by_role("heading", level=1).inner_text() == "The chain rule, node by node"
    assert visit.page.get_by_role("heading", level=2).all_inner_texts() == [
        "A network worked by hand",
        "A network that learned to read",
        "What it reads wrongly",
        "How this page was made",
    ]


def test_nothing_runs_out_of_the_window(visit: Visit) -> None:
    inside, window = visit.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window
    wide = visit.page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter(e => !e.closest(".scroll") && !e.closest(".unseen")
            && e.getBoundingClientRect().right > window.innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []


def test_text_stands_out_from_its_ground(visit: Visit) -> None:
    """The contrast of WCAG 2.1, level AA, for text on the ground that is painted behind it."""
    poor = visit.page.evaluate(CONTRAST)
    assert poor == []


def test_a_picture_of_the_whole_page(visit: Visit, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    visit.page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 100_000


def test_the_grounds_differ_in_light_and_dark(browser: Any, run: Run) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        opened = Visit(browser, run, 800, scheme)
        colour = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness[scheme] = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))
        opened.context.close()
    assert brightness["light"] > 700
    assert brightness["dark"] < 120


CONTRAST = """() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(v => linear(v / 255)); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { const layers = [];
    for (; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const poor = new Set();
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (e.closest("title, desc, style, .unseen")) continue;
    const style = getComputedStyle(e), under = ground(e);
    const ink = parse(e.closest("svg") ? style.fill : style.color);
    const seen = over([...ink.slice(0, 3), ink[3] * Number(style.opacity)], under);
    const [a, b] = [light(seen), light(under)].sort((x, y) => y - x);
    const contrast = (a + .05) / (b + .05);
    if (contrast < 4.5) poor.add(`${e.tagName}.${e.className.baseVal ?? e.className}: ${contrast.toFixed(2)}`);
  }
  return [...poor];
}"""
