"""What came of a workload in one of gradwalk's modes beside one peer: a row of the table."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles
from typing import Any

import numpy as np

from benchmarks.workload import Bar


@dataclass
class Outcome:
    """A row of the table.

    Attributes:
        mode: one of `MODES`; empty where the row is of a peer that could not be measured in any.
        peer: the peer with its version; empty where the row is of gradwalk alone.
        reference: whether the peer is the one that the workload's bars are of.
        status: "measured"; "not measured" where a side is not to be had or a peer could not do the work; "failed" where
            gradwalk's side broke or the two sides computed different results. Only a measured row has numbers.
        reason: why a row was not measured, or failed.
        spread: the lower and the upper quartile of the rounds' own ratios.
        processors: how many processors either side kept busy.
    """

    workload: str
    mode: str
    peer: str
    unit: str
    reference: bool = True
    bar: str = ""
    bar_met: bool | None = None
    status: str = "measured"
    reason: str = ""
    ours: float = math.nan
    theirs: float = math.nan
    ratio: float = math.nan
    spread: tuple[float, float] = (math.nan, math.nan)
    our_rounds: list[float] = field(default_factory=list)
    their_rounds: list[float] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)
    processors: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row without the numbers that it does not have."""
        return {key: value for key, value in asdict(self).items() if not _is_missing(value)}

    def summarise(self, ours: list[float], theirs: list[float] | None, bar: Bar | None) -> None:
        """Fill in the medians, their ratio, its spread and the verdict; `theirs` is None where there is no peer."""
        self.ours, self.our_rounds = median(ours), ours
        if theirs is not None:
            self.theirs, self.their_rounds = median(theirs), theirs
            self.ratio = self.ours / self.theirs
            ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
            lower, _, upper = quantiles(ratios * 2 if len(ratios) == 1 else ratios, n=4, method="inclusive")
            self.spread = lower, upper
        if bar:
            self.bar, self.bar_met = bar.text, bar.is_met(self.ours, self.ratio)


def disagreement(ours: dict[str, list[float]], theirs: dict[str, list[float]], tolerance: float) -> str:
    """How two sides' results differ, as a sentence; empty where they agree within the tolerance.

    Numbers are compared relative to the largest of the peer's array, since a sum that cancels has no digits of its own.

    >>> disagreement({"loss": [1.0]}, {"loss": [1.5]}, tolerance=1e-9)
    "wrong result: loss differs from the peer's by 0.33 (relative), more than 1e-09"
    """
    if ours.keys() != theirs.keys():
        return f"the sides computed different things: {sorted(ours)} and {sorted(theirs)}"
    for name in theirs:
        found, expected = np.asarray(ours[name], dtype=float), np.asarray(theirs[name], dtype=float)
        if len(found) != len(expected) or not len(expected):
            return f"{name}: gradwalk has {len(found)} numbers, the peer {len(expected)}"
        with np.errstate(invalid="ignore"):
            differences = np.abs(found - expected) / (np.abs(expected).max() or 1.0)
        worst = math.inf if np.isnan(differences).any() else float(differences.max())
        if not worst <= tolerance:
            return f"wrong result: {name} differs from the peer's by {worst:.2g} (relative), more than {tolerance:g}"
    return ""


def _is_missing(value: Any) -> bool:
    if isinstance(value, tuple | list | dict):
        return not value or any(_is_missing(each) for each in value)
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
