"""One rule done wrong: at one operation, or at all operations of its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips import table
from autograd.testing.by_hand.slips.choices import wrong_choices
from autograd.testing.by_hand.slips.kinds import RuleSlip
from autograd.testing.by_hand.slips.layouts import wrong_layouts
from autograd.testing.by_hand.slips.locals import wrong_locals
from autograd.testing.by_hand.slips.products import wrong_products

__all__ = ["rule_slips"]

GATES = (table.OPEN, table.SHUT)
Found = tuple[Any, RuleSlip]
_EVERYWHERE = 1.0  # bits: that a mistake was made wherever it could be


def rule_slips(situation: Situation, most: int) -> Iterator[Candidate]:
    """Every rule of the graph done wrong in every way that is known, at all operations of a kind and at single ones.

    Args:
        most: how many operations are looked at one by one; in a larger graph nothing but the kinds is.
    """
    kinds: dict[tuple[str, str], list[Found]] = {}
    for node in situation.results:
        ways = (family(situation, node) for family in (wrong_locals, wrong_choices, wrong_layouts, wrong_products))
        upstream = situation.upstream(node)
        for slip in chain.from_iterable(ways) if upstream is not None else ():
            if not _changes(slip, situation, node, upstream):
                continue
            kinds.setdefault((node.rule.name, slip.key), []).append((node, slip))
    names = math.log2(max(len({name for name, _ in kinds}), 1))
    for found in kinds.values():
        kind = 0.0 if found[0][1].slip in GATES else names  # a gate is where one looks first
        yield from _at_several(situation, found, kind)
        if len(situation.results) <= most or len(found) == 1:
            choice = kind + math.log2(len(found))
            for node, slip in found:
                said = _at_one(situation, node, slip)
                yield Candidate(slip.slip, said, slip.bits + choice, situation.predicted({node.id: slip.change}))


def _changes(slip: RuleSlip, situation: Situation, node: Any, upstream: Any) -> bool:
    """Whether a slip makes a difference here: an open gate left open is none."""
    usual = situation.usual(node)
    handed = slip.change(node, upstream, list(usual))
    return any(
        parent.requires_grad and after is not before and not np.array_equal(before, after, equal_nan=True)
        for parent, before, after in zip(node.parents, usual, handed, strict=True)
    )


def _at_several(situation: Situation, found: list[Found], kind: float) -> Iterator[Candidate]:
    """A mistake made at all operations of a kind, or at all those of one layer."""
    layers: dict[int, list[Found]] = {}
    for node, slip in found:
        layers.setdefault(situation.depths[node.id], []).append((node, slip))
    groups = [(found, 0.0)]
    if len(layers) > 1:
        groups += [(layer, math.log2(len(layers))) for layer in layers.values()]
    for group, choice in groups:
        if len(group) > 1:
            slip = group[0][1]
            predicted = situation.predicted({node.id: each.change for node, each in group})
            bits = slip.bits + kind + choice + _EVERYWHERE
            yield Candidate(slip.slip, _everywhere(situation, group), bits, predicted)


def _at_one(situation: Situation, node: Any, slip: RuleSlip) -> Callable[[], str]:
    return lambda: slip.said(f"at {situation.operation(node)}")


def _everywhere(situation: Situation, found: list[Found]) -> Callable[[], str]:
    node, slip = found[0]
    return lambda: slip.said(f"at {situation.operation(node)}, and at {len(found) - 1} more {node.op},")
