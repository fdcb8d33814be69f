"""One student's exercise, part by part: whatever the functions do, each part gets a mark."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from autograd.testing.findings import Finding
from autograd.testing.grading.exercise import CONTRACTS, VALUE, Exercise
from autograd.testing.grading.grades import Mark, Verdict
from autograd.testing.grading.limits import FailedError, OutOfTimeError, limited
from autograd.testing.grading.pair import Pair
from autograd.testing.grading.submission import Submission
from autograd.testing.grading.values import Unlike, apart_text, difference
from autograd.testing.report import GradientReport
from autograd.testing.structure import parameter_names

T = TypeVar("T")

_OF_CONTRACTS = {"linear", "zero for zero", "second backward", "memory layout", "deterministic"}
_OF_CONTRACTS |= {"upstream kept", "input kept", "aliases", "dtype"}
_GIVEN = "the given input"

_Result = tuple[Verdict, str, GradientReport | None]
_RIGHT: _Result = ("right", "", None)


class _NoResultError(Exception):
    """A part that came to no result, with what to say of it."""

    def __init__(self, verdict: Verdict, text: str) -> None:
        super().__init__(text)
        self.verdict = verdict
        self.text = text


class Marking:
    """The marks of one exercise for one student.

    Args:
        seconds: the time limit of each part.
        seed: of the checks' random numbers.
    """

    def __init__(self, exercise: Exercise, submission: Submission, seconds: float, seed: int) -> None:
        self._exercise = exercise
        self._submission = submission
        self._seconds = seconds
        self._seed = seed
        self._forward = submission.function([exercise.name])
        self._backward = None if exercise.gives_gradients else submission.function(exercise.backs)

    def marks(self) -> Iterator[Mark]:
        """A mark for each part that has points, in order."""
        found = {VALUE: self._of_value()}
        found |= self._of_gradients(found[VALUE])
        found[CONTRACTS] = self._of_contracts(found)
        for part, share in self._exercise.shares.items():
            verdict, text, report = found[part]
            if share:
                points = share if verdict == "right" else 0.0
                yield Mark(self._submission.student, self._exercise.name, part, verdict, points, share, text, report)

    # ---- the parts ------------------------------------------------------------------------------------------------

    def _of_value(self) -> _Result:
        if self._forward is None:
            return "missing", self._submission.missing_text([self._exercise.name]), None
        try:
            for case, expected in zip(self._exercise.cases, self._exercise.expected, strict=True):
                value = self._run(lambda case=case: self._value(case))  # type: ignore[misc]
                difference(value, expected)
        except Unlike as unlike:
            return unlike.verdict, str(unlike), None
        except _NoResultError as error:
            return error.verdict, error.text, None
        return _RIGHT

    def _value(self, case: tuple[Any, ...]) -> Any:
        assert self._forward is not None
        result = self._forward(*copy.deepcopy(case))
        with_more = isinstance(result, tuple) and len(result) > 1
        return result[0] if with_more else result

    def _of_gradients(self, value: _Result) -> dict[str, _Result]:
        parts = self._exercise.gradients
        missing = self._what_is_missing()
        if missing is not None:
            return dict.fromkeys(parts, missing)
        pair = Pair(self._exercise, self._forward, self._backward, kept=False)
        if value[0] == "too slow" and pair.needs_forward:
            return dict.fromkeys(parts, value)
        try:
            together = list(parts.values())
            if len(parts) > 1 and self._checked(pair, together, explained=False)[0] == "right":
                return dict.fromkeys(parts, _RIGHT)
            found = {part: self._checked(pair, [place]) for part, place in parts.items()}
            if len(parts) > 1 and all(result == _RIGHT for result in found.values()):  # only together they are wrong
                whole = self._checked(pair, together)
                found |= dict.fromkeys(self._blamed(whole[2]), whole)
        except _NoResultError as error:
            return dict.fromkeys(parts, (error.verdict, error.text, None))
        return found

    def _blamed(self, report: GradientReport | None) -> list[str]:
        """The parts whose elements a report finds wrong; all where it names none."""
        parts = self._exercise.gradients
        named = parameter_names(self._forward or self._exercise.reference, len(self._exercise.inputs))
        wrong = set() if report is None else {element.label.split("[")[0] for element in report.elements}
        return [part for part, place in parts.items() if named[place] in wrong] or list(parts)

    def _of_contracts(self, found: dict[str, _Result]) -> _Result:
        """A backward of zeros keeps every contract: they count for right gradients alone."""
        missing = self._what_is_missing()
        if missing is not None:
            return missing
        right = [place for part, place in self._exercise.gradients.items() if found[part][0] == "right"]
        if not right:
            return "not looked at", "no gradient is right", None
        forward = None if found[VALUE][0] in ("raised", "too slow") else self._forward
        pair = Pair(self._exercise, forward, self._backward, kept=True)
        try:
            for case in self._exercise.cases:
                broken = self._run(lambda case=case: pair.broken_contracts(case, right, self._seed))  # type: ignore[misc]
                if broken:
                    return "wrong", broken[0].message, None
        except _NoResultError as error:
            return error.verdict, error.text, None
        return _RIGHT

    # ---- how they are looked at -----------------------------------------------------------------------------------

    def _what_is_missing(self) -> _Result | None:
        if self._exercise.gives_gradients:
            names = [self._exercise.name] if self._forward is None else []
        else:
            names = self._exercise.backs if self._backward is None else []
        return ("missing", self._submission.missing_text(names), None) if names else None

    def _checked(self, pair: Pair, places: list[int], *, explained: bool = True) -> _Result:
        """What the gradients at some places come to, over all cases."""
        last = _RIGHT
        for case in self._exercise.cases:
            report = self._report(pair, case, places, explained)
            faults = [fault for fault in report.faults if fault.kind not in _OF_CONTRACTS]
            if faults:
                return "wrong shape" if faults[0].kind == "shape" else "wrong", _report_text(report, faults[0]), report
            if report.verdict == "inconclusive":
                last = "undecided", next(finding.message for finding in report.findings), report
        return last

    def _report(self, pair: Pair, case: tuple[Any, ...], places: list[int], explained: bool) -> GradientReport:
        return self._run(lambda: pair.check(case, places, self._seed, explained=explained))

    def _run(self, function: Callable[[], T]) -> T:
        try:
            return limited(function, self._seconds)
        except OutOfTimeError:
            raise _NoResultError("too slow", f"no result within {self._seconds:g} s: a loop without end?") from None
        except FailedError as failed:
            raise _NoResultError("raised", self._submission.error_text(failed.error)) from None


def _report_text(report: GradientReport, fault: Finding) -> str:
    """What a wrong gradient looks like, and its worst element."""
    wrong = len(report.elements)
    told = report.diagnosis[0] if report.diagnosis else fault.message
    if report.elements:
        if not report.diagnosis:
            told = f"{wrong} element{'s are' if wrong > 1 else ' is'} wrong"
        worst = report.elements[0]
        found, expected = apart_text(worst.analytic, worst.numeric)
        told += f"; {worst.label} is {found} and should be {expected}"
    return told if fault.where == _GIVEN else f"{told}, at {fault.where}"
