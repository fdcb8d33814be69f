"""Films of convolutions and poolings in a real browser: the window slides, cells are linked, nothing is asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from tests.browser import Visit, opened_browser
from tests.viz.player.pages import Open, press, said, visits
from viz import Player, play_convolution, play_pooling


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened_browser() as browser:
        yield browser


def convolution() -> Player:
    x = Tensor([[[[1.0, 2.0, 0.0], [3.0, -1.0, 2.0], [0.0, 1.0, 1.0]]]], requires_grad=True)
    w = Tensor([[[[1.0, 0.0], [2.0, -1.0]]]], requires_grad=True)
    y = F.conv2d(x, w)
    y.backward([[[[1.0, 0.0], [-2.0, 3.0]]]])
    return play_convolution(y)


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """A function that opens a player's page."""
    yield from visits(browser, tmp_path / "film.html", convolution)


def shown(visit: Visit, grid: str) -> list[list[str]]:
    rows = visit.page.locator(f"[data-grid={grid}] tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def marked(visit: Visit, grid: str, mark: str) -> list[int]:
    places = visit.page.locator(f"[data-grid={grid}] td.{mark}").evaluate_all("all => all.map(e => +e.dataset.place)")
    return [int(place) for place in places]


def test_the_kernel_slides_and_results_appear(visit: Open) -> None:
    page = visit()
    assert said(page) == "step 0 of 21: forward: the kernel slides"
    assert shown(page, "y") == [["", ""], ["", ""]]
    press(page, "ArrowRight", 2)
    assert said(page) == "step 2 of 21: y[0,0,0,1] = 2·1 + 0·0 + (−1)·2 + 2·(−1) = −2"
    assert shown(page, "p0") == [["2", "0"], ["−2", "−2"]]
    assert page.page.locator("[data-grid=p0] .foot").inner_text() == "Σ = −2"
    assert shown(page, "y") == [["8", "−2"], ["", ""]]
    assert (marked(page, "x0", "lit"), marked(page, "y", "lit")) == ([1, 2, 4, 5], [1])
    press(page, "ArrowLeft")
    assert shown(page, "y") == [["8", ""], ["", ""]]
    assert shown(page, "p0") == [["1", "0"], ["6", "1"]]


def test_the_scatter_and_the_rotated_kernel_end_with_the_same_numbers(visit: Open) -> None:
    page = visit()
    press(page, "ArrowRight", 8)
    assert page.page.locator(".phase").inner_text() == "chapter 2 of 4"
    scattered = shown(page, "dx")
    assert marked(page, "dx", "lit") == [4, 5, 7, 8]
    page.page.get_by_label("chapter").select_option(label="backward to x: the rotated kernel slides")
    assert said(page).startswith("step 9 of 21: ∂L/∂x[0,0,0,0] = ")
    assert shown(page, "w0") == [["−1", "2"], ["0", "1"]]
    press(page, "ArrowRight", 8)
    assert shown(page, "dx") == scattered
    assert scattered == [["1", "0", "0"], ["0", "2", "0"], ["−4", "8", "−3"]]
    press(page, "End")
    assert shown(page, "dw") == [["−8", "10"], ["6", "0"]]


def test_a_pointer_on_a_cell_lights_what_belongs_to_it(visit: Open) -> None:
    page = visit()
    press(page, "ArrowRight", 1)
    page.page.locator("[data-grid=y] td").nth(3).hover()
    assert marked(page, "x0", "linked") == [4, 5, 7, 8]
    assert marked(page, "w0", "linked") == [0, 1, 2, 3]
    page.page.locator("[data-grid=x0] td").nth(4).hover()  # the middle feeds every result
    assert marked(page, "y", "linked") == [0, 1, 2, 3]
    page.page.locator("[data-grid=w0] td").nth(2).hover()  # in this step the third of the patch
    assert (marked(page, "x0", "linked"), marked(page, "p0", "linked")) == ([3], [2])
    page.page.mouse.move(0, 0)
    assert page.page.locator(".linked").count() == 0


def test_a_click_on_a_result_goes_to_its_step(visit: Open) -> None:
    page = visit()
    page.page.locator("[data-grid=y] td").nth(2).click()
    assert said(page).startswith("step 3 of 21: y[0,0,1,0] = ")


def test_predict_first_asks_for_the_sum(visit: Open) -> None:
    page = visit()
    page.page.get_by_label("predict first").check()
    press(page, "ArrowRight")
    assert page.page.locator(".question span").first.inner_text() == "What is y[0,0,0,0]?"
    page.page.keyboard.type("8")
    page.page.keyboard.press("Enter")
    assert said(page).startswith("✓ right. step 1 of 21: y[0,0,0,0] = ")


def test_winners_are_ringed_and_take_the_gradient(visit: Open) -> None:
    x = Tensor([[[3.0, 2.0, 3.0, 1.0], [0.0, 5.0, 3.0, 4.0]]], requires_grad=True)
    y = F.max_pool2d(x, 2)
    y.backward([[[2.0, -1.0]]])
    page = visit(play_pooling(y))
    press(page, "ArrowRight")
    assert marked(page, "x", "ringed") == [5]
    assert shown(page, "y") == [["5", ""]]
    press(page, "End")
    assert marked(page, "dx", "ringed") == [7]
    assert shown(page, "dx") == [["0", "0", "0", "0"], ["0", "2", "0", "−1"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_can_be_read_on_every_colour(visit: Open, scheme: str) -> None:
    page = visit(width=400, scheme=scheme)
    press(page, "ArrowRight", 6)
    inside, window = page.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window
    ratios = page.page.locator(".grid td").evaluate_all(_CONTRAST)
    assert min(ratios) >= 4.5


# Paints each cell's colours on a canvas, which knows the notation that a browser computes.
_CONTRAST = """cells => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(byte => byte / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return cells.filter(cell => cell.textContent).map(cell => {
    const style = getComputedStyle(cell);
    const [dark, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  });
}"""


def test_a_large_image_is_colours_with_numbers_on_a_pointer(visit: Open) -> None:
    x = Tensor(np.arange(196.0).reshape(1, 14, 14) - 98, requires_grad=True)
    page = visit(play_convolution(F.conv2d(x, Tensor(np.ones((1, 1, 13, 13))[..., :5, :5], requires_grad=True))))
    cell = page.page.locator("[data-grid=x0] td").nth(0)
    assert cell.bounding_box()["width"] <= 22  # type: ignore[index]
    assert cell.get_attribute("title") == "x[0,0,0] = −98"


def test_without_scripts_the_window_slides_in_the_picture(browser: Any, tmp_path: Path) -> None:
    page = Visit(browser, convolution().save(tmp_path / "film.html"), java_script_enabled=False)
    assert page.page.locator("img").evaluate("e => [e.complete, e.naturalWidth > 100]") == [True, True]
    page.close()
