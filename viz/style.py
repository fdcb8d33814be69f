"""The one set of colours and measures of every picture.

Forward values are a bluish green and gradients a vermilion red, which differ for colour-blind eyes too, and neither is
told by colour alone: a gradient has its word before it or lies below its wire, a constant has a dashed border, the root
and a highlighted path a thick one, a faulty node a sign. Every text has a contrast of at least 4.5 : 1 on every ground
it is drawn on, in light and in dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

Style = Literal["box", "circuit"]

ROOT = "gradwalk"  # the class of a whole picture: its rules reach nothing else on a page

FONT = "Helvetica,Arial,'Liberation Sans','DejaVu Sans','Noto Sans',sans-serif"
FONT_SIZE = 11.0
PRINTED_FONT = "Helvetica"  # for Graphviz, which takes the system's likeness of it
SMALL_FONT_SIZE = 9.5  # of what is written along arrows and below gates
LINE_HEIGHT = 1.3  # times the font's size

# ---- colours: each in light, and what it is in dark ---------------------------------------------------------------

PAPER = "#ffffff"
INK = "#1c2530"
MUTED = "#556170"
FORWARD = "#006b5b"
GRADIENT = "#b5360a"
LOCAL = "#3b4a9c"
LINE = "#74808f"
FAINT = "#a9b3bf"
FRAME = "#c3ccd8"
PATH = "#7a2e9d"
WRONG = "#c2002f"
BELOW = "#6fb0e6"  # arrays as colours: the full colour below zero, zero itself, the full colour above zero
ZERO = "#fbfbf9"
ABOVE = "#f0a05a"

DARK = {
    PAPER: "#12161c",
    INK: "#e8ebef",
    MUTED: "#a3aebc",
    FORWARD: "#4fd8bd",
    GRADIENT: "#ff936a",
    LOCAL: "#a9b8ff",
    LINE: "#8a96a6",
    FAINT: "#57626f",
    FRAME: "#3a4554",
    PATH: "#d59bf0",
    WRONG: "#ff6b81",
    BELOW: "#2467a8",
    ZERO: "#171b21",
    ABOVE: "#a05419",
    "#e8f0fb": "#1a2b45",
    "#4a6fa5": "#6f97d1",
    "#f5f6f8": "#1d232b",
    "#fdf3df": "#352a15",
    "#a9823a": "#c39b50",
    "#e9f5ec": "#16301f",
    "#4f8a63": "#66a97c",
    "#f4f6f9": "#181d25",
    "#eaeef4": "#1f2631",
}


class Box(NamedTuple):
    """How a node of one kind is drawn."""

    fill: str
    border: str
    form: str  # Graphviz's `style`


BOXES = {
    "leaf": Box("#e8f0fb", "#4a6fa5", "filled"),
    "value": Box(PAPER, LINE, "filled,rounded"),
    "constant": Box("#f5f6f8", LINE, "filled,dashed"),
    "group": Box("#fdf3df", "#a9823a", "filled,rounded"),
    "class": Box("#fdf3df", "#a9823a", "filled,rounded"),
    "sum": Box("#e9f5ec", "#4f8a63", "filled,rounded"),
    "more": Box("#f5f6f8", LINE, "filled,dotted"),
}
CLUSTER_FILLS = ("#f4f6f9", "#eaeef4")  # by turns, from the outside in

TEXT_COLOURS = {
    "name": INK,
    "formula": INK,
    "times": MUTED,
    "value": FORWARD,
    "gradient": GRADIENT,
    "product": GRADIENT,
    "note": MUTED,
    "mark": WRONG,
    "local": LOCAL,
    "symbol": INK,
}
BOLD = frozenset({"name", "mark"})

# ---- looks: which part of which group is drawn how ----------------------------------------------------------------


class Look(NamedTuple):
    """How a shape or a text is drawn; None where nothing says so."""

    fill: str | None = None
    stroke: str | None = None
    stroke_width: float | None = None
    stroke_dasharray: str | None = None
    font_weight: str | None = None


class Rule(NamedTuple):
    """The look of a part inside every group of a class. Of several rules that fit, the later decides."""

    group: str
    part: str
    look: Look


DASHED, DOTTED = "4 3", "1.5 3"
_KINDS = [
    Rule(kind, "box", Look(box.fill, box.border, 1.0, {"dashed": DASHED, "dotted": DOTTED}.get(box.form[7:])))
    for kind, box in BOXES.items()
]
_TEXTS = [
    Rule(ROOT, role, Look(fill=colour, font_weight="bold" if role in BOLD else None))
    for role, colour in TEXT_COLOURS.items()
]
_DEAD_TEXTS = [Rule("dead", role, Look(fill=MUTED)) for role in TEXT_COLOURS]

RULES: tuple[Rule, ...] = (
    Rule(ROOT, "paper", Look(fill=PAPER)),
    *_TEXTS,
    Rule("depth0", "frame", Look(CLUSTER_FILLS[0], FRAME, 1.0)),
    Rule("depth1", "frame", Look(CLUSTER_FILLS[1], FRAME, 1.0)),
    Rule("depth0", "ground", Look(CLUSTER_FILLS[0])),
    Rule("depth1", "ground", Look(CLUSTER_FILLS[1])),
    *_KINDS,
    Rule(ROOT, "wire", Look("none", LINE, 1.0)),
    Rule(ROOT, "head", Look(LINE)),
    Rule("constant", "wire", Look(stroke_dasharray=DASHED)),
    Rule(ROOT, "zero", Look(ZERO, FRAME, 0.5)),
    Rule(ROOT, "below", Look(BELOW)),
    Rule(ROOT, "above", Look(ABOVE)),
    Rule(ROOT, "cell", Look(INK)),
    Rule(ROOT, "undefined", Look("none", MUTED, 0.8)),
    Rule(ROOT, "outline", Look("none", INK, 2.0)),
    Rule(ROOT, "ring", Look("none", PATH, 1.8)),
    Rule(ROOT, "corner", Look(INK)),
    Rule("padding", "zero", Look(PAPER, LINE, 0.8, DASHED)),
    Rule("inserted", "zero", Look(PAPER, LINE, 0.8, DOTTED)),
    Rule("padding", "cell", Look(MUTED)),
    Rule("inserted", "cell", Look(MUTED)),
    Rule("unseen", "cell", Look(MUTED)),
    Rule("ringed", "cell", Look(font_weight="bold")),
    Rule("root", "box", Look(stroke_width=2.0)),
    Rule("dead", "box", Look("#f5f6f8", LINE)),
    Rule("dead", "wire", Look(stroke=FAINT, stroke_dasharray=DOTTED)),
    Rule("dead", "head", Look(FAINT)),
    *_DEAD_TEXTS,
    Rule("path", "box", Look(stroke=PATH, stroke_width=2.5)),
    Rule("path", "wire", Look(stroke=PATH, stroke_width=2.5)),
    Rule("path", "head", Look(PATH)),
    Rule("wrong", "box", Look(stroke=WRONG, stroke_width=2.5)),
    Rule("wrong", "wire", Look(stroke=WRONG, stroke_width=2.5)),
    Rule("wrong", "head", Look(WRONG)),
)


def look_of(groups: Iterable[str], part: str) -> Look:
    """The look, in light, of a part that lies inside groups of these classes.

    Example:
        >>> look_of([ROOT, "node", "leaf", "root"], "box")[:3]
        ('#e8f0fb', '#4a6fa5', 2.0)
    """
    return _look_of(tuple(groups), part)


@cache
def _look_of(groups: tuple[str, ...], part: str) -> Look:
    merged = Look()
    for rule in RULES:
        if rule.part == part and rule.group in groups:
            merged = merged._replace(**{key: value for key, value in rule.look._asdict().items() if value is not None})
    return merged


@cache
def style_sheet() -> str:
    """The rules as CSS, in light and, where the reader's system is dark, in dark."""
    light = "".join(_css(rule) for rule in RULES)
    dark = "".join(_css(Rule(rule.group, rule.part, _in_dark(rule.look))) for rule in RULES)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _in_dark(look: Look) -> Look:
    """The colours that are others in dark; the rest of the look stays as it is."""
    return Look(DARK.get(look.fill or ""), DARK.get(look.stroke or ""))


def _css(rule: Rule) -> str:
    """One rule: each has a group and a part, so that of several the later decides in CSS too."""
    said = {key.replace("_", "-"): value for key, value in rule.look._asdict().items() if value is not None}
    group = "" if rule.group == ROOT else f".{rule.group} "
    declarations = ";".join(f"{key}:{value}" for key, value in said.items())
    return f".{ROOT} {group}.{rule.part}{{{declarations}}}" if said else ""
