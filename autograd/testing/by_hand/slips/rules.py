"""One rule done wrong: at one operation, or at all operations of its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import ADDITIONS, Situation
from autograd.testing.by_hand.slips import table
from autograd.testing.by_hand.slips.choices import wrong_choices
from autograd.testing.by_hand.slips.kinds import RuleSlip
from autograd.testing.by_hand.slips.layouts import wrong_layouts
from autograd.testing.by_hand.slips.locals import wrong_locals
from autograd.testing.by_hand.slips.products import wrong_products

__all__ = ["rule_slips"]

GATES = (table.OPEN, table.SHUT)
_EVERYWHERE = 1.0  # bits: that a mistake was made wherever it could be


class _Place(NamedTuple):
    """A slip at one operation."""

    node: Any
    slip: RuleSlip


def rule_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """Every rule of the graph done wrong in every way that is known: at one operation, in one layer, everywhere.

    Args:
        most: how many operations are looked at one by one; in a larger graph nothing but layers and kinds are.
    """
    kinds: dict[tuple[str, str], list[_Place]] = {}
    for node in situation.results:
        upstream = situation.upstream(node)
        ways = (family(situation, node) for family in (wrong_locals, wrong_choices, wrong_layouts, wrong_products))
        for slip in chain.from_iterable(ways) if upstream is not None else ():
            if _changes(slip, situation, node, upstream):
                kinds.setdefault((node.rule.name, slip.key), []).append(_Place(node, slip))
    names = math.log2(max(len({name for name, _ in kinds}), 1))
    for places in sorted(kinds.values(), key=lambda places: places[0].slip.bits):
        kind = 0.0 if places[0].slip.slip in GATES else names  # a gate is where one looks first
        yield from _at_several(situation, places, kind)
        if len(situation.results) <= most or len(places) == 1:
            choice = kind + math.log2(len(places))
            for node, slip in places:
                said = _at_one(situation, node, slip)
                yield Candidate(slip.slip, said, slip.bits + choice, situation.predicted({node.id: slip.change}))


def _changes(slip: RuleSlip, situation: Situation, node: Any, upstream: Any) -> bool:
    """Whether a slip makes a difference here: an open gate left open is none."""
    usual = situation.usual(node)
    handed = slip.change(node, upstream, list(usual))
    return any(
        parent.requires_grad and after is not before and not np.array_equal(before, after)
        for parent, before, after in zip(node.parents, usual, handed, strict=True)
    )


def _at_several(situation: Situation, places: list[_Place], kind: float) -> Iterator[Candidate]:
    """A mistake made at all operations of a kind, or at all those of one layer."""
    if len(places) == 1:
        return
    layers: dict[int, list[_Place]] = {}
    for place in places:
        layers.setdefault(situation.depths[place.node.id], []).append(place)
    bits = places[0].slip.bits + kind + _EVERYWHERE
    for layer in layers.values():
        if len(layer) > 1:
            said = _everywhere(situation, layer)
            yield Candidate(layer[0].slip.slip, said, bits + math.log2(len(layers)), _in_layer(situation, layer))
    if len(layers) > 1 and situation.affords_walk():
        predicted = situation.predicted({node.id: slip.change for node, slip in places})
        yield Candidate(places[0].slip.slip, _everywhere(situation, places), bits, predicted)


def _in_layer(situation: Situation, layer: list[_Place]) -> Any:
    """No operation of a layer lies above another, so that in a graph of numbers what they change adds up."""
    if situation.scalar and layer[0].node.op not in ADDITIONS:
        return situation.own + sum(situation.moved(node, slip.change) for node, slip in layer)
    return situation.predicted({node.id: slip.change for node, slip in layer})


def _at_one(situation: Situation, node: Any, slip: RuleSlip) -> Callable[[], str]:
    return lambda: slip.said(f"at {situation.operation(node)}")


def _everywhere(situation: Situation, places: list[_Place]) -> Callable[[], str]:
    node, slip = places[0]
    return lambda: slip.said(f"at {situation.operation(node)}, and at {len(places) - 1} more {node.op},")
