"""Films in notebooks: exported, opened where they are trusted and where they are not, and in a live JupyterLab."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Visit, opened_browser
from tests.viz.player import jupyter

CELLS = [
    "from autograd import Tensor, Value, record_source\n"
    "import nn.functional as F\n"
    "from viz import draw, play, play_convolution\n"
    "with record_source():\n"
    "    a, b = Value(2.0), Value(-3.0)\n"
    "    d = a * b\n"
    "    L = (d + a) * 0.5\n"
    "play(L)",
    "draw(L)",
    "x = Tensor([[[1.0, 2.0, 4.0]]], requires_grad=True)\n"
    "w = Tensor([[[[1.0, -1.0]]]], requires_grad=True)\n"
    "play_convolution(F.conv2d(x, w))",
]
ALTERNATIVE = "Computation graph of L: 6 nodes, 12 steps. "


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    jupyter.require_jupyter()
    return jupyter.apart(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def browser(environment: dict[str, str]) -> Iterator[Any]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def executed(browser: Any, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the executed notebook, unsigned, and a signed one."""
    folder = tmp_path_factory.mktemp("notebooks")
    jupyter.execute(folder / "strange.ipynb", CELLS, environment)
    jupyter.execute(folder / "own.ipynb", ["'signed'", *CELLS], environment)
    jupyter.trust(folder / "own.ipynb", environment)
    return folder


@pytest.fixture(scope="module")
def lab(executed: Path, environment: dict[str, str]) -> Iterator[str]:
    with jupyter.jupyter_lab(executed, environment) as address:
        yield address


class Room:
    """A notebook in JupyterLab, in a window of its own, with the addresses elsewhere that it asked for."""

    def __init__(self, browser: Any, lab: str, name: str) -> None:
        self._context = browser.new_context(viewport={"width": 1200, "height": 2400})
        self.page = self._context.new_page()
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        here = (lab, lab.replace("http", "ws"), "data:", "blob:")
        self.page.on("request", lambda request: request.url.startswith(here) or self.elsewhere.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{lab}/lab/tree/{name}?reset")
        self.page.wait_for_selector(".jp-OutputArea-output img, .jp-OutputArea-output .player", timeout=60_000)

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def enter(browser: Any, lab: str) -> Iterator[Callable[[str], Room]]:
    rooms: list[Room] = []

    def opened(name: str) -> Room:
        rooms.append(Room(browser, lab, name))
        return rooms[-1]

    yield opened
    for room in rooms:
        room.close()
        assert room.elsewhere == []
        assert room.errors == []


def test_an_exported_notebook_plays_without_a_network(
    browser: Any, executed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "export.ipynb"
    shutil.copy(executed / "strange.ipynb", copy)
    visit = Visit(browser, jupyter.export(copy, environment))
    graph, convolution = visit.page.locator(".player").all() or [None, None]
    visit.page.wait_for_selector(".player")
    graph, convolution = visit.page.locator(".player").all()
    graph.locator(".picture").focus()
    for _ in range(3):
        visit.page.keyboard.press("ArrowRight")
    assert graph.locator(".said").inner_text() == "step 3 of 12: d = a·b = 2·(−3) = −6"
    convolution.locator("input[type=range]").fill("2")
    assert convolution.locator(".said").inner_text() == "step 2 of 2: y[0,0,1] = 2·1 + 4·(−1) = −2"
    assert visit.complaints == []
    assert visit.requests == []
    visit.close()


def test_a_trusted_notebook_plays(enter: Callable[[str], Room]) -> None:
    page = enter("own.ipynb").page
    page.wait_for_selector(".player")
    graph = page.locator(".player").first
    graph.locator(".picture").focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    assert graph.locator(".said").inner_text() == "step 11 of 12: a receives 0.5 × −3 = −1.5"
    assert graph.locator(".said").get_attribute("aria-live") == "polite"
    assert graph.locator(".code li.now").all_inner_texts() == ["d = a * b"]
    slider = graph.locator("input[type=range]").first
    slider.fill("4")
    assert slider.get_attribute("aria-valuetext") == "step 4 of 12"
    assert graph.locator(".picture g#n3 .v:not(.off)").inner_text() == "−4"
    page.locator(".player").nth(1).locator(".picture").focus()
    page.keyboard.press("End")
    assert page.locator(".player").nth(1).locator(".said").inner_text().startswith("step 2 of 2: ")


def test_an_untrusted_notebook_has_the_picture_and_the_table(enter: Callable[[str], Room]) -> None:
    page = enter("strange.ipynb").page
    image = page.get_by_alt_text(ALTERNATIVE)
    assert image.evaluate("e => [e.complete, e.naturalWidth > 100, e.src.slice(0, 19)]") == [
        True, True, "data:image/svg+xml,",
    ]  # fmt: skip
    block = page.locator(".jp-OutputArea-output", has=image)
    block.locator("summary").click()
    rows = [row.split("\t") for row in block.locator("tbody tr").all_inner_texts()]
    assert rows[10] == ["11", "a receives 0.5 × −3 = −1.5", "−1"]
    assert page.locator(".player").count() == 0
    assert page.locator(".jp-OutputArea-output script").count() == 0
    sources = page.locator(".jp-OutputArea-output img").evaluate_all("all => all.map(e => e.naturalWidth > 100)")
    assert sources == [True, True, True]  # the film, the drawing, the convolution


def test_a_live_film_is_made_anew_by_the_kernel(enter: Callable[[str], Room], executed: Path) -> None:
    pytest.importorskip("anywidget", reason="live films are shown by anywidget: pip install gradwalk[live]")
    page = enter("own.ipynb").page
    page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(".live()")
    page.keyboard.press("Control+Enter")
    field = page.get_by_label("a =")
    field.wait_for(timeout=60_000)
    field.fill("4")
    field.press("Enter")
    film = page.locator(".jp-OutputArea-output", has=field).locator(".player")
    film.locator("input[type=range]").first.fill("3")
    page.wait_for_function(
        "said => said.textContent.includes('4·(−3) = −12')", arg=film.locator(".said").element_handle()
    )
    assert film.locator(".said").inner_text() == "step 3 of 12: d = a·b = 4·(−3) = −12"
