"""Line charts as inline SVG: curves over the epochs, told apart by dashes and labels as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from gradwalk.page.markup import Markup, element

__all__ = ["Axis", "Curve", "Threshold", "line_chart", "linear_ticks", "logarithmic_ticks"]

WIDTH, HEIGHT = 480.0, 308.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 398.0, 40.0, 262.0  # the plot's edges; curves are labelled on its right
LABEL_DISTANCE = 17.0
MARKED_POINTS = 60  # more than so many points run together, and are drawn as a line alone


class Curve(NamedTuple):
    """What one line shows: `points[i]` at the end of epoch i + 1. `style` is its CSS class."""

    label: str
    style: str
    points: Sequence[float]
    end: str  # the last value in words, for the label


class Axis(NamedTuple):
    """The vertical axis: its title, its ends, and where it is marked, with what text."""

    title: str
    lower: float
    upper: float
    ticks: Sequence[tuple[float, str]]
    logarithmic: bool = False

    def height(self, value: float) -> float:
        """The vertical coordinate of a value; one that lies beyond an end is drawn on it."""
        lower, upper, value = self.lower, self.upper, min(max(value, self.lower), self.upper)
        if self.logarithmic:
            lower, upper, value = math.log(lower), math.log(upper), math.log(value)
        return BOTTOM - (BOTTOM - TOP) * (value - lower) / (upper - lower)


class Threshold(NamedTuple):
    """A level that the curves are measured against."""

    value: float
    label: str


def linear_ticks(lower: float, upper: float, count: int = 5) -> list[float]:
    """About `count` round numbers from `lower` to `upper`.

    >>> linear_ticks(0, 100), linear_ticks(0.82, 1.0)
    ([0.0, 20.0, 40.0, 60.0, 80.0, 100.0], [0.85, 0.9, 0.95, 1.0])
    """
    rough = (upper - lower) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(lower / step - 1e-9), math.floor(upper / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def logarithmic_ticks(lower: float, upper: float) -> list[float]:
    """The numbers 1, 2 and 5 of each decade between two positive ends; of many decades, their powers of ten.

    >>> logarithmic_ticks(0.05, 2.3)
    [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    """
    decades = range(math.floor(math.log10(lower)), math.ceil(math.log10(upper)) + 1)
    factors = (1, 2, 5) if len(decades) <= 4 else (1,)
    ticks = [round(factor * 10.0**decade, 12) for decade in decades for factor in factors]
    return [tick for tick in ticks if lower * 0.999 <= tick <= upper * 1.001]


def line_chart(
    name: str, title: str, curves: Sequence[Curve], axis: Axis, threshold: Threshold | None = None
) -> Markup:
    """A chart of curves over the epochs.

    Args:
        name: what the ids of the chart begin with.
        title: what it shows, for those who do not see it; each curve's last value is added.
        curves: lines of equal length, of at least one point.
        axis: the vertical axis.
        threshold: a level drawn across the plot.
    """
    epochs = len(curves[0].points)
    said = f"{title}. " + "; ".join(f"{curve.label}: {curve.end} after epoch {epochs}" for curve in curves) + "."
    parts = [element("title", said, id=f"{name}-title"), *_frame(axis, epochs)]
    if threshold is not None:
        parts.append(_threshold_line(threshold, axis))
    parts += [_line(curve, axis) for curve in curves]
    parts += _end_labels(curves, axis)
    view = f"0 0 {WIDTH:g} {HEIGHT:g}"
    return element("svg", *parts, class_="chart", viewBox=view, role="img", aria_labelledby=f"{name}-title")


def _across(epoch: int, epochs: int) -> float:
    if epochs == 1:
        return (LEFT + RIGHT) / 2
    return LEFT + (RIGHT - LEFT) * (epoch - 1) / (epochs - 1)


def _frame(axis: Axis, epochs: int) -> list[Markup]:
    parts = []
    for value, text in axis.ticks:
        y = round(axis.height(value), 1)
        parts.append(element("line", class_="grid", x1=LEFT, x2=RIGHT, y1=y, y2=y))
        parts.append(element("text", text, class_="tick", x=LEFT - 8, y=round(y + 4, 1), text_anchor="end"))
    for epoch in _marked_epochs(epochs):
        x = round(_across(epoch, epochs), 1)
        parts.append(element("line", class_="axis", x1=x, x2=x, y1=BOTTOM, y2=BOTTOM + 5))
        parts.append(element("text", str(epoch), class_="tick", x=x, y=BOTTOM + 20, text_anchor="middle"))
    parts.append(element("line", class_="axis", x1=LEFT, x2=RIGHT, y1=BOTTOM, y2=BOTTOM))
    middle = (LEFT + RIGHT) / 2
    parts.append(element("text", "epoch", class_="label", x=middle, y=BOTTOM + 40, text_anchor="middle"))
    parts.append(element("text", axis.title, class_="label", x=0, y=16))
    return parts


def _marked_epochs(epochs: int) -> list[int]:
    if epochs <= 8:
        return list(range(1, epochs + 1))
    inner = [int(tick) for tick in linear_ticks(1, epochs, 6) if tick > 2 and epochs - tick >= 2]
    return [1, *inner, epochs]


def _threshold_line(threshold: Threshold, axis: Axis) -> Markup:
    y = round(axis.height(threshold.value), 1)
    text = element("text", threshold.label, x=RIGHT - 4, y=round(y + 14, 1), text_anchor="end")
    return element("g", element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y), text, class_="threshold")


def _line(curve: Curve, axis: Axis) -> Markup:
    epochs = len(curve.points)
    places = [(_across(epoch, epochs), axis.height(value)) for epoch, value in enumerate(curve.points, start=1)]
    parts = [element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places))]
    if epochs <= MARKED_POINTS:
        parts += [element("circle", cx=round(x, 1), cy=round(y, 1), r=2.4) for x, y in places]
    return element("g", *parts, class_=f"curve {curve.style}")


def _end_labels(curves: Sequence[Curve], axis: Axis) -> list[Markup]:
    """Each curve's name and last value beside its end, moved apart where two ends are close."""
    wanted = sorted((axis.height(curve.points[-1]), index) for index, curve in enumerate(curves))
    heights = [y for y, _ in wanted]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + 2 * LABEL_DISTANCE)
    overhang = max(0.0, heights[-1] + LABEL_DISTANCE - BOTTOM)
    labels = []
    for y, (_, index) in zip(heights, wanted, strict=True):
        curve, top = curves[index], round(y - overhang, 1)
        name = element("text", curve.label, x=RIGHT + 10, y=top)
        end = element("text", curve.end, x=RIGHT + 10, y=round(top + LABEL_DISTANCE - 2, 1), class_="end")
        labels.append(element("g", name, end, class_=f"curve-label {curve.style}"))
    return labels
