"""Structural folding: equal parts of a graph as one part, and, where those are still too many, parts that are alike.

Parts are equal if they are of the same kind, operation and shape, are made of equal parts in the same order, and are
used by equal parts. So a leaf gets its class from how it is used: the weights of one layer are one class, those of the
next another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd.rules import Reduction
from viz.picture.likeness import Likeness
from viz.picture.parts import ALONE, Part, in_order, merged
from viz.picture.refinement import Refinement, Uses

_ORDERED = 3  # arguments; of more, as of a concatenation, one is like another
_SPREAD = 0.05  # a round that tells apart a smaller share of the parts has only seen the ends of something long


class Structure:
    """The parts of a graph, of which those that are equal or alike can be drawn as one.

    Args:
        parts: the last of them stays single.
        kept: ids of nodes that stay single where that fits.
        likeness: what their nodes have in common.
    """

    def __init__(self, parts: Sequence[Part], kept: Collection[int], likeness: Likeness) -> None:
        self._parts = parts
        self._kept = kept
        self._likeness = likeness

    @cached_property
    def _labels(self) -> Any:
        return _numbered(_labels(self._parts, self._likeness))

    @cached_property
    def _uses(self) -> Uses:
        return _uses_among(self._parts)

    def equal_parts(self, limit: int) -> list[Part] | None:
        """Equal parts as one, refined until stable; None where they are more than `limit`."""
        refinement = Refinement(self._labels, self._uses)
        if not _settles(refinement, limit):
            return None
        colours = refinement.colours.copy()
        families = _families(self._parts, colours[:-1], self._kept)
        if len(families):
            refinement.split(families)
            if _settles(refinement, limit):
                colours = refinement.colours
        return _as_parts(self._parts, colours[:-1], self._kept, limit)

    def alike_parts(self, limit: int) -> list[Part] | None:
        """The finest classes that fit, from those of one operation towards equal ones; None where even those do not."""
        colours = _numbered([self._likeness.roughly(part) for part in self._parts])
        if colours[-1] > limit:
            return None
        if self._labels[-1] <= limit:
            refinement = Refinement(self._labels, self._uses)
            told_apart: int | None = len(self._parts)
            while told_apart is not None and told_apart >= _SPREAD * len(self._parts):
                colours = refinement.colours.copy()
                told_apart = refinement.advance(limit + 1)
        return _as_parts(self._parts, colours[:-1], self._kept, limit, alike=True)


def _settles(refinement: Refinement, limit: int) -> bool:
    """Whether the colours become final before they are too many, the one of what is not drawn not counted."""
    told_apart: int | None = 1
    while told_apart:
        told_apart = refinement.advance(limit + 1)
    return told_apart == 0


def _labels(parts: Sequence[Part], likeness: Likeness) -> list[Any]:
    """What each part is; scopes that look alike from outside are looked into."""
    labels: list[Any] = [likeness.of_part(part) for part in parts]
    scopes = Counter(label for part, label in zip(parts, labels, strict=True) if part.scope is not None)
    for place, part in enumerate(parts):
        if part.scope is not None and scopes[labels[place]] > 1:
            labels[place] = labels[place], likeness.of_block(part.members)
    return labels


def _numbered(labels: Sequence[Any]) -> Any:
    """A number for each label; the last has one of its own, and the greatest is that of what is not drawn."""
    numbers: dict[Any, int] = {}
    numbered = [numbers.setdefault(label, len(numbers)) for label in labels[:-1]]
    return np.array([*numbered, len(numbers), len(numbers) + 1])


def _uses_among(parts: Sequence[Part]) -> Uses:
    """What the parts use of each other; what is used and not drawn is an item of its own, one after the last."""
    nodes = [node for part in parts for node in part.members]
    owners = np.repeat(np.arange(len(parts)), [len(part.members) for part in parts])
    ids = np.array([node.id for node in nodes])
    age = np.argsort(ids)
    arguments = [node.parents for node in nodes]
    counts = np.array([len(parents) for parents in arguments])
    wanted = np.array([parent.id for parents in arguments for parent in parents], dtype=np.int64)

    found = age[np.minimum(np.searchsorted(ids, wanted, sorter=age), len(ids) - 1)]
    sources = np.where(ids[found] == wanted, owners[found], len(parts))
    targets = np.repeat(owners, counts)
    places = np.arange(len(wanted)) - np.repeat(np.cumsum(counts) - counts, counts)
    ordered = np.array([part.kind in ("node", "class") for part in parts])[owners] & (counts <= _ORDERED)
    ordered &= np.array([not isinstance(node.rule, Reduction) for node in nodes])
    outside = sources != targets
    return Uses(sources[outside], targets[outside], np.where(np.repeat(ordered, counts), places, 0)[outside])


def _may_stay(parts: Sequence[Part], kept: Collection[int]) -> Any:
    return np.array([part.kind in ("node", "sum") and part.results[0].id in kept for part in parts])


def _families(parts: Sequence[Part], colours: Any, kept: Collection[int]) -> Any:
    """The parts of the classes of several members that are all kept: `w1` and `w2` are no copies of each other."""
    staying = _may_stay(parts, kept)
    sizes, counts = np.bincount(colours), np.bincount(colours[staying], minlength=colours.max() + 1)
    return np.flatnonzero(staying & ((sizes > 1) & (sizes == counts))[colours])


def _as_parts(
    parts: Sequence[Part], colours: Any, kept: Collection[int], limit: int, *, alike: bool = False
) -> list[Part]:
    """One part for each colour, and for each of the few kept nodes of a class, the newest first, as far as it fits."""
    staying = _may_stay(parts, kept)
    sizes, counts = np.bincount(colours), np.bincount(colours[staying], minlength=colours.max() + 1)
    few = staying & ((sizes > 1) & (counts <= ALONE))[colours]
    free = limit - np.count_nonzero(sizes)
    alone = {int(place) for place in np.flatnonzero(few)[::-1][:free]}
    classes: dict[int, list[Part]] = {}
    for place, (part, colour) in enumerate(zip(parts, colours.tolist(), strict=True)):
        classes.setdefault(-1 - place if place in alone else colour, []).append(part)
    return in_order(merged(each, alike) for each in classes.values())
