"""The box of a single node: its name and formula, its value, its gradient and what that adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd.node import Node
from autograd.numbers import NOT_COMPUTED, number_text
from autograd.safe_text import clean
from viz.picture import wording
from viz.picture.heat import Scales, heat_maps
from viz.picture.model import Mark, NodeKind, PictureNode
from viz.picture.names import Names


@dataclass
class Knowledge:
    """What is known of the nodes when their boxes are made.

    Attributes:
        called: what each is called.
        terms: what a scalar's gradient adds up, where several uses contributed, by node id.
        notes: why no gradient comes through a node, by its id.
        marks: how a node is marked, by node id.
        scales: the numbers that have the full colour, where arrays are drawn as colours.
    """

    called: Names
    terms: Mapping[int, list[Any]] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[int, Mark] = field(default_factory=dict)
    scales: Scales | None = None


def node_box(id: str, node: Node, is_root: bool, cluster: str | None, known: Knowledge) -> PictureNode:
    """The box of one node."""
    called = known.called
    return PictureNode(
        id,
        node_kind(node),
        is_root,
        name=called[node],
        op=clean(node.op),
        formula=wording.formula(node, called),
        value=() if called.is_number(node) else wording.value_lines(node),
        gradient=gradient_text(node),
        terms=tuple(number_text(term) for term in known.terms.get(node.id, ())),
        cluster=cluster,
        details=wording.node_details(node, called),
        mark=known.marks.get(node.id, ""),
        note=known.notes.get(node.id, ""),
        heat=() if known.scales is None else heat_maps(node, known.scales),
        node_id=node.id,
    )


def node_kind(node: Node) -> NodeKind:
    """What a box of the node is: a constant, a leaf, or the result of an operation."""
    if not node.requires_grad:
        return "constant"
    return "leaf" if node.is_leaf else "value"


def gradient_text(node: Node) -> str | None:
    """The gradient as it is drawn: a dash until a pass has computed it, None where none is needed."""
    if not node.requires_grad:
        return None
    return wording.array_or_number(node.grad) if node.has_grad else NOT_COMPUTED
