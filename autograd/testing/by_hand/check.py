"""`check_by_hand`: gradients that were worked out on paper against the true ones, and the slips between them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.progress import Progress
from autograd.testing.by_hand.circuit import Circuit
from autograd.testing.by_hand.evidence import Finding, choose
from autograd.testing.by_hand.marking import FOLLOWS, RIGHT, ROUNDING, WRONG, Marks, from_the_true, mark
from autograd.testing.by_hand.ratios import simple_ratio
from autograd.testing.by_hand.result import HandCheck, HandRow, SlipGroup
from autograd.testing.by_hand.sheet import Sheet, read_sheet
from autograd.testing.by_hand.situation import Situation
from autograd.testing.by_hand.slips import ONE_BY_ONE, candidates
from autograd.testing.by_hand.targets import unnamed_in
from autograd.variables import caller_variables

__all__ = ["check_by_hand"]

TURNED = "transposed"
_FROM_TRUE = 2.0  # bits that it costs that the learner's own wrong number above was not used
_FEW = 3  # elements of one array that are named one by one


def check_by_hand(
    root: Node, answers: Any, *, names: Mapping[str, Any] | None = None, digits: int | None = None
) -> HandCheck:
    """Compare gradients worked out by hand with the true ones, answer by answer, and name the likely slips.

    The true gradients are computed afresh; `backward` need not have been called, and no `grad` is touched. An answer is
    right if the true gradient rounds to it in its last written digit. Where wrong numbers were used rightly further
    down, the answers there follow from them: a slip is named once, at its source. A slip is named if it leads to the
    very number that was written, in more digits than chance would explain; else the cause is unknown.

    Args:
        root: what was differentiated: a Value, or a Tensor of one element.
        answers: what was worked out for ∂root/∂node: a dict, or a list of (name, number) rows. A key is a node, a
            node's name, or an element's, such as "w[0,1]". A number may be text, which keeps its zeros at the end
            ("-0.0730"), and may be a fraction ("2/3"). Tensors take arrays or nested lists, None for a blank.
        names: more names, which go before the nodes' own: for each a node, or a list or array of Values. Unless given,
            the caller's variables name the nodes that have no name of their own.
        digits: how many places after the point the numbers were rounded to that are no text. Without it each shows
            its own.

    Returns:
        A table of the answers, true if all are right; see `HandCheck`.

    Raises:
        GraphError: the root is not one number, a name is unknown or ambiguous, or a node requires no gradient.
        ShapeError: an array does not have the shape of its node.
        ValueError: there is no answer, one is no number, or one is given twice.
        TypeError: `answers` is neither a dict nor a list of pairs.
        MutationError: data was changed after the forward pass used it.

    Example:
        >>> from autograd import Value, check_by_hand
        >>> a, b = Value(1.4, "a"), Value(-0.6, "b")
        >>> c = a / b
        >>> c.name = "c"
        >>> check = check_by_hand(c * c, {"c": "-4.667", "a": "7.778", "b": "-18.15"})
        >>> print(check)
        ∂L/∂  true    yours
        c     −4.667  −4.667  ✓
        a     7.778   7.778   ✓
        b     18.15   −18.15  ✗  quotient rule: at c = a/b the derivative by b is −a/b²; it was taken as a/b²: ...
        <BLANKLINE>
        Of 3 answers: 2 right, 1 wrong.
        quotient rule (b): minus the true value; at c = a/b the derivative by b is −a/b²; it was taken as a/b²: ...
        >>> check.right, check["b"].verdict, check["b"].slip
        (False, 'wrong', 'quotient rule')
    """
    if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or digits < 0):
        raise ValueError(f"check_by_hand: digits={digits!r} must be a count of places after the point, 0 or more")
    with Progress("check_by_hand"):
        given = unnamed_in(caller_variables(sys._getframe(1)), root) if names is None else names
        return _checked(root, answers, given, digits)


def _checked(root: Node, answers: Any, names: Mapping[str, Any], digits: int | None) -> HandCheck:
    circuit = Circuit(root)
    sheet, symbols = read_sheet(root, answers, names, digits)
    marks = mark(circuit, sheet)
    situation = Situation(circuit, sheet, marks, symbols.given)
    findings = _search(situation, symbols.given) if situation.wrong.any() else []
    rows = _rows(sheet, marks, findings, situation)
    return HandCheck(situation.root, rows, _groups(sheet, marks, rows, findings), _note(situation))


def _search(situation: Situation, given: Mapping[int, str]) -> list[Finding]:
    """The slips: with the learner's own numbers above handed on; for what is left, with the true ones."""
    marks = situation.marks
    findings = choose(situation, candidates(situation))
    explained = {place for finding in findings for place in finding.answers}
    left = [
        place
        for place, sources in enumerate(marks.sources)
        if situation.wrong[place] and sources and place not in explained
    ]
    if left:
        again = Situation(situation.circuit, situation.sheet, from_the_true(marks, left), given)
        findings += choose(again, candidates(again), _FROM_TRUE)
    return findings


def _note(situation: Situation) -> str:
    """What was left out of the search."""
    count = len(situation.results)
    if situation.wrong.any() and (count > ONE_BY_ONE or situation.cut_short):
        return (
            f"Not every slip was tried: {count:,} operations lie between the wrong answers and the next above. Give "
            f"answers for nodes in between"
        )
    return ""


def _rows(sheet: Sheet, marks: Marks, findings: list[Finding], situation: Situation) -> list[HandRow]:
    found = {place: finding for finding in findings for place in finding.answers}
    carried = _carried(sheet, marks, found)
    arrays = {int(place): block.symbol for block in sheet.blocks for place in np.ravel(block.cells) if place >= 0}
    rows = []
    for place, cell in enumerate(sheet.cells):
        verdict = marks.verdicts[place]
        finding = found.get(place)
        array = arrays.get(place, "") if np.ndim(cell.node.data) else ""
        row = HandRow(cell.symbol, float(marks.true[place]), cell.given.text, verdict, array=array)
        above = [sheet.cells[each].symbol for each in marks.sources[place]]
        if finding is not None:
            row = row._replace(slip=finding.slip, explanation=finding.said, also=finding.others)
        row = row._replace(slips=carried[place], explanation=row.explanation or _explained(verdict, above, situation))
        if array in sheet.turned and verdict in (RIGHT, ROUNDING):
            row = row._replace(verdict=WRONG, slip=TURNED, explanation=_turned(cell.node), slips=(TURNED,))
        rows.append(row)
    return rows


def _turned(node: Any) -> str:
    shape = np.shape(node.data)
    return f"the number is right, but {shape[::-1]} is the shape of the transpose: the gradient's is {shape}"


def _explained(verdict: str, above: list[str], situation: Situation) -> str:
    if verdict == FOLLOWS:
        names = " and ".join(f"∂{situation.root}/∂{name}" for name in above[:2])
        more = f" and {len(above) - 2} more" if len(above) > 2 else ""
        return f"follows from your {names}{more}; this step itself is right"
    return {
        RIGHT: "",
        ROUNDING: "right but for rounding on the way",
        WRONG: "wrong, cause unknown",
    }[verdict]


def _carried(sheet: Sheet, marks: Marks, found: Mapping[int, Finding]) -> list[tuple[str, ...]]:
    """The slips that each number carries: those of the answers that it follows from, then its own."""
    order = sorted(range(len(sheet.cells)), key=lambda place: -sheet.cells[place].node.id)  # from the root down
    carried: list[tuple[str, ...]] = [()] * len(sheet.cells)
    for place in order:
        above = [slip for each in marks.sources[place] for slip in carried[each]]
        if marks.verdicts[place] in (FOLLOWS, WRONG):
            own = [found[place].slip] if place in found else []
            carried[place] = tuple(dict.fromkeys([*above, *own]))
    return carried


def _groups(sheet: Sheet, marks: Marks, rows: list[HandRow], findings: list[Finding]) -> list[SlipGroup]:
    groups = []
    explained: set[int] = set()
    for finding in findings:
        explained.update(finding.answers)
        groups.append(_group(sheet, marks, rows, finding.slip, finding.said, finding.answers))
    unknown = tuple(
        place for place, verdict in enumerate(marks.verdicts) if verdict == WRONG and place not in explained
    )
    for array in sheet.turned:
        there = [row for row in rows if row.array == array and row.slip == TURNED]
        if there:
            groups.append(SlipGroup(TURNED, there[0].explanation, _symbols(there), 0, None))
    if unknown:
        groups.append(_group(sheet, marks, rows, "", "", unknown))
    return groups


def _group(
    sheet: Sheet, marks: Marks, rows: list[HandRow], slip: str, said: str, answers: tuple[int, ...]
) -> SlipGroup:
    following = _following(marks, set(answers))
    return SlipGroup(slip, said, _symbols([rows[place] for place in answers]), following, _ratio(sheet, marks, answers))


def _symbols(rows: list[HandRow]) -> tuple[str, ...]:
    """The answers by name; more than a few elements of one array by their number."""
    elements: dict[str, list[str]] = {}
    for row in rows:
        elements.setdefault(row.array or row.symbol, []).append(row.symbol)
    symbols: list[str] = []
    for array, each in elements.items():
        symbols += each if len(each) <= _FEW else [f"{len(each)} elements of {array}"]
    return tuple(symbols)


def _following(marks: Marks, answers: set[int]) -> int:
    """How many answers follow from some, directly or by way of others."""
    reached = set(answers)
    grown = True
    while grown:
        more = {
            place
            for place, sources in enumerate(marks.sources)
            if marks.verdicts[place] == FOLLOWS and place not in reached and reached & set(sources)
        }
        reached |= more
        grown = bool(more)
    return len(reached - answers)


def _ratio(sheet: Sheet, marks: Marks, answers: tuple[int, ...]) -> Fraction | None:
    """One simple factor that leads from what should have arrived to each of the answers."""
    first = answers[0]
    ratio = simple_ratio(sheet.cells[first].given.value, float(marks.own[first]))
    if ratio is None or ratio == 1:
        return None
    fits = all(
        sheet.cells[place].given.nearness(float(ratio) * float(marks.own[place]), float(marks.noise[place])) > 0
        for place in answers
    )
    return ratio if fits else None
