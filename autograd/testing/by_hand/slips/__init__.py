"""The slips that are known: each can tell which numbers it would have led to."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.testing.by_hand.evidence import Candidate
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips.arrays import array_slips
from autograd.testing.by_hand.slips.kernels import kernel_slips
from autograd.testing.by_hand.slips.routes import route_slips
from autograd.testing.by_hand.slips.rules import rule_slips
from autograd.testing.by_hand.slips.softmax import softmax_slips
from autograd.testing.by_hand.slips.stray import stray_slips
from autograd.testing.by_hand.slips.upstream import upstream_slips
from autograd.testing.by_hand.slips.uses import use_slips
from autograd.testing.by_hand.slips.whole import whole_slips

__all__ = ["candidates"]

ONE_BY_ONE = 2000  # operations up to which each is looked at by itself
_AT_ALL = 100_000  # operations up to which any rule is looked at


def candidates(situation: Situation) -> Iterator[Candidate]:
    """Every slip that is known, with what it would have made of each answer."""
    yield from whole_slips(situation)
    yield from array_slips(situation)
    if len(situation.results) > _AT_ALL:
        return
    yield from softmax_slips(situation)
    yield from kernel_slips(situation)
    yield from rule_slips(situation, ONE_BY_ONE)
    yield from use_slips(situation, ONE_BY_ONE)
    yield from route_slips(situation, ONE_BY_ONE)
    yield from upstream_slips(situation, ONE_BY_ONE)
    yield from stray_slips(situation, ONE_BY_ONE)
