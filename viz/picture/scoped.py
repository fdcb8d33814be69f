"""Scopes as boxes: those that the view wants folded, and, where the nodes are too many, the innermost ones first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from autograd.node import Node
from autograd.recording import Scope
from viz.picture.parts import Part, by_age, in_order, merged, part_of_nodes
from viz.picture.view import View, matches

LEVELS = 24  # scopes nested deeper are folded at this depth at the latest

StandIns = Mapping[int, Node]  # of a node in a repeated block, by its id: the node in the same place of the first block


def with_scopes_folded(
    parts: Iterable[Part], view: View, level: int | None = None, stand_ins: StandIns | None = None
) -> list[Part]:
    """The scopes that the view wants folded as one part each, and those with `level - 1` scopes or more around them.

    Args:
        parts: nodes, sums and folded scopes.
        level: None for the view's wishes alone.
        stand_ins: parts that result in nodes with one stand-in become one part.
    """
    if level is None and view.depth is None and not view.fold and not stand_ins:
        return list(parts)
    folded = _Folded(view, level)
    together: dict[Any, list[Part]] = {}
    depths: dict[Any, int | None] = {}
    for part in parts:
        node = part.results[0]
        node = stand_ins.get(node.id, node) if stand_ins else node
        chain = node.scopes if part.scope is None else node.scopes[: len(part.scope.chain)]
        depth = folded.depth(chain)
        outermost = part.scope if depth is None else chain[depth]
        key = (part.kind, node.id) if outermost is None else outermost.serial
        together.setdefault(key, []).append(part)
        depths[key] = depth
    return in_order(
        merged(same) if depths[key] is None else _group(same, depths[key] or 0) for key, same in together.items()
    )


class _Folded:
    """Which scope of a chain is to be one box."""

    def __init__(self, view: View, level: int | None) -> None:
        self._view, self._level = view, level
        self._known: dict[tuple[int, int], int | None] = {}

    def depth(self, chain: Sequence[Scope]) -> int | None:
        """How many scopes are around the outermost one that is folded; None if none is."""
        if not chain:
            return None
        key = chain[-1].serial, len(chain)
        if key not in self._known:
            self._known[key] = next((depth for depth, scope in enumerate(chain) if self._is(scope, depth)), None)
        return self._known[key]

    def _is(self, scope: Scope, depth: int) -> bool:
        if self._view.wants_fold(scope, depth):
            return True
        return self._level is not None and depth >= self._level - 1 and not matches(scope, self._view.unfold)


def _group(parts: list[Part], depth: int) -> Part:
    """The parts in one scope, or in several equal ones, as one."""
    members = by_age(node for part in parts for node in part.members)
    last = {node.scopes[depth].serial: node for node in members}  # the last node of each scope
    if len(last) == len(members):
        return merged(parts)
    first = members[0].scopes[depth]
    return Part("group", tuple(members), first, len(last), outcomes=tuple(by_age(last.values())))


def with_parameters(parts: Sequence[Part], kept: Collection[int]) -> list[Part]:
    """Leaves that a folded scope alone uses go into its box, as a module's parameters are a part of it.

    Args:
        kept: ids of nodes that stay as they are.
    """
    place_of = part_of_nodes(parts)
    users: dict[int, int | None] = {}  # the place of the one part that uses a leaf; None where several do
    for place, part in enumerate(parts):
        for node in part.members:
            for parent in node.parents:
                source = place_of.get(parent.id, place)
                if source != place and users.setdefault(source, place) != place:
                    users[source] = None
    joined: dict[int, list[Node]] = {}
    for source, user in users.items():
        if user is not None and parts[user].kind == "group" and _are_parameters(parts[source], kept):
            joined.setdefault(user, []).extend(parts[source].members)
    gone = {source for source, user in users.items() if user in joined and _are_parameters(parts[source], kept)}
    return [
        part._replace(members=tuple(by_age([*joined.get(place, ()), *part.members])), outcomes=part.results)
        if place in joined
        else part
        for place, part in enumerate(parts)
        if place not in gone
    ]


def _are_parameters(part: Part, kept: Collection[int]) -> bool:
    return all(node.is_leaf and node.requires_grad and node.id not in kept for node in part.members)


def depth_of(nodes: Iterable[Node]) -> int:
    """The most scopes around a node, as far as they are told apart."""
    return min(max((len(node.scopes) for node in nodes), default=0), LEVELS)
