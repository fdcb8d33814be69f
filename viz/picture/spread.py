"""The numbers of many nodes in one line: the least, the greatest, the mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.numbers import NOT_COMPUTED, number_text, shape_text
from viz.picture.wording import counted

_ROUNDING = 1e-14


class Spread:
    """How numbers lie, all elements of all arrays counted alike.

    Attributes:
        count: how many there are.
        least, greatest, mean: of those that are finite; NaN where none is.

    Example:
        >>> str(Spread([1.0, -2.0, 4.0])), str(Spread([3.0, 3.0])), str(Spread([0.5, float("nan")]))
        ('−2 … 4, mean 1', 'all 3', '0.5, 1 NaN')
    """

    def __init__(self, numbers: Sequence[Any]) -> None:
        arrays = [np.array(numbers)] if _are_floats(numbers) else [np.asarray(each) for each in numbers]
        self.count = sum(array.size for array in arrays)
        self._odd = {
            what: sum(int(test(array).sum()) for array in arrays)
            for what, test in (("NaN", np.isnan), ("∞", np.isposinf), ("−∞", np.isneginf))
        }
        finite = [array[np.isfinite(array)] for array in arrays] if any(self._odd.values()) else arrays
        finite = [array.astype(float, copy=False) for array in finite if array.size]
        self.least = float(min((array.min() for array in finite), default=np.nan))
        self.greatest = float(max((array.max() for array in finite), default=np.nan))
        total = sum(array.size for array in finite)  # divided by first: the sum may be beyond the greatest float
        self.mean = self._rounded(sum(float((array / total).sum()) for array in finite)) if total else np.nan

    def _rounded(self, mean: float) -> float:
        """A mean without what rounding left of numbers that cancel out, or put beyond the least and the greatest."""
        if abs(mean) < _ROUNDING * max(-self.least, self.greatest):
            return 0.0
        return min(max(mean, self.least), self.greatest)

    @property
    def all_zero(self) -> bool:
        """Whether there are numbers, and each is 0."""
        return self.least == self.greatest == 0 and not any(self._odd.values())

    def __str__(self) -> str:
        if not self.count:
            return "empty"
        said = [f"{count:,} {what}" for what, count in self._odd.items() if count]
        if self.least < self.greatest:
            span = f"{number_text(self.least)} … {number_text(self.greatest)}"
            said = [span, f"mean {number_text(self.mean)}", *said]
        elif self.least == self.greatest:
            said.insert(0, number_text(self.least) if said else f"all {number_text(self.least)}")
        return ", ".join(said)


def value_lines(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The values of several nodes: of arrays their shape and dtype first."""
    data = [node.data for node in nodes]
    spread = str(Spread(data))
    shapes = {} if _are_floats(data) else dict.fromkeys(shape_text(each) for each in data if np.ndim(each))
    if not shapes:
        return (spread,)
    return next(iter(shapes)) if len(shapes) == 1 else f"{len(shapes):,} shapes", spread


def _are_floats(numbers: Sequence[Any]) -> bool:
    return set(map(type, numbers)) == {float}


def gradient_of(nodes: Iterable[Node]) -> tuple[str | None, bool]:
    """The gradients of several nodes as they are drawn, as `boxes.gradient_text`; and whether all of them are 0."""
    needed = [node for node in nodes if node.requires_grad]
    if not needed:
        return None, False
    computed = [node.grad for node in needed if node.has_grad]
    if not computed:
        return NOT_COMPUTED, False
    spread, missing = Spread(computed), len(needed) - len(computed)
    return f"{spread}, {counted(missing, 'node')} without" if missing else str(spread), not missing and spread.all_zero
