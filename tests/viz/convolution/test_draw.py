"""The figures: everything is drawn once, as SVG and as text; nothing is left out in silence; a repr never raises."""

import base64
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import GraphError, ShapeError, Tensor, kinks
from autograd.numbers import number_text
from tests.viz.convolution.oracle import draw_case
from viz import Figure, RenderUnavailable, draw_convolution, draw_pooling, render, style
from viz.convolution.scene import make_scene, selected_blocks
from viz.convolution.sheet import Cell, Grid, cells_of

SVG = "{http://www.w3.org/2000/svg}"


def groups(svg: str) -> dict[str, ET.Element]:
    """The groups of an SVG by id; every id of the document stands once."""
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id") is not None]
    assert len(ids) == len(set(ids))
    assert "" not in ids
    return {str(group.get("id")): group for group in root.iter(f"{SVG}g")}


def check_all_drawn(figure: Figure) -> None:
    """What the SVG and the text show is what the sheet holds."""
    drawn = groups(figure.svg)
    for grid in figure.sheet.grids:
        for row, cells in enumerate(grid.rows):
            assert len(cells) == len(grid.column_labels)
            for column, cell in enumerate(cells):
                group = drawn[f"{grid.id}-{row}-{column}"]
                classes = str(group.get("class")).split()
                assert classes[:2] == ["entry", cell.kind]
                assert ("selected" in classes) == cell.selected
                assert ("ringed" in classes) == cell.ringed == bool(group.findall(f"{SVG}rect[@class='ring']"))
                texts = [str(text.text) for text in group.findall(f"{SVG}text")]
                assert texts == [cell.text, *([cell.corner] if cell.corner else [])]
                coloured = {str(path.get("class")) for path in group.findall(f"{SVG}path")}
                expected = "above" if cell.value > 0 else "below" if cell.value < 0 else None
                assert coloured == ({expected} if expected and cell.kind == "inside" else set())
        texts = [str(text.text) for text in drawn[grid.id].findall(f"{SVG}text")]
        labels = [label for label in (*grid.column_labels, *grid.row_labels) if label]
        words = [word for word in (grid.cut, grid.footer) if word]
        assert texts == [grid.title, *labels, *words]
        for word in (grid.title, *words):
            assert word in figure.text
        assert (f"{grid.id}-outline" in drawn) == any(cell.selected for cell in cells_of(grid))
    for line in (figure.sheet.title, *figure.sheet.captions, *figure.sheet.notes):
        assert line in figure.text
        assert line in " ".join("".join(text.itertext()) for text in ET.fromstring(figure.svg).iter(f"{SVG}text"))
    root = ET.fromstring(figure.svg)
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == root.get("aria-label") == figure.sheet.title
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text == figure.text
    assert "@media (prefers-color-scheme:dark)" in figure.svg


def check_inside(figure: Figure) -> None:
    """Nothing is drawn beyond the picture's edges."""
    scene = make_scene(figure.sheet)
    root = ET.fromstring(figure.svg)
    for group in root.findall(f"{SVG}g"):
        x, y = (float(n) for n in re.findall(r"[-\d.]+", group.get("transform", "translate(0,0)")))
        for rectangle in group.iter(f"{SVG}rect"):
            left, top, width, height = (float(rectangle.get(key, "0")) for key in ("x", "y", "width", "height"))
            assert x + left >= 0
            assert x + left + width <= scene.width
            assert y + top >= 0
            assert y + top + height <= scene.height


def every_figure(case_seed: int) -> list[Figure]:
    case = draw_case(np.random.default_rng(case_seed))
    y, x, w = case.run()
    rng = np.random.default_rng(case_seed)

    def some(shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(int(rng.integers(0, length)) for length in shape)

    return [
        draw_convolution(y, some(y.shape)),
        draw_convolution(y, some(x.shape), backward="scatter"),
        draw_convolution(y, some(x.shape), backward="gather"),
        draw_convolution(y, some(w.shape), backward="kernel"),
    ]


@pytest.mark.parametrize("seed", range(25))
def test_everything_is_drawn_once_and_inside(seed: int) -> None:
    for figure in every_figure(seed):
        check_all_drawn(figure)
        check_inside(figure)


@pytest.mark.parametrize("function", [F.max_pool2d, F.avg_pool2d])
def test_a_pooling_is_drawn_once_and_inside(function: Any) -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(2, 2, 5, 5)), requires_grad=True)
    y = function(x, 3, stride=2, padding=1)
    check_all_drawn(draw_pooling(y, (1, 0, 2, 2)))
    y.backward(np.random.default_rng(1).normal(size=y.shape))
    for index in ((0, 0, 0, 0), (1, 0, 1, 1), (1, 1, 2, 0)):
        figure = draw_pooling(y, index)
        check_all_drawn(figure)
        check_inside(figure)


def grid(figure: Figure, id: str) -> Grid:
    (found,) = [each for each in figure.sheet.grids if each.id == id]
    return found


def values(cells: Any) -> list[float]:
    return [cell.value for cell in cells]


@pytest.mark.parametrize("seed", range(25))
def test_the_drawn_grids_are_the_arrays(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, w = case.run()
    forward = draw_convolution(y)
    n = (0,) if case.x.ndim == 4 else ()
    assert values(cells_of(grid(forward, "y"))) == y.data[(*n, 0)].ravel().tolist()
    assert values(cells_of(grid(forward, "w0"))) == w.data[0, 0].ravel().tolist()
    inside = [cell for cell in cells_of(grid(forward, "x0")) if cell.kind == "inside"]
    assert values(inside) == x.data[(*n, 0)].ravel().tolist()
    assert len(cells_of(grid(forward, "x0"))) == (case.x.shape[-2] + sum(case.pads[0])) * (
        case.x.shape[-1] + sum(case.pads[1])
    )
    gather = draw_convolution(y, backward="gather")
    dx = x.grad[(*n, 0)].ravel()
    np.testing.assert_allclose(values(cells_of(grid(gather, "dx"))), dx, rtol=1e-12, atol=1e-12)
    assert values(cells_of(grid(gather, "w0"))) == w.data[0, 0][::-1, ::-1].ravel().tolist()
    kernel = draw_convolution(y, backward="kernel")
    dw = w.grad[0, 0].ravel()
    np.testing.assert_allclose(values(cells_of(grid(kernel, "dw"))), dw, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(25))
def test_the_rotated_kernel_s_window_lies_on_the_factors_of_its_products(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    y, x, _ = case.run()
    rng = np.random.default_rng(seed)
    figure = draw_convolution(y, tuple(int(rng.integers(0, n)) for n in x.shape), backward="gather")
    size = case.w.shape[2] * case.w.shape[3]
    for place in range(len([each for each in figure.sheet.grids if each.id.startswith("dy")])):
        selected = [cell for cell in cells_of(grid(figure, f"dy{place}")) if cell.selected]
        products = figure.model.gather[place * size : (place + 1) * size]
        # What the picture leaves out of the window is padding that no pixel's window reaches entirely.
        assert [(cell.value, cell.kind, cell.corner) for cell in selected] == [
            (product.left, product.place, f"×{number_text(product.right)}") for product in products
        ]


def test_the_same_figure_twice_is_the_same_text() -> None:
    first, second = every_figure(3), every_figure(3)
    assert [figure.svg for figure in first] == [figure.svg for figure in second]
    assert [figure.text for figure in first] == [figure.text for figure in second]


# ---- names ----------------------------------------------------------------------------------------------------------


def test_the_caller_s_variables_name_the_tensors() -> None:
    image = Tensor(np.ones((1, 3, 3)))
    edges = Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    bias = Tensor([1.0], requires_grad=True, name="shift")
    out = F.conv2d(image, edges, bias)
    figure = draw_convolution(out)
    assert figure.sheet.title == "out[0,0,0] = Σ patch · kernel + shift"
    assert [each.title for each in figure.sheet.grids] == ["image[0]", "edges[0,0]", "products", "out[0]"]
    named = draw_convolution(out, names={"a": image, "b": edges, "c": out})
    assert [each.title for each in named.sheet.grids] == ["a[0]", "b[0,0]", "products", "c[0]"]
    assert draw_convolution(out, names={}).sheet.title == "y[0,0,0] = Σ patch · kernel + shift"
    assert draw_convolution(out, names={"d": bias}).sheet.title == "y[0,0,0] = Σ patch · kernel + d"


@pytest.mark.parametrize("name", ['"];<script>alert(1)</script>', "</text>", "a" * 200, "\u202egpj", "x\x00", "한국어"])
def test_any_name_is_drawn_as_text(name: str) -> None:
    y = F.conv2d(Tensor(np.ones((1, 3, 3)), requires_grad=True, name=name), np.ones((1, 1, 2, 2)))
    figure = draw_convolution(y)
    check_all_drawn(figure)
    assert "<script" not in figure.svg
    assert "<script" not in figure.html
    assert all(len(each.title) < 60 for each in figure.sheet.grids)


# ---- what is too large, and what is left out --------------------------------------------------------------------


def test_a_large_image_is_cut_around_the_patch_with_counts() -> None:
    x = np.arange(784.0).reshape(1, 28, 28)
    y = F.conv2d(Tensor(x, requires_grad=True), np.ones((1, 1, 3, 3)))
    figure = draw_convolution(y, (0, 20, 10))
    shown = grid(figure, "x0")
    assert shown.cut == "9 of 28 rows, 9 of 28 columns"
    assert shown.row_labels == tuple(str(row) for row in range(17, 26))
    assert values(cells_of(shown)) == x[0, 17:26, 7:16].ravel().tolist()
    assert [cell.value for cell in cells_of(shown) if cell.selected] == x[0, 20:23, 10:13].ravel().tolist()
    assert grid(figure, "y").cut == "9 of 26 rows, 9 of 26 columns"
    check_all_drawn(figure)


def test_a_large_pooled_image_is_cut_around_the_window_with_the_winner_in_it() -> None:
    x = np.random.default_rng(0).normal(size=(1, 20, 20))
    y = F.max_pool2d(Tensor(x, requires_grad=True), 2)
    y.backward(np.random.default_rng(1).normal(size=y.shape))
    figure = draw_pooling(y, (0, 8, 9))
    window = x[0, 16:18, 18:20]
    (winner,) = [cell for cell in cells_of(grid(figure, "x")) if cell.ringed]
    assert winner.value == window.max()
    assert [cell.value for cell in cells_of(grid(figure, "x")) if cell.selected] == window.ravel().tolist()
    (receiver,) = [cell for cell in cells_of(grid(figure, "dx")) if cell.ringed]
    assert receiver.value == y.grad[0, 8, 9]
    assert receiver.selected
    check_all_drawn(figure)


@pytest.mark.parametrize(
    "stride, padding, words",
    [
        (1, 0, "dashed: zeros around the gradient"),
        (2, 1, "dotted: zeros between its elements, one fewer than the stride"),
        (2, 0, "dashed: zeros around the gradient; dotted: zeros between its elements, one fewer than the stride"),
        (1, 1, None),
    ],
)
def test_the_zeros_that_are_no_gradient_are_told_as_far_as_any_are_drawn(
    stride: int, padding: int, words: str | None
) -> None:
    x = Tensor(np.ones((1, 4, 4)), requires_grad=True)
    y = F.conv2d(x, np.ones((1, 1, 2, 2)), stride=stride, padding=padding)
    y.sum().backward()
    notes = draw_convolution(y, backward="gather").sheet.notes
    assert notes[:-1] == (() if words is None else (words,))


def test_sixteen_rows_are_drawn_in_full() -> None:
    y = F.conv2d(Tensor(np.ones((1, 16, 17)), requires_grad=True), np.ones((1, 1, 3, 3)))
    shown = grid(draw_convolution(y), "x0")
    assert (len(shown.rows), len(shown.rows[0])) == (16, 9)
    assert shown.cut == "9 of 17 columns"


def test_channels_that_are_not_drawn_are_summed_up() -> None:
    rng = np.random.default_rng(0)
    y = F.conv2d(Tensor(rng.normal(size=(6, 5, 5)), requires_grad=True), rng.normal(size=(2, 6, 3, 3)))
    figure = draw_convolution(y, (1, 2, 2))
    assert [each.id for each in figure.sheet.grids] == ["x0", "w0", "p0", "x1", "w1", "p1", "x2", "w2", "p2", "y"]
    rest = sum(product.value for product in figure.model.products if product.left_at[0] > 2)
    assert f"3 more channels, not drawn, add up to {number_text(rest)}" in figure.sheet.notes
    sums = [sum(product.value for product in figure.model.products if product.left_at[0] == c) for c in range(6)]
    for total in sums:
        assert number_text(total) in figure.sheet.captions[0]


def test_blocks_that_are_not_drawn_are_summed_up() -> None:
    rng = np.random.default_rng(0)
    y = F.conv2d(Tensor(rng.normal(size=(1, 12, 12)), requires_grad=True), rng.normal(size=(1, 1, 5, 5)))
    y.backward(rng.normal(size=y.shape))
    figure = draw_convolution(y, (0, 5, 5), backward="scatter")
    drawn = [each for each in figure.sheet.grids if each.id.startswith("b0-")]
    assert len(drawn) == 4
    shown = sum(cell.value for each in drawn for cell in cells_of(each) if cell.ringed)
    rest = number_text(figure.model.total - shown)
    assert f"21 more windows of channel 0, not drawn, add up to {rest}" in figure.sheet.notes


def test_a_sum_of_many_products_says_how_many_are_cut() -> None:
    y = F.conv2d(Tensor(np.ones((1, 28, 28))), Tensor(np.ones((1, 1, 3, 3)), requires_grad=True))
    y.sum().backward()
    figure = draw_convolution(y, backward="kernel")
    assert grid(figure, "p0").footer == "Σ of all 676 = 676"
    assert figure.sheet.captions[0] == "∂L/∂w[0,0,0,0] = 1·1 + 1·1 + 1·1 + 1·1 + 1·1 + … (670 more) + 1·1 = 676"


@pytest.mark.parametrize("kernel, dilation", [((8, 8), 1), ((1, 9), 1), ((5, 5), 4)])
def test_a_window_too_large_for_a_figure_is_refused_with_the_remedy(kernel: Any, dilation: int) -> None:
    y = F.conv2d(Tensor(np.ones((1, 20, 20)), requires_grad=True), np.ones((1, 1, *kernel)), dilation=dilation)
    with pytest.raises(ShapeError, match=r"draw_convolution: a window of .* is too large .*receptive_field gives"):
        draw_convolution(y)


def test_a_pooling_too_large_for_a_figure_is_refused_with_the_remedy() -> None:
    y = F.avg_pool2d(Tensor(np.ones((1, 20, 20)), requires_grad=True), 10)
    with pytest.raises(ShapeError, match=r"draw_pooling: a window of \(10, 10\) .*pooling_window gives"):
        draw_pooling(y)


def test_what_no_window_sees_of_a_constant_is_a_question_mark() -> None:
    import copy

    y = F.conv2d(Tensor(np.ones((1, 3, 3))), Tensor(np.ones((1, 1, 2, 2)), requires_grad=True), stride=2)
    figure = draw_convolution(copy.deepcopy(y))
    unseen = [cell for cell in cells_of(grid(figure, "x0")) if cell.kind == "unseen"]
    assert [cell.text for cell in unseen] == ["?"] * 5
    assert "? a constant that no window looks at" in figure.text
    check_all_drawn(figure)


# ---- words ----------------------------------------------------------------------------------------------------------


def test_the_settings_are_told_where_they_differ() -> None:
    x = Tensor(np.ones((2, 7, 7)), requires_grad=True)
    y = F.conv2d(x, np.ones((2, 1, 2, 3)), stride=(2, 1), padding=(1, (0, 2)), dilation=2, groups=2)
    note = draw_convolution(y).sheet.notes[-1]
    assert note == ("conv2d, kernel 2×3, stride 2×1, padding 1 above, 1 below, 0 left, 2 right, dilation 2, groups 2")
    y = F.conv2d(x, np.ones((1, 2, 3, 3)), padding=1)
    assert draw_convolution(y).sheet.notes[-1] == "conv2d, kernel 3×3, padding 1"


def test_a_negative_bias_and_a_negative_factor_stand_in_parentheses() -> None:
    x = Tensor([[[2.0, -3.0]]], requires_grad=True)
    y = F.conv2d(x, np.array([[[[-1.0, 0.5]]]]), np.array([-4.0]))
    assert draw_convolution(y, names={}).sheet.captions[0] == (
        "y[0,0,0] = Σ patch · kernel + b = 2·(−1) + (−3)·0.5 + (−4) = −7.5"
    )


@pytest.mark.parametrize(
    "rule, words",
    [
        ("first", "3 cells hold the maximum: the first of them in row-major order takes the whole gradient"),
        ("split", "3 cells hold the maximum: they share the gradient equally"),
        ("all", "3 cells hold the maximum: each of them takes the whole gradient, which is no derivative"),
    ],
)
def test_the_rule_for_ties_is_told(rule: str, words: str) -> None:
    x = Tensor([[[1.0, 5.0], [5.0, 5.0]]], requires_grad=True)
    with kinks(ties=rule):
        y = F.max_pool2d(x, 2)
    y.backward([[[6.0]]])
    figure = draw_pooling(y)
    assert words in figure.sheet.notes
    assert sum(cell.ringed for cell in cells_of(grid(figure, "x"))) == (1 if rule == "first" else 3)
    assert values(cells_of(grid(figure, "dx"))) == x.grad.ravel().tolist()
    handed = {"first": "∂L/∂x[0,0,1] += ∂L/∂y[0,0,0] = 6", "split": "+= 0.3333 · ∂L/∂y[0,0,0] = 2", "all": "= 6"}
    assert handed[rule] in figure.sheet.captions[1]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"kernel_size": 2}, None),
        ({"kernel_size": 2, "padding": 1}, "the divisor counts the window's 1 cells in the image and 3 of padding"),
        (
            {"kernel_size": 2, "padding": 1, "count_include_pad": False},
            "the divisor counts the window's 1 cells in the image, and no padding",
        ),
        ({"kernel_size": 2, "divisor_override": 7}, "the divisor 7 was given, as divisor_override"),
    ],
)
def test_what_the_divisor_counts_is_told(options: dict[str, Any], words: str | None) -> None:
    y = F.avg_pool2d(Tensor(np.ones((1, 4, 4)), requires_grad=True), **options)
    notes = draw_pooling(y).sheet.notes
    assert notes[:-1] == (() if words is None else (words,))


def test_colours_have_one_scale_for_all_values_and_one_for_all_gradients() -> None:
    x = Tensor([[[1.0, -8.0]]], requires_grad=True)
    y = F.conv2d(x, np.array([[[[2.0]]]]))
    y.backward([[[3.0, 0.5]]])
    figure = draw_convolution(y, backward="gather")
    assert figure.sheet.limits == {"value": 2.0, "gradient": 6.0}
    assert draw_convolution(y).sheet.limits == {"value": 16.0}
    assert "values:" in figure.svg
    assert "gradients:" in figure.svg
    (strength,) = [path.get("fill-opacity") for path in groups(figure.svg)["dy0-0-0"].findall(f"{SVG}path")]
    assert strength == "0.5"  # 3 of 6


def test_a_figure_of_zeros_has_a_scale_too() -> None:
    y = F.conv2d(Tensor(np.zeros((1, 2, 2)), requires_grad=True), np.zeros((1, 1, 1, 1)))
    assert draw_convolution(y).sheet.limits == {"value": 1.0}
    check_all_drawn(draw_convolution(y))


def test_selected_cells_become_rectangles() -> None:
    rows = ["##..", "##..", "..#.", "#.#."]
    cells = tuple(tuple(Cell(0.0, selected=sign == "#") for sign in row) for row in rows)
    found = selected_blocks(Grid("g", "", "value", cells, ("",) * 4, ("",) * 4, (4, 4)))
    assert found == [
        (range(2), range(2)), (range(2, 3), range(2, 3)), (range(3, 4), range(1)), (range(3, 4), range(2, 3)),
    ]  # fmt: skip


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [style.BELOW, style.ABOVE, style.ZERO, style.PAPER])
def test_numbers_can_be_read_on_every_colour_in_light_and_dark(ground: str) -> None:
    parts = [("inside", "cell"), ("inside", "corner")]
    parts += [("padding", "cell"), ("inserted", "cell"), ("unseen", "cell")] if ground == style.PAPER else []
    for kind, part in parts:
        text = style.look_of((style.ROOT, "entry", kind), part).fill
        assert text is not None
        assert contrast(text, ground) >= 4.5
        assert contrast(style.DARK[text], style.DARK[ground]) >= 4.5


# ---- notebooks, files, errors -----------------------------------------------------------------------------------


def simple() -> Figure:
    x = Tensor(np.arange(9.0).reshape(1, 3, 3), requires_grad=True)
    return draw_convolution(F.conv2d(x, np.ones((1, 1, 2, 2))))


def test_a_notebook_is_given_an_image_that_needs_no_trust() -> None:
    figure = simple()
    bundle = figure._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", "image/svg+xml"]
    assert bundle["text/plain"] == repr(figure) == str(figure) == figure.text
    assert bundle["image/svg+xml"] == figure.svg
    image, details = ET.fromstring(bundle["text/html"])
    assert image.get("alt") == figure.sheet.title
    kind, data = str(image.get("src")).split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode() == figure.svg
    assert str(details.findtext("pre")) == figure.text


@pytest.mark.parametrize("broken", [Figure(None, None), object.__new__(Figure)])  # type: ignore[arg-type]
def test_no_state_makes_a_repr_raise(broken: Figure) -> None:
    assert repr(broken).startswith("<Figure that cannot be shown: ")
    bundle = broken._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "no picture" in bundle["text/plain"]


def test_a_figure_saves_itself(tmp_path: Path) -> None:
    figure = simple()
    assert figure.save(tmp_path / "a.svg").read_text(encoding="utf-8") == figure.svg
    assert figure.save(str(tmp_path / "a.txt")).read_text(encoding="utf-8") == figure.text + "\n"
    page = figure.save(tmp_path / "a.HTML").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert figure.svg in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    with pytest.raises(ValueError, match=r"'a.gif' ends in none of .svg, .png, .pdf, .html, .txt"):
        figure.save(tmp_path / "a.gif")


def test_a_figure_is_painted_by_resvg(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    if not render.resvg_available():
        pytest.skip("resvg_py finds no font")
    assert simple().save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("ending, magic", [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_figure_is_painted_by_graphviz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dot: str, ending: str, magic: bytes
) -> None:
    monkeypatch.setattr(render, "resvg_available", lambda: False)
    assert simple().save(tmp_path / f"a.{ending}").read_bytes().startswith(magic)


def test_without_a_painter_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    monkeypatch.setattr(render, "resvg_available", lambda: False)
    with pytest.raises(RenderUnavailable, match=r"saving as .png needs a program .* pip install 'gradwalk\[png\]'"):
        simple().save(tmp_path / "a.png")
    assert simple().save(tmp_path / "a.svg").exists()


def test_errors_name_the_function_that_was_called() -> None:
    y = F.conv2d(Tensor(np.ones((1, 3, 3)), requires_grad=True), np.ones((1, 1, 2, 2)))
    with pytest.raises(ValueError, match="draw_convolution: backward='back' is none of None, 'scatter'"):
        draw_convolution(y, backward="back")  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="draw_convolution: no gradient has come to"):
        draw_convolution(y, backward="gather")
    with pytest.raises(IndexError, match=r"draw_convolution: .* has no element"):
        draw_convolution(y, (0, 0, 5))
    with pytest.raises(GraphError, match=r"draw_pooling: .* is no result of max_pool2d or avg_pool2d"):
        draw_pooling(y)
    with pytest.raises(TypeError, match="draw_convolution: takes the Tensor that conv2d returned, not list"):
        draw_convolution([y])


def test_drawing_changes_nothing() -> None:
    conv = nn.Conv2d(1, 2, 3, padding=1)
    x = Tensor(np.ones((1, 1, 4, 4)), requires_grad=True)
    y = conv(x)
    y.sum().backward()
    before = (x.grad.copy(), conv.weight.grad.copy(), y.grad.copy(), y.name, x.name)
    for backward in (None, "scatter", "gather", "kernel"):
        assert draw_convolution(y, backward=backward).svg  # type: ignore[arg-type]
    assert (x.grad == before[0]).all()
    assert (conv.weight.grad == before[1]).all()
    assert (y.grad == before[2]).all()
    assert (y.name, x.name) == before[3:]


def test_a_pixel_that_no_window_holds_is_drawn_too() -> None:
    x = Tensor(np.ones((1, 5, 5)), requires_grad=True)
    y = F.conv2d(x, np.ones((1, 1, 2, 2)), stride=2)
    y.sum().backward()
    for backward in ("scatter", "gather"):
        figure = draw_convolution(y, (0, 4, 4), backward=backward)  # type: ignore[arg-type]
        check_all_drawn(figure)
        assert figure.sheet.captions[0] == "∂L/∂x[0,4,4] = 0, since no window holds the pixel = 0"
