"""What is written in a box, line by line, each stretch of text with its role: the same for every output format."""

from __future__ import annotations

from typing import NamedTuple

from viz.picture import PictureNode


class Span(NamedTuple):
    """A stretch of text; `role` is a key of `style.TEXT_COLOURS`."""

    role: str
    text: str


Line = tuple[Span, ...]


def label_lines(node: PictureNode) -> tuple[Line, ...]:
    """The lines of a box: what it is, its value, its gradient. The first is never empty."""
    header: Line = (Span(_header_role(node), node.name),)
    if node.formula:
        header += (Span("formula", f" = {node.formula}"),)
    lines = [header, *((Span("value", line),) for line in node.value)]
    if node.gradient is not None:
        lines.append((Span("gradient", f"grad {node.gradient}"),))
    return tuple(lines)


def _header_role(node: PictureNode) -> str:
    if node.kind == "more":
        return "note"
    return "name" if node.value else "value"  # a constant without a name is called by its number


def plain(line: Line) -> str:
    """A line's text without roles."""
    return "".join(span.text for span in line)
