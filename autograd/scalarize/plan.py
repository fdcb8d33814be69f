"""Which elements of a tensor graph its scalar twin needs, and how many nodes they take: known before any is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError
from autograd.rules import Whole
from autograd.scalarize.families import arguments_of, family_of, makes_nothing, viewed_by
from autograd.scalarize.family import Family, Places, taken
from autograd.scalarize.influence import Marks

__all__ = ["Extent", "Step", "plan"]

_MOST_ENTRIES = 1 << 22  # of lists of places; beyond it what is left is counted by whole arrays


class Step(NamedTuple):
    """The elements that are needed of one node.

    Attributes:
        places: where they lie in row-major order, ascending. (n,)
        made: which of them the node's operation makes; the others are leaves of the twin. (n,)
        family: of the operation; None where nothing is made.
        sources: the elements of each argument that go into those that are made.
        left_out: how many terms of each sum are not among the sources, and what they add up to; empty where none is.
    """

    node: Any
    places: Places
    made: Marks
    family: Family | None = None
    sources: Sequence[Places] = ()
    left_out: Sequence[tuple[int, float]] = ()


class Extent(NamedTuple):
    """How far a twin goes.

    Attributes:
        chosen: the elements at which it begins, by node id.
        marks: the elements that those can change, by node id; whatever else is needed is a constant. None for no limit.
        max_nodes: the most nodes that it may have.
    """

    chosen: Mapping[int, Marks]
    marks: Mapping[int, Marks] | None
    max_nodes: int


def plan(nodes: list[Any], places: Places, extent: Extent) -> list[Step]:
    """The steps that lead to the elements at `places` of the last node, oldest first.

    Args:
        nodes: a graph, oldest first.

    Raises:
        GraphError: they take too many nodes, or go through a function of whole matrices.
    """
    wanted: dict[int, list[Places]] = {nodes[-1].id: [places]}
    steps: list[Step] = []
    count = entries = 0
    for node in reversed(nodes):
        if node.id not in wanted:
            continue
        step = _without_sources(node, np.unique(np.concatenate(wanted[node.id])), extent)
        rows = int(step.made.sum())
        count += len(step.places) - rows
        if step.family is not None:
            entries += rows * step.family.width(node)
            if entries > max(_MOST_ENTRIES, 8 * extent.max_nodes):
                raise _too_many(nodes[-1], max(entries, count + _by_whole_arrays(nodes, wanted, node, extent)), extent)
            step = _with_sources(step, extent)
            count += _cost(step)
            for parent, source in zip(arguments_of(node), step.sources, strict=True):
                wanted.setdefault(parent.id, []).append(source[source >= 0])
        del wanted[node.id]
        steps.append(step)
    if count > extent.max_nodes:
        raise _too_many(nodes[-1], count, extent)
    return steps[::-1]


def _without_sources(node: Any, places: Places, extent: Extent) -> Step:
    made = np.full(len(places), node.rule is not None or viewed_by(node) is not None)
    if extent.marks is not None and not makes_nothing(node):
        made &= extent.marks[node.id].reshape(-1)[places] if node.id in extent.marks else False
    if node.id in extent.chosen:
        made &= ~extent.chosen[node.id].reshape(-1)[places]
    return Step(node, places, made, family_of(node) if made.any() else None)


def _with_sources(step: Step, extent: Extent) -> Step:
    assert step.family is not None
    node, marks = step.node, extent.marks
    sources = step.family.sources(node, step.places[step.made])
    if marks is None or not step.family.adds:
        return step._replace(sources=sources)
    present = np.logical_and.reduce([source >= 0 for source in sources])
    kept = present & np.logical_or.reduce(
        [_marked(marks, parent, source) for parent, source in zip(node.parents, sources, strict=True)]
    )
    others = present & ~kept
    terms = [taken(parent._data, np.maximum(source, 0)) for parent, source in zip(node.parents, sources, strict=True)]
    totals = np.sum(math.prod(terms), axis=1, where=others, dtype=float)
    return step._replace(
        sources=[np.where(kept, source, -1) for source in sources],
        left_out=list(zip(others.sum(axis=1).tolist(), totals.tolist(), strict=True)),
    )


def _marked(marks: Mapping[int, Marks], parent: Any, source: Places) -> Marks:
    return marks[parent.id].reshape(-1)[source] if parent.id in marks else np.zeros(source.shape, dtype=bool)


def _cost(step: Step) -> int:
    assert step.family is not None
    rows = int(step.made.sum())
    entries = sum(int((source >= 0).sum()) for source in step.sources)
    further = 2 * sum(count > 0 for count, _ in step.left_out)  # what the rest adds up to, and perhaps a sum for it
    return step.family.cost(rows, entries) + further


def _by_whole_arrays(nodes: list[Any], wanted: Mapping[int, Any], start: Any, extent: Extent) -> int:
    """The most nodes that are needed from a node on: those of all elements of all that it may still lead to."""
    reached = set(wanted)
    count = 0
    for node in reversed(nodes):
        if node.id not in reached or node.id > start.id:
            continue
        size = int(node._data.size)
        marked = extent.marks is None or node.id in extent.marks
        if makes_nothing(node) or (marked and node.rule is not None and not isinstance(node.rule, Whole)):
            family = family_of(node)
            count += family.cost(size, size * family.width(node) * len(arguments_of(node)))
            reached.update(parent.id for parent in arguments_of(node))
        else:
            count += size
    return count


def _too_many(root: Any, count: int, extent: Extent) -> GraphError:
    return GraphError(
        f"scalarize: the scalar twin of {root.describe()} would have up to {count:,} nodes, and max_nodes="
        f"{extent.max_nodes:,}. Choose elements of it (element=...), take a smaller input (one image instead of a "
        f"batch), or raise max_nodes"
    )
