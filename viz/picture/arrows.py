"""The arrows of a picture: between single nodes one for each use, between other boxes one for all uses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.numbers import LISTED, number_text
from viz.picture import wording
from viz.picture.flow import Flow, Use, is_nothing
from viz.picture.model import PictureEdge, PictureNode
from viz.picture.names import Names
from viz.picture.parts import Part, part_of_nodes


def make_arrows(
    parts: Sequence[Part], boxes: Sequence[PictureNode], called: Names, flow: Flow, highlighted: Sequence[Use]
) -> tuple[PictureEdge, ...]:
    """The arrows between the boxes of the parts, in order of their targets.

    Args:
        flow: what the last backward pass handed along the arrows.
        highlighted: the uses on a highlighted path.
    """
    on_path = {(node.id, argument) for node, argument in highlighted}
    arrows: list[PictureEdge] = []
    for place, (source, target, uses) in enumerate(_uses_by_arrow(parts)):
        id, ends = f"e{place}", (boxes[source], boxes[target])
        if parts[source].kind == parts[target].kind == "node":
            arrows.append(_arrow(id, *ends, uses[0], called, flow, on_path))
        else:
            arrows.append(_bundle(id, *ends, uses, flow))
    return tuple(arrows)


def arrows_of_uses(parts: Sequence[Part]) -> dict[tuple[int, int], str]:
    """The id of the arrow that stands for each use, by the result's id and the argument's place."""
    return {
        (node.id, argument): f"e{place}"
        for place, (_, _, uses) in enumerate(_uses_by_arrow(parts))
        for node, argument in uses
    }


def _uses_by_arrow(parts: Sequence[Part]) -> Iterator[tuple[int, int, list[Use]]]:
    """For each arrow the places of its source and of its target among the parts, and the uses that it stands for."""
    place_of = part_of_nodes(parts)
    for target, part in enumerate(parts):
        for (source, *_), uses in _uses_by_source(target, part, parts, place_of).items():
            yield source, target, uses


def _uses_by_source(
    target: int, part: Part, parts: Sequence[Part], place_of: dict[int, int]
) -> dict[tuple[int, ...], list[Use]]:
    """The uses that a part makes of the others, by source; between two single nodes each use stands for itself."""
    uses: dict[tuple[int, ...], list[Use]] = {}
    for node in part.members:
        for argument, parent in enumerate(node.parents):
            source = place_of.get(parent.id)
            if source is None:  # not drawn
                continue
            single = parts[source].kind == part.kind == "node"
            if single or source != target:
                uses.setdefault((source, argument) if single else (source,), []).append((node, argument))
    return uses


def _arrow(
    id: str,
    source: PictureNode,
    target: PictureNode,
    use: Use,
    called: Names,
    flow: Flow,
    on_path: Collection[tuple[int, int]],
) -> PictureEdge:
    node, argument = use
    flows = node.parents[argument].requires_grad
    symbol, number = wording.local_derivative(node, argument, called) if flows else ("", "")
    handed = flow.along(use)
    upstream, contribution = _product(node, number, handed)
    return PictureEdge(
        id,
        source.id,
        target.id,
        argument,
        flows,
        symbol,
        number,
        upstream,
        contribution,
        mark="path" if (node.id, argument) in on_path else "dead" if is_nothing(handed) else "",
        details=wording.edge_details(node, argument, called, symbol, number, handed),
    )


def _product(node: Node, number: str, handed: Any) -> tuple[str, str]:
    """Upstream gradient and contribution as an arrow shows them: short arrays at most, a product only of numbers."""
    if handed.__class__ is float:
        return number_text(node.grad) if number else "", number_text(handed)
    if handed is None or np.size(handed) > LISTED or not np.size(handed):
        return "", ""
    scalar = np.ndim(handed) == 0 and np.ndim(node.grad) == 0
    return (number_text(node.grad) if scalar and number else "", wording.array_or_number(handed))


def _bundle(id: str, source: PictureNode, target: PictureNode, uses: Sequence[Use], flow: Flow) -> PictureEdge:
    """One arrow for every use of one box's nodes by another box's, where either stands for several."""
    flows = any(node.parents[argument].requires_grad for node, argument in uses)
    handed = _handed_to_one(uses, flow) if source.count == 1 or len(uses) == 1 else None
    contribution = "" if handed is None else number_text(handed)
    lines = [f"{source.name} → {target.name}, {wording.counted(len(uses), 'use')}"]
    if contribution:
        lines.append(f"contributions together {contribution}")
    return PictureEdge(
        id,
        source.id,
        target.id,
        None,
        flows,
        contribution=contribution,
        uses=len(uses),
        mark="dead" if handed is not None and not handed else "",
        details=tuple(lines),
    )


def _handed_to_one(uses: Sequence[Use], flow: Flow) -> float | None:
    """What all uses of one scalar handed to it together; None where that is not known."""
    handed = flow.together(uses)
    if not handed or any(np.ndim(each) for each in handed):
        return None
    return float(sum(handed))
