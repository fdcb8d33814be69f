"""The one set of colours and measures of every picture.

Forward values are green and gradients red, as on a blackboard, and neither is told by colour alone: a gradient is
also marked by the word before it, a constant by its dashed border, the root by its thick one.
"""

from __future__ import annotations

from typing import NamedTuple

FONT = "Helvetica,Arial,sans-serif"
NODE_FONT_SIZE = "12"  # as the layout measures it
DRAWN_FONT_SIZE = "11"  # as SVG draws it: room for bold names, and between the lines
EDGE_FONT_SIZE = "10"
CLUSTER_FONT_SIZE = "11"
ROOT_BORDER_WIDTH = "2"

# Every text colour has a contrast of at least 4.5 : 1 on every fill it is drawn on.
PAPER = "#ffffff"
INK = "#1c2530"
MUTED = "#5a6675"
FORWARD = "#10703a"
GRADIENT = "#b3261e"
LOCAL = "#3b4a9c"
LINE = "#8995a5"
FRAME = "#c3ccd8"

TEXT_COLOURS = {
    "name": INK,
    "formula": INK,
    "value": FORWARD,
    "gradient": GRADIENT,
    "note": MUTED,
    "local": LOCAL,
}
BOLD = frozenset({"name"})


class Box(NamedTuple):
    """How a node of one kind is drawn."""

    fill: str
    border: str
    form: str  # Graphviz's `style`


BOXES = {
    "leaf": Box("#e8f0fb", "#4a6fa5", "filled"),
    "value": Box("#ffffff", LINE, "filled,rounded"),
    "constant": Box("#f5f6f8", LINE, "filled,dashed"),
    "group": Box("#fdf3df", "#a9823a", "filled,rounded"),
    "more": Box("#f5f6f8", LINE, "filled,dotted"),
}
CLUSTER_FILLS = ("#f4f6f9", "#eaeef4")  # by turns, from the outside in
