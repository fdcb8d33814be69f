"""What is written in a box and along an arrow, each stretch of text with its role: the same for every output format."""

from __future__ import annotations

import re
from typing import NamedTuple

from autograd.numbers import NOT_COMPUTED
from viz.formats import words
from viz.picture import PictureEdge, PictureNode


class Span(NamedTuple):
    """A stretch of text; `role` is a key of `style.TEXT_COLOURS`."""

    role: str
    text: str


Line = tuple[Span, ...]

_LONGEST = 28  # characters of a gradient in one line
_NUMBERED = re.compile("v[₀-₉]+")  # what a node without a name is called
_EXPONENT = re.compile("[⁻⁰¹²³⁴-⁹]+$")


class Wire(NamedTuple):
    """What stands along an arrow: of the forward pass, and of the backward pass; either may be empty."""

    above: Line = ()
    below: Line = ()


def plain(line: Line) -> str:
    """A line's text without roles."""
    return "".join(span.text for span in line)


# ---- style "box": operations in the boxes of their results, derivatives on the arrows -------------------------------


def label_lines(node: PictureNode) -> tuple[Line, ...]:
    """The lines of a box: what it is, its value, its gradient, a note. The first is never empty."""
    lines = [_header(node), *((Span("value", line),) for line in node.value)]
    if node.gradient is not None:
        lines += gradient_lines(node)
    if node.note:
        lines.append((Span("note", node.note),))
    return tuple(lines)


def gradient_lines(node: PictureNode) -> list[Line]:
    """A gradient, as the sum of what several uses contributed: `grad −4 + 3 = −1`; a long sum above its result."""
    text = f"grad {words.gradient(node)}"
    terms, equals, total = text.rpartition(" = ")
    if len(text) <= _LONGEST or not equals:
        return [(Span("gradient", text),)]
    return [(Span("gradient", terms),), (Span("gradient", f"= {total}"),)]


def arrow_lines(edge: PictureEdge, reused: bool) -> Wire:
    """The local derivative of an arrow; after a backward pass the product that it handed on, where that says more.

    Args:
        reused: whether other arrows leave the same box, so that its gradient is not the contribution.
    """
    above: Line = (Span("local", edge.label),) if edge.label else ()
    if edge.uses > 1:
        uses = f"{edge.uses:,} uses"
        if edge.contribution:
            return Wire(above, (Span("product", f"{uses}: {edge.contribution}"),))
        return Wire(above or (Span("note", uses),))
    if edge.product and edge.number != "1":
        return Wire(above, (Span("product", edge.product),))
    if edge.contribution and reused and not edge.upstream:
        return Wire(above, (Span("product", f"grad {edge.contribution}"),))
    return Wire(above)


def _header(node: PictureNode) -> Line:
    """The spans of `words.title`."""
    header: Line = (Span(_header_role(node), node.name),)
    if node.formula:
        header += (Span("formula", f" = {node.formula}"),)
    if node.times > 1:
        header += (Span("times", f" × {node.times:,}"),)
    return header


def _header_role(node: PictureNode) -> str:
    if node.kind == "more":
        return "note"
    return "name" if node.value else "value"  # a constant without a name is called by its number


# ---- style "circuit": gates, with values above and gradients below the wires between them ---------------------------


def wire_lines(edge: PictureEdge, source: PictureNode, reused: bool) -> Wire:
    """The value on a wire, and the gradient that came along it: its contribution, a dash until that is computed."""
    above = (Span("value", source.value[-1]),) if source.value else ()
    if not edge.carries_gradient:
        return Wire(above)
    return Wire(above, (Span("gradient", came),) if (came := _came_along(edge, source, reused)) else ())


def _came_along(edge: PictureEdge, source: PictureNode, reused: bool) -> str:
    if edge.contribution:
        return f"{edge.uses:,} uses: {edge.contribution}" if edge.uses > 1 else edge.contribution
    if source.gradient == NOT_COMPUTED or not reused:
        return source.gradient or ""
    return ""


def gate_lines(node: PictureNode, reused: bool) -> tuple[Line, ...]:
    """What is written beside a gate or a name: its own name, its array's shape, the sum that its gradient is, a note.

    Args:
        reused: whether its gradient came along several wires.
    """
    lines: list[Line] = []
    if node.op and not _NUMBERED.fullmatch(node.name):
        lines.append((Span("name", node.name),))
    if node.times > 1:
        lines.append((Span("times", f"× {node.times:,}"),))
    if node.kind in ("group", "sum"):
        lines.append((Span("note", node.formula.removeprefix(node.op).strip(" ()")),))  # how much it hides
    lines += [(Span("note", line),) for line in node.value[:-1]]
    if (reused or node.terms) and node.gradient not in (None, NOT_COMPUTED):
        lines += gradient_lines(node)
    if node.note:
        lines.append((Span("note", node.note),))
    return tuple(lines)


def gate_symbol(node: PictureNode) -> Line:
    """What stands in a gate: the operation's symbol; for what is no operation its name, for a number the number."""
    if not node.op:
        return (Span(_header_role(node), node.name),)
    exponent = _EXPONENT.search(node.formula)
    if node.op == "^" and exponent:
        return (Span("symbol", f"x{exponent[0]}"),)
    return (Span("symbol", node.op),)


def output_lines(root: PictureNode) -> Wire:
    """The value and the gradient on the wire that leaves a circuit's root."""
    above = (Span("value", root.value[-1]),) if root.value else ()
    return Wire(above, (Span("gradient", root.gradient),) if root.gradient else ())


def circuit_lines(node: PictureNode, reused: bool) -> tuple[Line, ...]:
    """All that is written in and beside a gate, for formats that have one label for it."""
    leaving = output_lines(node) if node.is_root else Wire()
    return (gate_symbol(node), *gate_lines(node, reused), *(line for line in leaving if line))
