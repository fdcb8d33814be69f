"""What a check finds: each a fault, something that could not be decided, or a remark."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

Array = Any
Verdict = Literal["pass", "fail", "inconclusive"]

FAULT: Literal["fault"] = "fault"
UNDECIDED: Literal["undecided"] = "undecided"
REMARK: Literal["remark"] = "remark"
OUTSIDE = "outside of the given numbers"  # the kind of what is left undecided at an input that nobody gave


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        level: "fault", "undecided" or "remark".
        kind: what was tested: "slope", "kink", "adjoint", "not finite", `OUTSIDE`, or the name of a contract.
        message: what was found, in a sentence.
        analytic: by the backward pass, where two numbers were compared.
        numeric: by differences.
        bound: how far the two may be apart.
        where: the input at which it was found: "the given input", or the variation of it.
        direction: the direction in which it was found, as one vector.
        weights: the upstream gradient, as one vector.
    """

    level: Literal["fault", "undecided", "remark"]
    kind: str
    message: str
    analytic: float | None = None
    numeric: float | None = None
    bound: float | None = None
    where: str = "the given input"
    direction: Array = field(default=None, repr=False, compare=False)
    weights: Array = field(default=None, repr=False, compare=False)

    def moved_to(self, where: str) -> Finding:
        """The same finding, at another input."""
        return replace(self, where=where)


def verdict_of(findings: list[Finding]) -> Verdict:
    """The verdict over all of them."""
    levels = {finding.level for finding in findings}
    return "fail" if FAULT in levels else "inconclusive" if UNDECIDED in levels else "pass"
