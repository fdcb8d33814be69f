"""The picture itself: boxes with text, arrows with text, and frames around scopes. It knows no output format.

Everything in it is text or plain numbers, taken when the picture is made: what happens to the graph afterwards does not
reach it. Every format writes this one model, so the counts in all of them agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

LABEL_LENGTH = 24  # formulas and symbols longer than this are not drawn

NodeKind = Literal["leaf", "value", "constant", "group", "class", "sum", "more"]
Mark = Literal["", "path", "dead", "wrong"]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """An array's numbers as a grid of colours.

    Attributes:
        role: what the numbers are: "value" or "gradient".
        title: which part of the array it is, such as "[0, 1]"; empty for a whole matrix.
        rows: the numbers, row by row; all rows have one length of at least 1.
        limit: the number, above 0, that has the full colour; its negative has the full opposite colour. All maps of one
            role in one picture share it, so that equal colours are equal numbers.
    """

    role: Literal["value", "gradient"]
    title: str
    rows: tuple[tuple[float, ...], ...]
    limit: float


@dataclass(frozen=True, slots=True)
class PictureNode:
    """One box.

    Attributes:
        id: "n0", "n1", ... in order of creation.
        kind: "leaf", "value" (an operation's result), "constant", "group" (a scope drawn as one box, or several equal
            ones), "class" (equal operations, or equal leaves, drawn as one box), "sum" (a chain of additions) or "more"
            (what is left out).
        name: how the box is called; never empty.
        op: the operation's symbol, or the scope's name; empty for a leaf.
        formula: how the value was made, such as "a·b" or "conv2d (5 nodes)"; empty for a leaf.
        value: lines of text; none where the name is the value.
        gradient: its text, "—" until it is computed; None for what needs none.
        terms: what the gradient adds up, in the order of the backward pass, where several uses contributed to it:
            ("−4", "3").
        cluster: the id of the innermost frame around it.
        details: the full name, scope and source line, in lines.
        count: how many nodes of the graph the box stands for.
        times: how many equal parts of the graph it stands for, each of `count / times` nodes.
        mark: "path" on a highlighted path, "dead" where no gradient comes through, "wrong" for a faulty derivative.
        note: one line that is drawn below: why the gradient is zero, which terms a sum has.
        heat: its array and the array's gradient as colours.
        node_id: the id of the node that the box alone stands for; None where it stands for several.
    """

    id: str
    kind: NodeKind
    is_root: bool
    name: str
    op: str = ""
    formula: str = ""
    value: tuple[str, ...] = ()
    gradient: str | None = None
    terms: tuple[str, ...] = ()
    cluster: str | None = None
    details: tuple[str, ...] = ()
    count: int = 1
    times: int = 1
    mark: Mark = ""
    note: str = ""
    heat: tuple[HeatMap, ...] = ()
    node_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """One arrow, from an argument to the result that uses it.

    Attributes:
        id: "e0", "e1", ...
        source, target: ids of boxes.
        argument: which argument of the target the source is, from 0; None where the arrow stands for several.
        carries_gradient: False from a constant, to which no gradient flows.
        symbol: the local derivative in symbols; empty where it has none.
        number: the local derivative as a number; empty where it is none or an array of many.
        upstream: after a backward pass the target's gradient, where it and the local derivative are numbers.
        contribution: what the backward pass handed along the arrow: upstream × local derivative; empty before it.
        uses: how many uses of an argument the arrow stands for.
        mark: as a box's.
        details: lines of text.
    """

    id: str
    source: str
    target: str
    argument: int | None
    carries_gradient: bool
    symbol: str = ""
    number: str = ""
    upstream: str = ""
    contribution: str = ""
    uses: int = 1
    mark: Mark = ""
    details: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The local derivative as drawn: `b = −3`, or the number alone where the symbol would say the same."""
        if not self.symbol or self.symbol == self.number:
            return self.number
        if len(self.symbol) > LABEL_LENGTH:
            return self.number or f"{self.symbol[: LABEL_LENGTH - 1]}…"
        return f"{self.symbol} = {self.number}" if self.number else self.symbol

    @property
    def product(self) -> str:
        """What the backward pass did on this arrow: `0.5 × −3 = −1.5`; empty where it was no product of numbers."""
        return f"{self.upstream} × {self.number} = {self.contribution}" if self.upstream else ""


@dataclass(frozen=True, slots=True)
class PictureCluster:
    """One frame around the boxes of a scope.

    Attributes:
        id: "c0", "c1", ...
        parent: the id of the frame around it; None for an outermost one.
        depth: how many frames are around it.
    """

    id: str
    name: str
    parent: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes in order of creation, arrows in order of their targets, frames from the outside in.

    Attributes:
        title: one line.
        notice: what is folded or not shown, and how to see it; empty where all is shown.
        total: how many nodes the graph has: the sum of the boxes' counts.
    """

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    clusters: tuple[PictureCluster, ...]
    title: str
    notice: str = ""
    total: int = 0

    @property
    def root(self) -> PictureNode:
        """The box of the root."""
        return next(node for node in self.nodes if node.is_root)
