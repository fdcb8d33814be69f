"""What happens where an input is raised by h: the change that its gradient predicts on each node, and the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node, graph_nodes
from autograd.numbers import number_text
from autograd.passes import pull_back
from autograd.value import Value
from viz.picture.wording import counted
from viz.player.frame import Film

STEPS = tuple(10.0**-power for power in range(9))  # h from 1 to 1e-8
_MOST_ROWS = 24  # of one input
_ROWS = 80  # of all inputs together: some 6 kB of a film

Row = list[str]  # box, old, then for every h, joined: new, predicted change, actual change, their difference


class Nudges(NamedTuple):
    """Recorded answers to: what if this input were larger by h?

    Attributes:
        inputs: what the inputs are called.
        steps: the sizes of h, as text.
        changes: for each input the rows of the boxes that change; what differs from h to h is joined by `SEPARATOR`.
        remark: what is not told.
    """

    inputs: list[str]
    steps: list[str]
    changes: list[list[Row]]
    remark: str


NO_NUDGES = Nudges([], [], [], "")
SEPARATOR = "|"


def make_nudges(root: Node, boxes: Mapping[int, str], film: Film) -> Nudges:
    """Raise each input of a scalar graph by each h, evaluate the graph anew, and compare with what derivatives predict.

    The inputs are the leaves that have a box of their own; of many, those with the largest gradients.

    Args:
        boxes: the id of each node's box, by the node's id.
    """
    nodes = graph_nodes(root)
    if not isinstance(root, Value) or any(node.rule is not None and not _can_run(node) for node in nodes):
        return NO_NUDGES
    single = {node.node_id for node in film.picture.nodes if node.node_id is not None}
    leaves = [node for node in nodes if node.rule is None and node.requires_grad and node.id in single]
    gradients = dict(zip(leaves, pull_back(root, 1.0, leaves), strict=True))
    changes: dict[Any, list[Row]] = {}
    for leaf in sorted(leaves, key=lambda leaf: -abs(gradients[leaf])):
        rows = _changes(leaf, nodes, boxes, single)
        if changes and sum(map(len, changes.values())) + len(rows) > _ROWS:
            break
        changes[leaf] = rows
    chosen = [leaf for leaf in leaves if leaf in changes]
    return Nudges(
        [film.names[boxes[leaf.id]] for leaf in chosen],
        [number_text(step) for step in STEPS],
        [changes[leaf] for leaf in chosen],
        _remark(len(leaves) - len(chosen), list(changes.values())),
    )


def evaluated_anew(nodes: Sequence[Any], values: Mapping[int, float]) -> None:
    """Give leaves of a graph of Values other numbers, and evaluate everything that is made of them.

    Args:
        nodes: the whole graph, oldest first.
        values: by the leaf's id.
    """
    with np.errstate(all="ignore"):
        for node in nodes:
            if node.rule is None:
                node._data = values.get(node.id, node._data)
            else:
                node._data = _run(node, [parent._data for parent in node.parents])


def _can_run(node: Any) -> bool:
    return getattr(node.rule, "scalar", None) is not None


def _remark(left_out: int, changes: Sequence[Sequence[Row]]) -> str:
    said = ["predicted: the derivative by the input, times h; the rest is curvature, and for tiny h rounding"]
    if left_out:
        said.append(f"{counted(left_out, 'input')} with smaller gradients left out")
    if any(len(rows) >= _MOST_ROWS for rows in changes):
        said.append(f"only the {_MOST_ROWS} nodes nearest the result are told")
    return "; ".join(said)


def _changes(leaf: Any, nodes: Sequence[Any], boxes: Mapping[int, str], single: set[int]) -> list[Row]:
    moved = _downstream(leaf, nodes)
    slopes = _slopes(leaf, moved)
    raised = [_evaluated(leaf, step, moved) for step in STEPS]
    told = [node for node in moved if node.id in single][-_MOST_ROWS:]
    return [_row(node, boxes[node.id], [numbers[node.id] for numbers in raised], slopes[node.id]) for node in told]


def _downstream(leaf: Any, nodes: Sequence[Any]) -> list[Any]:
    """The leaf and all that is made of it, oldest first."""
    ids = {leaf.id}
    moved = [leaf]
    for node in nodes:
        if any(parent.id in ids for parent in node.parents):
            ids.add(node.id)
            moved.append(node)
    return moved


def _slopes(leaf: Any, moved: Sequence[Any]) -> dict[int, float]:
    """d(node)/d(leaf) for each node, forwards."""
    slopes: dict[int, float] = {leaf.id: 1.0}
    for node in moved[1:]:
        slopes[node.id] = node._tangent([slopes.get(parent.id) for parent in node.parents])
    return slopes


def _evaluated(leaf: Any, step: float, moved: Sequence[Any]) -> dict[int, float]:
    """Each node's number where the leaf is larger by a step."""
    numbers = {leaf.id: leaf._data + step}
    with np.errstate(all="ignore"):
        for node in moved[1:]:
            arguments = [numbers.get(parent.id, parent._data) for parent in node.parents]
            numbers[node.id] = _run(node, arguments)
    return numbers


def _run(node: Any, arguments: Sequence[float]) -> float:
    rule = node.rule
    if hasattr(rule, "on_floats"):
        return float(rule.on_floats(*arguments, **node.params))
    return float(rule.scalar(*arguments, **node.params))


def _row(node: Any, box: str, raised: Sequence[float], slope: float) -> Row:
    predicted = [slope * step for step in STEPS]
    actual = [new - node._data for new in raised]
    rest = [_rough(true - told) for true, told in zip(actual, predicted, strict=True)]
    columns = (SEPARATOR.join(map(number_text, column)) for column in (raised, predicted, actual, rest))
    return [box, number_text(node._data), *columns]


def _rough(x: float) -> float:
    """A number in two digits: of a difference no more tell anything."""
    return float(f"{x:.2g}")
