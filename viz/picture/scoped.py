"""Scopes as boxes: those that the view wants folded, and, where the nodes are too many, the innermost ones first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from autograd.node import Node
from autograd.recording import Scope
from viz.picture.parts import Part, by_age, in_order, merged
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
    together: dict[Any, tuple[Scope | None, list[Part]]] = {}
    for part in parts:
        node = part.results[0]
        node = stand_ins.get(node.id, node) if stand_ins else node
        outermost = folded.outermost(node, None if part.scope is None else len(part.scope.chain))
        key = (part.kind, node.id) if outermost is None else outermost.serial
        together.setdefault(key, (outermost, []))[1].append(part)
    return in_order(merged(same) if scope is None else _group(same, scope) for scope, same in together.values())


class _Folded:
    """Which scope of those around a node is to be one box."""

    def __init__(self, view: View, level: int | None) -> None:
        self._view, self._level = view, level
        self._known: dict[tuple[int, int | None], Scope | None] = {}

    def outermost(self, node: Node, depth: int | None) -> Scope | None:
        """The outermost scope that is folded, of the first `depth` of those around a node; None if none is."""
        innermost = node.innermost_scope
        if innermost is None:
            return None
        key = innermost.serial, depth
        if key not in self._known:
            scopes = enumerate(innermost.chain[:depth])
            self._known[key] = next((scope for place, scope in scopes if self._is(scope, place)), None)
        return self._known[key]

    def _is(self, scope: Scope, depth: int) -> bool:
        if self._view.wants_fold(scope, depth):
            return True
        return self._level is not None and depth >= self._level - 1 and not matches(scope, self._view.unfold)


def _group(parts: list[Part], first: Scope) -> Part:
    """The parts in one scope, or in several equal ones of which it is the first, as one."""
    members = by_age(node for part in parts for node in part.members)
    depth = len(first.chain) - 1
    calls: dict[Scope | None, int] = {}  # by the innermost scope the one of those that are folded
    last: dict[int, Node] = {}
    for node in members:
        innermost = node.innermost_scope
        if innermost not in calls and innermost is not None:
            calls[innermost] = innermost.chain[depth].serial
        last[calls[innermost]] = node
    if len(last) == len(members):
        return merged(parts)
    return Part("group", tuple(members), first, len(last), outcomes=tuple(by_age(last.values())))


def with_parameters(parts: Sequence[Part], kept: Collection[int]) -> list[Part]:
    """Leaves that a folded scope alone uses go into its box, as a module's parameters are a part of it.

    Args:
        kept: ids of nodes that stay as they are.
    """
    place_of = {
        node.id: place
        for place, part in enumerate(parts)
        if all(_is_parameter(node) and node.id not in kept for node in part.members)
        for node in part.members
    }
    users: dict[int, set[int]] = {}  # the places of the parts that use one of leaves
    for user, part in enumerate(parts):
        for node in part.members:
            for parent in node.parents:
                if parent.id in place_of:
                    users.setdefault(place_of[parent.id], set()).add(user)
    owner = {leaves: user for leaves, (user, *others) in users.items() if not others and parts[user].kind == "group"}
    owned: dict[int, list[Node]] = {}
    for leaves, user in owner.items():
        owned.setdefault(user, []).extend(parts[leaves].members)
    return [
        part._replace(members=tuple(by_age([*owned[place], *part.members])), outcomes=part.results)
        if place in owned
        else part
        for place, part in enumerate(parts)
        if place not in owner
    ]


def _is_parameter(node: Node) -> bool:
    return node.requires_grad and node.is_leaf


def depth_of(nodes: Iterable[Node]) -> int:
    """The most scopes around a node, as far as they are told apart."""
    scopes = {scope.serial: scope for node in nodes if (scope := node.innermost_scope) is not None}
    return min(max((len(scope.chain) for scope in scopes.values()), default=0), LEVELS)
