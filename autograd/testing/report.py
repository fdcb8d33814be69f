"""The report of a check: as an object, as text, as a table in a notebook, as an exception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from autograd.testing.findings import FAULT, OUTSIDE, REMARK, UNDECIDED, Finding, Verdict, verdict_of
from autograd.testing.place import Place

_LISTED = 6
_COLOURS = {"pass": "#2a7d2a", "fail": "#b3261e", "inconclusive": "#8a6100"}


class Element(NamedTuple):
    """One element of one input, by both ways.

    Attributes:
        label: such as ``w[1, 2]``.
        analytic: its gradient by the backward pass.
        numeric: by differences.
        bound: how far the numeric one may be off.
    """

    label: str
    analytic: float
    numeric: float
    bound: float

    @property
    def ratio(self) -> float:
        """The backward pass's gradient as a multiple of the other; NaN where that is 0."""
        return self.analytic / self.numeric if self.numeric else float("nan")

    @property
    def wrong(self) -> bool:
        """Whether both are further apart than the bound."""
        return not abs(self.analytic - self.numeric) <= self.bound


@dataclass
class GradientReport:
    """What a check found. True where the derivative passed.

    Attributes:
        name: the function's.
        verdict: "pass", "fail" or "inconclusive".
        findings: every fault, undecided question and remark.
        elements: the elements of the input that were looked at one by one, the worst first.
        diagnosis: what kind of mistake it looks like, the likeliest first, in sentences.
        causes: the same as short names, such as "sign" or "transpose".
        places: the recorded operations to blame.
        root: the outputs of the graph in which they are: a node, or a tuple of nodes; None where there is no graph.
        call: the failing call, to paste into a test; empty where the check passed.
        sensitivity: errors smaller than this part of the slopes may have been missed.
        evaluations: of the function, for differences.
        inputs: how many inputs were tried, with those of the exploration.
        seed: of the random numbers.
    """

    name: str
    findings: list[Finding] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    diagnosis: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    root: Any = None
    call: str = ""
    sensitivity: float = 0.0
    evaluations: int = 0
    inputs: int = 1
    seed: int = 0

    @property
    def verdict(self) -> Verdict:
        """What the findings come to."""
        return verdict_of(self.findings)

    @property
    def passed(self) -> bool:
        """Whether everything that was tested is right, and could be decided."""
        return self.verdict == "pass"

    def __bool__(self) -> bool:
        return self.passed

    @property
    def faults(self) -> list[Finding]:
        """What is wrong."""
        return [finding for finding in self.findings if finding.level == FAULT]

    @property
    def guilty_nodes(self) -> tuple[Any, ...]:
        """The nodes to blame, of the graph behind `root`."""
        return tuple(place.node for place in self.places)

    # ---- as text --------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join([self._headline(), *self._finding_lines(), *self._element_lines(), *self._closing_lines()])

    __repr__ = __str__

    def _headline(self) -> str:
        words = {
            "pass": f"the gradient of {self.name} is right",
            "fail": f"the gradient of {self.name} is wrong",
            "inconclusive": f"nothing can be said of the gradient of {self.name}",
        }
        if all(finding.kind == OUTSIDE for finding in self.findings if finding.level == UNDECIDED):
            words["inconclusive"] = f"the gradient of {self.name} is right at the given input, and not finite elsewhere"
        tried = f"{self.inputs} input{'s' if self.inputs > 1 else ''}, {self.evaluations} evaluations, seed {self.seed}"
        return (
            f"{self.verdict}: {words[self.verdict]} ({tried}; errors of {max(self.sensitivity, 1e-15):.0e} would show)"
        )

    def _finding_lines(self) -> list[str]:
        ranked = [f for level in (FAULT, UNDECIDED, REMARK) for f in self.findings if f.level == level]
        lines = [
            f"  {finding.level} ({finding.kind}), at {finding.where}: {finding_text(finding)}" for finding in ranked
        ]
        return [*lines[:_LISTED], *([f"  … and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else [])]

    def _element_lines(self) -> list[str]:
        if not self.elements:
            return []
        rows = [("element", "backward pass", "differences", "± bound", "ratio")]
        rows += [element_row(element) for element in self.elements[:_LISTED]]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        more = len(self.elements) - _LISTED
        return [f"  {line}" for line in lines] + ([f"  … and {more} more wrong elements"] if more > 0 else [])

    def _closing_lines(self) -> list[str]:
        lines = [f"  diagnosis: {sentence}" for sentence in self.diagnosis]
        lines += [f"  place: {place}" for place in self.places[:_LISTED]]
        return [*lines, *([f"  to see it again: {self.call}"] if self.call else [])]

    # ---- in a notebook --------------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        colour = _COLOURS[self.verdict]
        parts = [f'<div style="border-left:4px solid {colour};padding-left:8px"><b>{escape(self._headline())}</b>']
        parts += [f"<div>{escape(line.strip())}</div>" for line in self._finding_lines()]
        if self.elements:
            parts.append(
                _table(("element", "backward pass", "differences", "± bound", "ratio"), self.elements[:_LISTED])
            )
        parts += [f"<div>{escape(line.strip())}</div>" for line in self._closing_lines()]
        return "".join([*parts, "</div>"])


def finding_text(finding: Finding) -> str:
    """A finding's message with its numbers."""
    if finding.analytic is None or finding.numeric is None:
        return finding.message
    bound = "" if finding.bound is None else f" ± {finding.bound:.1e}"
    return (
        f"{finding.message}: {finding.analytic:.9g} by the backward pass, {finding.numeric:.9g}{bound} by differences"
    )


def element_row(element: Element) -> tuple[str, str, str, str, str]:
    """An element as the cells of a table."""
    return (
        element.label,
        f"{element.analytic:.9g}",
        f"{element.numeric:.9g}",
        f"{element.bound:.1e}",
        f"{element.ratio:.6g}",
    )


def _table(header: Sequence[str], elements: Sequence[Element]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in element_row(element)) + "</tr>" for element in elements
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
