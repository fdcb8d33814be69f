"""The player in a real browser: its keys, its slider, what it says aloud, and what it never asks for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, record_source
from tests.browser import Visit, opened_browser
from tests.viz.player.graphs import tree
from tests.viz.player.pages import Open, press, said, visits
from viz import Player, play
from viz.formats.page import page as html_page
from viz.player.small_svg import SELECTORS


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened_browser() as browser:
        yield browser


def small() -> Player:
    with record_source():
        a, b = Value(2.0), Value(-3.0)
        d = a * b
        L = (d + a) * 0.5
    return play(L)


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """A function that opens a player's page."""
    yield from visits(browser, tmp_path / "film.html", small)


def text_of(visit: Visit, box: str, part: str) -> str:
    shown = visit.page.locator(f".picture g#{box} {SELECTORS[part]}:not(.off)")
    return " ".join(shown.all_text_contents())


# ---- stepping -----------------------------------------------------------------------------------------------------


def test_keys_step_forward_and_back(visit: Open) -> None:
    page = visit()
    assert said(page) == "step 0 of 12: nothing is computed yet"
    press(page, "ArrowRight", 3)
    assert said(page) == "step 3 of 12: d = a·b = 2·(−3) = −6"
    press(page, "ArrowLeft")
    assert said(page) == "step 2 of 12: b = −3"
    press(page, "End")
    assert said(page) == "step 12 of 12: b receives 0.5 × 2 = 1"
    press(page, "ArrowRight")
    assert said(page) == "step 12 of 12: b receives 0.5 × 2 = 1"
    press(page, "Home")
    assert said(page).startswith("step 0 of 12")


def test_the_slider_and_the_space_bar(visit: Open) -> None:
    page = visit()
    slider = page.page.locator("input[type=range]").first
    slider.fill("10")
    assert said(page) == "step 10 of 12: a receives 0.5 × 1 = 0.5"
    assert slider.get_attribute("aria-valuetext") == "step 10 of 12"
    press(page, "Space")
    page.page.wait_for_selector(".said:text('step 12 of 12')")
    press(page, "Home")
    press(page, "Space")
    press(page, "Space")  # paused again
    page.page.wait_for_timeout(1200)
    assert said(page).startswith("step 0 ")


def test_boxes_show_what_is_known_at_each_step(visit: Open) -> None:
    page = visit()
    assert (text_of(page, "n0", "value"), text_of(page, "n0", "gradient")) == ("", "grad —")
    value = page.page.locator(".picture g#n0 .v")
    assert not value.is_visible()
    press(page, "ArrowRight", 6)
    assert value.is_visible()
    assert (text_of(page, "n2", "value"), text_of(page, "n2", "gradient")) == ("−6", "grad —")
    press(page, "ArrowRight", 4)
    assert text_of(page, "n0", "gradient") == "grad 0.5"
    assert page.page.locator(".held").inner_text() == "a holds 0.5, so far"
    press(page, "ArrowRight")
    assert text_of(page, "n0", "gradient") == "grad 0.5 − 1.5 = −1"
    assert page.page.locator(".held").inner_text() == "a holds −1, complete"
    assert text_of(page, "e0", "product") == "0.5 × −3 = −1.5"
    press(page, "ArrowLeft")
    assert text_of(page, "n0", "gradient") == "grad 0.5"
    assert text_of(page, "e0", "product") == ""
    press(page, "Home")
    assert (text_of(page, "n0", "value"), text_of(page, "n0", "gradient")) == ("", "grad —")


def test_the_step_is_seen_in_the_picture_the_formula_and_the_code(visit: Open) -> None:
    page = visit()
    press(page, "ArrowRight", 11)
    lit = page.page.locator(".picture .now").evaluate_all("all => all.map(each => each.id)")
    assert sorted(lit) == ["e0", "n0"]
    assert page.page.locator(".symbols").inner_text() == "∂L/∂a += ∂L/∂d · b"
    assert page.page.locator(".code li.now").all_inner_texts() == ["d = a * b"]


def test_a_click_on_a_box_goes_to_where_it_is_complete(visit: Open) -> None:
    page = visit()
    page.page.locator(".picture g#n3").click()  # v₁: first its value
    assert said(page) == "step 4 of 12: v₁ = d + a = −6 + 2 = −4"
    page.page.locator(".picture g#n3").click()  # then its gradient
    assert said(page) == "step 8 of 12: v₁ receives 1 × 0.5 = 0.5"


# ---- predict first, nudge -----------------------------------------------------------------------------------------


def test_predict_first_asks_before_it_shows(visit: Open) -> None:
    page = visit()
    press(page, "ArrowRight", 7)
    page.page.get_by_label("predict first").check()
    press(page, "ArrowRight")
    question = page.page.locator(".question")
    assert question.locator("span").first.inner_text() == "What does v₁ receive?"
    assert said(page).startswith("step 7 of 12")
    page.page.keyboard.type("0.4")
    page.page.keyboard.press("Enter")
    assert question.locator(".verdict").inner_text() == "✗ not 0.4; try again, or show"
    page.page.get_by_label("your number").fill("")
    page.page.keyboard.press("Enter")
    assert question.locator(".verdict").inner_text() == "✎ a number, please"
    page.page.get_by_label("your number").fill("0,5")
    page.page.keyboard.press("Enter")
    assert said(page) == "✓ right. step 8 of 12: v₁ receives 1 × 0.5 = 0.5"
    assert not question.is_visible()
    press(page, "ArrowRight")
    page.page.get_by_role("button", name="show", exact=True).click()
    assert said(page) == "step 9 of 12: d receives 0.5 × 1 = 0.5"


def test_a_nudge_compares_prediction_and_truth(visit: Open) -> None:
    x = Value(3.0)
    y = x * x
    page = visit(play(y))
    page.page.get_by_label("nudge an input").check()
    rows = page.page.locator(".nudge tbody tr")
    assert [row.split("\t") for row in rows.all_inner_texts()] == [
        ["x", "3", "4", "1", "1", "0"], ["y", "9", "16", "6", "7", "1"],
    ]  # fmt: skip
    page.page.get_by_label("h", exact=True).fill("2")
    assert rows.nth(1).inner_text().split("\t")[:5] == ["y", "9", "9.060", "0.06", "0.0601"]
    assert page.page.locator(".nudge output").inner_text() == "0.01"


# ---- windows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window_and_can_be_read(visit: Open, scheme: str) -> None:
    page = visit(width=400, scheme=scheme)
    press(page, "ArrowRight", 9)
    inside, window = page.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window
    ink, paper = page.page.locator(".player").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert _contrast(ink, paper) > 7


def _contrast(*colours: str) -> float:
    light, dark = sorted((_luminance(colour) for colour in colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_lit_stands_out(visit: Open, scheme: str) -> None:
    page = visit(scheme=scheme)
    press(page, "ArrowRight", 10)
    accent, paper, muted = page.page.locator(".player").evaluate(
        """e => {
          const style = (part, name) => getComputedStyle(e.querySelector(part))[name];
          return [style(".now use", "stroke"), getComputedStyle(e).backgroundColor, style(".held", "color")];
        }"""
    )
    assert _contrast(accent, paper) >= 3
    assert _contrast(muted, paper) >= 4.5
    edge = page.page.locator("button").first.evaluate("e => getComputedStyle(e).borderTopColor")
    assert _contrast(edge, paper) >= 3


def test_it_is_used_by_the_keyboard_alone(visit: Open) -> None:
    page = visit()
    visited = []
    for _ in range(10):
        page.page.keyboard.press("Tab")
        visited.append(page.page.evaluate(_FOCUSED))
    names = [name for name, _ in visited]
    assert names == [
        "first step (home)", "step back (left arrow)", "play (space)", "step (right arrow)", "last step (end)", "step",
        "predict first", "nudge an input", "go to a node",
        "Computation graph of L, picture; the steps are told below it",
    ]  # fmt: skip
    assert all(float(width.removesuffix("px")) >= 2 for _, width in visited)  # each shows that it has the focus
    page.page.locator("button").first.focus()
    page.page.keyboard.press("ArrowRight")  # keys work wherever the focus is
    assert said(page).startswith("step 1 of 12")
    page.page.get_by_label("go to a node").select_option(label="d")
    assert said(page) == "step 3 of 12: d = a·b = 2·(−3) = −6"


# What has the focus is called, and how wide its outline is.
_FOCUSED = """() => {
  const element = document.activeElement.shadowRoot.activeElement;
  const name = element.getAttribute("aria-label") ?? element.parentElement.textContent.trim();
  return [name, getComputedStyle(element).outlineWidth];
}"""


def test_a_film_that_plays_is_not_read_aloud_until_it_rests(visit: Open) -> None:
    page = visit()
    live = page.page.locator(".said")
    assert (live.get_attribute("role"), live.get_attribute("aria-live")) == ("status", "polite")
    press(page, "Space")
    assert live.get_attribute("aria-live") == "off"
    assert page.page.get_by_role("button", name="pause (space)").is_visible()
    press(page, "Space")
    assert live.get_attribute("aria-live") == "polite"


def test_the_picture_jumps_for_a_reader_who_wants_no_motion(visit: Open) -> None:
    page = visit(width=400, reduced_motion="reduce")
    press(page, "ArrowRight", 6)
    inside = page.page.evaluate(
        """() => {
          const root = document.querySelector("[id^=film]").shadowRoot;
          const box = root.querySelector("g.now").getBoundingClientRect();
          const pane = root.querySelector(".picture").getBoundingClientRect();
          return box.left >= pane.left && box.right <= pane.right + 1;
        }"""
    )
    assert inside  # at once: nothing is still moving


def test_a_circuit_shows_values_and_gradients_on_its_wires(visit: Open) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    page = visit(play(a * b + a, names={}, style="circuit"))
    assert text_of(page, "e0", "value") == ""
    press(page, "ArrowRight", 1)
    assert text_of(page, "e0", "value") == "2"
    press(page, "ArrowRight", 4)
    assert (text_of(page, "output", "value"), text_of(page, "output", "gradient")) == ("−4", "1")
    assert text_of(page, "e0", "gradient") == ""
    press(page, "End")
    assert text_of(page, "e0", "gradient") == "−3"


def test_local_derivatives_are_known_with_the_results(visit: Open) -> None:
    page = visit()
    press(page, "ArrowRight", 2)
    assert text_of(page, "e0", "local") == ""
    press(page, "ArrowRight")
    assert text_of(page, "e0", "local") == "b = −3"


def test_the_same_film_may_be_on_a_page_twice(browser: Any, tmp_path: Path) -> None:
    block = small().html
    path = tmp_path / "twice.html"
    path.write_text(html_page("twice", block + block, scripts=True), encoding="utf-8")
    page = Visit(browser, path)
    page.page.locator(".player").nth(1).wait_for()
    page.page.locator(".picture").nth(1).focus()
    page.page.keyboard.press("ArrowRight")
    assert [text[:6] for text in page.page.locator(".said").all_inner_texts()] == ["step 0", "step 1"]
    assert page.complaints == []
    page.close()


def test_its_parts_have_names_for_a_screen_reader(visit: Open) -> None:
    page = visit()
    tree = page.page.locator("body").aria_snapshot()
    for part in ('group "steps"', 'button "step (right arrow)"', 'slider "step"', 'checkbox "predict first"'):
        assert part in tree


def test_two_players_on_a_page_do_not_disturb_each_other(browser: Any, tmp_path: Path) -> None:
    x = Value(3.0)
    first, second = small(), play(x.exp())
    path = tmp_path / "two.html"
    path.write_text(html_page("two", first.html + second.html, scripts=True), encoding="utf-8")
    page = Visit(browser, path)
    page.page.wait_for_function("() => [...document.querySelectorAll('[id^=film]')].every(host => host.shadowRoot)")
    page.page.locator(".picture").nth(1).focus()
    page.page.keyboard.press("End")
    heard = page.page.locator(".said").all_inner_texts()
    assert heard[0].startswith("step 0 of 12")
    assert heard[1].startswith("step 4 of 4: x receives")
    assert page.complaints == []
    page.close()


def test_without_scripts_there_are_the_picture_and_the_table(browser: Any, tmp_path: Path) -> None:
    page = Visit(browser, small().save(tmp_path / "film.html"), java_script_enabled=False)
    image = page.page.locator("img")
    assert image.evaluate("e => [e.complete, e.naturalWidth > 100]") == [True, True]
    page.page.locator("summary").click()
    rows = page.page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows[-2:]] == [
        ["11", "a receives 0.5 × −3 = −1.5", "−1"],
        ["12", "b receives 0.5 × 2 = 1", ""],
    ]
    page.close()


def test_a_step_is_redrawn_in_time_at_five_hundred_boxes(visit: Open) -> None:
    player = play(tree(501), names={}, max_nodes=None, rankdir="TB", nudge=False)
    assert len(player.film.picture.nodes) == 501
    page = visit(player)
    times = page.page.evaluate(
        """async () => {
          const host = document.querySelector("[id^=film]").shadowRoot;
          const button = [...host.querySelectorAll("button")].find(each => each.title.startsWith("step (right"));
          const times = [];
          for (let i = 0; i < 60; i++) {
            const before = performance.now();
            button.click();
            host.querySelector(".picture").getBoundingClientRect();
            times.push(performance.now() - before);
            await new Promise(done => requestAnimationFrame(done));
          }
          return times.sort((a, b) => a - b);
        }"""
    )
    assert times[len(times) // 2] < 16
