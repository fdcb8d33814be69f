"""`make_picture`: from a graph to its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.collector import collector_paused
from autograd.mutation import first_change
from autograd.node import Node, graph_nodes, topological_order
from viz.picture.arrows import arrows_of_uses, make_arrows
from viz.picture.boxes import Knowledge, node_box
from viz.picture.flow import Flow, adds_up, uses_of
from viz.picture.folded import BoxNames, folded_box
from viz.picture.folding import choose_parts
from viz.picture.frames import make_frames
from viz.picture.heat import Scales, common_scales
from viz.picture.highlight import highlighted_uses, product_along
from viz.picture.model import Mark, Picture
from viz.picture.names import Names
from viz.picture.notice import make_notice
from viz.picture.parts import Part, part_of_nodes
from viz.picture.slices import chosen_nodes
from viz.picture.view import View
from viz.picture.zero import detachment, is_dead, zero_reason

ALL = View()


def make_picture(root: Node, names: Mapping[int, str] | None = None, view: View = ALL) -> Picture:
    """The picture of the graph that `root` was made by.

    Args:
        root: a Value or Tensor.
        names: names by node id; the others go by `node.name`, or by a number.
        view: what of the graph is drawn, and how; all of it unless given.

    Raises:
        ValueError: the view names a node that is not in the graph.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> picture = make_picture(a * b)
        >>> [(node.id, node.name, node.formula, node.value) for node in picture.nodes]
        [('n0', 'a', '', ('2',)), ('n1', 'b', '', ('−3',)), ('n2', 'v₁', 'a·b', ('−6',))]
        >>> [(edge.source, edge.target, edge.label) for edge in picture.edges]
        [('n0', 'n2', 'b = −3'), ('n1', 'n2', 'a = 2')]
    """
    return place_picture(root, names, view).picture


class Placed(NamedTuple):
    """A picture, and where in it the nodes of its graph are.

    Attributes:
        parts: what each box stands for, in the order of the boxes.
    """

    picture: Picture
    parts: list[Part]

    def boxes(self) -> dict[int, str]:
        """The id of the box that stands for each node, by the node's id."""
        return {id: f"n{place}" for id, place in part_of_nodes(self.parts).items()}

    def arrows(self) -> dict[tuple[int, int], str]:
        """The id of the arrow that stands for each use, by the result's id and the argument's place."""
        return arrows_of_uses(self.parts)


@collector_paused()  # it would look through all of a large graph again and again: of a million nodes half the time
def place_picture(root: Node, names: Mapping[int, str] | None = None, view: View = ALL) -> Placed:
    """The picture of a graph, as `make_picture` makes it, and where in it the nodes of the graph are."""
    nodes = graph_nodes(root)
    called = Names(nodes, names or {})
    parts = choose_parts(chosen_nodes(nodes, view), called, view)
    frames, innermost = make_frames(parts)
    box_names = BoxNames(parts, called)
    single = [part.members[0] for part in parts if part.kind == "node"]
    results = [part.results[0] for part in parts if part.times == 1 and part.kind != "more"]
    flow = Flow()
    highlighted = highlighted_uses(nodes, view)
    known = Knowledge(called, *_backwards(results, nodes, flow, called), _marks(single, view), _scales(single, view))
    boxes = [
        node_box(f"n{place}", part.members[0], part.members[0] is root, innermost[place], known)
        if part.kind == "node"
        else folded_box(f"n{place}", place, part, root, innermost[place], known, box_names)
        for place, part in enumerate(parts)
    ]
    picture = Picture(
        nodes=tuple(boxes),
        edges=make_arrows(parts, boxes, called, flow, highlighted),
        clusters=frames,
        title=f"Computation graph of {called[root]}",
        notice=make_notice(nodes, parts, view, called, [product_along(highlighted, called), _change(root, called)]),
        total=sum(box.count for box in boxes),
    )
    return Placed(picture, parts)


def _backwards(
    results: Sequence[Node], nodes: Sequence[Node], flow: Flow, called: Names
) -> tuple[dict[int, list[Any]], dict[int, str]]:
    """What the gradient of each box's one result adds up, and why no gradient comes through where none does."""
    reached = [node for node in results if node.requires_grad and node.has_grad]
    terms: dict[int, list[Any]] = {}
    notes = {node.id: detachment(node, called) for node in results if node.is_leaf}
    for node, uses in zip(reached, uses_of(reached, nodes).values(), strict=True):
        if len(uses) > 1 and not np.ndim(node.data):
            received = flow.together(uses)
            if received and any(received) and adds_up(node, received):
                terms[node.id] = received
        if is_dead(node):
            notes[node.id] = zero_reason(uses, flow, called)
    return terms, notes


def _marks(single: Sequence[Node], view: View) -> dict[int, Mark]:
    marks: dict[int, Mark] = {node.id: "dead" for node in single if is_dead(node)}
    marks |= {node.id: "path" for node in view.highlight}
    marks |= {node.id: "wrong" for node in view.wrong}
    return marks


def _scales(single: Sequence[Node], view: View) -> Scales | None:
    return common_scales(single) if view.heat else None


def _change(root: Node, called: Names) -> str:
    """What was changed after it had been used, so that the recorded derivatives no longer belong to it."""
    change = first_change(topological_order(root)) if root.requires_grad and root.rule is not None else None
    if change is None:
        return ""
    parent, node = change
    return f"the data of {called[parent]} was changed after {called[node]} had used it: run the forward pass again"
