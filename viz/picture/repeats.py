"""Repeated blocks: scopes side by side of one name pattern and one inner structure, such as a model's equal layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.node import Node
from viz.picture.likeness import Likeness
from viz.picture.patterns import pattern_of
from viz.picture.scoped import LEVELS


def stand_ins(nodes: Sequence[Node], likeness: Likeness) -> dict[int, Node]:
    """For each node of a repeated block the node in the same place of the first of those blocks, by node id.

    Blocks may follow one another or lie side by side. Inside the first of them smaller blocks may repeat in turn.

    Args:
        nodes: oldest first.
    """
    blocks, inside = _blocks(nodes)
    found: dict[int, Node] = {}
    pending: list[tuple[int | None, int]] = [(None, 0)]
    while pending:
        outer, depth = pending.pop()
        alike: dict[Any, list[int]] = {}
        for serial, pattern in inside.get(outer, {}).items():
            alike.setdefault(pattern, []).append(serial)
        for serials in alike.values():
            by_structure: dict[Any, int] = {}
            for serial in serials:
                structure = likeness.of_block(blocks[serial], depth) if len(serials) > 1 else serial
                first = by_structure.setdefault(structure, serial)
                if first == serial:
                    pending.append((serial, depth + 1))
                else:
                    for node, stand_in in zip(blocks[serial], blocks[first], strict=True):
                        found[node.id] = stand_in
    for id, stand_in in sorted(found.items()):  # a stand-in is older than what it stands for
        found[id] = found.get(stand_in.id, stand_in)
    return found


def _blocks(nodes: Sequence[Node]) -> tuple[dict[int, list[Node]], dict[int | None, dict[int, str]]]:
    """The nodes of each scope, and the scopes inside each scope with the patterns of their names, by serial number."""
    blocks: dict[int, list[Node]] = {}
    inside: dict[int | None, dict[int, str]] = {}
    for node in nodes:
        outer = None
        for scope in node.scopes[:LEVELS]:
            if scope.serial not in blocks:
                blocks[scope.serial] = []
                inside.setdefault(outer, {})[scope.serial] = pattern_of(scope.name)
            blocks[scope.serial].append(node)
            outer = scope.serial
    return blocks, inside
