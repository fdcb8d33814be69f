"""Marks: as text, as a table in a notebook, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from autograd.numbers import number_text
from autograd.testing.by_hand.printing import html_table, text_table
from autograd.testing.report import GradientReport

Verdict = Literal["right", "wrong", "wrong shape", "missing", "raised", "too slow", "undecided", "not looked at"]

_COLUMNS = ("student", "exercise", "part", "verdict", "points", "of", "diagnosis")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins with these


class Mark(NamedTuple):
    """One part of one exercise, of one student.

    Attributes:
        student: the name; empty where none was given.
        exercise: the function's name.
        part: "value", "contracts", or the input whose gradient it is.
        verdict: "right"; "wrong"; "wrong shape"; "missing"; "raised", an error; "too slow", no result in time;
            "undecided", where differences cannot tell; "not looked at", where nothing is left to look at.
        points: that were got.
        of: that there were to get.
        diagnosis: what is wrong, and where; empty for what is right.
        report: of the check of the gradient; None where there was none, or nothing to say.
    """

    student: str
    exercise: str
    part: str
    verdict: Verdict
    points: float
    of: float
    diagnosis: str
    report: GradientReport | None = None

    @property
    def cells(self) -> tuple[Any, ...]:
        """What CSV and JSON hold of it: student, exercise, part, verdict, points, of, diagnosis."""
        return self[:-1]


class Grades(Sequence[Mark]):
    """What `grade` found: a sequence of marks, student by student.

    `print` shows them as a table, a notebook too. It is true where every point was got.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = tuple(marks)
        self.students = tuple(dict.fromkeys(mark.student for mark in self.marks))
        self.exercises = tuple(dict.fromkeys(mark.exercise for mark in self.marks))

    def __len__(self) -> int:
        return len(self.marks)

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    def __getitem__(self, place: Any) -> Any:
        return self.marks[place]

    def __bool__(self) -> bool:
        return all(mark.verdict == "right" for mark in self.marks)

    def of(self, student: str | None = None, exercise: str | None = None, part: str | None = None) -> Grades:
        """The marks of one student, of one exercise, of one part, or of these together."""
        return Grades(
            [
                mark
                for mark in self.marks
                if student in (None, mark.student) and exercise in (None, mark.exercise) and part in (None, mark.part)
            ]
        )

    @property
    def points(self) -> float:
        """That were got, by all students together."""
        return _sum(mark.points for mark in self.marks)

    @property
    def most(self) -> float:
        """That there were to get."""
        return _sum(mark.of for mark in self.marks)

    # ---- as text and as a table -----------------------------------------------------------------------------------

    def __str__(self) -> str:
        if len(self.students) > 1:
            return "\n\n".join([text_table(*self._overview()), text_table(*self._listed(wrong_alone=True))])
        return "\n".join([text_table(*self._listed()), self._total()])

    def __repr__(self) -> str:
        return f"<Grades: {len(self.students)} student{'s' * (len(self.students) != 1)}, {self._total()}>"

    def _repr_html_(self) -> str:
        if len(self.students) > 1:
            return html_table(*self._overview(), []) + html_table(*self._listed(wrong_alone=True), [])
        return html_table(*self._listed(), [self._total()])

    def _total(self) -> str:
        return f"{number_text(self.points)} of {number_text(self.most)} points"

    def _overview(self) -> tuple[Sequence[str], list[tuple[str, ...]]]:
        """Students down, exercises across."""
        lines = []
        for student in self.students:
            own = self.of(student)
            cells = [number_text(own.of(exercise=exercise).points) for exercise in self.exercises]
            lines.append((student, *cells, number_text(own.points)))
        first = self.of(self.students[0])
        most = [number_text(first.of(exercise=exercise).most) for exercise in self.exercises]
        return ("student", *self.exercises, "points"), [*lines, ("of", *most, number_text(first.most))]

    def _listed(self, wrong_alone: bool = False) -> tuple[Sequence[str], list[tuple[str, ...]]]:
        """A line for each mark, or for each that is not right."""
        several = len(self.students) > 1
        lines: list[tuple[str, ...]] = []
        for mark in self.marks:
            if wrong_alone and mark.verdict == "right":
                continue
            points = f"{number_text(mark.points)}/{number_text(mark.of)}"
            line: tuple[str, ...] = (mark.exercise, mark.part, points, mark.verdict, mark.diagnosis)
            lines.append((mark.student, *line) if several else line)
        headings = ("exercise", "part", "points", "verdict", "diagnosis")
        return ("student", *headings) if several else headings, lines

    # ---- for other programs ---------------------------------------------------------------------------------------

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The marks as CSV, one a line, and in a file where a path is given.

        A text that a spreadsheet would take for a formula, as a student's own message may be, gets an apostrophe.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([_as_text(cell) for cell in mark.cells] for mark in self.marks)
        return _written(text.getvalue(), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The marks and each student's points as JSON, and in a file where a path is given."""
        held = {
            "students": {
                student: {"points": self.of(student).points, "of": self.of(student).most} for student in self.students
            },
            "marks": [dict(zip(_COLUMNS, mark.cells, strict=True)) for mark in self.marks],
        }
        return _written(json.dumps(held, ensure_ascii=False, indent=2) + "\n", path)


def _sum(points: Iterator[float] | Any) -> float:
    return round(sum(points), 9)  # thirds that add up to one


def _as_text(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
