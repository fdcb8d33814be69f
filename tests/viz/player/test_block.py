"""The block of a film: how large it is, that nothing breaks out of it, and what it shows where no script runs."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from gradwalk.networks import NETWORKS
from tests.viz.nasty_names import NASTY
from tests.viz.player.graphs import network, tree
from tests.viz.player.unpacking import Outline, film_in, picture_in
from viz import GraphPlayer, play
from viz.player.small_svg import SELECTORS

KB = 1000


def sized(player: GraphPlayer) -> int:
    return len(player.html.encode())


# ---- size ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "root",
    [lambda: tree(65), lambda: network([4, 3, 2], "tanh"), lambda: network([4, 3, 2], "relu")],
    ids=["expression", "tanh", "relu"],
)
def test_sixty_five_boxes_take_sixty_kilobytes_with_their_nudges(root: Callable[[], Value]) -> None:
    player = play(root(), names={})
    assert 65 <= len(player.film.picture.nodes) <= 70
    assert len(film_in(player.html)["nudges"]["inputs"]) >= 5
    assert sized(player) <= 60 * KB


def test_a_documents_network_is_small() -> None:
    network = NETWORKS["003"]()
    assert sized(play(network.loss, names=network.names)) <= 50 * KB


def test_five_hundred_boxes_take_six_hundred_kilobytes() -> None:
    player = play(tree(501), names={}, max_nodes=None, rankdir="TB")
    assert len(player.film.picture.nodes) == 501
    assert sized(player) <= 600 * KB


# ---- one copy, no network -----------------------------------------------------------------------------------------


def small(name: str = "a") -> GraphPlayer:
    a, b = Value(2.0, label=name), Value(-3.0, label="b")
    return play((a * b + a) * 0.5, names={})


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert small().html == small().html
    assert small("a").html != small("c").html


def test_a_block_names_no_address() -> None:
    block = small().html.replace("http://www.w3.org/2000/svg", "")  # the name of a language, which nobody asks for
    film = film_in(block)
    for text in (block, picture_in(block), film["js"], film["css"]):
        assert not re.search(r"https?:|//[a-z]|@import|\bfetch\(|XMLHttpRequest|\beval\(|innerHTML", text)


def test_the_picture_is_one_image_with_a_text_and_its_steps_are_a_table() -> None:
    player = small()
    outline = Outline(player.html)
    assert [tag for tag, _ in outline.tags if tag in ("svg", "img", "style", "link", "iframe")] == ["img"]
    (image,) = [attributes for tag, attributes in outline.tags if tag == "img"]
    assert image["alt"] == "Computation graph of v₃: 6 nodes, 12 steps. "
    assert [row[1] for row in outline.rows[1:]] == [frame.sentence for frame in player.film.frames]
    assert [row[0] for row in outline.rows[1:]] == [str(place) for place in range(1, 13)]


def test_sums_are_told_where_several_contributions_are_added() -> None:
    rows = Outline(small().html).rows
    assert rows[10:] == [
        ["10", "a receives 0.5 × 1 = 0.5", "0.5"],
        ["11", "a receives 0.5 × −3 = −1.5", "−1"],
        ["12", "b receives 0.5 × 2 = 1", ""],
    ]


# ---- hostile names ------------------------------------------------------------------------------------------------


@pytest.mark.uncounted
@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_no_name_breaks_out(name: str) -> None:
    block = small(name).html
    plain = Outline(small().html)
    outline = Outline(block)
    assert [tag for tag, _ in outline.tags] == [tag for tag, _ in plain.tags]
    assert [list(attributes) for _, attributes in outline.tags] == [list(attributes) for _, attributes in plain.tags]
    svg, plain_svg = ET.fromstring(picture_in(block)), ET.fromstring(picture_in(small().html))
    assert {element.tag for element in svg.iter()} == {element.tag for element in plain_svg.iter()}
    assert {key for element in svg.iter() for key in element.attrib} == {
        key for element in plain_svg.iter() for key in element.attrib
    }
    assert film_in(block)["names"]["n1"] == "b"


# ---- where no script runs -----------------------------------------------------------------------------------------


def seconds(svg: str, name: str) -> list[float]:
    return [float(number) for number in re.findall(rf"--{name}:([\d.]+)s", svg)]


def test_the_animation_ends_by_itself_and_minds_who_wants_no_motion() -> None:
    svg = picture_in(small().html)
    _, film = re.findall(r"<style[^>]*>(.*?)</style>", svg)
    assert film.startswith("@media(prefers-reduced-motion:no-preference){@keyframes appear{from{opacity:0}}")
    assert "infinite" not in film
    assert film.endswith("}}")
    assert "animation" not in svg.replace(film, "")
    assert ".g,.p,.note{animation-delay:var(--b,0s)}" in film
    assert max(seconds(film, "f")) < min(seconds(film, "b"))  # gradients after all values
    assert max(seconds(film, "b")) <= 12


def test_values_appear_forwards_and_gradients_backwards() -> None:
    svg = ET.fromstring(picture_in(small().html))
    phase = {
        group.get("id"): {name[0]: int(name[1:]) for name in (group.get("class") or "").split() if name[1:].isdigit()}
        for group in svg.iter("{http://www.w3.org/2000/svg}g")
        if group.get("id")
    }
    a, b, product, total, constant, root = (phase[f"n{k}"] for k in range(6))
    assert a["f"] <= b["f"] <= product["f"] <= total["f"] <= root["f"]
    assert root["b"] <= total["b"] <= product["b"] <= a["b"]
    assert "b" not in constant
    assert phase["e0"]["f"] == product["f"]  # a local derivative is known with the result
    assert phase["e0"]["b"] <= a["b"]


def test_without_a_layout_engine_there_is_the_table(no_engine: None) -> None:
    player = small()
    outline = Outline(player.html)
    assert player.html.startswith("<figure><p>No picture: ")
    assert ("details", {"open": None}) in outline.tags
    assert outline.rows[-1][1] == "b receives 0.5 × 2 = 1"
    assert not [tag for tag, _ in outline.tags if tag in ("img", "script")]
    assert player._repr_mimebundle_()["text/plain"] == str(player)


def test_showing_it_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> str:
        raise RuntimeError("no paper left")

    player = small()
    monkeypatch.setattr("viz.player.player.to_block", broken)
    bundle = player._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].endswith("\n(no player: RuntimeError: no paper left)")
    other = small()
    monkeypatch.setattr("viz.player.player.GraphPlayer.remarks", property(broken))
    assert repr(other) == "<Player that cannot be shown: RuntimeError: no paper left>"


# ---- the picture --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["box", "circuit"])
def test_the_small_picture_says_what_the_large_one_says(style: Any) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    player = play((a * b + a).tanh() * 0.5, names={}, style=style)
    small_picture, large = ET.fromstring(picture_in(player.html)), ET.fromstring(player.drawing.svg)
    assert texts(small_picture) == texts(large)
    assert ids(small_picture) == ids(large)


def texts(svg: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]


def ids(svg: ET.Element) -> list[str | None]:
    return [group.get("id") for group in svg.iter("{http://www.w3.org/2000/svg}g") if group.get("id")]


def test_the_small_picture_lies_where_the_large_one_does() -> None:
    player = small()
    near, exact = numbers(ET.fromstring(picture_in(player.html))), numbers(ET.fromstring(player.drawing.svg))
    assert len(exact) == 12
    assert near == pytest.approx(exact, abs=0.51)


def numbers(svg: ET.Element) -> list[float]:
    """The places of the boxes."""
    groups = [group for group in svg.iter("{http://www.w3.org/2000/svg}g") if (group.get("id") or "").startswith("n")]
    return [float(number) for group in groups for number in re.findall(r"-?[\d.]+", group.get("transform") or "")]


def test_every_part_is_found_where_the_script_looks_for_it() -> None:
    script = film_in(small().html)["js"]
    for part in ("value", "gradient", "product", "local"):
        assert f'"{SELECTORS[part][1:]}"' in script
