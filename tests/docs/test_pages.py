"""The site as it is built: strictly, with every formula, and as Chromium shows it, light, dark and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Visit, opened_browser

PHONE = 390
pytestmark = pytest.mark.uncounted  # so that one worker runs them all: each would build the site
LOOKED_AT = ("index", "quick_start", "derivatives", "gallery", "modules", "tour")


class Text(HTMLParser):
    """A page's text outside of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("script", "style", "pre", "code"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.pieces.append(data)


def test_the_site_is_built_without_a_warning_and_has_its_pages(site: Path) -> None:
    assert {page.stem for page in site.glob("*.html")} >= {
        "index", "quick_start", "tour", "notebooks", "gallery", "migration", "how_it_works", "derivatives", "pictures",
        "modules", "speed", "teachers", "faults", "grading", "testers", "testing", "contributors", "reference",
    }  # fmt: skip


def test_no_formula_is_left_as_latex(site: Path) -> None:
    for page in site.glob("*.html"):
        text = "".join(Text(page.read_text(encoding="utf-8")).pieces)
        assert not re.search(r"\\(frac|partial|left|mathrm|top)\b", text), page.name


def test_every_film_of_a_page_is_in_it(site: Path) -> None:
    gallery = (site / "gallery.html").read_text(encoding="utf-8")
    assert gallery.count('<div class="film">') == 5
    assert gallery.count('id="film-') >= 2


def test_a_picture_leads_to_its_file(site: Path) -> None:
    pictures, links = [], []
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        pictures += re.findall(r'<img [^>]*src="(_images/[^"]+)"', text)
        links += re.findall(r'<a [^>]*href="([^"]+)"><img [^>]*src="_images/', text)
    assert links == pictures
    assert len(links) >= 10


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Any]:
    visits: list[Visit] = []

    def open_page(page: str, **how: Any) -> Visit:
        visits.append(Visit(browser, site / f"{page}.html", **how))
        return visits[-1]

    yield open_page
    for each in visits:
        each.close()


@pytest.fixture(scope="module", params=LOOKED_AT)
def phone(browser: Any, site: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    seen = Visit(browser, site / f"{request.param}.html", width=PHONE)
    yield seen
    seen.close()


def test_a_page_complains_of_nothing_and_asks_for_nothing_from_a_network(phone: Visit, site: Path) -> None:
    assert phone.complaints == []
    assert [address for address in phone.requests if not address.startswith(site.as_uri())] == []


# What reaches over the right edge of the window, and is not in a box that scrolls: it could not be read.
CUT_OFF = """[...document.querySelectorAll('article *')].filter(element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1 || !element.checkVisibility()) return false;
    for (let box = element; box.tagName !== 'ARTICLE'; box = box.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)
            && box.getBoundingClientRect().right <= innerWidth + 1) return false;
    return true;
}).map(element => element.outerHTML.slice(0, 80))"""


def test_nothing_on_a_page_is_cut_off_on_a_phone(phone: Visit) -> None:
    assert phone.page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert phone.page.evaluate(CUT_OFF) == []


def brightness(color: str) -> float:
    red, green, blue = map(float, re.findall(r"[\d.]+", color)[:3])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
@pytest.mark.parametrize(("name", "inks"), [("derivatives", ("p", "math")), ("quick_start", (".highlight .go",))])
def test_text_formulas_and_printed_lines_stand_out_in_light_and_dark(
    visit: Any, name: str, inks: tuple[str, ...], scheme: str, dark: bool
) -> None:
    page = visit(name, scheme=scheme).page
    paper = brightness(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert paper < 0.2 if dark else paper > 0.8
    for ink in inks:
        color = page.evaluate(f"getComputedStyle(document.querySelector('article {ink}')).color")
        assert abs(brightness(color) - paper) > 0.5


def test_mathematics_is_drawn_without_a_script(visit: Any) -> None:
    page = visit("derivatives", java_script_enabled=False).page
    fraction = page.locator("mfrac").first.bounding_box()
    above = page.locator("mfrac > *:first-child").first.bounding_box()
    below = page.locator("mfrac > *:last-child").first.bounding_box()
    assert fraction["height"] > 1.3 * above["height"]
    assert above["y"] + above["height"] <= below["y"] + 1  # drawn as a fraction, not one beside the other


def film(page: Any) -> Any:
    return page.locator(".film").first


def test_a_film_plays_to_its_end(visit: Any) -> None:
    page = visit("index").page
    said = film(page).locator(".said")
    assert said.inner_text().startswith("step 0 of 9")
    film(page).get_by_role("button").nth(2).click()  # play
    page.wait_for_function("text => !document.querySelector('.film > div').shadowRoot.querySelector('.said').innerText"
                           ".startsWith(text)", arg="step 0 of 9")  # fmt: skip
    film(page).get_by_role("button").nth(4).click()  # to the end
    assert said.inner_text().startswith("step 9 of 9")
    assert "2" in said.inner_text()


def test_a_film_can_be_stepped_by_a_press_of_a_button(visit: Any) -> None:
    page = visit("quick_start").page
    forward = film(page).get_by_role("button").nth(3)
    forward.click()
    assert film(page).locator(".said").inner_text().startswith("step 1 of")
    forward.click()
    assert film(page).locator(".said").inner_text().startswith("step 2 of")
