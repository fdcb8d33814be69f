"""The page's second part: the network that learned to read digits, and how it learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradwalk.demo.findings import REQUIRED_ACCURACY, Digits, Epoch
from gradwalk.page.chart import Axis, Curve, Threshold, line_chart, linear_ticks, logarithmic_ticks
from gradwalk.page.markup import Markup, element
from gradwalk.page.wording import counted, fixed, percent, seconds, signed

__all__ = ["training_section"]


def training_section(digits: Digits) -> Markup:
    """The section about the model, its training and its kernels."""
    split = digits.split
    return element(
        "section",
        element("h2", "A network that learned to read", id="training-title"),
        element(
            "p",
            f"{counted(split.train + split.test, 'handwritten digit')} of {split.height} × {split.width} pixels; "
            f"{split.test:,} of them were held out. From the other {split.train:,} the network learned its "
            f"{counted(digits.summary.trainable, 'parameter')} in {seconds(digits.seconds)}, by the same chain rule as "
            f"above.",
        ),
        element("h3", "The layers"),
        _layers(digits),
        element("h3", "The learning curve"),
        _curves(digits.history),
        element("h3", "The first layer’s kernels, before and after"),
        _kernels(digits.kernels_before, digits.kernels_after),
        id="training",
        aria_labelledby="training-title",
    )


def _layers(digits: Digits) -> Markup:
    head = element(
        "tr",
        element("th", "layer", scope="col"),
        element("th", "output shape", scope="col"),
        element("th", "parameters", scope="col", class_="number"),
    )
    rows = [
        element(
            "tr",
            element("th", row.layer, scope="row"),
            element("td", row.output_shape.replace("None", "N")),
            element("td", f"{row.parameters:,}", class_="number"),
        )
        for row in digits.summary.rows
    ]
    total = element(
        "tr",
        element("th", "together", scope="row", colspan=2),
        element("td", f"{digits.summary.total:,}", class_="number"),
    )
    caption = element("caption", "The layers of the network", class_="unseen")
    parts = (caption, element("thead", head), element("tbody", *rows), element("tfoot", total))
    recipe = [element("div", element("dt", name), element("dd", value)) for name, value in digits.recipe.items()]
    table = element("div", element("table", *parts, class_="plain"), class_="scroll")
    return element("div", table, element("dl", *recipe, class_="recipe"), class_="layers")


# ---- curves ---------------------------------------------------------------------------------------------------------


def _curves(history: Sequence[Epoch]) -> Markup:
    caption = element(
        "figcaption",
        "Training: the mean over each epoch, while the parameters moved. Held out: after each epoch. The held-out "
        "digits were never trained on, and the last epoch counts, not the best one.",
    )
    charts = element("div", _loss_chart(history), _accuracy_chart(history), class_="charts")
    numbers = element("details", element("summary", "The curve as numbers"), _numbers(history))
    return element("figure", charts, caption, numbers)


def _loss_chart(history: Sequence[Epoch]) -> Markup:
    train, test = [epoch.train_loss for epoch in history], [epoch.test_loss for epoch in history]
    smallest = max(min(*train, *test), 1e-6)  # a logarithm needs a positive floor
    lower, upper = smallest * 0.8, max(*train, *test, 2 * smallest) * 1.15
    ticks = [(tick, f"{tick:g}") for tick in logarithmic_ticks(lower, upper)]
    curves = (
        Curve("training", "train", train, fixed(train[-1], 3)),
        Curve("held out", "test", test, fixed(test[-1], 3)),
    )
    axis = Axis("cross-entropy (logarithmic)", lower, upper, ticks, logarithmic=True)
    return line_chart("loss", "The cross-entropy by epoch", curves, axis)


def _accuracy_chart(history: Sequence[Epoch]) -> Markup:
    train, test = [epoch.train_accuracy for epoch in history], [epoch.test_accuracy for epoch in history]
    lowest = min(*train, *test, REQUIRED_ACCURACY)
    lower = max(0.0, int(lowest * 20 - 1e-9) / 20)  # the next 5 % below
    ticks = [(tick, percent(tick, 0)) for tick in linear_ticks(lower, 1.0)]
    curves = (
        Curve("training", "train", train, percent(train[-1])),
        Curve("held out", "test", test, percent(test[-1])),
    )
    threshold = Threshold(REQUIRED_ACCURACY, f"the bar: {percent(REQUIRED_ACCURACY, 0)}")
    return line_chart("accuracy", "The accuracy by epoch", curves, Axis("accuracy", lower, 1.0, ticks), threshold)


def _numbers(history: Sequence[Epoch]) -> Markup:
    names = ("epoch", "loss, training", "loss, held out", "accuracy, training", "accuracy, held out")
    head = element("tr", *(element("th", name, scope="col", class_="number") for name in names))
    rows = []
    for number, epoch in enumerate(history, start=1):
        texts = (
            fixed(epoch.train_loss), fixed(epoch.test_loss), percent(epoch.train_accuracy), percent(epoch.test_accuracy)
        )  # fmt: skip
        cells = [element("td", text, class_="number") for text in texts]
        rows.append(element("tr", element("th", str(number), scope="row", class_="number"), *cells))
    table = element("table", element("thead", head), element("tbody", *rows), class_="plain", id="history")
    return element("div", table, class_="scroll")


# ---- kernels --------------------------------------------------------------------------------------------------------

CELL = 20.0


def _kernels(before: Any, after: Any) -> Markup:
    """Each kernel before and after, on one scale that is the same on both sides of zero."""
    limit = float(max(np.abs(before).max(), np.abs(after).max())) or 1.0
    pairs = []
    for number, (old, new) in enumerate(zip(before[:, 0], after[:, 0], strict=True), start=1):
        grids = (_grid(old, limit, f"Kernel {number} before"), element("span", "→", class_="arrow", aria_hidden="true"),
                 _grid(new, limit, f"Kernel {number} after"))  # fmt: skip
        pairs.append(element("li", element("span", str(number), class_="index", aria_hidden="true"), *grids))
    height, width = before.shape[2:]
    caption = (
        f"Each of the {height} × {width} kernels as it was drawn at random, and as training left it. Blue with + is "
        f"positive, orange with − negative, and one scale holds for all."
    )
    return element(
        "figure",
        element("ol", *pairs, class_="kernels"),
        _legend(limit),
        element("figcaption", caption),
    )


def _grid(kernel: Any, limit: float, name: str) -> Markup:
    """A heat map: the colour's strength is the weight's size, and a small sign tells what its colour tells."""
    rows, columns = kernel.shape
    parts = [element("rect", class_="paper", width=columns * CELL, height=rows * CELL)]
    for (i, j), weight in np.ndenumerate(kernel):
        share = min(abs(float(weight)) / limit, 1.0)
        sign = "positive" if weight > 0 else "negative"
        place = {"x": j * CELL, "y": i * CELL, "width": CELL, "height": CELL}
        parts.append(element("rect", class_=sign, fill_opacity=round(share, 3), **place))
        middle, centre = (j + 0.5) * CELL, (i + 0.5) * CELL
        if share >= 0.04:  # a weight that is all but zero has no sign worth telling
            strokes = f"M{middle - 2.5:g} {centre:g}h5" + (f"M{middle:g} {centre - 2.5:g}v5" if weight > 0 else "")
            parts.append(element("path", class_="sign strong" if share > 0.55 else "sign", d=strokes))
    said = "; ".join(", ".join(signed(float(weight)) for weight in row) for row in kernel)
    size = f"0 0 {columns * CELL:g} {rows * CELL:g}"
    return element("svg", *parts, class_="kernel", viewBox=size, role="img", aria_label=f"{name}: {said}")


def _legend(limit: float) -> Markup:
    steps = [
        element("span", class_=f"step {'positive' if share > 0 else 'negative'}", style=f"--share: {abs(share):g}")
        for share in (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    bar = element("span", *steps, class_="steps")
    return element("p", signed(-limit), " ", bar, " ", signed(limit), class_="legend")
