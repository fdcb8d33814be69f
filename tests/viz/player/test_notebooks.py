"""Films in a notebook: exported, trusted, with a kernel that makes them anew, and not trusted."""

from collections.abc import Iterator
from contextlib import contextmanager
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
_PATIENCE = 60_000  # milliseconds for a JupyterLab on a busy machine


# One test, since they share a notebook and a server that take long to make.
@pytest.mark.uncounted
def test_a_notebook_plays_wherever_it_is_opened(tmp_path: Path) -> None:
    jupyter.require_jupyter()
    pytest.importorskip("anywidget", reason="live films are shown by anywidget: pip install gradwalk[live]")
    environment = jupyter.apart(tmp_path / "home")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    with opened_browser() as browser:
        jupyter.execute(folder / "strange.ipynb", CELLS, environment)
        jupyter.sign(folder / "strange.ipynb", folder / "own.ipynb", environment)
        exported(browser, jupyter.export(folder / "own.ipynb", environment))
        with jupyter.jupyter_lab(folder, environment) as lab:
            with room(browser, f"{lab}/lab/tree/strange.ipynb?reset") as page:
                untrusted(page)
            with room(browser, f"{lab}/lab/tree/own.ipynb?reset") as page:
                trusted(page)
                live(page)


@contextmanager
def room(browser: Any, address: str) -> Iterator[Any]:
    """A notebook in JupyterLab, in a window that holds all of its outputs, and that asks for nothing elsewhere."""
    context = browser.new_context(viewport={"width": 1200, "height": 2400})
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []
    server = address.split("/lab/")[0]
    here = (server, server.replace("http:", "ws:"), "data:", "blob:")
    page.on("request", lambda request: request.url.startswith(here) or elsewhere.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.locator(".jp-OutputArea-output").nth(len(CELLS) - 1).wait_for()
    yield page
    assert elsewhere == []
    assert errors == []
    context.close()


def exported(browser: Any, file: Path) -> None:
    """It plays without a network."""
    visit = Visit(browser, file)
    visit.page.locator(".player").nth(1).wait_for()
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


def untrusted(page: Any) -> None:
    """No script ran: there are the picture, which is a whole one, and the table."""
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
    images = page.locator(".jp-OutputArea-output img").evaluate_all("all => all.map(e => e.naturalWidth > 100)")
    assert images == [True, True, True]  # the film, the drawing, the convolution


def trusted(page: Any) -> None:
    """It plays: keys, slider, what is read aloud, source lines; each film for itself."""
    page.locator(".player").nth(1).wait_for()
    graph, convolution = page.locator(".player").all()
    graph.locator(".picture").focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    assert graph.locator(".said").inner_text() == "step 11 of 12: a receives 0.5 × −3 = −1.5"
    assert graph.locator(".said").get_attribute("aria-live") == "polite"
    assert graph.locator(".code li.now").all_inner_texts() == ["d = a * b"]
    slider = graph.locator("input[type=range]").first
    slider.fill("4")
    assert slider.get_attribute("aria-valuetext") == "step 4 of 12"
    assert graph.locator(".picture g#n3 .v:not(.off)").text_content() == "−4"
    convolution.locator(".picture").focus()
    page.keyboard.press("End")
    assert convolution.locator(".said").inner_text().startswith("step 2 of 2: ")


def live(page: Any) -> None:
    """A number that is typed in the page makes another film in the kernel."""
    cell = page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content")
    cell.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(".live()")
    page.keyboard.press("Control+Enter")
    field = page.get_by_label("a =")
    field.fill("4")
    field.press("Enter")
    film = page.locator(".jp-OutputArea-output", has=field).locator(".player")
    film.locator("input[type=range]").first.fill("3")
    film.locator(".said", has_text="step 3 of 12: d = a·b = 4·(−3) = −12").wait_for()
