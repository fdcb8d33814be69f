"""Neville's table, and the function's values from which it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = Any

_SAFETY = 4.0


def extrapolated(row: Array, powers: Array, deepest: int, fine: Array, slight: float) -> tuple[Array, Array]:
    """Every entry of Neville's table below its first column, depth by depth, with its bound.

    Args:
        row: the first column, one array for each step.
        powers: the steps, to the power in which the error goes.
        fine: what noise does to each of the first column.
    """
    entries, bounds = [], []
    for depth in range(1, min(len(powers) - 1, deepest) + 1):
        change = (row[1:] - row[:-1]) / (powers[:-depth] / powers[depth:] - 1.0)[:, None, None]
        entry = row[1:] + change
        worst = np.maximum(np.abs(change), np.abs(entry - row[:-1]))
        bounds.append(_SAFETY * worst + fine[depth:] + slight * np.abs(entry))
        entries.append(entry)
        row = entry
    return np.concatenate(entries), np.concatenate(bounds)


def least(entries: Array, bounds: Array) -> tuple[Array, Array]:
    """For each direction and output the entry with the smallest bound, which is infinite where there is none."""
    bounds = np.where(np.isnan(bounds), np.inf, bounds)
    chosen = bounds.argmin(axis=0)[None]
    return np.take_along_axis(entries, chosen, 0)[0], np.take_along_axis(bounds, chosen, 0)[0]


class Values:
    """The function's values at the steps taken so far, ahead and behind: arrays (levels, directions, outputs)."""

    def __init__(self, lines: list[Callable[[float], Array]], middle: Array, scale: float) -> None:
        self._lines = lines
        self._scale = scale
        self.steps: list[float] = []
        self.ahead = np.empty((0, len(lines), middle.size))
        self.behind = np.empty((0, len(lines), middle.size))

    def taken(self, part: float) -> tuple[Array, Array]:
        """The values at one step, without keeping them."""
        step = part * self._scale
        return np.array([line(step) for line in self._lines]), np.array([line(-step) for line in self._lines])

    def extend(self, parts: Sequence[float], *, before: bool = False) -> None:
        """Take further steps, each smaller than the one before; `before` puts them before those taken so far."""
        steps = [part * self._scale for part in parts]
        ahead = np.array([[line(step) for line in self._lines] for step in steps])
        behind = np.array([[line(-step) for line in self._lines] for step in steps])
        if before:
            self.steps = steps + self.steps
            self.ahead, self.behind = np.concatenate([ahead, self.ahead]), np.concatenate([behind, self.behind])
        else:
            self.steps = self.steps + steps
            self.ahead, self.behind = np.concatenate([self.ahead, ahead]), np.concatenate([self.behind, behind])
