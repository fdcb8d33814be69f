"""One step of a film as a picture: what has appeared and nothing else, where it will stay."""

import re

import pytest

from autograd import Value
from tests.viz.svg_reader import groups
from viz import play
from viz.player import GraphPlayer


def film(style: str = "box") -> GraphPlayer:
    a, b, c = Value(2.0), Value(-3.0), Value(-1.0)
    gate = c.relu()
    L = a * b + a + gate
    return play(L, names={"a": a, "b": b, "c": c, "gate": gate, "L": L}, style=style)  # type: ignore[arg-type]


STEPS = range(len(film().film.frames) + 1)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_shows_what_the_frames_up_to_it_told(step: int) -> None:
    player = film()
    frames, picture = player.film.frames, player.at(step).picture
    values = {frame.box: frame.now for frame in frames[:step] if frame.kind == "forward"}
    gradients = {frame.box: frame.now for frame in frames[:step] if frame.kind != "forward"}
    for node in picture.nodes:
        assert node.value == ((values[node.id],) if node.id in values else ())
        if node.gradient is not None:
            assert node.gradient == gradients.get(node.id, "—")
    flowed = {frame.arrow: frame.contribution for frame in frames[:step] if frame.kind == "edge"}
    assert {edge.id: edge.contribution for edge in picture.edges if edge.contribution} == flowed
    assert all(bool(edge.symbol) == (edge.target in values) for edge in picture.edges)


@pytest.mark.parametrize("step", STEPS)
def test_what_the_step_touches_is_in_colour(step: int) -> None:
    player = film()
    picture = player.at(step).picture
    marked = {part.id for part in (*picture.nodes, *picture.edges) if part.mark == "path"}
    last = player.film.frames[step - 1] if step else None
    assert marked == ({last.box, last.arrow} - {""} if last else set())
    assert picture.notice == (last.sentence if last else "")


def test_why_a_gradient_is_zero_is_told_when_it_is_known() -> None:
    player = film()
    closed = [player.at(step).picture for step in STEPS]
    notes = [next(node.note for node in picture.nodes if node.name == "c") for picture in closed]
    assert notes[-1] == "relu is closed: −1 ≤ 0"
    known = next(place for place, frame in enumerate(player.film.frames) if frame.sentence.startswith("c receives"))
    assert [bool(note) for note in notes] == [step > known for step in STEPS]


@pytest.mark.parametrize("style", ["box", "circuit"])
def test_all_steps_have_one_layout(dot: str, style: str) -> None:
    player = film(style)

    def lines(svg: str) -> dict[str, list[str]]:
        found = {}
        for id, group in groups(svg).items():
            if id != "notice":
                found[id] = [str(length) for shape in group.iter() if (length := shape.get("d") or shape.get("width"))]
        return found

    whole = lines(player.drawing.svg)
    for step in STEPS:
        assert lines(player.at(step).svg) == whole


def test_the_last_step_is_the_whole_picture_but_for_its_colour(dot: str) -> None:
    player = film()
    last = player.at(len(player.film.frames))

    def texts(svg: str) -> list[str]:
        return re.findall(r"<text[^>]*>(.*?)</text>", svg)

    assert texts(last.svg)[:-1] == texts(player.drawing.svg)  # below it stands what the step did
    assert texts(last.svg)[-1] == player.film.frames[-1].sentence


def test_a_step_that_is_none_is_refused() -> None:
    for step in (-1, len(STEPS)):
        with pytest.raises(ValueError, match=rf"at: step {step} is none of this film, which has {len(STEPS) - 1};"):
            film().at(step)
