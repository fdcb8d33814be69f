"""The page's third part: which digits are taken for which, and every one that was."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradwalk.demo.findings import Digits, Mistake
from gradwalk.page.markup import Markup, element
from gradwalk.page.wording import counted, percent

__all__ = ["mistakes_section"]

BESIDE = 9  # mistakes that find room beside the confusion matrix; more stand below it
SHOWN = 36  # mistakes on the page at most; after a single epoch there may be a hundred


def mistakes_section(digits: Digits) -> Markup:
    """The section about the held-out digits: the confusion matrix, and those that were read wrongly."""
    wrong = digits.split.test - digits.correct
    return element(
        "section",
        element("h2", "What it reads wrongly", id="mistakes-title"),
        element(
            "p",
            f"Of the {digits.split.test:,} held-out digits, the network reads ",
            element("strong", f"{digits.correct:,} rightly"),
            f" and {wrong:,} wrongly: an accuracy of {percent(digits.accuracy)}.",
        ),
        element(
            "div",
            element("div", element("h3", "The confusion matrix"), _confusion(digits.confusion)),
            element("div", element("h3", "The wrong digits"), _gallery(digits)),
            class_="halves" if len(digits.mistakes) <= BESIDE else None,
        ),
        id="mistakes",
        aria_labelledby="mistakes-title",
    )


def _confusion(confusion: Any) -> Markup:
    classes = range(len(confusion))
    corner = element("td", class_="corner")
    head = element("tr", corner, *(element("th", str(digit), scope="col") for digit in classes))
    rows = [
        element(
            "tr",
            element("th", str(true), scope="row"),
            *(_count(int(confusion[true, read]), int(confusion[true].sum()), true == read) for read in classes),
        )
        for true in classes
    ]
    caption = element("caption", "Rows: the true digit. Columns: what the network read. Blue: right; orange: wrong.")
    table = element(
        "table", caption, element("thead", head), element("tbody", *rows), class_="confusion", id="confusion"
    )
    return element("figure", table, _confused(confusion))


def _count(count: int, of: int, right: bool) -> Markup:
    if not count:
        return element("td", "0", class_="none")
    share = count / of if right else 0.35 + 0.65 * count / of  # a single mistake has to be seen
    return element("td", str(count), class_="right" if right else "wrong", style=f"--share: {share:.3f}")


def _confused(confusion: Any) -> Markup:
    """The most frequent confusion in words."""
    errors = confusion - np.diag(np.diag(confusion))
    if not errors.any():
        return element("figcaption", "No digit was taken for another.")
    most = int(errors.max())
    if most == 1:
        return element("figcaption", "No digit was taken for the same other one twice.")
    pairs = [f"{true} read as {read}" for true, read in np.argwhere(errors == most)]
    named = ", ".join(pairs[:4]) + (" and others" if len(pairs) > 4 else "")
    return element("figcaption", f"Most frequent: {named}, {counted(most, 'time')}{' each' if len(pairs) > 1 else ''}.")


def _gallery(digits: Digits) -> Markup:
    if not digits.mistakes:
        return element("p", "There is none.")
    shown = digits.mistakes[:SHOWN]
    items = [_card(mistake) for mistake in shown]
    left = len(digits.mistakes) - len(shown)
    rest = element("p", f"And {left:,} more, of which the network was less certain.", class_="muted") if left else ""
    return element("div", element("ul", *items, class_="gallery"), rest)


def _card(mistake: Mistake) -> Markup:
    read = element("span", "read as ", element("strong", str(mistake.predicted)), class_="read")
    certainty = element("span", f"{percent(mistake.confidence, 0)} certain", class_="muted")
    caption = element("figcaption", read, element("span", f"is a {mistake.true}", class_="is"), certainty)
    return element("li", element("figure", _digit(mistake), caption))


def _digit(mistake: Mistake) -> Markup:
    """The image in the colour of text, so that it is ink on paper in light and chalk on a board in dark."""
    height, width = mistake.image.shape
    levels: dict[float, list[str]] = {}
    for (i, j), ink in np.ndenumerate(mistake.image):
        if ink > 0:
            levels.setdefault(round(float(ink), 3), []).append(f"M{j} {i}h1v1h-1z")
    paths = [element("path", d="".join(squares), fill_opacity=level) for level, squares in sorted(levels.items())]
    said = f"A handwritten {mistake.true} that the network read as {mistake.predicted}"
    return element("svg", *paths, class_="digit", viewBox=f"0 0 {width} {height}", role="img", aria_label=said)
