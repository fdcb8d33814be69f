"""What a picture shows of a graph: every node, or, where they are too many, folded scopes and what is near the root.

A part is what becomes one box: a node, a scope with the nodes in it, or the remainder that is not shown.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from autograd.node import Node
from autograd.recording import Scope

MAX_NODES = 150  # beyond, one screen is a wall of lines
_LEVELS = 24  # scopes nested deeper are folded at this depth at the latest


class Part(NamedTuple):
    """One box of a picture: `members` oldest first; `scope` is that of a group."""

    kind: Literal["node", "group", "more"]
    members: tuple[Node, ...]
    scope: Scope | None = None


def choose_parts(nodes: Sequence[Node], max_nodes: int | None) -> list[Part]:
    """The parts of a graph, in order of creation: at most `max_nodes` of them and one for the remainder.

    Where the nodes are too many, scopes are folded: the innermost ones if that is enough, else those around them, and
    so on. Where the outermost are still too many, those nearest the root are shown.

    Args:
        nodes: every node of the graph, oldest first, the root last.
        max_nodes: None for no limit.
    """
    single = [Part("node", (node,)) for node in nodes]
    if max_nodes is None or len(nodes) <= max_nodes:
        return single
    depth = min(max(len(node.scopes) for node in nodes), _LEVELS)
    parts = single
    for level in range(depth, 0, -1):
        parts = _by_scope(nodes, level)
        if len(parts) <= max_nodes:
            return parts
    return _nearest(parts, nodes[-1], max_nodes)


def part_of_nodes(parts: Iterable[Part]) -> dict[int, int]:
    """The place of each node's part, by node id."""
    return {node.id: place for place, part in enumerate(parts) for node in part.members}


def _by_scope(nodes: Sequence[Node], level: int) -> list[Part]:
    """One part for each scope that has `level - 1` scopes around it, and one for each node outside of those."""
    members: dict[int, list[Node]] = defaultdict(list)
    scopes: dict[int, Scope] = {}
    for node in nodes:
        chain = node.scopes
        if len(chain) < level:
            members[-node.id].append(node)
        else:
            scope = scopes[chain[level - 1].serial] = chain[level - 1]
            members[scope.serial].append(node)
    return [
        Part("group", tuple(group), scopes[key]) if len(group) > 1 else Part("node", tuple(group))
        for key, group in members.items()
    ]


def _nearest(parts: list[Part], root: Node, count: int) -> list[Part]:
    """The `count` parts that the fewest steps separate from the root, and one part of all others."""
    place_of = part_of_nodes(parts)
    kept = {place_of[root.id]}
    queue = deque(kept)
    while queue and len(kept) < count:
        for node in reversed(parts[queue.popleft()].members):
            for parent in node.parents:
                place = place_of[parent.id]
                if place not in kept and len(kept) < count:
                    kept.add(place)
                    queue.append(place)
    others = [node for place, part in enumerate(parts) if place not in kept for node in part.members]
    others.sort(key=lambda node: node.id)
    shown = [part for place, part in enumerate(parts) if place in kept]
    return [Part("more", tuple(others)), *shown]
