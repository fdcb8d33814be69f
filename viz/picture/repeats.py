"""Repeated blocks: scopes side by side of one name pattern and one inner structure, such as a model's equal layers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from autograd.backward_pass import creation
from autograd.node import Node
from viz.picture.likeness import Likeness
from viz.picture.parts import ALONE
from viz.picture.patterns import pattern_of
from viz.picture.scoped import LEVELS

Block = list[Node]

_EFFORT = 20  # times that the whole graph may be looked through


def stand_ins(nodes: Sequence[Node], kept: Collection[int], likeness: Likeness) -> dict[int, Node]:
    """For each node of a repeated block the node in the same place of the first of those blocks, by node id.

    Blocks repeat where each uses a result of the one before it, as the layers of a network do, or none depends on
    another, as for several samples. Inside the first of them smaller blocks may repeat in turn. The last node has no
    stand-in, nor have kept nodes that are few in their place.

    Args:
        nodes: oldest first.
        kept: ids of nodes.
    """
    blocks, inside = _blocks(nodes)
    search = _Search(nodes)
    found: dict[int, Node] = {}
    pending: list[tuple[int | None, int]] = [(None, 0)]
    while pending:
        outer, depth = pending.pop()
        around = nodes if outer is None else blocks[outer]
        for serials in _alike(blocks, inside.get(outer, {}), likeness):
            for first, *others in search.repeated([blocks[serial] for serial in serials], around):
                pending.append((first[0].scopes[depth].serial, depth + 1))
                for block in others:
                    found.update((node.id, stand_in) for node, stand_in in zip(block, first, strict=True))
    for id, stand_in in sorted(found.items()):  # a stand-in is older than what it stands for
        found[id] = found.get(stand_in.id, stand_in)
    staying = Counter(found[id].id for id in kept if id in found)
    alone = {id for id in kept if id in found and staying[found[id].id] <= ALONE} | {nodes[-1].id}
    return {id: stand_in for id, stand_in in found.items() if id not in alone}


def _blocks(nodes: Sequence[Node]) -> tuple[dict[int, Block], dict[int | None, dict[int, str]]]:
    """The nodes of each scope, and the scopes inside each scope with the patterns of their names, by serial number."""
    blocks: dict[int, Block] = {}
    inside: dict[int | None, dict[int, str]] = {}
    blocks_of: dict[int, list[Block]] = {}  # by the innermost scope
    for node in nodes:
        innermost = node.innermost_scope
        if innermost is None:
            continue
        if innermost.serial not in blocks_of:
            chain = innermost.chain[:LEVELS]
            for scope in chain:
                outer = None if scope.parent is None else scope.parent.serial
                inside.setdefault(outer, {})[scope.serial] = pattern_of(scope.name)
            blocks_of[innermost.serial] = [blocks.setdefault(scope.serial, []) for scope in chain]
        for block in blocks_of[innermost.serial]:
            block.append(node)
    return blocks, inside


def _alike(blocks: dict[int, Block], patterns: dict[int, str], likeness: Likeness) -> list[list[int]]:
    """The scopes inside one scope, those of one name pattern and one structure together."""
    named: dict[Any, list[int]] = {}
    for serial, pattern in patterns.items():
        named.setdefault((pattern, len(blocks[serial])), []).append(serial)
    alike: dict[Any, list[int]] = {}
    for label, serials in named.items():
        for serial in serials:
            structure = likeness.of_block(blocks[serial]) if len(serials) > 1 else None
            alike.setdefault((label, structure), []).append(serial)
    return list(alike.values())


class _Search:
    """Which blocks of one structure repeat each other."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._effort = _EFFORT * len(nodes)  # nodes that may still be looked at

    def repeated(self, blocks: Sequence[Block], around: Sequence[Node]) -> list[list[Block]]:
        """Blocks of one structure, those that repeat each other together.

        Args:
            around: the nodes of the scope around them, oldest first.
        """
        runs = [[blocks[0]]]
        for before, block in pairwise(blocks):
            if _uses(block, before):
                runs[-1].append(block)
            else:
                runs.append([block])
        return [list(blocks)] if len(runs) > 1 and self._are_independent(blocks, around) else runs

    def _are_independent(self, blocks: Sequence[Block], around: Sequence[Node]) -> bool:
        """Whether none of the blocks was made from another; False too where that takes too long to find out."""
        block_of = {node.id: place for place, block in enumerate(blocks) for node in block}
        first, last = blocks[0][0].id, max(block[-1].id for block in blocks)
        between = around[bisect_left(around, first, key=creation) : bisect_right(around, last, key=creation)]
        self._effort -= len(between)
        if self._effort < 0:
            return False
        came_from: dict[int, int] = {}  # the block that a node depends on, by the node's id; -1 where they are several
        for node in between:
            own = block_of.get(node.id)
            origins = {came_from[parent.id] for parent in node.parents if parent.id in came_from}
            if own is not None:
                if origins - {own}:
                    return False
                came_from[node.id] = own
            elif origins:
                came_from[node.id] = origins.pop() if len(origins) == 1 else -1
        return True


def _uses(block: Block, other: Block) -> bool:
    ids = {node.id for node in other}
    return any(parent.id in ids for node in block for parent in node.parents)
