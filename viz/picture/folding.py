"""Which parts a picture has: every node, or, where those are too many, what folds them with the least loss.

The means are tried one after the other until the parts are few enough: long sums, equal parts, folded scopes and
repeated ones, parts that are alike, and at last what is nearest to the root.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence

from autograd.node import Node
from viz.picture.likeness import Likeness
from viz.picture.names import Names
from viz.picture.parts import Part, by_age, in_order, part_of_nodes, single
from viz.picture.repeats import stand_ins
from viz.picture.scoped import depth_of, with_parameters, with_scopes_folded
from viz.picture.structure import Structure
from viz.picture.sums import with_sums
from viz.picture.view import View

_TELLING = 0.1  # of the limit: where folded scopes would leave fewer boxes, parts that are alike tell more


def choose_parts(nodes: Sequence[Node], called: Names, view: View) -> list[Part]:
    """The parts of a graph, in order of creation: at most `max_nodes` of them and one for what is left out.

    Args:
        nodes: the nodes that are drawn, oldest first, the root last.
    """
    parts = with_scopes_folded(map(single, nodes), view)
    limit = view.max_nodes
    if limit is None or len(parts) <= limit:
        return parts
    kept = _kept(called, view)
    fewer = parts
    for fewer in _ever_fewer(nodes, parts, kept, view, limit):
        if len(fewer) <= limit:
            return fewer
    return _nearest(fewer, nodes[-1], limit)


def _kept(called: Names, view: View) -> set[int]:
    """The ids of the nodes that stay single where that fits: those with a variable, and those that a view names."""
    named = [*view.of, *view.highlight, *view.wrong, *([view.around] if view.around else [])]
    return called.variables() | {node.id for node in named}


def _ever_fewer(
    nodes: Sequence[Node], parts: list[Part], kept: Collection[int], view: View, limit: int
) -> Iterator[list[Part]]:
    """The parts folded by one means after the other, the gentlest first; what does not apply gives none."""
    likeness = Likeness()
    parts = fewest = with_sums(parts, kept)
    yield parts
    structure = of_nodes = Structure(parts, kept, likeness)
    yield from _if_any(structure.equal_parts(limit))
    depth = depth_of(nodes)
    repeated = stand_ins(nodes, kept, likeness) if depth else {}
    rolled = with_scopes_folded(parts, view, stand_ins=repeated)
    if repeated:
        structure = Structure(rolled, kept, likeness)
        yield from _if_any(structure.equal_parts(limit))
    for level in range(depth, 0, -1):
        before, parts = len(parts), with_scopes_folded(parts, view, level)
        if len(parts) == before:  # no scope of this depth holds more than one of the deeper
            continue
        hidden = with_parameters(parts, kept)
        if len(hidden) < _TELLING * limit:
            yield from _if_any(structure.alike_parts(limit))
        yield parts
        yield hidden
        rolled = with_scopes_folded(rolled, view, level, repeated) if repeated else parts
        fewest = with_parameters(rolled, kept) if repeated else hidden
        structure = Structure(fewest, kept, likeness)
        yield from _if_any(structure.equal_parts(limit))
    yield from _if_any(structure.alike_parts(limit))
    yield from _if_any(of_nodes.alike_parts(limit))
    yield fewest


def _if_any(parts: list[Part] | None) -> list[list[Part]]:
    return [] if parts is None else [parts]


def _nearest(parts: Sequence[Part], root: Node, count: int) -> list[Part]:
    """The `count` parts that the fewest steps separate from the root, and one part of all others."""
    place_of = part_of_nodes(parts)
    nearest = {place_of[root.id]}
    queue = deque(nearest)
    while queue and len(nearest) < count:
        for node in reversed(parts[queue.popleft()].members):
            for parent in node.parents:
                place = place_of.get(parent.id, -1)
                if place >= 0 and place not in nearest and len(nearest) < count:
                    nearest.add(place)
                    queue.append(place)
    others = by_age(node for place, part in enumerate(parts) if place not in nearest for node in part.members)
    return [Part("more", tuple(others)), *in_order(part for place, part in enumerate(parts) if place in nearest)]
