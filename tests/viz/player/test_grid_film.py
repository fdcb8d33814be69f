"""Films of convolutions and poolings: in the end their grids hold what the passes left, and each step adds up."""

import json
import re
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import GraphError, ShapeError, Tensor
from autograd.numbers import number_text
from tests.viz.convolution.oracle import draw_case
from tests.viz.player.unpacking import Outline, film_in, picture_in
from viz import GridPlayer, play_convolution, play_pooling
from viz.player.grid_film import Chapter, Grid, Step


def grids(chapter: Chapter) -> dict[str, Grid]:
    items = [item for strip in (*chapter.strips, chapter.result) for item in strip]
    return {item.id: item for item in items if isinstance(item, Grid)}


def held(chapter: Chapter, id: str) -> list[list[str]]:
    """What a grid shows in the end, without its padding."""
    grid = grids(chapter)[id]
    cells = [list(row) for row in grid.rows]
    for step in chapter.steps:
        for place, cell in step.put.get(id, {}).items():
            row, column = divmod(place, len(cells[0]))
            cells[row][column] = cell
    return [kept for row in cells if (kept := [cell.text for cell in row if not cell.kind])]


def written(array: Any) -> list[list[str]]:
    return [[number_text(x) for x in row] for row in array]


def close(shown: list[list[str]], exact: Any) -> bool:
    """Whether texts are these numbers, to the digits that a text has."""
    return np.allclose([[number(text) for text in row] for row in shown], exact, rtol=6e-4, atol=1e-12)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def small() -> tuple[Tensor, Tensor, Tensor]:
    x = Tensor([[[[1.0, 2.0, 0.0], [3.0, -1.0, 2.0], [0.0, 1.0, 1.0]]]], requires_grad=True)
    w = Tensor([[[[1.0, 0.0], [2.0, -1.0]]]], requires_grad=True)
    y = F.conv2d(x, w)
    y.backward([[[[1.0, 0.0], [-2.0, 3.0]]]])
    return x, w, y


# ---- convolutions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_chapters_end_with_the_result_and_the_gradients(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, w = case.run()
    batch = () if y.data.ndim == 3 else (y.data.shape[0] - 1,)
    o, channel = y.data.shape[-3] - 1, w.data.shape[1] - 1
    seen = o // (w.data.shape[0] // case.groups) * w.data.shape[1] + channel
    forward, scatter, gather, kernel = play_convolution(y, (*batch, o), channel=channel, names={}).film.chapters
    assert held(forward, "y") == written(y.data[(*batch, o)])
    assert close(held(scatter, "dx"), x.grad[(*batch, seen)])
    assert held(gather, "dx") == held(scatter, "dx")
    assert close(held(kernel, "dw"), w.grad[o, channel])


@pytest.mark.parametrize("seed", range(12))
def test_what_is_lit_belongs_together(seed: int) -> None:
    y, _, _ = draw_case(np.random.default_rng(seed)).run()
    for chapter in play_convolution(y, names={}).film.chapters:
        found = grids(chapter)
        for step in chapter.steps:
            if "p" in found:  # a scatter: upstream × kernel = products
                assert all(
                    close_product(found, step, left, "w" + left[2:], "p") for left in step.lit if left[:2] == "dy"
                )
                continue
            for products in (id for id in step.lit if id.startswith("p")):
                left, right = (
                    next(
                        id for id in step.lit if id.startswith(letters) and id.endswith(products[1:]) and id != products
                    )
                    for letters in {"forward": ("x", "w"), "kernel": ("x", "dy"), "gather": ("dy", "w")}[_view(chapter)]
                )
                assert close_product(found, step, left, right, products)


def _view(chapter: Chapter) -> str:
    return "forward" if "y" in grids(chapter) else "kernel" if "dw" in grids(chapter) else "gather"


def close_product(found: dict[str, Grid], step: Step, left: str, right: str, products: str) -> bool:
    """Whether each lit cell of the products is that of the left times that of the right."""
    a, b = ([number(found[id].text(place)) for place in step.lit[id]] for id in (left, right))
    shown = [number(step.put[products][place].text) for place in step.lit[products]]
    return np.allclose(np.multiply(a, b), shown, rtol=2e-3, atol=1e-9)


def test_each_step_says_its_sum() -> None:
    _, _, y = small()
    steps = play_convolution(y, names={"x": small}).film.steps
    assert [step.sentence for step in steps[:2]] == [
        "y[0,0,0,0] = 1·1 + 2·0 + 3·2 + (−1)·(−1) = 8",
        "y[0,0,0,1] = 2·1 + 0·0 + (−1)·2 + 2·(−1) = −2",
    ]
    assert steps[7].sentence == "∂L/∂y[0,0,1,1] = 3: 3 · w is added to its patch"
    assert steps[8].sentence == "∂L/∂x[0,0,0,0] = 0·(−1) + 0·2 + 0·0 + 1·1 = 1"
    assert steps[-1].sentence == "∂L/∂w[0,0,1,1] = (−1)·1 + 2·0 + 1·(−2) + 1·3 = 0"
    assert steps[0].answer == (8.0, pytest.approx(0.0048))
    assert steps[0].question == "What is y[0,0,0,0]?"


def test_before_a_backward_pass_there_is_the_forward_chapter_alone() -> None:
    x = Tensor(np.ones((1, 4, 4)), requires_grad=True)
    y = F.conv2d(x, Tensor(np.ones((1, 1, 3, 3)), requires_grad=True), Tensor([0.5], requires_grad=True))
    (chapter,) = play_convolution(y, names={}).film.chapters
    assert chapter.formula == "y[i,j] = Σ patch of x · w + b"
    assert chapter.steps[0].sentence.endswith("1·1 + 0.5 = 9.5")


def test_constants_have_no_chapter_of_their_gradient() -> None:
    w = Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    y = F.conv2d(Tensor(np.arange(9.0).reshape(1, 3, 3)), w)
    y.sum().backward()
    assert [_view(chapter) for chapter in play_convolution(y, names={}).film.chapters] == ["forward", "kernel"]


def test_gradients_are_left_as_they_were() -> None:
    x, w, y = small()
    before = [node.grad.copy() for node in (x, w, y)]
    _ = play_convolution(y).html
    assert all(np.array_equal(node.grad, was) for node, was in zip((x, w, y), before, strict=True))


def test_colours_have_one_scale_for_values_and_one_for_gradients() -> None:
    _, _, y = small()
    film = play_convolution(y).film
    assert film.limits == {"value": "8", "gradient": "10"}
    shades = {cell.text: cell.shade for cell in grids(film.chapters[0])["x0"].rows[1]}
    assert shades == {"3": 6, "−1": -2, "2": 4}  # of 16, rounded away from zero


def test_long_films_and_large_images_are_told() -> None:
    w = Tensor(np.ones((1, 1, 1, 1)), requires_grad=True)
    player = play_convolution(F.conv2d(Tensor(np.ones((1, 20, 20)), requires_grad=True), w))
    assert len(player.film.steps) == 256
    assert player.remarks[-1] == "forward: the kernel slides: only the first 256 steps are filmed"
    assert str(player).endswith(player.remarks[-1])
    with pytest.raises(ShapeError, match=r"an image of \(40, 20\) with its padding is too large"):
        play_convolution(F.conv2d(Tensor(np.ones((1, 40, 20)), requires_grad=True), w))


def test_planes_that_are_not_drawn_are_told() -> None:
    x = Tensor(np.ones((5, 3, 3)), requires_grad=True)
    player = play_convolution(F.conv2d(x, Tensor(np.ones((1, 5, 2, 2)), requires_grad=True)), names={"x": x})
    assert "2 more planes of x not drawn; the sums hold what they add" in player.remarks
    assert player.sentences[0] == "y[0,0,0] = 4 + 4 + 4 + 4 + 4 = 20"


def test_wrong_arguments_are_named() -> None:
    x, _, y = small()
    with pytest.raises(GraphError, match="is a leaf"):
        play_convolution(x)
    with pytest.raises(IndexError, match=r"has no element \(0, 3\)"):
        play_convolution(y, (0, 3))
    with pytest.raises(IndexError, match="the channels that the plane sees"):
        play_convolution(y, channel=2)


# ---- poolings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_a_pooling_ends_with_its_result_and_the_gradient(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    x = Tensor(rng.normal(size=(2, 3, *rng.integers(3, 6, 2))), requires_grad=True)
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    y = pool(x, int(rng.integers(2, 4)), stride=int(rng.integers(1, 3)), padding=int(rng.integers(0, 2)))
    y.backward(rng.normal(size=y.shape))
    forward, backward = play_pooling(y, (1, 2)).film.chapters
    assert held(forward, "y") == written(y.data[1, 2])
    assert close(held(backward, "dx"), x.grad[1, 2])
    for step in forward.steps:
        among = [grids(forward)["x"].text(place) for place in step.lit["x"]]
        (result,) = step.put["y"].values()
        if kind == "max":
            assert [grids(forward)["x"].text(place) for place in step.ringed["x"]] == [result.text]
            assert result.text in among
        else:
            assert not step.ringed["x"]


def test_a_tie_is_told() -> None:
    x = Tensor([[[1.0, 1.0], [0.0, 1.0]]], requires_grad=True)
    player = play_pooling(F.max_pool2d(x, 2))
    assert player.sentences == ["y[0,0,0] = max(1, 1, 0, 1) = 1 (3 cells tie; 1 of them wins)"]


def test_an_average_names_its_share() -> None:
    x = Tensor([[[1.0, 3.0], [0.0, -2.0]]], requires_grad=True)
    y = F.avg_pool2d(x, 2)
    y.backward([[[-2.0]]])
    assert play_pooling(y).sentences == [
        "y[0,0,0] = 0.25·(1 + 3 + 0 + (−2)) = 0.5",
        "∂L/∂y[0,0,0] = −2: each cell of its window receives 0.25·(−2)",
    ]


# ---- the block ----------------------------------------------------------------------------------------------------


def test_a_small_film_is_a_small_block() -> None:
    rng = np.random.default_rng(0)
    y = F.conv2d(
        Tensor(rng.normal(size=(1, 3, 8, 8)), requires_grad=True),
        Tensor(rng.normal(size=(2, 3, 3, 3)), requires_grad=True),
    )
    y.backward(rng.normal(size=y.shape))
    assert len(play_convolution(y).html.encode()) <= 150_000


def test_the_block_is_a_picture_that_moves_once_and_a_table() -> None:
    _, _, y = small()
    player = play_convolution(y)
    svg = picture_in(player.html)
    assert svg.count("step-end 1 both") == 2  # the window on x, and the element of y
    assert "infinite" not in svg
    assert "@media(prefers-reduced-motion:no-preference)" in svg
    outline = Outline(player.html)
    assert [row[1] for row in outline.rows[1:]] == player.sentences
    assert sum(tag == "img" for tag, _ in outline.tags) == 1
    assert len(film_in(player.html)["chapters"]) == 4
    assert not re.search(r"https?:", svg.replace("http://www.w3.org/2000/svg", ""))


def test_a_block_is_the_same_bytes_each_time_and_a_name_cannot_break_it() -> None:
    _, _, y = small()
    assert play_convolution(y).html == play_convolution(y).html
    hostile = '"];<script>alert(1)</script>'
    block = play_convolution(y, names={hostile: y}).html
    assert "<script>alert" not in block
    assert [tag for tag, _ in Outline(block).tags] == [tag for tag, _ in Outline(play_convolution(y).html).tags]


def test_events_are_plain_data_and_files_are_written(tmp_path: Any) -> None:
    _, _, y = small()
    player: GridPlayer = play_convolution(y)
    data = json.loads(player.save(tmp_path / "film.json").read_text(encoding="utf-8"))
    assert data["title"] == "Convolution: y = x ∗ w"
    assert len(data["events"]) == len(player.sentences)
    assert data["events"][0]["put"]["y"] == {"0": "8"}
    assert player.save(tmp_path / "film.html").read_text(encoding="utf-8").startswith("<!doctype html>")
