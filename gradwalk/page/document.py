"""The page as a whole: one HTML file that loads nothing from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from gradwalk.demo.findings import REQUIRED_ACCURACY, Findings
from gradwalk.page.gradients import gradients_section
from gradwalk.page.markup import Markup, element
from gradwalk.page.mistakes import mistakes_section
from gradwalk.page.training import training_section
from gradwalk.page.wording import counted, percent, seconds

__all__ = ["render"]

TITLE = "gradwalk: the chain rule, node by node"
CHAPTERS = (
    ("by-hand", "By hand"),
    ("training", "Learning"),
    ("mistakes", "Mistakes"),
    ("making", "How this was made"),
)


def render(findings: Findings) -> str:
    """The page as text.

    Every number on it is computed from `findings`; it holds its style sheet and its pictures, runs no script, and
    asks for no other file.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", TITLE),
        element("style", _style_sheet()),
    )
    main = element(
        "main",
        gradients_section(findings.worked),
        training_section(findings.digits),
        mistakes_section(findings.digits),
        _making(findings),
    )
    body = element("body", _header(findings), main)
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en") + "\n"


def _style_sheet() -> Markup:
    return Markup(files("gradwalk.page").joinpath("style.css").read_text(encoding="utf-8"))


def _header(findings: Findings) -> Markup:
    worked, digits = findings.worked, findings.digits
    reached = f"{'reaches' if findings.accurate else 'misses'} the bar of {percent(REQUIRED_ACCURACY, 0)}"
    trained = f"trained for {counted(len(digits.history), 'epoch')}"
    wrong = f"{worked.wrong} of {len(worked.rows)}"
    figures = (
        (wrong, "gradients worked by hand are not the gradient", "each is found, and the slip named"),
        (percent(digits.accuracy), "of the held-out digits are read rightly", reached),
        (f"{digits.summary.total:,}", "parameters in that network", trained),
        (seconds(findings.seconds), "for everything on this page", "without a GPU"),
    )
    tiles = [
        element("div", element("dt", what), element("dd", number, class_="figure"), element("dd", more, class_="more"))
        for number, what, more in figures
    ]
    links = [element("li", element("a", name, href=f"#{anchor}")) for anchor, name in CHAPTERS]
    return element(
        "header",
        element("p", "gradwalk", class_="brand"),
        element("h1", "The chain rule, node by node"),
        element(
            "p",
            "One engine differentiates a network small enough to check on paper, and one that reads handwriting. "
            "This page shows both, with every number computed in one run.",
            class_="lead",
        ),
        element("dl", *tiles, class_="tiles"),
        element("nav", element("ul", *links), aria_label="Chapters"),
    )


def _making(findings: Findings) -> Markup:
    facts = {
        "seed": str(findings.seed),
        "hand-worked network and its graph": seconds(findings.worked.seconds),
        "training": seconds(findings.digits.seconds),
        "everything": seconds(findings.seconds),
        **findings.versions,
    }
    rows = [element("div", element("dt", name), element("dd", value)) for name, value in facts.items()]
    command = f"gradwalk demo --seed {findings.seed} --epochs {len(findings.digits.history)}"
    return element(
        "section",
        element("h2", "How this page was made", id="making-title"),
        element("p", "By ", element("code", command), ". The same seed on the same versions gives the same numbers, "
                "but for the times."),
        element("dl", *rows, class_="recipe"),
        element("p", "The digits: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
                "Learning Repository, 1998, as scikit-learn ships them.", class_="muted"),
        id="making",
        aria_labelledby="making-title",
    )  # fmt: skip
