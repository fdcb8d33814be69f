"""Arrays of right numbers in wrong places: transposed, rotated, flipped, shifted, swapped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from autograd.testing.by_hand.evidence import Candidate, told
from autograd.testing.by_hand.situation import Situation

__all__ = ["array_slips"]

_MOST_SWAPPED = 300  # wrong answers of which each pair is tried


def array_slips(situation: Situation) -> Iterator[Candidate]:
    """What puts right numbers in wrong places, for each array of answers, and for two answers anywhere."""
    for block in situation.sheet.blocks:
        cells = block.cells
        numbers = np.where(cells >= 0, situation.own[cells], np.nan)
        for slip, said, bits, moved in _moved(numbers, block.symbol):
            predicted = np.full(len(situation.own), np.nan)
            predicted[cells[cells >= 0]] = moved[cells >= 0]
            yield Candidate(slip, told(said), bits, predicted, binding=False)
    yield from _swapped(situation)


def _moved(numbers: Any, name: str) -> Iterator[tuple[str, str, float, Any]]:
    axes = numbers.ndim
    if axes >= 2:
        for first, second in combinations(range(axes), 2):
            if numbers.shape[first] == numbers.shape[second] > 1:
                bits = 2.0 if second == axes - 1 and first == axes - 2 else 3.0
                said = f"{name} is transposed: rows and columns are exchanged"
                yield "transposed", said, bits, np.swapaxes(numbers, first, second)
        yield "kernel rotated", f"{name} is rotated by 180°", 3, np.flip(numbers, (-2, -1))
        for turns in (1, 3):
            if numbers.shape[-1] == numbers.shape[-2]:
                yield "rotated", f"{name} is rotated by {90 * turns}°", 5, np.rot90(numbers, turns, (-2, -1))
    for axis in range(axes):
        if numbers.shape[axis] > 1:
            line = _line(axis, axes)
            yield "flipped", f"{name} is in reverse order along its {line}", 4, np.flip(numbers, axis)
            for step in (1, -1):
                said = f"{name} is shifted by one {line}"
                yield "shifted", said, 4, _shifted(numbers, axis, step, around=False)
                yield "shifted", f"{said}, around the end", 5, _shifted(numbers, axis, step, around=True)


def _line(axis: int, axes: int) -> str:
    if axes == 1:
        return "place"
    return {axes - 1: "column", axes - 2: "row"}.get(axis, f"place along axis {axis}")


def _shifted(numbers: Any, axis: int, step: int, around: bool) -> Any:
    moved = np.roll(numbers, step, axis)
    if not around:
        edge = [slice(None)] * numbers.ndim
        edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
        moved[tuple(edge)] = 0.0
    return moved


def _swapped(situation: Situation) -> Iterator[Candidate]:
    """Two wrong answers of which each is the other's number."""
    wrong = np.flatnonzero(situation.wrong)[:_MOST_SWAPPED]
    agrees = np.array([situation.nearness(np.full(len(situation.own), situation.own[other])) for other in wrong]) > 0
    agrees = agrees[:, wrong] if len(wrong) else agrees
    pairs = max(len(wrong) * (len(wrong) - 1) / 2, 1)
    for first, second in np.argwhere(np.triu(agrees & agrees.T, 1)).tolist():
        one, other = wrong[first], wrong[second]
        predicted = np.full(len(situation.own), np.nan)
        predicted[one], predicted[other] = situation.own[other], situation.own[one]
        names = f"{situation.sheet.cells[one].symbol} and {situation.sheet.cells[other].symbol}"
        said = f"the answers for {names} are exchanged"
        bits = 3 + math.log2(pairs)
        yield Candidate("swapped", told(said), bits, predicted, binding=False, symptom=True)
