"""The learning curves' axes, lines and labels."""

import xml.etree.ElementTree as ET

import pytest

from gradwalk.page import chart as charts
from gradwalk.page.chart import BOTTOM, LABEL_DISTANCE, LEFT, RIGHT, TOP, Axis, Curve, Threshold
from tests.gradwalk.page_reader import by_class, words

AXIS = Axis("accuracy", 0.5, 1.0, [(0.5, "50 %"), (1.0, "100 %")])


def chart(*points: list[float], axis: Axis = AXIS, threshold: Threshold | None = None) -> ET.Element:
    curves = [Curve(f"c{i}", f"s{i}", values, f"{values[-1]:g}") for i, values in enumerate(points)]
    return ET.fromstring(charts.line_chart("name", "Title", curves, axis, threshold))


def places(root: ET.Element) -> list[list[tuple[float, float]]]:
    lines = [line.get("points").split() for line in root.iter("polyline")]
    return [[tuple(map(float, point.split(","))) for point in line] for line in lines]


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.95, 1.0, [0.95, 0.96, 0.97, 0.98, 0.99, 1.0]),
        (1.0, 40.0, [10.0, 20.0, 30.0, 40.0]),
        (-3.0, 3.0, [-2.0, 0.0, 2.0]),
    ],
)
def test_linear_ticks_are_round_numbers_inside(lower: float, upper: float, expected: list[float]) -> None:
    assert charts.linear_ticks(lower, upper) == expected


def test_logarithmic_ticks_thin_out_over_many_decades() -> None:
    assert charts.logarithmic_ticks(0.9, 11.0) == [1.0, 2.0, 5.0, 10.0]
    assert charts.logarithmic_ticks(1e-6, 2.0) == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0]


def test_the_ends_of_the_axis_are_the_ends_of_the_plot() -> None:
    ((first, last),) = places(chart([0.5, 1.0]))
    assert first == (LEFT, BOTTOM)
    assert last == (RIGHT, TOP)


def test_a_logarithmic_axis_puts_the_geometric_mean_in_the_middle() -> None:
    axis = Axis("loss", 0.01, 1.0, [], logarithmic=True)
    assert axis.height(0.1) == pytest.approx((TOP + BOTTOM) / 2)


def test_what_lies_beyond_the_axis_is_drawn_on_its_end() -> None:
    ((low, high),) = places(chart([0.0, 2.0]))
    assert (low[1], high[1]) == (BOTTOM, TOP)


def test_a_single_epoch_is_a_mark_in_the_middle() -> None:
    root = chart([0.75])
    (mark,) = root.iter("circle")
    assert float(mark.get("cx")) == (LEFT + RIGHT) / 2
    assert [words(text) for text in by_class(root, "tick")] == ["50 %", "100 %", "1"]


def test_many_epochs_are_a_line_without_marks_and_few_numbers_below() -> None:
    root = chart([0.5 + i / 400 for i in range(200)])
    assert not list(root.iter("circle"))
    below = [words(text) for text in by_class(root, "tick")][2:]
    assert (below[0], below[-1]) == ("1", "200")
    assert len(below) <= 8


@pytest.mark.parametrize("ends", [(0.9, 0.9), (0.5, 0.5), (1.0, 0.99), (0.5, 0.51), (0.6, 0.9)])
def test_labels_never_cover_each_other_nor_leave_the_plot(ends: tuple[float, float]) -> None:
    root = chart(*[[0.7, end] for end in ends])
    labels = by_class(root, "curve-label")
    tops = sorted(float(label.find("text").get("y")) for label in labels)
    assert tops[1] - tops[0] >= 2 * LABEL_DISTANCE - 0.2
    assert tops[0] >= TOP - 0.1
    assert tops[1] + LABEL_DISTANCE <= BOTTOM + 0.2
    higher = max(labels, key=lambda label: -float(label.find("text").get("y")))
    assert words(higher).endswith(f"{max(ends):g}")


def test_the_chart_is_told_in_words() -> None:
    root = chart([0.5, 0.75], [0.6, 0.9])
    title = root.find("title")
    assert title.get("id") == root.get("aria-labelledby") == "name-title"
    assert words(title) == "Title. c0: 0.75 after epoch 2; c1: 0.9 after epoch 2."


def test_the_threshold_lies_at_its_height() -> None:
    line = by_class(chart([0.5], threshold=Threshold(0.75, "bar")), "threshold")[0].find("line")
    assert float(line.get("y1")) == pytest.approx((TOP + BOTTOM) / 2)
