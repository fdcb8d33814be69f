"""Matrices of single numbers on the way back: a kernel that was not rotated, weights that were not transposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate, told
from autograd.testing.by_hand.sheet import grids
from autograd.testing.by_hand.situation import Situation

__all__ = ["kernel_slips"]


def kernel_slips(situation: Situation) -> Iterator[Candidate]:
    """For each matrix of named numbers: another of its elements taken in every product, the same way throughout."""
    if not situation.scalar:
        return
    for name, grid in grids({situation.names[node]: node for node in situation.named}).items():
        back = f"the gradient of the input meets {name}"
        said = f"{back} rotated by 180°; it was not rotated"
        yield from _taken(situation, grid, np.flip(grid), "kernel not rotated", said)
        if grid.shape[0] == grid.shape[1]:
            yield from _taken(situation, grid, grid.T, "transposed", f"{back} transposed; it was not transposed")


def _taken(situation: Situation, grid: Any, others: Any, slip: str, said: str) -> Iterator[Candidate]:
    partner = {node.id: other._data for node, other in zip(grid.flat, others.flat, strict=True)}
    changes = {
        node.id: _turned(partner)
        for node in situation.results
        if node.rule.name == "multiply" and any(parent.id in partner for parent in node.parents)
    }
    if changes:
        yield Candidate(slip, told(said), 2, situation.predicted(changes))


def _turned(partner: dict[int, float]) -> Any:
    def change(node: Any, upstream: Any, handed: list[Any]) -> list[Any]:
        for argument, other in ((0, node.parents[1]), (1, node.parents[0])):
            if other.id in partner:
                handed[argument] = upstream * partner[other.id]
        return handed

    return change
