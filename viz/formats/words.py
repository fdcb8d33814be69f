"""What the formats without colours say of a box and an arrow: the same words in the tree, the tables and Mermaid."""

from __future__ import annotations

from collections.abc import Sequence

from viz.picture import Picture, PictureEdge, PictureNode
from viz.picture.wording import counted

_TERMS = 4  # of a longer sum the first are written, and how many there are

MARKS = {"": "", "path": "►", "dead": "∅", "wrong": "✗"}
MARKS_EXPLAINED = {
    "path": "► on the highlighted path",
    "dead": "∅ no gradient comes through",
    "wrong": "✗ derivative marked as wrong",
}


def title(node: PictureNode) -> str:
    """What a box is, how it was made, and how many equal parts it stands for: `h = conv (5 nodes) × 12`."""
    made = f"{node.name} = {node.formula}" if node.formula else node.name
    return f"{made} × {node.times:,}" if node.times > 1 else made


def gradient(node: PictureNode) -> str:
    """A box's gradient; where several uses contributed, as their sum; `const` where none is needed."""
    if node.kind == "constant":
        return "const"
    total = node.gradient or ""
    return f"{sum_text(node.terms)} = {total}" if node.terms else total


def sum_text(terms: Sequence[str]) -> str:
    """Numbers with the signs of a sum between them.

    Example:
        >>> sum_text(["−4", "3"]), sum_text(["3", "−4"])
        ('−4 + 3', '3 − 4')
        >>> sum_text([str(term) for term in range(1, 8)])
        '1 + 2 + 3 + 4 + … (7 terms)'
    """
    first, *others = terms[:_TERMS]
    written = first + "".join(f" − {term[1:]}" if term.startswith("−") else f" + {term}" for term in others)
    return f"{written} + … ({len(terms):,} terms)" if len(terms) > _TERMS else written


def local(edge: PictureEdge) -> str:
    """An arrow's local derivative, or how many uses of an argument it stands for."""
    return edge.label or (f"{edge.uses:,} uses" if edge.uses > 1 else "")


def handed(edge: PictureEdge) -> str:
    """What the last backward pass handed along an arrow: `0.5 × −3 = −1.5`, or the contribution alone."""
    return edge.product or edge.contribution


def marked(text: str, mark: str) -> str:
    """The text behind the sign of its mark."""
    return f"{MARKS[mark]} {text}".strip() if mark else text


def summary(picture: Picture) -> str:
    """What a picture shows, in one line: `5 nodes, 4 edges, value 0.9993. 5 of 12 nodes: those ...`."""
    counts = f"{counted(len(picture.nodes), 'node')}, {counted(len(picture.edges), 'edge')}"
    value = f", value {picture.root.value[-1]}" if picture.root.value else ""
    return f"{counts}{value}. {picture.notice}".strip()
